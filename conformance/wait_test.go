package conformance

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/steps"
)

// distant is a simulated world as a real endpoint: no white box, and a clock
// that the harness can only read. The test moves it on by hand.
type distant struct {
	world  *world
	target *steps.Target
	moving sync.Mutex
}

func startDistant(t *testing.T, faults ...string) *distant {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	shared, err := endpointSetting()
	if len(faults) > 0 {
		shared, err = newSetting(time.Now, endpointKeys(), faults)
	}
	if err != nil {
		t.Fatal(err)
	}
	w, err := openWorld(ctx, shared, worldKind{ports: endpointPorts()}, faults, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.close(ctx) })
	for _, listener := range w.listeners { // the harness listens there when a run needs it
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
	}
	target := w.target
	target.Name, target.WhiteBox = "distant pair", steps.WhiteBox{}
	target.Patience = steps.Patience{Quiet: 300 * time.Millisecond, Acceptance: 5 * time.Second, Delivery: 5 * time.Second, Settle: 11 * time.Second}
	return &distant{world: w, target: target}
}

func (d *distant) now() time.Time { return d.world.simulated.Now() }

// advance moves legal time on until an instant.
func (d *distant) advance(t *testing.T, until time.Time) {
	d.moving.Lock()
	defer d.moving.Unlock()
	if err := d.world.simulated.Advance(context.WithoutCancel(t.Context()), until.Sub(d.now())+100*time.Millisecond); err != nil {
		t.Error(err)
	}
}

func (d *distant) options(t *testing.T, asked ...string) Options {
	t.Helper()
	return Options{Rules: asked, Target: d.target, Seed: 7, Out: filepath.Join(t.TempDir(), "run"), Now: d.now}
}

// goOn takes a run up again, as a later process would.
func (d *distant) goOn(t *testing.T, dir string) *Report {
	t.Helper()
	report, err := resume(t, dir, func(o *Options) { o.Target, o.Now, o.Workers = d.target, d.now, 0 })
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// goOnUntilNobodyWaits takes a run up again whenever one of its scenarios can
// go on, and says how often.
func (d *distant) goOnUntilNobodyWaits(t *testing.T, dir string) (report *Report, times int) {
	t.Helper()
	for times = 0; times < 12; times++ {
		waits, err := Waits(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(waits) == 0 {
			return report, times
		}
		d.advance(t, waits[0].Until)
		report = d.goOn(t, dir)
	}
	t.Fatalf("taken up %d times, and there are scenarios that wait", times)
	return nil, 0
}

func verdictOfRule(result *rules.Result, id string) rules.Verdict {
	for _, r := range result.Rules {
		if r.ID == id {
			return r.Verdict
		}
	}
	return ""
}

// TestWaitsSurviveTheHarness has scenarios wait for 12 and 25 hours between one
// run and the next. Nothing is concluded before, everything after.
func TestWaitsSurviveTheHarness(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, fault string
		want        rules.Verdict
		exit        int
	}{
		{"notices come", "", rules.Pass, ExitConformant},
		{"no second notice comes", "second-notice-none", rules.Fail, ExitNotConformant},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var faults []string
			if row.fault != "" {
				faults = append(faults, row.fault)
			}
			d := startDistant(t, faults...)
			o := d.options(t, "PEC-TMO-003", "PEC-TMO-005", "PEC-TMO-007")
			first, err := tryKeyed(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if got := ExitCode(first.Result.Verdict); got != ExitInconclusive {
				t.Errorf("before: %s (%s), exit code %d, want 4", first.Result.Verdict, first.Result.Reason, got)
			}
			waits, err := Waits(o.Out)
			if err != nil || len(waits) < 4 {
				t.Fatalf("%d of %d scenarios wait (%v), want four at least", len(waits), len(first.Result.Scenarios), err)
			}
			for _, s := range first.Result.Scenarios {
				for _, c := range s.Checks {
					if c.Verdict != rules.Inconclusive || !strings.Contains(c.Need, "legal time until") {
						t.Errorf("%s, before: %s %s (%s), want inconclusive and until when", s.ID, c.Rule, c.Verdict, c.Need)
					}
				}
			}
			if again := d.goOn(t, o.Out); again.Result.Verdict != rules.Inconclusives {
				t.Errorf("too early: %s (%s), want that it waits on", again.Result.Verdict, again.Result.Reason)
			}
			report, times := d.goOnUntilNobodyWaits(t, o.Out)
			if report == nil || times < 3 {
				t.Fatalf("taken up %d times, want three at least: before 12 hours, after, and after 25", times)
			}
			for _, s := range report.Result.Scenarios {
				if s.Error != "" {
					t.Errorf("%s: %s", s.ID, s.Error)
				}
			}
			if got := verdictOfRule(report.Result, "PEC-TMO-003"); got != row.want {
				t.Errorf("after: PEC-TMO-003 is %s, want %s", got, row.want)
			}
			if got := ExitCode(report.Result.Verdict); got != row.exit {
				t.Errorf("after: %s (%s), exit code %d, want %d", report.Result.Verdict, report.Result.Reason, got, row.exit)
			}
		})
	}
}

