package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// baselineFlag makes --baseline read a list of known failures, when the command
// line is complete.
func baselineFlag(command *cobra.Command) (read func() (*conformance.Baseline, error)) {
	path := command.Flags().String("baseline", "", "file with failures that are known (YAML, see 'collaudo report baseline'): the verdict stays, the exit code is 0 when all are known")
	return func() (*conformance.Baseline, error) {
		if err := refuseBlanks(command, "baseline"); err != nil {
			return nil, exit{conformance.ExitUsage, err}
		}
		if *path == "" {
			return nil, nil //nolint:nilnil // none was given, which is no error
		}
		b, err := conformance.ReadBaseline(*path)
		if err != nil {
			return nil, exit{conformance.ExitCodeOf(err), plain(err)}
		}
		return b, nil
	}
}

func reportBaselineCommand() *cobra.Command {
	var out string
	command := &cobra.Command{
		Use:   "baseline RUN",
		Short: "Write the failures of a run as a baseline to begin with",
		Long: "Lists the failures of a run in the form that 'collaudo run --baseline' reads: check, scenarios, and who answers for\n" +
			"it, why, and until when. Those are for people to fill in: as it is written, the file is refused.\n\n" +
			"A known failure stays a failure in every report. With a baseline a run ends with exit code 0 when every failure is\n" +
			"known and nothing else is wrong, and with 5 when an entry has expired or its failure is none any more.\n\n" +
			"Exit codes: 0 written, 2 usage, a folder that holds no finished run, or a file that is there already.",
		Example: "  collaudo report baseline out/today                       to the terminal\n" +
			"  collaudo report baseline out/today --out known.yaml\n" +
			"  collaudo run --baseline known.yaml",
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			if err := refuseBlanks(command, "out"); err != nil {
				return exit{conformance.ExitUsage, err}
			}
			result, err := reports.Read(arguments[0])
			if err != nil {
				return exit{conformance.ExitUsage, err}
			}
			if v := result.Verdict; v == rules.Interrupted || v == rules.Invalid {
				return exit{conformance.ExitUsage, fmt.Errorf("the run in %s is %s: which failures there are it cannot say; list those of a run that came to its end", arguments[0], v)}
			}
			catalogue, err := rules.LoadCatalogue()
			if err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			text := conformance.NewBaseline(result, catalogue)
			if out == "" {
				fmt.Fprintf(command.OutOrStdout(), "%s", text)
				return nil
			}
			file, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) // what somebody filled in is not overwritten
			if errors.Is(err, fs.ErrExist) {
				return exit{conformance.ExitUsage, fmt.Errorf("%s is there already, and what somebody filled in is not overwritten: choose another file", out)}
			}
			if err != nil {
				return exit{conformance.ExitUsage, err}
			}
			_, err = file.Write(text)
			if err := errors.Join(err, file.Close()); err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			if result.Verdict != rules.NotConformant {
				fmt.Fprintf(command.OutOrStdout(), "%s: an empty list, for nothing failed in %s\n", out, arguments[0])
				return nil
			}
			fmt.Fprintf(command.OutOrStdout(), "%s: fill in owner, reason and expires of each entry, then collaudo run --baseline %s\n", out, out)
			return nil
		},
	}
	command.Flags().StringVar(&out, "out", "", "file to write; it must not be there yet (default: the terminal)")
	return command
}
