package reports

import (
	"cmp"
	"slices"

	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

const (
	maxShown = 3   // checks of one rule that are shown at once
	maxKept  = 300 // letters of what was seen where a rule was kept
)

func (b *builder) rule(law *rules.Rule) *ruleView {
	result := b.results[law.ID]
	v := &ruleView{
		Rule: law, Standing: standingOf(law, result), Title: pick(b.words, law.Title), Cite: pick(b.words, law.Cite()), Weight: weightWords(b.words, law),
		Statements: b.catalogue.Claims(law.ID),
	}
	for _, id := range law.Decisions {
		if d, known := b.catalogue.Decision(id); known {
			v.Decisions = append(v.Decisions, d)
		}
	}
	for _, id := range law.Questions {
		if q, known := b.catalogue.Question(id); known {
			v.Questions = append(v.Questions, q)
		}
	}
	if result != nil {
		v.Reason = reasonIn(b.words, result.Reason)
		v.Checks, v.Kept = b.split(result.Checks)
		for _, c := range result.Checks {
			if c.Because != "" {
				v.Forgiven += max(c.Count, 1)
			}
			if b.options.Gate.Known(c) != nil {
				v.Known = true
			}
		}
		v.Summary = summaryOf(b.words, result)
	}
	if v.Standing == excluded() {
		v.Reason = spoken{sentence(law.Excluded.Reason), b.words.Language() != words.English}
	}
	return v
}

// weightWords says what a breach is worth.
func weightWords(w *words.Words, law *rules.Rule) string {
	text := w.Text("weight." + string(law.Violation))
	if law.Practice != nil {
		text += w.Text("weight.practice", w.Text("weight."+string(law.Practice.Violation)))
	}
	return text
}

// summaryOf says how often a rule was looked at.
func summaryOf(w *words.Words, result *rules.RuleResult) string {
	places := 0
	scenarios := map[string]bool{}
	for _, c := range result.Checks {
		places += max(c.Count, 1)
		scenarios[c.Scenario] = true
	}
	if places == 0 {
		return ""
	}
	return w.Text("page.checks-in", w.Count(places, "count.checks"), w.Count(len(scenarios), "count.scenarios"))
}

// split parts the checks of a rule that are worth reading, worst first, from
// those that were kept; of the latter it shows a few that say different things.
func (b *builder) split(checks []rules.Check) (worth []checkView, kept *keeping) {
	said, shown, left := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range checks {
		if c.Verdict.Worse(rules.Pass) || c.Because != "" {
			worth = append(worth, b.check(c))
			continue
		}
		if kept == nil {
			kept = &keeping{}
		}
		key := string(c.Verdict) + "|" + c.Seen
		if len(kept.First) < maxShown && !said[key] {
			said[key], shown[c.Scenario] = true, true
			view := b.check(c)
			view.Seen = clipTo(view.Seen, maxKept)
			kept.First = append(kept.First, view)
			continue
		}
		kept.More += max(c.Count, 1)
		if !left[c.Scenario] {
			left[c.Scenario] = true
			kept.Others = append(kept.Others, c.Scenario)
		}
	}
	slices.SortStableFunc(worth, worseFirst)
	return worth, kept
}

func worseFirst(a, b checkView) int {
	switch {
	case a.Verdict.Worse(b.Verdict):
		return -1
	case b.Verdict.Worse(a.Verdict):
		return 1
	}
	return 0
}

// distinct returns the first few checks that say different things.
func distinct(checks []checkView) (shown, more []checkView) {
	said := map[string]bool{}
	for _, c := range checks {
		key := string(c.Verdict) + "|" + c.Expected + "|" + c.Seen + "|" + c.Need
		if len(shown) < maxShown && !said[key] {
			said[key] = true
			shown = append(shown, c)
			continue
		}
		more = append(more, c)
	}
	return shown, more
}

func (b *builder) check(c rules.Check) checkView {
	e := b.story.Scenarios[c.Scenario]
	v := checkView{Check: c, Standing: checkStanding(c), ScenarioName: cmp.Or(b.names[c.Scenario], c.Scenario), Known: b.options.Gate.Known(c)}
	v.Need = needList(b.words, splitNeeds(c.Need))
	if w := b.waits[c.Scenario]; w != nil && c.Need != "" {
		v.Need = b.words.Text("page.legal-time") + ": " + goesOn(b.words, w)
	}
	place, octets := whereIn(b.words, c.Where, e)
	v.Place, v.Path = place, e.page(octets)
	if s := e.find(c.Where.Submission); s != nil && s.Dialogue != octets && c.Where.Attempt == 0 {
		v.Dialogue = s.Dialogue
	}
	return v
}
