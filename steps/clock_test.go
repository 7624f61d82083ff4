package steps

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
)

// fakeInside is an adapter with a clock of its own, a saved log and providers
// that can be restarted.
type fakeInside struct {
	url string

	mu        sync.Mutex
	now       time.Time
	asked     []string // what was told to it, in order
	steppable bool
	trust     string // directory, LDIF
}

func startInside(t *testing.T, now time.Time) *fakeInside {
	t.Helper()
	f := &fakeInside{now: now, steppable: true}
	mux := http.NewServeMux()
	answer := func(rw http.ResponseWriter, v any) { _ = json.NewEncoder(rw).Encode(v) }
	mux.HandleFunc("GET /v1/idle", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) })
	clock := func(rw http.ResponseWriter) {
		f.mu.Lock()
		defer f.mu.Unlock()
		answer(rw, map[string]any{"now": f.now, "steppable": f.steppable})
	}
	mux.HandleFunc("GET /v1/clock", func(rw http.ResponseWriter, _ *http.Request) { clock(rw) })
	mux.HandleFunc("POST /v1/clock/advance", func(rw http.ResponseWriter, r *http.Request) {
		var asked struct{ By string }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		by, err := time.ParseDuration(asked.By)
		if err != nil {
			t.Error(err)
		}
		if by > 0 {
			f.note("advance " + asked.By)
		}
		f.mu.Lock()
		f.now = f.now.Add(by)
		f.mu.Unlock()
		clock(rw)
	})
	for _, path := range []string{"/v1/providers/restart", "/v1/authority/revoke"} {
		mux.HandleFunc("POST "+path, func(rw http.ResponseWriter, r *http.Request) {
			var asked map[string]string
			if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
				t.Error(err)
			}
			f.note(path + " " + asked["provider"] + fmt.Sprint(strings.Contains(asked["certificate"], "CERTIFICATE")))
			rw.WriteHeader(http.StatusNoContent)
		})
	}
	mux.HandleFunc("GET /v1/log/files", func(rw http.ResponseWriter, r *http.Request) {
		answer(rw, []map[string]any{{
			"provider": r.URL.Query().Get("provider"), "name": "2027-03-01.log", "from": testNow(), "until": testNow().AddDate(0, 0, 1),
			"octets": []byte("the log"), "stamp": []byte("the stamp"),
		}})
	})
	mux.HandleFunc("GET /v1/log/extract", func(rw http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		answer(rw, map[string]any{
			"provider": q.Get("provider"), "address": q.Get("address"), "messageId": q.Get("messageId"),
			"entries": []map[string]any{{"event": "acceptance", "messageId": q.Get("messageId")}}, "octets": []byte("the extract"),
		})
	})
	mux.HandleFunc("GET /v1/trust", func(rw http.ResponseWriter, _ *http.Request) {
		answer(rw, map[string]any{"now": f.now, "ca": "CA", "crl": "CRL", "directory": f.trust})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

func (f *fakeInside) note(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, what)
}

func (f *fakeInside) told() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.asked...)
}

// insideWorld is a world with nothing but an adapter.
func insideWorld(t *testing.T, f *fakeInside, change func(*Target)) (*World, *recorded) {
	t.Helper()
	target := testTarget()
	target.WhiteBox.URL = f.url
	if change != nil {
		change(target)
	}
	r := record(t)
	w := New(target, r.scenario, Options{Now: testNow, Random: testWorld(t, target).options.Random})
	t.Cleanup(w.Close)
	return w, r
}

func TestTheWorldsTimeIsLegalTime(t *testing.T) {
	t.Parallel()
	elsewhere := testNow().AddDate(0, 10, 0)
	f := startInside(t, elsewhere)
	w, r := insideWorld(t, f, nil)
	if err := w.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.now(); !got.Equal(elsewhere) {
		t.Errorf("legal time is %v, want the world's %v", got, elsewhere)
	}
	if at := r.read(t).Events[0].At; !at.Equal(elsewhere) {
		t.Errorf("the first event is stamped %v, want %v", at, elsewhere)
	}
}

func TestRealTimeIsNotAdopted(t *testing.T) {
	t.Parallel()
	f := startInside(t, testNow().Add(5*time.Minute))
	f.steppable = false
	w, _ := insideWorld(t, f, nil)
	if err := w.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.now(); !got.Equal(testNow()) {
		t.Errorf("legal time is %v: a target on real time must not set the harness's clock", got)
	}
}

