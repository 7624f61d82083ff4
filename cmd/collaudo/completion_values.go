package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator/faults"
)

// flagValues completes the values of flags, by the name of the flag.
func flagValues() map[string]cobra.CompletionFunc {
	var languages []string
	for _, l := range words.Languages() {
		languages = append(languages, string(l))
	}
	return map[string]cobra.CompletionFunc{
		"rule":        rulesAndFamilies,
		"family":      families,
		"fault":       faultIDs,
		"only":        mutantIDs,
		"personality": personalityIDs,
		"tags":        tagExpressions,
		"profile":     oneOf(string(rules.Practice), string(rules.Strict)),
		"language":    oneOf(languages...),
		"lang":        oneOf(languages...),
		"sample":      oneOf(conformance.SampleAll, conformance.SampleFamily),
		"view":        oneOf("opaque"),
		"clock":       oneOf(real, stepped),
		"ports":       oneOf(fixedPorts, "free"),
		"format":      formats,
		"target":      yamlFiles,
		"config":      yamlFiles,
		"baseline":    yamlFiles,
		"out":         folders,
		"resume":      folders,
		"compare":     folders,
		"data":        folders,
		"seed":        cobra.NoFileCompletions,
		"workers":     cobra.NoFileCompletions,
		"shard":       cobra.NoFileCompletions,
	}
}

func oneOf(values ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		var found []cobra.Completion
		for _, v := range values {
			if strings.HasPrefix(v, begun) {
				found = append(found, v)
			}
		}
		return found, cobra.ShellCompDirectiveNoFileComp
	}
}

// formats are for whom a run is told, or where several can be given those in
// which a report is made.
func formats(command *cobra.Command, arguments []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	names := []string{formatTerminal, formatGitHub}
	if command.Flags().Lookup("format").Value.Type() == "stringSlice" {
		names = reports.Formats()
	}
	return oneOf(names...)(command, arguments, begun)
}

// ruleIDs completes PEC-AP-005, also from AP-005 and in small letters.
func ruleIDs(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var found []cobra.Completion
	for _, law := range catalogue.Rules {
		if id, is := completed(law.ID, begun); is {
			found = append(found, cobra.CompletionWithDesc(id, law.Title.EN))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

func families(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var found []cobra.Completion
	for _, f := range catalogue.Families {
		if strings.HasPrefix(f.Code, strings.ToUpper(begun)) {
			found = append(found, cobra.CompletionWithDesc(f.Code, f.Title.EN))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

// rulesAndFamilies offers the families first, and rules once a family is begun:
// four hundred at once help nobody.
func rulesAndFamilies(command *cobra.Command, arguments []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	found, directive := families(command, arguments, begun)
	if begun == "" || directive == cobra.ShellCompDirectiveError {
		return found, directive
	}
	ids, directive := ruleIDs(command, arguments, begun)
	return append(found, ids...), directive
}

// completed tells that an id begins as something does that was typed. Shells
// complete only what begins with the very letters typed, so that a small letter
// or a missing PEC- would find nothing: the id is given back in that form, which
// the commands take too.
func completed(id, begun string) (string, bool) {
	for _, form := range []string{id, strings.TrimPrefix(id, "PEC-")} {
		if len(begun) <= len(form) && strings.EqualFold(form[:len(begun)], begun) {
			return begun + form[len(begun):], true
		}
	}
	return "", false
}

func faultIDs(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var found []cobra.Completion
	for _, f := range faults.Catalogue() {
		if strings.HasPrefix(f.ID, begun) {
			found = append(found, cobra.CompletionWithDesc(f.ID, f.Title))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

func mutantIDs(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	mutants, err := conformance.Mutants()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var found []cobra.Completion
	for _, m := range mutants {
		if strings.HasPrefix(m.Fault, begun) {
			found = append(found, cobra.CompletionWithDesc(m.Fault, strings.Join(m.Breaks, " ")))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

func personalityIDs(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var found []cobra.Completion
	for _, p := range faults.Personalities() {
		if strings.HasPrefix(p.ID, begun) {
			found = append(found, cobra.CompletionWithDesc(p.ID, p.Title))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

// tagExpressions completes the last tag of an expression. Tags that name one
// scenario or one rule are offered once they are begun.
func tagExpressions(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	scenarios, err := conformance.Scenarios()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	before, last := "", begun
	if i := strings.LastIndexAny(begun, " ("); i >= 0 {
		before, last = begun[:i+1], begun[i+1:]
	}
	seen := map[string]bool{}
	var found []cobra.Completion
	for _, s := range scenarios {
		for _, tag := range s.Tags {
			single := strings.Contains(tag, ":") || strings.HasPrefix(tag, "@PEC-")
			if seen[tag] || !strings.HasPrefix(tag, last) || single && len(last) < len("@i") {
				continue
			}
			seen[tag] = true
			found = append(found, before+tag)
		}
	}
	slices.Sort(found)
	return found, cobra.ShellCompDirectiveNoFileComp
}
