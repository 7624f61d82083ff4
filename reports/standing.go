package reports

import (
	"strings"

	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// standing is how a rule stands in a run, as a reader is told: its verdict, or
// why it has none.
type standing struct {
	Key   string // also the class on the page, and of the label in words.yaml
	Label string // in English
}

// standingAs is the standing with that key. A verdict that this version does not
// know is its own label.
func standingAs(key string) standing {
	s := standing{Key: key, Label: key}
	s.Label = s.in(english())
	return s
}

// in is the label in the language of a page.
func (s standing) in(w *words.Words) string {
	return s.many(w, 1)
}

// many is the label of so many that stand so.
func (s standing) many(w *words.Words, n int) string {
	key := "standing." + s.Key
	if _, known := w.Find(key); known {
		return w.Count(n, key)
	}
	return s.Key
}

// standings, in the order in which they are told.
func standings() []standing {
	var list []standing
	for _, v := range rules.Order() {
		if v != rules.NotExercised {
			list = append(list, verdictStanding(v))
		}
	}
	return append(list, cutShort(), verdictStanding(rules.NotExercised), notJudged(), excluded(), notAsked())
}

func notJudged() standing { return standingAs("not-judged") }
func excluded() standing  { return standingAs("excluded") }
func notAsked() standing  { return standingAs("not-asked") }

func verdictStanding(v rules.Verdict) standing {
	return standingAs(strings.ReplaceAll(string(v), " ", "-"))
}

// standingOf says how a rule stands; result is nil when the run did not ask
// for it.
func standingOf(law *rules.Rule, result *rules.RuleResult) standing {
	switch {
	case result == nil:
		return notAsked()
	case wasCut(result):
		return cutShort()
	case result.Verdict != rules.NotExercised:
		return verdictStanding(result.Verdict)
	case law.Excluded != nil && !result.Judged: // one of another sort of target is judged where that is under test
		return excluded()
	case !result.Judged:
		return notJudged()
	}
	return verdictStanding(rules.NotExercised)
}

// byRule finds the results of the rules.
func byRule(result *rules.Result) map[string]*rules.RuleResult {
	found := make(map[string]*rules.RuleResult, len(result.Rules))
	for i := range result.Rules {
		found[result.Rules[i].ID] = &result.Rules[i]
	}
	return found
}

// tally counts the rules of the catalogue by how they stand.
func tally(result *rules.Result, catalogue *rules.Catalogue) map[string]int {
	counts, found := map[string]int{}, byRule(result)
	for _, law := range catalogue.Rules {
		counts[standingOf(law, found[law.ID]).Key]++
	}
	return counts
}

// parted says how the rules stand, so that it adds up: those that were
// exercised with what came out in brackets, then the others.
func parted(counts map[string]int, total int) string {
	return partedIn(english(), counts, total)
}

// exercised counts the rules that were really looked at.
func exercised(counts map[string]int) int {
	return counts["fail"] + counts["warn"] + counts["pass"] + counts["observed"]
}
