package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/rules"
)

// policies are what was only recorded: where the rules leave the choice to the
// provider, or do not decide.
func (m *dossierMaker) policies() []policy {
	var list []policy
	for _, law := range m.catalogue.Rules {
		result := m.results[law.ID]
		if result == nil {
			continue
		}
		p := policy{ID: law.ID, Title: pick(m.words, law.Title)}
		counts, order := map[string]int{}, []string{}
		for _, c := range result.Checks {
			if c.Verdict != rules.Observed || c.Seen == "" {
				continue
			}
			seen := briefly(c.Seen)
			if counts[seen] == 0 {
				order = append(order, seen)
			}
			counts[seen] += max(c.Count, 1)
		}
		slices.SortStableFunc(order, func(a, b string) int { return counts[b] - counts[a] })
		for _, seen := range order[:min(len(order), dossierSeen)] {
			if n := counts[seen]; n > 1 {
				seen += fmt.Sprintf(" (%d times)", n) // in English, as what was seen is
			}
			p.Seen = append(p.Seen, seen)
		}
		p.Left = len(order) - len(p.Seen)
		if len(p.Seen) > 0 {
			list = append(list, p)
		}
	}
	return list
}

// policyCount says how the rules listed as policies and those that the tables of
// coverage count as recorded go together: a rule that was judged as well as
// recorded stands there under what it was judged. "" where the numbers are the same.
func (m *dossierMaker) policyCount(list []policy) string {
	var recorded []string
	for _, law := range m.catalogue.Rules {
		if columnOf(standingOf(law, m.results[law.ID]).Key) == "observed" {
			recorded = append(recorded, law.ID)
		}
	}
	both := 0
	for _, p := range list {
		if slices.Contains(recorded, p.ID) {
			both++
		}
	}
	var text []string
	if also := len(list) - both; also > 0 {
		text = append(text, m.words.Count(also, "dossier.policies-also", len(list)))
	}
	if silent := len(recorded) - both; silent > 0 {
		text = append(text, m.words.Count(silent, "dossier.policies-silent"))
	}
	return strings.Join(text, " ")
}

// declared are the rules that no test can judge, and what the provider says of
// them.
func (m *dossierMaker) declared() []declaration {
	var list []declaration
	for _, law := range m.catalogue.Rules {
		result := m.results[law.ID]
		if law.Excluded == nil || result != nil && result.Judged {
			continue
		}
		says := "dossier.says-none"
		switch {
		case result != nil && result.Declared:
			says = "dossier.says-yes"
		case law.Excluded.Declarable:
			says = "dossier.says-nothing"
		}
		list = append(list, declaration{
			ID: law.ID, Title: pick(m.words, law.Title), Cite: m.cite(law),
			Kind: m.words.Text("dossier.kind." + string(law.Excluded.Kind)), Says: m.words.Text(says),
		})
	}
	return list
}

// interpretations are the decisions on which exercised rules of the run stand,
// and the open questions of all rules that were asked for; those that concern a
// finding come first.
func (m *dossierMaker) interpretations() (decisions, questions []interpretation) {
	for _, d := range m.catalogue.Decisions {
		line := interpretation{ID: d.ID, Issue: pick(m.words, d.Issue), Decision: pick(m.words, d.Decision)}
		exercised := func(r *rules.RuleResult) bool { return r.Verdict.Exercised() || r.Verdict == rules.Error }
		if m.concerns(&line, d.Rules, exercised) {
			decisions = append(decisions, line)
		}
	}
	for _, q := range m.catalogue.Questions {
		line := interpretation{ID: q.ID, Issue: pick(m.words, q.Question)}
		if m.concerns(&line, q.Rules, func(*rules.RuleResult) bool { return true }) {
			questions = append(questions, line)
		}
	}
	for _, list := range [][]interpretation{decisions, questions} {
		slices.SortStableFunc(list, func(a, b interpretation) int {
			switch {
			case a.Matters == b.Matters:
				return 0
			case a.Matters:
				return -1
			}
			return 1
		})
	}
	return decisions, questions
}

// concerns fills in which rules of the run an interpretation is about, and tells
// whether there are any.
func (m *dossierMaker) concerns(line *interpretation, ids []string, counts func(*rules.RuleResult) bool) bool {
	var about []string
	for _, id := range ids {
		result := m.results[id]
		if result == nil || !counts(result) {
			continue
		}
		about = append(about, id)
		line.Matters = line.Matters || result.Verdict == rules.Fail || result.Verdict == rules.Warn
	}
	line.Rules = listed(about)
	return strings.TrimSpace(line.Rules) != ""
}
