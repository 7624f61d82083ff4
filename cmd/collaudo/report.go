package main

import (
	"github.com/spf13/cobra"
)

func reportCommand() *cobra.Command {
	command := &cobra.Command{
		Use:     "report",
		Short:   "Work with the run folders that 'collaudo run' writes",
		Example: "  collaudo report merge out/whole out/s1 out/s2",
		Args:    noArguments,
		RunE:    sayWhat("collaudo report merge, or another of the commands above"),
	}
	command.AddCommand(reportRenderCommand(), reportVerifyCommand(), reportSignCommand(), reportMergeCommand(), reportRejudgeCommand(), reportDiffCommand(), reportBaselineCommand(), reportSchemaCommand())
	return command
}
