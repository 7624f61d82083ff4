package simulator_test

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/events"
	"github.com/collaudo/collaudo/simulator/history"
)

// What a client did is in the history, and what the providers said to each other;
// the control API shows it, and the end of a session is an event.
func TestHistoryOfAnExchange(t *testing.T) {
	t.Parallel()
	w := start(t)
	m := mail{from: "anna@aurora.example", to: []string{"bruno@borea.example"}, subject: "storia"}
	if err := w.submit(t, m); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := w.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	happened, _, err := w.Events().Wait(ctx, 0, events.Filter{Type: events.Session, Mailbox: "anna@aurora.example"}, 1)
	if err != nil || len(happened) != 1 {
		t.Fatalf("%d events of sessions, %v; want one", len(happened), err)
	}
	var s history.Session
	if code := w.ask(t, http.MethodGet, "/v1/history/"+happened[0].Detail, "", &s); code != http.StatusOK {
		t.Fatalf("GET /v1/history/%s: %d", happened[0].Detail, code)
	}
	hash := history.Hash(m.octets())
	if s.Service != "submission-tls" || s.Host != "Aurora PEC S.p.A." || !s.TLS || !slices.Equal(s.Messages, []string{hash}) || happened[0].SHA256 != hash {
		t.Errorf("session %+v, event %+v", s, happened[0])
	}
	var text []string
	for _, l := range s.Lines {
		text = append(text, l.From+" "+l.Text)
	}
	for _, want := range []string{"client AUTH PLAIN [removed]", "client MAIL FROM:<anna@aurora.example> BODY=8BITMIME", "client RCPT TO:<bruno@borea.example>", "client " + history.Named(hash, int64(len(m.octets())))} {
		if !slices.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, strings.Join(text, "\n"))
		}
	}
	// Aurora's outgoing session and Borea's incoming one tell of the same envelope.
	for _, tt := range []struct{ host, service string }{{"gestore.aurora.example", "outgoing"}, {"gestore.borea.example", "incoming"}} {
		var page control.HistoryPage
		w.ask(t, http.MethodGet, "/v1/history?protocol=SMTP&host="+tt.host, "", &page)
		i := slices.IndexFunc(page.Sessions, func(s history.Session) bool { return s.Service == tt.service && s.TLS && len(s.Messages) > 0 })
		if i < 0 {
			t.Errorf("no session %s of %s with a message: %+v", tt.service, tt.host, page.Sessions)
			continue
		}
		if page.Next != page.Sessions[len(page.Sessions)-1].ID || page.Sessions[0].Lines != nil {
			t.Errorf("page of %s: next %d, %+v", tt.host, page.Next, page.Sessions)
		}
		if _, err := w.Message(page.Sessions[i].Messages[0]); err != nil {
			t.Errorf("the envelope that %s tells of is in no mailbox: %v", tt.service, err)
		}
	}
	for path, want := range map[string]int{
		"/v1/history/x": http.StatusBadRequest, "/v1/history/999999": http.StatusNotFound,
		"/v1/history?limit=0": http.StatusBadRequest, "/v1/history?who=x": http.StatusBadRequest,
		"/v1/history?after=" + strconv.FormatInt(w.History().Last(), 10): http.StatusOK,
	} {
		if code := w.ask(t, http.MethodGet, path, "", nil); code != want {
			t.Errorf("GET %s: %d, want %d", path, code, want)
		}
	}
	if code := w.ask(t, http.MethodDelete, "/v1/history", "", nil); code != http.StatusNoContent {
		t.Errorf("DELETE /v1/history: %d", code)
	}
	if _, ok := w.History().Get(s.ID); ok {
		t.Error("a session that had ended is still there")
	}
}
