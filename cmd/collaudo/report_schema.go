package main

import (
	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports"
)

func reportSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of run.json",
		Long: "Prints the JSON Schema (draft 2020-12) of run.json, the file of a run folder from which every report is made.\n" +
			"The form is versioned: the field \"schema\" says which one a file has.",
		Example: "  collaudo report schema > run.schema.json\n" +
			"  check-jsonschema --schemafile run.schema.json out/run-1/run.json",
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			if _, err := command.OutOrStdout().Write(reports.RunSchema()); err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			return nil
		},
	}
}
