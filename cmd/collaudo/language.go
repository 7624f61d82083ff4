package main

import (
	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports/words"
)

// languageFlag adds the flag that chooses the language of a report. The
// terminal and what judges said stay in English.
func languageFlag(command *cobra.Command) *words.Language {
	chosen := words.English
	command.Flags().Var((*language)(&chosen), "language", "of the report: en or it")
	return &chosen
}

// language reads the flag, and refuses what no report is written in.
type language words.Language

func (l *language) String() string { return string(*l) }

// Type is what --help names the value.
func (l *language) Type() string { return "string" }

func (l *language) Set(text string) error {
	chosen, err := words.Parse(text)
	if err != nil {
		return exit{conformance.ExitUsage, err}
	}
	*l = language(chosen)
	return nil
}
