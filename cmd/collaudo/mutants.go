package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator/faults"
)

func mutantsCommand() *cobra.Command {
	var o conformance.MutantTrial
	var only []string
	var list, asJSON bool
	var view string
	var language *words.Language
	command := &cobra.Command{
		Use:   "mutants",
		Short: "Prove the judges: switch on each fault and see that it is caught, at its rule and nowhere else",
		Long: "A mutant is a simulated provider with one fault switched on. For each, the scenarios in which it shows are played\n" +
			"without the fault and with it. It is killed when the verdict at the rule it breaks comes out worse; any other\n" +
			"rule that fails has been misattributed. A personality is a provider that is unusual and legal: no judge may fail it.\n\n" +
			"Sample all tries every mutant, and every personality in every scenario. Sample family tries, family by family, few\n" +
			"mutants that between them fail every judge once, and the personalities in the core scenarios.\n\n" +
			"Exit codes: 0 all killed, none misattributed, every judge failed at least once and no personality failed;\n" +
			"1 otherwise, 2 usage, 3 the harness failed.",
		Example: "  collaudo mutants\n  collaudo mutants --sample family\n  collaudo mutants --only acceptance-subject-prefix\n  collaudo mutants --view opaque --sample family\n  collaudo mutants --list",
		Args:    noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := refuseBlanks(command, "view"); err != nil {
				return exit{conformance.ExitUsage, err}
			}
			mutants, err := conformance.Mutants()
			if err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			if list {
				return listMutants(command, mutants, asJSON)
			}
			if len(only) > 0 {
				if command.Flags().Changed("sample") {
					return exit{conformance.ExitUsage, errors.New("--only names the mutants, --sample picks them: give one of the two")}
				}
				o.Sample = ""
				o.Mutants, err = pick(mutants, only)
			} else if view != "" {
				o.Mutants, err = throughView(o.Sample, mutants)
			} else {
				o.Personalities = conformance.Personalities()
				o.Mutants, err = conformance.Sample(o.Sample, mutants)
			}
			if err != nil {
				return exit{conformance.ExitUsage, plain(err)}
			}
			o.Profile, o.Version, o.Now, o.Language = rules.Practice, version(), time.Now, *language
			discard, err := defaultFolder(&o.Out, "mutants")
			if err != nil {
				return exit{conformance.ExitUsage, err}
			}
			defer discard()
			return tryMutants(command, o, view, asJSON)
		},
	}
	f := command.Flags()
	f.StringSliceVar(&only, "only", nil, "only this fault (repeatable)")
	f.StringVar(&o.Sample, "sample", conformance.SampleAll, "which mutants: all, or family for few that fail every judge once")
	addView(command, &view)
	f.BoolVar(&list, "list", false, "list the faults and the rules they break, and do nothing else")
	f.BoolVar(&asJSON, "json", false, "print kills.json, or with --list the faults, as one JSON document and nothing else; what goes on goes to standard error")
	f.StringVar(&o.Out, "out", "", "folder for the kill matrix (kills.json, kills.html) and the evidence that kills; new or empty (default out/mutants-DATE-TIME)")
	f.Int64Var(&o.Seed, "seed", 1, "seed of everything that is drawn at random")
	language = languageFlag(command)
	return command
}

func pick(mutants []conformance.Mutant, only []string) ([]conformance.Mutant, error) {
	var picked []conformance.Mutant
	for _, id := range only {
		i := slices.IndexFunc(mutants, func(m conformance.Mutant) bool { return m.Fault == id })
		if i < 0 {
			if _, err := faults.Lookup(id); err != nil {
				return nil, err
			}
			return nil, fmt.Errorf("no scenario shows the fault %q yet: it can be switched on with collaudo run --fault, and is not caught", id)
		}
		picked = append(picked, mutants[i])
	}
	return picked, nil
}

func listMutants(command *cobra.Command, mutants []conformance.Mutant, asJSON bool) error {
	if asJSON {
		return printJSON(command.OutOrStdout(), mutantDocument(mutants))
	}
	table := tabwriter.NewWriter(command.OutOrStdout(), 2, 4, 2, ' ', 0)
	for _, fault := range faults.Catalogue() {
		breaks := "(no scenario shows it yet)"
		if i := slices.IndexFunc(mutants, func(m conformance.Mutant) bool { return m.Fault == fault.ID }); i >= 0 {
			breaks = strings.Join(mutants[i].Breaks, " ")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", fault.ID, breaks, fault.Title)
	}
	return table.Flush()
}
