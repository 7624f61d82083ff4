package steps

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
)

func TestEachMessageIsTakenOnceAndUnaltered(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	first := "From: \"Per conto di: x\" <posta-certificata@gestore.borea.example>\r\nX-Trasporto: errore\r\n\r\n.a \xe9\xff\r\n  \r\n\r\nend"
	put(t, s.users["bruno@borea.example"], first)
	put(t, s.users["elena@posta.example"], "From: someone@altrove.example\r\n\r\nordinary\r\n")
	s.journal = []evidence.JournalEntry{{Event: "acceptance"}}
	if err := s.world.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.world.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	put(t, s.users["bruno@borea.example"], "From: posta-certificata@gestore.aurora.example\r\n\r\nsecond\r\n")
	s.journal = append(s.journal, evidence.JournalEntry{Event: "envelope"})
	s.world.disturbed()
	if err := s.world.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := s.close()
	var seen []string
	for _, m := range c.Messages {
		seen = append(seen, fmt.Sprintf("%s %s %s %s", m.ID, m.Mailbox, m.Emitter, m.Via))
	}
	want := []string{"m1 bruno@borea.example target imap", "m2 elena@posta.example third-party imap", "m3 bruno@borea.example target imap"}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	octets, err := c.Blob(c.Messages[0].Blob)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, string(octets)); diff != "" {
		t.Errorf("octets (-want +got):\n%s", diff)
	}
	if !c.Messages[0].Delivered.Equal(testNow()) {
		t.Errorf("delivered %v, want the internal date %v", c.Messages[0].Delivered, testNow())
	}
	var events []string
	for _, e := range c.Journal {
		events = append(events, e.Provider+" "+e.Event)
	}
	if diff := cmp.Diff([]string{"Aurora acceptance", "Aurora envelope"}, events); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
	if len(c.Quarantine) != 1 || len(c.Trust) != 2 || !c.HasJournal || c.HasRelay || !c.Settled {
		t.Errorf("quarantine %d, trust %d, journal %v, relay %v, settled %v", len(c.Quarantine), len(c.Trust), c.HasJournal, c.HasRelay, c.Settled)
	}
}

func TestWithoutAdapterTheHarnessWaitsForQuiet(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	s.world.target.WhiteBox.URL = ""
	s.world.options.Patience = Patience{Settle: 5 * time.Second, Quiet: 300 * time.Millisecond}
	put(t, s.users["bruno@borea.example"], "From: a@b.example\r\n\r\nx\r\n")
	if err := s.world.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := s.close(); len(c.Messages) != 1 || !c.Settled || c.HasJournal {
		t.Errorf("%d messages, settled %v, journal %v", len(c.Messages), c.Settled, c.HasJournal)
	}
}

func TestATargetThatNeverSettlesIsNotSettled(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/idle" {
			time.Sleep(20 * time.Millisecond)
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		http.NotFound(rw, r)
	}))
	defer server.Close()
	s.world.target.WhiteBox.URL = server.URL
	s.world.options.Patience.Settle = 100 * time.Millisecond
	if err := s.world.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.close().Settled {
		t.Error("the evidence says settled")
	}
}

func TestFinishEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.world.Finish(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

func TestThenBeforeWhenIsAnError(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	if err := s.world.expectAccepted(t.Context()); err == nil {
		t.Error("an expectation about nothing was recorded")
	}
	if err := s.world.expectProbe(t.Context(), "refused"); err == nil {
		t.Error("an expectation about no probe was recorded")
	}
	if err := s.world.expect("invented", "", nil); err == nil {
		t.Error("a check outside the closed list was recorded")
	}
}
