package simulator

import (
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator/events"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/store"
	"github.com/collaudo/collaudo/simulator/summary"
)

// Values of Detail of events of the type events.World.
const (
	Started         = "started"
	WasReset        = "reset"
	ProviderStarted = "provider restarted"
)

// eventsKept is how many events a world remembers by default: some thousand
// exchanges. Who comes later than that is told that some are gone.
const eventsKept = 20_000

// Events is the log of what happens in the world.
func (w *World) Events() *events.Record { return w.events }

// Epoch names this life of the world: cursors of events that were given out in
// another one mean nothing here.
func (w *World) Epoch() string { return w.epoch }

// openEvents begins the log of events.
func (w *World) openEvents() error {
	keep := w.config.EventsKept
	if keep == 0 {
		keep = eventsKept
	}
	w.events = events.NewRecord(keep)
	var name [8]byte
	if _, err := io.ReadFull(w.config.Random, name[:]); err != nil {
		return fmt.Errorf("name the epoch of the world: %w", err)
	}
	w.epoch = hex.EncodeToString(name[:])
	return nil
}

// happened puts an event on record, at the present legal instant unless it bears
// one.
func (w *World) happened(e events.Event) {
	if e.At.IsZero() {
		e.At = w.Now()
	}
	e.At = e.At.In(pec.Zone())
	w.events.Add(e)
}

// keep opens the store of a host, and has the messages that reach its mailboxes
// told of. A host that is started again gets the same one.
func (w *World) keep(name, domain string) store.Store {
	s, opened := w.stores.of(domain, func() store.Store { return w.config.Stores(domain) })
	if opened {
		s.Appended(func(mailbox, folder string, m store.Message) { w.arrived(s, name, mailbox, folder, m) })
	}
	return s
}

// arrived tells that a message was put into a mailbox.
func (w *World) arrived(s store.Store, host, mailbox, folder string, m store.Message) {
	e := events.Event{
		At: m.Received, Type: events.Message, Provider: host, Mailbox: mailbox, Folder: folder, UID: m.UID, SHA256: m.Body, Size: m.Size,
	}
	about, known := w.recent.Of(m.Body)
	if !known {
		octets, err := s.Octets(m.Body)
		if known = err == nil; known { // else it was removed at once, and its place says enough
			about = summary.Of(octets)
		}
	}
	if known {
		e.Kind, e.MessageID, e.Reference, e.Identifier = about.Kind, about.MessageID, about.Reference, about.Identifier
		e.Sender, e.Recipients, e.Subject = about.Sender, about.Recipients, about.Subject
	}
	w.happened(e)
}

// logged tells of a line of a provider's legal log.
func (w *World) logged(provider string) func(journal.Entry) {
	return func(l journal.Entry) { w.happened(eventOf(provider, l)) }
}

// eventOf is a line of a legal log as an event.
func eventOf(provider string, l journal.Entry) events.Event {
	return events.Event{
		At: l.At, Type: events.Log, Provider: provider, Event: l.Event, MessageID: l.MessageID, Reference: l.MessageID, Identifier: l.Identifier,
		Sender: l.Sender, Recipients: l.Recipients, Subject: l.Subject, Detail: l.Detail,
	}
}

// moved tells that legal time was moved.
func (w *World) moved(by time.Duration) {
	w.happened(events.Event{Type: events.Clock, Detail: by.String()})
}

// HostName is the name that events bear of the host that is asked for by that
// name or by its domain; what is asked when there is no such host.
func (w *World) HostName(asked string) string {
	for _, p := range w.hosts.all() {
		if c := p.Config(); asked != "" && w.named(c.Identity.Name, c.Identity.Domain, asked) {
			return c.Identity.Name
		}
	}
	return asked
}
