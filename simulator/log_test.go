package simulator_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/digitorus/timestamp"
	"github.com/google/go-cmp/cmp"
)

func (w *world) files(t *testing.T) []control.LogFile {
	t.Helper()
	var files []control.LogFile
	if got := w.ask(t, "GET", "/v1/log/files?provider=gestore.aurora.example", "", &files); got != http.StatusOK {
		t.Fatalf("files: %d", got)
	}
	return files
}

// The log is saved day by day, stamped under the world's own CA, and goes on
// after a restart.
func TestSavedLog(t *testing.T) {
	t.Parallel()
	p := withPeer(t, onClock)
	if err := p.submit(t, mail{from: anna, to: []string{paolo}, subject: "Registro", body: "Contenuto riservato.\r\n"}); err != nil {
		t.Fatal(err)
	}
	p.settle(t)
	p.advance("30h")
	before := p.files(t)
	if got := p.ask(t, "POST", "/v1/providers/restart", `{"provider": "Aurora PEC S.p.A."}`, nil); got != http.StatusNoContent {
		t.Fatalf("restart: %d", got)
	}
	p.advance("72h")
	files := p.files(t)
	if len(before) != 1 || len(files) != 4 {
		t.Fatalf("%d files and then %d, want 1 and 4", len(before), len(files))
	}
	if diff := cmp.Diff(before[0], files[0]); diff != "" {
		t.Errorf("a saved file has changed (-before +after):\n%s", diff)
	}
	if !bytes.Contains(files[0].Octets, []byte("Registro")) || bytes.Contains(files[0].Octets, []byte("riservato")) {
		t.Errorf("the first file: want the subject and no content:\n%s", files[0].Octets)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(p.Description.Trust.CA))
	for i, f := range files {
		if i > 0 && !f.From.Equal(files[i-1].Until) || f.Until.Sub(f.From) != 24*time.Hour {
			t.Errorf("file %d covers %v to %v", i, f.From, f.Until)
		}
		token, err := timestamp.Parse(f.Stamp)
		if err != nil {
			t.Fatal(err)
		}
		if !token.Time.Equal(f.Until) || len(token.Certificates) == 0 {
			t.Fatalf("stamp at %v with %d certificates, want %v", token.Time, len(token.Certificates), f.Until)
		}
		if _, err := token.Certificates[0].Verify(x509.VerifyOptions{Roots: roots, CurrentTime: f.Until, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}}); err != nil {
			t.Error(err)
		}
	}
}

