package simulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/store"
	"github.com/google/go-cmp/cmp"
)

func (w *world) ask(t testing.TB, method, path, body string, into any) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, w.ControlURL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	octets, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(octets, into); err != nil {
			t.Fatalf("%s %s: %v in %q", method, path, err, octets)
		}
	}
	return answer.StatusCode
}

func TestControl(t *testing.T) {
	t.Parallel()
	w := start(t)
	if err := w.submit(t, mail{from: anna, to: []string{bruno}, subject: "Controllo"}); err != nil {
		t.Fatal(err)
	}
	virus := mail{from: anna, to: []string{bruno}, subject: "Infetta", body: simulator.BoreaOnlyPattern + "\r\n"}
	if err := w.submit(t, virus); err != nil {
		t.Fatal(err)
	}
	if got := w.ask(t, "GET", "/v1/idle?wait=20s", "", nil); got != http.StatusNoContent {
		t.Fatalf("idle: %d, want 204", got)
	}
	var lines []control.JournalEntry
	if got := w.ask(t, "GET", "/v1/journal?provider=gestore.aurora.example", "", &lines); got != http.StatusOK {
		t.Fatalf("journal: %d", got)
	}
	seen := map[string]bool{}
	for _, l := range lines {
		seen[l.Event] = true
		if l.Provider != "Aurora PEC S.p.A." || l.At.IsZero() {
			t.Errorf("line %+v: want the provider and an instant", l)
		}
	}
	for _, event := range []string{"acceptance", "envelope", "relayed", "receipt-arrived", "non-delivery"} {
		if !seen[event] {
			t.Errorf("no line for %s", event)
		}
	}
	var kept []control.Quarantined
	w.ask(t, "GET", "/v1/quarantine", "", &kept)
	if len(kept) != 1 || kept[0].Provider != "Borea PEC S.r.l." || !bytes.Contains(kept[0].Octets, []byte("Infetta")) {
		t.Errorf("quarantine: %d messages, want Borea's one", len(kept))
	}
	var trust control.Trust
	w.ask(t, "GET", "/v1/trust", "", &trust)
	if d, err := directory.ReadLDIF(strings.NewReader(trust.Directory)); err != nil || d.RecordOfDomain("BOREA.example") == nil {
		t.Errorf("directory: %v, want a record for borea.example", err)
	}
	var sessions []control.Session
	w.ask(t, "GET", "/v1/sessions?provider=Aurora+PEC+S.p.A.", "", &sessions)
	if len(sessions) != 2 || sessions[0].ReversePath != anna || !cmp.Equal(sessions[0].Recipients, []string{bruno}) {
		t.Errorf("sessions: %+v, want Aurora's two envelopes", sessions)
	}
	for path, want := range map[string]int{"/v1/journal?provider=nessuno": 404, "/v1/idle?wait=presto": 400, "/v1/altro": 404, "/v1/health": 204} {
		if got := w.ask(t, "GET", path, "", nil); got != want {
			t.Errorf("GET %s: %d, want %d", path, got, want)
		}
	}
	if got := w.ask(t, "POST", "/v1/clock/advance", `{"by": "1h"}`, nil); got != http.StatusConflict {
		t.Errorf("advance of real time: %d, want 409", got)
	}
}

func stepped(c *simulator.Config) {
	c.Clock = clock.NewOffset(time.Date(2026, 3, 28, 9, 0, 0, 0, time.UTC))
}

// Borea takes envelopes and answers nothing: two notices, at their hours.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	w := start(t, stepped, faulty("taken-in-charge-none@gestore.borea.example", "delivery-none@gestore.borea.example"))
	if err := w.submit(t, mail{from: anna, to: []string{bruno, elena}, subject: "Silenzio"}); err != nil {
		t.Fatal(err)
	}
	sent := w.Now()
	for _, step := range []struct {
		by   string
		want int
	}{{"11h59m", 0}, {"2m", 1}, {"9h", 1}, {"3h", 2}, {"48h", 2}} {
		if got := w.ask(t, "POST", "/v1/clock/advance", `{"by": "`+step.by+`"}`, nil); got != http.StatusOK {
			t.Fatalf("advance: %d", got)
		}
		if got := w.kinds(t, anna)["Delay"]; got != step.want {
			t.Errorf("%v after sending: %d notices, want %d", w.Now().Sub(sent).Round(time.Minute), got, step.want)
		}
	}
}

// A host that cannot be reached: notices, and after a day the failure.
func TestUnreachableProvider(t *testing.T) {
	t.Parallel()
	w := start(t, stepped, faulty("no-starttls@gestore.borea.example"))
	if err := w.submit(t, mail{from: anna, to: []string{bruno}, subject: "Irraggiungibile"}); err != nil {
		t.Fatal(err)
	}
	if got := w.ask(t, "POST", "/v1/clock/advance", `{"by": "25h"}`, nil); got != http.StatusOK {
		t.Fatalf("advance: %d", got)
	}
	if diff := cmp.Diff(counts{"Acceptance": 1, "Delay": 2, "NonDelivery": 1}, w.kinds(t, anna)); diff != "" {
		t.Errorf("Anna (-want +got):\n%s", diff)
	}
}

// What was accepted survives the end of a world, and is delivered once by the
// next one that starts on its stores.
func TestRestart(t *testing.T) {
	t.Parallel()
	stores := map[string]store.Store{}
	keep := func(c *simulator.Config) {
		c.Stores = func(host string) store.Store {
			if stores[host] == nil {
				stores[host] = store.NewMemory(0)
			}
			return stores[host]
		}
	}
	w := start(t, keep, ownAuthority(t), faulty("no-starttls@gestore.borea.example"))
	if err := w.submit(t, mail{from: anna, to: []string{bruno}, subject: "Ripresa"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	w = start(t, keep, ownAuthority(t))
	deadline := time.Now().Add(patience)
	for len(w.fetch(t, bruno)) == 0 && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond)
	}
	w.settle(t)
	// The new world has new certificates, so the old envelope is an anomaly to it.
	if diff := cmp.Diff(counts{"AnomalyEnvelope": 1}, w.kinds(t, bruno)); diff != "" {
		t.Errorf("Bruno (-want +got):\n%s", diff)
	}
	if m := of(w.fetch(t, anna), pec.Acceptance); m == nil {
		t.Error("Anna's acceptance is gone")
	}
}
