package simulator_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/console"
)

// page is a running console on a world.
type consolePage struct {
	*console.Server
	t *testing.T
}

func openConsole(t *testing.T, w *world) consolePage {
	t.Helper()
	s, err := console.Start(console.Options{World: w.Console(), Events: w.Events()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return consolePage{s, t}
}

func (p consolePage) get(path string) string {
	p.t.Helper()
	return p.read(http.Get(strings.TrimSuffix(p.URL(), "/") + path))
}

func (p consolePage) post(path string, form url.Values) string {
	p.t.Helper()
	return p.read(http.PostForm(strings.TrimSuffix(p.URL(), "/")+path, form))
}

func (p consolePage) read(answer *http.Response, err error) string {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		p.t.Errorf("%s: %d, %v\n%s", answer.Request.URL, answer.StatusCode, err, body)
	}
	return string(body)
}

// arrows are those of the picture on a page, in order.
func arrows(page string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`<g class="arrow [a-z ]*" data-step="[0-9]+"><title>([^<]*)</title>`).FindAllStringSubmatch(page, -1) {
		list = append(list, m[1])
	}
	return list
}

func TestConsoleShowsAnExchange(t *testing.T) {
	t.Parallel()
	w := start(t)
	p := openConsole(t, w)
	if page := p.get("/"); !strings.Contains(page, "Nothing has moved yet") {
		t.Error("something has moved in a world that is new")
	}
	if err := w.submit(t, mail{from: anna, to: []string{bruno}, subject: "Alla console"}); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	page := p.get("/")
	got := arrows(page)
	want := []string{"submission", "Acceptance", "Transport envelope", "Transport envelope", "Delivery", "Delivery", "Taken in charge"}
	slices.Sort(want[4:]) // these go over several connections, and either may be first
	if len(got) == len(want) {
		slices.Sort(got[4:])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("arrows (-want +got):\n%s", diff)
	}
	if !strings.Contains(page, "Alla console") || !strings.Contains(page, `class="chip delivered"`) {
		t.Error("the exchange is not listed as delivered")
	}
	for _, kind := range []pec.Kind{pec.Acceptance, pec.Delivery} {
		m := of(w.fetch(t, anna), kind)
		shown := p.get(p.messageOf(anna, m.Root.Value("Subject")))
		for _, want := range []string{`card good" id="signature"`, "posta-certificata@gestore.", "<th scope=\"row\">identificativo</th>", m.Certification.Identifier} {
			if !strings.Contains(shown, want) {
				t.Errorf("the page of the %s lacks %q", kind, want)
			}
		}
	}
	if page := p.get("/transcripts?protocol=smtp"); !strings.Contains(page, "Sending, SMTP with TLS") {
		t.Error("the submission has no transcript")
	}
	if page := p.get("/log?event=delivery"); !strings.Contains(page, "Alla console") {
		t.Error("the delivery is not in the log")
	}
}

// messageOf finds the page of a message in a mailbox by its subject.
func (p consolePage) messageOf(mailbox, subject string) string {
	p.t.Helper()
	page := p.get("/mailboxes/" + mailbox)
	found := regexp.MustCompile(`(?s)href="(/messages/[0-9a-f]{64})"[^>]*>\s*<span class="kind[^<]*</span>\s*<span class="what"><b>` + regexp.QuoteMeta(subject) + `</b>`).FindStringSubmatch(page)
	if found == nil {
		p.t.Fatalf("no message %q in %s", subject, mailbox)
	}
	return found[1]
}

func TestConsoleActs(t *testing.T) {
	t.Parallel()
	w := start(t, func(c *simulator.Config) { c.Clock = clock.NewOffset(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)) })
	p := openConsole(t, w)
	page := p.post("/faults/on", url.Values{"fault": {"taken-in-charge-none"}, "provider": {"gestore.borea.example"}, "back": {"/faults"}})
	if !strings.Contains(page, "The fault is on.") || len(w.Rules()) != 1 {
		t.Fatalf("the fault is not on: %+v", w.Rules())
	}
	if page := p.post("/faults/off", url.Values{"id": {w.Rules()[0].ID}, "back": {"/faults"}}); !strings.Contains(page, "All providers behave.") {
		t.Error("the fault is still on")
	}
	if page := p.post("/accounts/act", url.Values{"address": {bruno}, "action": {"suspend"}, "back": {"/accounts"}}); !strings.Contains(page, `class="chip suspended"`) {
		t.Error("the mailbox is not suspended")
	}
	if page := p.post("/accounts/act", url.Values{"address": {bruno}, "action": {"resume"}, "back": {"/accounts"}}); strings.Contains(page, `class="chip suspended"`) {
		t.Error("the mailbox is still suspended")
	}
	before := w.Now()
	p.post("/clock/advance", url.Values{"by": {"12h"}, "back": {"/"}})
	if moved := w.Now().Sub(before); moved < 12*time.Hour || moved > 13*time.Hour {
		t.Errorf("the clock moved by %v", moved)
	}
}
