package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports"
)

// tryMutants tries what was picked, and tells each outcome as it comes.
func tryMutants(command *cobra.Command, o conformance.MutantTrial, view string, asJSON bool) error {
	out := command.OutOrStdout()
	if asJSON {
		out = command.ErrOrStderr()
	}
	s := screenOf(out, os.Getenv)
	o.Playing = func(mutants, scenarios, personalities int) {
		fmt.Fprintf(out, "Collaudo: %s of the simulated providers, in the %s in which they show; %s.\n\n",
			count(mutants, "fault"), count(scenarios, "scenario"), counted(personalities, "personality", "personalities"))
	}
	o.Told = func(k reports.Kill) { printKill(out, s, k) }
	o.ToldOf = func(p reports.PersonalityTrial) { printPersonality(out, s, p) }
	matrix, err := tryThrough(command.Context(), o, view)
	if err != nil {
		return exit{conformance.ExitCodeOf(err), plain(err)}
	}
	summarise(out, matrix, o.Out)
	if asJSON {
		if err := pour(command.OutOrStdout(), filepath.Join(o.Out, reports.MatrixFile)); err != nil {
			return exit{conformance.ExitInvalid, err}
		}
	}
	if !matrix.Good() {
		if len(matrix.Kills) == 0 {
			return exit{conformance.ExitNotConformant, errors.New("no mutant was tried: nothing is proven")}
		}
		return exit{code: conformance.ExitNotConformant}
	}
	return nil
}

func printPersonality(out io.Writer, s screen, p reports.PersonalityTrial) {
	state := s.paint(good, "legal   ")
	if !p.Good() {
		state = s.paint(bad, "FAILED  ")
	}
	fmt.Fprintf(out, "%s  personality %-32s %s\n", state, p.Name, count(p.Scenarios, "scenario"))
	if p.Error != "" {
		fmt.Fprintf(out, "          the harness: %s\n", p.Error)
	}
	for _, c := range p.Failed {
		fmt.Fprintf(out, "          %s fails it in %s: expected %s; seen %s\n", c.Rule, c.Scenario, c.Expected, c.Seen)
	}
}

// summarise says what it came to, and lists by name what is left to mend.
func summarise(out io.Writer, m *reports.Matrix, dir string) {
	good, legal := 0, 0
	var survivors, strayed, failed []string
	for _, k := range m.Kills {
		switch {
		case k.Good():
			good++
		case !k.Killed:
			survivors = append(survivors, k.Fault+" at "+strings.Join(k.Survived, " "))
		case len(k.Misattributed) > 0:
			strayed = append(strayed, k.Fault+" at "+strings.Join(k.Misattributed, " "))
		}
	}
	for _, p := range m.Personalities {
		if p.Good() {
			legal++
		} else {
			failed = append(failed, p.Name)
		}
	}
	fmt.Fprintf(out, "\n%d of %s killed at the rule it breaks, and nothing else failed in the scenarios played.\n", good, count(len(m.Kills), "mutant"))
	if len(m.Personalities) > 0 {
		fmt.Fprintf(out, "%d of %s failed by no judge.\n", legal, counted(len(m.Personalities), "personality", "personalities"))
	}
	list(out, "Survivors, whom the judges of these rules do not notice", survivors)
	list(out, "Misattributed, failed by rules that they do not break", strayed)
	list(out, "Personalities that a judge fails", failed)
	listUnseen(out, m)
	list(out, "Rules that no mutant breaks", m.Unbroken)
	list(out, "Rules whose judge never failed: only the Then of a scenario caught the mutants that break them", m.Unproven)
	fmt.Fprintf(out, "\nTook:   %s\nMatrix: %s\n        %s\n", m.Took.Round(time.Second/10), filepath.Join(dir, reports.MatrixHTMLFile), filepath.Join(dir, reports.MatrixFile))
}

func list(out io.Writer, title string, names []string) {
	if len(names) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s (%d):\n", title, len(names))
	for _, name := range names {
		fmt.Fprintf(out, "  %s\n", name)
	}
}

// counted says how many there are of something whose plural is irregular.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
