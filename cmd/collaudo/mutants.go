package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator/faults"
)

func mutantsCommand() *cobra.Command {
	var o conformance.Options
	var only []string
	var list bool
	command := &cobra.Command{
		Use:   "mutants",
		Short: "Prove the judges: switch on each fault and see that it is caught, at its rule and nowhere else",
		Long: "Plays the scenarios that matter for each fault of the simulated providers, without it and with it. A fault is\n" +
			"killed when the verdict at the rule it breaks comes out worse; any other rule that fails is misattributed.\n\n" +
			"Exit codes: 0 all killed and none misattributed, 1 otherwise, 2 usage, 3 the harness failed.",
		Example: "  collaudo mutants\n  collaudo mutants --only acceptance-subject-prefix\n  collaudo mutants --list",
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			mutants, err := conformance.Mutants()
			if err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			if list {
				return listMutants(command, mutants)
			}
			if mutants, err = pick(mutants, only); err != nil {
				return exit{conformance.ExitUsage, err}
			}
			o.Profile, o.Version, o.Now = rules.Practice, version(), time.Now
			if o.Out == "" {
				o.Out = filepath.Join("out", "mutants-"+time.Now().Format("20060102-150405"))
			}
			return tryMutants(command, o, mutants)
		},
	}
	f := command.Flags()
	f.StringSliceVar(&only, "only", nil, "only this fault (repeatable)")
	f.BoolVar(&list, "list", false, "list the faults and the rules they break, and do nothing else")
	f.StringVar(&o.Out, "out", "", "folder for the run folders and kills.json; new or empty (default out/mutants-DATE-TIME)")
	f.Int64Var(&o.Seed, "seed", 1, "seed of everything that is drawn at random")
	return command
}

func pick(mutants []conformance.Mutant, only []string) ([]conformance.Mutant, error) {
	if len(only) == 0 {
		return mutants, nil
	}
	var picked []conformance.Mutant
	for _, id := range only {
		i := slices.IndexFunc(mutants, func(m conformance.Mutant) bool { return m.Fault == id })
		if i < 0 {
			return nil, fmt.Errorf("there is no mutant %q; `collaudo mutants --list` names them", id)
		}
		picked = append(picked, mutants[i])
	}
	return picked, nil
}

func listMutants(command *cobra.Command, mutants []conformance.Mutant) error {
	table := tabwriter.NewWriter(command.OutOrStdout(), 2, 4, 2, ' ', 0)
	for _, fault := range faults.Catalogue() {
		breaks := "no mutant yet"
		if i := slices.IndexFunc(mutants, func(m conformance.Mutant) bool { return m.Fault == fault.ID }); i >= 0 {
			breaks = strings.Join(mutants[i].Breaks, " ")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", fault.ID, breaks, fault.Title)
	}
	return table.Flush()
}

func tryMutants(command *cobra.Command, o conformance.Options, mutants []conformance.Mutant) error {
	out := command.OutOrStdout()
	fmt.Fprintf(out, "Collaudo: %d faults of the simulated providers, each against the scenarios in which it shows.\n\n", len(mutants))
	good := 0
	matrix, err := conformance.TryMutants(command.Context(), o, mutants, func(k conformance.Kill) {
		if k.Good() {
			good++
		}
		printKill(out, k)
	})
	if err != nil {
		return exit{conformance.ExitCodeOf(err), plain(err)}
	}
	fmt.Fprintf(out, "\n%d of %d faults killed at their rule and nowhere else.\n", good, len(matrix.Kills))
	if n := len(matrix.Unproven); n > 0 {
		fmt.Fprintf(out, "%d rules that these scenarios exercise are broken by none of these faults: their judges have unit tests only.\n", n)
	}
	fmt.Fprintf(out, "Matrix: %s\n", filepath.Join(o.Out, "kills.json"))
	if good < len(matrix.Kills) {
		return exit{code: conformance.ExitNotConformant}
	}
	return nil
}
