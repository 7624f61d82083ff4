package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/simulator/journal"
)

func holds(t *testing.T, page string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestEmptyWorld(t *testing.T) {
	t.Parallel()
	h := newFake(t).console(t, nil)
	holds(t, get(h, "/").Body.String(), "Nothing has moved yet", "--server 127.0.0.1:2465", "--to bruno@borea.example", `lang="en"`)
	holds(t, get(h, "/?lang=it").Body.String(), "Non si è ancora mosso nulla", `lang="it"`, `href="/?lang=en"`)
	holds(t, get(h, "/transcripts").Body.String(), "No session yet")
	holds(t, get(h, "/log").Body.String(), "No line matches")
	holds(t, get(h, "/mailboxes/"+anna).Body.String(), "This mailbox is empty")
	if got := get(h, "/mailboxes?lang=it").Header().Get("Set-Cookie"); !strings.HasPrefix(got, "language=it;") || !strings.Contains(got, "SameSite=Strict") {
		t.Errorf("the chosen language is kept as %q", got)
	}
}

func TestMailboxes(t *testing.T) {
	t.Parallel()
	w := newFake(t)
	sha := w.put(t, bruno, envelope)
	holds(t, get(w.console(t, nil), "/mailboxes/"+bruno).Body.String(), "POSTA CERTIFICATA: Ciao", "/messages/"+sha, "Transport envelope", "1 message")
}

func TestLogSearch(t *testing.T) {
	t.Parallel()
	w := newFake(t)
	w.said(aurora, 0, journal.Acceptance, anna, []string{bruno}, "", "<a@aurora>")
	w.said(borea, 90000, journal.Delivery, anna, []string{bruno}, "Prova-Dettaglio", "<d@borea>")
	h := w.console(t, nil)
	for query, want := range map[string]int{
		"": 2, "address=BRUNO": 2, "address=anna&party=bruno": 2, "address=nobody": 0, "id=%3Cd@borea%3E": 1, "id=pec1@gestore.aurora.example": 2,
		"event=delivery": 1, "provider=" + url.QueryEscape(borea): 1, "from=2026-11-22": 1, "to=2026-11-21": 1, "from=2026-11-23": 0, "from=x": 2,
	} {
		page := get(h, "/log?"+query).Body.String()
		if got := strings.Count(page, `<td class="nowrap"><span class="kind`); got != want {
			t.Errorf("%q finds %d lines, want %d", query, got, want)
		}
	}
}

func TestTranscripts(t *testing.T) {
	t.Parallel()
	w := newFake(t)
	sha := w.put(t, bruno, envelope)
	w.sessions = []Session{{
		ID: 4, Host: aurora, Protocol: "smtp", Service: "submission-tls", TLS: "TLS 1.3", Account: anna, Began: noon, Ended: noon,
		Lines: []Line{{noon, "server", "220 ready"}, {noon, "client", "EHLO <script>"}}, Messages: []string{sha, strings.Repeat("0", 64)}, BytesIn: 2048,
	}}
	h := w.console(t, nil)
	holds(t, get(h, "/transcripts").Body.String(), `href="/transcripts/4"`, "TLS 1.3", anna, "2.0 KB")
	page := get(h, "/transcripts/4").Body.String()
	holds(t, page, "220 ready", "EHLO &lt;script&gt;", "/messages/"+sha)
	if strings.Contains(page, "/messages/0000") {
		t.Error("a message that nobody keeps is linked")
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	w := newFake(t)
	h := w.console(t, nil)
	holds(t, get(h, "/faults").Body.String(), "All providers behave", "lost-receipt", "Loses the receipt")
	form := url.Values{"fault": {"lost-receipt"}, "provider": {"gestore.borea.example"}, "recipient": {bruno}, "skip": {"1"}, "times": {"2"}, "back": {"/faults"}}
	if got := post(h, "/faults/on", form); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/faults?done=done.on" {
		t.Errorf("switching on answers %d, %s", got.Code, got.Header().Get("Location"))
	}
	want := []Rule{{ID: "1", Fault: "lost-receipt", Provider: "gestore.borea.example", Recipient: bruno, Skip: 1, Times: 2}}
	if diff := cmp.Diff(want, w.Rules()); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	for _, wrong := range []url.Values{{}, {"fault": {"x"}, "times": {"-1"}}, {"fault": {"x"}, "skip": {"many"}}} {
		if got := post(h, "/faults/on", wrong).Code; got != http.StatusBadRequest {
			t.Errorf("%v: got %d, want 400", wrong, got)
		}
	}
	for id, want := range map[string]int{"9": http.StatusNotFound, "1": http.StatusSeeOther} {
		if got := post(h, "/faults/off", url.Values{"id": {id}}).Code; got != want {
			t.Errorf("switching off %s: got %d, want %d", id, got, want)
		}
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	w := newFake(t)
	h := w.console(t, nil)
	holds(t, get(h, "/accounts").Body.String(), anna, "segreto", "expired", "Suspend", "127.0.0.1:2465", "Sending, SMTP with TLS")
	if got := post(h, "/accounts/act", url.Values{"address": {anna}, "action": {"suspend"}}).Code; got != http.StatusSeeOther {
		t.Errorf("acting answers %d", got)
	}
	if diff := cmp.Diff([]string{anna + " suspend"}, w.acts); diff != "" {
		t.Errorf("acts (-want +got):\n%s", diff)
	}
}
