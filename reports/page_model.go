package reports

import (
	"html/template"

	"github.com/collaudo/collaudo/rules"
)

// page is everything that report.html shows, in the order in which it does.
type page struct {
	Style, Script template.HTML

	Verdict  string
	Tone     string // good, warned, bad or unknown: how the verdict is drawn
	Reason   string
	Next     []nextStep
	Faults   []string
	Facts    []fact
	Figures  []fact
	Tally    []share
	Total    int
	Problems []problemGroup
	Chapters []chapter
	Features []featureGroup
	Practice []*ruleView
	Notes    []*rules.Decision
	Links    []fact
}

type fact struct{ Label, Value string }

// share is how many rules stand in one way.
type share struct {
	standing
	Count   int
	Percent string // of the bar
}

// problemGroup is the failures, the errors, what was inconclusive, or the
// warnings.
type problemGroup struct {
	standing
	Title string
	Items []problem
}

type problem struct {
	Rule   *ruleView
	Reason string
	Checks []checkView
	More   []checkView // beyond the first few
}

type chapter struct {
	Number, Title string
	Sections      []sectionView
	Tally         []share
}

type sectionView struct {
	Number, Title string
	Rules         []*ruleView
}

type ruleView struct {
	*rules.Rule
	Standing   standing
	Cite       rules.Text
	Weight     string
	Summary    string
	Reason     string
	Decisions  []*rules.Decision
	Questions  []*rules.Question
	Statements []rules.Statement
	Checks     []checkView // that are worth reading: worse than a pass, or forgiven
	Kept       []string    // scenarios in which it was kept or observed
	Forgiven   int         // breaches that the profile forgave
	Search     string
}

type checkView struct {
	rules.Check
	Standing     standing
	ScenarioName string
	Place, Path  string
}

type featureGroup struct {
	Name, File string
	Scenarios  []scenarioView
}

type scenarioView struct {
	rules.ScenarioResult
	Standing    standing
	Took        string
	Text        []string // the steps
	Trouble     string
	Flow        template.HTML
	Submissions []item
	Messages    []item
	Findings    []finding // what was worse than a pass, by rule
	Kept        []string  // rules
	Search      string
}

// finding is what one scenario found about one rule.
type finding struct {
	Rule   string
	Title  string
	Checks []checkView
	More   int // beyond the first few
}
