package steps

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Bounds of what a mailroom keeps in memory of each mailbox: beyond them the
// mailbox is too busy to be one that a test may use.
const (
	maxHeads    = 50_000
	maxHeadSize = 64 << 10
)

// Mailroom reads the mailboxes of a real target for all scenarios of a run,
// which share them. It signs in once where it may have a connection for each and
// in turn where it may not, examines and never selects, looks at nothing that was
// there before the run, and of what is new it reads a few header fields: the
// whole message only when a scenario says that it is its own.
type Mailroom struct {
	world *World // of the connections only: it plays no scenario
	lines *lines
	pause time.Duration
	boxes map[string]*postbox
}

// pauseBetween is how long a look at a mailbox is good for: next to nothing
// where a white box says when to look, and a part of the silence that is waited
// for where there is none. It is a larger part where mailboxes take turns at the
// connections, in so many rounds, since each look then has to sign in.
func pauseBetween(target *Target, options Options, rounds int) time.Duration {
	if target.WhiteBox.given() {
		return 0
	}
	part := min(max(options.Patience.Quiet/8, 50*time.Millisecond), 2*time.Second)
	return max(part, min(part*time.Duration(rounds), options.Patience.Quiet/2))
}

// age is how old the last look at a mailbox may be that a scenario is told of.
func (m *Mailroom) age() time.Duration {
	if m == nil {
		return 0
	}
	return m.pause
}

// postbox is one mailbox that scenarios share.
type postbox struct {
	box   *Mailbox
	world *World
	lines *lines
	turn  chan struct{} // held by who uses what follows

	seated   bool               // it has one of the lines
	client   *imapclient.Client // nil: not connected; while it is not seated it belongs to the lines
	begins   imap.UID           // the first that may be looked at
	validity uint32
	next     imap.UID // the first that was not looked at yet
	looked   time.Time
	heads    []head
	log      *transcript // of what was said on its connections, since it was taken last
}

// head is what is known of a message before anybody says that it is theirs.
type head struct {
	uid   imap.UID
	text  string   // of the header fields that say what it belongs to, decoded
	taken bool     // by a scenario
	asked []string // words that its body was searched for since the last look
}

// OpenMailroom signs in to every mailbox that can be read and notes where it
// ends; options.Begins is where it ended when a run began that is taken up again.
// Errors are ErrUnreachable and ErrLogin, and a mailbox without UIDs that last.
func OpenMailroom(ctx context.Context, target *Target, options Options) (*Mailroom, error) {
	room := &Mailroom{world: New(target, nil, options), boxes: map[string]*postbox{}, lines: newLines(options.Door.Connections())}
	errs := make([]error, len(target.Mailboxes))
	var group sync.WaitGroup
	slots := make(chan struct{}, fetchAtOnce)
	for i := range target.Mailboxes {
		box := &target.Mailboxes[i]
		if address, _ := target.imapOf(box); address == "" {
			continue
		}
		began := options.Begins[box.Address] // zero: it is noted when the mailbox is opened
		p := &postbox{
			box: box, world: room.world, lines: room.lines, turn: make(chan struct{}, 1),
			validity: began.Validity, begins: imap.UID(began.Next), next: imap.UID(began.Next),
			log: newSessionTranscript(box.User, box.Password.Reveal()),
		}
		room.boxes[box.Address] = p
		group.Go(func() {
			slots <- struct{}{} // whoever is before ends with the context
			defer func() { <-slots }()
			if err := p.begin(ctx); err != nil {
				errs[i] = fmt.Errorf("read the mailbox %s: %w", box.Address, p.log.hideIn(err))
			}
		})
	}
	group.Wait()
	room.pause = pauseBetween(target, room.world.options, room.lines.rounds(len(room.boxes)))
	if err := errors.Join(errs...); err != nil {
		room.Close()
		return nil, err
	}
	return room, nil
}

// Close signs out.
func (m *Mailroom) Close() {
	for _, p := range m.boxes {
		p.turn <- struct{}{}
		m.lines.hangUp(p)
		p.leave()
	}
}

