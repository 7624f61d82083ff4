package listen

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"
)

// Activity tells whether work is under way, in a way that several components
// can be asked one after the other and still be believed together: besides the
// number of things under way it counts every start, so that two equal readings
// of all components with nothing under way mean that nothing moved in between.
// The zero value is ready. Safe for concurrent use.
type Activity struct {
	under  atomic.Int64
	starts atomic.Int64
}

// Begin notes that a piece of work is under way; the function returned, called
// once, notes its end.
func (a *Activity) Begin() (end func()) {
	a.starts.Add(1)
	a.under.Add(1)
	var done atomic.Bool
	return func() {
		if done.CompareAndSwap(false, true) {
			a.under.Add(-1)
		}
	}
}

// Reading returns how much is under way and how much ever began.
func (a *Activity) Reading() (under, starts int64) { return a.under.Load(), a.starts.Load() }

// Quiet waits until two readings in a row find nothing under way and nothing
// begun in between, or until the context ends. read returns the sums over all
// components. Most waits are for goroutines that are ready to run, so they are
// let run a few times before any time is slept away.
func Quiet(ctx context.Context, read func() (under, starts int64)) error {
	const yields = 100
	const shortest, longest = 500 * time.Microsecond, 5 * time.Millisecond
	timer := time.NewTimer(0)
	defer timer.Stop()
	previous, wait := int64(-1), shortest
	for tries := 0; ; tries++ {
		under, starts := read()
		if under == 0 && starts == previous {
			return nil
		}
		if under == 0 {
			previous = starts
			continue
		}
		previous = -1
		if tries < yields && ctx.Err() == nil {
			runtime.Gosched()
			continue
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
		wait = min(wait*2, longest)
	}
}
