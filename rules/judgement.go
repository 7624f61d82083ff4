package rules

import (
	"fmt"
	"slices"
	"sync"

	"github.com/collaudo/collaudo/evidence"
)

// Run judges a whole run from its evidence, and only from it.
func (court *Court) Run(record *evidence.Record) *Result {
	r := &Result{Profile: court.Profile, Run: record.Run, Counts: map[Verdict]int{}}
	says := sayings(record)
	var signs map[string]map[Capability]claimSigns
	r.Scenarios, signs = court.scenarios(record)
	r.Contradicted = contradictions(record.Run, says.claims, r.Scenarios, signs)
	for _, c := range r.Contradicted {
		i := slices.IndexFunc(r.Scenarios, func(s ScenarioResult) bool { return s.ID == c.Scenario })
		r.Scenarios[i].Checks = append(r.Scenarios[i].Checks, court.claimChecks(c)...)
	}
	asked := court.asked(record.Run.Rules)
	byRule := map[string][]Check{}
	tagged := map[string]bool{}
	for i := range r.Scenarios {
		s := &r.Scenarios[i]
		for _, id := range s.Rules {
			tagged[id] = true
		}
		var kept []Check
		for _, c := range s.Checks {
			if _, known := court.Catalogue.Rule(c.Rule); known && !asked(c.Rule) {
				s.ownTrouble(c)
				continue
			}
			byRule[c.Rule] = append(byRule[c.Rule], c)
			kept = append(kept, c)
		}
		s.Verdict = AddUp(verdictOf(kept), s.trouble())
	}
	judged := map[string]bool{}
	for _, j := range court.Judges {
		judged[j.Rule] = true
	}
	for _, law := range court.Catalogue.Rules {
		if asked(law.ID) {
			rr := court.rule(law, byRule[law.ID], judged[law.ID] || tagged[law.ID], says)
			if unseen := rr.seenInPart(byRule[law.ID]); unseen != nil {
				i := slices.IndexFunc(r.Scenarios, func(s ScenarioResult) bool { return s.ID == unseen.Scenario })
				r.Scenarios[i].Verdict = AddUp(r.Scenarios[i].Verdict, unseen.Verdict)
			}
			r.Rules = append(r.Rules, rr)
			delete(byRule, law.ID)
		}
	}
	for _, rr := range r.Rules {
		r.Counts[rr.Verdict]++
	}
	r.Regroup()
	r.Verdict, r.Reason = court.conclude(r, record, byRule)
	r.Reason += contradicted(r.Contradicted)
	return r
}

// Regroup gives every scenario its checks, from those of the rules: they are
// kept once in a report, and looked at from both sides.
func (r *Result) Regroup() {
	index := map[string]int{}
	for i := range r.Scenarios {
		r.Scenarios[i].Checks = nil
		index[r.Scenarios[i].ID] = i
	}
	for _, rr := range r.Rules {
		for _, c := range rr.Checks {
			if i, known := index[c.Scenario]; known {
				r.Scenarios[i].Checks = append(r.Scenarios[i].Checks, c)
			}
		}
	}
}

func (s *ScenarioResult) trouble() Verdict {
	if s.Error != "" {
		return Error
	}
	return NotExercised
}

// scenarios judges the cases side by side; the order is that of the evidence,
// put by id so that two runs compare line by line.
func (court *Court) scenarios(record *evidence.Record) ([]ScenarioResult, map[string]map[Capability]claimSigns) {
	results := make([]ScenarioResult, len(record.Cases))
	shows := make([]map[Capability]claimSigns, len(record.Cases))
	var group sync.WaitGroup
	for i, c := range record.Cases {
		group.Go(func() { results[i], shows[i] = court.scenario(c) })
	}
	group.Wait()
	signs := map[string]map[Capability]claimSigns{}
	for i, r := range results {
		signs[r.ID] = shows[i]
	}
	slices.SortStableFunc(results, func(a, b ScenarioResult) int {
		return slices.Index(record.Run.Selected, a.ID) - slices.Index(record.Run.Selected, b.ID)
	})
	return results, signs
}

func (court *Court) asked(ids []string) func(string) bool {
	if len(ids) == 0 {
		return func(string) bool { return true }
	}
	return func(id string) bool { return slices.Contains(ids, id) }
}

