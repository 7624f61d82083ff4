package reports

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/collaudo/collaudo/rules"
)

// GitHub shows ten annotations of a kind for each step and takes a summary of
// at most 1 MiB: more would be lost without a word.
const (
	maxAnnotations = 10
	maxSummaryRows = 200
)

// GitHubAnnotations writes the workflow commands by which GitHub Actions shows
// what is wrong above a run: an error for the verdict and for each broken rule,
// a warning for each warning and for what could not be concluded. A green run
// has a notice.
func GitHubAnnotations(w io.Writer, result *rules.Result) error {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return err
	}
	g := annotator{newPrinter(w, 1<<20, false), catalogue, result}
	verdict := "error"
	switch result.Verdict {
	case rules.Conformant, rules.ConformantWithWarnings:
		verdict = "notice"
	}
	g.command(verdict, "Collaudo: "+string(result.Verdict), sentence(result.Reason)+" Scope "+scopeWords(result.Run)+", profile "+string(result.Profile)+".")
	g.rules("error", rules.Error, rules.Fail)
	g.rules("warning", rules.Inconclusive, rules.Warn)
	return g.err
}

type annotator struct {
	*printer
	catalogue *rules.Catalogue
	result    *rules.Result
}

// rules annotates the rules with these verdicts, up to what GitHub shows.
func (g annotator) rules(kind string, verdicts ...rules.Verdict) {
	results := byRule(g.result)
	most, told, all := maxAnnotations-2, 0, 0 // one for the verdict, one for the others
	for _, v := range verdicts {
		for _, id := range rulesWith(g.result, v) {
			if all++; told == most {
				continue
			}
			told++
			lines := []string{titleOf(g.catalogue, id)}
			if worst, _ := worstCheck(results[id], v); worst != nil {
				for _, fact := range factsOf(worst) {
					lines = append(lines, fact.Label+": "+printable(clip(fact.Value)))
				}
			} else if reason := results[id].Reason; reason != "" {
				lines = append(lines, printable(reason))
			}
			g.command(kind, id+" "+string(v), strings.Join(lines, "\n"))
		}
	}
	if all > told {
		g.command(kind, "Collaudo", fmt.Sprintf("… and %s, see the summary of this job", plural(all-told, "other rule")))
	}
}

// command writes one workflow command.
func (g annotator) command(kind, title, text string) {
	g.line("::" + kind + " title=" + escapeProperty.Replace(title) + "::" + escapeData.Replace(text))
}

// GitHub reads %, line ends and, in properties, : and , only in this form.
var (
	escapeData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	escapeProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// factsOf are what there is to say of a check, in words.
func factsOf(c *rules.Check) []fact {
	var facts []fact
	for _, f := range []fact{
		{"expected", c.Expected},
		{"seen", c.Seen},
		{"missing", c.Need},
		{"forgiven because", c.Because},
		{"scenario", c.Scenario},
	} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

// GitHubSummary renders a run as the Markdown that GitHub Actions shows on the
// page of a job (GITHUB_STEP_SUMMARY). What was seen comes from outside and is
// shown as text, whatever it holds. dir is the run folder, for the reader to
// find the report.
func GitHubSummary(result *rules.Result, dir string) ([]byte, error) {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	icon := map[string]string{"good": "✅", "warned": "⚠️", "bad": "❌"}[toneOfVerdict(result.Verdict)]
	fmt.Fprintf(&b, "## %s Collaudo: %s\n\n%s\n\n", cmp.Or(icon, "❔"), result.Verdict, markdown(sentence(result.Reason)))
	run := result.Run
	rows := [][2]string{
		{"Target", run.Target},
		{"Profile", string(result.Profile)},
		{"Scope", scopeWords(run)},
		{"Rules", parted(tally(result, catalogue), len(catalogue.Rules))},
		{"Scenarios", fmt.Sprint(len(result.Scenarios))},
		{"By", cmp.Or(run.Tool, "collaudo") + " " + run.Version + ", seed " + fmt.Sprint(run.Seed)},
	}
	if len(run.Faults) > 0 {
		rows = append(rows, [2]string{"Faults", strings.Join(run.Faults, ", ")})
	}
	if dir != "" {
		rows = append(rows, [2]string{"Report", dir + "/" + HTMLFile})
	}
	b.WriteString("| | |\n|---|---|\n")
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s | %s |\n", row[0], markdown(row[1]))
	}
	left := maxSummaryRows
	for _, told := range []struct {
		verdict rules.Verdict
		heading string
	}{
		{rules.Error, "The harness failed"},
		{rules.Fail, "Broken rules"},
		{rules.Inconclusive, "Not concluded"},
		{rules.Warn, "Warnings"},
	} {
		left -= summaryTable(&b, result, catalogue, told.verdict, told.heading, left)
	}
	if steps := nextSteps(result, catalogue, dir); len(steps) > 0 {
		b.WriteString("\n### Next\n\n")
		for _, s := range steps {
			fmt.Fprintf(&b, "- %s\n", markdown(s.String()))
		}
	}
	return b.Bytes(), nil
}

// summaryTable writes the rules with one verdict and returns how many lines.
func summaryTable(b *bytes.Buffer, result *rules.Result, catalogue *rules.Catalogue, verdict rules.Verdict, heading string, most int) int {
	ids := rulesWith(result, verdict)
	if len(ids) == 0 {
		return 0
	}
	fmt.Fprintf(b, "\n### %s (%d)\n\n| rule | what | seen |\n|---|---|---|\n", heading, len(ids))
	results := byRule(result)
	for i, id := range ids {
		if i >= most {
			fmt.Fprintf(b, "| … | %s, see the report | |\n", plural(len(ids)-i, "other rule"))
			return i
		}
		var lines []string
		if worst, count := worstCheck(results[id], verdict); worst != nil {
			for _, f := range factsOf(worst) {
				lines = append(lines, "**"+f.Label+"** "+markdown(clip(f.Value)))
			}
			if count > 1 {
				lines = append(lines, fmt.Sprintf("and %s", plural(count-1, "other place")))
			}
		} else {
			lines = append(lines, markdown(results[id].Reason))
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", id, markdown(titleOf(catalogue, id)), strings.Join(lines, "<br>"))
	}
	return len(ids)
}

// markdown shows a text as it is: no markup, no link, no table cell of its own.
func markdown(text string) string {
	return markup.Replace(strings.Join(strings.Fields(printable(text)), " "))
}

var markup = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;",
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "~", `\~`, "#", `\#`, "!", `\!`,
	"://", "&#58;//", "@", "&#64;", "www.", "www&#46;", // GitHub makes links and mentions of what looks like one
)
