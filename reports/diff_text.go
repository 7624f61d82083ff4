package reports

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// maxDiffChecks bounds how many checks of one rule are told; JSON holds them all.
const maxDiffChecks = 4

// DiffOptions say how a comparison is printed.
type DiffOptions struct {
	Language words.Language
	Width    int  // of the terminal in columns; zero: 80
	Colour   bool // ANSI colours, for a terminal
}

// JSON writes a comparison as one document.
func (c *Comparison) JSON() ([]byte, error) {
	octets, err := indented(c)
	if err != nil {
		return nil, fmt.Errorf("encode the comparison: %w", err)
	}
	return octets, nil
}

// Text prints a comparison: what the runs came to, what was not the same about
// them, and every rule that changed with its checks, what got worse first. What
// judges saw and expected is in English, as it was recorded.
func (c *Comparison) Text(w io.Writer, o DiffOptions) error {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return err
	}
	d := &diffPrinter{newPrinter(w, o.Width, o.Colour), words.In(o.Language), catalogue}
	t := d.words
	d.line("")
	label := max(len([]rune(t.Text("diff.before"))), len([]rune(t.Text("diff.after"))))
	for _, side := range []struct {
		key string
		run Compared
	}{{"diff.before", c.Before}, {"diff.after", c.After}} {
		d.wrapped(fmt.Sprintf("%-*s  ", label, t.Text(side.key)), fmt.Sprintf("%s, %s  (%s)", d.outcome(side.run.Verdict), t.Text("diff.profile-scope", side.run.Profile, side.run.Scope), side.run.Dir))
	}
	d.line("")
	if d.colour {
		d.line(d.paint(d.tone(c), d.headline(c)))
	} else {
		d.wrapped("", d.headline(c))
	}
	if len(c.NotAsked) > 0 {
		d.wrapped("", t.Count(len(c.NotAsked), "diff.not-asked"))
	}
	d.circumstances(c)
	for _, change := range Changes() {
		d.group(c, change)
	}
	d.scenarios(c)
	if d.err != nil {
		return d.err
	}
	return t.Err()
}

type diffPrinter struct {
	*printer
	words     *words.Words
	catalogue *rules.Catalogue
}

func (d *diffPrinter) outcome(v rules.Outcome) string {
	return d.words.Text("verdict." + strings.ReplaceAll(strings.ToLower(string(v)), " ", "-"))
}

func (d *diffPrinter) tone(c *Comparison) string {
	switch {
	case c.GotWorse:
		return "1;31"
	case len(c.Rules)+len(c.Scenarios) == 0:
		return "1;32"
	}
	return "1"
}

// headline says in a line what changed.
func (d *diffPrinter) headline(c *Comparison) string {
	t := d.words
	if len(c.Rules) == 0 && !c.GotWorse {
		if len(c.Scenarios) > 0 || c.Before.Verdict != c.After.Verdict {
			return t.Text("diff.not-worse") + " " + t.Count(c.Same, "diff.same")
		}
		return t.Count(c.Same, "diff.nothing")
	}
	var parts []string
	for _, change := range Changes() {
		if n := c.Counts[change]; n > 0 {
			parts = append(parts, t.Count(n, "diff.count."+string(change)))
		}
	}
	key := "diff.not-worse"
	if c.GotWorse {
		key = "diff.got-worse"
	}
	text := t.Text(key)
	if c.VerdictWorse {
		text += " " + t.Text("diff.verdict", d.outcome(c.Before.Verdict), d.outcome(c.After.Verdict))
	}
	if n := c.lost(); n > 0 {
		text += " " + t.Count(n, "diff.lost")
	}
	if len(c.Rules) == 0 {
		return text + " " + t.Count(c.Same, "diff.same")
	}
	return text + " " + t.Count(len(c.Rules), "diff.changed", strings.Join(parts, ", "), c.Same)
}

// lost counts the scenarios that were played and are not any more.
func (c *Comparison) lost() (n int) {
	for _, s := range c.Scenarios {
		if s.GotWorse {
			n++
		}
	}
	return n
}

