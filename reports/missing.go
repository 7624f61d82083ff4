package reports

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/reports/words"
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
func (n missingNeed) Words(t *words.Words) string { return needWords(t, n.Need) }

// Advice says what to do about what is missing.
func (m missing) Advice(t *words.Words) string {
	if m.key == simulated {
		return t.Text("missing.simulated")
	}
	text := t.Text("missing.give", m.give(t))
	if m.sample != "" {
		text += t.Text("missing.sample", m.sample)
	}
	return text + "."
}

// NextStep says it in a line.
func (m missing) NextStep(t *words.Words) string {
	parts := make([]string, 0, len(m.Needs))
	for _, n := range m.Needs {
		part := inShort(t, n.Need)
		if len(m.Needs) > 1 && len(n.Scenarios) > 0 {
			part += " (" + plainNumber(len(n.Scenarios)) + ")"
		}
		parts = append(parts, part)
	}
	open := m.open(t)
	if m.key == simulated {
		return t.Text("missing.let-be", open, strings.Join(parts, ", "))
	}
	text := t.Text("missing.give", m.give(t))
	if list := strings.Join(parts, ", "); list != m.key {
		text += ": " + list
	}
	if len(m.Scenarios)+len(m.Rules) == 1 {
		text += t.Text("missing.one-open", open)
	} else {
		text += t.Text("missing.open", open)
	}
	if m.sample != "" {
		text += t.Text("missing.see", m.sample)
	}
	return text
}

// open counts what stays open.
func (m missing) open(t *words.Words) string {
	switch {
	case len(m.Scenarios) == 0:
		return t.Count(len(m.Rules), "count.rules")
	case len(m.Rules) == 0:
		return t.Count(len(m.Scenarios), "count.scenarios")
	}
	return t.Count(len(m.Scenarios), "count.scenarios") + t.Text("page.and") + t.Count(len(m.Rules), "count.rules")
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
		m.source = source{key: "alone"}
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

// reasonWords makes a sentence of the reason of a rule, in English.
func reasonWords(reason string) string { return reasonIn(english(), reason).Text }

// reasonIn makes it in a language, as far as the reason is known.
func reasonIn(t *words.Words, reason string) spoken {
	if needs, is := strings.CutPrefix(reason, reasonMissing); is {
		return spoken{Text: t.Text("page.for-want", needList(t, splitNeeds(needs)))}
	}
	for _, before := range []string{": missing ", "; missing: "} {
		if head, needs, is := strings.Cut(reason, before); is && (before == ": missing " || t.Language() != words.English) {
			told, known := t.Said(head)
			return spoken{sentence(told + t.Text("page.reason-want", needList(t, splitNeeds(needs)))), !known}
		}
	}
	return said(t, reason)
}
