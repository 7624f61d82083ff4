package rules

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestKnownFailuresHideNothingElse: what a run comes to beside failures that
// somebody knows of is what it would come to if they had only been seen there; and
// whoever knows of none sees the run as it is.
func TestKnownFailuresHideNothingElse(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(6, 4))
	changed := 0
	for range 250 {
		run := drawRun(random)
		result := judged(t, run)
		catalogue := museumCourt(t).Catalogue
		if o, _ := result.Without(catalogue, func(Check) bool { return false }); o != result.Verdict {
			t.Fatalf("%+v is %s, and beside no known failure %s", run, result.Verdict, o)
		}
		known, rest := map[[2]string]bool{}, slices.Clone(run)
		for i, s := range run {
			rest[i].answers = map[string]string{}
			for rule, answer := range s.answers {
				if answer == saysBroken && random.IntN(3) > 0 {
					known[[2]string{rule, s.id}], answer = true, saysSeen
				}
				rest[i].answers[rule] = answer
			}
		}
		got, why := result.Without(catalogue, func(c Check) bool { return known[[2]string{c.Rule, c.Scenario}] })
		want, _ := model(rest)
		if got != result.Verdict {
			changed++
		}
		if got != want {
			t.Fatalf("%+v beside %v: %s (%s); want %s", run, known, got, why, want)
		}
	}
	if changed == 0 {
		t.Error("no known failure made a difference: the property was not tried")
	}
}
