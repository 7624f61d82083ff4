// Package cycle repeats a piece of work on the legal clock, such as the daily
// copy of the providers directory (RFC 6109 4.5).
//
// It is not a scheduler of several things, and it does not know what the work
// is: only whether it brought news.
package cycle

import (
	"context"
	"sync"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/listen"
)

// Options of a cycle.
type Options struct {
	Clock clock.Clock
	First time.Duration // of legal time from the start to the first run; default Every
	Every time.Duration // between runs
	// Seldom is the time between runs once nothing has been new for Patience of
	// them; zero means Every. So a year that is passed over in a moment costs
	// little.
	Seldom   time.Duration
	Patience int
	// Do is one run. It reports whether it brought anything new, and ends early
	// when the context does.
	Do func(ctx context.Context) (news bool)
}

// Cycle is running work. A nil Cycle never does anything.
type Cycle struct {
	o        Options
	activity listen.Activity
	cancel   context.CancelFunc
	ended    chan struct{}

	mu  sync.Mutex
	due time.Time // of the next run
}

// Start begins to wait for the first run. Close ends it.
func Start(o Options) *Cycle {
	if o.First <= 0 {
		o.First = o.Every
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &Cycle{o: o, cancel: cancel, ended: make(chan struct{})}
	go c.run(ctx, c.plan(o.First))
	return c
}

// plan notes when the next run is due before it starts to wait, so that who
// asks in between finds either. Runs begin on the minute: cycles with the same
// period are due at the same instant, and are passed over in one step.
func (c *Cycle) plan(in time.Duration) <-chan time.Time {
	now := c.o.Clock.Now()
	due := now.Add(in)
	if whole := due.Truncate(time.Minute); in >= time.Minute && whole.Before(due) {
		due = whole.Add(time.Minute)
	}
	c.mu.Lock()
	c.due = due
	c.mu.Unlock()
	return c.o.Clock.After(due.Sub(now))
}

func (c *Cycle) run(ctx context.Context, next <-chan time.Time) {
	defer close(c.ended)
	idle := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-next:
		}
		end := c.activity.Begin()
		if idle++; c.o.Do(ctx) {
			idle = 0
		}
		wait := c.o.Every
		if c.o.Seldom > 0 && idle >= c.o.Patience {
			wait = c.o.Seldom
		}
		next = c.plan(wait)
		end()
	}
}

// Reading tells how much is under way, a run that is due and has not begun
// included, and how many ever began; see listen.Activity.
func (c *Cycle) Reading() (under, starts int64) {
	if c == nil {
		return 0, 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	under, starts = c.activity.Reading()
	if !c.due.After(c.o.Clock.Now()) {
		under++
	}
	return under, starts
}

// Close ends the waiting and a run under way. It returns when the work has
// ended, or when the context has.
func (c *Cycle) Close(ctx context.Context) error {
	if c == nil {
		return nil
	}
	c.cancel()
	select {
	case <-c.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
