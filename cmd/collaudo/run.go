package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

func runCommand() *cobra.Command {
	var o conformance.Options
	var profile, target string
	var format format
	var resume *resumption
	var dry *bool
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
			"6 the target cannot be reached or refuses the login, 130 interrupted.",
		Example: "  collaudo run                                  everything, report in out/run-…\n" +
			"  collaudo run --out out/a --profile strict     by the letter of the rules\n" +
			"  collaudo run --rule AP --rule PEC-NA-003      one family and one rule\n" +
			"  collaudo run --tags \"@virus and not @heavy\"    by topic\n" +
			"  collaudo run --fault acceptance-subject-prefix    providers with a fault: see it caught\n" +
			"  collaudo run --personality jpec-2026          providers that write differently, and lawfully\n" +
			"  collaudo run --target staging.yaml --dry-run  what would be played, what not and why; nothing is sent\n" +
			"  collaudo run --target staging.yaml            a provider's system\n" +
			"  collaudo run --target client.yaml             a mail client",
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := refuseBlanks(command, "rule", "tags", "fault", "personality", "out", "target"); err != nil {
				return exit{conformance.ExitUsage, err}
			}
			if err := resume.recall(command, &o, &target, &profile); err != nil {
				return exit{conformance.ExitCodeOf(err), plain(err)}
			}
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
			o.Profile, o.Version, o.Now = rules.Profile(profile), version(), time.Now
			out := command.OutOrStdout()
			meter := newMeter(out)
			o.Progress = meter.show
			resume.listen(out, &o, meter)
			o.Begun = func(scenarios int) {
				fmt.Fprintln(out, wrap(fmt.Sprintf("Collaudo: %d scenarios against %s, profile %s. %s", scenarios, against, profile, whereTo(&o)), terminalWidth, 0))
			}
			if *dry {
				return dryRun(out, o, against)
			}
			discard, err := defaultFolder(&o.Out, "run")
			if err != nil {
				return exit{conformance.ExitUsage, err}
			}
			if err := format.check(); err != nil {
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
			if err := reports.Summary(out, report.Result, reports.SummaryOptions{Dir: report.Dir, Took: report.Took + report.Judged, Width: terminalWidth}); err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			resume.tell(out, report)
			if err := format.tell(out, report); err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			if code := conformance.ExitCode(report.Result.Verdict); code != conformance.ExitConformant {
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
	safetyFlags(command, &o)
	f.Int64Var(&o.Seed, "seed", 1, "seed of everything that is drawn at random")
	f.IntVar(&o.Workers, "workers", 0, "scenarios at a time (0: as many as suit the machine)")
	f.StringVar(&target, "target", "", "file that describes what is judged: a provider, or a mail client (default: the built-in pair of providers)")
	f.StringVar(&o.Out, "out", "", "folder for the report; new or empty (default out/run-DATE-TIME)")
	return command
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

// meter shows how far a run is: on a terminal one line that moves, elsewhere a
// plain line now and then.
type meter struct {
	out      io.Writer
	terminal bool
	began    time.Time
	shown    int // fifths shown so far
	open     bool
}

func newMeter(out io.Writer) *meter {
	m := &meter{out: out, began: time.Now()}
	if said, is := out.(*output); is {
		out = said.Writer
	}
	if wrapped, is := out.(*output); is {
		out = wrapped.Writer
	}
	if file, is := out.(*os.File); is {
		info, err := file.Stat()
		m.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return m
}

func (m *meter) show(p conformance.Progress) {
	if p.Error != "" {
		m.end()
		fmt.Fprintf(m.out, "  harness: %s: %s\n", p.Scenario, p.Error)
	}
	if m.terminal {
		const width = 30
		filled := width * p.Done / p.Total
		fmt.Fprintf(m.out, "\r  playing scenarios %s%s %d/%d  %-40.40s", strings.Repeat("█", filled), strings.Repeat("░", width-filled), p.Done, p.Total, p.Scenario)
		m.open = true
		if p.Done == p.Total {
			m.end()
			fmt.Fprintln(m.out, "  judging what was seen")
		}
		return
	}
	if fifth := 5 * p.Done / p.Total; fifth > m.shown && p.Total >= 20 {
		m.shown = fifth
		fmt.Fprintf(m.out, "  played %d of %d scenarios, %.1f s\n", p.Done, p.Total, time.Since(m.began).Seconds())
	}
	if p.Done == p.Total {
		fmt.Fprintln(m.out, "  judging what was seen")
	}
}

// end leaves the moving line as it is.
func (m *meter) end() {
	if m.open {
		fmt.Fprintln(m.out)
		m.open = false
	}
}
