package reports

import (
	"github.com/collaudo/collaudo/rules"
)

// ComparisonSchema is the version of the form in which a comparison is written.
const ComparisonSchema = "collaudo/diff/1"

// Change is how an answer of one run stands to that of another.
type Change string

// Changes. What was concluded once and is not any more is never Better: silence
// is no improvement.
const (
	Worse     Change = "worse"     // the verdict is worse
	Gone      Change = "gone"      // no answer any more
	New       Change = "new"       // an answer where there was none
	Different Change = "different" // the verdict weighs as before, for another reason
	Better    Change = "better"    // the verdict is better
)

// Changes lists them in the order in which they are told.
func Changes() []Change { return []Change{Worse, Gone, New, Different, Better} }

// Comparison is what changed between two runs in meaning: by rule, and below
// each rule by check. What differs between any two runs by nature (Message-IDs,
// instants, ports, hashes, how many messages gave the same answer) is left out.
type Comparison struct {
	Schema   string   `json:"schema"`
	Before   Compared `json:"before"`
	After    Compared `json:"after"`
	GotWorse bool     `json:"gotWorse"` // anything counts as worse: the run's verdict, a rule, a scenario that was played and is not
	// VerdictWorse: the verdict of the run is worse, or none at all.
	VerdictWorse bool             `json:"verdictWorse"`
	Differ       []Circumstance   `json:"circumstances"`  // that were not the same: what changed may be due to them
	Counts       map[Change]int   `json:"counts"`         // rules by change
	Same         int              `json:"same"`           // rules that both runs were asked for, and nothing changed
	NotAsked     []string         `json:"notAskedInBoth"` // rules that one of the runs was not asked for: not compared
	Rules        []RuleChange     `json:"rules"`          // those that changed, in the order of the later run
	Scenarios    []ScenarioChange `json:"scenarios"`      // those that were not played in both, or went differently for the harness
}

// Compared is one of the two runs.
type Compared struct {
	// Dir is its folder as it was given, for whoever compares two; a run folder
	// keeps no path of the machine, but Identity.
	Dir string `json:"dir,omitempty"`
	Identity
	Target  string        `json:"target"`
	Version string        `json:"version"` // of the tool that played it
	Profile rules.Profile `json:"profile"`
	Scope   string        `json:"scope"`
	Verdict rules.Outcome `json:"verdict"`
	Reason  string        `json:"reason"`
}

// Circumstance is something that was asked or given, and was not the same in
// both runs. What is the end of a key of words.yaml: "diff.what." and it.
type Circumstance struct {
	What   string `json:"what"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// RuleChange is a rule of which the two runs say different things. The verdict of
// a run that says nothing of it is "".
type RuleChange struct {
	Rule         string        `json:"rule"`
	Change       Change        `json:"change"` // of the rule's verdict; Different where only checks changed
	GotWorse     bool          `json:"gotWorse"`
	Before       rules.Verdict `json:"before"`
	After        rules.Verdict `json:"after"`
	ReasonBefore string        `json:"reasonBefore,omitempty"` // why no check answers it
	ReasonAfter  string        `json:"reasonAfter,omitempty"`
	Checks       []CheckChange `json:"checks"` // those that changed
}

// CheckChange is a check (rule, judge and scenario) that came out differently.
type CheckChange struct {
	CheckRef
	Change   Change     `json:"change"`
	GotWorse bool       `json:"gotWorse"`
	Before   *CheckSide `json:"before,omitempty"` // nil: no answer
	After    *CheckSide `json:"after,omitempty"`
}

// CheckRef names a check of a run.
type CheckRef struct {
	Check    string `json:"check"` // as rules.Check.ID names it
	Scenario string `json:"scenario"`
}

// CheckSide is what one run says in one check: the worst of its answers there, in
// the run's own words, and how many places gave answers of that verdict.
type CheckSide struct {
	Verdict  rules.Verdict `json:"verdict"`
	Places   int           `json:"places"`
	Expected string        `json:"expected,omitempty"`
	Seen     string        `json:"seen,omitempty"`
	Need     string        `json:"need,omitempty"`
	Where    rules.Where   `json:"where,omitzero"`
}

// ScenarioChange is a scenario that only one run played, or in which the harness
// failed, lacked something or waits in one of them and not in the other.
type ScenarioChange struct {
	Scenario string        `json:"scenario"`
	GotWorse bool          `json:"gotWorse"` // it was played, the later run was asked for a rule of it, and it is not played to its end
	Before   ScenarioState `json:"before"`
	After    ScenarioState `json:"after"`
}

// ScenarioState is how a scenario went for the harness. Key is the end of a key
// of words.yaml: "diff.scenario." and it.
type ScenarioState struct {
	Key    string `json:"state"`
	Detail string `json:"detail,omitempty"` // in English, as it was recorded
}

// Keys of the states.
const (
	scenarioPlayed      = "played"
	scenarioFailed      = "harness-failed"
	scenarioLacking     = "lacking"
	scenarioWaits       = "waits"
	scenarioNotSelected = "not-selected"
	scenarioMissing     = "missing" // selected, and there is nothing of it
)
