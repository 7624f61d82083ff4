package steps

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/collaudo/collaudo/evidence"
)

// fetchAtOnce is how many mailboxes are read at the same time.
const fetchAtOnce = 4

// found is a message in a mailbox, not yet in evidence.
type found struct {
	key       string // UIDVALIDITY/UID
	octets    []byte
	delivered time.Time
}

// readMailboxes takes every message that is not yet in evidence, mailbox by
// mailbox in the order of the target file, so that two runs number them alike.
func (w *World) readMailboxes(ctx context.Context) error {
	all := make([][]found, len(w.target.Mailboxes))
	errs := make([]error, len(w.target.Mailboxes))
	var group sync.WaitGroup
	slots := make(chan struct{}, fetchAtOnce)
	for i := range w.target.Mailboxes {
		group.Add(1)
		go func() {
			defer group.Done()
			slots <- struct{}{} // whoever is before ends with the context
			defer func() { <-slots }()
			all[i], errs[i] = w.fetch(ctx, &w.target.Mailboxes[i])
		}()
	}
	group.Wait()
	for i := range errs {
		errs[i] = w.shutOrOpen(&w.target.Mailboxes[i], errs[i])
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for i, messages := range all {
		for _, m := range messages {
			if err := w.keepMessage(&w.target.Mailboxes[i], m); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *World) keepMessage(box *Mailbox, m found) error {
	w.mu.Lock()
	w.messages++
	id := fmt.Sprintf("m%d", w.messages)
	if w.fetched[box.Address] == nil {
		w.fetched[box.Address] = map[string]bool{}
	}
	w.fetched[box.Address][m.key] = true
	infected := containsAny(m.octets, w.needles)
	w.mu.Unlock()
	blob, err := w.recorder.Keep(evidence.Received, m.octets, infected)
	if err != nil {
		return err
	}
	message := &evidence.Message{
		ID: id, Mailbox: box.Address, Role: box.Role, Provider: box.Provider,
		Emitter: w.target.emitter(box, m.octets), Blob: blob, Size: int64(len(m.octets)),
		Delivered: m.delivered.UTC(), Via: "imap",
	}
	if w.options.Mailroom != nil {
		message.Place = m.key
	}
	w.recognise(message, m.octets)
	w.learn(box.Address, m.octets)
	return w.recorder.Record(evidence.Event{Type: evidence.MessageSeen, Message: message})
}

// fetch reads what is new in the INBOX, octet by octet, and leaves no trace:
// the mailbox is examined, not selected, and nothing is marked as seen.
func (w *World) fetch(ctx context.Context, box *Mailbox) ([]found, error) {
	address, tlsName := w.target.imapOf(box)
	if w.options.Mailroom != nil {
		w.mu.Lock()
		known := maps.Clone(w.fetched[box.Address])
		w.mu.Unlock()
		return w.options.Mailroom.fetch(ctx, box, known, w.belongs, w.tokens(), func(log *transcript) {
			w.overheardIMAP(box, address, true, log)
		})
	}
	if address == "" {
		return nil, nil // nothing to read from: the mailbox is only written to
	}
	log := newSessionTranscript(box.User, box.Password.Reveal())
	defer w.overheardIMAP(box, address, false, log)
	client, err := w.dialIMAP(ctx, address, tlsName, log)
	if err != nil {
		return nil, fmt.Errorf("read the mailbox %s: %w", box.Address, log.hideIn(err))
	}
	defer func() { _ = client.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = client.Close() })
	defer stop()
	messages, err := w.fetchWith(client, box)
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, fmt.Errorf("read the mailbox %s: %w", box.Address, log.hideIn(err))
	}
	_ = client.Logout().Wait()
	return messages, nil
}

// overheardIMAP keeps what was said to read a mailbox, or to try it.
func (w *World) overheardIMAP(box *Mailbox, address string, shared bool, log *transcript) {
	w.overheard(evidence.Dialogue{Protocol: "imap", Mailbox: box.Address, Provider: box.Provider, Address: address, Shared: shared}, log)
}

// imapOf says where a mailbox is read, and the name in the server's
// certificate; "" where it is not.
func (t *Target) imapOf(box *Mailbox) (address, tlsName string) {
	if p := t.provider(box.Provider); p != nil {
		return p.IMAP, p.TLSName
	}
	return t.Ordinary.IMAP, t.Ordinary.TLSName
}

// dialIMAP connects and waits for the greeting. What is said goes into log, why
// nothing could be said included; nil: it is not kept.
func (w *World) dialIMAP(ctx context.Context, address, tlsName string, log *transcript) (*imapclient.Client, error) {
	client, err := w.greetedIMAP(ctx, address, tlsName, log)
	if err != nil && log != nil {
		log.note("%v", err)
	}
	return client, err
}

func (w *World) greetedIMAP(ctx context.Context, address, tlsName string, log *transcript) (*imapclient.Client, error) {
	config, err := w.tlsConfig(tlsName, address)
	if err != nil {
		return nil, err
	}
	plain, err := w.options.Door.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	greeted, cancel := context.WithTimeout(ctx, w.options.Patience.Filled().Connect)
	defer cancel()
	conn := tls.Client(plain, config)
	if err := conn.HandshakeContext(greeted); err != nil {
		_ = plain.Close()
		return nil, fmt.Errorf("%w: TLS handshake with %s: %w", ErrUnreachable, address, err)
	}
	var over net.Conn = conn
	if log != nil {
		log.note("%s", tls.VersionName(conn.ConnectionState().Version))
		over = newIMAPTap(conn, log)
	}
	client := imapclient.New(over, nil)
	stop := context.AfterFunc(greeted, func() { _ = client.Close() }) // a server that says nothing is given up
	defer stop()
	if err := client.WaitGreeting(); err != nil {
		_ = client.Close()
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return client, nil
}

func (w *World) fetchWith(client *imapclient.Client, box *Mailbox) ([]found, error) {
	if err := client.Login(box.User, box.Password.Reveal()).Wait(); err != nil {
		return nil, fmt.Errorf("%w: %s on IMAP: %w", ErrLogin, box.User, err)
	}
	selected, err := client.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return nil, fmt.Errorf("examine INBOX: %w", err)
	}
	if selected.NumMessages == 0 {
		return nil, nil
	}
	var every imap.UIDSet
	every.AddRange(1, 0)
	listed, err := client.Fetch(every, &imap.FetchOptions{UID: true}).Collect()
	if err != nil {
		return nil, fmt.Errorf("list the messages: %w", err)
	}
	var fresh imap.UIDSet
	w.mu.Lock()
	for _, m := range listed {
		if !w.fetched[box.Address][messageKey(selected.UIDValidity, m.UID)] {
			fresh.AddNum(m.UID)
		}
	}
	w.mu.Unlock()
	if len(fresh) == 0 {
		return nil, nil
	}
	return fetchWhole(client, fresh, selected.UIDValidity)
}

// fetchWhole reads messages octet by octet.
func fetchWhole(client *imapclient.Client, fresh imap.UIDSet, validity uint32) ([]found, error) {
	whole := &imap.FetchItemBodySection{Peek: true}
	bodies, err := client.Fetch(fresh, &imap.FetchOptions{UID: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{whole}}).Collect()
	if err != nil {
		return nil, fmt.Errorf("fetch the messages: %w", err)
	}
	slices.SortFunc(bodies, func(a, b *imapclient.FetchMessageBuffer) int { return int(a.UID) - int(b.UID) })
	var messages []found
	for _, b := range bodies {
		octets := b.FindBodySection(whole)
		if octets == nil {
			return nil, fmt.Errorf("message %d came without its body", b.UID)
		}
		messages = append(messages, found{messageKey(validity, b.UID), octets, b.InternalDate})
	}
	return messages, nil
}

func messageKey(validity uint32, uid imap.UID) string { return fmt.Sprintf("%d/%d", validity, uid) }
