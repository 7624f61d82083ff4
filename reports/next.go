package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

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

// nextSteps says what to do with a verdict, the most urgent first. dir is the
// folder of the run, for commands that name it; empty: not known.
func nextSteps(result *rules.Result, catalogue *rules.Catalogue, dir string) []nextStep {
	a := advice{result, catalogue, dir}
	if shard := result.Run.Shard; shard != nil && result.Verdict != rules.Interrupted {
		whole := nextStep{fmt.Sprintf("This is shard %s: what the run says as a whole is known when all %d are merged", shard, shard.Count), "collaudo report merge OUT RUN…"}
		return append([]nextStep{whole}, a.steps()...)
	}
	return a.steps()
}

func (a advice) steps() []nextStep {
	steps := a.ofVerdict()
	if w := waiting(a.result); w != nil {
		steps = append(w.nextSteps(a.dir), steps...)
	}
	return steps
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
		return []nextStep{
			{"The harness failed, so nothing can be said of the target there: look at the scenarios with an error first, then run again.", ""},
			{"If it happens again with nothing else busy on the machine, it is a fault of Collaudo: report it with this run folder.", ""},
		}
	case rules.Interrupted:
		return []nextStep{{"The run did not come to its end: the report holds what was seen up to there. For a verdict run it again", a.same()}}
	}
	return []nextStep{{"This verdict is not known to this version of Collaudo: read the run with the version that wrote it.", ""}}
}

// advice says what to do with one result.
type advice struct {
	result    *rules.Result
	catalogue *rules.Catalogue
	dir       string
}

func (a advice) broken() []nextStep {
	broken := rulesWith(a.result, rules.Fail)
	explain := nextStep{"Read why a rule says so and how it is judged", "collaudo rules explain " + first(broken)}
	if faults := a.faults(); faults != "" {
		choice := func(one, many string) string {
			if len(a.result.Run.Faults) == 1 {
				return one
			}
			return many
		}
		return []nextStep{
			{fmt.Sprintf("The failures come from %s. They show that %s caught: nothing is to be corrected.", faults, choice("it is", "they are")), ""},
			explain,
			{"Judge the same without " + choice("it", "them"), a.command(a.result.Run.Rules, a.result.Profile, nil)},
		}
	}
	return []nextStep{
		{fmt.Sprintf("Correct %s: each failure says what was expected, what was seen and where the octets are.", a.brokenWords(broken)), ""},
		explain,
		{"Then judge again, and everything at the end", a.only(broken)},
	}
}

func (a advice) green() []nextStep {
	var steps []nextStep
	run, profile := a.result.Run, a.result.Profile
	if faults := a.faults(); faults != "" && run.Scope == "full" {
		steps = append(steps, nextStep{fmt.Sprintf("No rule that this version judges is broken by %s.", faults), ""})
	} else if faults != "" {
		steps = append(steps, nextStep{fmt.Sprintf("Mind that this was a selection: %s may break rules outside it. See all rules", faults), a.command(nil, profile, run.Faults, "")})
	}
	if warned := rulesWith(a.result, rules.Warn); len(warned) > 0 {
		steps = append(steps, nextStep{fmt.Sprintf("Look at the %s: nothing there is a breach in profile %s.", counted(len(warned), "warning"), profile), ""})
	}
	if profile == rules.Practice {
		steps = append(steps, nextStep{"See what the letter of the rules says", a.command(run.Rules, rules.Strict, run.Faults)})
	}
	if n := tally(a.result, a.catalogue)["not-judged"]; n > 0 {
		steps = append(steps, nextStep{fmt.Sprintf("Mind that the verdict says nothing about %s that this version cannot judge yet.", plural(n, "rule")), ""})
	}
	return steps
}

// open says what to do about what could not be concluded: what the harness
// lacked, and why a rule that was asked for was not exercised.
func (a advice) open() []nextStep {
	var steps []nextStep
	for _, m := range lacked(a.result) {
		steps = append(steps, nextStep{m.NextStep(), ""})
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
		steps = append(steps, nextStep{fmt.Sprintf("Leave out %s: this version cannot judge %s, no scenario can bring the case about.", named(unjudged), them(unjudged)), ""})
	}
	if len(audited) > 0 {
		steps = append(steps, nextStep{fmt.Sprintf("Leave out %s: no harness can judge %s; the report says why.", named(audited), them(audited)), ""})
	}
	if len(idle) > 0 && a.result.Run.Tags != "" {
		all := a
		run := *a.result
		run.Run.Tags = ""
		all.result = &run
		steps = append(steps, nextStep{fmt.Sprintf("No scenario with these tags brings about %s: try without them", named(idle)), all.only(idle)})
	} else if len(idle) > 0 {
		steps = append(steps, nextStep{fmt.Sprintf("No scenario that was played brings about %s; to see what it takes", named(idle)), "collaudo rules explain " + idle[0]})
	}
	if len(steps) == 0 && !told {
		steps = append(steps, nextStep{"Select scenarios that bring the rules into play for which you asked; to see which do", "collaudo rules explain ID"})
	}
	return steps
}

