package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
)

func reportMergeCommand() *cobra.Command {
	var format format
	var voice voice
	var baseline func() (*conformance.Baseline, error)
	command := &cobra.Command{
		Use:   "merge OUT RUN…",
		Short: "Put the shards of one run together, and judge it as one",
		Long: "Puts the runs of 'collaudo run --shard i/n' together into the new folder OUT and judges their evidence as that\n" +
			"of one run: the verdicts are those of a run without --shard. Each RUN is the folder of a shard, or a folder\n" +
			"that holds such folders.\n\n" +
			"They have to be parts of one run: same version, target, profile, seed, selection, faults. A shard that is\n" +
			"missing, was cut short or is there twice is refused; one that was played again later takes the place of the\n" +
			"earlier. Octets that do not have the hash under which they are kept are refused.\n\n" +
			"Exit codes: 0 conformant, 1 not conformant, 2 what was given makes no whole, 3 the harness failed,\n" +
			"4 inconclusive, 5 a baseline has to be looked at, 7 the evidence was altered.",
		Example: "  collaudo run --shard 1/2 --out out/s1      on one machine\n" +
			"  collaudo run --shard 2/2 --out out/s2      on another\n" +
			"  collaudo report merge out/whole out/s1 out/s2",
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) < 2 {
				return errors.New("say where to and from what, e.g. collaudo report merge out/whole out/s1 out/s2")
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			out := command.OutOrStdout()
			meanwhile := voice.meanwhile(command)
			if err := errors.Join(format.check(), voice.check(&format)); err != nil {
				return exit{conformance.ExitUsage, err}
			}
			known, err := baseline()
			if err != nil {
				return err
			}
			format.begin(out)
			merged, err := conformance.Merge(command.Context(), conformance.MergeOptions{
				Out: arguments[0], Runs: arguments[1:], Version: version(), Now: time.Now, Baseline: known,
			})
			if err != nil {
				return exit{conformance.ExitCodeOf(err), plain(err)}
			}
			fmt.Fprintf(meanwhile, "Collaudo: merged %d shards, %d scenarios, and judged them as one run.\n", len(merged.Shards), len(merged.Result.Scenarios))
			for _, dir := range merged.Replaced {
				fmt.Fprintf(meanwhile, "  left out: %s, whose shard was played again later\n", dir)
			}
			if err := voice.report(command, &merged.Report, 0); err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			if err := format.tell(out, &merged.Report); err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			if code := merged.ExitCode(); code != conformance.ExitConformant {
				return exit{code: code}
			}
			return nil
		},
	}
	format.flag(command)
	voice.flags(command)
	baseline = baselineFlag(command)
	return command
}
