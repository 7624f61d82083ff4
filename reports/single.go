package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/rules"
)

// What is told alike of messages, directory files and certificates that are
// judged one by one.

// rulesOf lists the rules by the verdicts of their checks.
func rulesOf(checks []rules.Check) map[rules.Verdict][]string {
	by := map[rules.Verdict][]string{}
	for _, c := range checks {
		if !slices.Contains(by[c.Verdict], c.Rule) {
			by[c.Verdict] = append(by[c.Verdict], c.Rule)
		}
	}
	return by
}

// checkGroups prints what is not kept, the worst first, then what is, and what
// could not be judged; alone says what was at hand.
func (p *printer) checkGroups(catalogue *rules.Catalogue, checks []rules.Check, kept []string, missing map[string]string, alone string, place func(rules.Check) string) {
	for _, told := range []struct {
		verdict rules.Verdict
		heading string
	}{
		{rules.Error, "The harness failed"}, {rules.Fail, "Rules broken"}, {rules.Inconclusive, "Not concluded"}, {rules.Warn, "Warnings"},
	} {
		p.checkGroup(checks, catalogue, told.verdict, told.heading, place)
	}
	p.line("")
	if n := len(kept); n > 0 {
		p.wrapped("kept        ", plural(n, "rule"))
	}
	by := rulesOf(checks)
	p.wrapped("noted       ", shortList(by[rules.Observed]))
	p.missing(missing, alone)
	if broken := by[rules.Fail]; len(broken) > 0 {
		p.wrapped("more        ", "collaudo rules explain "+broken[0]+" tells what the rule says and where it is written")
	}
}

// checkGroup prints the checks of one verdict, by rule; place says where the
// reason of a check lies.
func (p *printer) checkGroup(checks []rules.Check, catalogue *rules.Catalogue, verdict rules.Verdict, heading string, place func(rules.Check) string) {
	n := len(rulesOf(checks)[verdict])
	if n == 0 {
		return
	}
	p.line("")
	p.line(fmt.Sprintf("%s (%d)", heading, n))
	told := ""
	for _, c := range checks {
		if c.Verdict != verdict {
			continue
		}
		if c.Rule != told {
			p.wrapped("  "+c.Rule+"  ", titleOf(catalogue, c.Rule))
			if law, known := catalogue.Rule(c.Rule); known {
				p.wrapped("    written   ", citeBriefly(law))
			}
			told = c.Rule
		}
		p.wrapped("    expected  ", c.Expected)
		p.wrapped("    seen      ", brief(strings.TrimPrefix(c.Seen, "smime: ")))
		p.wrapped("    forgiven  ", c.Because)
		p.wrapped("    needs     ", c.Need)
		p.wrapped("    where     ", place(c))
		if c.Count > 1 {
			p.wrapped("    and       ", plural(c.Count-1, "more place"))
		}
	}
}

// citeBriefly names the sections of RFC 6109, which follow the Italian annex;
// other sources where it has none.
func citeBriefly(law *rules.Rule) string {
	if len(law.Sections) > 0 {
		return "RFC 6109 " + strings.Join(law.Sections, ", ")
	}
	return law.Cite().EN
}

// missing says what could not be judged, and what it would need.
func (p *printer) missing(missing map[string]string, alone string) {
	byNeed := map[string]int{}
	for _, need := range missing {
		if need == string(rules.NeedTrust) {
			need = "the CA and the directory"
		}
		byNeed[need]++
	}
	if len(byNeed) == 0 {
		return
	}
	needs := slices.SortedFunc(maps.Keys(byNeed), func(a, b string) int {
		return cmp.Or(cmp.Compare(byNeed[b], byNeed[a]), cmp.Compare(a, b))
	})
	for i, need := range needs {
		needs[i] = fmt.Sprintf("%s (%d)", need, byNeed[need])
	}
	p.wrapped("not judged  ", plural(len(missing), "rule")+", which take more than "+alone+": "+strings.Join(needs, ", "))
}

// brief shortens what a message may hold without end.
func brief(text string) string {
	const most = 400
	letters := []rune(strings.TrimSpace(text))
	if len(letters) <= most {
		return string(letters)
	}
	return string(letters[:most]) + fmt.Sprintf(" … (%d more letters)", len(letters)-most)
}

// atMost lists the first n of many.
func atMost(list []string, n int) string {
	if len(list) <= n {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:n], ", "), len(list)-n)
}

// shortList names rules without what all their ids begin with, as many as fit
// a glance.
func shortList(ids []string) string {
	const most = 12
	var names []string
	for _, id := range ids[:min(most, len(ids))] {
		names = append(names, strings.TrimPrefix(id, "PEC-"))
	}
	text := strings.Join(names, " ")
	if len(ids) > most {
		text += fmt.Sprintf(" and %d more", len(ids)-most)
	}
	return text
}
