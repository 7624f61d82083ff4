package reports

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// SummaryOptions says how the summary of a run is printed.
type SummaryOptions struct {
	Dir    string        // the run folder; empty: no paths are printed
	Took   time.Duration // of the run, where there is no evidence to say it; zero: not printed
	Width  int           // of the terminal in columns; zero: 80
	Colour bool          // ANSI colours, for a terminal
	Gate   *Gate         // what a baseline makes of the run; nil: it was given none
	Brief  bool          // only the verdict, what fails, and where the report lies
}

// maxTold bounds how many rules of one verdict the summary tells in full; the
// report tells all of them.
const maxTold = 10

// Headings of what fails.
const (
	headingError = "The harness failed"
	headingFail  = "Broken rules"
)

// Summary prints what a run came to: the verdict, the numbers, every broken
// rule as rule / expected / seen / where / why it matters / what to do, what to
// do next and where the report lies. It loads the catalogue for what the rules
// say.
func Summary(w io.Writer, result *rules.Result, o SummaryOptions) error {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return err
	}
	p := newPrinter(w, o.Width, o.Colour)
	if o.Brief {
		p.brief(result, catalogue, o)
		return p.err
	}
	p.line("")
	p.verdict(result)
	if len(result.Run.Faults) > 0 {
		p.wrapped("", faultsWords(result.Run.Faults)+": "+strings.Join(result.Run.Faults, ", ")+".")
	}
	p.line("")
	p.numbers(result, catalogue, span(o))
	if cut := underWay(result); len(cut) > 0 {
		p.line("")
		p.line(fmt.Sprintf("Under way when the run was cut short (%d)", len(cut)))
		p.wrapped("  ", strings.Join(cut, ", "))
	}
	record := &evidence.Record{Dir: o.Dir}
	for _, told := range []struct {
		verdict rules.Verdict
		heading string
	}{
		{rules.Error, headingError},
		{rules.Fail, headingFail},
		{rules.Inconclusive, "Not concluded"},
		{rules.Warn, "Warnings"},
	} {
		if told.verdict == rules.Inconclusive {
			p.open(result)
			continue
		}
		p.group(result, catalogue, told.verdict, told.heading, record)
	}
	p.footnotes()
	p.troubles(result)
	p.gate(o.Gate)
	p.next(result, catalogue, o.Dir)
	p.visits(result)
	if o.Dir != "" {
		p.line("")
		p.line("Report:   " + filepath.Join(o.Dir, HTMLFile))
		p.line("Evidence: " + filepath.Join(o.Dir, "evidence"))
	}
	return p.err
}

func (p *printer) verdict(result *rules.Result) {
	code := map[string]string{"good": "1;32", "warned": "1;32", "bad": "1;31"}[toneOfVerdict(result.Verdict)]
	if code == "" {
		code = "1;35"
	}
	scope := fmt.Sprintf("profile %s, scope %s", result.Profile, result.Run.Scope)
	if shard := result.Run.Shard; shard != nil {
		scope += " " + shard.String()
	}
	p.line(p.paint(code, string(result.Verdict)) + "  (" + scope + ")")
	p.wrapped("", sentence(result.Reason))
}

func (p *printer) numbers(result *rules.Result, catalogue *rules.Catalogue, took time.Duration) {
	counts := tally(result, catalogue)
	p.wrapped("Rules:     ", parted(counts, len(catalogue.Rules)))
	passed := map[string]int{}
	for _, s := range result.Scenarios {
		passed[scenarioStanding(s).Key]++
	}
	var parts []string
	for _, s := range standings() {
		if n := passed[s.Key]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s.Label))
		}
	}
	text := plainNumber(len(result.Scenarios))
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	text += begunAgain(result)
	if took > 0 {
		text += ", in " + tookWords(took)
	}
	p.wrapped("Scenarios: ", text)
}

// group tells the rules that have one verdict.
func (p *printer) group(result *rules.Result, catalogue *rules.Catalogue, verdict rules.Verdict, heading string, record *evidence.Record) {
	ids := rulesWith(result, verdict)
	if len(ids) == 0 {
		return
	}
	p.line("")
	p.line(p.paint(codeOf(verdict), fmt.Sprintf("%s (%d)", heading, len(ids))))
	results := byRule(result)
	// A warning or an open answer needs no story on the terminal: its line says
	// what it is about, and the report the rest.
	inFull := verdict == rules.Fail || verdict == rules.Error
	for i, id := range ids {
		if i == maxTold {
			p.line(fmt.Sprintf("  … and %s, see the report", plural(len(ids)-maxTold, "other rule")))
			return
		}
		p.wrapped("  "+p.paint("1", id)+"  ", titleOf(catalogue, id))
		worst, count := worstCheck(results[id], verdict)
		if worst == nil {
			p.wrapped("    because   ", results[id].Reason)
			continue
		}
		if inFull {
			p.wrapped("    expected  ", worst.Expected)
		}
		p.wrapped("    seen      ", clip(worst.Seen))
		p.wrapped("    missing   ", worst.Need)
		p.wrapped("    forgiven  ", worst.Because)
		if inFull {
			p.where(worst, record, count)
			p.why(catalogue, id, verdict)
		}
	}
}

func (p *printer) where(c *rules.Check, record *evidence.Record, count int) {
	place := c.Where.Part
	for _, id := range []string{c.Where.Message, c.Where.Submission} {
		if id != "" {
			place = strings.TrimPrefix(place+" of "+id, " of ")
		}
	}
	where := "scenario " + c.Scenario
	if place != "" {
		where += ", " + place
	}
	if c.Where.Attempt > 0 {
		where += ", in the earlier attempt " + plainNumber(c.Where.Attempt)
	}
	if count > 1 {
		where += fmt.Sprintf(" (and %s)", plural(count-1, "other place"))
	}
	p.wrapped("    where     ", where)
	if record.Dir != "" && c.Where.Blob != "" {
		if path := record.Path(c.Where.Blob); path != "" {
			p.wrapped("    octets    ", filepath.Join(record.Dir, filepath.FromSlash(path)))
		}
	}
}

func (p *printer) next(result *rules.Result, catalogue *rules.Catalogue, dir string) {
	steps := nextSteps(result, catalogue, dir)
	if len(steps) == 0 {
		return
	}
	p.line("")
	p.line("Next:")
	for _, s := range steps {
		if s.Command == "" {
			p.wrapped("  - ", s.Text)
			continue
		}
		p.wrapped("  - ", s.Text+":")
		p.line("      " + s.Command) // on one line, however long: it is there to be pasted
	}
}

// worstCheck returns the first check with that verdict, and at how many places
// it was given.
func worstCheck(result *rules.RuleResult, verdict rules.Verdict) (first *rules.Check, count int) {
	for i := range result.Checks {
		if c := &result.Checks[i]; c.Verdict == verdict {
			if first == nil {
				first = c
			}
			count += max(c.Count, 1)
		}
	}
	return first, count
}

func codeOf(v rules.Verdict) string {
	switch v {
	case rules.Error, rules.Fail:
		return "31"
	case rules.Inconclusive:
		return "35"
	case rules.Warn:
		return "33"
	}
	return "0"
}

// clip bounds what was seen: a terminal is no place for a whole message.
func clip(text string) string { return clipTo(text, 400) }

// clipTo bounds a text to so many letters.
func clipTo(text string, most int) string {
	letters := []rune(strings.TrimSpace(text))
	if len(letters) <= most {
		return string(letters)
	}
	return string(letters[:most]) + fmt.Sprintf(" … (%d more letters)", len(letters)-most)
}
