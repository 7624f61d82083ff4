package reports

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/collaudo/collaudo/rules"
)

// TraceabilityFile is the traceability matrix: a line for each rule, with where it is
// written and what became of it.
const TraceabilityFile = "matrix.csv"

// mostListed bounds the names in one cell: a spreadsheet takes 32,767 letters.
const mostListed = 20

// renderTraceability writes the traceability matrix as RFC 4180 has it, one
// line for each rule of the catalogue: those that were not asked for are in it
// too, since a matrix with holes looks like one without.
func renderTraceability(result *rules.Result, catalogue *rules.Catalogue, s *story) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	judges := map[string][]string{}
	for _, j := range slices.Concat(rules.Judges(), rules.ClientJudges()) {
		if !slices.Contains(judges[j.Rule], j.Looks) {
			judges[j.Rule] = append(judges[j.Rule], j.Looks)
		}
	}
	found := byRule(result)
	lines := [][]string{traceabilityHead()}
	concluded := "no"
	if concludes(result.Verdict) {
		concluded = "yes"
	}
	for _, law := range catalogue.Rules {
		lines = append(lines, append(traceabilityLine(law, found[law.ID], judges[law.ID], s), string(result.Verdict), concluded))
	}
	for _, line := range lines {
		for i := range line {
			line[i] = cell(line[i])
		}
		if err := w.Write(line); err != nil {
			return nil, fmt.Errorf("write %s: %w", TraceabilityFile, err)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func traceabilityHead() []string {
	return []string{
		"rule", "title (en)", "title (it)", "RFC 6109", "Italian texts", "level", "standing", "verdict", "judge looks at",
		"scenarios", "checks", "errors", "failed", "not concluded", "warnings", "passed", "observed", "expected", "seen", "reason", "evidence", "decisions",
		"run verdict", "run concluded", // a line may be cut out of its file: it says of which run it is
	}
}

func traceabilityLine(law *rules.Rule, r *rules.RuleResult, judges []string, s *story) []string {
	line := []string{
		law.ID, law.Title.EN, law.Title.IT, strings.Join(law.Sections, "; "), italianTexts(law), string(law.Level), standingOf(law, r).Label,
	}
	verdict, reason := "", ""
	var scenarios, evidence []string
	counts := map[rules.Verdict]int{}
	expected, seen, total := "", "", 0
	if r != nil {
		verdict, reason = string(r.Verdict), r.Reason
		if worst, _ := worstCheck(r, r.Verdict); worst != nil && worst.Verdict != rules.Pass {
			expected, seen = worst.Expected, cmp.Or(worst.Seen, worst.Need)
		}
		for i := range r.Checks {
			c := &r.Checks[i]
			n := max(c.Count, 1)
			counts[c.Verdict] += n
			total += n
			scenarios = appendNew(scenarios, c.Scenario)
			if c.Verdict.Worse(rules.Pass) {
				if _, file := whereWords(c.Where, s.Scenarios[c.Scenario]); file != "" {
					evidence = appendNew(evidence, path.Clean(file))
				}
			}
		}
	}
	number := func(n int) string {
		if r == nil {
			return ""
		}
		return strconv.Itoa(n)
	}
	line = append(line, verdict, strings.Join(judges, "; "), fewNames(scenarios), number(total))
	for _, v := range []rules.Verdict{rules.Error, rules.Fail, rules.Inconclusive, rules.Warn, rules.Pass, rules.Observed} {
		line = append(line, number(counts[v]))
	}
	return append(line,
		clip(expected), clip(seen), reason, fewNames(evidence), strings.Join(slices.Concat(law.Decisions, law.Questions), "; "))
}

// italianTexts cites the decree and its annex, in Italian: that is how they are
// looked up.
func italianTexts(law *rules.Rule) string {
	var list []string
	for _, source := range law.Italian {
		list = append(list, source.Text().IT)
	}
	return strings.Join(list, "; ")
}

// fewNames lists the first of many names, and says how many there are.
func fewNames(list []string) string {
	if len(list) > mostListed {
		list = append(list[:mostListed:mostListed], fmt.Sprintf("and %d more", len(list)-mostListed))
	}
	return strings.Join(list, "; ")
}

func appendNew(list []string, name string) []string {
	if name == "" || slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}

// cell shows a text as text. What a target sent may begin like a formula, which
// a spreadsheet would carry out: an apostrophe in front keeps it from that.
func cell(text string) string {
	text = strings.TrimSpace(printable(text))
	if first, _ := utf8.DecodeRuneInString(text); text != "" && strings.ContainsRune("=+-@|%＝＋－＠", first) {
		return "'" + text
	}
	return text
}
