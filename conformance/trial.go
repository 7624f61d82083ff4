package conformance

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cucumber/godog"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/steps"
)

// patience bounds one scenario: a world that hangs ends as an error of the
// harness, and the run goes on.
const patience = 2 * time.Minute

// Try plays the scenarios against the built-in pair, has the evidence judged,
// and writes the report. An error means that there is no verdict at all; see
// ExitCodeOf.
func Try(ctx context.Context, o Options) (*Report, error) {
	t, err := prepare(o, authority.NewPool())
	if err != nil {
		return nil, err
	}
	if o.Begun != nil {
		o.Begun(len(t.selection.Scenarios))
	}
	began := o.Now()
	if err := t.record(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	played := o.Now()
	result, err := Judge(o.Out, t.options.Profile)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	if err := reports.Write(o.Out, result, t.catalogue); err != nil {
		return nil, fmt.Errorf("%w: write the report: %w", ErrHarness, err)
	}
	return &Report{Dir: o.Out, Result: result, Took: played.Sub(began), Judged: o.Now().Sub(played)}, nil
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
	if profile == "" {
		profile = rules.Profile(record.Run.Profile)
	}
	judges := rules.Judges()
	if record.Run.Kind == evidence.KindClient {
		judges = rules.ClientJudges()
	}
	court := &rules.Court{Catalogue: catalogue, Judges: judges, Profile: profile}
	return court.Run(record), nil
}

// trial is a run that has been checked and can begin.
type trial struct {
	options   Options
	catalogue *rules.Catalogue
	selection Selection
	shared    setting
	recorder  *evidence.Recorder
}

// prepare checks everything that can be known before the first message, so
// that a mistake of the asker is told at once and costs nothing. keys may be
// shared with other runs.
func prepare(o Options, keys *authority.Pool) (*trial, error) {
	if o.Profile == "" {
		o.Profile = rules.Practice
	}
	if o.Profile != rules.Practice && o.Profile != rules.Strict {
		return nil, fmt.Errorf("%w: unknown profile %q: choose practice or strict", ErrUsage, o.Profile)
	}
	if o.Workers < 0 {
		return nil, fmt.Errorf("%w: %d scenarios at a time make no sense: give a number above zero, or 0 for as many as suit the machine", ErrUsage, o.Workers)
	}
	if o.Workers == 0 {
		o.Workers = 2 * runtime.GOMAXPROCS(0)
	}
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return nil, err
	}
	all, err := scenariosFor(o.Client != nil)
	if err != nil {
		return nil, err
	}
	if err := o.askClient(catalogue); err != nil {
		return nil, err
	}
	selection, err := choose(all, catalogue, o.Rules, o.Tags)
	if err != nil {
		return nil, err
	}
	if o.Client != nil && len(selection.Scenarios) == len(all) && len(selection.Rules) == len(o.clientRules(catalogue)) {
		selection.Scope = "full"
	}
	if o.Personality != "" {
		if _, err := faults.PersonalityOf(o.Personality); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUsage, err)
		}
	}
	if _, err := faults.Lookup(o.manners()...); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if err := checkFaultDomains(o.Faults); err != nil {
		return nil, err
	}
	if err := prepareFolder(o.Out); err != nil {
		return nil, err
	}
	shared, err := newSetting(o.Now, keys, o.manners())
	if err != nil {
		return nil, err
	}
	recorder, err := evidence.Create(o.Out, o.Now)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return &trial{o, catalogue, selection, shared, recorder}, nil
}

// checkFaultDomains refuses a fault that is limited to a provider which the
// world does not have: it would never act, and the run would look clean.
func checkFaultDomains(ids []string) error {
	var domains []string
	for _, p := range simulator.Pair().Providers {
		domains = append(domains, p.ServiceDomain)
	}
	for _, id := range ids {
		if _, domain, limited := strings.Cut(id, "@"); limited && !slices.Contains(domains, strings.ToLower(domain)) {
			return fmt.Errorf("%w: no provider has the service domain %q of --fault %s: there are %s", ErrUsage, domain, id, strings.Join(domains, " and "))
		}
	}
	return nil
}

