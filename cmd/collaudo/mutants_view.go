package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports"
)

// addView adds the flag that says how much the judges see of a mutant.
func addView(command *cobra.Command, view *string) {
	command.Flags().StringVar(view, "view", "", "opaque: each mutant is a process of its own, judged over the network as a real system is; sample family then takes\n"+
		"one mutant of each family of rules that can be seen so, and the matrix says which cannot and why")
}

// throughView are the mutants of a sample through a view, which picks among
// them itself once it knows what it can see.
func throughView(sample string, mutants []conformance.Mutant) ([]conformance.Mutant, error) {
	if _, err := conformance.Sample(sample, mutants); err != nil {
		return nil, err
	}
	return mutants, nil
}

// tryThrough tries the mutants, seeing everything or through a view.
func tryThrough(ctx context.Context, o conformance.MutantTrial, view string) (*reports.Matrix, error) {
	if view == "" {
		return conformance.TryMutants(ctx, o)
	}
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("%w: which program this is: %w", conformance.ErrHarness, err)
	}
	return conformance.TryMutantsOf(ctx, o, view, program)
}

// listUnseen says which mutants the view cannot see, by what it lacks.
func listUnseen(out io.Writer, m *reports.Matrix) {
	if m.View == "" {
		return
	}
	by := map[string][]string{}
	for _, u := range m.Unseen {
		by[u.Why] = append(by[u.Why], u.Fault)
	}
	var lines []string
	for _, why := range slices.Sorted(maps.Keys(by)) {
		lines = append(lines, fmt.Sprintf("%s: %s", why, strings.Join(by[why], " ")))
	}
	fmt.Fprintf(out, "\nThe view %q cannot see %s.\n", m.View, count(len(m.Unseen), "mutant"))
	list(out, "What it lacks", lines)
}
