package reports

import "github.com/collaudo/collaudo/rules"

// concludes tells that a run with this verdict came to its end and says something
// of its target. One that was interrupted or is invalid does not, and neither does
// a verdict that is not known: what stands in it are parts.
func concludes(o rules.Outcome) bool {
	switch o {
	case rules.Conformant, rules.ConformantWithWarnings, rules.Inconclusives, rules.NotConformant:
		return true
	}
	return false
}

// outcomeWorse tells that the verdict of a run is worse than that of an earlier
// one. A run that concludes nothing is worse than every other verdict, and any
// change to it counts: silence is no improvement. Of those that conclude, a broken
// rule weighs more than an open question; that an answer fell silent is told of
// the rule.
func outcomeWorse(before, after rules.Outcome) bool {
	rank := map[rules.Outcome]int{rules.Conformant: 1, rules.ConformantWithWarnings: 2, rules.Inconclusives: 3, rules.NotConformant: 4}
	switch {
	case before == after:
		return false
	case !concludes(after):
		return true
	}
	return concludes(before) && rank[after] > rank[before]
}
