package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/simulator/reserved"
)

// recipientsCommand prints the table of reserved recipients.
func recipientsCommand() *cobra.Command {
	var o simulateOptions
	var markdown bool
	command := &cobra.Command{
		Use:   "recipients",
		Short: "List the reserved recipients: addresses that give each outcome to a plain mail client",
		Long: "In every domain of a simulated provider's users these local parts have a meaning of their own: write to one of\n" +
			"them, and see what comes back. Times are in legal hours; on a clock that is not stepped an hour of theirs\n" +
			"lasts a second. What was delivered to them lies in the mailbox " + reserved.Mailbox + "@ of the domain.",
		Example: "  collaudo simulate recipients\n  collaudo simulate recipients --lang it --markdown",
		Args:    noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			said, err := o.speaks()
			if err != nil {
				return exit{conformance.ExitUsage, err}
			}
			text := reserved.Plain(said.language)
			if markdown {
				text = reserved.Markdown(said.language)
			}
			_, err = fmt.Fprint(command.OutOrStdout(), text)
			return err
		},
	}
	command.Flags().StringVar(&o.language, "lang", "", "en or it (default: that of the environment)")
	command.Flags().BoolVar(&markdown, "markdown", false, "as a document, for the README")
	return command
}
