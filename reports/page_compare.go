package reports

import (
	"cmp"
	"strings"

	"github.com/collaudo/collaudo/rules"
)

// maxCompared bounds the checks of one rule that are shown beside those of an
// earlier run; report diff tells all of them.
const maxCompared = 8

// comparedView is a run beside an earlier one.
type comparedView struct {
	*Comparison
	Headline string
	Tone     string // good, bad or unknown
	Differ   []circumstanceView
	Groups   []changeGroup
	Played   []scenarioChangeView
}

type circumstanceView struct{ What, Before, After string }

// changeGroup is the rules that changed in one way.
type changeGroup struct {
	Title string
	Rules []ruleChangeView
}

type ruleChangeView struct {
	ID, Title     string
	Before, After standing // with an empty key where the run says nothing of it
	Why           []string // what a run says of the rule itself
	Checks        []checkChangeView
	More          int // checks that are not shown
}

type checkChangeView struct {
	Scenario, By  string
	Before, After checkSideView
}

type checkSideView struct {
	Said standing
	Text string
}

type scenarioChangeView struct{ ID, Before, After string }

// compared is the comparison as the page shows it; nil where there is none.
func (b *builder) compared() *comparedView {
	c, w := b.options.Compared, b.words
	if c == nil {
		return nil
	}
	told := &diffPrinter{words: w, catalogue: b.catalogue}
	v := &comparedView{Comparison: c, Headline: told.headline(c), Tone: "unknown"}
	switch {
	case c.GotWorse:
		v.Tone = "bad"
	case len(c.Rules)+len(c.Scenarios) == 0 || len(c.Rules) > 0 && c.Counts[Better] == len(c.Rules):
		v.Tone = "good"
	}
	none := w.Text("diff.none")
	for _, d := range c.Differ {
		v.Differ = append(v.Differ, circumstanceView{w.Text("diff.what." + d.What), cmp.Or(d.Before, none), cmp.Or(d.After, none)})
	}
	for _, change := range Changes() {
		g := changeGroup{Title: w.Text("diff.heading." + string(change))}
		for i := range c.Rules {
			if c.Rules[i].Change == change {
				g.Rules = append(g.Rules, b.ruleChange(&c.Rules[i]))
			}
		}
		if len(g.Rules) > 0 {
			v.Groups = append(v.Groups, g)
		}
	}
	for _, s := range c.Scenarios {
		v.Played = append(v.Played, scenarioChangeView{s.Scenario, told.state(s.Before), told.state(s.After)})
	}
	return v
}

func (b *builder) ruleChange(r *RuleChange) ruleChangeView {
	v := ruleChangeView{ID: r.Rule, Title: titleIn(b.words, b.catalogue, r.Rule), Before: sideStanding(r.Before), After: sideStanding(r.After)}
	for _, reason := range []string{r.ReasonBefore, r.ReasonAfter} {
		if reason != "" {
			v.Why = append(v.Why, reasonIn(b.words, reason).Text)
		}
	}
	for i, c := range r.Checks {
		if i == maxCompared {
			v.More = len(r.Checks) - i
			break
		}
		_, by, _ := strings.Cut(c.Check, "/")
		v.Checks = append(v.Checks, checkChangeView{c.Scenario, by, sideView(c.Before), sideView(c.After)})
	}
	return v
}

// sideStanding is a verdict of one of the runs; "" is none.
func sideStanding(v rules.Verdict) standing {
	if v == "" {
		return standing{}
	}
	return verdictStanding(v)
}

func sideView(s *CheckSide) checkSideView {
	if s == nil {
		return checkSideView{}
	}
	text := cmp.Or(s.Seen, s.Need, s.Expected)
	if s.Verdict == rules.Pass {
		text = s.Seen
	}
	return checkSideView{verdictStanding(s.Verdict), clipTo(text, maxKept)}
}

// gateView is what a baseline makes of a run, as the page shows it.
type gateView struct {
	*Gate
	Title string
	Said  spoken
	Tone  string // good, bad or unknown
}

// gate is the baseline as the page shows it; nil where the run was given none.
func (b *builder) gate() *gateView {
	g, w := b.options.Gate, b.words
	if g == nil {
		return nil
	}
	v := &gateView{Gate: g, Title: w.Text("gate." + strings.ReplaceAll(string(g.Standing), " ", "-")), Said: said(w, g.Reason), Tone: "unknown"}
	switch g.Standing {
	case GateNotNeeded, GateCovered:
		v.Tone = "good"
	case GateNotEnough, GateOutdated:
		v.Tone = "bad"
	}
	return v
}
