package conformance

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/steps"
)

// realEndpoint is a simulated world that the harness knows by its addresses only,
// and what it is told of it: everything but the inside.
func realEndpoint(t *testing.T) (*world, *steps.Target) {
	t.Helper()
	shared, err := endpointSetting()
	if err != nil {
		t.Fatal(err)
	}
	w, err := openWorld(t.Context(), shared, worldKind{ports: endpointPorts()}, nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	for _, listener := range w.listeners {
		_ = listener.Close() // the run opens what it plays itself, by the address in the description
	}
	target := *w.target
	target.WhiteBox = steps.WhiteBox{}
	target.Reach.Permits = steps.Permits()
	target.Patience = steps.Patience{Quiet: 250 * time.Millisecond, Acceptance: 3 * time.Second, Delivery: 5 * time.Second, Settle: 20 * time.Second}
	return w, &target
}

// endpointKeys are shared by the worlds of these tests: keys are dear.
var endpointKeys = sync.OnceValue(authority.NewPool)

// endpointSetting is shared as the worlds of one run share theirs: what one has had
// certified the next need not.
var endpointSetting = sync.OnceValues(func() (setting, error) { return newSetting(time.Now, endpointKeys(), nil) })

// tryKeyed is Try with keys that are there already.
func tryKeyed(ctx context.Context, o Options) (*Report, error) {
	o.keys = endpointKeys()
	return Try(ctx, o)
}

// endpointPorts gives them ports that nobody is given between one use and the next.
var endpointPorts = sync.OnceValue(newPorts)

// tryEndpoint plays scenarios, by their ids, against a target, and leaves evidence and
// verdicts: a report costs as much as such a run.
func tryEndpoint(t *testing.T, target *steps.Target, ids ...string) (*Report, error) {
	t.Helper()
	o := endpointOptions(t, target, ids...)
	o.unreported = true
	return tryKeyed(t.Context(), o)
}

func endpointOptions(t *testing.T, target *steps.Target, ids ...string) Options {
	return Options{
		Target: target, Tags: "@id:" + strings.Join(ids, " or @id:"), Seed: 1, Now: time.Now, Out: filepath.Join(t.TempDir(), "run"), Version: "test",
	}
}

// The endpoint is shared and has a past: scenarios side by side take in what is
// theirs, and nothing else leaves the mailboxes.
func TestEndpointWithoutWhiteBox(t *testing.T) {
	t.Parallel()
	w, target := realEndpoint(t)
	const private = "From: somebody@posta.example\r\nTo: bruno@borea.example\r\nSubject: private COL-ABCDEFGHJK\r\n\r\nfor Bruno only\r\n"
	place := func() {
		if err := w.stores.Place("bruno@borea.example", []byte(private)); err != nil {
			t.Error(err)
		}
	}
	place()
	played := []string{
		"complete-transaction", "exchange-with-a-peer", "exchange-with-a-peer-and-a-copy", "directory-over-ldap", "trace-of-a-refused-message", "silence-of-12-hours",
	}
	o := endpointOptions(t, target, played...)
	var begun sync.Once
	o.Progress = func(Progress) { begun.Do(place) } // of what cannot be played, at once; the others still run
	report, err := tryKeyed(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range report.Result.Scenarios {
		unplayed := s.ID == "trace-of-a-refused-message" || s.ID == "silence-of-12-hours"
		for _, c := range s.Checks {
			// Some judges would look at the transactions between providers too.
			if c.Verdict != rules.Pass && c.Verdict != rules.Observed && c.Verdict != rules.NotExercised && (c.Verdict != rules.Inconclusive || c.Need == "") {
				t.Errorf("%s: %s is %s: expected %s, seen %s", s.ID, c.Rule, c.Verdict, c.Expected, c.Seen)
			}
		}
		if unplayed != (len(s.Lacking) > 0 || s.Waiting != nil) || unplayed && s.Verdict != rules.Inconclusive || s.Error != "" {
			t.Errorf("%s: %s (%s), lacking %v", s.ID, s.Verdict, s.Error, s.Lacking)
		}
	}
	if report.Result.Verdict != rules.Inconclusives {
		t.Errorf("verdict %s: what was not played is never a pass", report.Result.Verdict)
	}
	counted := 0 // the second of the two: the first was there before the run
	if _, err := evidence.Each(report.Dir, func(e evidence.Event) error {
		if e.Type == evidence.OthersSeen {
			for _, m := range e.Others.Mailboxes {
				counted += m.Others
			}
		}
		return nil
	}); err != nil || counted != 1 {
		t.Errorf("%d messages that are not of the run were counted, want 1 (%v)", counted, err)
	}
	record, err := evidence.Open(report.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range record.Cases {
		if c.Start.ID == "complete-transaction" && (len(c.Trust) == 0 || c.HasJournal) {
			t.Errorf("trust of public sources %d times, a log %v", len(c.Trust), c.HasJournal)
		}
		for _, m := range c.Messages {
			octets, err := c.Blob(m.Blob)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(octets), "for Bruno only") {
				t.Errorf("%s keeps a message that is not of the run", c.Start.ID)
			}
		}
		if c.Start.ID == "trace-of-a-refused-message" && !slices.Equal(c.End.Lacking, []string{"white box: log"}) {
			t.Errorf("lacking %q", c.End.Lacking)
		}
	}
}

func TestEndpointThatCannotBeReached(t *testing.T) {
	t.Parallel()
	closed := func() string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		return listener.Addr().String()
	}
	_, target := realEndpoint(t)
	for name, row := range map[string]struct { //nolint:paralleltest // see below
		change func(*steps.Target)
		want   error
		says   string
	}{
		"wrong password":                  {func(t *steps.Target) { t.Mailboxes = slices.Clone(t.Mailboxes); t.Mailboxes[1].Password = "wrong" }, ErrUnreachable, target.Mailboxes[1].Address},
		"closed port":                     {func(t *steps.Target) { t.Providers = slices.Clone(t.Providers); t.Providers[0].IMAP = closed() }, ErrUnreachable, "refused"},
		"a claim that nobody knows":       {func(t *steps.Target) { t.Claims = []string{"sells-stamps"} }, ErrUsage, "sells-stamps"},
		"a declaration of what is judged": {func(t *steps.Target) { t.Declares = []string{"PEC-AP-005"} }, ErrUsage, "PEC-AP-005"},
	} {
		t.Run(name, func(t *testing.T) { // one after the other: they open the same peers
			changed := *target
			row.change(&changed)
			if _, err := tryEndpoint(t, &changed, "complete-transaction"); !errors.Is(err, row.want) || !strings.Contains(err.Error(), row.says) {
				t.Errorf("got %v, want one about %q", err, row.says)
			}
		})
	}
}

// What a white box tells of an earlier run, and of what others did before, is not
// the scenario's: the same target is judged the same again.
func TestASecondRunWithAWhiteBox(t *testing.T) {
	t.Parallel()
	w, target := realEndpoint(t)
	target.WhiteBox = w.target.WhiteBox
	for n := range 2 {
		report, err := tryEndpoint(t, target, "complete-transaction", "virus-attached")
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range report.Result.Scenarios {
			if s.Verdict != rules.Pass {
				t.Errorf("run %d: %s: %s (%s), want pass", n+1, s.ID, s.Verdict, s.Error)
			}
		}
	}
}
