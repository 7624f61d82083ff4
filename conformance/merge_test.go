package conformance

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// TestShardsMergedAreOneRun plays the core scenarios whole and in shards, and
// expects the same verdicts to the last check.
func TestShardsMergedAreOneRun(t *testing.T) {
	t.Parallel()
	whole := shown(t, faultyRun)
	o := Options{Tags: whole.Result.Run.Tags, Faults: whole.Result.Run.Faults}
	if whole.Result.Verdict != rules.NotConformant {
		t.Fatalf("the whole run is %s: with a fault on, there have to be failures to be merged", whole.Result.Verdict)
	}
	var runs []string
	for i := 1; i <= 3; i++ {
		o.Shard = Shard{i, 3}
		runs = append(runs, tryPair(t, o).Dir)
	}
	slices.Reverse(runs) // in whatever order they come
	merged, err := mergeInto(t, runs...)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(inCommon(whole.Result), inCommon(merged.Result)); diff != "" {
		t.Errorf("verdicts (-whole run +merged):\n%s", diff)
	}
	again, err := Judge(merged.Dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(merged.Result, again); diff != "" {
		t.Errorf("judging the merged evidence again (-first +again):\n%s", diff)
	}
}

func mergeInto(t *testing.T, runs ...string) (*Merged, error) {
	t.Helper()
	return Merge(t.Context(), MergeOptions{Out: filepath.Join(t.TempDir(), "whole"), Runs: runs, Version: "test", Now: time.Now})
}

// line is a check without what differs between any two runs: octets and their
// hashes, and instants in what was seen.
type line struct {
	Rule, Scenario, By string
	Verdict            rules.Verdict
	Count              int
}

// inCommon is what two runs of one selection have in common.
func inCommon(r *rules.Result) any {
	var lines []line
	var scenarios []string
	verdicts := map[string]rules.Verdict{}
	for _, rr := range r.Rules {
		verdicts[rr.ID] = rr.Verdict
		for _, c := range rr.Checks {
			lines = append(lines, line{c.Rule, c.Scenario, c.By, c.Verdict, c.Count})
		}
	}
	for _, s := range r.Scenarios {
		scenarios = append(scenarios, s.ID+" "+string(s.Verdict))
	}
	return []any{r.Verdict, r.Reason, r.Run.Scope, r.Run.Selected, r.Counts, verdicts, scenarios, lines}
}

// fakeShard writes the evidence of a shard in which nothing happened.
func fakeShard(t *testing.T, dir string, began time.Time, ended bool, change func(*evidence.Run)) string {
	t.Helper()
	clock := began
	recorder, err := evidence.Create(dir, func() time.Time { clock = clock.Add(time.Second); return clock })
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{"alpha", "beta", "gamma"}
	run := &evidence.Run{
		Tool: "collaudo", Version: "test", Target: "pair", Profile: "practice", Seed: 1, Scope: "shard",
		Shard: &evidence.Shard{Index: 1, Count: 2, Scope: "full", Selected: ids, Material: "m"},
	}
	if change != nil {
		change(run)
	}
	if run.Shard != nil && run.Selected == nil && run.Shard.Count > 0 {
		run.Selected = Shard{run.Shard.Index, run.Shard.Count}.share(run.Shard.Selected)
	}
	events := []evidence.Event{{Type: evidence.RunStarted, Run: run}}
	for _, id := range run.Selected {
		events = append(events,
			evidence.Event{Type: evidence.ScenarioStarted, Scenario: id, Start: &evidence.Start{ID: id, Rules: []string{"PEC-GEN-001"}}},
			evidence.Event{Type: evidence.ScenarioEnded, Scenario: id, End: &evidence.End{Completed: true}})
	}
	if ended {
		events = append(events, evidence.Event{Type: evidence.RunEnded, End: &evidence.End{Completed: true}})
	}
	for _, e := range events {
		if err := recorder.Record(e); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := recorder.Keep(evidence.Received, []byte("Subject: "+fmt.Sprint(run.Seed)+"\r\n\r\n"), false); err != nil {
		t.Fatal(err)
	}
	if err := recorder.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

var morning = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func second(r *evidence.Run) { r.Shard.Index = 2 }

// TestMergeRefuses tells each reason for which runs make no whole.
func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	fake := fakeShard
	also := func(change func(*evidence.Run)) func(*evidence.Run) {
		return func(r *evidence.Run) { second(r); change(r) }
	}
	tests := []struct {
		name string
		runs func(t *testing.T, dir string) []string
		says string
		is   error
	}{
		{"a shard is missing", func(t *testing.T, d string) []string {
			return []string{fake(t, d+"/a", morning, true, nil)}
		}, "missing: shard 2/2", ErrUsage},
		{"the same folder twice", func(t *testing.T, d string) []string {
			a := fake(t, d+"/a", morning, true, nil)
			return []string{a, fake(t, d+"/b", morning, true, second), d + "/../" + filepath.Base(d) + "/a"}
		}, "one folder", ErrUsage},
		{"a copy", func(t *testing.T, d string) []string {
			return []string{fake(t, d+"/a", morning, true, nil), fake(t, d+"/b", morning, true, second), fake(t, d+"/c", morning, true, nil)}
		}, "copies of one run", ErrUsage},
		{"a shard played twice at the same time", func(t *testing.T, d string) []string {
			return []string{fake(t, d+"/a", morning, true, nil), fake(t, d+"/b", morning, true, second), fake(t, d+"/c", morning.Add(time.Second/2), true, nil)}
		}, "at the same time", ErrUsage},
		{"cut short", func(t *testing.T, d string) []string {
			return []string{fake(t, d+"/a", morning, true, nil), fake(t, d+"/b", morning, false, second)}
		}, "was cut short", ErrUsage},
		{"cut short, though an earlier one was not", func(t *testing.T, d string) []string {
			return []string{fake(t, d+"/a", morning, true, nil), fake(t, d+"/b", morning, true, second), fake(t, d+"/c", morning.Add(time.Hour), false, second)}
		}, "was cut short", ErrUsage},
		{"no shard", func(t *testing.T, d string) []string {
			return []string{fake(t, d+"/a", morning, true, func(r *evidence.Run) { r.Shard, r.Selected = nil, []string{"alpha"} })}
		}, "no shard but a run of its own", ErrUsage},
		{"merged already", func(t *testing.T, d string) []string {
			return []string{fake(t, d+"/a", morning, true, func(r *evidence.Run) {
				r.Shard, r.Selected, r.Merged = nil, []string{"alpha"}, []evidence.Part{{Shard: "1/1"}}
			})}
		}, "merged already", ErrUsage},
		{"a folder that is no run", func(*testing.T, string) []string { return []string{"."} }, "is no run folder", ErrUsage},
		{"a folder that is not there", func(_ *testing.T, d string) []string { return []string{d + "/nowhere"} }, "nowhere", ErrUsage},
		{"another version", pair(also(func(r *evidence.Run) { r.Version = "older" })), "version older", ErrUsage},
		{"another seed", pair(also(func(r *evidence.Run) { r.Seed = 2 })), "differ in seed (1 against 2)", ErrUsage},
		{"another profile", pair(also(func(r *evidence.Run) { r.Profile = "strict" })), "differ in profile", ErrUsage},
		{"another target", pair(also(func(r *evidence.Run) { r.Target = "acme" })), "differ in target", ErrUsage},
		{"another target file", pair(also(func(r *evidence.Run) { r.TargetSHA256 = strings.Repeat("ab", 32) })), "differ in target", ErrUsage},
		{"other rules", pair(also(func(r *evidence.Run) { r.Rules = []string{"PEC-AP-001"} })), "differ in selection of rules", ErrUsage},
		{"other tags", pair(also(func(r *evidence.Run) { r.Tags = "@core" })), "differ in selection by tags", ErrUsage},
		{"another fault", pair(also(func(r *evidence.Run) { r.Faults = []string{"acceptance-none"} })), "differ in faults", ErrUsage},
		{"another personality", pair(also(func(r *evidence.Run) { r.Personality = "opec-2018" })), "differ in personality", ErrUsage},
		{"another split", pair(also(func(r *evidence.Run) { r.Shard.Count = 3 })), "into 2 shards against into 3 shards", ErrUsage},
		{"other scenarios", pair(also(func(r *evidence.Run) { r.Shard.Selected = []string{"alpha", "beta", "delta"} })), "different scenarios", ErrUsage},
		{"scenarios with other texts", pair(also(func(r *evidence.Run) { r.Shard.Material = "n" })), "different scenarios", ErrUsage},
		{"not what the shard should play", pair(also(func(r *evidence.Run) { r.Selected = []string{"alpha"} })), "not those of that shard", ErrUsage},
		{"a shard that cannot be", pair(also(func(r *evidence.Run) { r.Shard.Index, r.Selected = 3, []string{"beta"} })), "cannot be", ErrUsage},
		{"a log that was altered", func(t *testing.T, d string) []string {
			a, b := fake(t, d+"/a", morning, true, nil), fake(t, d+"/b", morning, true, second)
			alter(t, filepath.Join(b, evidence.EventsFile), `"beta"`, `"bete"`)
			return []string{a, b}
		}, "does not hold together", ErrEvidence},
		{"octets that were altered", func(t *testing.T, d string) []string {
			a, b := fake(t, d+"/a", morning, true, nil), fake(t, d+"/b", morning, true, second)
			matches, err := filepath.Glob(filepath.Join(b, "evidence", "received", "*"))
			if err != nil || len(matches) != 1 {
				t.Fatal(matches, err)
			}
			alter(t, matches[0], "Subject", "Oggetto")
			return []string{a, b}
		}, "was altered", ErrEvidence},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "whole")
			_, err := Merge(t.Context(), MergeOptions{Out: out, Runs: test.runs(t, t.TempDir()), Version: "test", Now: time.Now})
			if !errors.Is(err, test.is) || !strings.Contains(fmt.Sprint(err), test.says) {
				t.Errorf("error %v: expected one that is %q and says %q", err, test.is, test.says)
			}
			if entries, err := os.ReadDir(out); err == nil && len(entries) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("it left %v behind (%v)", entries, err)
			}
		})
	}
}

// pair is a first shard and another.
func pair(change func(*evidence.Run)) func(*testing.T, string) []string {
	return func(t *testing.T, dir string) []string {
		return []string{fakeShard(t, dir+"/a", morning, true, nil), fakeShard(t, dir+"/b", morning, true, change)}
	}
}

func alter(t *testing.T, path, from, to string) {
	t.Helper()
	octets, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(octets), from, to, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestMergeTakesTheLatest plays a shard again: what was cut short is replaced,
// and it says so. The folders may lie in one that is given.
func TestMergeTakesTheLatest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fakeShard(t, dir+"/a", morning, true, nil)
	cut := fakeShard(t, dir+"/b", morning, false, second)
	fakeShard(t, dir+"/c", morning.Add(time.Minute), true, second)
	merged, err := mergeInto(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{cut}, merged.Replaced); diff != "" {
		t.Errorf("replaced (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{dir + "/a", dir + "/c"}, merged.Shards); diff != "" {
		t.Errorf("shards (-want +got):\n%s", diff)
	}
	if merged.Result.Run.Scope != "full" || merged.Result.Run.Shard != nil || len(merged.Result.Run.Merged) != 2 {
		t.Errorf("the merged run: %+v", merged.Result.Run)
	}
}
