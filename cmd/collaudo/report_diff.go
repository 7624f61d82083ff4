package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/reports/words"
)

func reportDiffCommand() *cobra.Command {
	var asJSON bool
	var language string
	command := &cobra.Command{
		Use:   "diff BEFORE AFTER",
		Short: "Say what changed between two runs, by rule and by check",
		Long: "Compares what two runs concluded: rule by rule, and below each rule by judge and scenario. Only what changed in\n" +
			"meaning is told: identifiers, instants, ports and hashes differ between any two runs. A rule that was concluded\n" +
			"and is not any more counts as worse, whatever its verdict was: silence is no improvement.\n\n" +
			"It reads what the runs say of themselves, run.json; whether that is true is for 'collaudo report verify'.\n\n" +
			"Exit codes: 0 nothing got worse, 1 something did, 2 usage, or a folder that holds no finished run.",
		Example: "  collaudo report diff out/last-week out/today\n" +
			"  collaudo report diff out/last-week out/today --json | jq '.rules[] | select(.gotWorse)'\n" +
			"  collaudo report diff out/last-week out/today --language it",
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) != 2 {
				return errors.New("give two run folders, the earlier one first, e.g. collaudo report diff out/last-week out/today")
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			l, err := words.Parse(language)
			if err != nil {
				return exit{conformance.ExitUsage, err}
			}
			before, err := reports.Read(arguments[0])
			if err != nil {
				return exit{conformance.ExitUsage, err}
			}
			after, err := reports.Read(arguments[1])
			if err != nil {
				return exit{conformance.ExitUsage, err}
			}
			comparison := reports.Compare(before, after, arguments[0], arguments[1])
			if err := tellComparison(command, comparison, l, asJSON); err != nil {
				return err
			}
			if comparison.GotWorse {
				return exit{code: conformance.ExitNotConformant}
			}
			return nil
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print the comparison as one JSON document, all of it")
	command.Flags().StringVar(&language, "language", string(words.English), "en or it: of the words around what judges said")
	return command
}

// tellComparison prints what changed, for people or for programs.
func tellComparison(command *cobra.Command, c *reports.Comparison, l words.Language, asJSON bool) error {
	out := command.OutOrStdout()
	if asJSON {
		octets, err := c.JSON()
		if err != nil {
			return exit{conformance.ExitInvalid, err}
		}
		fmt.Fprintf(out, "%s", octets)
		return nil
	}
	if err := c.Text(out, reports.DiffOptions{Language: l, Width: terminalWidth}); err != nil {
		return exit{conformance.ExitInvalid, err}
	}
	return nil
}
