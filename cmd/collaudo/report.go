package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func reportCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "report",
		Short: "Work with the run folders that 'collaudo run' writes",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("say what to do: collaudo report merge")
		},
	}
	command.AddCommand(reportMergeCommand())
	return command
}