// A holder who lost the receipts gets the trace of the message, and of no other.
func TestExtract(t *testing.T) {
	t.Parallel()
	w := start(t)
	for _, subject := range []string{"Uno", "Due"} {
		if err := w.submit(t, mail{from: anna, to: []string{bruno, carla}, subject: subject}); err != nil {
			t.Fatal(err)
		}
	}
	w.settle(t)
	for address, want := range map[string]counts{
		anna:  {"acceptance": 1, "envelope": 1, "relayed": 1, "receipt-arrived": 3},
		bruno: {"taken-in-charge": 1, "delivery": 1, "stored": 1},
	} {
		var e control.LogExtract
		if got := w.ask(t, "GET", "/v1/log/extract?address="+address+"&messageId="+url.QueryEscape("<Uno@client.example>"), "", &e); got != http.StatusOK {
			t.Fatalf("extract: %d", got)
		}
		events := counts{}
		for _, l := range e.Entries {
			if events[l.Event]++; l.Subject != "Uno" && l.Subject != "" || l.MessageID != "<Uno@client.example>" {
				t.Errorf("%s sees %+v", address, l)
			}
		}
		delete(events, "") // nothing
		for event, n := range want {
			if events[event] != n {
				t.Errorf("%s: %d lines for %s, want %d (%v)", address, events[event], event, n, events)
			}
		}
		if !bytes.Contains(e.Octets, []byte("Titolare: "+address)) {
			t.Errorf("document: %s", e.Octets)
		}
	}
	for query, want := range map[string]int{
		"address=nessuno@aurora.example&messageId=x": 404, "address=" + anna: 400,
		"provider=nessuno&address=" + anna + "&messageId=x": 404,
	} {
		if got := w.ask(t, "GET", "/v1/log/extract?"+query, "", nil); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	for body, want := range map[string]int{`{"provider": "nessuno"}`: 404, `{}`: 400, `[`: 400} {
		if got := w.ask(t, "POST", "/v1/providers/restart", body, nil); got != want {
			t.Errorf("restart %s: %d, want %d", body, got, want)
		}
	}
}

// Thirty months pass in a moment, and take with them what need not be kept.
func TestThirtyMonths(t *testing.T) {
	t.Parallel()
	w := start(t, onClock)
	if err := w.submit(t, mail{from: anna, to: []string{bruno}, subject: "Vecchia"}); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	lines := func() int {
		all, err := w.Journal("gestore.aurora.example")
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	before := lines()
	began := time.Now()
	for _, step := range []struct {
		by   time.Duration
		want int
	}{{911 * 24 * time.Hour, before}, {10 * 24 * time.Hour, 0}} {
		if err := w.Advance(t.Context(), step.by); err != nil {
			t.Fatal(err)
		}
		if got := lines(); got != step.want {
			t.Errorf("at %v: %d lines, want %d", w.Now(), got, step.want)
		}
	}
	t.Logf("thirty months took %v", time.Since(began))
}

// Each way to keep a log badly shows.
func TestLogFaults(t *testing.T) {
	t.Parallel()
	files := func(t *testing.T, w *world) []control.LogFile {
		if err := w.Advance(t.Context(), 20*24*time.Hour); err != nil {
			t.Fatal(err)
		}
		return w.files(t)
	}
	stamp := func(t *testing.T, f control.LogFile) *timestamp.Timestamp {
		token, err := timestamp.Parse(f.Stamp)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	event := func(name string) func(*testing.T, *world) bool {
		return func(t *testing.T, w *world) bool {
			all, err := w.Journal("")
			if err != nil {
				t.Fatal(err)
			}
			return !slices.ContainsFunc(all, func(e control.JournalEntry) bool { return e.Event == name })
		}
	}
	extract := func(shows func(control.LogExtract) bool) func(*testing.T, *world) bool {
		return func(t *testing.T, w *world) bool {
			e, err := w.LogExtract("", anna, "<Guasto@client.example>")
			if err != nil {
				t.Fatal(err)
			}
			return shows(e)
		}
	}
	for fault, shows := range map[string]func(*testing.T, *world) bool{
		"journal-29-months": func(t *testing.T, w *world) bool {
			if err := w.Advance(t.Context(), 29*31*24*time.Hour); err != nil {
				t.Fatal(err)
			}
			return event("acceptance")(t, w)
		},
		"journal-rewritten": func(t *testing.T, w *world) bool {
			files(t, w)
			all, err := w.Journal("")
			return err == nil && all[0].Subject == ""
		},
		"saved-journal-rewritten": func(t *testing.T, w *world) bool {
			return !bytes.Contains(files(t, w)[0].Octets, []byte(`"subject"`))
		},
		"journal-saved-weekly":  func(t *testing.T, w *world) bool { return len(files(t, w)) == 2 },
		"journal-file-missing":  func(t *testing.T, w *world) bool { n := len(files(t, w)); return n > 5 && n < 15 },
		"journal-file-late":     func(t *testing.T, w *world) bool { f := files(t, w); return !f[1].From.Equal(f[0].Until) },
		"journal-without-stamp": func(t *testing.T, w *world) bool { return len(files(t, w)[0].Stamp) == 0 },
		"journal-stamp-of-another-file": func(t *testing.T, w *world) bool {
			f := files(t, w)[0]
			sum := sha256.Sum256(f.Octets)
			return !bytes.Equal(stamp(t, f).HashedMessage, sum[:])
		},
		"journal-stamp-of-another-day": func(t *testing.T, w *world) bool {
			f := files(t, w)[3]
			return stamp(t, f).Time.Before(f.From)
		},
		"journal-without-anomalies": event("anomaly"), "journal-without-failures": event("non-delivery"),
		"journal-without-arrivals": event("receipt-arrived"), "journal-one-type": event("acceptance"),
		"extract-empty": extract(func(e control.LogExtract) bool { return len(e.Entries) == 0 }),
		"extract-of-everybody": extract(func(e control.LogExtract) bool {
			return slices.ContainsFunc(e.Entries, func(l journal.Entry) bool { return l.MessageID == "<Altrui@client.example>" })
		}),
		"extract-without-receipts": extract(func(e control.LogExtract) bool {
			return len(e.Entries) > 0 && !slices.ContainsFunc(e.Entries, func(l journal.Entry) bool { return l.Event == journal.ReceiptArrived })
		}),
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			w := start(t, onClock, faulty(fault))
			for _, subject := range []string{"Guasto", "Altrui"} {
				from := anna
				if subject == "Altrui" {
					from = "carla@aurora.example"
				}
				if err := w.submit(t, mail{from: from, to: []string{bruno}, subject: subject}); err != nil {
					t.Fatal(err)
				}
			}
			w.settle(t)
			if !shows(t, w) {
				t.Error("it does not show")
			}
		})
	}
}

// Where the clock changes, everything states the instant of its elaboration in
// the time that is legal then.
func TestLegalTimeAtItsEdges(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]time.Time{
		"before spring": time.Date(2027, 3, 28, 0, 59, 40, 0, time.UTC),
		"after spring":  time.Date(2027, 3, 28, 1, 0, 1, 0, time.UTC),
		"before autumn": time.Date(2026, 10, 25, 0, 59, 40, 0, time.UTC),
		"after autumn":  time.Date(2026, 10, 25, 1, 0, 1, 0, time.UTC),
		"old year":      time.Date(2026, 12, 31, 22, 59, 30, 0, time.UTC),
		"new year":      time.Date(2026, 12, 31, 23, 0, 1, 0, time.UTC),
		"leap day":      time.Date(2028, 2, 29, 12, 0, 0, 0, time.UTC),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, func(c *simulator.Config) { c.Clock = clock.NewOffset(at) })
			if err := w.submit(t, mail{from: anna, to: []string{bruno}, subject: "Ora"}); err != nil {
				t.Fatal(err)
			}
			w.settle(t)
			lines, err := w.Journal("")
			if err != nil {
				t.Fatal(err)
			}
			messages := append(w.fetch(t, anna), w.fetch(t, bruno)...)
			for _, m := range append(messages, w.fetch(t, serviceA)...) {
				c := m.Certification
				instant, err := c.Instant()
				if err != nil {
					t.Fatal(err)
				}
				legal := instant.In(pec.Zone())
				if late := instant.Sub(at); late < -time.Second || late > 10*time.Second {
					t.Errorf("%v: %v after the start of the world", m.Kind, late)
				}
				if want := legal.Format("-0700"); c.Zone != want || m.Root.Value("Date") != legal.Format("Mon, 02 Jan 2006 15:04:05 -0700") {
					t.Errorf("%v: zone %s, Date %s; want %s", m.Kind, c.Zone, m.Root.Value("Date"), want)
				}
				text, err := m.PlainText.Decoded()
				if err != nil || !strings.Contains(string(text), legal.Format("02/01/2006 alle ore 15:04:05 (-0700)")) {
					t.Errorf("%v: the text says %s (%v)", m.Kind, text, err)
				}
				found := false
				for _, l := range lines {
					found = found || l.At.Equal(instant) && l.At.Format("-0700") == c.Zone
				}
				if !found {
					t.Errorf("%v: no line of the log at %v", m.Kind, instant)
				}
			}
		})
	}
}
