package rules

import "slices"

// Verdict is what one check, rule, scenario or part of a run came to.
type Verdict string

// Verdicts, worst first. Adding up takes the worst.
const (
	Error        Verdict = "error" // the harness failed, not the target
	Fail         Verdict = "fail"
	Inconclusive Verdict = "inconclusive" // something needed for the answer was not there
	Warn         Verdict = "warn"
	Pass         Verdict = "pass"
	Observed     Verdict = "observed"      // recorded; the rules do not decide
	Inapplicable Verdict = "inapplicable"  // an optional capability that the target does not claim
	NotExercised Verdict = "not exercised" // the antecedent never occurred
)

// Order lists the verdicts, worst first.
func Order() []Verdict {
	return []Verdict{Error, Fail, Inconclusive, Warn, Pass, Observed, Inapplicable, NotExercised}
}

// Worse tells whether v is worse than w. An unknown verdict is worse than all:
// what cannot be read must not pass.
func (v Verdict) Worse(w Verdict) bool { return v.rank() < w.rank() }

func (v Verdict) rank() int { return slices.Index(Order(), v) }

// Exercised tells that the check really looked at something.
func (v Verdict) Exercised() bool {
	return v == Fail || v == Warn || v == Pass || v == Observed
}

// AddUp returns the worst of the verdicts; NotExercised of none.
func AddUp(verdicts ...Verdict) Verdict {
	worst := NotExercised
	for _, v := range verdicts {
		if v.Worse(worst) {
			worst = v
		}
	}
	return worst
}

// Profile says by which reading deviations are weighed.
type Profile string

// Profiles: Practice judges as accredited providers interoperate, Strict by
// the letter of the rules.
const (
	Practice Profile = "practice"
	Strict   Profile = "strict"
)
