package rules

import (
	"fmt"
	"slices"

	"github.com/collaudo/collaudo/evidence"
)

// maxPlaces bounds how many places one rule may name in one scenario; the rest
// is counted, so that a broken prefix does not fill a report with its echoes.
const maxPlaces = 12

// CutShort is what is said of a scenario that was under way when its run was
// interrupted: nobody's failure.
const CutShort = "the scenario was interrupted"

// Court judges evidence by a catalogue, with a set of judges, under a profile.
type Court struct {
	Catalogue *Catalogue
	Judges    []Judge
	Profile   Profile
}

// Scenario judges one scenario. Trouble of the harness (a step that could not
// be carried out, octets that are missing, a judge that panics) is an error
// check, never silence.
func (court *Court) Scenario(c *evidence.Case) ScenarioResult {
	result, _ := court.scenario(c)
	return result
}

// scenario says besides what it shows of the capabilities; nil where it tells
// nothing about the target.
func (court *Court) scenario(c *evidence.Case) (ScenarioResult, map[Capability]claimSigns) {
	s, signs := court.attempt(c)
	court.addEarlier(&s, c)
	return s, signs
}

// attempt judges the last attempt at a scenario, which is the one that counts.
func (court *Court) attempt(c *evidence.Case) (result ScenarioResult, signs map[Capability]claimSigns) {
	s := ScenarioResult{
		ID: c.Start.ID, Name: c.Start.Name, Feature: c.Start.Feature,
		File: c.Start.File, Rules: c.Start.Rules, Checks: []Check{},
	}
	defer func() {
		if p := recover(); p != nil { // not a judge's own, which ask meets: reading the evidence
			result, signs = court.spoiled(s, fmt.Sprintf("reading the evidence panicked: %v", p)), nil
		}
	}()
	if c.End != nil && len(c.End.Lacking) > 0 {
		return court.lacking(s, c), nil
	}
	view, err := NewView(c)
	switch {
	case err != nil:
		return court.spoiled(s, "the evidence cannot be read: "+err.Error()), nil
	case c.End == nil:
		return court.spoiled(s, CutShort), nil
	case c.End.Error != "":
		return court.spoiled(s, c.End.Error), nil
	case c.End.Waiting != nil:
		return court.waiting(s, c.End.Waiting), nil
	case !c.End.Completed:
		return court.spoiled(s, "the scenario did not reach its last step"), nil
	case len(c.Expectations) == 0:
		return court.spoiled(s, "the scenario asks for nothing: it has no Then that records an expectation"), nil
	}
	for i, e := range c.Expectations {
		for _, id := range c.Start.Rules {
			checks := court.ask(c.Start.ID, expectationBy+e.ID, id, e.Text, func(f *Findings) { judgeExpectation(view, e, f) })
			for n := range checks {
				checks[n].Asked = askedAs(c.Expectations, i)
			}
			s.Checks = append(s.Checks, checks...)
		}
	}
	for _, j := range court.Judges {
		if need := view.missing(j.Needs); need != "" {
			s.Checks = append(s.Checks, Check{Rule: j.Rule, Scenario: s.ID, By: "judge", Verdict: NotExercised, Need: string(need)})
			continue
		}
		found := court.ask(c.Start.ID, "judge", j.Rule, "", func(f *Findings) { j.Look(view, f) })
		if need := view.missing(j.Uses); need != "" {
			found = append(found, Check{Rule: j.Rule, Scenario: s.ID, By: "judge", Verdict: NotExercised, Need: string(need), Beside: true})
		}
		s.Checks = append(s.Checks, found...)
	}
	s.Checks = append(s.Checks, court.selfTest(view)...)
	s.Verdict = verdictOf(s.Checks)
	return s, view.signsOf()
}

// spoiled is a scenario that tells nothing about the target.
func (court *Court) spoiled(s ScenarioResult, why string) ScenarioResult {
	s.Error, s.Verdict = why, Error
	for _, id := range s.Rules {
		s.Checks = append(s.Checks, Check{Rule: id, Scenario: s.ID, By: "harness", Verdict: Error, Seen: why})
	}
	return s
}

// ask lets one judge look, and weighs what it found.
func (court *Court) ask(scenario, by, rule, text string, look func(*Findings)) (checks []Check) {
	trouble := func(why string) []Check {
		return []Check{{Rule: rule, Scenario: scenario, By: by, Verdict: Error, Seen: why}}
	}
	law, known := court.Catalogue.Rule(rule)
	if !known {
		return trouble("the catalogue has no rule " + rule)
	}
	defer func() {
		if p := recover(); p != nil {
			checks = trouble(fmt.Sprintf("the judge of %s panicked: %v", rule, p))
		}
	}()
	var found Findings
	look(&found)
	return court.weigh(law, Check{Rule: rule, Scenario: scenario, By: by}, text, found.list)
}

// weigh turns findings into checks: what holds is summed into one check, what
// does not keeps its place.
func (court *Court) weigh(law *Rule, frame Check, text string, list []finding) []Check {
	var checks []Check
	same := map[Verdict]int{} // verdict → index of its summed check
	places := 0
	for _, f := range list {
		c := frame
		c.Where, c.Expected, c.Seen, c.Need, c.Count = f.where, f.expected, f.seen, f.need, 1
		if c.Expected == "" {
			c.Expected = text
		}
		c.Verdict = court.verdict(law, f.answer)
		if f.answer == deviates && c.Verdict != Fail && law.Practice != nil {
			c.Because = law.Practice.Because
		}
		summed := c.Verdict == Pass || c.Verdict == Observed
		if summed {
			c.Where.Blob = "" // the message's id leads to it; a passing run repeats itself enough
		} else {
			places++
			summed = places > maxPlaces
		}
		if i, seen := same[c.Verdict]; summed && seen {
			checks[i].Count++
			continue
		}
		if summed {
			same[c.Verdict] = len(checks)
		}
		checks = append(checks, c)
	}
	return checks
}

func (court *Court) verdict(law *Rule, a answer) Verdict {
	switch a {
	case holds:
		if law.Weight(court.Profile, false) == Observed {
			return Observed
		}
		return Pass
	case broken:
		return law.Weight(court.Profile, false)
	case deviates:
		if law.Practice == nil {
			return Error // the judge forgives what the catalogue does not
		}
		return law.Weight(court.Profile, true)
	case warned:
		return Warn
	case observed:
		return Observed
	case unable:
		return Inconclusive
	}
	return Error
}

// missing returns the first need that the view cannot supply.
func (v *View) missing(needs []Need) Need {
	for _, n := range needs {
		if !v.supplies(n) {
			return n
		}
	}
	return ""
}

func (v *View) supplies(n Need) bool {
	switch n {
	case NeedSubmission:
		return len(v.Transactions) == 0 || slices.ContainsFunc(v.Transactions, func(t *Transaction) bool { return t.Sent != nil })
	case NeedTrust:
		return v.Trust != nil && v.Trust.Directory != nil && len(v.Trust.Authority) > 0
	case NeedJournal:
		return v.Case.HasJournal
	case NeedQuarantine:
		return v.Case.HasQuarantine
	case NeedRelay:
		return v.Case.HasRelay
	case NeedService:
		return slices.ContainsFunc(v.Case.World.Mailboxes, func(m evidence.Mailbox) bool { return m.Role == evidence.ServiceMailbox })
	case NeedSettled:
		return v.Case.Settled
	}
	return false
}

func verdictOf(checks []Check) Verdict {
	worst := NotExercised
	for _, c := range checks {
		if c.Verdict.Worse(worst) {
			worst = c.Verdict
		}
	}
	return worst
}
