package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports"
)

// voice is how much a command that judges says, and for whom.
type voice struct {
	quiet  bool // only the verdict, what fails, and where the report lies
	asJSON bool // the result for a program
}

func (v *voice) flags(command *cobra.Command) {
	f := command.Flags()
	f.BoolVarP(&v.quiet, "quiet", "q", false, "print only the verdict, what fails, and where the report lies")
	f.BoolVar(&v.asJSON, "json", false, "print the result as one JSON document and nothing else, the same as run.json; what goes on goes to standard error, and with --baseline where gate.json lies")
}

// check refuses what cannot be said at once.
func (v *voice) check(f *format) error {
	if v.asJSON && f.name != formatTerminal {
		return errors.New("--json prints one document and nothing else, --format " + f.name + " prints commands as well: give one of the two")
	}
	return nil
}

// meanwhile is where a command says what goes on before there is a result.
func (v *voice) meanwhile(command *cobra.Command) io.Writer {
	switch {
	case v.quiet:
		return io.Discard
	case v.asJSON:
		return command.ErrOrStderr()
	}
	return command.OutOrStdout()
}

// report says what a run came to.
func (v *voice) report(command *cobra.Command, report *conformance.Report, took time.Duration) error {
	out := command.OutOrStdout()
	if v.asJSON {
		if err := pour(out, filepath.Join(report.Dir, reports.ResultFile)); err != nil {
			return err
		}
		out = command.ErrOrStderr()
		if g := report.Gate; g != nil { // the result does not hold it: it stands beside
			if _, err := fmt.Fprintf(out, "gate: exit code %d, %s: %s\n", g.Code, g.Standing, filepath.Join(report.Dir, reports.GateFile)); err != nil {
				return err
			}
		}
		if v.quiet {
			return nil
		}
	}
	s := screenOf(out, os.Getenv)
	return reports.Summary(out, report.Result, reports.SummaryOptions{
		Dir: report.Dir, Gate: report.Gate, Took: took, Width: s.width, Colour: s.colour, Brief: v.quiet || v.asJSON,
	})
}

// pour prints a file as it is.
func pour(out io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, file)
	return errors.Join(err, file.Close())
}

// printJSON prints what a program asked for.
func printJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return exit{conformance.ExitInvalid, err}
	}
	return nil
}
