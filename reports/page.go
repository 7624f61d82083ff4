package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

const (
	maxShown = 3   // checks of one rule that are shown at once
	maxKept  = 300 // letters of what was seen where a rule was kept
)

// builder makes the page.
type builder struct {
	result    *rules.Result
	catalogue *rules.Catalogue
	story     *story
	results   map[string]*rules.RuleResult
	names     map[string]string            // of scenarios
	waits     map[string]*evidence.Waiting // scenarios that wait, and for what
	views     map[string]*ruleView
}

func newPage(result *rules.Result, catalogue *rules.Catalogue, s *story) *page {
	b := &builder{result: result, catalogue: catalogue, story: s, results: byRule(result), names: map[string]string{}, waits: map[string]*evidence.Waiting{}, views: map[string]*ruleView{}}
	for _, scenario := range result.Scenarios {
		b.names[scenario.ID], b.waits[scenario.ID] = scenario.Feature+" › "+scenario.Name, scenario.Waiting
	}
	for _, law := range catalogue.Rules {
		b.views[law.ID] = b.rule(law)
	}
	counts := tally(result, catalogue)
	p := &page{
		Verdict: string(result.Verdict), Tone: toneOfVerdict(result.Verdict), Reason: sentence(result.Reason),
		Cut: underWay(result), Next: nextSteps(result, catalogue, s.Dir), Faults: result.Run.Faults,
		Total: len(catalogue.Rules), Listed: len(catalogue.Rules) - counts[notAsked().Key], Unlisted: counts[notAsked().Key],
		Facts: b.facts(), Tally: shares(counts, len(catalogue.Rules)),
		Problems: b.problems(), Chapters: b.chapters(), Features: b.features(), Practice: b.practice(), Coverage: newCoverageView(Cover(result, catalogue)),
	}
	p.Missing, p.Waits, p.Resume = lacked(result), waiting(result), resumeCommand(s.Dir)
	p.Figures = []fact{
		{"rules exercised", fmt.Sprintf("%d of %d", exercised(counts), len(catalogue.Rules))},
		{nounOf(len(result.Scenarios), "scenario"), plainNumber(len(result.Scenarios))},
		{nounOf(s.Messages, "message") + " judged", plainNumber(s.Messages)},
		{nounOf(s.Submissions, "submission"), plainNumber(s.Submissions)},
	}
	for _, part := range p.Tally {
		if part.standing != notAsked() {
			p.Asked = append(p.Asked, part)
		}
	}
	p.Notes, p.Marks = b.notes(), rules.Footnotes()
	return p
}

func toneOfVerdict(v rules.Outcome) string {
	switch v {
	case rules.Conformant:
		return "good"
	case rules.ConformantWithWarnings:
		return "warned"
	case rules.NotConformant:
		return "bad"
	}
	return "unknown"
}

func (b *builder) facts() []fact {
	run := b.result.Run
	facts := []fact{
		{"Target", run.Target},
		{"Profile", map[rules.Profile]string{
			rules.Practice: "practice: as accredited providers interoperate",
			rules.Strict:   "strict: by the letter of the rules",
		}[b.result.Profile]},
		{"Scope", scopeWords(run)},
	}
	if run.Personality != "" {
		facts = append(facts, fact{"Personality", run.Personality + ": the simulated providers are unusual, and lawful"})
	}
	if !b.story.Began.IsZero() {
		facts = append(facts, fact{"Run", b.story.Began.UTC().Format("2 January 2006, 15:04:05 UTC") + ", for " + tookWords(b.story.Played) + b.story.resumedWords()})
	}
	return append(facts, fact{"By", cmp.Or(run.Tool, "collaudo") + " " + run.Version + ", seed " + fmt.Sprint(run.Seed)})
}

func scopeWords(run evidence.Run) string {
	words := run.Scope
	if run.Shard != nil {
		words += fmt.Sprintf(" %s of %s", run.Shard, plural(len(run.Shard.Selected), "scenario"))
	}
	if len(run.Merged) > 0 {
		words += fmt.Sprintf(", merged from %s", plural(len(run.Merged), "shard"))
	}
	if len(run.Rules) > 0 {
		words += ": " + plural(len(run.Rules), "rule") + " asked for"
	}
	if run.Tags != "" {
		words += ", tags " + run.Tags
	}
	return words
}

// shares turns counts into the parts of a bar.
func shares(counts map[string]int, total int) []share {
	var list []share
	for _, s := range standings() {
		if n := counts[s.Key]; n > 0 {
			list = append(list, share{s, n, fmt.Sprintf("%.2f", 100*float64(n)/float64(max(total, 1)))})
		}
	}
	return list
}

