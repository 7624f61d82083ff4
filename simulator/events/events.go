// Package events tells what happens in a simulated world to those who wait for
// it: messages that reach mailboxes, lines of the legal logs, sessions of the
// protocols, steps of the clock, changes of mailboxes and of faults.
//
// Each event has a cursor, one more than the last. Who asks for what came after
// a cursor gets every event after it, in order, or is told that some of them are
// gone: never silently fewer. It is no log that outlives the process, and it
// holds no octets: an event names them by their SHA-256.
package events

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Types of events.
const (
	Message = "message" // a message was put into a mailbox
	Log     = "log"     // a line of a provider's legal log; Event.Event is the journal's event
	Session = "session" // a session of a protocol ended; Detail is its ID in the history
	Clock   = "clock"   // legal time was moved
	Account = "account" // a mailbox was made, or its state changed; Detail is the new state
	Fault   = "fault"   // a fault or script was switched on or off; Detail is its ID
	World   = "world"   // started, reset, provider restarted; Detail says which
)

// Types are all of them.
func Types() []string { return []string{Message, Log, Session, Clock, Account, Fault, World} }

// Event is something that happened. Fields that do not apply are empty.
type Event struct {
	Cursor     int64     `json:"cursor"`
	At         time.Time `json:"at"` // legal time
	Type       string    `json:"type"`
	Provider   string    `json:"provider,omitempty"` // name of the provider or ordinary host
	Mailbox    string    `json:"mailbox,omitempty"`
	Folder     string    `json:"folder,omitempty"`
	UID        uint32    `json:"uid,omitempty"`
	Kind       string    `json:"kind,omitempty"`  // of a certified message, as pec.Kind writes it; "ordinary" for other mail
	Event      string    `json:"event,omitempty"` // of the journal
	MessageID  string    `json:"messageId,omitempty"`
	Reference  string    `json:"reference,omitempty"`  // X-Riferimento-Message-ID: the client's identifier
	Identifier string    `json:"identifier,omitempty"` // the PEC msgid
	Sender     string    `json:"sender,omitempty"`
	Recipients []string  `json:"recipients,omitempty"`
	Subject    string    `json:"subject,omitempty"`
	SHA256     string    `json:"sha256,omitempty"` // of the octets
	Size       int64     `json:"size,omitempty"`
	Detail     string    `json:"detail,omitempty"`
}

// Filter chooses events. Empty fields choose all; texts are compared without
// regard to case, Subject is a part of the subject.
type Filter struct {
	Type, Provider, Mailbox, Kind, Event, Reference, Subject string
}

// Matches tells whether the filter chooses the event. Reference matches the
// message's own identifier too, with or without angle brackets, so that one value
// finds both a message and whatever is about it.
func (f Filter) Matches(e Event) bool {
	same := func(asked, is string) bool { return asked == "" || strings.EqualFold(asked, is) }
	bare := func(id string) string { return strings.Trim(id, "<>") }
	return same(f.Type, e.Type) && same(f.Provider, e.Provider) && same(f.Mailbox, e.Mailbox) &&
		same(f.Kind, e.Kind) && same(f.Event, e.Event) &&
		(f.Reference == "" || bare(f.Reference) == bare(e.Reference) || bare(f.Reference) == bare(e.MessageID)) &&
		strings.Contains(strings.ToLower(e.Subject), strings.ToLower(f.Subject))
}

// GoneError says that events after a cursor are not kept any more.
type GoneError struct {
	After, Oldest int64 // what was asked for, and the first event still there
}

func (e *GoneError) Error() string {
	return fmt.Sprintf("events after cursor %d were asked for, the oldest kept is %d: some are gone; begin again from cursor %d and look at the mailboxes themselves", e.After, e.Oldest, e.Oldest-1)
}

// DefaultKeep is how many events a log keeps by default.
const DefaultKeep = 100_000

// Record is the log of events of one world. Safe for concurrent use.
type Record struct {
	keep int

	mu     sync.Mutex
	list   []Event
	next   int64
	notice chan struct{} // closed at the next event
}

// NewRecord makes an empty log that keeps that many events (0: DefaultKeep).
func NewRecord(keep int) *Record {
	if keep <= 0 {
		keep = DefaultKeep
	}
	return &Record{keep: keep, next: 1, notice: make(chan struct{})}
}

// Add appends an event and gives it its cursor. A nil log forgets it.
func (r *Record) Add(e Event) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e.Cursor = r.next
	r.next++
	if len(r.list) >= 2*r.keep {
		r.list = append(r.list[:0], r.list[r.keep:]...)
	}
	r.list = append(r.list, e)
	close(r.notice)
	r.notice = make(chan struct{})
}

// Last is the cursor of the newest event, 0 when there is none.
func (r *Record) Last() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next - 1
}

// Oldest is the cursor of the oldest event that is kept; when there is none, that
// of the next.
func (r *Record) Oldest() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next - int64(len(r.list))
}

// After returns at most limit events after the cursor that the filter chooses
// (limit 0: all), and the cursor to go on from, which is past those that the
// filter left out. *GoneError when some of them are not kept any more; a cursor
// that was never given out is an error too.
func (r *Record) After(cursor int64, filter Filter, limit int) ([]Event, int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list, next, _, err := r.after(cursor, filter, limit)
	return list, next, err
}

func (r *Record) after(cursor int64, filter Filter, limit int) ([]Event, int64, <-chan struct{}, error) {
	oldest := r.next - int64(len(r.list))
	switch {
	case cursor < 0 || cursor >= r.next:
		return nil, cursor, r.notice, fmt.Errorf("cursor %d was never given out: the last one is %d; a world that was started again counts from 0", cursor, r.next-1)
	case cursor+1 < oldest:
		return nil, cursor, r.notice, &GoneError{After: cursor, Oldest: oldest}
	}
	list := []Event{}
	for _, e := range r.list[cursor+1-oldest:] {
		cursor = e.Cursor
		if !filter.Matches(e) {
			continue
		}
		if list = append(list, e); limit > 0 && len(list) == limit {
			break
		}
	}
	return list, cursor, r.notice, nil
}

// Wait is After, but when there is nothing it waits for something until the
// context ends; then it returns no events, the cursor to go on from and no error.
func (r *Record) Wait(ctx context.Context, cursor int64, filter Filter, limit int) ([]Event, int64, error) {
	for {
		r.mu.Lock()
		list, next, notice, err := r.after(cursor, filter, limit)
		r.mu.Unlock()
		if err != nil || len(list) > 0 {
			return list, next, err
		}
		cursor = next
		select {
		case <-notice:
		case <-ctx.Done():
			return list, next, nil
		}
	}
}
