package events

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func subjects(list []Event) []string {
	out := []string{}
	for _, e := range list {
		out = append(out, e.Subject)
	}
	return out
}

func TestAfter(t *testing.T) {
	t.Parallel()
	r := NewRecord(2)
	for _, s := range []string{"uno", "due", "tre", "quattro", "cinque"} {
		r.Add(Event{Type: Message, Subject: s, MessageID: "<" + s + "@x.example>"})
	}
	for _, tt := range []struct {
		name   string
		cursor int64
		filter Filter
		limit  int
		want   []string
		next   int64
		gone   bool
	}{
		{"all that is kept", 2, Filter{}, 0, []string{"tre", "quattro", "cinque"}, 5, false},
		{"some of it", 2, Filter{}, 2, []string{"tre", "quattro"}, 4, false},
		{"by a part of the subject", 2, Filter{Subject: "QUATT"}, 0, []string{"quattro"}, 5, false},
		{"by identifier", 2, Filter{Reference: "cinque@x.example"}, 0, []string{"cinque"}, 5, false},
		{"none of that type", 2, Filter{Type: Clock}, 0, []string{}, 5, false},
		{"nothing new", 5, Filter{}, 0, []string{}, 5, false},
		{"gone", 0, Filter{}, 0, []string{}, 0, true},
	} {
		list, next, err := r.After(tt.cursor, tt.filter, tt.limit)
		var gone *GoneError
		if errors.As(err, &gone) != tt.gone || err != nil && !tt.gone {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, subjects(list)); diff != "" || next != tt.next {
			t.Errorf("%s: next %d, want %d; subjects (-want +got):\n%s", tt.name, next, tt.next, diff)
		}
	}
	if _, _, err := r.After(6, Filter{}, 0); err == nil {
		t.Error("a cursor that was never given out is taken")
	}
}

// Nobody who goes on from the cursor that he was given misses an event, however
// many are written meanwhile.
func TestWaitMissesNothing(t *testing.T) {
	t.Parallel()
	const writers, each = 4, 250
	r := NewRecord(0)
	var wg sync.WaitGroup
	for range writers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range each {
				r.Add(Event{Type: Log})
			}
		}()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var cursor int64
	seen := int64(0)
	for seen < writers*each {
		list, next, err := r.Wait(ctx, cursor, Filter{Type: Log}, 7)
		if err != nil || len(list) == 0 {
			t.Fatalf("after %d events: %d more, %v", seen, len(list), err)
		}
		for _, e := range list {
			if seen++; e.Cursor != seen {
				t.Fatalf("event %d has cursor %d", seen, e.Cursor)
			}
		}
		cursor = next
	}
	wg.Wait()
	short, stop := context.WithTimeout(context.Background(), time.Millisecond)
	defer stop()
	if list, next, err := r.Wait(short, cursor, Filter{}, 0); err != nil || len(list) != 0 || next != cursor {
		t.Errorf("nothing more: %v, %d, %v", list, next, err)
	}
}