func (b *builder) rule(law *rules.Rule) *ruleView {
	result := b.results[law.ID]
	v := &ruleView{
		Rule: law, Standing: standingOf(law, result), Cite: law.Cite(), Weight: weightWords(law),
		Statements: b.catalogue.Claims(law.ID),
	}
	for _, id := range law.Decisions {
		if d, known := b.catalogue.Decision(id); known {
			v.Decisions = append(v.Decisions, d)
		}
	}
	for _, id := range law.Questions {
		if q, known := b.catalogue.Question(id); known {
			v.Questions = append(v.Questions, q)
		}
	}
	if result != nil {
		v.Reason = reasonWords(result.Reason)
		v.Checks, v.Kept = b.split(result.Checks)
		for _, c := range result.Checks {
			if c.Because != "" {
				v.Forgiven += max(c.Count, 1)
			}
		}
		v.Summary = summaryOf(result)
	}
	if v.Standing == excluded() {
		v.Reason = sentence(law.Excluded.Reason)
	}
	v.Search = strings.ToLower(strings.Join([]string{law.ID, law.Title.EN, law.Title.IT, v.Standing.Label, v.Cite.EN}, " "))
	return v
}

// weightWords says what a breach is worth.
func weightWords(law *rules.Rule) string {
	words := map[rules.Violation]string{
		rules.ViolationFail: "a failure", rules.ViolationWarn: "a warning", rules.ViolationObserve: "only recorded",
	}
	text := words[law.Violation]
	if law.Practice != nil {
		text += "; in profile practice, where forgiven, " + words[law.Practice.Violation]
	}
	return text
}

// summaryOf says how often a rule was looked at.
func summaryOf(result *rules.RuleResult) string {
	places := 0
	scenarios := map[string]bool{}
	for _, c := range result.Checks {
		places += max(c.Count, 1)
		scenarios[c.Scenario] = true
	}
	if places == 0 {
		return ""
	}
	return plural(places, "check") + " in " + plural(len(scenarios), "scenario")
}

// split parts the checks of a rule that are worth reading, worst first, from
// those that were kept; of the latter it shows a few that say different things.
func (b *builder) split(checks []rules.Check) (worth []checkView, kept *keeping) {
	said, shown, left := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range checks {
		if c.Verdict.Worse(rules.Pass) || c.Because != "" {
			worth = append(worth, b.check(c))
			continue
		}
		if kept == nil {
			kept = &keeping{}
		}
		key := string(c.Verdict) + "|" + c.Seen
		if len(kept.First) < maxShown && !said[key] {
			said[key], shown[c.Scenario] = true, true
			view := b.check(c)
			view.Seen = clipTo(view.Seen, maxKept)
			kept.First = append(kept.First, view)
			continue
		}
		kept.More += max(c.Count, 1)
		if !left[c.Scenario] {
			left[c.Scenario] = true
			kept.Others = append(kept.Others, c.Scenario)
		}
	}
	slices.SortStableFunc(worth, worseFirst)
	return worth, kept
}

func worseFirst(a, b checkView) int {
	switch {
	case a.Verdict.Worse(b.Verdict):
		return -1
	case b.Verdict.Worse(a.Verdict):
		return 1
	}
	return 0
}

// distinct returns the first few checks that say different things.
func distinct(checks []checkView) (shown, more []checkView) {
	said := map[string]bool{}
	for _, c := range checks {
		key := string(c.Verdict) + "|" + c.Expected + "|" + c.Seen + "|" + c.Need
		if len(shown) < maxShown && !said[key] {
			said[key] = true
			shown = append(shown, c)
			continue
		}
		more = append(more, c)
	}
	return shown, more
}

func (b *builder) check(c rules.Check) checkView {
	e := b.story.Scenarios[c.Scenario]
	v := checkView{Check: c, Standing: checkStanding(c), ScenarioName: cmp.Or(b.names[c.Scenario], c.Scenario)}
	v.Need = needList(splitNeeds(c.Need))
	if w := b.waits[c.Scenario]; w != nil && c.Need != "" {
		v.Need = legalTime + ": " + goesOn(w)
	}
	v.Place, v.Path = whereWords(c.Where, e)
	if s := e.find(c.Where.Submission); s != nil && s.Dialogue != v.Path && c.Where.Attempt == 0 {
		v.Dialogue = s.Dialogue
	}
	return v
}
