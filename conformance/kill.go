package conformance

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// newKill is a mutant that has not been tried yet.
func newKill(m Mutant) reports.Kill {
	return reports.Kill{Fault: m.Fault, Title: titleOf(m.Fault), Breaks: m.Breaks, Also: m.Also, Scenarios: m.Scenarios}
}

// compare says what the fault changed. clean is how the rules stood in the same
// scenarios without it; columns are the rules of the matrix.
func compare(k *reports.Kill, clean map[string]rules.Verdict, result *rules.Result, columns []string) {
	before := func(id string) rules.Verdict {
		if v, seen := clean[id]; seen {
			return v
		}
		return rules.NotExercised
	}
	after := map[string]rules.RuleResult{}
	for _, r := range result.Rules {
		after[r.ID] = r
	}
	for _, id := range k.Breaks {
		r, known := after[id]
		// Only an answer about the target kills: a judge that falls silent, or a
		// harness that fails, has caught nothing.
		if !known || !r.Verdict.Worse(before(id)) || (r.Verdict != rules.Fail && r.Verdict != rules.Warn) {
			k.Survived = append(k.Survived, id)
			continue
		}
		k.By = append(k.By, worstCheck(r))
		if judgeAnswers(r, before(id)) {
			k.Judges = append(k.Judges, id)
		}
	}
	k.Killed = len(k.Survived) == 0
	for _, r := range result.Rules {
		failed := r.Verdict == rules.Fail || r.Verdict == rules.Error
		if failed && r.Verdict.Worse(before(r.ID)) && !slices.Contains(k.Breaks, r.ID) && !slices.Contains(k.Also, r.ID) {
			k.Misattributed = append(k.Misattributed, r.ID)
		}
	}
	for _, s := range result.Scenarios {
		if s.Error != "" {
			k.Error = s.ID + ": " + s.Error
		}
	}
	k.Cells = cells(k, before, after, columns)
}

// cells is the mutant's line of the matrix.
func cells(k *reports.Kill, before func(string) rules.Verdict, after map[string]rules.RuleResult, columns []string) string {
	var line strings.Builder
	for _, id := range columns {
		r := after[id]
		worse := r.Verdict != "" && r.Verdict.Worse(before(id))
		cell := reports.CellSame
		switch {
		case slices.Contains(k.Survived, id):
			cell = reports.CellSurvived
		case slices.Contains(k.Breaks, id):
			cell = reports.CellKilled
		case slices.Contains(k.Misattributed, id):
			cell = reports.CellMisattributed
		case worse && slices.Contains(k.Also, id):
			cell = reports.CellAlso
		case worse:
			cell = reports.CellWorse
		case before(id) == rules.NotExercised && (r.Verdict == "" || r.Verdict == rules.NotExercised):
			cell = reports.CellNotRun
		}
		line.WriteByte(byte(cell))
	}
	return line.String()
}

// byJudge is how a check says that a judge made it, and no scenario's Then.
const byJudge = "judge"

// judgeAnswers tells that the judge of the rule itself found it broken, though
// perhaps less gravely than the Then of a scenario.
func judgeAnswers(r rules.RuleResult, before rules.Verdict) bool {
	return slices.ContainsFunc(r.Checks, func(c rules.Check) bool {
		return c.By == byJudge && (c.Verdict == rules.Fail || c.Verdict == rules.Warn) && c.Verdict.Worse(before)
	})
}

func worstCheck(r rules.RuleResult) rules.Check {
	worst := r.Checks[0]
	for _, c := range r.Checks[1:] {
		if c.Verdict.Worse(worst.Verdict) || c.Verdict == worst.Verdict && c.By == byJudge && worst.By != byJudge {
			worst = c
		}
	}
	return worst
}

// within is a result as if only these scenarios had been played.
func within(r *rules.Result, scenarios []string) map[string]rules.Verdict {
	verdicts := map[string]rules.Verdict{}
	for _, s := range r.Scenarios {
		if !slices.Contains(scenarios, s.ID) {
			continue
		}
		for _, c := range s.Checks {
			if before, seen := verdicts[c.Rule]; !seen || c.Verdict.Worse(before) {
				verdicts[c.Rule] = c.Verdict
			}
		}
	}
	return verdicts
}
