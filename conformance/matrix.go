package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/faults"
)

// MutantTrial says which mutants and personalities to try.
type MutantTrial struct {
	Options
	Sample        string                              // name of the sample; empty: the mutants were picked by name
	Mutants       []Mutant                            // to be tried
	Personalities []string                            // to be tried
	Told          func(reports.Kill)                  // after each mutant, one call at a time; may be nil
	ToldOf        func(reports.PersonalityTrial)      // after each personality; may be nil
	Playing       func(mutants, scenarios, kinds int) // once it is known what will be played; may be nil
}

// TryMutants plays the clean run of the scenarios that matter, then each
// mutant's, and compares; then the personalities. In o.Out it leaves the matrix
// (kills.json and kills.html) and, for each fault, the evidence that kills it;
// of a mutant that was not killed as it should be, the whole run folder.
func TryMutants(ctx context.Context, o MutantTrial) (*reports.Matrix, error) {
	began := o.Now()
	if err := prepareFolder(o.Out); err != nil {
		return nil, err
	}
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return nil, err
	}
	t := &mutantTrial{MutantTrial: o, keys: cmp.Or(o.keys, authority.NewPool())}
	for _, law := range catalogue.Rules {
		t.columns = append(t.columns, law.ID)
	}
	matrix := &reports.Matrix{
		Schema: reports.MatrixSchema, Profile: string(rules.Practice), Sample: describeSample(o.Sample, o.Mutants),
		Seed: o.Seed, Rules: t.columns, Unbroken: []string{}, Unproven: []string{},
	}
	scenarios := scenariosOf(o.Mutants)
	if o.Playing != nil {
		o.Playing(len(o.Mutants), len(scenarios), len(o.Personalities))
	}
	if t.clean, err = t.scenarios(ctx, filepath.Join(o.Out, "clean"), nil, scenarios); err != nil {
		return nil, err
	}
	matrix.Kills = t.tryAll(ctx, t.mutant)
	if o.Sample != "" {
		matrix.Unbroken, matrix.Unproven = unproven(catalogue, o.Mutants, matrix.Kills)
	}
	if matrix.Personalities, err = t.personalities(ctx); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w: there is no matrix of it", ErrInterrupted)
	}
	matrix.Took = o.Now().Sub(began)
	return matrix, reports.WriteMatrix(o.Out, matrix, catalogue, o.Language)
}

// mutantTrial is a trial under way.
type mutantTrial struct {
	MutantTrial
	keys    *authority.Pool
	clean   *rules.Result
	columns []string
	telling sync.Mutex
}

// tryAll tries the mutants side by side.
func (t *mutantTrial) tryAll(ctx context.Context, try func(context.Context, Mutant) reports.Kill) []reports.Kill {
	kills := make([]reports.Kill, len(t.Mutants))
	var group sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, m := range t.Mutants {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			if ctx.Err() != nil {
				return
			}
			k := try(ctx, m)
			t.telling.Lock()
			defer t.telling.Unlock()
			kills[i] = k
			if t.Told != nil {
				t.Told(k)
			}
		})
	}
	group.Wait()
	return kills
}

// mutant plays the mutant's scenarios and compares them with the clean run.
func (t *mutantTrial) mutant(ctx context.Context, m Mutant) reports.Kill {
	began := t.Now()
	k := newKill(m)
	dir := filepath.Join(t.Out, "mutants", m.Fault)
	result, err := t.scenarios(ctx, dir, []string{m.Fault}, m.Scenarios)
	if err == nil {
		compare(&k, within(t.clean, m.Scenarios), result, t.columns)
		if k.Good() {
			err = keepWhatKills(dir, k.By)
		}
	}
	if err != nil {
		k.Error = err.Error()
	}
	k.Took = t.Now().Sub(began)
	return k
}

// scenarios is one run of named scenarios.
func (t *mutantTrial) scenarios(ctx context.Context, dir string, faulty, ids []string) (*rules.Result, error) {
	o := t.Options
	o.Out, o.Faults, o.Rules, o.Tags, o.Progress, o.Begun = dir, faulty, nil, "", nil, nil
	prepared, err := prepare(o, t.keys)
	if err != nil {
		return nil, err
	}
	prepared.selection.Scope = "subset"
	prepared.selection.Scenarios = filter(prepared.selection.Scenarios, func(s Scenario) bool { return slices.Contains(ids, s.ID) })
	if err := prepared.record(ctx); err != nil {
		return nil, err
	}
	return Judge(dir, prepared.options.Profile)
}

func scenariosOf(list []Mutant) []string {
	var all []string
	for _, m := range list {
		all = append(all, m.Scenarios...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func titleOf(fault string) string {
	for _, f := range faults.Catalogue() {
		if f.ID == fault {
			return f.Title
		}
	}
	return ""
}

// unproven lists the rules that no mutant breaks, and those whose judge
// no mutant has failed: a rule that only the Then of a scenario catches leaves
// its judge unproven. Rules whose breach is only recorded cannot fail.
func unproven(catalogue *rules.Catalogue, tried []Mutant, kills []reports.Kill) (unbroken, unprovenJudges []string) {
	broken, failed := breakable(tried), map[string]bool{}
	for _, k := range kills {
		for _, id := range k.Judges {
			failed[id] = true
		}
	}
	unbroken, unprovenJudges = []string{}, []string{}
	judged := map[string]bool{}
	for _, j := range rules.Judges() {
		judged[j.Rule] = true
	}
	for _, law := range catalogue.Rules {
		canFail := law.Weight(rules.Practice, false) == rules.Fail || law.Weight(rules.Practice, false) == rules.Warn
		switch {
		case law.Excluded != nil || !canFail:
		case !broken[law.ID]:
			unbroken = append(unbroken, law.ID)
		case judged[law.ID] && !failed[law.ID]:
			unprovenJudges = append(unprovenJudges, law.ID)
		}
	}
	return unbroken, unprovenJudges
}

// personalities tries the legal but unusual providers, one after the other:
// each plays many scenarios at once already.
func (t *mutantTrial) personalities(ctx context.Context) ([]reports.PersonalityTrial, error) {
	var list []reports.PersonalityTrial
	for _, name := range t.Personalities {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%w: there is no matrix of it", ErrInterrupted)
		}
		p, err := t.personality(ctx, name)
		if err != nil && !errors.Is(err, ErrHarness) {
			return nil, err
		}
		if err != nil {
			p.Error = err.Error()
		}
		if t.ToldOf != nil {
			t.ToldOf(p)
		}
		list = append(list, p)
	}
	return list, nil
}
