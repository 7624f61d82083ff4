// Package clock is the one clock of a simulated world: legal time comes from
// here and from nowhere else (one instant per elaboration, RFC 6109 4.1).
//
// It is not a scheduler: it says what time it is and when a time has come. The
// budget of a network read is a matter of contexts and deadlines, not of this.
package clock

import (
	"sync"
	"time"

	"github.com/collaudo/collaudo/pec"
)

// Clock tells legal time.
type Clock interface {
	// Now is the present legal instant.
	Now() time.Time
	// After gives a channel that receives once, when d of legal time has passed.
	// A d of zero or less fires at once. The channel is buffered: nobody has to
	// be listening at that moment.
	After(d time.Duration) <-chan time.Time
}

// Legal is the instant as Italian law counts it: Europe/Rome, whole seconds,
// which is the finest that messages of certified mail can state.
func Legal(at time.Time) time.Time {
	return at.In(pec.Zone()).Truncate(time.Second)
}

// System is the clock of the machine.
func System() Clock { return system{} }

type system struct{}

func (system) Now() time.Time                         { return time.Now() }
func (system) After(d time.Duration) <-chan time.Time { return time.After(d) }

// Offset is a clock that ticks with real time from a chosen start and can be
// advanced, so that twelve hours pass in a moment. It never goes backwards.
type Offset struct {
	mutex   sync.Mutex
	start   time.Time     // legal time at the beginning
	began   time.Time     // real time at the beginning, with its monotonic reading
	moved   time.Duration // what Advance added
	waiting map[*waiter]struct{}
	moving  func(moved time.Duration) // see Moving
}

type waiter struct {
	due   time.Time
	fired chan time.Time
	timer *time.Timer
}

// NewOffset starts a clock that shows start now.
func NewOffset(start time.Time) *Offset {
	return &Offset{start: start.Round(0), began: time.Now(), waiting: map[*waiter]struct{}{}}
}

// Now is the legal instant: the start, plus real time gone, plus what was
// advanced.
func (o *Offset) Now() time.Time {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.now()
}

func (o *Offset) now() time.Time {
	return o.start.Add(time.Since(o.began) + o.moved)
}

// After fires when legal time has gone on by d, by ticking or by Advance.
func (o *Offset) After(d time.Duration) <-chan time.Time {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	fired := make(chan time.Time, 1)
	now := o.now()
	if d <= 0 {
		fired <- now
		return fired
	}
	w := &waiter{due: now.Add(d), fired: fired}
	o.waiting[w] = struct{}{}
	w.timer = time.AfterFunc(d, func() { o.expire(w) })
	return fired
}

// expire is called by the real timer. An Advance may have fired the waiter
// before, which is why membership decides.
func (o *Offset) expire(w *waiter) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if _, still := o.waiting[w]; !still {
		return
	}
	delete(o.waiting, w)
	w.fired <- o.now()
}

// Advance moves legal time on by d and fires what has become due, earliest
// first. A negative d is ignored: legal time does not go back.
func (o *Offset) Advance(d time.Duration) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if d < 0 {
		return
	}
	o.moved += d
	if o.moving != nil {
		o.moving(o.moved)
	}
	now := o.now()
	for {
		var next *waiter
		for w := range o.waiting {
			if !w.due.After(now) && (next == nil || w.due.Before(next.due)) {
				next = w
			}
		}
		if next == nil {
			break
		}
		next.timer.Stop()
		delete(o.waiting, next)
		next.fired <- now
	}
	for w := range o.waiting {
		w.timer.Reset(w.due.Sub(now))
	}
}

// Moving has f called at every Advance with all that was added since the start,
// before anything that has become due is told. f must not use the clock. It
// replaces an earlier one.
func (o *Offset) Moving(f func(moved time.Duration)) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.moving = f
}

// NextDue is the legal instant of the earliest thing waited for; ok is false
// when nothing is. A stepped advance goes from one to the next.
func (o *Offset) NextDue() (due time.Time, ok bool) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	for w := range o.waiting {
		if !ok || w.due.Before(due) {
			due, ok = w.due, true
		}
	}
	return due, ok
}
