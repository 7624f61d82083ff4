package reports

import "html/template"

// dossier is everything that dossier.html shows, in the order in which it does.
// Its texts are in the language of the page, but where a field says otherwise.
type dossier struct {
	Style    template.HTML
	Language string
	Report   string // the technical report beside it

	OtherFile, OtherLanguage, OtherName string // the same dossier in the other language

	Kicker  string // what this is about
	Target  string
	Tone    string // good, warned, bad or unknown: how the verdict is drawn
	Verdict string
	Plain   string   // the verdict in a sentence for everybody
	Mind    []string // what the verdict does not say
	Facts   []fact
	Faults  []string

	GapsTitle string
	NoGaps    string
	First     []gap // of the first page
	Behind    int   // gaps that are not on it
	Gaps      []gap // those described
	Unshown   []string
	Legend    []classLine // of the classes that occur

	Warnings, Open *standingList

	CoverageLead string
	Columns      []string
	Coverage     []coverageTable

	Levels []levelLine
	Times  []timeLine

	Policies  []policy
	Policed   string // why there are more or fewer than the tables of coverage count
	Declared  []declaration
	Decisions []interpretation
	Questions []interpretation

	Identity []factGroup
	Folder   string
	Signers  []string
	Footer   string

	FirstMarks, Marks []string // what the marks in citations mean: those of the first page, and all
}

// HasClasses tells that a class of the circular is named anywhere.
func (d *dossier) HasClasses() bool { return len(d.Legend) > 0 }

// gap is a rule that was not kept.
type gap struct {
	ID, Title, Cite string
	Family          string // what the rule is about
	Class           int    // of table A of the circular; 0: it does not speak of it
	ClassTitle      string
	Because         string // why that class
	Step            string // the first thing to do
	Fix             string // which part of the system is concerned; "" where Step says it
	Expected, Seen  string // of the first check, in English
	ExpectedShort   string // the same, for the first page
	SeenShort       string
	Place, Page     string // the message in which it was seen, and the way to its page
	Often           string // how often
	Scenario        string // the first, in English
	Command         string // that judges it again
	places          int
}

// classLine is a class of the circular.
type classLine struct {
	Number int
	Title  string
}

// standingList is rules with an outcome that somebody should look at.
type standingList struct {
	Report string
	Rows   []standingLine
	Left   int // rules that are not shown
}

type standingLine struct {
	ID, Title, Cite string
	Key, Standing   string
	Why             string
	English         bool // Why is in English
}

// coverageTable is what became of all rules, by chapter.
type coverageTable struct {
	Title string
	Rows  []*coverageRow
	Total coverageRow
}

type coverageRow struct {
	Number, Topic string
	Rules         int
	Counts        []keyed // in the order of the columns
}

// keyed is a number, and how it is drawn.
type keyed struct {
	Key string
	N   int
}

// levelLine is a service level.
type levelLine struct {
	ID, Title, Cite string
	Key, Standing   string
	Measured        []string
}

// timeLine is how long something took, over all that was seen of it.
type timeLine struct {
	Label                 string
	N                     int
	Median, Most, Longest string // Most: 95 % took no longer
}

// policy is a choice of the provider that was seen.
type policy struct {
	ID, Title string
	Seen      []string // in English
	Left      int      // different observations that are not shown
}

// declaration is a rule that no test can judge.
type declaration struct{ ID, Title, Cite, Kind, Says string }

// interpretation is a decision or an open question that rules of the run stand on.
type interpretation struct {
	ID, Issue, Decision string
	Rules               string
	Matters             bool // one of these rules was not kept, or warned of
}

// factGroup is facts under a heading.
type factGroup struct {
	Title string
	Facts []fact
}
