package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

func reportRejudgeCommand() *cobra.Command {
	var profile string
	var out string
	var asJSON bool
	var language *words.Language
	command := &cobra.Command{
		Use:   "rejudge RUN",
		Short: "Judge the evidence of an earlier run by today's rules, and say what is different",
		Long: "Judges old evidence by the catalogue and the judges of this version, or by the other profile, and compares that with\n" +
			"what the run said of itself. Nothing is sent, and the run stays as it is; with --out the evidence and a new report\n" +
			"are put into a folder of their own. Evidence that is not as the run left it is refused.\n\n" +
			"Exit codes: those of the new verdict (0 conformant, 1 not conformant, 3 the harness failed, 4 inconclusive,\n" +
			"130 the run was cut short), 2 usage, 7 the evidence was altered.",
		Example: "  collaudo report rejudge out/last-month\n" +
			"  collaudo report rejudge out/last-month --profile strict\n" +
			"  collaudo report rejudge out/last-month --out out/last-month-by-todays-rules",
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) != 1 {
				return errors.New("give one run folder, e.g. collaudo report rejudge out/last-month")
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			if err := refuseBlanks(command, "out", "profile"); err != nil {
				return exit{conformance.ExitUsage, err}
			}
			rejudged, err := conformance.Rejudge(command.Context(), conformance.RejudgeOptions{
				Run: arguments[0], Profile: rules.Profile(profile), Out: out, Version: version(), Language: *language, Now: time.Now,
			})
			if err != nil {
				return exit{conformance.ExitCodeOf(err), plain(err)}
			}
			if err := tellRejudged(command, rejudged, *language, asJSON); err != nil {
				return err
			}
			if code := rejudged.ExitCode(); code != conformance.ExitConformant {
				return exit{code: code}
			}
			return nil
		},
	}
	f := command.Flags()
	f.StringVar(&profile, "profile", "", "practice or strict (default: that by which the run was judged)")
	f.StringVar(&out, "out", "", "folder for the evidence and the new report; new or empty (default: nothing is written)")
	f.BoolVar(&asJSON, "json", false, "print what is different as one JSON document, as 'collaudo report diff --json' does")
	language = languageFlag(command)
	return command
}

func tellRejudged(command *cobra.Command, rejudged *conformance.Rejudged, l words.Language, asJSON bool) error {
	switch {
	case asJSON && rejudged.Comparison == nil:
		return exit{conformance.ExitUsage, errors.New("the run gave no verdict of its own: there is no comparison to print; leave --json out")}
	case asJSON:
		return tellComparison(command, rejudged.Comparison, l, true)
	}
	out := command.OutOrStdout()
	for _, note := range rejudged.Notes {
		fmt.Fprintln(out, wrap("Note: "+note, terminalWidth, 0))
	}
	if rejudged.Comparison != nil {
		if err := tellComparison(command, rejudged.Comparison, l, false); err != nil {
			return err
		}
	}
	s := screenOf(out, os.Getenv)
	o := reports.SummaryOptions{Dir: rejudged.Dir, Width: s.width, Colour: s.colour, Brief: rejudged.Comparison != nil}
	fmt.Fprintln(out)
	if err := reports.Summary(out, rejudged.Result, o); err != nil {
		return exit{conformance.ExitInvalid, err}
	}
	if rejudged.Caution != "" {
		fmt.Fprintln(out, "\n"+wrap(visible("Note: "+rejudged.Caution), terminalWidth, 0))
	}
	return nil
}
