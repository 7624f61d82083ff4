package history

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func record(o Options) *Record {
	o.Now = func() time.Time { return time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC) }
	return NewRecord(o)
}

func TestListGetClear(t *testing.T) {
	t.Parallel()
	var ended []int64
	r := record(Options{Ended: func(s Session) { ended = append(ended, s.ID) }})
	smtp := r.Open(Opening{Host: "Aurora", Protocol: "smtp", Service: "submission-tls", Peer: "127.0.0.1:1"})
	imap := r.Open(Opening{Host: "Borea", Protocol: "imap"})
	smtp.Account("anna@aurora.example")
	smtp.Secured(0x0304)
	smtp.Line(Client, "EHLO\tpc\x00\xff\u202e")
	smtp.Octets(Client, []byte("ciao"))
	smtp.Close()
	smtp.Close()
	for _, tt := range []struct {
		name string
		f    Filter
		want int
	}{
		{"all", Filter{}, 2},
		{"after", Filter{After: 1}, 1},
		{"host", Filter{Host: "aurora"}, 1},
		{"protocol", Filter{Protocol: "IMAP"}, 1},
		{"account", Filter{Account: "Anna@aurora.example"}, 1},
		{"nobody", Filter{Account: "x"}, 0},
		{"limit", Filter{Limit: 1}, 1},
	} {
		if got := r.List(tt.f); len(got) != tt.want {
			t.Errorf("%s: %d sessions, want %d", tt.name, len(got), tt.want)
		}
	}
	s, ok := r.Get(1)
	want := []string{`c EHLO\x09pc\x00\xff\xe2\x80\xae`, "c " + Named(Hash([]byte("ciao")), 4)}
	if diff := cmp.Diff(want, said(s)); diff != "" || !ok || !s.TLS || s.TLSVersion != "TLS 1.3" || s.Ended.IsZero() {
		t.Errorf("session %+v, lines (-want +got):\n%s", s, diff)
	}
	if diff := cmp.Diff([]int64{1}, ended); diff != "" {
		t.Errorf("ended (-want +got):\n%s", diff)
	}
	r.Clear()
	if got := r.List(Filter{}); len(got) != 1 || got[0].ID != 2 || r.Last() != 2 {
		t.Errorf("after Clear: %+v, want the session that goes on", got)
	}
	imap.Close()
}

func TestBounds(t *testing.T) {
	t.Parallel()
	r := record(Options{Sessions: 3, Bytes: 1 << 16, Lines: 20})
	for range 5 {
		r.Open(Opening{}).Close()
	}
	if got := r.List(Filter{}); len(got) != 3 || got[0].ID != 3 {
		t.Errorf("%d sessions from %d, want 3 from 3", len(got), got[0].ID)
	}
	w := r.Open(Opening{})
	for i := range 1000 {
		w.Line(Client, strings.Repeat("x", i*10))
	}
	s, _ := r.Get(6)
	if len(s.Lines) > 20 || s.Lines[0].Text != "" || s.Lines[1].Text != "xxxxxxxxxx" || !s.Truncated {
		t.Errorf("%d lines, truncated %v; want the first ones and at most 20", len(s.Lines), s.Truncated)
	}
	if last := s.Lines[len(s.Lines)-1].Text; len(last) > maxText+len("…") {
		t.Errorf("a line of %d octets was kept", len(last))
	}
	var most int64
	for range 200 { // many sessions with something in them
		w := r.Open(Opening{})
		w.Line(Client, strings.Repeat("y", 2000))
		r.mu.Lock()
		most = max(most, r.bytes)
		r.mu.Unlock()
	}
	if most > 1<<16 {
		t.Errorf("the record took %d bytes, the limit is %d", most, 1<<16)
	}
}

// Whoever keeps no history passes nil around.
func TestNothingKept(t *testing.T) {
	t.Parallel()
	var r *Record
	w := r.Open(Opening{})
	w.Line(Client, "x")
	w.Message(Client, "x", 1)
	w.Account("x")
	w.Secured(1)
	w.Count(1, 1)
	w.Close()
	r.Clear()
	if _, ok := r.Get(1); ok || len(r.List(Filter{})) != 0 || r.Last() != 0 {
		t.Error("a nil record holds something")
	}
}
