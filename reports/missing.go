package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/rules"
)

// missing is what one source would have given: the needs, and what stays open
// for want of it.
type missing struct {
	source
	Needs     []missingNeed
	Scenarios []string // that were not played
	Rules     []string // that are inconclusive
}

// missingNeed is one need, and what stays open for want of it.
type missingNeed struct {
	Need      string
	Scenarios []string
	Rules     []string
}

// Words are the need for people.
func (n missingNeed) Words() string { return NeedWords(n.Need) }

// Advice says what to do about what is missing.
func (m missing) Advice() string {
	if m.key == simulated {
		return "Only a simulated world has this: nothing is to be done about it on a real system. The built-in pair is judged there by collaudo run."
	}
	text := "Give the harness " + m.give
	if m.sample != "" {
		text += "; " + m.sample + " shows how"
	}
	return text + "."
}

// NextStep says it in a line.
func (m missing) NextStep() string {
	parts := make([]string, 0, len(m.Needs))
	for _, n := range m.Needs {
		part := inShort(n.Need)
		if len(m.Needs) > 1 && len(n.Scenarios) > 0 {
			part += " (" + plainNumber(len(n.Scenarios)) + ")"
		}
		parts = append(parts, part)
	}
	open := m.open()
	if m.key == simulated {
		return fmt.Sprintf("Let %s be: only a simulated world has %s.", open, strings.Join(parts, ", "))
	}
	text := "Give the harness " + m.give
	if list := strings.Join(parts, ", "); list != m.key {
		text += ": " + list
	}
	text += ". For want of it " + open + " " + areIs(len(m.Scenarios)+len(m.Rules)) + " open."
	if m.sample != "" {
		text += " See " + m.sample + "."
	}
	return text
}

// open counts what stays open.
func (m missing) open() string {
	switch {
	case len(m.Scenarios) == 0:
		return plural(len(m.Rules), "rule")
	case len(m.Rules) == 0:
		return plural(len(m.Scenarios), "scenario")
	}
	return plural(len(m.Scenarios), "scenario") + " and " + plural(len(m.Rules), "rule")
}

func areIs(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// lacked gathers what the run lacked by where it can be met. Legal time that has
// to pass is told by waits.
func lacked(result *rules.Result) []missing {
	found := map[string]*missing{}
	note := func(need, scenario, rule string) {
		key := elsewhere
		if result.Run.TargetFile != "" { // only a target that is described can be described better
			key = sourceOf(need)
		}
		m := found[key]
		if m == nil {
			m = &missing{}
			found[key] = m
		}
		i := slices.IndexFunc(m.Needs, func(n missingNeed) bool { return n.Need == need })
		if i < 0 {
			i = len(m.Needs)
			m.Needs = append(m.Needs, missingNeed{Need: need})
		}
		addOnce(&m.Scenarios, scenario)
		addOnce(&m.Needs[i].Scenarios, scenario)
		addOnce(&m.Rules, rule)
		addOnce(&m.Needs[i].Rules, rule)
	}
	waits := map[string]bool{}
	for _, s := range result.Scenarios {
		waits[s.ID] = s.Waiting != nil
		for _, need := range s.Lacking {
			note(need, s.ID, "")
		}
	}
	for _, r := range result.Rules {
		if r.Verdict != rules.Inconclusive {
			continue
		}
		if needs, is := strings.CutPrefix(r.Reason, reasonMissing); is {
			for _, need := range splitNeeds(needs) {
				note(need, "", r.ID)
			}
		}
		for _, c := range r.Checks {
			if c.Verdict != rules.Inconclusive || waits[c.Scenario] {
				continue
			}
			for _, need := range splitNeeds(c.Need) {
				note(need, "", r.ID)
			}
		}
	}
	if m := found[elsewhere]; m != nil && len(found) == 1 {
		slices.SortStableFunc(m.Needs, func(a, b missingNeed) int { return len(b.Scenarios) - len(a.Scenarios) })
		m.source = source{key: elsewhere, give: "what it lacked"}
		return []missing{*m}
	}
	var list []missing
	for _, s := range sources() {
		if m := found[s.key]; m != nil {
			m.source = s
			slices.SortStableFunc(m.Needs, func(a, b missingNeed) int { return len(b.Scenarios) - len(a.Scenarios) })
			list = append(list, *m)
		}
	}
	return list
}

// reasonMissing begins the reason of a rule whose judge lacked what it needs
// wherever it sat.
const reasonMissing = "missing: "

// addOnce puts a name into a list, if there is one and it is not there yet.
func addOnce(list *[]string, name string) {
	if name != "" && !slices.Contains(*list, name) {
		*list = append(*list, name)
	}
}

// reasonWords makes a sentence of the reason of a rule.
func reasonWords(reason string) string {
	if needs, is := strings.CutPrefix(reason, reasonMissing); is {
		return "It could not be judged for want of " + needList(splitNeeds(needs)) + "."
	}
	if before, needs, is := strings.Cut(reason, ": missing "); is {
		return sentence(before + ", for want of " + needList(splitNeeds(needs)))
	}
	return sentence(reason)
}