func (d *diffPrinter) circumstances(c *Comparison) {
	if len(c.Differ) == 0 {
		return
	}
	d.line("")
	d.line(d.words.Text("diff.circumstances"))
	none := d.words.Text("diff.none")
	for _, one := range c.Differ {
		d.wrapped("  ", d.words.Text("diff.what."+one.What)+": "+clipTo(cmp.Or(one.Before, none), 120)+" → "+clipTo(cmp.Or(one.After, none), 120))
	}
}

// group tells the rules with one change.
func (d *diffPrinter) group(c *Comparison, change Change) {
	if c.Counts[change] == 0 {
		return
	}
	code := map[Change]string{Worse: "31", Gone: "35", New: "33", Better: "32"}[change]
	d.line("")
	d.line(d.paint(cmp.Or(code, "0"), fmt.Sprintf("%s (%d)", d.words.Text("diff.heading."+string(change)), c.Counts[change])))
	for i := range c.Rules {
		if r := &c.Rules[i]; r.Change == change {
			d.rule(r)
		}
	}
}

func (d *diffPrinter) rule(r *RuleChange) {
	title := ""
	if law, known := d.catalogue.Rule(r.Rule); known {
		title = d.words.Pick(law.Title.EN, law.Title.IT)
	}
	d.wrapped("  "+d.paint("1", r.Rule)+"  ", title)
	d.wrapped("    ", d.arrow(r.Before, r.After))
	d.wrapped("    "+d.words.Text("diff.before")+"  ", r.ReasonBefore)
	d.wrapped("    "+d.words.Text("diff.after")+"  ", r.ReasonAfter)
	for i, check := range r.Checks {
		if i == maxDiffChecks {
			d.wrapped("    … ", d.words.Count(len(r.Checks)-i, "diff.more-checks"))
			return
		}
		d.check(check)
	}
}

func (d *diffPrinter) check(check CheckChange) {
	var was, is rules.Verdict
	if check.Before != nil {
		was = check.Before.Verdict
	}
	if check.After != nil {
		is = check.After.Verdict
	}
	_, by, _ := strings.Cut(check.Check, "/")
	d.wrapped("    - ", check.Scenario+" ("+by+"): "+d.arrow(was, is))
	for _, side := range []struct {
		key  string
		said *CheckSide
	}{{"diff.before", check.Before}, {"diff.after", check.After}} {
		if side.said == nil || side.said.Verdict == rules.Pass {
			continue
		}
		text := cmp.Or(side.said.Seen, side.said.Need, side.said.Expected)
		if side.said.Expected != "" && side.said.Seen != "" {
			text += "  [" + d.words.Text("diff.expected") + " " + side.said.Expected + "]"
		}
		d.wrapped("        "+d.words.Text(side.key)+"  ", clipTo(text, 300))
	}
}

// arrow says from what to what.
func (d *diffPrinter) arrow(before, after rules.Verdict) string {
	name := func(v rules.Verdict) string {
		if v == "" {
			return d.words.Text("diff.nothing-said")
		}
		return verdictStanding(v).in(d.words)
	}
	if before == after {
		return name(after)
	}
	return name(before) + " → " + name(after)
}

func (d *diffPrinter) scenarios(c *Comparison) {
	if len(c.Scenarios) == 0 {
		return
	}
	d.line("")
	d.line(d.words.Text("diff.scenarios") + " (" + plainNumber(len(c.Scenarios)) + ")")
	for i, s := range c.Scenarios {
		if i == maxTold {
			d.wrapped("  … ", d.words.Count(len(c.Scenarios)-i, "diff.more-scenarios"))
			return
		}
		d.wrapped("  ", s.Scenario+": "+d.state(s.Before)+" → "+d.state(s.After))
	}
}

func (d *diffPrinter) state(s ScenarioState) string {
	text := d.words.Text("diff.scenario." + s.Key)
	if s.Detail != "" {
		text += " (" + clip(s.Detail) + ")"
	}
	return text
}
