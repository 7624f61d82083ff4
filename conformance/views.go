package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// ViewComparison is a run that saw everything beside one that saw less of the
// same system: what both concluded alike, what the second could not see, and
// where they disagree.
type ViewComparison struct {
	Same   []string          // rules with the same verdict in what both played
	Blind  map[string]string // rules that the view leaves inconclusive, with what it lacks
	Unseen map[string]string // scenarios that the view did not play, with what it lacks
	Differ []ViewDifference
}

// ViewDifference is a place where two runs say different things of a system
// that is the same.
type ViewDifference struct {
	Scenario    string // "" for what a rule came to over all
	Rule        string
	Whole, View rules.Verdict
	Seen        string // by the view
}

// String says it in a line.
func (d ViewDifference) String() string {
	where := d.Scenario
	if where == "" {
		where = "over all"
	}
	return fmt.Sprintf("%s, %s: %s in the whole view, %s in the other: %s", d.Rule, where, d.Whole, d.View, d.Seen)
}

// CompareViews judges two run folders of one system and compares them, scenario
// by scenario and rule by rule. A rule may be inconclusive in the view only with
// what it lacks; a scenario may be left out only with what it lacks; everything
// else has to be the same.
func CompareViews(whole, view string) (*ViewComparison, error) {
	seen, err := judgeCases(whole)
	if err != nil {
		return nil, err
	}
	part, err := judgeCases(view)
	if err != nil {
		return nil, err
	}
	c := &ViewComparison{Blind: map[string]string{}, Unseen: map[string]string{}}
	for _, id := range slices.Sorted(maps.Keys(part.cases)) {
		if _, known := seen.cases[id]; !known {
			c.Differ = append(c.Differ, ViewDifference{Scenario: id, Seen: "played here only"})
		}
	}
	var played []string
	for _, id := range slices.Sorted(maps.Keys(seen.cases)) {
		if c.scenario(id, seen.cases[id], part) {
			played = append(played, id)
		}
	}
	c.rules(seen, part, played)
	return c, nil
}

// judged is a run folder with its verdicts.
type judged struct {
	result *rules.Result
	cases  map[string]rules.ScenarioResult // with the checks that were not exercised, which a result leaves out
	ends   map[string]*evidence.End
}

func judgeCases(dir string) (*judged, error) {
	record, err := evidence.Open(dir)
	if err != nil {
		return nil, err
	}
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return nil, err
	}
	court := &rules.Court{Catalogue: catalogue, Judges: rules.Judges(), Profile: rules.Profile(record.Run.Profile)}
	j := &judged{cases: map[string]rules.ScenarioResult{}, ends: map[string]*evidence.End{}}
	if j.result, err = reports.Read(dir); err != nil { // a run of mutants has no report
		j.result = court.Run(record)
	}
	for _, one := range record.Cases {
		j.cases[one.Start.ID], j.ends[one.Start.ID] = court.Scenario(one), one.End
	}
	return j, nil
}

// scenario compares one scenario, and tells whether the view played it.
func (c *ViewComparison) scenario(id string, whole rules.ScenarioResult, part *judged) bool {
	view, known := part.cases[id]
	end := part.ends[id]
	switch {
	case !known:
		c.Differ = append(c.Differ, ViewDifference{Scenario: id, Whole: whole.Verdict, Seen: "not selected there, and nothing says why"})
		return false
	case notPlayed(end) != "":
		c.Unseen[id] = notPlayed(end)
		return false
	case view.Error != "" || whole.Error != "":
		c.Differ = append(c.Differ, ViewDifference{Scenario: id, Whole: whole.Verdict, View: view.Verdict, Seen: whole.Error + view.Error})
		return true
	}
	before, after := byRule(whole.Checks), byRule(view.Checks)
	every := maps.Clone(before)
	maps.Copy(every, after)
	for _, rule := range slices.Sorted(maps.Keys(every)) {
		b, a := of(before, rule), of(after, rule)
		lacks := a.need != "" && (a.verdict == rules.Inconclusive || !a.verdict.Worse(b.verdict)) // who sees less finds no more
		if b.verdict != a.verdict && !lacks {
			c.Differ = append(c.Differ, ViewDifference{id, rule, b.verdict, a.verdict, a.seen})
		}
	}
	return true
}

// legalTime is what a scenario waits for where no clock can be moved.
const legalTime = "legal time that has to pass"

// notPlayed says why a scenario was left out, or stands still; "" when it was
// played.
func notPlayed(end *evidence.End) string {
	switch {
	case end == nil:
		return ""
	case len(end.Lacking) > 0:
		return strings.Join(end.Lacking, ", ")
	case end.Waiting != nil:
		return legalTime
	}
	return ""
}

// rules compares what every rule came to in the scenarios that both played.
func (c *ViewComparison) rules(whole, part *judged, played []string) {
	before := within(whole.result, played)
	concluded := map[string]bool{} // in the whole run, scenarios included that the view did not play
	for _, r := range whole.result.Rules {
		concluded[r.ID] = r.Verdict != rules.NotExercised
	}
	for _, r := range part.result.Rules {
		b, exercised := before[r.ID]
		if !exercised {
			b = rules.NotExercised
		}
		switch {
		case r.Verdict == rules.NotExercised && concluded[r.ID]:
			c.Differ = append(c.Differ, ViewDifference{Rule: r.ID, Whole: b, View: r.Verdict, Seen: "falls silent, and nothing says why"})
		case r.Verdict == rules.NotExercised && b == rules.NotExercised: // excluded, or nobody's matter in either
		case r.Verdict == b:
			c.Same = append(c.Same, r.ID)
		case r.Verdict == rules.Inconclusive:
			why := r.Reason
			for _, check := range r.Checks {
				if check.Verdict == rules.Inconclusive {
					why = check.Need + check.Seen
				}
			}
			if why == "" {
				c.Differ = append(c.Differ, ViewDifference{Rule: r.ID, Whole: b, View: r.Verdict, Seen: "inconclusive, and nothing says why"})
				continue
			}
			c.Blind[r.ID] = why
		case b == rules.NotExercised && r.Verdict == rules.Inapplicable:
			c.Same = append(c.Same, r.ID)
		default:
			c.Differ = append(c.Differ, ViewDifference{Rule: r.ID, Whole: b, View: r.Verdict, Seen: r.Reason})
		}
	}
}

// ruleSeen is what one scenario says of one rule.
type ruleSeen struct {
	verdict    rules.Verdict
	need, seen string
}

// of is what a scenario says of a rule that it may say nothing of.
func of(all map[string]ruleSeen, rule string) ruleSeen {
	if s, known := all[rule]; known {
		return s
	}
	return ruleSeen{verdict: rules.NotExercised}
}

func byRule(checks []rules.Check) map[string]ruleSeen {
	all := map[string]ruleSeen{}
	for _, check := range checks {
		s, known := all[check.Rule]
		if !known {
			s.verdict = rules.NotExercised
		}
		if check.Verdict.Worse(s.verdict) || !known {
			s.verdict, s.seen = check.Verdict, check.Seen
		}
		if check.Need != "" {
			s.need = check.Need
		}
		all[check.Rule] = s
	}
	return all
}
