package client_test

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/simulator/history"
)

func driveHistory(t *testing.T, w *world) {
	t.Helper()
	w.send(t, bruno, "Parole")
	w.settle(t)
	page, err := w.History(t.Context(), history.Filter{Host: "gestore.aurora.example", Protocol: "smtp", Account: anna})
	if err != nil || len(page.Sessions) == 0 {
		t.Fatalf("history: %+v, %v: want Anna's session", page, err)
	}
	last := page.Sessions[len(page.Sessions)-1]
	s, err := w.Session(t.Context(), last.ID)
	if err != nil || s.Account != anna || len(s.Messages) != 1 {
		t.Fatalf("session %d: %+v, %v: want Anna's, with one message", last.ID, s, err)
	}
	if said := strings.Join(texts(s), "\n"); !strings.Contains(said, "RCPT TO:<"+bruno+">") || strings.Contains(said, "segreto-") {
		t.Errorf("lines without the recipient, or with a password:\n%s", said)
	}
	if err := w.ClearHistory(t.Context()); err != nil {
		t.Error(err)
	}
	if page, err := w.History(t.Context(), history.Filter{Account: anna}); err != nil || len(page.Sessions) != 0 {
		t.Errorf("history after it was cleared: %+v, %v", page, err)
	}
}

func texts(s history.Session) []string {
	var all []string
	for _, l := range s.Lines {
		all = append(all, l.Text)
	}
	return all
}
