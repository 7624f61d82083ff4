package simulator

import (
	"context"
	"fmt"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/control"
)

// ErrClock says that the world's clock cannot be advanced: it shows real time.
var ErrClock = control.ErrClock

// Now is the legal instant.
func (w *World) Now() time.Time { return w.config.Clock.Now() }

// Steppable tells whether the clock can be advanced.
func (w *World) Steppable() bool {
	_, ok := w.config.Clock.(*clock.Offset)
	return ok
}

// Advance moves legal time on. What falls due on the way happens in order, each
// at its own time, and everything has settled when it returns.
func (w *World) Advance(ctx context.Context, d time.Duration) error {
	offset, ok := w.config.Clock.(*clock.Offset)
	if !ok {
		return ErrClock
	}
	if d < 0 {
		return fmt.Errorf("advance by %v: legal time does not go back", d)
	}
	w.advancing.Lock()
	defer w.advancing.Unlock()
	target := offset.Now().Add(d)
	for {
		if err := w.quiet(ctx, 0); err != nil {
			return err
		}
		now := offset.Now()
		if !now.Before(target) {
			w.moved(d)
			return nil
		}
		step := target.Sub(now)
		if due, any := offset.NextDue(); any && due.Before(target) {
			step = max(due.Sub(now), time.Millisecond)
		}
		offset.Advance(step)
	}
}
