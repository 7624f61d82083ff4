package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports"
)

// dryFlag makes a run say what it would do, and do nothing.
func dryFlag(command *cobra.Command) *bool {
	return command.Flags().Bool("dry-run", false, "say what would be played, what not and why; nothing is sent and nothing written")
}

// dryRun tells the plan of a run. What the target file does not allow is told
// too, and is the error of the real run.
func dryRun(out io.Writer, o conformance.Options, against string, asJSON bool) error {
	plan, err := conformance.PlanRun(o)
	if err != nil {
		return exit{conformance.ExitCodeOf(err), plain(err)}
	}
	if !asJSON {
		tellPlan(out, plan, against)
	} else if err := printJSON(out, planDocument(plan)); err != nil {
		return err
	}
	if plan.Allowed != nil {
		return exit{conformance.ExitUsage, plain(plan.Allowed)}
	}
	return nil
}

func tellPlan(out io.Writer, plan *conformance.Plan, against string) {
	decided, stays := map[string]bool{}, map[string]bool{}
	played := 0
	waits, lacking := map[int][]string{}, map[string][]string{}
	for _, s := range plan.Scenarios {
		if len(s.Lacking) == 0 {
			played++
			if s.Waits > 0 {
				hours := int(math.Ceil(s.Waits.Hours()))
				waits[hours] = append(waits[hours], s.ID)
			}
		}
		for _, need := range s.Lacking {
			lacking[need] = append(lacking[need], s.ID)
		}
		for _, rule := range s.Rules {
			decided[rule] = true
			stays[rule] = stays[rule] || len(s.Lacking) > 0
		}
	}
	open := 0
	for _, stay := range stays {
		if stay {
			open++
		}
	}
	tellText(out, fmt.Sprintf("A run against %s, scope %s, would play %d of %s. Nothing was sent.", against, plan.Scope, played, several(len(plan.Scenarios), "scenario")))
	if len(plan.Addresses) > 0 {
		tellText(out, fmt.Sprintf("It would go to %s.", strings.Join(plan.Addresses, ", ")))
	}
	text := fmt.Sprintf("The scenarios decide %s by name.", several(len(decided), "rule"))
	if open > 0 {
		text += fmt.Sprintf(" For want of what the target does not give, %d of them would stay inconclusive.", open)
	}
	tellText(out, text)
	tellWaits(out, waits)
	if len(lacking) == 0 {
		return
	}
	fmt.Fprintln(out, "\nNot played, by what the target does not give:")
	needs := slices.SortedFunc(maps.Keys(lacking), func(a, b string) int {
		return cmp.Or(len(lacking[b])-len(lacking[a]), cmp.Compare(a, b))
	})
	for _, need := range needs {
		tellList(out, fmt.Sprintf("  %s (%s)", reports.NeedWords(need), several(len(lacking[need]), "scenario")), "    ", lacking[need])
	}
}

// tellWaits tells which scenarios wait, by how many hours.
func tellWaits(out io.Writer, waits map[int][]string) {
	if len(waits) == 0 {
		return
	}
	n := 0
	for _, ids := range waits {
		n += len(ids)
	}
	fmt.Fprintln(out)
	tellText(out, "Of the scenarios that would be played, "+waitingWords(n)+" The run may end meanwhile: it says when to come back with run --resume DIR. With run --wait it stays.")
	for _, hours := range slices.Sorted(maps.Keys(waits)) {
		fmt.Fprintf(out, "  %3d h  %s\n", hours, wrap(strings.Join(waits[hours], ", "), terminalWidth-9, 9))
	}
}

// waitingWords says that scenarios wait in real time.
func waitingWords(n int) string {
	if n == 1 {
		return "1 waits for legal time to pass in real time: the target's clock cannot be moved."
	}
	return fmt.Sprintf("%d wait for legal time to pass in real time: the target's clock cannot be moved.", n)
}

// tellText prints a paragraph.
func tellText(out io.Writer, text string) { fmt.Fprintln(out, wrap(text, terminalWidth, 0)) }

// tellList prints a heading and names under it.
func tellList(out io.Writer, heading, indent string, names []string) {
	fmt.Fprintln(out, heading)
	fmt.Fprintln(out, indent+wrap(strings.Join(names, ", "), terminalWidth-len(indent), len(indent)))
}

// several is a number of things.
func several(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
