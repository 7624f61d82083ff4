package reports

import (
	"cmp"
	"slices"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// waits is what of a run waits for legal time to pass.
type waits struct {
	Scenarios []string
	Rules     []string // that are inconclusive until then
	Visits    []visit  // when to come back, in order
	Present   []string // scenarios that go on only where the run stays
	Last      time.Time
}

// visit is a time in which a run can be taken up again, for several scenarios at
// once. Who comes before From finds them waiting, who comes after To has them
// begin again.
type visit struct {
	From, To  time.Time
	Scenarios []string
}

// waiting finds what waits; nil: nothing does.
func waiting(result *rules.Result) *waits {
	w := &waits{}
	var away []rules.ScenarioResult // that somebody may leave and come back to
	for _, s := range result.Scenarios {
		if s.Waiting == nil {
			continue
		}
		w.Scenarios = append(w.Scenarios, s.ID)
		if s.Waiting.Until.After(w.Last) {
			w.Last = s.Waiting.Until
		}
		if s.Waiting.Present {
			w.Present = append(w.Present, s.ID)
		} else {
			away = append(away, s)
		}
	}
	if len(w.Scenarios) == 0 {
		return nil
	}
	for _, r := range result.Rules {
		held := func(c rules.Check) bool {
			return c.Verdict == rules.Inconclusive && slices.Contains(w.Scenarios, c.Scenario)
		}
		if r.Verdict == rules.Inconclusive && slices.ContainsFunc(r.Checks, held) {
			w.Rules = append(w.Rules, r.ID)
		}
	}
	w.Visits = visits(away)
	return w
}

// visits are the fewest times in which every scenario can go on.
func visits(scenarios []rules.ScenarioResult) []visit {
	slices.SortStableFunc(scenarios, func(a, b rules.ScenarioResult) int {
		return cmp.Or(a.Waiting.Until.Compare(b.Waiting.Until), cmp.Compare(a.ID, b.ID))
	})
	var list []visit
	for _, s := range scenarios {
		if n := len(list) - 1; n >= 0 && !s.Waiting.Until.After(list[n].To) {
			v := &list[n]
			v.From, v.Scenarios = s.Waiting.Until, append(v.Scenarios, s.ID)
			if s.Waiting.Latest.Before(v.To) {
				v.To = s.Waiting.Latest
			}
			continue
		}
		list = append(list, visit{s.Waiting.Until, s.Waiting.Latest, []string{s.ID}})
	}
	return list
}

// When says when to come back, in Italian legal time.
func (v visit) When(w *words.Words) string { return betweenWords(w, v.From, v.To) }

// soonOver is a time so short that its seconds matter.
const soonOver = 5 * time.Minute

// betweenWords says from when to when, in Italian legal time: to the minute,
// rounded inwards, or to the second where it is short.
func betweenWords(w *words.Words, from, to time.Time) string {
	from, to = from.In(pec.Zone()), to.In(pec.Zone())
	clock := "15:04"
	if to.Sub(from) < soonOver {
		clock = "15:04:05"
		from = from.Add(time.Second - time.Nanosecond)
	} else {
		from = from.Add(time.Minute - time.Nanosecond)
	}
	day := ""
	if from.Format(time.DateOnly) != to.Format(time.DateOnly) {
		day = "Mon 2 January, "
	}
	return w.Text("page.between", instant(w, from, "Mon 2 January, "+clock), instant(w, to, day+clock+" MST"))
}

// instantWords says from when, in Italian legal time, to the next whole minute.
func instantWords(w *words.Words, t time.Time) string {
	return instant(w, t.Add(time.Minute-time.Nanosecond).In(pec.Zone()), "Mon 2 January, 15:04 MST")
}

// nextSteps says when to come back, and how to stay instead.
func (w *waits) nextSteps(t *words.Words, dir string) []nextStep {
	resume := resumeCommand(dir)
	head := t.Count(len(w.Scenarios), "next.waits")
	if len(w.Rules) > 0 {
		head += t.Text(oneOrMany("next.waits-too", w.Scenarios), t.Count(len(w.Rules), "count.rules"))
	}
	stay := t.Text("next.or-stay")
	var steps []nextStep
	switch len(w.Visits) {
	case 0:
		stay = head + ". " + t.Text("next.stay")
	case 1:
		steps = append(steps, nextStep{head + ". " + t.Text("next.come-back", w.Visits[0].When(t)), resume})
	default:
		back := t.Text("next.come-back-often", w.Visits[0].When(t), t.Count(len(w.Visits)-1, "next.times-more"))
		steps = append(steps, nextStep{head + ". " + back, resume})
	}
	stay += t.Text("next.until", instantWords(t, w.Last))
	if n := len(w.Present); n > 0 && len(steps) > 0 {
		stay += "; " + t.Count(n, "next.only-so")
	}
	return append(steps, nextStep{stay, resume + " --wait"})
}

// verbed is a number of things and what they do.
func verbed(n int, noun, one, many string) string {
	if n == 1 {
		return plural(n, noun) + " " + one
	}
	return plural(n, noun) + " " + many
}

// resumeCommand goes on with the run in that folder.
func resumeCommand(dir string) string { return "collaudo run --resume " + cmp.Or(dir, "DIR") }

// goesOn says when a scenario goes on.
func goesOn(t *words.Words, w *evidence.Waiting) string {
	if w.Present {
		return t.Text("page.goes-on-present", instantWords(t, w.Until))
	}
	return t.Text("page.goes-on", betweenWords(t, w.Until, w.Latest))
}

// openScenario says why nothing is concluded of a scenario that was not played,
// or not yet to the end; empty: it was.
func openScenario(t *words.Words, s rules.ScenarioResult, dir string) string {
	switch {
	case s.Waiting != nil && s.Waiting.Present:
		return t.Text("page.waits-present", goesOn(t, s.Waiting), resumeCommand(dir))
	case s.Waiting != nil:
		return t.Text("page.waits", goesOn(t, s.Waiting), resumeCommand(dir))
	case len(s.Lacking) > 0:
		return t.Text("page.not-played", needList(t, s.Lacking))
	}
	return ""
}
