package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
)

// helpCommand tells about a command. Unlike the one that cobra would make, it
// fails where there is no such command.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Tell about a command, as --help does",
		Example: "  collaudo help run\n  collaudo help rules explain",
		ValidArgsFunction: func(command *cobra.Command, arguments []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			asked, _, err := command.Root().Find(arguments)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []cobra.Completion
			for _, c := range asked.Commands() {
				if c.IsAvailableCommand() {
					names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			asked, left, err := command.Root().Find(arguments)
			switch {
			case err != nil:
				return exit{conformance.ExitUsage, err}
			case len(left) > 0 && asked.HasAvailableSubCommands():
				return exit{conformance.ExitUsage, unknownCommand(asked, left[0])}
			case len(left) > 0:
				return exit{conformance.ExitUsage, fmt.Errorf("there is no command below %q, seen %q: collaudo help lists the commands", asked.CommandPath(), left[0])}
			}
			asked.InitDefaultHelpFlag()
			return asked.Help()
		},
	}
}

// sayWhat is what a command does that only has others below it: it tells about
// them, and fails, so that an empty variable in a script is not taken for work
// that was done.
func sayWhat(example string) func(*cobra.Command, []string) error {
	return func(command *cobra.Command, _ []string) error {
		if err := command.Help(); err != nil {
			return err
		}
		return exit{conformance.ExitUsage, fmt.Errorf("say what to do: %s", example)}
	}
}
