package main

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/steps"
)

// Versions of the forms of what is printed for programs with --json. The run,
// the kill matrix and verify have theirs where they are written.
const (
	rulesSchema    = "collaudo/rules/1"
	ruleSchema     = "collaudo/rule/1"
	coverageSchema = "collaudo/coverage/1"
	faultsSchema   = "collaudo/faults/1"
	checkSchema    = "collaudo/target-check/1"
)

// listed is a rule in a list.
type listed struct {
	ID       string     `json:"id"`
	Family   string     `json:"family"`
	Title    rules.Text `json:"title"`
	Source   rules.Text `json:"source"`
	Breach   string     `json:"breach"` // what it is worth by the letter
	JudgedBy string     `json:"judgedBy"`
	Excluded string     `json:"excluded,omitempty"` // why no harness can judge it
}

func (by judges) listed(law *rules.Rule) listed {
	one := listed{ID: law.ID, Family: law.Family, Title: law.Title, Source: law.Cite(), Breach: string(law.Violation), JudgedBy: by.how(law)}
	if law.Excluded != nil {
		one.Excluded = law.Excluded.Reason
	}
	return one
}

// list is the rules of a family, or all for "".
func (by judges) list(catalogue *rules.Catalogue, family string) any {
	all := []listed{}
	for _, law := range catalogue.Rules {
		if family == "" || law.Family == family {
			all = append(all, by.listed(law))
		}
	}
	return struct {
		Schema string   `json:"schema"`
		Rules  []listed `json:"rules"`
	}{rulesSchema, all}
}

// explained is all that is known of one rule.
func (by judges) explained(catalogue *rules.Catalogue, law *rules.Rule) (any, error) {
	mutants, err := conformance.Mutants()
	if err != nil {
		return nil, err
	}
	proven, decided, open := []string{}, map[string]string{}, map[string]string{}
	for _, m := range mutants {
		if slices.Contains(m.Breaks, law.ID) {
			proven = append(proven, m.Fault)
		}
	}
	for _, id := range law.Decisions {
		if d, known := catalogue.Decision(id); known {
			decided[id] = d.Decision.EN
		}
	}
	for _, id := range law.Questions {
		if q, known := catalogue.Question(id); known {
			open[id] = q.Question.EN
		}
	}
	practice := ""
	if law.Practice != nil {
		practice = string(law.Practice.Violation) + ": " + law.Practice.Because
	}
	return struct {
		Schema string `json:"schema"`
		listed
		Practice  string            `json:"breachInPractice,omitempty"` // where the profile practice forgives
		When      string            `json:"when"`
		Demanded  string            `json:"demanded"`
		Accepted  []string          `json:"accepted,omitempty"`
		Decisions map[string]string `json:"decisions"`
		Questions map[string]string `json:"questions"` // open ones
		LooksAt   []string          `json:"looksAt"`
		Scenarios []string          `json:"scenarios"`
		Mutants   []string          `json:"mutants"`
	}{
		ruleSchema, by.listed(law), practice, law.Antecedent, law.Oracle, law.Outcomes, decided, open,
		filled(by.looks[law.ID]), filled(slices.Sorted(slices.Values(by.scenarios[law.ID]))), proven,
	}, nil
}

// filled is a list that is [] in JSON where it holds nothing.
func filled(list []string) []string { return append([]string{}, list...) }

// coverageDocument is what became of the rules in a run.
func coverageDocument(c *reports.Coverage) any {
	type account struct {
		ID      string          `json:"id"`
		Account reports.Account `json:"account"`
		Reason  string          `json:"reason"`
	}
	accounts := func(list []reports.RuleAccount) []account {
		all := []account{}
		for _, a := range list {
			all = append(all, account{a.ID, a.Account, a.Reason})
		}
		return all
	}
	return struct {
		Schema   string                  `json:"schema"`
		Rules    int                     `json:"rules"`
		Sound    bool                    `json:"sound"`    // every rule is accounted for, and every scenario serves one
		Complete bool                    `json:"complete"` // and every rule was judged or is excluded
		Total    map[reports.Account]int `json:"total"`
		Excluded []account               `json:"excluded"`
		Open     []account               `json:"open"`
		Idle     []string                `json:"idleScenarios"`
		Strays   []string                `json:"strays"`
	}{coverageSchema, c.Rules, c.Sound(), c.Complete(), c.Total, accounts(c.Excluded), accounts(c.Open), filled(c.Idle), filled(c.Strays)}
}

// mutantDocument is every fault, with the rules that it breaks.
func mutantDocument(mutants []conformance.Mutant) any {
	type fault struct {
		ID     string   `json:"id"`
		Title  string   `json:"title"`
		Breaks []string `json:"breaks"` // none: no scenario shows it yet
	}
	all := []fault{}
	for _, f := range faults.Catalogue() {
		one := fault{f.ID, f.Title, []string{}}
		if i := slices.IndexFunc(mutants, func(m conformance.Mutant) bool { return m.Fault == f.ID }); i >= 0 {
			one.Breaks = mutants[i].Breaks
		}
		all = append(all, one)
	}
	return struct {
		Schema string  `json:"schema"`
		Faults []fault `json:"faults"`
	}{faultsSchema, all}
}

// checkDocument is what was found of a target.
func checkDocument(name string, c *conformance.Check) any {
	type look struct {
		What    string `json:"what"`
		Address string `json:"address"`
		Found   string `json:"found,omitempty"`
		Trouble string `json:"trouble,omitempty"`
	}
	type trip struct {
		Name    string   `json:"name"`
		Seconds float64  `json:"seconds,omitempty"`
		Lacking []string `json:"lacking,omitempty"` // it was not tried
		Trouble string   `json:"trouble,omitempty"`
	}
	type left struct {
		Need      string   `json:"need"`
		Scenarios []string `json:"scenarios"`
	}
	looks, trips, out := []look{}, []trip{}, []left{}
	for _, l := range c.Looks {
		looks = append(looks, look{l.What, l.Address, l.Found, troubleText(l)})
	}
	for _, t := range c.Trips {
		trips = append(trips, trip{t.Name, t.Took.Seconds(), t.Lacking, t.Trouble})
	}
	for _, l := range c.Left {
		out = append(out, left{l.Need, l.Scenarios})
	}
	return struct {
		Schema       string                `json:"schema"`
		Target       string                `json:"target"`
		Looks        []look                `json:"looks"`
		Trips        []trip                `json:"trips"`
		Claims       []string              `json:"claims"`
		Contradicted []rules.Contradiction `json:"contradictedClaims"`
		Played       int                   `json:"wouldPlay"`
		Waits        int                   `json:"wouldWait"`
		Left         []left                `json:"leftOut"`
	}{checkSchema, name, looks, trips, filled(c.Claims), append([]rules.Contradiction{}, c.Contradicted...), c.Played, c.Waits, out}
}

// troubleText is what is wrong with a service, on one line.
func troubleText(l steps.Look) string {
	if l.Trouble == nil {
		return ""
	}
	return strings.Join(strings.Fields(l.Trouble.Error()), " ")
}
