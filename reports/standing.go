package reports

import (
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/rules"
)

// standing is how a rule stands in a run, as a reader is told: its verdict, or
// why it has none.
type standing struct {
	Key   string // also the class on the page
	Label string
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

func notJudged() standing { return standing{"not-judged", "not judged yet"} }
func excluded() standing  { return standing{"excluded", "excluded"} }
func notAsked() standing  { return standing{"not-asked", "not asked for"} }

func verdictStanding(v rules.Verdict) standing {
	if v == rules.NotExercised {
		return standing{"not-exercised", "not exercised"}
	}
	return standing{string(v), string(v)}
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
	var looked, others []string
	for _, key := range []string{"fail", "pass", "warn", "observed"} {
		if n := counts[key]; n > 0 {
			looked = append(looked, fmt.Sprintf("%d %s", n, key))
		}
	}
	for _, s := range standings() {
		switch s.Key {
		case "fail", "pass", "warn", "observed":
		default:
			if n := counts[s.Key]; n > 0 {
				others = append(others, fmt.Sprintf("%s %d", s.Label, n))
			}
		}
	}
	text := fmt.Sprintf("%d of %d exercised", exercised(counts), total)
	if len(looked) > 0 {
		text += " (" + strings.Join(looked, ", ") + ")"
	}
	if len(others) > 0 {
		text += "; " + strings.Join(others, ", ")
	}
	return text
}

// exercised counts the rules that were really looked at.
func exercised(counts map[string]int) int {
	return counts["fail"] + counts["warn"] + counts["pass"] + counts["observed"]
}
