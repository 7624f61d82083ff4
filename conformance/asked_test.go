package conformance

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports"
)

func everyID(t *testing.T, client bool) []string {
	t.Helper()
	all, err := scenariosFor(client)
	if err != nil || len(all) < 2 {
		t.Fatalf("%d scenarios, %v", len(all), err)
	}
	return Selection{Scenarios: all}.ids()
}

// A run is of everything only where it holds every scenario of this version,
// whatever it says of itself.
func TestNotWhole(t *testing.T) {
	t.Parallel()
	catalogue := mustCatalogue(t)
	all, ofClient := everyID(t, false), everyID(t, true)
	binding := (&Options{}).clientRules(catalogue)
	for _, test := range []struct {
		name string
		run  evidence.Run
		want string // "": it is what it says
	}{
		{"everything", evidence.Run{Scope: "full", Selected: all}, ""},
		{"a part", evidence.Run{Scope: "subset", Selected: all[:1]}, ""},
		{"a shard of everything", evidence.Run{Scope: "shard", Selected: all[:1], Shard: &evidence.Shard{Scope: "full", Selected: all}}, ""},
		{"everything for a client", evidence.Run{Kind: evidence.KindClient, Scope: "full", Selected: ofClient, Rules: binding}, ""},
		{"scenarios are left out", evidence.Run{Scope: "full", Selected: all[13:]}, "13 of the"},
		{"one is left out and another is there twice", evidence.Run{Scope: "full", Selected: append(slices.Clone(all[1:]), all[1])}, "1 of the"},
		{"one is there twice", evidence.Run{Scope: "full", Selected: append(slices.Clone(all), all[1])}, "lists"},
		{"rules are left out", evidence.Run{Scope: "full", Selected: all, Rules: []string{"PEC-NA-003"}}, "some rules or tags only"},
		{"tags chose", evidence.Run{Scope: "full", Selected: all, Tags: "@core"}, "some rules or tags only"},
		{"a shard of less", evidence.Run{Scope: "shard", Selected: all[:1], Shard: &evidence.Shard{Scope: "full", Selected: all[1:]}}, "1 of the"},
		{"rules are left out for a client", evidence.Run{Kind: evidence.KindClient, Scope: "full", Selected: ofClient, Rules: binding[1:]}, "some rules or tags only"},
		{"scenarios of providers, for a client", evidence.Run{Kind: evidence.KindClient, Scope: "full", Selected: all, Rules: binding}, "are not in it"},
		{"another word", evidence.Run{Scope: "FULL", Selected: all}, `"FULL"`},
		{"no word", evidence.Run{Selected: all}, `""`},
		{"a shard that says nothing of the whole", evidence.Run{Scope: "shard", Selected: all}, `"shard"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			said, err := notWhole(test.run, catalogue)
			if err != nil || (said == "") != (test.want == "") || !strings.Contains(said, test.want) {
				t.Errorf("%q, %v; want %q", said, err, test.want)
			}
		})
	}
}

// The fingerprint is of the scenarios too.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	catalogue := mustCatalogue(t)
	of := func(files fstest.MapFS) string {
		sum, err := fingerprintOf(catalogue, files)
		if err != nil || len(sum) != 64 {
			t.Fatalf("%q, %v", sum, err)
		}
		return sum
	}
	seen := map[string]bool{
		of(fstest.MapFS{"a.feature": {Data: []byte("a")}, "b.feature": {Data: []byte("b")}}): true,
		of(fstest.MapFS{"a.feature": {Data: []byte("a")}}):                                   true,
		of(fstest.MapFS{"a.feature": {Data: []byte("b")}}):                                   true,
		of(fstest.MapFS{"b.feature": {Data: []byte("a")}}):                                   true,
		catalogue.Fingerprint():                                                              true,
	}
	if len(seen) != 5 {
		t.Errorf("%d different fingerprints of 5", len(seen))
	}
}

// boast writes a run that says it was of everything, and is not: one scenario was
// selected and played to its end, or is being played.
func boast(t *testing.T, ended bool) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	recorder, err := evidence.Create(dir, func() time.Time { return time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	run := &evidence.Run{Tool: "collaudo", Version: "test", Target: "pair", Profile: "practice", Scope: "full", Selected: []string{"hidden-recipient"}}
	start := &evidence.Start{ID: "hidden-recipient", Name: "A hidden recipient", Feature: "Formal checks", File: "3.1.1_formal_checks.feature", Rules: []string{"PEC-AP-012"}, Steps: []string{"When Anna sends"}}
	scenario := recorder.Scenario(start.ID)
	err = errors.Join(recorder.Record(evidence.Event{Type: evidence.RunStarted, Run: run}), scenario.Record(evidence.Event{Type: evidence.ScenarioStarted, Start: start}))
	if ended {
		err = errors.Join(err, scenario.Record(evidence.Event{Type: evidence.ScenarioEnded, End: &evidence.End{Completed: true}}), recorder.Record(evidence.Event{Type: evidence.RunEnded, End: &evidence.End{Completed: true}}))
	}
	if err := errors.Join(err, recorder.Close()); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Scenarios that were taken out of a run that calls itself full are found, whether
// its folder is sealed or not.
func TestARunThatIsNotWholeIsRefused(t *testing.T) {
	t.Parallel()
	for _, ended := range []bool{true, false} {
		dir := boast(t, ended)
		_, err := Render(context.Background(), dir, reports.RenderOptions{})
		if !errors.Is(err, ErrEvidence) || !strings.Contains(err.Error(), "scenarios of this version are not in it") {
			t.Errorf("rendered, ended %v: %v", ended, err)
		}
		if entries, err := filepath.Glob(filepath.Join(dir, "*.html")); err != nil || len(entries) > 0 {
			t.Errorf("a report was made of it: %v, %v", entries, err)
		}
	}
	dir := boast(t, true)
	result, err := Judge(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := write(dir, result, mustCatalogue(t), reports.WriteOptions{Version: "test"}); err != nil {
		t.Fatal(err)
	}
	v, err := runCopy{t, dir}.verify()
	if err != nil || v.Code() != ExitEvidence || len(v.Findings) != 1 || v.Findings[0].File != evidence.EventsFile || !strings.Contains(v.Findings[0].What, "scenarios of this version are not in it") {
		t.Errorf("%+v, %v", v, err)
	}
	octets, err := os.ReadFile(filepath.Join(dir, reports.DossierFile))
	if err != nil || !strings.Contains(string(octets), "<dd>1 of ") {
		t.Errorf("the dossier does not say that 1 of many scenarios was played (%v)", err)
	}
}

// Whatever else lies in a folder that was never sealed is not made the run's own.
func TestRenderRefusesForeignFiles(t *testing.T) {
	t.Parallel()
	dir := cutShort(t, false)
	if err := os.WriteFile(filepath.Join(dir, "letter.html"), []byte("certified"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Render(context.Background(), dir, reports.RenderOptions{})
	if !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "letter.html") {
		t.Errorf("error %v", err)
	}
	if sealed, err := evidence.Sealed(dir); sealed || err != nil {
		t.Errorf("sealed %v, %v", sealed, err)
	}
}

// A run that other rules judged is not told under the titles of today's.
func TestRenderRefusesOtherRules(t *testing.T) {
	t.Parallel()
	dir := cutShort(t, false)
	if _, err := Render(context.Background(), dir, reports.RenderOptions{}); err != nil {
		t.Fatal(err)
	}
	a := runCopy{t, dir}
	a.sealAs(evidence.Judged{Version: "test", Catalogue: mustCatalogue(t).Fingerprint()}) // of the rules alone
	out := filepath.Join(t.TempDir(), "out")
	_, err := Render(context.Background(), dir, reports.RenderOptions{Out: out})
	if !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "report rejudge") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("something was written all the same")
	}
}

// Of a folder that another version sealed the pages are not compared: that is said,
// and it is not signed.
func TestPagesOfAnotherVersionAreNotVouchedFor(t *testing.T) {
	t.Parallel()
	dir := cutShort(t, false)
	if _, err := Render(context.Background(), dir, reports.RenderOptions{WriteOptions: reports.WriteOptions{Version: "v9"}}); err != nil {
		t.Fatal(err)
	}
	v, err := runCopy{t, dir}.verify()
	if err != nil || v.Code() != ExitConformant || v.Renderings != 0 || !strings.Contains(v.Uncompared, "version v9") {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err := Sign(t.Context(), dir, newNotary(t, "Anna Prova").options("")); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "version v9") {
		t.Errorf("signed: %v", err)
	}
}
