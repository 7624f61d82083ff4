package provider

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/listen"
)

// Deadlines of RFC 6109 3.1.6, from the dispatch of the envelope. The second
// notice is due between 22 and 24 hours; half an hour is left for its journey.
const (
	firstNotice  = 12 * time.Hour
	secondNotice = 23*time.Hour + 30*time.Minute

	deadlinesQueue = "deadlines" // in the store's spool
)

// deadlines watches over what was sent and not yet answered, recipient by
// recipient, on the legal clock.
type deadlines struct {
	p        *Provider
	activity listen.Activity
	ctx      context.Context
	cancel   context.CancelFunc
	ended    chan struct{}
	wake     chan struct{}

	mu    sync.Mutex
	watch map[string]*watched // by identifier
	armed time.Time           // what run sleeps until; zero when it sleeps until it is roused
	alarm <-chan time.Time    // which tells that armed has come
}

// watched is one envelope.
type watched struct {
	Facts   compose.Facts `json:"facts"`
	Sent    time.Time     `json:"sent"`
	Pending []pending     `json:"pending"`

	hour time.Duration // see inHoursOf
}

// pending is a certified recipient without a final answer.
type pending struct {
	Address string `json:"address"`
	Taken   bool   `json:"taken"` // a TakenInCharge covers it: no first notice
	First   bool   `json:"first"` // the first notice was sent, or its time went by
}

func newDeadlines(p *Provider) *deadlines {
	d := &deadlines{p: p, watch: map[string]*watched{}, ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	go d.run()
	return d
}

// set puts a watch in its place.
func (d *deadlines) set(w *watched) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if old := d.watch[w.Facts.Identifier]; old != nil && d.due(old).Equal(d.armed) {
		d.armed = time.Time{} // what run sleeps until may not be due any more
		d.awake()
	}
	if len(w.Pending) == 0 {
		delete(d.watch, w.Facts.Identifier)
		return
	}
	d.watch[w.Facts.Identifier] = w
	d.rouse(w)
}

// due is when the watch next has to be looked at.
func (d *deadlines) due(w *watched) time.Time {
	if slices.ContainsFunc(w.Pending, func(p pending) bool { return !p.First }) {
		return w.Sent.Add(d.p.firstNotice(w))
	}
	return w.Sent.Add(d.p.secondNotice(w))
}

// resume takes up what the spool of an earlier life holds.
func (d *deadlines) resume() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, work := range d.p.c.Store.Works(deadlinesQueue) {
		w := &watched{}
		if err := json.Unmarshal(work.Data, w); err != nil {
			return fmt.Errorf("deadlines spool %s: %w", work.ID, err)
		}
		if d.p.resumed(w); len(w.Pending) == 0 {
			continue
		}
		d.watch[work.ID] = w
		d.rouse(w)
	}
	return nil
}

// rouse wakes run when the watch comes due before what it sleeps until. The
// lock is held.
func (d *deadlines) rouse(w *watched) {
	if !d.armed.IsZero() && !d.due(w).Before(d.armed) {
		return
	}
	d.awake()
}

func (d *deadlines) awake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// run sleeps until the earliest deadline.
func (d *deadlines) run() {
	defer close(d.ended)
	for {
		select {
		case <-d.arm(): // nil, which never comes, when nobody is waited for
			d.fire()
		case <-d.wake:
		case <-d.ctx.Done():
			return
		}
	}
}

// arm sets the alarm to the earliest deadline. Whoever steps the clock learns
// from Reading when that is done, and goes no further before.
func (d *deadlines) arm() <-chan time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	next, any := d.earliest()
	switch {
	case !any:
		d.armed, d.alarm = time.Time{}, nil
	case d.alarm == nil || !next.Equal(d.armed):
		d.armed, d.alarm = next, d.p.c.Clock.After(next.Sub(d.p.now()))
	}
	return d.alarm
}

// earliest is the first deadline. The lock is held.
func (d *deadlines) earliest() (next time.Time, any bool) {
	for _, w := range d.watch {
		if due := d.due(w); !any || due.Before(next) {
			next, any = due, true
		}
	}
	return next, any
}

// fire sends what is due, with one instant, in the order of sending.
func (d *deadlines) fire() {
	defer d.activity.Begin()()
	now := d.p.now()
	d.mu.Lock()
	d.alarm = nil
	var due []*watched
	for _, w := range d.watch {
		if !d.due(w).After(now) {
			due = append(due, w)
		}
	}
	d.mu.Unlock()
	slices.SortFunc(due, func(a, b *watched) int {
		return cmp.Or(a.Sent.Compare(b.Sent), strings.Compare(a.Facts.Identifier, b.Facts.Identifier))
	})
	for _, w := range due {
		moved := w
		err := d.p.together(func(p *Provider) error {
			moved = p.watch.tell(w.Facts.Identifier, now)
			return nil
		})
		if err == nil {
			continue
		}
		// Nothing can be written: it is not tried for ever, but in the next life.
		d.p.note(journal.Entry{At: now, Event: journal.Discarded, Issuer: d.p.identity.Name, Detail: err.Error()})
		if moved != nil {
			d.set(moved)
		}
	}
}

// collect makes the notices that a watch owes at now, and moves it on. After
// the second one nobody is waited for any more.
func (d *deadlines) collect(w *watched, now time.Time) ([]emission, error) {
	var notices []emission
	var left []pending
	second := !now.Before(w.Sent.Add(d.p.secondNotice(w)))
	for _, r := range w.Pending {
		first := !second && !r.First
		owed := second || first && !r.Taken
		r.First = true
		if !second {
			left = append(left, r)
		}
		if !owed || !d.p.noticeFor(len(notices)) {
			continue
		}
		id, err := d.p.identifier(now)
		if err != nil {
			return notices, err
		}
		notices = append(notices, emission{
			draft: compose.Delay(d.p.identity, w.Facts, now, id, r.Address, first),
			facts: w.Facts, event: journal.Delay, to: []string{w.Facts.Sender}, deposit: true,
		})
	}
	w.Pending = left
	return notices, nil
}

// Reading implements what settling asks for: an alarm that has gone off and was
// not acted upon yet, and a deadline that none is set for, count as under way. An
// alarm may go off for nothing: whom it was set for may have answered meanwhile.
func (d *deadlines) Reading() (under, starts int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	under, starts = d.activity.Reading()
	if next, any := d.earliest(); any && (d.alarm == nil || next.Before(d.armed) || !d.armed.After(d.p.now())) {
		under++
	}
	return under, starts
}

// close ends the watch; what is waited for stays in the spool.
func (d *deadlines) close(ctx context.Context) error {
	d.cancel()
	select {
	case <-d.ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("provider %s: deadlines: %w", d.p.identity.Name, ctx.Err())
	}
}
