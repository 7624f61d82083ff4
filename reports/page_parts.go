package reports

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/rules"
)

// problems groups the rules that have to be looked at, worst first.
func (b *builder) problems() []problemGroup {
	groups := []problemGroup{
		{standing: verdictStanding(rules.Error)},
		{standing: verdictStanding(rules.Fail)},
		{standing: verdictStanding(rules.Inconclusive)},
		{standing: verdictStanding(rules.Warn)},
	}
	var filled []problemGroup
	for _, g := range groups {
		verdict := rules.Verdict(g.Key)
		g.Title, g.Short = b.words.Text("problems."+g.Key), b.words.Text("problems.short."+g.Key)
		for _, id := range rulesWith(b.result, verdict) {
			view := b.views[id]
			if view == nil {
				continue
			}
			p := problem{Rule: view}
			p.Checks = fewChecks(slices.DeleteFunc(slices.Clone(view.Checks), func(c checkView) bool { return c.Verdict != verdict }))
			g.Items = append(g.Items, p)
		}
		if len(g.Items) > 0 {
			filled = append(filled, g)
		}
	}
	return filled
}

// chapters lists every rule that was asked for under the section of RFC 6109
// that says it; those that only Italian texts hold come last.
func (b *builder) chapters() []chapter {
	bySection := map[string][]*ruleView{}
	for _, law := range b.catalogue.Rules {
		if b.results[law.ID] == nil {
			continue
		}
		bySection[law.Section()] = append(bySection[law.Section()], b.views[law.ID])
	}
	var list []chapter
	for _, s := range b.catalogue.Sections {
		held := bySection[s.Number]
		if len(held) == 0 {
			continue
		}
		number, _, _ := strings.Cut(s.Number, ".")
		if len(list) == 0 || list[len(list)-1].Number != number {
			title := pick(b.words, s.Title)
			if top, known := b.catalogue.Section(number); known {
				title = pick(b.words, top.Title)
			}
			list = append(list, chapter{Number: number, Title: title})
		}
		last := &list[len(list)-1]
		last.Sections = append(last.Sections, sectionView{s.Number, pick(b.words, s.Title), held})
	}
	if held := bySection[""]; len(held) > 0 {
		list = append(list, chapter{
			Title:    b.words.Text("page.outside"),
			Sections: []sectionView{{Title: b.words.Text("page.outside-section"), Rules: held}},
		})
	}
	for i := range list {
		counts, total := map[string]int{}, 0
		for _, s := range list[i].Sections {
			for _, r := range s.Rules {
				counts[r.Standing.Key]++
				total++
			}
		}
		list[i].Tally = shares(counts, total)
	}
	return list
}

// features groups the scenarios as the feature files do.
func (b *builder) features() []featureGroup {
	var list []featureGroup
	index := map[string]int{}
	for _, scenario := range b.result.Scenarios {
		i, known := index[scenario.Feature]
		if !known {
			i = len(list)
			index[scenario.Feature] = i
			list = append(list, featureGroup{Section: sectionOf(scenario.File), Name: scenario.Feature, File: scenario.File})
		}
		list[i].Scenarios = append(list[i].Scenarios, b.scenario(scenario))
	}
	slices.SortStableFunc(list, func(a, b featureGroup) int { return cmp.Compare(a.File, b.File) })
	return list
}

func (b *builder) scenario(scenario rules.ScenarioResult) scenarioView {
	v := scenarioView{ScenarioResult: scenario, Standing: scenarioStanding(scenario), Trouble: scenario.Error, Again: attemptsWords(b.words, scenario)}
	var kept []string
	v.Findings, kept = b.findings(scenario.Checks)
	v.Kept, v.KeptCount = inFamilies(kept), len(kept)
	if v.Open = openScenario(b.words, scenario, b.story.Dir); v.Open != "" {
		v.Findings = slices.DeleteFunc(v.Findings, func(f finding) bool { // each would say the same of its rule
			return f.Checks[0].Verdict == rules.Inconclusive
		})
	}
	var tags []string
	if e := b.story.Scenarios[scenario.ID]; e != nil {
		tags = e.Start.Tags
		v.Text = e.Start.Steps
		if len(scenario.Lacking) == 0 { // else nothing was played
			v.Took = figure(b.words, tookWords(e.Took()))
		}
		v.Timeline, v.Submissions, v.Messages, v.Probes = e.timeline(), len(e.Submissions), len(e.Messages), e.Probes
		v.Dialogues = e.Dialogues
		v.Flow = e.Flows[b.words.Language()].svg(b.words, e.page)
		for i := range v.Timeline {
			v.Timeline[i].Path = e.page(v.Timeline[i].Path)
		}
		v.Trouble = cmp.Or(v.Trouble, e.Trouble)
	}
	v.Search = strings.ToLower(strings.Join(append([]string{scenario.Feature, sectionOf(scenario.File)}, tags...), " "))
	return v
}

// sectionOf is the section of RFC 6109 that the name of a feature file begins
// with.
func sectionOf(file string) string {
	number, _, _ := strings.Cut(path.Base(file), "_")
	if number == "" || number[0] < '0' || number[0] > '9' {
		return ""
	}
	return number
}

// findings gathers by rule what was worse than a pass in one scenario, worst
// first, and names the rules that were kept.
func (b *builder) findings(checks []rules.Check) (list []finding, kept []string) {
	worse := map[string][]checkView{}
	var order []string
	for _, c := range checks {
		if !c.Verdict.Worse(rules.Pass) {
			if !slices.Contains(kept, c.Rule) {
				kept = append(kept, c.Rule)
			}
			continue
		}
		if worse[c.Rule] == nil {
			order = append(order, c.Rule)
		}
		view := b.check(c)
		view.ScenarioName = "" // it stands in its scenario
		worse[c.Rule] = append(worse[c.Rule], view)
	}
	for _, id := range order {
		slices.SortStableFunc(worse[id], worseFirst)
		shown, more := distinct(worse[id])
		list = append(list, finding{id, titleIn(b.words, b.catalogue, id), shown, places(more)})
	}
	slices.SortStableFunc(list, func(x, y finding) int { return worseFirst(x.Checks[0], y.Checks[0]) })
	return list, slices.DeleteFunc(kept, func(id string) bool { return worse[id] != nil })
}

// practice lists the rules where the letter and what accredited providers do
// differ.
func (b *builder) practice() []*ruleView {
	var list []*ruleView
	for _, law := range b.catalogue.Rules {
		if (law.Practice != nil || law.Disputed) && b.results[law.ID] != nil {
			list = append(list, b.views[law.ID])
		}
	}
	return list
}

// notes lists the decisions that bear on a rule that was asked for.
func (b *builder) notes() []*rules.Decision {
	return slices.DeleteFunc(slices.Clone(b.catalogue.Decisions), func(d *rules.Decision) bool {
		return len(d.Rules) > 0 && !slices.ContainsFunc(d.Rules, func(id string) bool { return b.results[id] != nil })
	})
}

// inFamilies writes ids of rules shortly, family by family: "PEC-AP-001 005;
// PEC-GEN-002". A full run would else repeat them a hundred thousand times. The
// script of the page makes links of them.
func inFamilies(ids []string) string {
	var b strings.Builder
	last := ""
	for _, id := range slices.Sorted(slices.Values(ids)) {
		cut := strings.LastIndex(id, "-")
		switch {
		case cut > 0 && id[:cut] == last:
			b.WriteString(" " + id[cut+1:])
			continue
		case b.Len() > 0:
			b.WriteString("; ")
		}
		b.WriteString(id)
		last = id[:max(cut, 0)]
	}
	return b.String()
}
