package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/collaudo/collaudo/rules"
)

// maxAnnotations is how many of a kind GitHub shows for each step: more would be
// lost without a word.
const maxAnnotations = 10

// GitHubAnnotations writes the workflow commands by which GitHub Actions shows
// what is wrong above a run: an error for the verdict and for each broken rule,
// a warning for each warning and for what could not be concluded. A green run
// has a notice, and so have failures that a baseline knows of; gate is nil where
// the run was given none.
func GitHubAnnotations(w io.Writer, result *rules.Result, gate *Gate) error {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return err
	}
	g := annotator{newPrinter(w, 1<<20, false), catalogue, result, gate}
	verdict := "error"
	switch {
	case result.Verdict == rules.Conformant, result.Verdict == rules.ConformantWithWarnings, gate.covers():
		verdict = "notice"
	}
	g.command(verdict, "Collaudo: "+string(result.Verdict), sentence(result.Reason)+" Scope "+scopeWords(result.Run)+", profile "+string(result.Profile)+".")
	g.baseline()
	g.rules("error", rules.Error, rules.Fail)
	g.rules("warning", rules.Inconclusive, rules.Warn)
	return g.err
}

type annotator struct {
	*printer
	catalogue *rules.Catalogue
	result    *rules.Result
	gate      *Gate
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
			kind, title := kind, id+" "+string(v)
			if g.gate.KnowsRule(results[id]) {
				kind, title = "notice", title+", known"
			}
			g.command(kind, title, strings.Join(lines, "\n"))
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
// page of a job (GITHUB_STEP_SUMMARY). It is summary.md, in English, with the
// path of the report in dir, the run folder, for the reader to find it.
func GitHubSummary(result *rules.Result, dir string) ([]byte, error) {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return nil, err
	}
	report, gate := "", (*Gate)(nil)
	if dir != "" {
		if gate, err = ReadGate(dir); err != nil {
			return nil, err
		}
		report = dir + "/" + HTMLFile
	}
	return renderMarkdown(english(), result, catalogue, summaryPlace{Dir: dir, Report: report, Gate: gate})
}
