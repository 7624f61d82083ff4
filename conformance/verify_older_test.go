package conformance

import (
	"path/filepath"
	"regexp"
	"slices"
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
		"whole then":                     {evidence.Run{Version: "v0.1"}, "older.feature", olderFeature, 0, ExitInconclusive, "version v0.1 played the run: it holds every scenario of the 1 feature files that are kept in it, and lacks "},
		"a scenario was taken out":       {evidence.Run{Version: "v0.1"}, "older.feature", olderFeature, 1, ExitEvidence, lacks},
		"tags chose":                     {evidence.Run{Version: "v0.1", Tags: "@core"}, "older.feature", olderFeature, 0, ExitEvidence, lacks},
		"another word for the scope":     {evidence.Run{Version: "v0.1", Scope: "whole"}, "older.feature", olderFeature, 0, ExitEvidence, `says that the scope of the run is "whole"`},
		"the same version, other texts":  {evidence.Run{Version: "test"}, "older.feature", olderFeature, 0, ExitEvidence, "says that version test played scenarios of older.feature whose text is not that of this version"},
		"the same version, today's text": {evidence.Run{Version: "test"}, today[0].File, string(today[0].source), 0, ExitEvidence, lacks},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.run.Scope == "" {
				test.run.Scope = "full"
			}
			dir, out := t.TempDir(), filepath.Join(t.TempDir(), "again")
			olderRun(t, dir, test.run, test.file, test.source, test.played)
			again, err := rejudge(t, dir, RejudgeOptions{Out: out})
			if err != nil {
				t.Fatal(err)
			}
			v, err := (runCopy{t, out}).verify()
			if err != nil {
				t.Fatal(err)
			}
			expectSaid(t, v, test.code, test.want)
			caution := map[int]string{ExitInconclusive: "whether the run was whole for its version cannot be told", ExitEvidence: "a folder of this does not verify: "}[test.code]
			if !strings.Contains(again.Caution, caution) {
				t.Errorf("with the new verdict it says %q, want %q", again.Caution, caution)
			}
		})
	}
}

// TestACutDownRun has a forger take out of the kept feature files what was not played,
// say that the run was of everything, and make log and seal anew.
func TestACutDownRun(t *testing.T) {
	t.Parallel()
	own, err := fingerprint(mustCatalogue(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		played, judged string // by that version
		full           bool
		code           int
		want           string // in the last finding
	}{
		"of this version":                      {"test", "test", true, ExitEvidence, "whose text is not that of this version"},
		"of this version, of some rules":       {"test", "test", false, ExitEvidence, "whose text is not that of this version"},
		"of another":                           {"v0.1", "test", true, ExitInconclusive, ""},
		"of another, of some rules":            {"v0.1", "test", false, ExitConformant, ""},
		"of another, that judged it by itself": {"v0.1", "v0.1", true, ExitEvidence, "scenarios of this version are not in it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := runCopy{t, filepath.Join(t.TempDir(), "again")}
			if _, err := rejudge(t, cutDown(t, test.played, test.full), RejudgeOptions{Out: a.dir}); err != nil {
				t.Fatal(err)
			}
			a.sealAs(evidence.Judged{Version: test.judged, Catalogue: own})
			v, err := a.verify()
			if err != nil || v.Code() != test.code {
				t.Fatalf("%v, exit code %d, want %d: %v %q", err, v.Code(), test.code, v.Findings, v.Notes)
			}
			if n := len(v.Findings); n > 0 && !strings.Contains(v.Findings[n-1].What, test.want) {
				t.Errorf("findings %v, want %q", v.Findings, test.want)
			}
		})
	}
}

// cutDown is a copy of a run with less in its feature files, as of another version
// and of everything.
func cutDown(t *testing.T, version string, full bool) string {
	t.Helper()
	small := shown(t, smallRun)
	a := copied(t, small.Dir)
	kept, err := keptFeatures(a.dir)
	if err != nil || len(kept) == 0 {
		t.Fatal(len(kept), err)
	}
	log := a.read(evidence.EventsFile)
	for _, source := range kept {
		text := onlyScenarios(string(source.octets), small.Result.Run.Selected)
		path := "evidence/features/" + source.hash + ".feature.txt"
		a.remove(path)
		a.write(strings.Replace(path, source.hash, sourceOf([]byte(text)), 1), text)
		log = strings.ReplaceAll(log, source.hash, sourceOf([]byte(text)))
	}
	run, rest, _ := strings.Cut(log, "\n")
	run = strings.Replace(run, `"version":"test"`, `"version":"`+version+`"`, 1)
	if full {
		run = regexp.MustCompile(`"(rules|tags)":(\[[^]]*\]|"[^"]*"),`).ReplaceAllString(run, "")
		run = strings.Replace(run, `"scope":"subset"`, `"scope":"full"`, 1)
	}
	a.write(evidence.EventsFile, run+"\n"+rest)
	a.chain()
	a.seal()
	return a.dir
}

// onlyScenarios makes comments of all other scenarios of a feature file, and of what
// gathers them.
func onlyScenarios(text string, ids []string) string {
	var kept strings.Builder
	out := false
	for line := range strings.Lines(text) {
		bare := strings.TrimSpace(line)
		gathers := strings.HasPrefix(bare, "Rule:")
		switch {
		case strings.HasPrefix(bare, "@"):
			out = !slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(strings.Fields(bare), "@id:"+id) })
		case gathers, strings.HasPrefix(bare, "Background:"):
			out = false
		}
		if out || gathers {
			line = "#\n"
		}
		kept.WriteString(line)
	}
	return kept.String()
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
