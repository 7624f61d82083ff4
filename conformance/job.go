package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/steps"
)

// job is one scenario that is to be played, from its first step or from where
// it waits.
type job struct {
	scenario Scenario
	suspends *evidence.Case    // from where it goes on; nil: from the first step
	attempt  int               // how often it was begun or taken up before
	waits    *evidence.Waiting // after it was played: it waits; nil: it is over
	attended bool              // the harness stays in the scenario while it waits
}

// jobs lists what is to be played: everything in a new run; in one that is taken
// up again what has no end yet and whose time has come.
func (t *trial) jobs() ([]*job, error) {
	var all []*job
	for _, s := range t.selection.Scenarios {
		j, err := t.job(s)
		if err != nil {
			return nil, err
		}
		if j != nil {
			all = append(all, j)
		}
	}
	return all, nil
}

// job looks at what an earlier run left of a scenario; nil says that nothing is
// to be played of it now.
func (t *trial) job(s Scenario) (*job, error) {
	j := &job{scenario: s}
	if t.earlier == nil {
		return j, nil
	}
	j.attempt = t.earlier.Superseded[s.ID] + t.earlier.Resumed[s.ID]
	i := slices.IndexFunc(t.earlier.Cases, func(c *evidence.Case) bool { return c.Start.ID == s.ID })
	if i < 0 {
		return j, nil
	}
	c := t.earlier.Cases[i]
	switch c.Standing() {
	case evidence.Ended:
		if !slices.Contains(c.End.Lacking, noAnswer) {
			return nil, nil
		}
		return j, t.supersede(j, "the target did not answer")
	case evidence.Suspended:
		return t.waitingJob(j, c)
	}
	return j, t.supersede(j, "the run was interrupted in the middle of it")
}

// waitingJob decides about a scenario that waits: it goes on, waits on, or
// begins again where nobody was there in time.
func (t *trial) waitingJob(j *job, c *evidence.Case) (*job, error) {
	now, w := t.options.Now(), c.Suspension.Waiting
	switch {
	case w.Present && t.options.Wait:
		return j, t.supersede(j, "the providers that the harness plays were not there while it waited")
	case !w.Present && now.After(w.Latest):
		return j, t.supersede(j, fmt.Sprintf("it was to go on by %s, and nobody was there", w.Latest.UTC().Format(time.RFC3339)))
	case !w.Present && (t.options.Wait || !now.Before(w.Until)):
		j.suspends, j.waits = c, &w
		if now.Before(w.Until) {
			return j, nil
		}
		j.waits = nil
		return j, nil
	case c.End == nil: // the run ended between two lines
		return nil, t.recorder.Scenario(j.scenario.ID).Record(evidence.Event{Type: evidence.ScenarioEnded, End: &evidence.End{Waiting: &w}})
	}
	return nil, nil
}

// supersede says in evidence that what a scenario did so far does not count.
func (t *trial) supersede(j *job, why string) error {
	j.suspends, j.waits = nil, nil
	j.attempt++
	return t.recorder.Scenario(j.scenario.ID).Record(evidence.Event{Type: evidence.ScenarioAgain, Superseded: &evidence.Superseded{Reason: why}})
}

// open records that the scenario begins, or goes on. The file that it was read
// from is kept, so that a later version tells it with the words it had.
func (j *job) open(record *evidence.Scenario) error {
	if j.suspends != nil {
		return record.Record(evidence.Event{Type: evidence.ScenarioResumed, Resumption: &evidence.Resumption{}})
	}
	source, err := record.Keep(evidence.Features, j.scenario.source, false)
	if err != nil {
		return err
	}
	start := j.scenario.start()
	start.Source = source
	return record.Record(evidence.Event{Type: evidence.ScenarioStarted, Start: start})
}

