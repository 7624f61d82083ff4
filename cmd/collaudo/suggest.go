package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/collaudo/collaudo/rules"
)

// mistypedFlag adds to the error of an unknown flag those that may have been
// meant, and where all are listed.
func mistypedFlag(command *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	meant := unknown.GetSpecifiedName()
	if letters := unknown.GetSpecifiedShortnames(); letters != "" { // -out for --out: its letters were taken for flags
		meant, _, _ = strings.Cut(letters, "=")
	}
	var known []string
	command.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			known = append(known, f.Name)
		}
	})
	return fmt.Errorf("%w: %s", err, meanings(meant, known, "--", command.CommandPath()+" --help lists the flags"))
}

// noArguments refuses what stands behind a command that takes nothing but flags, or
// that only has others below it: then it is a command that was mistyped.
func noArguments(command *cobra.Command, arguments []string) error {
	if len(arguments) == 0 {
		return nil
	}
	if !command.HasAvailableSubCommands() {
		return fmt.Errorf("unknown argument %q for %q: it takes flags only, see --help", arguments[0], command.CommandPath())
	}
	return unknownCommand(command, arguments[0])
}

// unknownCommand is the error for a name that no command below another has.
func unknownCommand(above *cobra.Command, name string) error {
	var known []string
	for _, c := range above.Commands() {
		if c.IsAvailableCommand() {
			known = append(known, c.Name())
		}
	}
	return fmt.Errorf("unknown command %q for %q: %s", name, above.CommandPath(), meanings(name, known, "", above.CommandPath()+" --help lists the commands"))
}

// meanings asks whether one of the names that are known was meant: those that are
// near, or begin so; where there is none it says where they are listed.
func meanings(wrong string, known []string, mark, listed string) string {
	near := rules.Nearest(strings.ToLower(wrong), known)
	if len(wrong) > 1 {
		for _, name := range known {
			if strings.HasPrefix(name, strings.ToLower(wrong)) && !slices.Contains(near, name) {
				near = append(near, name)
			}
		}
	}
	if len(near) == 0 {
		return listed
	}
	for i := range near {
		near[i] = mark + near[i]
	}
	return "did you mean " + strings.Join(near, " or ") + "?"
}
