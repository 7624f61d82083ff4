package journal

import (
	"sync"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/store"
	"github.com/google/go-cmp/cmp"
)

// bench is a journal on a clock that stands still until it is moved.
type bench struct {
	*Journal
	now   time.Time
	store *store.Memory
}

var start = time.Date(2026, 3, 28, 9, 0, 0, 0, time.UTC) // the day before summer time begins

func open(t *testing.T, change ...func(*Options)) *bench {
	t.Helper()
	b := &bench{now: start, store: store.NewMemory(0)}
	b.reopen(t, change...)
	return b
}

func (b *bench) reopen(t *testing.T, change ...func(*Options)) {
	t.Helper()
	o := Options{Provider: "Prova", Ledgers: b.store, Now: func() time.Time { return b.now }}
	for _, f := range change {
		f(&o)
	}
	var err error
	if b.Journal, err = Open(o); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) add(t *testing.T, event string) {
	t.Helper()
	if err := b.Append(Entry{At: b.now, Event: event}); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) events(t *testing.T) []string {
	t.Helper()
	entries, err := b.Entries()
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, e := range entries {
		events = append(events, e.Event)
	}
	return events
}

func TestAppendOnly(t *testing.T) {
	t.Parallel()
	j := open(t)
	recipients := []string{"b@y.example"}
	if err := j.Append(Entry{At: start.Add(500 * time.Millisecond), Event: Acceptance, Recipients: recipients}); err != nil {
		t.Fatal(err)
	}
	recipients[0] = "altered@y.example"
	entries, err := j.Entries()
	if err != nil {
		t.Fatal(err)
	}
	if got := entries[0].Recipients[0]; got != "b@y.example" {
		t.Errorf("a line was altered from outside: %s", got)
	}
	if got := entries[0].At.Format(time.RFC3339Nano); got != "2026-03-28T10:00:00+01:00" {
		t.Errorf("instant %s, want legal time to the second", got)
	}
	var writers sync.WaitGroup
	for range 10 {
		writers.Add(1)
		go func() {
			defer writers.Done()
			if err := j.Append(Entry{Event: Delivery}); err != nil {
				t.Error(err)
			}
		}()
	}
	writers.Wait()
	if got := len(j.events(t)); got != 11 {
		t.Errorf("%d lines, want 11", got)
	}
}

// A line is there to its last day, and the log goes on after a restart.
func TestKeptThirtyMonths(t *testing.T) {
	t.Parallel()
	j := open(t)
	j.add(t, "first")
	j.now = start.AddDate(0, 29, 0)
	j.add(t, "second")
	tests := []struct {
		at   time.Time
		want []string
	}{
		{start.AddDate(0, 30, -1), []string{"first", "second"}},
		{start.AddDate(0, 30, 0).Add(-time.Hour), []string{"first", "second"}},
		{start.AddDate(0, 30, 1), []string{"second"}},
		{start.AddDate(0, 59, 1), nil},
	}
	for _, tt := range tests {
		j.now = tt.at
		for range 2 {
			if diff := cmp.Diff(tt.want, j.events(t)); diff != "" {
				t.Errorf("at %v (-want +got):\n%s", tt.at, diff)
			}
			j.reopen(t)
		}
	}
	j.add(t, "third")
	if diff := cmp.Diff([]string{"third"}, j.events(t)); diff != "" {
		t.Errorf("after all (-want +got):\n%s", diff)
	}
}
