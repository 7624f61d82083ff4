package reports

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// The dossier is read by people and sent by mail: whatever a run may hold, it
// stays short. What is left out is in the technical report.
const (
	firstGaps     = 6   // on the first page, so that it is one sheet of A4
	dossierGaps   = 40  // described one by one
	dossierRows   = 60  // of warnings, and of what was not concluded
	dossierSeen   = 3   // different observations of one policy
	dossierLetter = 240 // letters of what was seen or expected
	dossierGlance = 90  // letters of what was seen, on the first page
)

// dossierMaker makes the dossier.
type dossierMaker struct {
	*telling
	words    *words.Words
	circular *rules.Circular
	results  map[string]*rules.RuleResult
	names    map[string]string // of scenarios
	advice   advice
}

func newDossier(t *telling, circular *rules.Circular, w *words.Words) (*dossier, error) {
	m := &dossierMaker{
		telling: t, words: w, circular: circular, results: byRule(t.result), names: map[string]string{},
		advice: advice{result: t.result, catalogue: t.catalogue, dir: t.story.Dir},
	}
	for _, s := range t.result.Scenarios {
		m.names[s.ID] = s.Feature + " › " + s.Name
	}
	run := t.result.Run
	d := &dossier{
		Language: string(w.Language()), Kicker: w.Text("dossier.kicker"), Report: m.report(), OtherFile: DossierItalianFile, OtherLanguage: string(words.Italian),
		OtherName: w.Text("dossier.other-language"), Target: m.target(), Tone: toneOfVerdict(t.result.Verdict),
		Verdict: m.verdict(), Facts: m.facts(), Faults: run.Faults, Folder: filepath.ToSlash(cmp.Or(t.story.Dir, "RUN")),
	}
	if run.Kind == evidence.KindClient {
		d.Kicker = w.Text("dossier.kicker-client")
	}
	if w.Language() == words.Italian {
		d.OtherFile, d.OtherLanguage = DossierFile, string(words.English)
	}
	m.gaps(d)
	d.Plain, d.Mind = m.plain(len(d.Gaps)+len(d.Unshown)), m.mind()
	d.Warnings = m.standing(rules.Warn)
	d.Open = m.standing(rules.Error, rules.Inconclusive)
	d.CoverageLead, d.Columns, d.Coverage = w.Text("dossier.coverage-lead"), m.columns(), m.coverage()
	d.Levels, d.Times = m.levels(), m.times()
	d.Policies, d.Declared = m.policies(), m.declared()
	d.Policed = m.policyCount(d.Policies)
	d.Decisions, d.Questions = m.interpretations()
	identity, err := m.identity()
	if err != nil {
		return nil, err
	}
	d.Identity = identity
	for _, key := range []string{"dossier.signer.test", "dossier.signer.technical", "dossier.signer.provider"} {
		d.Signers = append(d.Signers, w.Text(key))
	}
	for _, note := range rules.Footnotes() {
		d.Marks = append(d.Marks, pick(w, note))
	}
	var cites rules.Text
	for _, g := range d.First {
		cites.EN += " " + g.Cite
	}
	for _, note := range rules.FootnotesOf(cites) {
		d.FirstMarks = append(d.FirstMarks, pick(w, note))
	}
	d.Footer = w.Text("dossier.footer", w.Text("dossier.title"), run.Version)
	return d, nil
}

// outcomeKey is the end of a key for the verdict of a run.
func outcomeKey(v rules.Outcome) string {
	return strings.ReplaceAll(strings.ToLower(string(v)), " ", "-")
}

// verdict is the verdict as a sentence says it. Capitals, as the technical report
// has them for who looks for one word, look like the stamp of an office here.
func (m *dossierMaker) verdict() string {
	if text, known := m.words.Find("dossier.verdict." + outcomeKey(m.result.Verdict)); known {
		return text
	}
	return string(m.result.Verdict)
}

// plain says the verdict so that everybody understands it.
func (m *dossierMaker) plain(gaps int) string {
	key := "dossier.plain." + outcomeKey(m.result.Verdict)
	if _, known := m.words.Find(key); !known {
		return m.words.Text("dossier.plain.unknown")
	}
	if m.result.Verdict == rules.NotConformant {
		return m.words.Count(gaps, key)
	}
	return m.words.Text(key)
}

// mind says what the verdict does not speak of.
func (m *dossierMaker) mind() []string {
	counts := tally(m.result, m.catalogue)
	var list []string
	if m.result.Run.Scope != "full" {
		list = append(list, m.words.Text("dossier.mind-part"))
	}
	if n := exercised(counts); n < len(m.catalogue.Rules) {
		list = append(list, m.words.Text("dossier.mind-tried", n, len(m.catalogue.Rules)))
	}
	if known := m.known(); known > 0 {
		list = append(list, m.words.Count(known, "dossier.mind-known"))
	}
	return list
}

// known counts the failures that the baseline of the run names.
func (m *dossierMaker) known() (n int) {
	if m.options.Gate == nil {
		return 0
	}
	for _, e := range m.options.Gate.Entries {
		if e.Fails && e.Standing == KnownFails {
			n++
		}
	}
	return n
}

// report is the way to the technical report, from where the dossier is written.
func (m *dossierMaker) report() string { return m.record.Way + HTMLFile }

// target names what was tested; the built-in pair in the language of the page.
func (m *dossierMaker) target() string {
	if name := m.result.Run.Target; name != words.In(words.English).Text("dossier.built-in") {
		return shown(name)
	}
	return m.words.Text("dossier.built-in")
}

