package reports

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// gaps puts the broken rules in, the gravest class first, then those that were
// met most often.
func (m *dossierMaker) gaps(d *dossier) {
	var all []gap
	for _, id := range rulesWith(m.result, rules.Fail) {
		all = append(all, m.gap(id))
	}
	slices.SortStableFunc(all, func(a, b gap) int {
		return cmp.Or(cmp.Compare(gravity(a), gravity(b)), cmp.Compare(b.places, a.places))
	})
	d.GapsTitle, d.NoGaps = m.words.Text("dossier.gaps-none"), m.words.Text("dossier.no-gaps")
	switch m.result.Verdict {
	case rules.Conformant, rules.ConformantWithWarnings:
	default:
		d.NoGaps = m.words.Text("dossier.no-gaps-open")
	}
	if len(all) > 0 {
		d.GapsTitle = m.words.Count(len(all), "dossier.gaps")
	}
	for _, class := range m.circular.Classes {
		if slices.ContainsFunc(all, func(g gap) bool { return g.Class == class.Number }) {
			d.Legend = append(d.Legend, classLine{class.Number, pick(m.words, class.Title)})
		}
	}
	d.First = all[:min(len(all), firstGaps)]
	d.Behind = len(all) - len(d.First)
	d.Gaps = all[:min(len(all), dossierGaps)]
	for _, g := range all[len(d.Gaps):] {
		d.Unshown = append(d.Unshown, g.ID)
	}
}

// gravity orders classes; what the circular does not speak of comes last.
func gravity(g gap) int {
	if g.Class == 0 {
		return len("12345") + 1
	}
	return g.Class
}

func (m *dossierMaker) gap(id string) gap {
	class := m.circular.Of(id)
	g := gap{
		ID: id, Title: titleIn(m.words, m.catalogue, id), Cite: m.citeOf(id),
		Class: class.Class.Number, ClassTitle: pick(m.words, class.Class.Title), Because: pick(m.words, class.Because),
		Command: m.again(id),
	}
	var scenarios []string
	var worst *rules.Check
	for i, c := range m.results[id].Checks {
		if c.Verdict != rules.Fail {
			continue
		}
		if worst == nil {
			worst = &m.results[id].Checks[i]
		}
		g.places += max(c.Count, 1)
		if !slices.Contains(scenarios, c.Scenario) {
			scenarios = append(scenarios, c.Scenario)
		}
	}
	g.Step, g.Fix = m.fix(id, worst)
	if worst != nil {
		g.Expected, g.Seen = briefly(worst.Expected), briefly(worst.Seen)
		g.ExpectedShort, g.SeenShort = cutTo(worst.Expected, dossierGlance), cutTo(worst.Seen, dossierGlance)
		g.Place, g.Page = m.place(worst)
	}
	if law, known := m.catalogue.Rule(id); known {
		if family, known := m.catalogue.Family(law.Family); known {
			g.Family = pick(m.words, family.Title)
		}
	}
	g.Often = m.words.Count(g.places, "dossier.places")
	if len(scenarios) > 0 {
		g.Often += ", " + m.words.Count(len(scenarios), "dossier.in-scenarios")
		g.Scenario = shown(cmp.Or(m.names[scenarios[0]], scenarios[0]))
	}
	return g
}

// again is the command that tests a rule once more, without what was switched on
// for show.
func (m *dossierMaker) again(id string) string {
	if m.result.Run.Tags != "" { // a rule and a tag together may choose nothing
		return m.advice.command(m.result.Run.Rules, m.result.Profile, nil)
	}
	return m.advice.command([]string{id}, m.result.Profile, nil)
}

// briefly bounds what was seen and shows it as text.
func briefly(text string) string { return cutTo(text, dossierLetter) }

func cutTo(text string, most int) string {
	letters := []rune(strings.Join(strings.Fields(text), " "))
	if len(letters) > most {
		return shown(string(letters[:most])) + " …"
	}
	return shown(string(letters))
}

// standing lists the rules with these verdicts, and why they have them.
func (m *dossierMaker) standing(verdicts ...rules.Verdict) *standingList {
	list := &standingList{Report: m.report()}
	for _, law := range m.catalogue.Rules {
		r := m.results[law.ID]
		if r == nil || !slices.Contains(verdicts, r.Verdict) {
			continue
		}
		if len(list.Rows) == dossierRows {
			list.Left++
			continue
		}
		s := standingOf(law, r)
		line := standingLine{ID: law.ID, Title: pick(m.words, law.Title), Cite: m.cite(law), Key: s.Key, Standing: s.in(m.words)}
		line.Why, line.English = m.why(r)
		list.Rows = append(list.Rows, line)
	}
	if len(list.Rows) == 0 {
		return nil
	}
	return list
}

// why says why a rule has the verdict that it has, and whether that is English.
func (m *dossierMaker) why(r *rules.RuleResult) (string, bool) {
	if r.Reason != "" {
		told := reasonIn(m.words, r.Reason)
		return briefly(told.Text), told.English
	}
	worst, _ := worstCheck(r, r.Verdict)
	switch {
	case worst == nil:
		return "", false
	case worst.Need != "":
		return briefly(sentence(needList(m.words, splitNeeds(worst.Need)))), false
	case worst.Because != "":
		return briefly(worst.Seen + ": " + worst.Because), true
	case worst.Expected != "":
		return briefly("expected " + worst.Expected + "; seen " + worst.Seen), true
	}
	return briefly(worst.Seen), true
}

// evidenceHash is the SHA-256 of the event log of a run, hex.
func evidenceHash(dir string) (hash string, err error) {
	file, err := os.Open(filepath.Join(dir, evidence.EventsFile))
	if err != nil {
		return "", err
	}
	defer func() {
		if e := file.Close(); err == nil {
			err = e
		}
	}()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// union adds to a list what it has not.
func union(list, more []string) []string {
	for _, text := range more {
		if !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}