// rule adds up what the scenarios said of one rule. A judge that lacked what it
// needs wherever it sat leaves its rule inconclusive, not unexercised; one that
// lacked it in some scenarios says in how many.
func (court *Court) rule(law *Rule, checks []Check, judged bool, says saying) RuleResult {
	rr := RuleResult{ID: law.ID, Verdict: verdictOf(checks), Judged: judged, Checks: []Check{}}
	need, unmet, looked := "", map[string]bool{}, map[string]bool{}
	for _, c := range checks {
		if c.Verdict != NotExercised {
			rr.Checks = append(rr.Checks, c)
			looked[c.Scenario] = looked[c.Scenario] || c.By == "judge"
		} else if c.Need != "" && !(c.Beside && looked[c.Scenario]) {
			need, unmet[c.Scenario] = c.Need, true
		}
	}
	switch {
	case rr.Verdict != NotExercised && len(unmet) > 0:
		rr.Unmet = len(unmet)
		rr.Reason = fmt.Sprintf("judged where it could be; in %s it could not: missing %s", plural(len(unmet), "other scenario"), need)
	case rr.Verdict != NotExercised:
	case law.excludedFor(says.kind):
		rr.Judged, rr.Reason = false, law.Excluded.Reason
		rr.Declared = law.Excluded.Declarable && says.declares[law.ID]
	case !judged:
		rr.Reason = "this version of Collaudo has no judge for it yet"
	case law.Capability != "" && !says.claims[string(law.Capability)]:
		rr.Verdict, rr.Reason = Inapplicable, "the target does not claim "+string(law.Capability)+", which the rules leave to the provider"
	case need != "":
		rr.Verdict, rr.Reason = Inconclusive, "missing: "+need
	case says.unplayed > 0:
		rr.Verdict = Inconclusive
		rr.Reason = fmt.Sprintf("no scenario that was played brings the case about; %s not been played, or not to the end", others(says.unplayed))
	default:
		rr.Reason = "no selected scenario brings the case about"
	}
	return rr
}

// seenInPart makes a rule inconclusive that nothing breaks where its judge looks
// in several places and one of them was not there: what it saw in the others is
// no pass. One check names the need, in a scenario in which something was seen.
func (rr *RuleResult) seenInPart(checks []Check) *Check {
	if !rr.Verdict.Exercised() {
		return nil
	}
	var unseen *Check
	for _, c := range checks {
		if !c.Beside {
			continue
		}
		seen := slices.ContainsFunc(rr.Checks, func(other Check) bool { return other.Scenario == c.Scenario })
		if seen || unseen == nil {
			unseen = &Check{Rule: c.Rule, Scenario: c.Scenario, By: c.By, Verdict: Inconclusive, Need: c.Need}
		}
		if seen {
			break
		}
	}
	switch {
	case unseen == nil:
		return nil
	case rr.Verdict == Fail: // which is worse, and says all there is to say for now
		rr.Unseen = unseen.Need
		return nil
	}
	rr.Checks = append(rr.Checks, *unseen)
	rr.Verdict, rr.Unmet, rr.Reason = Inconclusive, 0, "judged only in part of where it shows; missing: "+unseen.Need
	return unseen
}

// saying is what the target says of itself: claims of optional capabilities,
// and declarations about what no harness can judge.
type saying struct {
	claims, declares map[string]bool
	kind             string // of the target
	unplayed         int    // scenarios that the target, or the hour, did not let play
}

func sayings(record *evidence.Record) saying {
	s := saying{claims: map[string]bool{}, declares: map[string]bool{}, kind: record.Run.Kind}
	for _, c := range record.Cases {
		if c.End != nil && (len(c.End.Lacking) > 0 || c.End.Waiting != nil) {
			s.unplayed++
		}
		for _, claim := range c.World.Claims {
			s.claims[claim] = true
		}
		for _, rule := range c.World.Declares {
			s.declares[rule] = true
		}
	}
	return s
}

// conclude says what the run came to, worst first; it fails closed.
func (court *Court) conclude(r *Result, record *evidence.Record, strays map[string][]Check) (Outcome, string) {
	for id := range strays {
		return Invalid, fmt.Sprintf("a check speaks of %s, which the catalogue does not hold", id)
	}
	if record.Interrupted {
		return Interrupted, fmt.Sprintf("the run was cut short after %d of %d scenarios", len(record.Cases), len(record.Run.Selected))
	}
	if odd := r.unknownVerdict(); odd != "" {
		return Invalid, odd
	}
	if n := countScenarios(r, Error) + r.Counts[Error]; n > 0 {
		return Invalid, fmt.Sprintf("the harness failed in %s: nothing can be said of the target there", plural(countScenarios(r, Error), "scenario"))
	}
	for _, id := range record.Run.Selected {
		if !slices.ContainsFunc(r.Scenarios, func(s ScenarioResult) bool { return s.ID == id }) {
			return Invalid, fmt.Sprintf("scenario %s was selected and left no evidence", id)
		}
	}
	return r.concluded(court.Catalogue)
}

func countScenarios(r *Result, v Verdict) (n int) {
	for _, s := range r.Scenarios {
		if s.Verdict == v {
			n++
		}
	}
	return n
}

// unplayed says how many scenarios the target gave no means to play.
func unplayed(r *Result) string {
	n := 0
	for _, s := range r.Scenarios {
		if len(s.Lacking) > 0 {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; %s could not be played, for want of what the target does not give: the scope is partial", plural(n, "scenario"))
}

// others says that so many other scenarios have.
func others(n int) string {
	if n == 1 {
		return "1 other has"
	}
	return fmt.Sprintf("%d others have", n)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