// facts are those of the first page.
func (m *dossierMaker) facts() []fact {
	w := m.words
	profile, known := w.Find("dossier.profile." + string(m.result.Profile))
	if !known {
		profile = string(m.result.Profile)
	}
	return []fact{
		{w.Text("dossier.scope"), m.scope()},
		{w.Text("dossier.profile"), profile},
		{w.Text("dossier.when"), m.when()},
		{w.Text("dossier.scenarios"), m.played()},
		{w.Text("dossier.messages"), plainNumber(m.story.Messages)},
	}
}

func (m *dossierMaker) scope() string {
	run, total := m.result.Run, len(m.catalogue.Rules)
	switch {
	case run.Scope == "full":
		return m.words.Text("dossier.scope.full", total)
	case run.Shard != nil:
		return m.words.Text("dossier.scope.shard", run.Shard.String(), len(m.result.Rules), total)
	case len(m.result.Rules) == total: // chosen by topic: all rules were asked, and few could be tried
		return m.words.Text("dossier.scope.cases")
	}
	return m.words.Text("dossier.scope.subset", len(m.result.Rules), total)
}

// played says how many scenarios the run holds, of how many there are.
func (m *dossierMaker) played() string {
	n := plainNumber(len(m.result.Scenarios))
	if all := m.options.Scenarios; all > 0 {
		return m.words.Text("dossier.scenarios-of", n, plainNumber(all))
	}
	return n
}

// when says from when to when the run lasted, in legal time.
func (m *dossierMaker) when() string {
	began, ended := m.story.Began.In(pec.Zone()), m.story.Ended.In(pec.Zone())
	if m.story.Began.IsZero() {
		return "–"
	}
	day := instant(m.words, began, "2 January 2006")
	if last := instant(m.words, ended, "2 January 2006"); last != day {
		return day + " " + began.Format("15:04") + " – " + last + " " + ended.Format("15:04 MST")
	}
	return day + ", " + m.words.Text("dossier.from-to", began.Format("15:04"), ended.Format("15:04 MST"))
}

// identity says what was tested and by what run.
func (m *dossierMaker) identity() ([]factGroup, error) {
	w, run := m.words, m.result.Run
	system := factGroup{Title: w.Text("dossier.system"), Facts: []fact{{w.Text("dossier.target"), m.target()}}}
	add := func(g *factGroup, key, value string) {
		if value != "" {
			g.Facts = append(g.Facts, fact{w.Text(key), shown(value)})
		}
	}
	add(&system, "dossier.description", run.TargetFile)
	add(&system, "dossier.fingerprint", run.TargetSHA256)
	add(&system, "dossier.personality", run.Personality)
	add(&system, "dossier.claims", cmp.Or(strings.Join(m.claims(), ", "), w.Text("dossier.none")))
	groups := []factGroup{system}
	for _, p := range m.providers() {
		g := factGroup{Title: w.Text("dossier.provider") + " " + shown(p.Name)}
		add(&g, "dossier.service-address", p.ServiceAddress)
		add(&g, "dossier.domains", listed(p.Domains))
		groups = append(groups, g)
	}
	hash, err := evidenceHash(m.record.Dir)
	if err != nil {
		return nil, err
	}
	r := factGroup{Title: w.Text("dossier.run")}
	add(&r, "dossier.tool", cmp.Or(run.Tool, "collaudo")+" "+run.Version)
	recorded, known := w.Find("verdict." + outcomeKey(m.result.Verdict))
	if !known {
		recorded = string(m.result.Verdict)
	}
	add(&r, "dossier.verdict-recorded", recorded)
	add(&r, "dossier.catalogue", w.Count(len(m.catalogue.Rules), "count.rules"))
	add(&r, "dossier.seed", fmt.Sprint(run.Seed))
	add(&r, "dossier.when", m.whenExactly())
	if run.Tags != "" {
		add(&r, "dossier.selection", w.Text("dossier.tags", run.Tags))
	}
	if n := m.story.Resumed; n > 0 {
		add(&r, "dossier.resumed", w.Count(n, "dossier.times-resumed"))
	}
	add(&r, "dossier.log-hash", hash)
	return append(groups, r), nil
}

func (m *dossierMaker) whenExactly() string {
	if m.story.Began.IsZero() {
		return ""
	}
	const form = "2 January 2006, 15:04:05"
	return legalInstant(m.words, m.story.Began, form) + " – " + legalInstant(m.words, m.story.Ended, form)
}

// listed writes a list, the first of a long one.
func listed(list []string) string {
	const most = 12
	if len(list) > most {
		return strings.Join(list[:most], ", ") + fmt.Sprintf(" … (+%d)", len(list)-most)
	}
	return strings.Join(list, ", ")
}

// providers are those under test, each with all domains that it was seen with.
func (m *dossierMaker) providers() []*evidence.Provider {
	const most = 8
	var list []*evidence.Provider
	found := map[string]*evidence.Provider{}
	for _, c := range m.record.Cases {
		for _, p := range c.World.Providers {
			if p.Emitter != evidence.Target {
				continue
			}
			one := found[p.Name]
			if one == nil {
				if len(list) == most {
					continue
				}
				one = &evidence.Provider{Name: p.Name, ServiceAddress: p.ServiceAddress}
				found[p.Name] = one
				list = append(list, one)
			}
			one.Domains = union(one.Domains, p.Domains)
		}
	}
	return list
}

func (m *dossierMaker) claims() []string {
	var list []string
	for _, c := range m.record.Cases {
		list = union(list, c.World.Claims)
	}
	return list
}
