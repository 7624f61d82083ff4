package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports"
)

// format is for whom a run is told, beside the person at the terminal.
type format struct {
	name    string
	summary string // file that GitHub shows on the page of the job
	mute    string // what lets GitHub obey again
}

// Formats of --format.
const (
	formatTerminal = "terminal"
	formatGitHub   = "github"
)

// stepSummary is the variable by which GitHub Actions names that file.
const stepSummary = "GITHUB_STEP_SUMMARY"

func (f *format) flag(command *cobra.Command) {
	command.Flags().StringVar(&f.name, "format", formatTerminal, "terminal: for people; github: also annotations and a summary for GitHub Actions")
}

// check refuses a format that is not known, and a summary that could not be
// written when the run is over.
func (f *format) check() error {
	switch f.name {
	case formatTerminal:
		return nil
	case formatGitHub:
	default:
		return fmt.Errorf("--format %s is not known: choose %s or %s", f.name, formatTerminal, formatGitHub)
	}
	if f.summary = os.Getenv(stepSummary); f.summary == "" {
		return fmt.Errorf("--format %s writes a summary to the file that %s names, as GitHub Actions sets it: it is not set here", formatGitHub, stepSummary)
	}
	file, err := os.OpenFile(f.summary, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("the summary of the step cannot be written: %w", err)
	}
	return file.Close()
}

// begin keeps GitHub from obeying what is printed for people: what a target
// sent stands there, and a line of it could be a command.
func (f *format) begin(out io.Writer) {
	if f.name == formatGitHub {
		f.mute = rand.Text()
		fmt.Fprintf(out, "::stop-commands::%s\n", f.mute)
	}
}

// tell says a run to GitHub, when all has been said to people.
func (f *format) tell(out io.Writer, report *conformance.Report) error {
	if f.name != formatGitHub {
		return nil
	}
	fmt.Fprintf(out, "::%s::\n", f.mute)
	if err := reports.GitHubAnnotations(out, report.Result, report.Gate); err != nil {
		return err
	}
	text, err := reports.GitHubSummary(report.Result, report.Dir)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(f.summary, os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("the summary of the step cannot be written: %w", err)
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}
