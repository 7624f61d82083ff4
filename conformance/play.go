package conformance

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand"
	"sync"

	"github.com/cucumber/godog"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/steps"
)

// playAll plays the scenarios a few at a time, each in a world of its own.
func (t *trial) playAll(ctx context.Context, jobs []*job) error {
	var (
		group    sync.WaitGroup
		mu       sync.Mutex
		done     int
		failures []error
	)
	slots := make(chan struct{}, t.options.Workers)
	for _, j := range jobs {
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		group.Go(func() {
			release := sync.OnceFunc(func() { <-slots })
			defer release()
			began := t.options.Now()
			trouble, err := "", error(nil)
			err = guarded("playing "+j.scenario.ID, func() (err error) {
				if j.waits == nil { // else it waited before this run, and goes on below
					if trouble, err = t.play(ctx, j); err != nil {
						return err
					}
				}
				release()
				return t.stay(ctx, j)
			})
			mu.Lock()
			defer mu.Unlock()
			done++
			if err != nil {
				failures = append(failures, err)
			}
			if t.options.Progress != nil {
				t.options.Progress(Progress{done, len(jobs), j.scenario.ID, trouble, t.options.Now().Sub(began)})
			}
		})
	}
	group.Wait()
	return errors.Join(append(failures, t.attend(ctx, jobs))...)
}

// play gives one scenario its world and lets its steps drive it, from the first
// or from where it waited. trouble is what kept the harness from finishing it,
// which evidence records; the error is evidence that cannot be written.
func (t *trial) play(ctx context.Context, j *job) (trouble string, err error) {
	record := t.recorder.Scenario(j.scenario.ID)
	if err := j.open(record); err != nil {
		return "", err
	}
	if lacking := t.lacks(j.scenario); len(lacking) > 0 {
		return "", record.Record(evidence.Event{Type: evidence.ScenarioEnded, End: &evidence.End{Lacking: lacking}})
	}
	leave, err := t.enter(ctx, j.scenario)
	if err != nil {
		return "interrupted", nil //nolint:nilerr // while it waited for its turn: evidence says that it has no end
	}
	failed := t.drive(ctx, j, record)
	leave()
	if ctx.Err() != nil {
		return "interrupted", nil //nolint:nilerr // no end is recorded: the evidence says how far it went
	}
	if t.endpoint != nil {
		failed = unanswered(failed)
	}
	end := endOf(failed)
	j.waits = end.Waiting
	return end.Error, record.Record(evidence.Event{Type: evidence.ScenarioEnded, End: end})
}

// drive runs the scenario's steps in a fresh world and closes both.
func (t *trial) drive(ctx context.Context, j *job, record *evidence.Scenario) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the harness panicked: %v", p)
		}
	}()
	bounded, cancel := context.WithTimeout(ctx, t.patienceFor(j.scenario))
	defer cancel()
	options := steps.Options{Now: t.options.Now, Random: t.random(j.seed()), Door: t.door}
	world, err := t.openWorld(bounded, j.scenario, &options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, world.close(ctx)) }()
	bench, err := t.bench(world)
	if err != nil {
		return err
	}
	defer bench.close()
	options.Client = bench.ClientBench
	actors, err := j.actors(world.target, record, options)
	if err != nil {
		return err
	}
	defer actors.Close()
	defer func() { err = errors.Join(err, actors.KeepDialogues()) }()
	return t.carryOut(ctx, bounded, j, actors)
}

// runSteps has godog carry out one scenario from one of its steps on, strictly:
// an undefined, pending or ambiguous step is an error.
func runSteps(ctx context.Context, s Scenario, from int, actors *steps.World) error {
	var failed error
	suite := godog.TestSuite{
		Name: s.ID,
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			actors.Register(sc)
			sc.StepContext().After(func(ctx context.Context, step *godog.Step, status godog.StepResultStatus, err error) (context.Context, error) {
				if status != godog.StepPassed && failed == nil {
					failed = fmt.Errorf("step %q: %s", step.Text, status)
					if err != nil {
						failed = fmt.Errorf("step %q: %w", step.Text, err)
					}
				}
				return ctx, nil
			})
		},
		Options: &godog.Options{
			Format: "progress", Output: io.Discard, Strict: true, Concurrency: 1, NoColors: true, DefaultContext: ctx,
			FeatureContents: []godog.Feature{{Name: s.File, Contents: s.gherkinFrom(from)}},
		},
	}
	status := suite.Run()
	if failed != nil {
		return failed
	}
	if status != 0 {
		return fmt.Errorf("the scenario could not be carried out (godog status %d)", status)
	}
	return nil
}

// random gives each scenario a source of its own, so that what it draws does
// not depend on which others run beside it.
func (t *trial) random(id string) *rand.Rand {
	if t.endpoint != nil {
		return t.endpoint.random(t.options.Seed, id)
	}
	h := fnv.New64a()
	h.Write([]byte(id))
	return rand.New(rand.NewSource(t.options.Seed ^ int64(h.Sum64())))
}
