package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// A judge that could not look everywhere it looks has not judged: what it found
// elsewhere makes no pass, only a failure stands.
func TestWhatAJudgeUsesIsNamedWhereNothingFails(t *testing.T) {
	t.Parallel()
	holds := func(_ *View, f *Findings) { f.Holds(Where{}, "well") }
	tests := []struct {
		name    string
		look    func(*View, *Findings)
		tagged  bool // a Then of the scenario answers for the rule, and is satisfied
		journal bool
		want    Verdict
	}{
		{"it lacks the log and finds nothing else", func(*View, *Findings) {}, false, false, Inconclusive},
		{"it lacks the log and finds something good", holds, false, false, Inconclusive},
		{"it lacks the log and only a Then answers", func(*View, *Findings) {}, true, false, Inconclusive},
		{"it lacks the log and finds what warns", func(_ *View, f *Findings) { f.Warns(Where{}, "better", "so") }, false, false, Inconclusive},
		{"it lacks the log and finds what fails", func(_ *View, f *Findings) { f.Broken(Where{}, "better", "bad") }, false, false, Fail},
		{"it has the log and nothing is in it", func(*View, *Findings) {}, false, true, NotExercised},
		{"it has the log and finds something good", holds, false, true, Pass},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			judge := judgeOf("PEC-GEN-001", test.look)
			judge.Uses = []Need{NeedJournal}
			selected := []string{"s", "t"}
			var cases []*evidence.Case
			for _, id := range selected {
				cases = append(cases, courtCase(func(c *evidence.Case) {
					c.Start.ID, c.Start.Rules, c.HasJournal = id, nil, test.journal
					if test.tagged {
						c.Start.Rules = []string{"PEC-GEN-001"}
					}
				}))
			}
			court := &Court{Catalogue: mustLaw(t), Judges: []Judge{judge}, Profile: Practice}
			result := court.Run(&evidence.Record{Run: evidence.Run{Selected: selected}, Cases: cases})
			i := slices.IndexFunc(result.Rules, func(r RuleResult) bool { return r.ID == "PEC-GEN-001" })
			r := result.Rules[i]
			if r.Verdict != test.want || (r.Verdict == Inconclusive && !strings.Contains(r.Reason, "missing: "+string(NeedJournal))) {
				t.Errorf("verdict %s, reason %q; want %s", r.Verdict, r.Reason, test.want)
			}
			named := 0
			for _, c := range r.Checks {
				if c.Verdict == Inconclusive && c.Need == string(NeedJournal) {
					named++
					j := slices.IndexFunc(result.Scenarios, func(s ScenarioResult) bool { return s.ID == c.Scenario })
					if result.Scenarios[j].Verdict != Inconclusive {
						t.Errorf("scenario %s has an inconclusive check and is %s", c.Scenario, result.Scenarios[j].Verdict)
					}
				}
			}
			if many := len(r.Checks) > 0 && r.Verdict == Inconclusive; many && named != 1 || !many && named != 0 {
				t.Errorf("%d checks name what is missing: %+v", named, r.Checks)
			}
			if wrong := result.Verdict == Conformant || result.Verdict == ConformantWithWarnings; wrong != (test.want == Pass) {
				t.Errorf("the run is %s", result.Verdict)
			}
		})
	}
}
