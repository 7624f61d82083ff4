// Package tickets follows requests and findings from their opening to their
// end: who reported what, in which state it is, what was noted on the way. Each
// change of state is told to whoever reported it.
//
// It decides nothing and sends nothing itself; what a ticket is about is its
// reporter's business. It is no help desk.
package tickets

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/store"
)

// State is where a ticket stands.
type State string

// States of a ticket.
const (
	Open       State = "open"
	InProgress State = "in-progress"
	Waiting    State = "waiting" // for the reporter
	Resolved   State = "resolved"
	Rejected   State = "rejected"
	Closed     State = "closed"
)

// next says which states may follow which. What is closed stays closed.
func next(s State) []State {
	switch s {
	case Open:
		return []State{InProgress, Waiting, Resolved, Rejected}
	case InProgress:
		return []State{Waiting, Resolved, Rejected}
	case Waiting:
		return []State{InProgress, Resolved, Rejected, Closed}
	case Resolved, Rejected:
		return []State{InProgress, Closed}
	default:
		return nil
	}
}

// Ticket is one request or finding.
type Ticket struct {
	ID       string    `json:"id"`
	Category string    `json:"category"`
	Subject  string    `json:"subject"`
	Mailbox  string    `json:"mailbox,omitempty"` // certified mailbox that it is about
	Reporter string    `json:"reporter"`          // ordinary address that is told
	Operator string    `json:"operator,omitempty"`
	State    State     `json:"state"`
	Opened   time.Time `json:"opened"` // legal time
	Due      time.Time `json:"due,omitzero"`
	History  []Entry   `json:"history"`
}

// Entry is a change of a ticket, or a note.
type Entry struct {
	At       time.Time `json:"at"`
	State    State     `json:"state"`
	Operator string    `json:"operator,omitempty"`
	Note     string    `json:"note,omitempty"`
}

// Limits.
const (
	maxTickets = 10_000
	maxEntries = 200
	maxText    = 4096
)

// Errors; test with errors.Is.
var (
	ErrUnknown = errors.New("no such ticket")
	ErrState   = errors.New("that state cannot follow")
	ErrAsked   = errors.New("it cannot be meant")
	ErrLimit   = errors.New("a limit of the tickets is reached")
)

// Options of a desk.
type Options struct {
	Prefix  string // of the identifiers
	Ledgers store.Ledgers
	Now     func() time.Time // legal time
	// Notify tells a reporter of a ticket's new state; nil: nobody is told.
	Notify func(Ticket) error
}

// Desk holds the tickets of a host. Safe for concurrent use.
type Desk struct {
	o Options

	mu   sync.Mutex
	list []*Ticket
}

const ledger = "tickets"

// NewDesk takes up what the ledgers hold.
func NewDesk(o Options) (*Desk, error) {
	d := &Desk{o: o}
	for _, r := range o.Ledgers.Records(ledger) {
		t := &Ticket{}
		if err := json.Unmarshal(r.Data, t); err != nil {
			return nil, fmt.Errorf("ticket %s in the ledger: %w", r.Key, err)
		}
		d.list = append(d.list, t)
	}
	return d, nil
}

// Open opens a ticket and tells its reporter. ID, State, Opened and History are
// given by the desk.
func (d *Desk) Open(t Ticket, note string) (Ticket, error) {
	if t.Category == "" || t.Subject == "" || t.Reporter == "" {
		return Ticket{}, fmt.Errorf("%w: a ticket needs a category, a subject and a reporter's address", ErrAsked)
	}
	if len(t.Subject)+len(t.Category)+len(t.Reporter)+len(t.Mailbox)+len(note) > maxText {
		return Ticket{}, fmt.Errorf("%w: its texts have more than %d bytes together", ErrLimit, maxText)
	}
	d.mu.Lock()
	if len(d.list) >= maxTickets {
		d.mu.Unlock()
		return Ticket{}, fmt.Errorf("%w: %d are held", ErrLimit, maxTickets)
	}
	now := clock.Legal(d.o.Now())
	t.ID, t.State, t.Opened = fmt.Sprintf("%s-%05d", d.o.Prefix, len(d.list)+1), Open, now
	t.History = []Entry{{At: now, State: Open, Operator: t.Operator, Note: note}}
	err := d.keep(&t)
	if err == nil {
		d.list = append(d.list, &t)
	}
	shown := t.copy()
	d.mu.Unlock()
	if err != nil {
		return Ticket{}, err
	}
	return shown, d.tell(shown)
}

