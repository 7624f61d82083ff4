package main

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
)

// everyCommand walks a tree of commands.
func everyCommand(command *cobra.Command, visit func(*cobra.Command)) {
	visit(command)
	for _, below := range command.Commands() {
		everyCommand(below, visit)
	}
}

// Every command says what it does and shows how it is used: --help prints it,
// and what is shown would be understood.
func TestEveryCommandShowsExamples(t *testing.T) {
	t.Parallel()
	seen := 0
	everyCommand(commandTree(), func(command *cobra.Command) {
		seen++
		path := command.CommandPath()
		if command.Short == "" || command.Example == "" {
			t.Errorf("%s: it has no short description or no examples", path)
			return
		}
		var help, trouble strings.Builder
		arguments := append(strings.Fields(path)[1:], "--help")
		if code := execute(t.Context(), arguments, &help, &trouble); code != conformance.ExitConformant {
			t.Errorf("%s --help: code %d, %s", path, code, trouble.String())
		}
		if first, _, _ := strings.Cut(command.Example, "\n"); !strings.Contains(help.String(), first) {
			t.Errorf("%s --help does not show its examples:\n%s", path, help.String())
		}
		own := false
		for line := range strings.Lines(command.Example) {
			for _, part := range shownCommands(line) {
				shown, err := understand(part)
				if err != nil {
					t.Errorf("%s shows what is not understood: %q: %v", path, strings.TrimSpace(line), err)
				}
				own = own || strings.HasPrefix(shown+" ", path+" ")
			}
		}
		if !own {
			t.Errorf("%s: no example is of this command:\n%s", path, command.Example)
		}
	})
	if seen < 15 {
		t.Errorf("the walk saw %d commands only", seen)
	}
}

// shownCommands are the words of each command of ours in a line of examples,
// without what explains it behind two blanks.
func shownCommands(line string) [][]string {
	line, _, _ = strings.Cut(strings.TrimSpace(line), "  ")
	for _, mark := range []string{"<(", ")", "&&", "|", "&", ">"} {
		line = strings.ReplaceAll(line, mark, " ; ")
	}
	var commands [][]string
	for part := range strings.SplitSeq(line, ";") {
		words := quotedFields(part)
		for len(words) > 0 && words[0] == "source" {
			words = words[1:]
		}
		if len(words) > 0 && words[0] == "collaudo" {
			commands = append(commands, words[1:])
		}
	}
	return commands
}

// quotedFields splits a line as a shell does, with double quotes.
func quotedFields(line string) []string {
	var words []string
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			words = append(words, part)
			continue
		}
		words = append(words, strings.Fields(part)...)
	}
	return words
}

// understand gives the path of the command that the words are for, or what is
// wrong with them: a command, a flag or an argument.
func understand(words []string) (path string, err error) {
	root := commandTree()
	root.SetOut(io.Discard)
	command, left, err := root.Find(words)
	if err != nil {
		return "", err
	}
	if err := command.ParseFlags(left); err != nil {
		return command.CommandPath(), err
	}
	return command.CommandPath(), command.ValidateArgs(command.Flags().Args())
}

// A command that only has others below it does no work: it must not look as if
// it had. A script that lost a word fails.
func TestACommandWithoutItsWordFails(t *testing.T) {
	t.Parallel()
	everyCommand(commandTree(), func(command *cobra.Command) {
		if !command.HasSubCommands() || command.Name() == "simulate" {
			return // simulate does something by itself
		}
		var out, trouble strings.Builder
		code := execute(t.Context(), strings.Fields(command.CommandPath())[1:], &out, &trouble)
		if code != conformance.ExitUsage || !strings.Contains(trouble.String(), "say what to do") {
			t.Errorf("%s: code %d, want %d: %s", command.CommandPath(), code, conformance.ExitUsage, trouble.String())
		}
	})
	for _, arguments := range [][]string{{"help", "walk"}, {"help", "rules", "explan"}, {"rules", "lst"}, {"report", "mrge"}, {"simulate", "redy"}, {"completion", "tcsh"}, {"completion"}, {"man"}, {"man", "dir", "--date", "today"}} {
		var out, trouble strings.Builder
		if code := execute(t.Context(), arguments, &out, &trouble); code != conformance.ExitUsage {
			t.Errorf("%q: code %d, want %d", arguments, code, conformance.ExitUsage)
		}
	}
}