// fetch returns what is new in a mailbox since known and belongs to a scenario:
// by its head, or because its body holds one of the words.
// heard, which may be nil, is given what was said for that.
func (m *Mailroom) fetch(ctx context.Context, box *Mailbox, known map[string]bool, belongs func(string) bool, words []string, heard func(*transcript)) ([]found, error) {
	p := m.boxes[box.Address]
	if p == nil {
		return nil, nil // nothing to read from: the mailbox is only written to
	}
	asked := time.Now().Add(-m.pause) // of the waiting budget, no legal time
	if err := p.enter(ctx); err != nil {
		return nil, fmt.Errorf("read the mailbox %s: %w", box.Address, p.log.hideIn(err))
	}
	defer p.leave()
	if heard != nil {
		defer heard(p.log)
	}
	if p.looked.Before(asked) { // else somebody looked while this call waited, or just before
		if err := p.look(ctx); err != nil {
			return nil, fmt.Errorf("read the mailbox %s: %w", box.Address, p.log.hideIn(err))
		}
	}
	if err := p.searchBodies(ctx, words); err != nil {
		return nil, fmt.Errorf("read the mailbox %s: %w", box.Address, p.log.hideIn(err))
	}
	var wanted imap.UIDSet
	for i, h := range p.heads {
		if known[messageKey(p.validity, h.uid)] {
			p.heads[i].taken = true // also by an earlier process
		} else if belongs(h.text) {
			wanted.AddNum(h.uid)
			p.heads[i].taken = true
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	messages, err := p.whole(ctx, wanted)
	if err != nil {
		return nil, fmt.Errorf("read the mailbox %s: %w", box.Address, p.log.hideIn(err))
	}
	return messages, nil
}

// whole fetches messages octet by octet.
func (p *postbox) whole(ctx context.Context, wanted imap.UIDSet) ([]found, error) {
	client, err := p.connected(ctx) // the last look was perhaps another scenario's, and the connection was lost since
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = client.Close() })
	defer stop()
	messages, err := fetchWhole(client, wanted, p.validity)
	if err != nil {
		p.hangUp()
		return nil, errors.Join(ctx.Err(), err)
	}
	return messages, nil
}

// look reads the heads of what came since the last look. A connection that was
// lost meanwhile is opened again, once.
func (p *postbox) look(ctx context.Context) error {
	if err := p.sit(ctx); err != nil {
		return err
	}
	again := p.client != nil
	for {
		began := time.Now()
		err := p.lookOnce(ctx)
		if err == nil {
			p.looked = began
			p.forgetAsked()
			return nil
		}
		p.hangUp()
		if errors.Is(err, ctx.Err()) {
			return err // which says what was waited for
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !again {
			return err
		}
		again = false
	}
}

func (p *postbox) lookOnce(ctx context.Context) error {
	client, err := p.connected(ctx)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = client.Close() })
	defer stop()
	if err := client.Noop().Wait(); err != nil {
		return err
	}
	var fresh imap.UIDSet
	fresh.AddRange(p.next, 0)
	section := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, HeaderFields: headFields(), Peek: true}
	list, err := client.Fetch(fresh, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		return fmt.Errorf("look at what came: %w", err)
	}
	for _, m := range list {
		if m.UID < p.next { // "n:*" names the last message even where it is older
			continue
		}
		octets, err := headIn(m)
		if err != nil {
			return err
		}
		p.heads = append(p.heads, head{uid: m.UID, text: headText(octets[:min(len(octets), maxHeadSize)])})
	}
	for _, h := range p.heads[max(0, len(p.heads)-len(list)):] {
		p.next = max(p.next, h.uid+1)
	}
	if len(p.heads) > maxHeads {
		return fmt.Errorf("more than %d messages arrived during the run: give the harness a mailbox that nobody else uses", maxHeads)
	}
	return nil
}

// headIn is the one section that was asked for. A server may name the fields in
// another order than they were asked for, or in other letters.
func headIn(m *imapclient.FetchMessageBuffer) ([]byte, error) {
	if len(m.BodySection) != 1 || m.BodySection[0].Section.Specifier != imap.PartSpecifierHeader || m.BodySection[0].Bytes == nil {
		return nil, fmt.Errorf("message %d came without the header fields that were asked for", m.UID)
	}
	return m.BodySection[0].Bytes, nil
}
