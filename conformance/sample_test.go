package conformance

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

func TestSampleFamilyBreaksEveryRuleOnceAndIsSmall(t *testing.T) {
	t.Parallel()
	all, err := Mutants()
	if err != nil {
		t.Fatal(err)
	}
	few, err := Sample(SampleFamily, all)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(breakable(all), breakable(few)); diff != "" {
		t.Errorf("rules that some mutant breaks (-all +sample):\n%s", diff)
	}
	if len(few) >= len(all) || len(few) == 0 {
		t.Errorf("the sample has %d of %d mutants", len(few), len(all))
	}
}

func TestSampleRefusesAnUnknownName(t *testing.T) {
	t.Parallel()
	if _, err := Sample("most", nil); !errors.Is(err, ErrUsage) {
		t.Errorf("err = %v, want one of usage", err)
	}
}

// A judge that always holds is found out although the Then of a scenario
// catches the same mutant: that is what the matrix is for.
func TestAJudgeThatNeverFailsIsUnproven(t *testing.T) {
	t.Parallel()
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	m := Mutant{Fault: "taken-in-charge-to-user", Breaks: []string{"PEC-SSA-007"}}
	for _, by := range []string{byJudge, "expectation e1"} {
		k := newKill(m)
		compare(&k, map[string]rules.Verdict{"PEC-SSA-007": rules.Pass}, &rules.Result{Rules: []rules.RuleResult{{
			ID: "PEC-SSA-007", Verdict: rules.Fail, Checks: []rules.Check{{Rule: "PEC-SSA-007", By: by, Verdict: rules.Fail}},
		}}}, []string{"PEC-SSA-007"})
		if !k.Killed {
			t.Fatalf("by %s: not killed", by)
		}
		_, silent := unproven(catalogue, []Mutant{m}, []reports.Kill{k})
		if got := len(silent); (got == 0) != (by == byJudge) {
			t.Errorf("caught by %s: unproven judges %v", by, silent)
		}
		if diff := cmp.Diff("K", k.Cells); diff != "" {
			t.Errorf("cells (-want +got):\n%s", diff)
		}
	}
}