// seed is what the scenario's random source begins from. Whoever begins again
// draws other words: the target still knows the former ones.
func (j *job) seed() string {
	if j.attempt == 0 {
		return j.scenario.ID
	}
	return fmt.Sprintf("%s, attempt %d", j.scenario.ID, j.attempt+1)
}

// actors are those who play the scenario in a world.
func (j *job) actors(target *steps.Target, record *evidence.Scenario, options steps.Options) (*steps.World, error) {
	if j.suspends == nil {
		return steps.New(target, record, options), nil
	}
	return steps.Restore(target, record, options, j.suspends)
}

// endOf is how a scenario ended, by the error of its steps. It waits, or lacks
// something, only where nothing else went wrong: trouble that is joined to that
// leaves it unknown what was seen.
func endOf(failed error) *evidence.End {
	if failed == nil {
		return &evidence.End{Completed: true}
	}
	var waits *steps.SuspendedError
	var needs []string
	all := joined(failed)
	for _, one := range all {
		var lacks *steps.LackingError
		switch {
		case errors.As(one, &lacks):
			needs = append(needs, lacks.Needs...)
		case errors.As(one, &waits) && len(all) == 1:
			return &evidence.End{Waiting: &waits.Waiting}
		default:
			return &evidence.End{Error: failed.Error()}
		}
	}
	slices.Sort(needs)
	return &evidence.End{Lacking: slices.Compact(needs)}
}

// noAnswer is what a scenario lacked while which a real target could not be
// reached, or let nobody in. A run that is taken up again plays it again.
const noAnswer = "a target that answers"

// unanswered is the trouble of a scenario at a real target, which may be down for
// a while: that is not a fault of the harness. Other trouble beside it stays.
func unanswered(failed error) error {
	if failed == nil || !onlyUnanswered(failed) {
		return failed
	}
	return &steps.LackingError{Needs: []string{noAnswer}}
}

// onlyUnanswered tells that every error joined in one says so.
func onlyUnanswered(err error) bool {
	if several, are := err.(interface{ Unwrap() []error }); are {
		all := several.Unwrap()
		if slices.Contains(all, steps.ErrUnreachable) || slices.Contains(all, steps.ErrLogin) {
			return true // the others say why
		}
		return !slices.ContainsFunc(all, func(one error) bool { return !onlyUnanswered(one) })
	}
	next := errors.Unwrap(err)
	return errors.Is(err, steps.ErrUnreachable) && next == nil || errors.Is(err, steps.ErrLogin) && next == nil || next != nil && onlyUnanswered(next)
}

// joined lists the errors that were joined to one, each with what it wraps.
func joined(err error) []error {
	for at := err; at != nil; at = errors.Unwrap(at) {
		if several, are := at.(interface{ Unwrap() []error }); are {
			var all []error
			for _, one := range several.Unwrap() {
				all = append(all, joined(one)...)
			}
			return all
		}
	}
	return []error{err}
}

// carryOut runs the steps of the scenario and closes its evidence. bounded ends
// when the scenario takes too long; what it waits for does not count.
func (t *trial) carryOut(ctx, bounded context.Context, j *job, actors *steps.World) error {
	from := 0
	if j.suspends != nil {
		from = j.suspends.Suspension.Waiting.Step
	}
	for {
		failed := runSteps(bounded, j.scenario, from, actors)
		end := endOf(failed)
		if failed != nil && t.endpoint != nil && errors.Is(bounded.Err(), context.DeadlineExceeded) && ctx.Err() == nil {
			return fmt.Errorf("%w: it said nothing more for the rest of the scenario's time: %w", steps.ErrUnreachable, failed)
		}
		if end.Waiting == nil {
			return errors.Join(failed, actors.Finish(bounded))
		}
		if !j.attended {
			return failed
		}
		if err := t.until(ctx, j, end.Waiting); err != nil {
			return err
		}
		from = end.Waiting.Step
		again, cancel := context.WithTimeout(ctx, t.patienceFor(j.scenario))
		defer cancel()
		bounded = again
	}
}
