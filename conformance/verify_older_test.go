package conformance

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// olderFeature has two scenarios, as some version had them.
const olderFeature = `Feature: Older
  @id:older-first @PEC-NA-003
  Scenario: The first
    When Anna sends a plain message to Bruno
  @id:older-second @PEC-NA-003
  Scenario: The second
    When Anna sends a plain message to Bruno
`

// TestARunOfAnOlderVersionJudgedAgain: it is of everything that its own feature
// files hold, which is less than today's scenarios; whoever takes a scenario out of
// it is found all the same.
func TestARunOfAnOlderVersionJudgedAgain(t *testing.T) {
	t.Parallel()
	today, err := Scenarios()
	if err != nil {
		t.Fatal(err)
	}
	const lacks = "of this version are not in it"
	for name, test := range map[string]struct {
		run          evidence.Run
		file, source string
		played       int // scenarios of it; 0: all
		code         int
		want         string
	}{
		"whole then":                     {evidence.Run{Version: "v0.1"}, "older.feature", olderFeature, 0, ExitConformant, "version v0.1 played the run: it holds every scenario of the 1 feature files that are kept in it, and lacks "},
		"a scenario was taken out":       {evidence.Run{Version: "v0.1"}, "older.feature", olderFeature, 1, ExitEvidence, lacks},
		"tags chose":                     {evidence.Run{Version: "v0.1", Tags: "@core"}, "older.feature", olderFeature, 0, ExitEvidence, lacks},
		"another word for the scope":     {evidence.Run{Version: "v0.1", Scope: "whole"}, "older.feature", olderFeature, 0, ExitEvidence, `says that the scope of the run is "whole"`},
		"the same version, other texts":  {evidence.Run{Version: "test"}, "older.feature", olderFeature, 0, ExitConformant, "version test played the run"},
		"the same version, today's text": {evidence.Run{Version: "test"}, today[0].File, string(today[0].source), 0, ExitEvidence, lacks},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.run.Scope == "" {
				test.run.Scope = "full"
			}
			dir, out := t.TempDir(), filepath.Join(t.TempDir(), "again")
			olderRun(t, dir, test.run, test.file, test.source, test.played)
			if _, err := rejudge(t, dir, RejudgeOptions{Out: out}); err != nil {
				t.Fatal(err)
			}
			v, err := (runCopy{t, out}).verify()
			if err != nil {
				t.Fatal(err)
			}
			said := strings.Join(v.Notes, "\n")
			for _, f := range v.Findings {
				said += "\n" + f.String()
			}
			if v.Code() != test.code || !strings.Contains(said, test.want) {
				t.Errorf("exit code %d, want %d, saying %q: %s", v.Code(), test.code, test.want, said)
			}
		})
	}
}

// olderRun records a run in which each scenario was begun and nothing was done.
func olderRun(t *testing.T, dir string, run evidence.Run, file, source string, played int) {
	t.Helper()
	all, err := featureIn([]byte(source), file)
	if err != nil {
		t.Fatal(err)
	}
	if played > 0 {
		all = all[:played]
	}
	r, err := evidence.Create(dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	run.Tool, run.Profile, run.Target = "collaudo", "practice", "older"
	hash, err := r.Keep(evidence.Features, []byte(source), false)
	if err != nil {
		t.Fatal(err)
	}
	run.Selected = Selection{Scenarios: all}.ids()
	events := []evidence.Event{{Type: evidence.RunStarted, Run: &run}}
	for _, one := range all {
		start := one.start()
		start.Source = hash
		events = append(events,
			evidence.Event{Type: evidence.ScenarioStarted, Scenario: one.ID, Start: start},
			evidence.Event{Type: evidence.ScenarioEnded, Scenario: one.ID, End: &evidence.End{Completed: true}})
	}
	for _, e := range append(events, evidence.Event{Type: evidence.RunEnded, End: &evidence.End{Completed: true}}) {
		if err := r.Record(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}
