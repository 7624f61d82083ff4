package console

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/simulator/events"
)

// snapshot is the world's mail as it was found: the logs put together by
// message, and what lies in the mailboxes.
type snapshot struct {
	hosts     []Host
	accounts  map[string]Account // by address, lower case
	order     []string           // of the accounts
	messages  []placed
	byID      map[string][]placed // by Message-ID
	exchanges []*exchange         // newest first
	seen      map[string]bool     // mailbox and Message-ID of what was ever put there
}

// observer takes snapshots, as seldom as does no harm.
type observer struct {
	world  World
	events *events.Record
	known  *summaries

	mu     sync.Mutex
	last   *snapshot
	cursor int64
	taken  time.Time       // in real time
	seen   map[string]bool // see snapshot
	read   int64           // cursor of the events that seen holds
}

// staleAfter is how long a snapshot serves while no event was told: what is
// told late, or not at all, shows after this. It is a budget in real time.
const staleAfter = time.Second

// look returns the world's mail as it is now.
func (o *observer) look() (*snapshot, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	cursor := o.events.Last()
	if o.last != nil && cursor == o.cursor && time.Since(o.taken) < staleAfter {
		return o.last, nil
	}
	began := time.Now()
	s, err := o.take()
	if err != nil {
		return nil, err
	}
	o.last, o.cursor, o.taken = s, cursor, began
	return s, nil
}

func (o *observer) take() (*snapshot, error) {
	s := &snapshot{hosts: o.world.Hosts(), accounts: map[string]Account{}, byID: map[string][]placed{}, seen: o.arrivals()}
	list, err := o.world.Accounts()
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		address := strings.ToLower(a.Address)
		s.accounts[address], s.order = a, append(s.order, address)
		messages, err := o.mailbox(a.Address)
		if err != nil {
			continue // it was removed meanwhile, and is gone from the next look
		}
		s.messages = append(s.messages, messages...)
	}
	for _, m := range s.messages {
		if m.MessageID != "" {
			s.byID[m.MessageID] = append(s.byID[m.MessageID], m)
		}
	}
	lines, err := o.world.Log()
	if err != nil {
		return nil, err
	}
	s.exchanges = gather(s, lines)
	return s, nil
}

// maxSeen bounds what is remembered of messages that came and may be gone.
const maxSeen = 100_000

// arrivals learns from the events which messages were put into mailboxes, so
// that one that its reader has removed is not taken for one that never came.
func (o *observer) arrivals() map[string]bool {
	list, next, err := o.events.After(o.read, events.Filter{Type: events.Message}, 0)
	if err != nil { // some of them are gone: then less is known
		o.read = o.events.Last()
		return o.seen
	}
	o.read = next
	grown := maps.Clone(o.seen) // an earlier snapshot may be read at the moment
	if grown == nil || len(grown) > maxSeen {
		grown = map[string]bool{}
	}
	for _, e := range list {
		grown[strings.ToLower(e.Mailbox)+" "+e.MessageID] = true
	}
	o.seen = grown
	return grown
}

// came tells that a message was put into a mailbox once.
func (s *snapshot) came(id, mailbox string) bool { return s.seen[strings.ToLower(mailbox)+" "+id] }

// mailbox returns what lies in a mailbox, folder by folder.
func (o *observer) mailbox(address string) ([]placed, error) {
	folders, err := o.world.Folders(address)
	if err != nil {
		return nil, err
	}
	var all []placed
	for _, f := range folders {
		for _, m := range f.Messages {
			sum, err := o.known.of(m.Body, o.world.Message)
			if err != nil {
				continue // expunged since the folder was read
			}
			all = append(all, placed{
				summary: sum, Mailbox: strings.ToLower(address), Folder: f.Name, UID: m.UID,
				Received: m.Received, Size: m.Size, Flags: m.Flags, Seen: slices.Contains(m.Flags, `\Seen`),
			})
		}
	}
	return all, nil
}

// host finds the host that serves an address, nil when none of the world does.
func (s *snapshot) host(address string) *Host {
	domain := strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
	for i, h := range s.hosts {
		if slices.ContainsFunc(h.Domains, func(d string) bool { return strings.EqualFold(d, domain) }) {
			return &s.hosts[i]
		}
	}
	return nil
}

// named finds a host by its name.
func (s *snapshot) named(name string) *Host {
	for i, h := range s.hosts {
		if h.Name == name {
			return &s.hosts[i]
		}
	}
	return nil
}

// service tells that an address is a provider's own mailbox.
func (s *snapshot) service(address string) bool {
	return s.accounts[strings.ToLower(address)].Service
}

// held finds a message by its Message-ID in a mailbox; every copy of it.
func (s *snapshot) held(id, mailbox string) []placed {
	var found []placed
	for _, m := range s.byID[id] {
		if mailbox == "" || strings.EqualFold(m.Mailbox, mailbox) {
			found = append(found, m)
		}
	}
	return found
}