// named writes ids in a sentence, the first few.
func named(ids []string) string {
	if len(ids) > maxNamed {
		return strings.Join(ids[:maxNamed], ", ") + fmt.Sprintf(" and %d more", len(ids)-maxNamed)
	}
	return strings.Join(ids, ", ")
}

func them(ids []string) string {
	if len(ids) == 1 {
		return "it"
	}
	return "them"
}

// counted is a number before a noun, without the number when there is one.
func counted(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return plural(n, noun)
}

// faults names what was switched on; "" of nothing.
func (a advice) faults() string {
	switch list := a.result.Run.Faults; len(list) {
	case 0:
		return ""
	case 1:
		return "the fault that was switched on (" + list[0] + ")"
	default:
		return fmt.Sprintf("the %d faults that were switched on (%s)", len(list), strings.Join(list, ", "))
	}
}

func (a advice) brokenWords(broken []string) string {
	id := first(broken)
	if len(broken) < 2 {
		return fmt.Sprintf("the broken rule %s (%s)", id, titleOf(a.catalogue, id))
	}
	return fmt.Sprintf("the %d broken rules, beginning with %s (%s)", len(broken), id, titleOf(a.catalogue, id))
}

// first returns the first of the ids; a verdict without any is not ours, and
// must not make the report fail.
func first(ids []string) string {
	if len(ids) == 0 {
		return "ID"
	}
	return ids[0]
}

// same is the command of this run.
func (a advice) same() string {
	command := a.command(a.result.Run.Rules, a.result.Profile, a.result.Run.Faults)
	if shard := a.result.Run.Shard; shard != nil {
		command += " --shard " + shard.String()
	}
	return command
}

// only is the command of this run for these rules. Where tags chose the
// scenarios it is the same run: a rule and a tag together may choose none.
func (a advice) only(ids []string) string {
	if a.result.Run.Tags != "" {
		return a.same()
	}
	return a.command(ids, a.result.Profile, a.result.Run.Faults)
}

// command writes a command that can be pasted. The tags are those of the run,
// unless others are given.
func (a advice) command(ids []string, profile rules.Profile, faults []string, tags ...string) string {
	command := "collaudo run"
	if file := a.result.Run.TargetFile; file != "" {
		command += " --target " + file
	}
	for _, name := range a.names(ids) {
		command += " --rule " + name
	}
	for _, tag := range append(tags, a.result.Run.Tags)[:1] {
		if tag != "" {
			command += " --tags " + strconv.Quote(tag)
		}
	}
	if name := a.result.Run.Personality; name != "" {
		command += " --personality " + name
	}
	for _, fault := range faults {
		command += " --fault " + fault
	}
	if profile != rules.Practice {
		command += " --profile " + string(profile)
	}
	if seed := a.result.Run.Seed; seed != 1 {
		command += fmt.Sprintf(" --seed %d", seed)
	}
	return command
}

// maxNamed bounds how many rules or families a command names.
const maxNamed = 6

// names writes rules as a command takes them: families that are whole by their
// code; where too many are left, the families of all of them; none where even
// these are too many, which asks for everything.
func (a advice) names(ids []string) []string {
	whole, held := map[string]int{}, map[string]int{}
	for _, law := range a.catalogue.Rules {
		whole[law.Family]++
		if slices.Contains(ids, law.ID) {
			held[law.Family]++
		}
	}
	var names, families []string
	add := func(list *[]string, name string) {
		if !slices.Contains(*list, name) {
			*list = append(*list, name)
		}
	}
	for _, id := range ids {
		law, known := a.catalogue.Rule(id)
		if !known {
			continue
		}
		add(&families, law.Family)
		if held[law.Family] == whole[law.Family] && whole[law.Family] > 1 {
			add(&names, law.Family)
		} else {
			add(&names, id)
		}
	}
	switch {
	case len(names) <= maxNamed:
		return names
	case len(families) <= maxNamed:
		return families
	}
	return nil
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

func titleOf(catalogue *rules.Catalogue, id string) string {
	if law, known := catalogue.Rule(id); known {
		return law.Title.EN
	}
	return "not in the catalogue"
}
