package reports

import (
	"fmt"
	"maps"
	"slices"

	"github.com/collaudo/collaudo/rules"
)

// unsound says why a result cannot be what a court gave, or nil. A word that is
// not known, or a sum that is better than what it was added up from, must not be
// shown as a verdict: whoever reads it would take what is not bad for good.
func (d *document) unsound() error {
	switch d.Verdict {
	case rules.Conformant, rules.ConformantWithWarnings, rules.NotConformant, rules.Inconclusives, rules.Invalid, rules.Interrupted:
	default:
		return fmt.Errorf("its verdict is %q, which is none", d.Verdict)
	}
	counts := map[rules.Verdict]int{}
	for _, r := range d.Rules {
		if err := knownVerdict("rule "+r.ID, r.Verdict); err != nil {
			return err
		}
		counts[r.Verdict]++
		for _, c := range r.Checks {
			if err := knownVerdict("a check of "+c.Rule+" in "+c.Scenario, c.Verdict); err != nil {
				return err
			}
			if c.Verdict.Worse(r.Verdict) {
				return fmt.Errorf("rule %s is %q although it is %q in scenario %s: the file was altered", r.ID, r.Verdict, c.Verdict, c.Scenario)
			}
		}
	}
	if !maps.Equal(counts, d.Counts) {
		return fmt.Errorf("it counts %v, and its rules come to %v: the file was altered", d.Counts, counts)
	}
	for _, s := range d.Scenarios {
		if err := knownVerdict("scenario "+s.ID, s.Verdict); err != nil {
			return err
		}
		if s.Error != "" && s.Verdict != rules.Error {
			return fmt.Errorf("scenario %s is %q although the harness failed in it (%s): the file was altered", s.ID, s.Verdict, s.Error)
		}
	}
	return d.greenOverRed()
}

// greenOverRed refuses a run that is conformant although something in it is not.
func (d *document) greenOverRed() error {
	if d.Verdict != rules.Conformant && d.Verdict != rules.ConformantWithWarnings {
		return nil
	}
	for _, bad := range []rules.Verdict{rules.Error, rules.Fail, rules.Inconclusive} {
		if n := d.Counts[bad]; n > 0 {
			return fmt.Errorf("it says %s although %s: the file was altered", d.Verdict, plural(n, "rule")+" came to "+string(bad))
		}
		if i := slices.IndexFunc(d.Scenarios, func(s rules.ScenarioResult) bool { return s.Verdict == bad }); i >= 0 {
			return fmt.Errorf("it says %s although scenario %s came to %s: the file was altered", d.Verdict, d.Scenarios[i].ID, bad)
		}
	}
	return nil
}

func knownVerdict(of string, v rules.Verdict) error {
	if !slices.Contains(rules.Order(), v) {
		return fmt.Errorf("%s is %q, which is no verdict", of, v)
	}
	return nil
}
