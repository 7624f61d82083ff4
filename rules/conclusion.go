package rules

import (
	"fmt"
	"maps"
	"slices"
)

// concluded says what rules come to when the run was played to its end and the
// harness did not fail in it.
func (r *Result) concluded(catalogue *Catalogue) (Outcome, string) {
	idle := 0 // asked for and not exercised; what is excluded says so itself
	for _, rr := range r.Rules {
		if rr.Verdict == NotExercised && (rr.Judged || !catalogue.excludes(rr.ID, r.Run.Kind)) || rr.claimAlone() {
			idle++
		}
	}
	exercised := r.Counts[Fail] + r.Counts[Warn] + r.Counts[Pass] + r.Counts[Observed]
	for _, rr := range r.Rules {
		if rr.claimAlone() {
			exercised--
		}
	}
	switch {
	case r.Counts[Fail] > 0:
		return NotConformant, fmt.Sprintf("%s broken", plural(r.Counts[Fail], "rule"))
	case r.Counts[Inconclusive] > 0:
		return Inconclusives, fmt.Sprintf("%s could not be concluded%s", plural(r.Counts[Inconclusive], "rule"), unplayed(r))
	case exercised == 0:
		return Inconclusives, "no rule that was asked for was exercised"
	case len(r.Run.Rules) > 0 && idle > 0 && r.Run.Shard == nil: // another shard may exercise them
		return Inconclusives, fmt.Sprintf("of what was asked for, %s never came to be exercised", plural(idle, "rule"))
	case r.Counts[Warn] > 0 || len(r.Contradicted) > 0:
		return ConformantWithWarnings, fmt.Sprintf("no rule broken, %s to look at", plural(r.Counts[Warn], "warning"))
	default:
		return Conformant, fmt.Sprintf("%s exercised, none broken", plural(exercised, "rule"))
	}
}

// Without says what the run would come to if some of its failures were not
// there: what whoever knows of them has left to look at. Only failures can be
// set aside; a run that is invalid, interrupted or inconclusive stays so, and
// what a failure hid in its own rule comes to light.
func (r *Result) Without(catalogue *Catalogue, known func(Check) bool) (Outcome, string) {
	if r.Verdict != NotConformant {
		return r.Verdict, r.Reason
	}
	rest := *r
	rest.Counts = map[Verdict]int{}
	rest.Rules = slices.Clone(r.Rules)
	for i := range rest.Rules {
		rr := &rest.Rules[i]
		if rr.Verdict == Fail {
			rr.Verdict = rr.without(known)
		}
		rest.Counts[rr.Verdict]++
	}
	if maps.Equal(rest.Counts, r.Counts) {
		return r.Verdict, r.Reason
	}
	return rest.concluded(catalogue)
}

// without is the verdict of a broken rule beside its known failures. The rule
// was exercised, whatever became of it.
func (rr *RuleResult) without(known func(Check) bool) Verdict {
	if len(rr.Checks) == 0 {
		return rr.Verdict // no check says why: there is nothing that could be known
	}
	verdict := Observed
	for _, c := range rr.Checks {
		if c.Verdict != Fail || !known(c) {
			verdict = AddUp(verdict, c.Verdict)
		}
	}
	if rr.Unseen != "" {
		verdict = AddUp(verdict, Inconclusive)
	}
	return verdict
}

func (catalogue *Catalogue) excludes(id, kind string) bool {
	law, known := catalogue.Rule(id)
	return known && law.excludedFor(kind)
}
