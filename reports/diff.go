package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/rules"
)

// Compare says what changed from one run to another. dirBefore and dirAfter are
// their folders, for people.
func Compare(before, after *rules.Result, dirBefore, dirAfter string) *Comparison {
	c := &comparer{before: before, after: after, Comparison: Comparison{
		Schema: ComparisonSchema, Before: comparedOf(before, dirBefore), After: comparedOf(after, dirAfter),
		Differ: circumstances(before, after), Counts: map[Change]int{},
		NotAsked: []string{}, Rules: []RuleChange{}, Scenarios: []ScenarioChange{},
	}}
	c.VerdictWorse = outcomeWorse(before.Verdict, after.Verdict)
	c.GotWorse = c.VerdictWorse
	c.scenarios()
	was, is := byRule(before), byRule(after)
	var ids []string
	for _, r := range after.Rules {
		ids = append(ids, r.ID)
	}
	for _, r := range before.Rules {
		if is[r.ID] == nil {
			ids = append(ids, r.ID)
		}
	}
	for _, id := range ids {
		if !asked(before, id) || !asked(after, id) {
			c.NotAsked = append(c.NotAsked, id)
			continue
		}
		change, changed := c.rule(id, was[id], is[id])
		if !changed {
			c.Same++
			continue
		}
		c.Counts[change.Change]++
		c.GotWorse = c.GotWorse || change.GotWorse
		c.Rules = append(c.Rules, change)
	}
	return &c.Comparison
}

// asked tells that a run was asked for a rule, whether or not its catalogue held
// it.
func asked(r *rules.Result, id string) bool {
	return len(r.Run.Rules) == 0 || slices.Contains(r.Run.Rules, id)
}

// comparer is a comparison while it is made.
type comparer struct {
	Comparison
	before, after *rules.Result
	apart         map[string]bool // scenarios that only one of the runs selected
}

func comparedOf(r *rules.Result, dir string) Compared {
	return Compared{
		Dir: dir, Identity: Identity{Seed: r.Run.Seed}, Target: r.Run.Target, Version: r.Run.Version, Profile: r.Profile,
		Scope: r.Run.Scope, Verdict: r.Verdict, Reason: r.Reason,
	}
}

// circumstances lists what was not the same in both runs.
func circumstances(before, after *rules.Result) []Circumstance {
	of := func(r *rules.Result) [][2]string {
		shard := ""
		if r.Run.Shard != nil {
			shard = r.Run.Shard.String()
		}
		return [][2]string{
			{"target", r.Run.Target},
			{"target-file", r.Run.TargetSHA256[:min(12, len(r.Run.TargetSHA256))]},
			{"version", r.Run.Version},
			{"profile", string(r.Profile)},
			{"scope", r.Run.Scope},
			{"rules", strings.Join(r.Run.Rules, " ")},
			{"tags", r.Run.Tags},
			{"shard", shard},
			{"faults", strings.Join(r.Run.Faults, " ")},
			{"personality", r.Run.Personality},
			{"seed", fmt.Sprint(r.Run.Seed)},
		}
	}
	list := []Circumstance{}
	is := of(after)
	for i, was := range of(before) {
		if was[1] != is[i][1] {
			list = append(list, Circumstance{was[0], was[1], is[i][1]})
		}
	}
	return list
}

// scenarios compares how the scenarios went for the harness.
func (c *comparer) scenarios() {
	c.apart = map[string]bool{}
	was, is := scenarioStates(c.before), scenarioStates(c.after)
	ids := slices.Clone(c.after.Run.Selected)
	for _, id := range c.before.Run.Selected {
		if _, known := is[id]; !known {
			ids = append(ids, id)
		}
	}
	for _, id := range ids {
		before, after := was[id], is[id]
		for _, state := range []*ScenarioState{&before, &after} {
			if state.Key == "" {
				state.Key, c.apart[id] = scenarioNotSelected, true
			}
		}
		if before.Key == after.Key && sameSense(sense{before.Detail}, sense{after.Detail}) {
			continue
		}
		lost := before.Key == scenarioPlayed && after.Key != scenarioPlayed && c.wanted(id)
		c.GotWorse = c.GotWorse || lost
		c.Scenarios = append(c.Scenarios, ScenarioChange{id, lost, before, after})
	}
}

// wanted tells that the later run was asked for what a scenario of the earlier one
// shows: one of its rules. A scenario of no rule counts as wanted.
func (c *comparer) wanted(id string) bool {
	for _, s := range c.before.Scenarios {
		if s.ID == id && len(s.Rules) > 0 {
			return slices.ContainsFunc(s.Rules, func(rule string) bool { return asked(c.after, rule) })
		}
	}
	return true
}

func scenarioStates(r *rules.Result) map[string]ScenarioState {
	states := map[string]ScenarioState{}
	for _, id := range r.Run.Selected {
		states[id] = ScenarioState{Key: scenarioMissing}
	}
	for _, s := range r.Scenarios {
		switch {
		case s.Error != "":
			states[s.ID] = ScenarioState{scenarioFailed, s.Error}
		case len(s.Lacking) > 0:
			states[s.ID] = ScenarioState{scenarioLacking, strings.Join(s.Lacking, "; ")}
		case s.Waiting != nil:
			states[s.ID] = ScenarioState{Key: scenarioWaits}
		default:
			states[s.ID] = ScenarioState{Key: scenarioPlayed}
		}
	}
	return states
}

// rule compares what the runs say of a rule; nil: nothing at all.
func (c *comparer) rule(id string, before, after *rules.RuleResult) (RuleChange, bool) {
	was, is := cmp.Or(before, &rules.RuleResult{}), cmp.Or(after, &rules.RuleResult{})
	r := RuleChange{Rule: id, Before: was.Verdict, After: is.Verdict, Checks: c.checks(was.Checks, is.Checks)}
	for _, check := range r.Checks {
		r.GotWorse = r.GotWorse || check.GotWorse
	}
	reasons := len(was.Checks)+len(is.Checks) == 0 && !sameSense(sense{numbers.ReplaceAllString(was.Reason, "#")}, sense{numbers.ReplaceAllString(is.Reason, "#")})
	change, changed := changeOf(was.Verdict, is.Verdict)
	switch {
	case changed:
		r.Change = change
		r.GotWorse = r.GotWorse || alarms(change, is.Verdict) || change == Gone
	case len(r.Checks) > 0 || reasons:
		r.Change = Different
	default:
		return r, false
	}
	if len(was.Checks) == 0 {
		r.ReasonBefore = was.Reason
	}
	if len(is.Checks) == 0 {
		r.ReasonAfter = is.Reason
	}
	return r, true
}

// changeOf says what has become of a verdict. An answer is one that says
// something of the target; "" is nothing at all.
func changeOf(before, after rules.Verdict) (Change, bool) {
	answer := rules.Verdict.Exercised
	silent := func(v rules.Verdict) bool { return v == "" || v == rules.NotExercised || v == rules.Inapplicable }
	weightless := func(v rules.Verdict) bool { return v == rules.Pass || v == rules.Observed }
	switch {
	case before == after:
		return "", false
	case before == "" || silent(before) && !silent(after):
		return New, true
	case after == "" || answer(before) && silent(after), before == rules.Fail && !answer(after):
		return Gone, true
	case silent(after), weightless(before) && weightless(after):
		return Different, true
	case after.Worse(before):
		return Worse, true
	}
	return Better, true
}

// alarms tells that a change counts as worse whatever else changed: a worse
// verdict, or a new one that somebody has to look at.
func alarms(change Change, after rules.Verdict) bool {
	return change == Worse || change == New && after.Worse(rules.Pass)
}
