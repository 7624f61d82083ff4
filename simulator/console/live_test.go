package console

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/simulator/events"
)

// follow reads the stream of a console until so many events have come.
func follow(t *testing.T, url, last string, n int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var got []string
	name, id := "", ""
	for s := bufio.NewScanner(answer.Body); len(got) < n && s.Scan(); {
		field, value, _ := strings.Cut(s.Text(), ": ")
		switch field {
		case "id":
			id = value
		case "event":
			name = value
		case "data":
			got = append(got, name+" "+id+" "+value)
		}
	}
	return got
}

func TestLive(t *testing.T) {
	t.Parallel()
	record := events.NewRecord(2)
	s, err := Start(Options{World: newFake(t), Events: record})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	record.Add(events.Event{Type: events.Message, Subject: "<script>"})
	record.Add(events.Event{Type: events.Log})
	record.Add(events.Event{Type: events.Log})
	for _, tt := range []struct {
		name, query, last string
		want              []string
	}{
		{"from a cursor", "?after=0", "", []string{"hello 0 {}", `happened 3 ["message","log"]`}},
		{"after a break", "?after=0", "2", []string{"hello 2 {}", `happened 3 ["log"]`}},
		{"from now, whatever is asked", "?after=99", "x", []string{"hello 3 {}"}},
	} {
		if diff := cmp.Diff(tt.want, follow(t, s.URL()+"live"+tt.query, tt.last, len(tt.want))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	for range 8 {
		record.Add(events.Event{Type: events.Clock})
	}
	if diff := cmp.Diff([]string{"hello 1 {}", "gone 11 {}"}, follow(t, s.URL()+"live", "1", 2)); diff != "" {
		t.Errorf("what is gone (-want +got):\n%s", diff)
	}
}

func TestStartNeedsAWorld(t *testing.T) {
	t.Parallel()
	if _, err := Start(Options{}); err == nil {
		t.Error("a console starts with nothing to show")
	}
	if _, err := Start(Options{Address: "0.0.0.0:0", World: newFake(t), Events: events.NewRecord(0)}); err == nil {
		t.Error("a console listens on more than loopback")
	}
}
