package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/rules"
)

// resumption is how a run is taken up again, and how long it stays.
type resumption struct {
	run string // folder of the run that is taken up again
}

// resumeFlags makes --resume and --wait set what a run does about time.
func resumeFlags(command *cobra.Command, o *conformance.Options) *resumption {
	r := &resumption{}
	command.Flags().StringVar(&r.run, "resume", "", "go on with the run in this folder, which was interrupted or waits for legal time (12 h, 24 h) to pass")
	command.Flags().BoolVar(&o.Wait, "wait", false, "stay until scenarios that wait for legal time have gone on: hours or days, where the target's clock cannot be moved")
	return r
}

// recall puts the options of the earlier run where the command line says
// nothing; what it does say is compared with that run before anything is done.
func (r *resumption) recall(command *cobra.Command, o *conformance.Options, target, profile *string) error {
	if err := refuseBlanks(command, "resume"); err != nil {
		return fmt.Errorf("%w: %w", conformance.ErrUsage, err)
	}
	if r.run == "" {
		return nil
	}
	earlier, err := conformance.Recall(r.run)
	if err != nil {
		return err
	}
	given := command.Flags().Changed
	for flag, take := range map[string]func(){
		"rule":        func() { o.Rules = earlier.Rules },
		"tags":        func() { o.Tags = earlier.Tags },
		"fault":       func() { o.Faults = earlier.Faults },
		"personality": func() { o.Personality = earlier.Personality },
		"shard":       func() { o.Shard = earlier.Shard },
		"seed":        func() { o.Seed = earlier.Seed },
		"profile":     func() { *profile = string(earlier.Profile) },
		"target":      func() { *target = earlier.TargetFile() },
		"out":         func() { o.Out = earlier.Out },
	} {
		if !given(flag) {
			take()
		}
	}
	o.Resume = r.run
	return nil
}

// listen tells the person at the terminal what a run that stays waits for.
func (r *resumption) listen(o *conformance.Options, meter *meter) {
	if !o.Wait {
		return
	}
	o.Waits = func(w conformance.Wait) {
		meter.wait(fmt.Sprintf("  %s waits until %s; interrupting loses nothing, see --resume\n", w.Scenario, legal(w.Until)))
	}
}

// tell says how to go on with a run that was interrupted, where no summary is
// printed that would say it.
func (r *resumption) tell(out io.Writer, report *conformance.Report) {
	if report.Result.Verdict == rules.Interrupted {
		fmt.Fprintf(out, "\nGo on where it stopped: collaudo run --resume %s\n", report.Dir)
	}
}

func legal(t time.Time) string { return t.In(pec.Zone()).Format("Mon 2 January, 15:04:05 MST") }
