package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

func rulesCoverageCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "coverage RUN",
		Short: "Say of every rule what became of it in a run: judged, excluded and why, or without a verdict",
		Long: "Coverage is computed from the verdicts that a run really gave. A rule is judged when at least one check looked at it.\n\n" +
			"Exit codes: 0 every rule is accounted for, 1 a rule is neither judged nor excluded, or a scenario serves no rule,\n" +
			"or an id does not exist; 2 no run folder; 4 a rule was not exercised or could not be concluded.",
		Example: "  collaudo rules coverage out/run-20260101-120000",
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) != 1 {
				return errors.New("say which run, e.g. collaudo rules coverage out/run-20260101-120000")
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			catalogue, err := rules.LoadCatalogue()
			if err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			result, err := reports.Read(arguments[0])
			if err != nil {
				return exit{conformance.ExitUsage, err}
			}
			coverage := reports.Cover(result, catalogue)
			if asJSON {
				err = printJSON(command.OutOrStdout(), coverageDocument(coverage))
			} else {
				err = reports.WriteCoverage(command.OutOrStdout(), coverage, screenOf(command.OutOrStdout(), os.Getenv).width)
			}
			if err != nil {
				return err
			}
			switch {
			case !coverage.Sound():
				return exit{code: conformance.ExitNotConformant}
			case !coverage.Complete():
				return exit{code: conformance.ExitInconclusive}
			}
			return nil
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON document, for a program")
	return command
}
