package reports

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// nextStep is something to do: in words, and the command for it if there is
// one.
type nextStep struct{ Text, Command string }

func (s nextStep) String() string {
	if s.Command == "" {
		return s.Text
	}
	return s.Text + ": " + s.Command
}

// nextSteps says in English what to do with a verdict, the most urgent first.
// dir is the folder of the run, for commands that name it; empty: not known.
func nextSteps(result *rules.Result, catalogue *rules.Catalogue, dir string) []nextStep {
	return nextStepsIn(english(), result, catalogue, dir)
}

// nextStepsIn says it in a language.
func nextStepsIn(t *words.Words, result *rules.Result, catalogue *rules.Catalogue, dir string) []nextStep {
	a := advice{t, result, catalogue, dir}
	if shard := result.Run.Shard; shard != nil && result.Verdict != rules.Interrupted {
		whole := nextStep{t.Text("next.shard", shard, shard.Count), "collaudo report merge OUT RUN…"}
		return append([]nextStep{whole}, a.steps()...)
	}
	return a.steps()
}

// advice says what to do with one result.
type advice struct {
	words     *words.Words
	result    *rules.Result
	catalogue *rules.Catalogue
	dir       string
}

func (a advice) steps() []nextStep {
	steps := a.ofVerdict()
	if a.result.Verdict == rules.Interrupted { // one step: taken up again, the run says itself when to come back
		return steps
	}
	if w := waiting(a.result); w != nil {
		steps = append(w.nextSteps(a.words, a.dir), steps...)
	}
	return steps
}

// do is a step in words, and its command; "" when it has none.
func (a advice) do(command, key string, values ...any) nextStep {
	return nextStep{a.words.Text(key, values...), command}
}

func (a advice) ofVerdict() []nextStep {
	switch a.result.Verdict {
	case rules.NotConformant:
		return a.broken()
	case rules.Conformant, rules.ConformantWithWarnings:
		return a.green()
	case rules.Inconclusives:
		return a.open()
	case rules.Invalid:
		return []nextStep{a.do("", "next.invalid"), a.do("", "next.invalid-again")}
	case rules.Interrupted:
		if a.dir == "" || len(a.result.Run.Merged) > 0 { // what was put together from shards is not taken up
			return []nextStep{a.do(a.same(), "next.interrupted-again")}
		}
		return []nextStep{a.do(resumeCommand(a.dir), "next.interrupted")}
	}
	return []nextStep{a.do("", "next.unknown")}
}

func (a advice) broken() []nextStep {
	broken := rulesWith(a.result, rules.Fail)
	explain := a.do("collaudo rules explain "+first(broken), "next.explain")
	if faults := a.faults(); faults != "" {
		without := a.command(a.result.Run.Rules, a.result.Profile, nil)
		if len(a.result.Run.Faults) == 1 {
			return []nextStep{a.do("", "next.fault", faults), explain, a.do(without, "next.without-fault")}
		}
		return []nextStep{a.do("", "next.faults", faults), explain, a.do(without, "next.without-faults")}
	}
	return []nextStep{
		a.do("", "next.correct", a.brokenWords(broken)),
		explain,
		a.do(a.only(broken), "next.judge-again"),
	}
}

func (a advice) green() []nextStep {
	var steps []nextStep
	run, profile := a.result.Run, a.result.Profile
	if faults := a.faults(); faults != "" && run.Scope == "full" {
		steps = append(steps, a.do("", "next.fault-harmless", faults))
	} else if faults != "" {
		steps = append(steps, a.do(a.command(nil, profile, run.Faults, ""), "next.fault-selection", faults))
	}
	if warned := rulesWith(a.result, rules.Warn); len(warned) > 0 {
		steps = append(steps, nextStep{a.words.Text("next.warnings", a.words.Count(len(warned), "next.the-warnings"), profile), ""})
	}
	if profile == rules.Practice {
		steps = append(steps, a.do(a.command(run.Rules, rules.Strict, run.Faults), "next.letter"))
	}
	if n := tally(a.result, a.catalogue)["not-judged"]; n > 0 {
		steps = append(steps, a.do("", "next.unjudged", a.words.Count(n, "count.rules")))
	}
	return steps
}

