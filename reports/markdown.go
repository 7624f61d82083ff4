package reports

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// MarkdownFile is the summary of a run for CI systems: what they show beside a
// job, or a person pastes into an issue.
const MarkdownFile = "summary.md"

// maxSummaryRows bounds the rules that are told one by one: GitHub takes a
// summary of at most 1 MiB, and more would be lost without a word.
const maxSummaryRows = 200

// summaryPlace says where the run and its report lie, as the reader of a summary
// has to be told; empty: not known.
type summaryPlace struct {
	Dir    string // run folder, for commands that name it
	Report string // path of the HTML report
	Gate   *Gate  // what a baseline makes of the run; nil: it was given none
}

// renderMarkdown renders a run as Markdown. What was seen comes from outside and
// is shown as text, whatever it holds.
func renderMarkdown(w *words.Words, result *rules.Result, catalogue *rules.Catalogue, place summaryPlace) ([]byte, error) {
	var b bytes.Buffer
	icon := map[string]string{"good": "✅", "warned": "⚠️", "bad": "❌"}[toneOfVerdict(result.Verdict)]
	verdict, known := w.Find("verdict." + strings.ToLower(strings.ReplaceAll(string(result.Verdict), " ", "-")))
	if !known {
		verdict = string(result.Verdict)
	}
	reason, _ := w.Said(result.Reason)
	fmt.Fprintf(&b, "## %s Collaudo: %s\n\n%s\n\n", cmp.Or(icon, "❔"), verdict, markdown(sentence(reason)))
	run := result.Run
	profile, known := w.Find("page.profile." + string(result.Profile))
	if w.Language() == words.English || !known {
		profile = string(result.Profile)
	}
	rows := [][2]string{
		{"markdown.target", run.Target},
		{"markdown.profile", profile},
		{"markdown.scope", scopeIn(w, run)},
		{"markdown.rules", partedIn(w, tally(result, catalogue), len(catalogue.Rules))},
		{"markdown.scenarios", fmt.Sprint(len(result.Scenarios))},
		{"markdown.by", cmp.Or(run.Tool, "collaudo") + " " + run.Version + w.Text("markdown.seed", run.Seed)},
	}
	if len(run.Faults) > 0 {
		rows = append(rows, [2]string{"markdown.faults", strings.Join(run.Faults, ", ")})
	}
	if g := place.Gate; g != nil {
		reason, _ := w.Said(g.Reason)
		rows = append(rows, [2]string{"markdown.baseline", w.Text("gate.exit-code", g.Code) + ": " + reason})
	}
	if place.Report != "" {
		rows = append(rows, [2]string{"markdown.report", place.Report})
	}
	b.WriteString("| | |\n|---|---|\n")
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s | %s |\n", w.Text(row[0]), markdown(row[1]))
	}
	left := maxSummaryRows
	for _, v := range []rules.Verdict{rules.Error, rules.Fail, rules.Inconclusive, rules.Warn} {
		left -= summaryTable(&b, w, result, catalogue, v, left)
	}
	if steps := nextStepsIn(w, result, catalogue, place.Dir); len(steps) > 0 {
		fmt.Fprintf(&b, "\n### %s\n\n", w.Text("markdown.next"))
		for _, s := range steps {
			fmt.Fprintf(&b, "- %s\n", markdown(s.String()))
		}
	}
	return b.Bytes(), w.Err()
}

// summaryTable writes the rules with one verdict and returns how many lines.
func summaryTable(b *bytes.Buffer, w *words.Words, result *rules.Result, catalogue *rules.Catalogue, verdict rules.Verdict, most int) int {
	ids := rulesWith(result, verdict)
	if len(ids) == 0 {
		return 0
	}
	fmt.Fprintf(b, "\n### %s (%d)\n\n%s\n|---|---|---|\n", w.Text("markdown."+string(verdict)), len(ids), w.Text("markdown.head"))
	results := byRule(result)
	for i, id := range ids {
		if i >= most {
			fmt.Fprintf(b, "| … | %s | |\n", w.Text("markdown.others", w.Count(len(ids)-i, "count.other-rules")))
			return i
		}
		var lines []string
		if worst, count := worstCheck(results[id], verdict); worst != nil {
			for _, f := range markdownFacts(worst) {
				lines = append(lines, "**"+w.Text(f.Label)+"** "+markdown(clip(f.Value)))
			}
			if count > 1 {
				lines = append(lines, w.Count(count-1, "markdown.other-places"))
			}
		} else {
			reason, _ := w.Said(results[id].Reason)
			lines = append(lines, markdown(reason))
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", id, markdown(titleIn(w, catalogue, id)), strings.Join(lines, "<br>"))
	}
	return len(ids)
}

// markdownFacts are what there is to say of a check, under the keys of their
// words. The judge's own words stay as they were recorded.
func markdownFacts(c *rules.Check) []fact {
	var facts []fact
	for _, f := range []fact{
		{"markdown.expected", c.Expected},
		{"markdown.seen", c.Seen},
		{"markdown.missing", c.Need},
		{"markdown.forgiven", c.Because},
		{"markdown.scenario", c.Scenario},
	} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

// partedIn is parted in a language.
func partedIn(w *words.Words, counts map[string]int, total int) string {
	var looked, others []string
	for _, key := range []string{"fail", "pass", "warn", "observed"} {
		if n := counts[key]; n > 0 {
			looked = append(looked, w.Text("markdown.looked", n, w.Text("standing."+key)))
		}
	}
	for _, s := range standings() {
		switch s.Key {
		case "fail", "pass", "warn", "observed":
		default:
			if n := counts[s.Key]; n > 0 {
				others = append(others, w.Text("markdown.other", s.in(w), n))
			}
		}
	}
	text := w.Text("markdown.exercised", exercised(counts), total)
	if len(looked) > 0 {
		text += " (" + strings.Join(looked, ", ") + ")"
	}
	if len(others) > 0 {
		text += "; " + strings.Join(others, ", ")
	}
	return text
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
