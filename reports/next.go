package reports

import (
	"fmt"
	"slices"
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

// nextSteps says what to do with a verdict, the most urgent first.
func nextSteps(result *rules.Result, catalogue *rules.Catalogue) []nextStep {
	switch result.Verdict {
	case rules.NotConformant:
		broken := rulesWith(result, rules.Fail)
		return []nextStep{
			{fmt.Sprintf("Correct %s: each failure says what was expected, what was seen and where the octets are.", brokenWords(broken, catalogue)), ""},
			{"Read why a rule says so and how it is judged", "collaudo rules explain " + first(broken)},
			{"Then judge only these again", runCommand(broken, result)},
		}
	case rules.Conformant, rules.ConformantWithWarnings:
		var steps []nextStep
		if warned := rulesWith(result, rules.Warn); len(warned) > 0 {
			steps = append(steps, nextStep{fmt.Sprintf("Look at %s: nothing there is a breach in profile %s.", plural(len(warned), "warning"), result.Profile), ""})
		}
		if result.Profile == rules.Practice {
			steps = append(steps, nextStep{"See what the letter of the rules says", "collaudo run --profile strict"})
		}
		if counts := tally(result, catalogue); counts["not-judged"] > 0 {
			steps = append(steps, nextStep{fmt.Sprintf("Mind that the verdict says nothing about %s that this version cannot judge yet.", plural(counts["not-judged"], "rule")), ""})
		}
		return steps
	case rules.Inconclusives:
		var steps []nextStep
		for _, need := range needs(result) {
			steps = append(steps, nextStep{"Give the harness what it lacked: " + need + ".", ""})
		}
		if len(steps) == 0 {
			steps = append(steps, nextStep{"Select scenarios that bring the rules into play for which you asked; to see which do", "collaudo rules explain ID"})
		}
		return steps
	case rules.Invalid:
		return []nextStep{
			{"The harness failed, so nothing can be said of the target there: look at the scenarios with an error first, then run again.", ""},
			{"If it happens again with nothing else busy on the machine, it is a fault of Collaudo: report it with this run folder.", ""},
		}
	case rules.Interrupted:
		return []nextStep{{"The run did not come to its end: the report holds what was seen up to there. Run it again for a verdict.", ""}}
	}
	return []nextStep{{"This verdict is not known to this version of Collaudo: read the run with the version that wrote it.", ""}}
}

// maxNamed bounds how many rules a sentence or a command names.
const maxNamed = 4

func brokenWords(broken []string, catalogue *rules.Catalogue) string {
	id := first(broken)
	if len(broken) < 2 {
		return fmt.Sprintf("the broken rule %s (%s)", id, titleOf(catalogue, id))
	}
	return fmt.Sprintf("the %d broken rules, beginning with %s (%s)", len(broken), id, titleOf(catalogue, id))
}

// first returns the first of the ids; a verdict without any is not ours, and
// must not make the report fail.
func first(ids []string) string {
	if len(ids) == 0 {
		return "ID"
	}
	return ids[0]
}

func runCommand(ids []string, result *rules.Result) string {
	command := "collaudo run"
	for _, id := range ids[:min(len(ids), maxNamed)] {
		command += " --rule " + id
	}
	if len(ids) > maxNamed {
		command += " …"
	}
	if result.Profile != rules.Practice {
		command += " --profile " + string(result.Profile)
	}
	return command
}

// rulesWith names the rules with that verdict, those with most checks that
// gave it first: they are the ones most often met.
func rulesWith(result *rules.Result, verdict rules.Verdict) []string {
	weight := map[string]int{}
	var ids []string
	for _, r := range result.Rules {
		if r.Verdict != verdict {
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

// needs lists what checks lacked, each once.
func needs(result *rules.Result) []string {
	var list []string
	add := func(need string) {
		if need = strings.TrimSuffix(need, "."); need != "" && !slices.Contains(list, need) {
			list = append(list, need)
		}
	}
	for _, r := range result.Rules {
		if r.Verdict != rules.Inconclusive {
			continue
		}
		add(strings.TrimPrefix(r.Reason, "missing: "))
		for _, c := range r.Checks {
			if c.Verdict == rules.Inconclusive {
				add(c.Need)
			}
		}
	}
	return list
}

func titleOf(catalogue *rules.Catalogue, id string) string {
	if law, known := catalogue.Rule(id); known {
		return law.Title.EN
	}
	return "not in the catalogue"
}
