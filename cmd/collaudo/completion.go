package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
)

// shells are those for which there is completion, with how each takes it in.
func shells() map[string]func(root *cobra.Command, out io.Writer) error {
	return map[string]func(*cobra.Command, io.Writer) error{
		"bash":       bashCompletion,
		"zsh":        func(root *cobra.Command, out io.Writer) error { return root.GenZshCompletion(out) },
		"fish":       func(root *cobra.Command, out io.Writer) error { return root.GenFishCompletion(out, true) },
		"powershell": func(root *cobra.Command, out io.Writer) error { return root.GenPowerShellCompletionWithDesc(out) },
	}
}

// bashCompletion keeps bash from ending words at @, with which every tag begins:
// it does that for the sake of host names, and would offer @virus behind the @.
func bashCompletion(root *cobra.Command, out io.Writer) error {
	if _, err := io.WriteString(out, "COMP_WORDBREAKS=${COMP_WORDBREAKS//@/}\n"); err != nil {
		return err
	}
	return root.GenBashCompletionV2(out, true)
}

func completionCommand() *cobra.Command {
	names := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion " + strings.Join(names, "|"),
		Short: "Print what makes a shell complete commands, rules, faults and tags with the Tab key",
		Long: "Prints a script for one shell. Besides commands and flags it completes the ids of rules and families, of\n" +
			"faults and personalities, tags and the values of flags that have few. The one for bash needs the package\n" +
			"bash-completion.",
		Example: "  source <(collaudo completion bash)                                      in this shell\n" +
			"  collaudo completion bash >/etc/bash_completion.d/collaudo               in every bash from now on\n" +
			"  collaudo completion zsh >\"${fpath[1]}/_collaudo\"                        in every zsh\n" +
			"  collaudo completion fish >~/.config/fish/completions/collaudo.fish      in every fish\n" +
			"  collaudo completion powershell | Out-String | Invoke-Expression         in this PowerShell",
		ValidArgs: names,
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) != 1 || !slices.Contains(names, arguments[0]) {
				return fmt.Errorf("say which shell: %s", strings.Join(names, ", "))
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			if err := shells()[arguments[0]](command.Root(), command.OutOrStdout()); err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			return nil
		},
	}
}

// complete has every command of a tree complete the values of its flags and
// what stands behind it, by their names: --rule means the same everywhere.
func complete(command *cobra.Command) {
	for name, values := range flagValues() {
		if command.Flags().Lookup(name) == nil {
			continue
		}
		if _, has := command.GetFlagCompletionFunc(name); has {
			continue
		}
		if err := command.RegisterFlagCompletionFunc(name, values); err != nil {
			panic(err) // the flag is there, and has none yet
		}
	}
	if command.ValidArgsFunction == nil && len(command.ValidArgs) == 0 {
		command.ValidArgsFunction = behind(command)
	}
	for _, below := range command.Commands() {
		complete(below)
	}
}

// behind completes what stands behind a command, by what its usage says.
func behind(command *cobra.Command) cobra.CompletionFunc {
	_, arguments, _ := strings.Cut(command.Use, " ")
	switch first, _, _ := strings.Cut(arguments, " "); {
	case command.HasSubCommands() && !command.Runnable(), arguments == "":
		return cobra.NoFileCompletions
	case first == "ID":
		return onlyFirst(ruleIDs)
	case strings.HasPrefix(first, "RUN"), first == "OUT", first == "DIR", first == "A":
		return folders
	case strings.Contains(command.CommandPath(), "target check"):
		return onlyFirst(yamlFiles)
	}
	return nil // files, as the shell completes them
}

// onlyFirst completes the first argument and none behind it.
func onlyFirst(values cobra.CompletionFunc) cobra.CompletionFunc {
	return func(command *cobra.Command, arguments []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(arguments) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return values(command, arguments, begun)
	}
}

func folders(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

func yamlFiles(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return []cobra.Completion{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
}
