// Command collaudo tests Italian certified e-mail (PEC): it runs conformance
// scenarios against providers and judges single messages.
//
// It only reads the command line and prints; what it does lies in conformance
// (the trial), rules (the law) and reports (the judgement in writing).
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
)

func main() {
	ctx, stop := interruptible(os.Stderr, os.Exit)
	code := execute(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// exit is an error that carries an exit code; what there was to say has been
// printed already when its text is empty.
type exit struct {
	code int
	err  error
}

func (e exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e exit) Unwrap() error { return e.err }

func execute(ctx context.Context, arguments []string, out, trouble io.Writer) (code int) {
	defer func() {
		if p := recover(); p != nil {
			code = panicked(trouble, p)
		}
	}()
	root := commandTree() //nolint:contextcheck // cobra hands it on
	root.SetArgs(arguments)
	said := &output{Writer: out}
	root.SetOut(said)
	root.SetErr(trouble)
	err := root.ExecuteContext(ctx)
	if said.err != nil {
		err = exit{conformance.ExitInvalid, fmt.Errorf("the output cannot be written: %w", said.err)}
	}
	if err == nil {
		return conformance.ExitConformant
	}
	if text := err.Error(); text != "" {
		fmt.Fprintf(trouble, "collaudo: %s\n", visibleLines(text))
	}
	var e exit
	if errors.As(err, &e) {
		return cmp.Or(e.code, conformance.ExitInvalid) // an error is never a success, whatever it says
	}
	return conformance.ExitUsage // what cobra itself refuses: an unknown command or flag
}

// commandTree is every command that there is.
func commandTree() *cobra.Command {
	root := &cobra.Command{
		Use:   "collaudo",
		Short: "Tests Italian certified e-mail (PEC) against its technical rules",
		Long: "Collaudo judges certified e-mail (PEC) by the technical rules: the decree of 2 November 2005 and its\n" +
			"annex, in English RFC 6109. With no target it judges a pair of simulated providers that it brings along.",
		Example: "  collaudo run                                judge the built-in pair, and write a report\n" +
			"  collaudo run --target staging.yaml          judge a provider's system\n" +
			"  collaudo verify message.eml                 judge one message\n" +
			"  collaudo rules explain PEC-AP-005           what a rule demands, and how it is judged\n" +
			"  collaudo simulate                           providers to try a client or a program against",
		Args:          noArguments,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          sayWhat("collaudo run, or another of the commands above"),
	}
	root.AddCommand(
		runCommand(), targetCommand(), verifyCommand(), rulesCommand(), mutantsCommand(), simulateCommand(),
		reportCommand(), versionCommand(), completionCommand(), manCommand(),
	)
	root.SetHelpCommand(helpCommand())
	root.SetFlagErrorFunc(mistypedFlag)
	complete(root)
	return root
}
