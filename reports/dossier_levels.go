package reports

import (
	"slices"
	"strconv"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// levels are the rules that set a service level, or cite article 12 of the
// decree, with what was measured.
func (m *dossierMaker) levels() []levelLine {
	var lines []levelLine
	for _, law := range m.catalogue.Rules {
		article := slices.ContainsFunc(law.Italian, func(s rules.Source) bool { return strings.HasPrefix(s.Place(), "DM12(") })
		if law.Level != rules.LevelService && !article {
			continue
		}
		s := standingOf(law, m.results[law.ID])
		lines = append(lines, levelLine{
			ID: law.ID, Title: pick(m.words, law.Title), Cite: m.cite(law), Key: s.Key, Standing: s.in(m.words),
			Measured: m.measured(law),
		})
	}
	return lines
}

// measured says what the run shows of a service level.
func (m *dossierMaker) measured(law *rules.Rule) []string {
	result := m.results[law.ID]
	switch law.ID {
	case "PEC-SLA-001":
		return m.limits(result)
	case "PEC-AP-020":
		if n := m.largest().Recipients; n > 0 {
			return []string{m.words.Text("dossier.most-recipients", n)}
		}
	case "PEC-AP-021":
		if n := m.largest().Total; n > 0 {
			return []string{m.words.Text("dossier.most-size", m.octets(n))}
		}
	case "PEC-ACC-009":
		if len(m.times()) > 0 {
			return []string{m.words.Text("dossier.see-times")}
		}
	}
	switch {
	case law.Excluded != nil && (result == nil || !result.Judged):
		return []string{m.words.Text("dossier.not-seen")}
	case result == nil || len(result.Checks) == 0:
		return []string{m.words.Text("dossier.not-measured")}
	}
	places := 0
	for _, c := range result.Checks {
		places += max(c.Count, 1)
	}
	return []string{m.words.Count(places, "dossier.looked")}
}

// largest is the most that was accepted in any scenario.
func (m *dossierMaker) largest() measures {
	var most measures
	for _, e := range m.story.Scenarios {
		most.Recipients = max(most.Recipients, e.Measured.Recipients)
		most.Total = max(most.Total, e.Measured.Total)
	}
	return most
}

// limits are those that the provider states, and how often they were tried.
func (m *dossierMaker) limits(result *rules.RuleResult) []string {
	var stated evidence.Limits
	for _, c := range m.record.Cases {
		stated.MaxRecipients = max(stated.MaxRecipients, c.World.Limits.MaxRecipients)
		stated.MaxTotalBytes = max(stated.MaxTotalBytes, c.World.Limits.MaxTotalBytes)
	}
	var lines []string
	if stated.MaxRecipients > 0 {
		lines = append(lines, m.words.Text("dossier.limit-recipients", stated.MaxRecipients))
	}
	if stated.MaxTotalBytes > 0 {
		lines = append(lines, m.words.Text("dossier.limit-size", m.octets(stated.MaxTotalBytes)))
	}
	if len(lines) == 0 {
		lines = append(lines, m.words.Text("dossier.limit-none"))
	}
	if result != nil && len(result.Checks) > 0 {
		tried := 0
		for _, c := range result.Checks {
			tried += max(c.Count, 1)
		}
		lines = append(lines, m.words.Text("dossier.limit-tried", tried))
	}
	return lines
}

// octets writes a size to the octet, in groups of three figures: the decree says
// 30 MB, and rounded megabytes of one kind or the other would not show which side
// of that a message lay on.
func (m *dossierMaker) octets(n int64) string {
	figures, separator := strconv.FormatInt(n, 10), ","
	if m.words.Language() == words.Italian {
		separator = "."
	}
	for at := len(figures) - 3; at > 0; at -= 3 {
		figures = figures[:at] + separator + figures[at:]
	}
	return m.words.Text("dossier.octets", figures)
}
