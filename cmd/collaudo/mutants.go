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
		Long: "A mutant is a simulated provider with one fault switched on. For each, the scenarios in which it shows are played\n" +
			"without the fault and with it. It is killed when the verdict at the rule it breaks comes out worse; any other\n" +
			"rule that fails has been misattributed.\n\n" +
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
			discard, err := defaultFolder(&o.Out, "mutants")
			if err != nil {
				return exit{conformance.ExitUsage, err}
			}
			defer discard()
			return tryMutants(command, o, mutants, len(only) == 0)
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
			if _, err := faults.Lookup(id); err != nil {
				return nil, err
			}
			return nil, fmt.Errorf("no scenario shows the fault %q yet: it can be switched on with collaudo run --fault, and is not caught", id)
		}
		picked = append(picked, mutants[i])
	}
	return picked, nil
}

func listMutants(command *cobra.Command, mutants []conformance.Mutant) error {
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

func tryMutants(command *cobra.Command, o conformance.Options, mutants []conformance.Mutant, all bool) error {
	out := command.OutOrStdout()
	fmt.Fprintf(out, "Collaudo: %s of the simulated providers, each against the scenarios in which it shows.\n\n", count(len(mutants), "fault"))
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
	fmt.Fprintf(out, "\n%d of %s killed at the rule it breaks and nowhere else.\n", good, count(len(matrix.Kills), "fault"))
	if n := len(matrix.Unproven); n > 0 && all {
		fmt.Fprintf(out, "%s that these scenarios exercise: no fault breaks them yet, and their judges are proven by unit tests only.\n", count(n, "rule"))
	}
	fmt.Fprintf(out, "Matrix: %s\n", filepath.Join(o.Out, "kills.json"))
	if good < len(matrix.Kills) {
		return exit{code: conformance.ExitNotConformant}
	}
	return nil
}
