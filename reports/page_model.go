package reports

import (
	"html/template"

	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// page is everything that report.html shows, in the order in which it does.
type page struct {
	Style, Script template.HTML

	Lang     words.Language
	Verdict  string
	Tone     string // good, warned, bad or unknown: how the verdict is drawn
	Reason   spoken
	Cut      []string // scenarios that were under way when the run was cut short
	Next     []nextStep
	Faults   []string
	Facts    []fact
	Figures  []fact
	Tally    []share
	Total    int
	Asked    []share   // rules that were asked for
	Listed   int       // rules that were asked for
	Unlisted int       // rules that were not
	Missing  []missing // what the target did not give
	Waits    *waits    // what waits for legal time to pass; nil: nothing
	Resume   string    // the command that goes on with the run
	Problems []problemGroup
	Chapters []chapter
	Features []featureGroup
	Practice []*ruleView
	Coverage *coverageView
	Notes    []*rules.Decision
	Marks    []rules.Text  // what the marks in citations mean
	Gate     *gateView     // what a baseline makes of the run; nil: it was given none
	Compared *comparedView // the run beside an earlier one; nil: there is none
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
	Short string // for the bar
	Items []problem
}

type problem struct {
	Rule   *ruleView
	Checks *someChecks
}

// someChecks is the first checks of a rule, and those behind them.
type someChecks struct {
	First, Rest []checkView
	Behind      int // how many checks are not among the first; one that was made at many places counts as many
	Left        int // how many of them are only in run.json
}

// keeping is how a rule was kept: the first different things that were seen.
type keeping struct {
	First  []checkView
	More   int      // checks beyond the first
	Others []string // scenarios of these
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
	Title      string // in the language of the page; that of Rule is in both
	Cite       string
	Weight     string
	Summary    string
	Reason     spoken
	Known      bool // a baseline names a check of it that fails
	Decisions  []*rules.Decision
	Questions  []*rules.Question
	Statements []rules.Statement
	Checks     []checkView // that are worth reading: worse than a pass, or forgiven
	Kept       *keeping    // nil: it was never kept
	Forgiven   int         // breaches that the profile forgave
}

type checkView struct {
	rules.Check
	Standing     standing
	ScenarioName string
	Place, Path  string
	Dialogue     string        // of the submission that is meant, where Path is something else
	Known        *KnownFailure // the entry of the baseline that names it; nil: none
}

type featureGroup struct {
	Section, Name, File string
	Scenarios           []scenarioView
}

type scenarioView struct {
	rules.ScenarioResult
	Standing    standing
	Took        string
	Text        []string // the steps
	Trouble     string   // in English
	Again       string   // how often it was begun, where that was more than once
	Open        string   // why nothing is concluded of it: what it lacked, or for what it waits
	Flow        template.HTML
	Timeline    []item // submissions and messages
	Submissions int
	Messages    int
	Probes      []probed
	Dialogues   []overheard // with mailboxes and the directory
	Findings    []finding   // what was worse than a pass, by rule
	Kept        string      // rules, by family
	KeptCount   int
	Search      string // what the filter finds it by and the row does not show
}

// finding is what one scenario found about one rule.
type finding struct {
	Rule   string
	Title  string
	Checks []checkView
	More   int // checks beyond the first few
}

// coverageView is the coverage of the run, as a table.
type coverageView struct {
	*Coverage
	Accounts []Account // the columns: those that occur, and those that must not
	Closing  string
}
