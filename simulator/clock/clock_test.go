package clock_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
)

var start = time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)

func fired(c <-chan time.Time) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestOffsetAdvances(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.NewOffset(start)
		twelve, day := c.After(12*time.Hour), c.After(24*time.Hour)
		c.Advance(12*time.Hour - time.Second)
		if fired(twelve) || fired(day) {
			t.Error("fired too early")
		}
		if due, ok := c.NextDue(); !ok || !due.Equal(start.Add(12*time.Hour)) {
			t.Errorf("next due %v, %v", due, ok)
		}
		c.Advance(time.Second)
		if !fired(twelve) || fired(day) {
			t.Error("after 12 hours the first fires, and only the first")
		}
		if now := c.Now(); !now.Equal(start.Add(12 * time.Hour)) {
			t.Errorf("now %v", now)
		}
		c.Advance(-time.Hour)
		if now := c.Now(); now.Before(start.Add(12 * time.Hour)) {
			t.Error("legal time went back")
		}
	})
}

func TestOffsetTicks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.NewOffset(start)
		hour := c.After(time.Hour)
		c.Advance(30 * time.Minute)
		time.Sleep(29 * time.Minute)
		synctest.Wait()
		if fired(hour) {
			t.Error("fired before the hour")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if !fired(hour) {
			t.Error("half advanced and half ticked, an hour did not fire")
		}
		if _, ok := c.NextDue(); ok {
			t.Error("something is still waited for")
		}
		if !fired(c.After(0)) || !fired(c.After(-time.Second)) {
			t.Error("what is due at once does not fire at once")
		}
	})
}

func TestOffsetFiresOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.NewOffset(start)
		w := c.After(time.Hour)
		c.Advance(time.Hour)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if !fired(w) || fired(w) {
			t.Error("expected one firing")
		}
	})
}

func TestSystem(t *testing.T) {
	t.Parallel()
	c := clock.System()
	before := time.Now()
	if now := c.Now(); now.Before(before) || now.Sub(before) > time.Minute {
		t.Errorf("now %v", now)
	}
	<-c.After(time.Nanosecond)
}

func TestLegal(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{
		"2026-03-29T00:59:59.9Z": "2026-03-29 01:59:59 +0100",
		"2026-03-29T01:00:00Z":   "2026-03-29 03:00:00 +0200",
		"2026-10-25T00:30:00Z":   "2026-10-25 02:30:00 +0200",
		"2026-10-25T01:30:00Z":   "2026-10-25 02:30:00 +0100",
	} {
		parsed, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := clock.Legal(parsed).Format("2006-01-02 15:04:05 -0700"); got != want {
			t.Errorf("%s is legally %s, want %s", at, got, want)
		}
	}
}