// prepareFolder makes the run folder, and refuses one that holds something: a
// report must never be a mixture of two runs.
func prepareFolder(dir string) error {
	if dir == "" {
		return fmt.Errorf("%w: no folder for the report was given", ErrUsage)
	}
	entries, err := os.ReadDir(dir)
	switch {
	case err == nil && len(entries) > 0:
		return fmt.Errorf("%w: %s is not empty; choose a new folder with --out", ErrUsage, dir)
	case err == nil || errors.Is(err, os.ErrNotExist):
	default:
		return fmt.Errorf("%w: the folder for the report cannot be used: %w", ErrUsage, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("%w: the folder for the report cannot be made: %w", ErrUsage, err)
	}
	probe := filepath.Join(dir, ".writable")
	if err := os.WriteFile(probe, nil, 0o644); err != nil {
		return fmt.Errorf("%w: the folder for the report cannot be written to: %w", ErrUsage, err)
	}
	return os.Remove(probe)
}

// record plays every scenario and writes the evidence.
func (t *trial) record(ctx context.Context) error {
	run := &evidence.Run{
		Tool: "collaudo", Version: t.options.Version, Target: "built-in pair of simulated providers",
		Profile: string(t.options.Profile), Seed: t.options.Seed, Scope: t.selection.Scope,
		Rules: t.selection.Rules, Tags: t.options.Tags, Faults: t.options.Faults, Personality: t.options.Personality,
	}
	if t.options.Client != nil {
		run.Kind, run.Target, run.TargetFile = evidence.KindClient, t.options.Client.Name, t.options.Client.File
	}
	for _, s := range t.selection.Scenarios {
		run.Selected = append(run.Selected, s.ID)
	}
	if err := t.recorder.Record(evidence.Event{Type: evidence.RunStarted, Run: run}); err != nil {
		return err
	}
	err := t.playAll(ctx)
	if err == nil && ctx.Err() == nil {
		err = t.recorder.Record(evidence.Event{Type: evidence.RunEnded, End: &evidence.End{Completed: true}})
	}
	return errors.Join(err, t.recorder.Close())
}

// playAll plays the scenarios a few at a time, each in a world of its own.
func (t *trial) playAll(ctx context.Context) error {
	var (
		group    sync.WaitGroup
		mu       sync.Mutex
		done     int
		failures []error
	)
	slots := make(chan struct{}, t.options.Workers)
	for _, s := range t.selection.Scenarios {
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		group.Go(func() {
			defer func() { <-slots }()
			began := t.options.Now()
			trouble, err := t.play(ctx, s)
			mu.Lock()
			defer mu.Unlock()
			done++
			if err != nil {
				failures = append(failures, err)
			}
			if t.options.Progress != nil {
				t.options.Progress(Progress{done, len(t.selection.Scenarios), s.ID, trouble, t.options.Now().Sub(began)})
			}
		})
	}
	group.Wait()
	return errors.Join(failures...)
}

// play gives one scenario its world and lets its steps drive it. trouble is
// what kept the harness from finishing it, which evidence records; the error
// is evidence that cannot be written.
func (t *trial) play(ctx context.Context, s Scenario) (trouble string, err error) {
	record := t.recorder.Scenario(s.ID)
	if err := record.Record(evidence.Event{Type: evidence.ScenarioStarted, Start: s.start()}); err != nil {
		return "", err
	}
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	failed := t.drive(bounded, s, record)
	if ctx.Err() != nil {
		return "interrupted", nil // no end is recorded: the evidence says how far it went
	}
	end := &evidence.End{Completed: failed == nil}
	if failed != nil {
		end.Error, trouble = failed.Error(), failed.Error()
	}
	return trouble, record.Record(evidence.Event{Type: evidence.ScenarioEnded, End: end})
}

// drive runs the scenario's steps in a fresh world and closes both.
func (t *trial) drive(ctx context.Context, s Scenario, record *evidence.Scenario) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the harness panicked: %v", p)
		}
	}()
	kind, err := worldKindOf(s.Tags)
	if err != nil {
		return err
	}
	world, err := openWorld(ctx, t.shared, kind, append(t.options.manners(), kind.faults...), t.options.Now())
	if err != nil {
		return fmt.Errorf("start the simulated providers: %w", err)
	}
	defer func() { err = errors.Join(err, world.close(ctx)) }()
	bench, err := t.bench(world)
	if err != nil {
		return err
	}
	defer bench.close()
	actors := steps.New(world.target, record, steps.Options{Now: t.options.Now, Random: t.random(s.ID), Listeners: world.listeners, Client: bench.ClientBench})
	defer actors.Close()
	return errors.Join(runSteps(ctx, s, actors), actors.Finish(ctx))
}

// runSteps has godog carry out one scenario, strictly: an undefined, pending or
// ambiguous step is an error.
func runSteps(ctx context.Context, s Scenario, actors *steps.World) error {
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
			FeatureContents: []godog.Feature{{Name: s.File, Contents: s.gherkin()}},
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
	h := fnv.New64a()
	h.Write([]byte(id))
	return rand.New(rand.NewSource(t.options.Seed ^ int64(h.Sum64())))
}
