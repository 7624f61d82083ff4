package reports

import (
	"slices"

	"github.com/collaudo/collaudo/rules"
)

// checks compares what the judges and expectations say of one rule, scenario by
// scenario. In scenarios that only one of the runs selected, only what is worse
// than a pass is told: nobody else's silence means anything there.
func (c *comparer) checks(before, after []rules.Check) []CheckChange {
	list := []CheckChange{}
	was, order := byRef(before, nil)
	is, order := byRef(after, order)
	for _, ref := range order {
		b, a := was[ref], is[ref]
		worst := func(checks []rules.Check) rules.Verdict {
			verdict := rules.Verdict("")
			for _, check := range checks {
				if verdict == "" || check.Verdict.Worse(verdict) {
					verdict = check.Verdict
				}
			}
			return verdict
		}
		verdictBefore, verdictAfter := worst(b), worst(a)
		stands := func(v rules.Verdict) bool { return v != "" && v.Worse(rules.Pass) }
		if c.apart[ref.Scenario] && !stands(verdictBefore) && !stands(verdictAfter) {
			continue
		}
		change, changed := changeOf(verdictBefore, verdictAfter)
		if !changed && sameReasons(withVerdict(b, verdictBefore), withVerdict(a, verdictAfter)) {
			continue
		}
		if !changed {
			change = Different
		}
		list = append(list, CheckChange{
			CheckRef: ref, Change: change, GotWorse: alarms(change, verdictAfter),
			Before: sideOf(withVerdict(b, verdictBefore)), After: sideOf(withVerdict(a, verdictAfter)),
		})
	}
	return list
}

// byRef groups checks by what they are, and adds what was not known to the order.
func byRef(checks []rules.Check, order []CheckRef) (map[CheckRef][]rules.Check, []CheckRef) {
	groups, known := map[CheckRef][]rules.Check{}, map[CheckRef]bool{}
	for _, ref := range order {
		known[ref] = true
	}
	for _, check := range checks {
		ref := CheckRef{check.ID(), check.Scenario}
		if !known[ref] {
			known[ref], order = true, append(order, ref)
		}
		groups[ref] = append(groups[ref], check)
	}
	return groups, order
}

func withVerdict(checks []rules.Check, verdict rules.Verdict) []rules.Check {
	var some []rules.Check
	for _, check := range checks {
		if check.Verdict == verdict {
			some = append(some, check)
		}
	}
	return some
}

func sideOf(checks []rules.Check) *CheckSide {
	if len(checks) == 0 {
		return nil
	}
	first := checks[0]
	side := &CheckSide{Verdict: first.Verdict, Expected: first.Expected, Seen: first.Seen, Need: first.Need, Where: first.Where}
	for _, check := range checks {
		side.Places += max(check.Count, 1)
	}
	return side
}

// sameReasons tells that two runs give the same reasons for one verdict, in
// whatever order. Of a pass there is nothing to give. Where one text stands for
// several places, which place came first is chance: two such texts are no two
// reasons, and one reason in common is enough.
func sameReasons(before, after []rules.Check) bool {
	if len(before) == 0 || before[0].Verdict == rules.Pass {
		return true
	}
	summed := slices.ContainsFunc(before, isSum) || slices.ContainsFunc(after, isSum)
	if summed && before[0].Verdict == rules.Observed {
		return true
	}
	shared := func(some, others []rules.Check) (n int) {
		for _, one := range some {
			if slices.ContainsFunc(others, func(other rules.Check) bool { return sameSense(senseOf(one), senseOf(other)) }) {
				n++
			}
		}
		return n
	}
	if summed {
		return shared(before, after) > 0
	}
	return shared(before, after) == len(before) && shared(after, before) == len(after)
}

func isSum(c rules.Check) bool { return c.Count > 1 }