// TestARunThatStays goes on by itself: after a wait in which nobody needs the
// harness, and after those in which it has to be there.
func TestARunThatStays(t *testing.T) {
	t.Parallel()
	for rule, row := range map[string]struct {
		scenario string // one: the clock that is moved for one would pass what others wait for
		attended bool   // whether the harness has to be there in one of its waits
	}{
		"PEC-TMO-003": {"taken-in-charge-and-never-delivered", false},
		"PEC-TE-021":  {"relay-is-tried-again", true},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			d := startDistant(t)
			o := d.options(t, rule)
			o.Tags, o.Wait = "@id:"+row.scenario, true
			waits := map[bool]int{}
			o.Waits = func(w Wait) {
				waits[w.Present]++
				go d.advance(t, w.Until)
			}
			report, err := tryKeyed(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if got := verdictOfRule(report.Result, rule); got != rules.Pass {
				t.Errorf("%s is %s, want pass: %s", rule, got, report.Result.Reason)
			}
			for _, s := range report.Result.Scenarios {
				for _, c := range s.Checks {
					if c.Verdict != rules.Pass {
						t.Errorf("%s: %s %s: expected %s, seen %s, need %s", s.ID, c.Rule, c.Verdict, c.Expected, c.Seen, c.Need)
					}
				}
			}
			if waits[false] == 0 || waits[true] > 0 != row.attended {
				t.Errorf("waits, by whether the harness has to be there: %v, want some without and, where it has to, some with it", waits)
			}
		})
	}
}

// TestARunThatStayedIsKilled interrupts a run while it waits: a later process
// goes on with what the first one left.
func TestARunThatStayedIsKilled(t *testing.T) {
	t.Parallel()
	d := startDistant(t)
	o := d.options(t, "PEC-TMO-003")
	o.Wait = true
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.Waits = func(Wait) { cancel() }
	report, err := tryKeyed(ctx, o)
	if err != nil || report.Result.Verdict != rules.Interrupted {
		t.Fatalf("%v, %v; want that it was interrupted", report, err)
	}
	report, _ = d.goOnUntilNobodyWaits(t, o.Out)
	if got := verdictOfRule(report.Result, "PEC-TMO-003"); got != rules.Pass {
		t.Errorf("PEC-TMO-003 is %s, want pass: %s", got, report.Result.Reason)
	}
	record, err := evidence.Open(o.Out)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{}, record.Superseded); diff != "" {
		t.Errorf("begun again (-want +got):\n%s", diff)
	}
}

// TestWhoOversleptBeginsAgain comes back a day late.
func TestWhoOversleptBeginsAgain(t *testing.T) {
	t.Parallel()
	d := startDistant(t)
	o := d.options(t, "PEC-TMO-003")
	if _, err := tryKeyed(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	d.advance(t, d.now().Add(48*time.Hour))
	if late := d.goOn(t, o.Out); late.Result.Verdict != rules.Inconclusives {
		t.Errorf("a day late: %s (%s), want that it waits again", late.Result.Verdict, late.Result.Reason)
	}
	record, err := evidence.Open(o.Out)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"taken-in-charge-and-never-delivered": 1}, record.Superseded); diff != "" {
		t.Errorf("begun again (-want +got):\n%s", diff)
	}
	report, _ := d.goOnUntilNobodyWaits(t, o.Out)
	if got := verdictOfRule(report.Result, "PEC-TMO-003"); got != rules.Pass {
		t.Errorf("PEC-TMO-003 is %s, want pass: %s", got, report.Result.Reason)
	}
}
