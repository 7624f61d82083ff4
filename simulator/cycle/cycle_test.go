package cycle_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/cycle"
	"github.com/collaudo/collaudo/simulator/listen"
)

func settle(t *testing.T, c *cycle.Cycle) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := listen.Quiet(ctx, c.Reading); err != nil {
		t.Fatal(err)
	}
}

// Steps go from one due run to the next, as an advance of the world does.
func pass(t *testing.T, o *clock.Offset, c *cycle.Cycle, d time.Duration) {
	t.Helper()
	target := o.Now().Add(d)
	for {
		settle(t, c)
		now := o.Now()
		if !now.Before(target) {
			return
		}
		step := target.Sub(now)
		if due, any := o.NextDue(); any && due.Before(target) {
			step = max(due.Sub(now), time.Millisecond)
		}
		o.Advance(step)
	}
}

func TestCycle(t *testing.T) {
	t.Parallel()
	offset := clock.NewOffset(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	var runs, news atomic.Int64
	c := cycle.Start(cycle.Options{
		Clock: offset, First: time.Hour, Every: 6 * time.Hour, Seldom: 20 * time.Hour, Patience: 3,
		Do: func(context.Context) bool { runs.Add(1); return news.Swap(0) > 0 },
	})
	for _, step := range []struct {
		by   time.Duration
		want int64
		news int64
	}{
		{30 * time.Minute, 0, 0},
		{time.Hour, 1, 0},
		{6 * time.Hour, 2, 0},
		{6 * time.Hour, 3, 0},
		{19 * time.Hour, 3, 0},
		{2 * time.Hour, 4, 1},
		{6 * time.Hour, 5, 0},
	} {
		news.Store(step.news)
		pass(t, offset, c, step.by)
		if got := runs.Load(); got != step.want {
			t.Fatalf("after %v more: %d runs, want %d", step.by, got, step.want)
		}
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
	offset.Advance(48 * time.Hour)
	if got := runs.Load(); got != 5 {
		t.Errorf("%d runs after the end", got)
	}
}

func TestCloseEndsARun(t *testing.T) {
	t.Parallel()
	began := make(chan struct{})
	c := cycle.Start(cycle.Options{
		Clock: clock.System(), Every: time.Millisecond,
		Do: func(ctx context.Context) bool { close(began); <-ctx.Done(); return false },
	})
	<-began
	if under, starts := c.Reading(); under == 0 || starts != 1 {
		t.Errorf("a run under way: %d under way, %d begun", under, starts)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
	var none *cycle.Cycle
	if under, starts := none.Reading(); under != 0 || starts != 0 || none.Close(t.Context()) != nil {
		t.Error("a cycle that was never started does something")
	}
}
