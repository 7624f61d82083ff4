package rules

import (
	"slices"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// A judge that finds nothing where it could not look at everything names what
// it lacked; one that found something elsewhere has judged.
func TestWhatAJudgeUsesIsNamedWhereItFindsNothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		finds   bool
		journal bool
		want    Verdict
	}{
		{"it lacks the log and finds nothing else", false, false, Inconclusive},
		{"it lacks the log and finds something", true, false, Pass},
		{"it has the log and nothing is in it", false, true, NotExercised},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			judge := judgeOf("PEC-GEN-001", func(_ *View, f *Findings) {
				if test.finds {
					f.Holds(Where{}, "well")
				}
			})
			judge.Uses = []Need{NeedJournal}
			c := courtCase(func(c *evidence.Case) { c.HasJournal = test.journal })
			court := &Court{Catalogue: mustLaw(t), Judges: []Judge{judge}, Profile: Practice}
			result := court.Run(&evidence.Record{Run: evidence.Run{Selected: []string{"s"}}, Cases: []*evidence.Case{c}})
			i := slices.IndexFunc(result.Rules, func(r RuleResult) bool { return r.ID == "PEC-GEN-001" })
			r := result.Rules[i]
			if r.Verdict != test.want || (r.Verdict == Inconclusive && r.Reason != "missing: "+string(NeedJournal)) {
				t.Errorf("verdict %s, reason %q; want %s", r.Verdict, r.Reason, test.want)
			}
		})
	}
}
