package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

func runCommand() *cobra.Command {
	var o conformance.Options
	var profile, target string
	var format format
	var resume *resumption
	var dry *bool
	var language *words.Language
	var voice voice
	var baseline func() (*conformance.Baseline, error)
	command := &cobra.Command{
		Use:   "run",
		Short: "Judge providers, real or simulated, or a mail client, and write a report",
		Long: "Plays the conformance scenarios against two simulated certified e-mail providers, on this machine only,\n" +
			"judges what was seen, rule by rule, and writes a report that opens in a browser. With --target it judges what\n" +
			"the file describes instead: a provider's system, reached over the network by what the file says of it and\n" +
			"only where it allows that (fixtures/targets has samples; 'collaudo target check' tries one), or a mail\n" +
			"client, by what it does with a mailbox of a simulated world. What the target gives no means to judge stays\n" +
			"inconclusive, with what is missing.\n\n" +
			"Exit codes: 0 conformant, 1 not conformant, 2 usage, 3 the harness failed, 4 inconclusive,\n" +
			"5 a baseline has to be looked at, 6 the target cannot be reached or refuses the login, 130 interrupted.",
		Example: "  collaudo run                                  everything, report in out/run-…\n" +
			"  collaudo run --out out/a --profile strict     by the letter of the rules\n" +
			"  collaudo run --rule AP --rule PEC-NA-003      one family and one rule\n" +
			"  collaudo run --tags \"@virus and not @heavy\"    by topic\n" +
			"  collaudo run --fault acceptance-subject-prefix    providers with a fault: see it caught\n" +
			"  collaudo run --personality jpec-2026          providers that write differently, and lawfully\n" +
			"  collaudo run --baseline known.yaml            failures that are known do not stop a pipeline\n" +
			"  collaudo run --compare out/last-week          what has changed since, in the report\n" +
			"  collaudo run --target staging.yaml --dry-run  what would be played, what not and why; nothing is sent\n" +
			"  collaudo run --target staging.yaml            a provider's system\n" +
			"  collaudo run --target client.yaml             a mail client",
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := refuseBlanks(command, "rule", "tags", "fault", "personality", "out", "target", "compare"); err != nil {
				return exit{conformance.ExitUsage, err}
			}
			if err := resume.recall(command, &o, &target, &profile); err != nil {
				return exit{conformance.ExitCodeOf(err), plain(err)}
			}
			deafToPipes()
			known, err := baseline()
			if err != nil {
				return err
			}
			o.Baseline = known
			against := "two simulated providers"
			if target != "" {
				if err := o.ReadTarget(target); err != nil {
					return exit{conformance.ExitCodeOf(err), plain(err)}
				}
				if against = "the client "; o.Target != nil {
					against = "the target "
				}
				against += o.TargetName()
			}
			o.Profile, o.Version, o.Now, o.Language = rules.Profile(profile), version(), time.Now, *language
			out := command.OutOrStdout()
			meanwhile := voice.meanwhile(command)
			screen := screenOf(meanwhile, os.Getenv)
			meter := newMeter(meanwhile, screen, time.Now)
			o.Progress, o.Stage = meter.show, meter.stage
			resume.listen(&o, meter)
			why := ""
			o.Chosen = func(s conformance.Selection) { why = whyThese(s) }
			o.Begun = func(scenarios int) {
				fmt.Fprintln(meanwhile, wrap(fmt.Sprintf("Collaudo: %s against %s, profile %s. %s", several(scenarios, "scenario"), against, profile, whereTo(&o)), screen.width, 0))
				if why != "" {
					fmt.Fprintln(meanwhile, wrap(why, screen.width, 0))
				}
				meter.begin(scenarios)
			}
			if *dry {
				return dryRun(out, o, against, voice.asJSON)
			}
			discard, err := defaultFolder(&o.Out, "run")
			if err != nil {
				return exit{conformance.ExitUsage, err}
			}
			if err := errors.Join(format.check(), voice.check(&format)); err != nil {
				discard()
				return exit{conformance.ExitUsage, err}
			}
			format.begin(out)
			report, err := conformance.Try(command.Context(), o)
			meter.end()
			if err != nil {
				discard()
				return exit{conformance.ExitCodeOf(err), plain(err)}
			}
			if err := voice.report(command, report, report.Took+report.Judged); err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			if voice.asJSON {
				resume.tell(meanwhile, report)
			}
			if err := format.tell(out, report); err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			if code := report.ExitCode(); code != conformance.ExitConformant {
				return exit{code: code}
			}
			return nil
		},
	}
	f := command.Flags()
	f.StringSliceVar(&o.Rules, "rule", nil, "judge only this rule or family, e.g. PEC-AP-005 or AP (repeatable)")
	f.StringVar(&o.Tags, "tags", "", "play only scenarios with these tags, e.g. \"@virus and not @heavy\"")
	f.StringVar(&profile, "profile", string(rules.Practice), "practice: as accredited providers interoperate; strict: by the letter")
	f.StringSliceVar(&o.Faults, "fault", nil, "switch a fault of the simulated providers on (repeatable; 'collaudo mutants --list' names them)")
	f.StringVar(&o.Personality, "personality", "", "have the simulated providers write as a family of real ones does, legal but unusual: "+strings.Join(conformance.Personalities(), ", "))
	shardFlag(command, &o.Shard)
	dry = dryFlag(command)
	resume = resumeFlags(command, &o)
	format.flag(command)
	voice.flags(command)
	language = languageFlag(command)
	baseline = baselineFlag(command)
	f.StringVar(&o.Compare, "compare", "", "folder of an earlier run: the report says what has changed since")
	safetyFlags(command, &o)
	f.Int64Var(&o.Seed, "seed", 1, "seed of everything that is drawn at random")
	f.IntVar(&o.Workers, "workers", 0, "scenarios at a time (0: as many as suit the machine)")
	f.StringVar(&target, "target", "", "file that describes what is judged: a provider, or a mail client (default: the built-in pair of providers)")
	f.StringVar(&o.Out, "out", "", "folder for the report; new or empty (default out/run-DATE-TIME)")
	return command
}

// whyThese says why more is played than the rules that were asked for seem to need;
// "" where nothing was asked for by rule.
func whyThese(s conformance.Selection) string {
	if len(s.Rules) == 0 {
		return ""
	}
	judged := "only the rules asked for are judged"
	if len(s.Rules) == 1 {
		judged = "only the rule asked for is judged"
	}
	core := s.Core()
	switch {
	case core == 0 && len(s.Scenarios) == 1:
		return "What the scenario shows of other rules is left out: " + judged + "."
	case core == 0:
		return "What the scenarios show of other rules is left out: " + judged + "."
	case len(s.Common) == 1:
		return fmt.Sprintf("%s is looked for in every message: %s for it, to see each kind of message; %s.", s.Common[0], playedToo(core), judged)
	}
	return fmt.Sprintf("%d of the rules are looked for in every message: %s for them, to see each kind of message; %s.", len(s.Common), playedToo(core), judged)
}

func playedToo(scenarios int) string {
	if scenarios == 1 {
		return "1 scenario is played"
	}
	return fmt.Sprintf("%d scenarios are played", scenarios)
}

// plain takes the marker off an error, which is for programs and not for people.
func plain(err error) error {
	for _, marker := range []error{conformance.ErrUsage, conformance.ErrHarness, conformance.ErrUnreachable, conformance.ErrEvidence} {
		if errors.Is(err, marker) {
			return errors.New(strings.TrimPrefix(err.Error(), marker.Error()+": "))
		}
	}
	return err
}
