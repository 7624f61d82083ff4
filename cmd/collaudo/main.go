// Command collaudo tests Italian certified e-mail (PEC): it runs conformance
// scenarios against providers and judges single messages.
//
// It only reads the command line and prints; what it does lies in conformance
// (the trial), rules (the law) and reports (the judgement in writing).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
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

func execute(ctx context.Context, arguments []string, out, trouble io.Writer) int {
	root := &cobra.Command{
		Use:   "collaudo",
		Short: "Tests Italian certified e-mail (PEC) against its technical rules",
		Long: "Collaudo judges certified e-mail (PEC) by the technical rules: the decree of 2 November 2005 and its\n" +
			"annex, in English RFC 6109. With no target it judges a pair of simulated providers that it brings along.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetArgs(arguments)
	said := &output{Writer: out}
	root.SetOut(said)
	root.SetErr(trouble)
	root.AddCommand(runCommand(), targetCommand(), verifyCommand(), rulesCommand(), mutantsCommand(), simulateCommand(), reportCommand(), versionCommand()) //nolint:contextcheck // cobra hands it on
	err := root.ExecuteContext(ctx)
	if said.err != nil {
		err = exit{conformance.ExitInvalid, fmt.Errorf("the output cannot be written: %w", said.err)}
	}
	if err == nil {
		return conformance.ExitConformant
	}
	if text := err.Error(); text != "" {
		fmt.Fprintf(trouble, "collaudo: %s\n", text)
	}
	var e exit
	if errors.As(err, &e) {
		return e.code
	}
	return conformance.ExitUsage // what cobra itself refuses: an unknown command or flag
}
