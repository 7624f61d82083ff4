package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/rules"
)

// explain tells everything about one rule: what it says and where, how doubts
// are decided, how it is judged, who proves its judge, and how to see it by
// hand.
func explain(out io.Writer, catalogue *rules.Catalogue, law *rules.Rule, by judges) error {
	fmt.Fprintf(out, "%s  %s\n", law.ID, law.Title.EN)
	fmt.Fprintf(out, "%s  %s\n\n", strings.Repeat(" ", len(law.ID)), law.Title.IT)
	row := func(label, text string) {
		if text != "" {
			fmt.Fprintf(out, "%-12s %s\n", label, wrap(text, 96, 13))
		}
	}
	row("source", law.Cite().EN)
	for _, note := range rules.FootnotesOf(law.Cite()) {
		row(" ", note.EN)
	}
	row("when", law.Antecedent)
	row("demanded", law.Oracle)
	row("accepted", strings.Join(law.Outcomes, "; or "))
	row("a breach", breachWords(law))
	for _, id := range law.Decisions {
		if d, known := catalogue.Decision(id); known {
			row("decision "+id, d.Issue.EN+". Decided: "+d.Decision.EN)
		}
	}
	for _, id := range law.Questions {
		if q, known := catalogue.Question(id); known {
			row("open "+id, q.Question.EN)
		}
	}
	if law.Excluded != nil {
		row("excluded", law.Excluded.Reason)
	}
	fmt.Fprintln(out)
	row("judged by", map[string]string{
		"judge and scenario": "a judge that reads the evidence of every scenario, and scenarios that bring the case about",
		"judge":              "a judge that reads the evidence of every scenario",
		"scenario":           "the outcome of the scenarios below",
		"excluded":           "nobody: it is excluded",
		notJudged:            "nobody yet: no scenario of this version can bring the case about",
	}[by.how(law)])
	row("is sent", law.Stimulus)
	for _, looks := range by.looks[law.ID] {
		row("looks at", looks)
	}
	names := slices.Clone(by.scenarios[law.ID])
	slices.Sort(names)
	row("scenarios", strings.Join(names, ", "))
	mutants, err := conformance.Mutants()
	if err != nil {
		return err
	}
	for _, m := range mutants {
		if slices.Contains(m.Breaks, law.ID) {
			row("proven by", "mutant "+m.Fault)
		}
	}
	recipe, err := catalogue.Reproduce(law)
	if err != nil || len(recipe.Stage) == 0 {
		return err
	}
	fmt.Fprintln(out, "\nby hand")
	for _, command := range slices.Concat(recipe.Stage, recipe.Look) {
		fmt.Fprintf(out, "  %s\n", command)
	}
	fmt.Fprintln(out, "  (words in capitals stand for what your target says)")
	return nil
}

// breachWords says what a breach is worth in either profile.
func breachWords(law *rules.Rule) string {
	words := map[rules.Violation]string{rules.ViolationFail: "fails", rules.ViolationWarn: "is a warning", rules.ViolationObserve: "is only recorded"}[law.Violation]
	if law.Practice != nil {
		words += fmt.Sprintf("; in profile practice this much counts as %s only: %s", law.Practice.Violation, law.Practice.Because)
	}
	return words
}