// Change moves a ticket to another state, or notes something about it when the
// state is the one that it has or empty; only a new state is told.
func (d *Desk) Change(id string, state State, operator, note string) (Ticket, error) {
	if len(note)+len(operator) > maxText {
		return Ticket{}, fmt.Errorf("%w: the note has more than %d bytes", ErrLimit, maxText)
	}
	d.mu.Lock()
	t, err := d.find(id)
	if err != nil {
		d.mu.Unlock()
		return Ticket{}, err
	}
	moved := state != "" && state != t.State
	after := t.copy()
	switch {
	case moved && !slices.Contains(next(t.State), state):
		err = fmt.Errorf("%w: %s is %s, %q was asked: want one of %q", ErrState, id, t.State, state, next(t.State))
	case len(t.History) >= maxEntries:
		err = fmt.Errorf("%w: %s has %d entries", ErrLimit, id, maxEntries)
	default:
		if moved {
			after.State = state
		}
		if operator != "" {
			after.Operator = operator
		}
		after.History = append(after.History, Entry{At: clock.Legal(d.o.Now()), State: after.State, Operator: operator, Note: note})
		if err = d.keep(&after); err == nil {
			*t = after
		}
	}
	shown := t.copy()
	d.mu.Unlock()
	if err != nil || !moved {
		return shown, err
	}
	return shown, d.tell(shown)
}

func (d *Desk) tell(t Ticket) error {
	if d.o.Notify == nil {
		return nil
	}
	return d.o.Notify(t)
}

func (d *Desk) keep(t *Ticket) error {
	data, err := json.Marshal(t)
	if err != nil {
		return err
	}
	if err := d.o.Ledgers.Record(ledger, t.ID, data); err != nil {
		return fmt.Errorf("ticket %s: %w", t.ID, err)
	}
	return nil
}

func (d *Desk) find(id string) (*Ticket, error) {
	for _, t := range d.list {
		if strings.EqualFold(t.ID, id) {
			return t, nil
		}
	}
	return nil, fmt.Errorf("%w: %q", ErrUnknown, id)
}

// Ticket returns one ticket.
func (d *Desk) Ticket(id string) (Ticket, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t, err := d.find(id)
	if err != nil {
		return Ticket{}, err
	}
	return t.copy(), nil
}

// Query chooses tickets; empty fields choose all. Text is looked for in the
// subject and in the notes, without regard to case.
type Query struct {
	Since, Until             time.Time // of the opening; Until excluded
	Category, Operator, Text string
	Mailbox                  string
	State                    State
}

// Search returns tickets, oldest first.
func (d *Desk) Search(q Query) []Ticket {
	d.mu.Lock()
	defer d.mu.Unlock()
	found := []Ticket{}
	for _, t := range d.list {
		if q.matches(t) {
			found = append(found, t.copy())
		}
	}
	return found
}

func (q Query) matches(t *Ticket) bool {
	same := func(asked, is string) bool { return asked == "" || strings.EqualFold(asked, is) }
	text := strings.ToLower(q.Text)
	holds := strings.Contains(strings.ToLower(t.Subject), text) ||
		slices.ContainsFunc(t.History, func(e Entry) bool { return strings.Contains(strings.ToLower(e.Note), text) })
	return same(q.Category, t.Category) && same(q.Operator, t.Operator) && same(q.Mailbox, t.Mailbox) &&
		same(string(q.State), string(t.State)) && holds &&
		(q.Since.IsZero() || !t.Opened.Before(q.Since)) && (q.Until.IsZero() || t.Opened.Before(q.Until))
}

func (t *Ticket) copy() Ticket {
	c := *t
	c.History = slices.Clone(t.History)
	return c
}
