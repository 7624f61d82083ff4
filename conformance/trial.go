package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/steps/reach"
)

// patience bounds one scenario: a world that hangs ends as an error of the
// harness, and the run goes on.
const patience = 5 * time.Minute

// Try plays the scenarios against the built-in pair, has the evidence judged,
// and writes the report. An error means that there is no verdict at all; see
// ExitCodeOf.
func Try(ctx context.Context, o Options) (*Report, error) {
	t, err := prepare(o, cmp.Or(o.keys, authority.NewPool()))
	if err != nil {
		return nil, err
	}
	if o.Chosen != nil {
		o.Chosen(t.selection)
	}
	if o.Begun != nil {
		o.Begun(len(t.selection.Scenarios))
	}
	began := o.Now()
	if err := t.meet(ctx); err != nil {
		return nil, errors.Join(err, t.abandon())
	}
	if err := t.record(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	played := o.Now()
	o.enter(StageJudging)
	result, err := Judge(t.options.Out, t.options.Profile)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	report := &Report{Dir: t.options.Out, Result: result, Took: played.Sub(began)}
	if !o.unreported {
		o.enter(StageWriting)
		told := t.options.told(result, t.catalogue, t.compared)
		if err := write(t.options.Out, result, t.catalogue, told); err != nil {
			return nil, err
		}
		report.Gate = told.Gate
	}
	report.Judged = o.Now().Sub(played)
	return report, nil
}

// meet looks at the target and opens what all scenarios share of it, before the
// first of them.
func (t *trial) meet(ctx context.Context) error {
	err := t.look(ctx)
	if err == nil {
		err = t.reach(ctx)
	}
	if err != nil && ctx.Err() != nil { // what then fails says nothing of the target
		return fmt.Errorf("%w before the first scenario: nothing was sent", ErrInterrupted)
	}
	return err
}

// Judge gives the verdicts on a run folder, from its evidence alone. The run
// itself gets its verdicts no other way.
func Judge(dir string, profile rules.Profile) (*rules.Result, error) {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return nil, err
	}
	record, err := evidence.Open(dir)
	if err != nil {
		return nil, err
	}
	return judgeRecord(catalogue, record, profile)
}

// judgeRecord judges evidence that was read.
func judgeRecord(catalogue *rules.Catalogue, record *evidence.Record, profile rules.Profile) (*rules.Result, error) {
	if profile == "" {
		profile = rules.Profile(record.Run.Profile)
	}
	if profile != rules.Practice && profile != rules.Strict {
		return nil, fmt.Errorf("unknown profile %q: there are practice and strict", profile)
	}
	judges := rules.Judges()
	if record.Run.Kind == evidence.KindClient {
		judges = rules.ClientJudges()
	}
	court := &rules.Court{Catalogue: catalogue, Judges: judges, Profile: profile}
	var result *rules.Result
	err := guarded("judging the evidence", func() error { result = court.Run(record); return nil })
	return result, err
}

// trial is a run that has been checked and can begin.
type trial struct {
	options   Options
	catalogue *rules.Catalogue
	selection Selection
	shared    setting
	recorder  *evidence.Recorder
	door      *reach.Door      // how everything goes out
	earlier   *evidence.Record // what the run that is taken up again left; nil: it is a new one
	endpoint  *endpoint        // the real target; nil: the built-in pair
	compared  *earlier         // an earlier run that the report shows beside this one; nil: none
	telling   sync.Mutex       // of callbacks, one at a time
}

// asked is what the run was asked to do, for the record.
func (t *trial) asked() *evidence.Run {
	run := &evidence.Run{
		Tool: "collaudo", Version: t.options.Version, Target: "built-in pair of simulated providers",
		Profile: string(t.options.Profile), Seed: t.options.Seed, Scope: t.selection.Scope, Shard: t.selection.Shard,
		Rules: t.selection.Rules, Tags: t.options.Tags, Faults: t.options.Faults, Personality: t.options.Personality,
	}
	if t.options.Client != nil {
		run.Kind, run.Target, run.TargetFile = evidence.KindClient, t.options.Client.Name, t.options.Client.File
	}
	if t.options.Target != nil {
		run.Target, run.TargetFile = t.options.Target.Name, t.options.Target.File
	}
	for _, s := range t.selection.Scenarios {
		run.Selected = append(run.Selected, s.ID)
	}
	if run.TargetFile != "" {
		run.TargetSHA256 = hashOfFile(run.TargetFile)
	}
	return run
}

// record plays every scenario and writes the evidence.
func (t *trial) record(ctx context.Context) error {
	if t.earlier == nil {
		if err := t.recorder.Record(evidence.Event{Type: evidence.RunStarted, Run: t.asked()}); err != nil {
			return err
		}
	}
	if t.endpoint != nil {
		defer t.endpoint.close()
	}
	jobs, err := t.jobs()
	if err == nil {
		err = t.playAll(ctx, jobs)
	}
	err = errors.Join(err, t.recordOthers())
	if err == nil && ctx.Err() == nil {
		err = t.recorder.Record(evidence.Event{Type: evidence.RunEnded, End: &evidence.End{Completed: true}})
	}
	return errors.Join(err, t.recorder.Close())
}
