package reports

import (
	"time"

	"github.com/collaudo/collaudo/rules"
)

// MatrixSchema is the version of the form of kills.json.
const MatrixSchema = "collaudo/mutants/2"

// Names of the files of a kill matrix, in the folder of the trial.
const (
	MatrixFile     = "kills.json"
	MatrixHTMLFile = "kills.html"
)

// Kill is what became of one mutant: a simulated provider with one fault.
type Kill struct {
	Fault     string   `json:"fault"`
	Title     string   `json:"title"`
	Breaks    []string `json:"breaks"`         // rules that have to come out worse than in the clean run
	Also      []string `json:"also,omitempty"` // rules that may
	Scenarios []string `json:"scenarios"`      // in which it shows

	Killed        bool          `json:"killed"`                  // every rule it breaks came out worse
	Survived      []string      `json:"survived,omitempty"`      // rules it breaks that did not come out worse
	Misattributed []string      `json:"misattributed,omitempty"` // rules outside breaks and also that failed
	By            []rules.Check `json:"by,omitempty"`            // one check for each rule broken
	Judges        []string      `json:"judges,omitempty"`        // rules that it breaks whose judge failed it, not only a scenario's Then
	Blind         []string      `json:"blind,omitempty"`         // rules that it breaks and that the view does not see
	Error         string        `json:"error,omitempty"`         // trouble of the harness
	Cells         string        `json:"cells"`                   // one letter for each rule of the matrix, see Cell
	Took          time.Duration `json:"took"`
}

// Good tells that the mutant was killed at its rule and nowhere else.
func (k Kill) Good() bool { return k.Killed && len(k.Misattributed) == 0 && k.Error == "" }

// Cell says what a mutant did to one rule.
type Cell byte

// Cells of the matrix.
const (
	CellKilled        Cell = 'K' // it breaks the rule, and was caught at it
	CellSurvived      Cell = 'S' // it breaks the rule, and was not caught
	CellAlso          Cell = 'a' // the rule came out worse, as the same octets must make it
	CellMisattributed Cell = 'M' // the rule failed and should not have
	CellWorse         Cell = 'w' // the rule came out worse than before, short of failing
	CellSame          Cell = '.' // looked at, and nothing changed
	CellNotRun        Cell = ' ' // no scenario that was played looks at the rule
)

// PersonalityTrial is what became of one legal but unusual provider.
type PersonalityTrial struct {
	Name      string        `json:"name"`
	Title     string        `json:"title"`
	Scenarios int           `json:"scenarios"`
	Warned    []string      `json:"warned,omitempty"` // rules that only warn with it
	Failed    []rules.Check `json:"failed,omitempty"` // the worst check of each rule that fails with it: a judge too strict
	Error     string        `json:"error,omitempty"`  // trouble of the harness
	Took      time.Duration `json:"took"`
}

// Good tells that no judge failed the personality.
func (p PersonalityTrial) Good() bool { return len(p.Failed) == 0 && p.Error == "" }

// Matrix is the outcome of trying mutants and personalities: kills.json.
type Matrix struct {
	Schema        string             `json:"schema"`
	Profile       string             `json:"profile"`
	Sample        string             `json:"sample"`         // all, family, or the faults that were named
	View          string             `json:"view,omitempty"` // of whom the judges saw less than everything; "" saw the inside
	Seed          int64              `json:"seed"`
	Rules         []string           `json:"rules"` // the columns, in the order of the catalogue
	Kills         []Kill             `json:"kills"`
	Personalities []PersonalityTrial `json:"personalities,omitempty"`
	Unbroken      []string           `json:"unbroken"`         // rules that no mutant breaks
	Unproven      []string           `json:"unproven"`         // rules whose judge no mutant has failed
	Unseen        []Unseen           `json:"unseen,omitempty"` // mutants that the view cannot see
	Took          time.Duration      `json:"took"`
}

// Good tells that mutants were tried and every one was killed at its rule and
// nowhere else, that no personality failed and, when the whole was asked for,
// that every judge has been seen failing. Where a view saw none of the mutants
// nothing is proven.
func (m *Matrix) Good() bool {
	for _, k := range m.Kills {
		if !k.Good() {
			return false
		}
	}
	for _, p := range m.Personalities {
		if !p.Good() {
			return false
		}
	}
	return len(m.Kills) > 0 && len(m.Unbroken) == 0 && len(m.Unproven) == 0
}