// open says what to do about what could not be concluded: what the harness
// lacked, and why a rule that was asked for was not exercised.
func (a advice) open() []nextStep {
	var steps []nextStep
	for _, m := range lacked(a.result) {
		steps = append(steps, nextStep{m.NextStep(a.words), ""})
	}
	told := len(steps) > 0 || waiting(a.result) != nil
	if told && len(a.result.Run.Rules) == 0 {
		return steps
	}
	var unjudged, audited, idle []string
	for _, r := range a.result.Rules {
		law, known := a.catalogue.Rule(r.ID)
		switch {
		case !known || r.Verdict != rules.NotExercised:
		case law.Excluded != nil && !r.Judged:
			audited = append(audited, r.ID)
		case !r.Judged:
			unjudged = append(unjudged, r.ID)
		default:
			idle = append(idle, r.ID)
		}
	}
	if len(unjudged) > 0 {
		steps = append(steps, a.do("", oneOrMany("next.leave-out-unjudged", unjudged), a.named(unjudged)))
	}
	if len(audited) > 0 {
		steps = append(steps, a.do("", oneOrMany("next.leave-out-audited", audited), a.named(audited)))
	}
	if len(idle) > 0 && a.result.Run.Tags != "" {
		all := a
		run := *a.result
		run.Run.Tags = ""
		all.result = &run
		steps = append(steps, a.do(all.only(idle), "next.no-tag", a.named(idle)))
	} else if len(idle) > 0 {
		steps = append(steps, a.do("collaudo rules explain "+idle[0], "next.no-scenario", a.named(idle)))
	}
	if len(steps) == 0 && !told {
		steps = append(steps, a.do("collaudo rules explain ID", "next.select"))
	}
	return steps
}

// named writes ids in a sentence, the first few.
func (a advice) named(ids []string) string {
	if len(ids) > maxNamed {
		return strings.Join(ids[:maxNamed], ", ") + a.words.Count(len(ids)-maxNamed, "count.and-more")
	}
	return strings.Join(ids, ", ")
}

// oneOrMany is the key of a text about one thing or several, where the text
// holds no number.
func oneOrMany(key string, list []string) string {
	if len(list) == 1 {
		return key + ".one"
	}
	return key
}

// faults names what was switched on; "" of nothing.
func (a advice) faults() string {
	switch list := a.result.Run.Faults; len(list) {
	case 0:
		return ""
	case 1:
		return a.words.Text("next.the-fault", list[0])
	default:
		return a.words.Text("next.the-faults", len(list), strings.Join(list, ", "))
	}
}

func (a advice) brokenWords(broken []string) string {
	id := first(broken)
	title := titleIn(a.words, a.catalogue, id)
	if len(broken) < 2 {
		return a.words.Text("next.broken-rule", id, title)
	}
	return a.words.Text("next.broken-rules", len(broken), id, title)
}

// first returns the first of the ids; a verdict without any is not ours, and
// must not make the report fail.
func first(ids []string) string {
	if len(ids) == 0 {
		return "ID"
	}
	return ids[0]
}

// rulesWith names the rules with that verdict, those with most checks that
// gave it first: they are the ones most often met. Rules whose scenario was cut
// short are none: nothing failed there.
func rulesWith(result *rules.Result, verdict rules.Verdict) []string {
	weight := map[string]int{}
	var ids []string
	for i := range result.Rules {
		r := &result.Rules[i]
		if r.Verdict != verdict || wasCut(r) {
			continue
		}
		ids = append(ids, r.ID)
		for _, c := range r.Checks {
			if c.Verdict == verdict {
				weight[r.ID] += max(c.Count, 1)
			}
		}
	}
	slices.SortStableFunc(ids, func(a, b string) int { return weight[b] - weight[a] })
	return ids
}

// titleOf is the title of a rule in English.
func titleOf(catalogue *rules.Catalogue, id string) string {
	return titleIn(english(), catalogue, id)
}
