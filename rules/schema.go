package rules

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// Text is a sentence in both languages of the project.
type Text struct {
	EN string `yaml:"en" json:"en"`
	IT string `yaml:"it" json:"it"`
}

func (t Text) complete() bool {
	return strings.TrimSpace(t.EN) != "" && strings.TrimSpace(t.IT) != ""
}

// Rule is one testable requirement. Its id is stable and never reused.
type Rule struct {
	ID     string `yaml:"id"`
	Family string `yaml:"-"` // code of the family, e.g. "TE"; from the file that holds the rule
	Title  Text   `yaml:"title"`

	Sections []string `yaml:"rfc6109"` // of RFC 6109, first the one that says it; empty when only Italian texts do
	Italian  []Source `yaml:"italian"`
	Level    Level    `yaml:"level"`
	Disputed bool     `yaml:"disputed"` // the letter and every message seen in the field disagree

	Violation Violation `yaml:"violation"` // what a breach is worth by the letter
	Practice  *Leniency `yaml:"practice"`  // nil: nothing is forgiven

	Roles      []Role   `yaml:"roles"`
	Views      [][]Seat `yaml:"views"` // alternatives; each is all the seats needed to stage the case and see its outcome
	Stimulus   string   `yaml:"stimulus"`
	Antecedent string   `yaml:"antecedent"` // what must have occurred for the rule to be exercised
	Oracle     string   `yaml:"oracle"`
	Outcomes   []string `yaml:"outcomes"` // where several are acceptable; empty: the oracle alone

	Capability  Capability `yaml:"capability"`  // set when the rule binds only those who claim it
	Decisions   []string   `yaml:"decisions"`   // ids of decisions.yaml
	Questions   []string   `yaml:"questions"`   // ids of decisions.yaml
	DuplicateOf string     `yaml:"duplicateOf"` // the rule that already says the same
	Excluded    *Exclusion `yaml:"excluded"`    // nil: the rule can be judged
}

// Leniency is how accredited providers interoperate where that differs from
// the letter: what a forgiven breach is worth in the profile Practice.
type Leniency struct {
	Violation Violation `yaml:"violation"`
	Because   string    `yaml:"because"` // what exactly is forgiven, what is not, and why
}

// Exclusion says why no harness can judge a rule.
type Exclusion struct {
	Kind       ExclusionKind `yaml:"kind"`
	Reason     string        `yaml:"reason"`
	Declarable bool          `yaml:"declarable"` // the provider may declare it, which is never a pass
}

// excludedFor tells that no harness can judge the rule in a run with that kind
// of target: one that binds another sort of target is not excluded where that
// sort is under test.
func (r *Rule) excludedFor(kind string) bool {
	if r.Excluded == nil {
		return false
	}
	client := kind == evidence.KindClient && slices.Contains(r.Roles, RoleClient)
	return !client || r.Excluded.Kind != ExcludedOtherTarget
}

// Weight returns what a breach of the rule is worth. forgiven means that the
// judge found a deviation of the sort that Practice describes; it changes the
// weight only in the profile Practice, and only where there is such an entry.
func (r *Rule) Weight(profile Profile, forgiven bool) Verdict {
	if forgiven && profile == Practice && r.Practice != nil {
		return r.Practice.Violation.Verdict()
	}
	return r.Violation.Verdict()
}

// Acceptable returns every outcome that keeps the rule.
func (r *Rule) Acceptable() []string {
	if len(r.Outcomes) > 0 {
		return r.Outcomes
	}
	return []string{r.Oracle}
}

// Section returns the section of RFC 6109 under which the rule is listed, ""
// when only Italian texts hold it.
func (r *Rule) Section() string {
	if len(r.Sections) == 0 {
		return ""
	}
	return r.Sections[0]
}

// SeenFrom tells whether a harness that has these seats can stage the rule's
// case and see its outcome.
func (r *Rule) SeenFrom(seats ...Seat) bool {
	return slices.ContainsFunc(r.Views, func(view []Seat) bool {
		return !slices.ContainsFunc(view, func(s Seat) bool { return !slices.Contains(seats, s) })
	})
}
