package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/rules"
)

// legalTime is what rules lack whose scenarios wait.
const legalTime = "legal time to pass"

// open tells what could not be concluded, by what was lacking: many rules lack
// the same. What most rules lack comes first.
func (p *printer) open(result *rules.Result) {
	byNeed := map[string][]string{}
	var needs []string
	results, waits := byRule(result), map[string]bool{}
	for _, s := range result.Scenarios {
		waits[s.ID] = s.Waiting != nil
	}
	ids := rulesWith(result, rules.Inconclusive)
	for _, id := range ids {
		need := openWords(results[id], waits)
		if byNeed[need] == nil {
			needs = append(needs, need)
		}
		byNeed[need] = append(byNeed[need], id)
	}
	if len(needs) == 0 {
		return
	}
	slices.SortStableFunc(needs, func(a, b string) int { return len(byNeed[b]) - len(byNeed[a]) })
	p.line("")
	p.line(p.paint(codeOf(rules.Inconclusive), fmt.Sprintf("Not concluded (%d)", len(ids))))
	for i, need := range needs {
		if i == maxTold {
			p.line(fmt.Sprintf("  … and %s, see the report", plural(len(needs)-maxTold, "other reason")))
			return
		}
		p.wrapped("  missing  ", cmp.Or(need, "not stated"))
		p.wrapped("    rules  ", shortList(byNeed[need]))
	}
}

// openWords says what an inconclusive rule lacks.
func openWords(r *rules.RuleResult, waits map[string]bool) string {
	c, _ := worstCheck(r, rules.Inconclusive)
	switch {
	case c != nil && waits[c.Scenario]:
		return legalTime
	case c != nil && c.Need != "":
		return needList(english(), splitNeeds(c.Need))
	case c != nil && c.Seen != "":
		return c.Seen
	}
	if needs, is := strings.CutPrefix(r.Reason, reasonMissing); is {
		return needList(english(), splitNeeds(needs))
	}
	return r.Reason
}

// visits tells when to come back to a run that waits.
func (p *printer) visits(result *rules.Result) {
	w := waiting(result)
	if w == nil || len(w.Visits) < 2 {
		return // next says it
	}
	p.line("")
	p.line(fmt.Sprintf("When to come back (%s)", verbed(len(w.Scenarios), "scenario", "waits", "wait")))
	width := 0
	for _, v := range w.Visits {
		width = max(width, len(v.When(english())))
	}
	for _, v := range w.Visits {
		p.wrapped(fmt.Sprintf("  %-*s  ", width, v.When(english())), plural(len(v.Scenarios), "scenario"))
	}
	if n := len(w.Present); n > 0 {
		p.wrapped(fmt.Sprintf("  %-*s  ", width, "only with --wait, from now on"), plural(n, "scenario"))
	}
}
