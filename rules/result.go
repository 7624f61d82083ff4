package rules

import "github.com/collaudo/collaudo/evidence"

// Outcome is the verdict of a whole run.
type Outcome string

// Outcomes of a run. Each has its own exit code, see the conformance package.
const (
	Conformant             Outcome = "CONFORMANT"
	ConformantWithWarnings Outcome = "CONFORMANT WITH WARNINGS"
	NotConformant          Outcome = "NOT CONFORMANT"
	Inconclusives          Outcome = "INCONCLUSIVE"
	Invalid                Outcome = "INVALID"
	Interrupted            Outcome = "INTERRUPTED"
)

// Result is the judgement of a run: what run.json holds and every rendering is
// made from.
type Result struct {
	Verdict   Outcome          `json:"verdict"`
	Reason    string           `json:"reason"` // one sentence: why this verdict
	Profile   Profile          `json:"profile"`
	Run       evidence.Run     `json:"run"` // what was asked; its scope is the scope of the verdict
	Scenarios []ScenarioResult `json:"scenarios"`
	Rules     []RuleResult     `json:"rules"`  // every rule of the catalogue that was asked for, in its order
	Counts    map[Verdict]int  `json:"counts"` // rules by verdict
	// Contradicted are claims of the target that the run does not bear out.
	Contradicted []Contradiction `json:"contradictedClaims,omitempty"`
}

// ScenarioResult is one scenario, with the checks that were made in it.
type ScenarioResult struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Feature string   `json:"feature"`
	File    string   `json:"file"`
	Rules   []string `json:"ruleTags"`
	Verdict Verdict  `json:"verdict"`
	Error   string   `json:"error,omitempty"`   // trouble of the harness
	Lacking []string `json:"lacking,omitempty"` // what it wants and the target does not give: it was not played
	// Waiting says that it goes on when legal time has passed: nothing is
	// concluded of it until then.
	Waiting *evidence.Waiting `json:"waiting,omitempty"`
	// Attempts is how often it was begun, where that was more than once: the
	// messages of those that were given up are judged too.
	Attempts int     `json:"attempts,omitempty"`
	Checks   []Check `json:"-"` // those of the rules that were made here; see Regroup
}

// RuleResult is one rule, with every check about it.
type RuleResult struct {
	ID      string  `json:"id"`
	Verdict Verdict `json:"verdict"`
	Judged  bool    `json:"judged"`           // a judge or a scenario of this project answers for it
	Reason  string  `json:"reason,omitempty"` // why it was not judged
	Unmet   int     `json:"unmet,omitempty"`  // scenarios in which the judge lacked what it needs, though it had it in others
	// Unseen is what the judge of a broken rule lacked in one of several places
	// where it looks: once it is mended, the rule would be inconclusive.
	Unseen string `json:"unseen,omitempty"`
	// Declared says that the provider declares to keep a rule that no harness
	// can judge. It is never a pass.
	Declared bool    `json:"declared,omitempty"`
	Checks   []Check `json:"checks"`
}