func TestTimePasses(t *testing.T) {
	t.Parallel()
	f := startInside(t, testNow())
	w, r := insideWorld(t, f, func(target *Target) { target.Peers = nil })
	if err := w.pass(t.Context(), "12 hours"); err != nil {
		t.Fatal(err)
	}
	w.noteSent(testNow().Add(time.Hour), "", "", nil)
	if err := w.passAfterSending(t.Context(), "11 hours and 30 minutes"); err != nil {
		t.Fatal(err)
	}
	if err := w.passAfterSending(t.Context(), "11 hours"); err == nil || !strings.Contains(err.Error(), "does not go back") {
		t.Errorf("moving back gave %v", err)
	}
	if diff := cmp.Diff([]string{"advance 12h0m0s", "advance 30m0s"}, f.told()); diff != "" {
		t.Errorf("the adapter was told (-want +got):\n%s", diff)
	}
	want := []evidence.ClockMove{
		{By: 12 * time.Hour, Now: testNow().Add(12 * time.Hour)},
		{By: 30 * time.Minute, Now: testNow().Add(12*time.Hour + 30*time.Minute)},
	}
	if diff := cmp.Diff(want, r.read(t).ClockMoves); diff != "" {
		t.Errorf("moves (-want +got):\n%s", diff)
	}
}

// With peers at play time goes in slices, so that their answers come in time.
func TestTimeGoesInSlicesWithPeers(t *testing.T) {
	t.Parallel()
	f := startInside(t, testNow())
	w, r := insideWorld(t, f, nil)
	w.target.Peers = []Peer{{Name: "Cirro"}}
	if err := w.pass(t.Context(), "2 hours and 30 minutes"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"advance 1h0m0s", "advance 1h0m0s", "advance 30m0s"}, f.told()); diff != "" {
		t.Errorf("the adapter was told (-want +got):\n%s", diff)
	}
	if moves := r.read(t).ClockMoves; len(moves) != 1 || moves[0].By != 150*time.Minute {
		t.Errorf("moves %v, want one of 2.5 hours", moves)
	}
	if err := w.pass(t.Context(), "30 months"); err != nil {
		t.Fatal(err)
	}
	if n := len(f.told()); n != 3+48+1 {
		t.Errorf("30 months took %d moves, want an hour at a time for two days and then one", n-3)
	}
}

func TestAClockThatCannotBeMoved(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			http.Error(rw, `{"error": "real time"}`, http.StatusConflict)
			return
		}
		if r.URL.Path != "/v1/idle" {
			http.NotFound(rw, r)
			return
		}
		rw.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	w, _ := insideWorld(t, &fakeInside{url: server.URL}, nil)
	if err := w.pass(t.Context(), "12 hours"); !isSuspended(err) {
		t.Errorf("got %v, want that it is waited for", err)
	}
}

func TestRestartAndLog(t *testing.T) {
	t.Parallel()
	f := startInside(t, testNow())
	w, r := insideWorld(t, f, nil)
	ctx := t.Context()
	if err := w.askForTrace(ctx, "Anna"); err == nil {
		t.Error("a trace was asked for before anything was sent")
	}
	w.noteSent(testNow(), "anna@aurora.example", "Aurora", []byte("From: a@b.example\r\nMessage-ID: <x@y.example>\r\n\r\ntext\r\n"))
	for _, err := range []error{w.restart(ctx, "Anna"), w.readLogFiles(ctx, "Anna"), w.readLogFiles(ctx, "Anna"), w.askForTrace(ctx, "Anna")} {
		if err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]string{"/v1/providers/restart Aurorafalse"}, f.told()); diff != "" {
		t.Errorf("the adapter was told (-want +got):\n%s", diff)
	}
	c := r.read(t)
	if len(c.Restarts) != 1 || c.Restarts[0].Provider != "Aurora" || !c.Restarts[0].At.Equal(testNow()) {
		t.Errorf("restarts %+v", c.Restarts)
	}
	if len(c.LogFiles) != 2 || c.LogFiles[0] != c.LogFiles[1] {
		t.Fatalf("log files %+v, want the same one from both readings", c.LogFiles)
	}
	for hash, want := range map[string]string{c.LogFiles[0].Blob: "the log", c.LogFiles[0].Stamp: "the stamp", c.LogExtracts[0].Blob: "the extract"} {
		if octets, err := c.Blob(hash); err != nil || string(octets) != want {
			t.Errorf("kept %q (%v), want %q", octets, err, want)
		}
	}
	x := c.LogExtracts[0]
	if x.MessageID != "<x@y.example>" || x.Address != "anna@aurora.example" || len(x.Entries) != 1 || x.Entries[0].Provider != "Aurora" {
		t.Errorf("extract %+v", x)
	}
}

// A log that drops its oldest entries still yields only what is new.
func TestAListThatLosesItsBeginning(t *testing.T) {
	t.Parallel()
	w := testWorld(t, testTarget())
	for _, row := range []struct{ all, want []string }{
		{[]string{"a", "b", "c"}, []string{"a", "b", "c"}},
		{[]string{"a", "b", "c", "d"}, []string{"d"}},
		{[]string{"d", "e"}, []string{"e"}},
		{[]string{}, []string{}},
		{[]string{"f"}, []string{"f"}},
	} {
		if diff := cmp.Diff(row.want, append([]string{}, rest(w, "log", row.all)...)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", row.all, diff)
		}
	}
}
