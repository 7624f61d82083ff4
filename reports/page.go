package reports

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// builder makes the page.
type builder struct {
	words     *words.Words
	options   WriteOptions
	result    *rules.Result
	catalogue *rules.Catalogue
	story     *story
	results   map[string]*rules.RuleResult
	names     map[string]string            // of scenarios
	waits     map[string]*evidence.Waiting // scenarios that wait, and for what
	views     map[string]*ruleView
}

func newPage(w *words.Words, result *rules.Result, catalogue *rules.Catalogue, s *story, o WriteOptions) *page {
	b := &builder{words: w, options: o, result: result, catalogue: catalogue, story: s, results: byRule(result), names: map[string]string{}, waits: map[string]*evidence.Waiting{}, views: map[string]*ruleView{}}
	for _, scenario := range result.Scenarios {
		b.names[scenario.ID], b.waits[scenario.ID] = scenario.Feature+" › "+scenario.Name, scenario.Waiting
	}
	for _, law := range catalogue.Rules {
		b.views[law.ID] = b.rule(law)
	}
	counts := tally(result, catalogue)
	p := &page{
		Lang: w.Language(), Verdict: verdictIn(w, result.Verdict), Tone: toneOfVerdict(result.Verdict), Reason: said(w, result.Reason),
		Cut: underWay(result), Next: nextStepsIn(w, result, catalogue, s.Dir), Faults: result.Run.Faults,
		Gate: b.gate(), Compared: b.compared(),
		Total: len(catalogue.Rules), Listed: len(catalogue.Rules) - counts[notAsked().Key], Unlisted: counts[notAsked().Key],
		Facts: b.facts(), Tally: shares(counts, len(catalogue.Rules)),
		Problems: b.problems(), Chapters: b.chapters(), Features: b.features(), Practice: b.practice(), Coverage: newCoverageView(w, coverIn(w, result, catalogue)),
	}
	p.Missing, p.Waits, p.Resume = lacked(result), waiting(result), resumeCommand(s.Dir)
	p.Figures = []fact{
		{w.Text("page.exercised"), w.Text("page.so-many-of", exercised(counts), len(catalogue.Rules))},
		b.figure(len(result.Scenarios), "count.scenarios"),
		b.figure(s.Messages, "count.messages-judged"),
		b.figure(s.Submissions, "count.submissions"),
	}
	for _, part := range p.Tally {
		if part.standing != notAsked() {
			p.Asked = append(p.Asked, part)
		}
	}
	p.Notes, p.Marks = b.notes(), rules.Footnotes()
	return p
}

// figure is a number and its noun.
func (b *builder) figure(n int, key string) fact {
	_, noun, _ := strings.Cut(b.words.Count(n, key), " ")
	return fact{noun, plainNumber(n)}
}

// verdictIn is the verdict of a run in the language of a page.
func verdictIn(w *words.Words, v rules.Outcome) string {
	if text, known := w.Find("verdict." + strings.ToLower(strings.ReplaceAll(string(v), " ", "-"))); known {
		return text
	}
	return string(v)
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
	w, run := b.words, b.result.Run
	profile, _ := w.Find("page.profile." + string(b.result.Profile))
	facts := []fact{
		{w.Text("page.target"), run.Target},
		{w.Text("page.profile"), profile},
		{w.Text("page.scope"), scopeIn(w, run)},
	}
	if run.Personality != "" {
		facts = append(facts, fact{w.Text("page.personality"), w.Text("page.unusual", run.Personality)})
	}
	if !b.story.Began.IsZero() {
		began := legalInstant(w, b.story.Began, "2 January 2006, 15:04:05")
		facts = append(facts, fact{w.Text("page.run"), w.Text("page.run-for", began, figure(w, tookWords(b.story.Played))) + b.story.resumedWords(w)})
	}
	return append(facts, fact{w.Text("page.by"), w.Text("page.by-tool", cmp.Or(run.Tool, "collaudo"), run.Version, run.Seed)})
}

// scopeWords says in English what a run was about.
func scopeWords(run evidence.Run) string { return scopeIn(english(), run) }

// scopeIn says it in a language.
func scopeIn(w *words.Words, run evidence.Run) string {
	text, known := w.Find("page.scope." + run.Scope)
	if !known {
		text = run.Scope
	}
	if run.Shard != nil {
		text += w.Text("page.shard-of", run.Shard, w.Count(len(run.Shard.Selected), "count.scenarios"))
	}
	if len(run.Merged) > 0 {
		text += w.Text("page.merged", w.Count(len(run.Merged), "count.shards"))
	}
	if len(run.Rules) > 0 {
		text += w.Count(len(run.Rules), "page.asked-for")
	}
	if run.Tags != "" {
		text += w.Text("page.tags", run.Tags)
	}
	return text
}

// shares turns counts into the parts of a bar.
func shares(counts map[string]int, total int) []share {
	var list []share
	for _, s := range standings() {
		if n := counts[s.Key]; n > 0 {
			list = append(list, share{s, n, percent(n, total)})
		}
	}
	return list
}

// percent is the width of a part of a bar.
func percent(n, total int) string {
	return strconv.FormatFloat(100*float64(n)/float64(max(total, 1)), 'f', 2, 64)
}
