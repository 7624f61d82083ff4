package conformance

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/faults"
)

//go:embed mutants/*.yaml
var mutantFiles embed.FS

// Mutant says what a fault of the simulator is worth to the judges. The
// simulator does not know: it only knows what to do wrong.
type Mutant struct {
	Fault     string   `yaml:"fault" json:"fault"`
	Breaks    []string `yaml:"breaks" json:"breaks"`       // rules that must come out worse than in the clean run
	Also      []string `yaml:"also" json:"also,omitempty"` // rules that may
	Scenarios []string `yaml:"scenarios" json:"scenarios"` // ids of the scenarios in which it shows
}

// Mutants returns every mutant, checked against the faults of the simulator,
// the catalogue and the scenarios.
func Mutants() ([]Mutant, error) {
	entries, err := mutantFiles.ReadDir("mutants")
	if err != nil {
		return nil, err
	}
	var list []Mutant
	for _, e := range entries {
		data, err := mutantFiles.ReadFile("mutants/" + e.Name())
		if err != nil {
			return nil, err
		}
		decoder := yaml.NewDecoder(bytes.NewReader(data))
		decoder.KnownFields(true)
		var some []Mutant
		if err := decoder.Decode(&some); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("mutants/%s: %w", e.Name(), err)
		}
		list = append(list, some...)
	}
	return list, checkMutants(list)
}

func checkMutants(list []Mutant) error {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return err
	}
	scenarios, err := Scenarios()
	if err != nil {
		return err
	}
	var found []error
	seen := map[string]bool{}
	for _, m := range list {
		complain := func(text string, arguments ...any) {
			found = append(found, fmt.Errorf("mutants: %s: %s", m.Fault, fmt.Sprintf(text, arguments...)))
		}
		if seen[m.Fault] {
			complain("stands there twice")
		}
		seen[m.Fault] = true
		if _, err := faults.Lookup(m.Fault); err != nil {
			complain("%v", err)
		}
		if len(m.Breaks) == 0 || len(m.Scenarios) == 0 {
			complain("names no rule that it breaks, or no scenario")
		}
		for _, id := range slices.Concat(m.Breaks, m.Also) {
			if _, known := catalogue.Rule(id); !known {
				complain("the catalogue has no rule %s", id)
			}
		}
		for _, id := range m.Scenarios {
			if !slices.ContainsFunc(scenarios, func(s Scenario) bool { return s.ID == id }) {
				complain("there is no scenario %s", id)
			}
		}
	}
	return errors.Join(found...)
}

// Kill is what became of one mutant.
type Kill struct {
	Mutant
	Title         string        `json:"title"`
	Killed        bool          `json:"killed"`                  // every rule it breaks came out worse
	Survived      []string      `json:"survived,omitempty"`      // rules it breaks that did not come out worse
	Misattributed []string      `json:"misattributed,omitempty"` // rules outside breaks and also that failed
	By            []rules.Check `json:"by,omitempty"`            // one check for each rule broken
	Error         string        `json:"error,omitempty"`
	Took          time.Duration `json:"took"`
}

// Good tells that the mutant was killed at its rule and nowhere else.
func (k Kill) Good() bool { return k.Killed && len(k.Misattributed) == 0 && k.Error == "" }

// Matrix is the outcome of trying mutants: kills.json.
type Matrix struct {
	Schema   string   `json:"schema"` // "collaudo/mutants/1"
	Profile  string   `json:"profile"`
	Kills    []Kill   `json:"kills"`
	Unproven []string `json:"unproven"` // judged rules whose judge no mutant of this list fails
}

// TryMutants plays the clean run of the scenarios that matter, then each
// mutant's, and compares. The run folders lie in o.Out, one for each fault.
func TryMutants(ctx context.Context, o Options, list []Mutant, told func(Kill)) (*Matrix, error) {
	if err := prepareFolder(o.Out); err != nil {
		return nil, err
	}
	keys := authority.NewPool()
	clean, err := tryScenarios(ctx, o, keys, filepath.Join(o.Out, "clean"), nil, scenariosOf(list))
	if err != nil {
		return nil, err
	}
	matrix := &Matrix{Schema: "collaudo/mutants/1", Profile: string(clean.Profile), Kills: make([]Kill, len(list))}
	var group sync.WaitGroup
	var telling sync.Mutex
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, m := range list {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			if ctx.Err() != nil {
				return
			}
			k := tryMutant(ctx, o, keys, m, clean)
			telling.Lock()
			defer telling.Unlock()
			matrix.Kills[i] = k
			told(k)
		})
	}
	group.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	matrix.Unproven = unproven(clean, matrix.Kills)
	encoded, err := json.MarshalIndent(matrix, "", "  ")
	if err != nil {
		return nil, err
	}
	return matrix, os.WriteFile(filepath.Join(o.Out, "kills.json"), append(encoded, '\n'), 0o644)
}

// tryMutant plays the mutant's scenarios and compares them with the clean run.
func tryMutant(ctx context.Context, o Options, keys *authority.Pool, m Mutant, clean *rules.Result) Kill {
	began := o.Now()
	k := Kill{Mutant: m, Title: titleOf(m.Fault)}
	result, err := tryScenarios(ctx, o, keys, filepath.Join(o.Out, m.Fault), []string{m.Fault}, m.Scenarios)
	if err != nil {
		k.Error = err.Error()
	} else {
		k.compare(within(clean, m.Scenarios), result)
	}
	k.Took = o.Now().Sub(began)
	return k
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

// tryScenarios is one run of named scenarios.
func tryScenarios(ctx context.Context, o Options, keys *authority.Pool, dir string, faults, ids []string) (*rules.Result, error) {
	o.Out, o.Faults, o.Rules, o.Tags, o.Progress = dir, faults, nil, "", nil
	t, err := prepare(o, keys)
	if err != nil {
		return nil, err
	}
	t.selection.Scope = "subset"
	t.selection.Scenarios = filter(t.selection.Scenarios, func(s Scenario) bool { return slices.Contains(ids, s.ID) })
	if err := t.record(ctx); err != nil {
		return nil, err
	}
	return Judge(dir, t.options.Profile)
}

// within is a result as if only these scenarios had been played.
func within(r *rules.Result, scenarios []string) map[string]rules.Verdict {
	verdicts := map[string]rules.Verdict{}
	for _, s := range r.Scenarios {
		if !slices.Contains(scenarios, s.ID) {
			continue
		}
		for _, c := range s.Checks {
			if before, seen := verdicts[c.Rule]; !seen || c.Verdict.Worse(before) {
				verdicts[c.Rule] = c.Verdict
			}
		}
	}
	return verdicts
}

func (k *Kill) compare(clean map[string]rules.Verdict, result *rules.Result) {
	before := func(id string) rules.Verdict {
		if v, seen := clean[id]; seen {
			return v
		}
		return rules.NotExercised
	}
	for _, id := range k.Breaks {
		i := slices.IndexFunc(result.Rules, func(r rules.RuleResult) bool { return r.ID == id })
		// Only an answer about the target kills: a judge that falls silent, or a
		// harness that fails, has caught nothing.
		if i < 0 || !result.Rules[i].Verdict.Worse(before(id)) || (result.Rules[i].Verdict != rules.Fail && result.Rules[i].Verdict != rules.Warn) {
			k.Survived = append(k.Survived, id)
			continue
		}
		k.By = append(k.By, worstCheck(result.Rules[i]))
	}
	k.Killed = len(k.Survived) == 0
	for _, r := range result.Rules {
		failed := r.Verdict == rules.Fail || r.Verdict == rules.Error
		if failed && r.Verdict.Worse(before(r.ID)) && !slices.Contains(k.Breaks, r.ID) && !slices.Contains(k.Also, r.ID) {
			k.Misattributed = append(k.Misattributed, r.ID)
		}
	}
	for _, s := range result.Scenarios {
		if s.Error != "" {
			k.Error = s.ID + ": " + s.Error
		}
	}
}

func worstCheck(r rules.RuleResult) rules.Check {
	worst := r.Checks[0]
	for _, c := range r.Checks[1:] {
		if c.Verdict.Worse(worst.Verdict) {
			worst = c
		}
	}
	return worst
}

// unproven lists the rules exercised in the clean run that no mutant breaks:
// nobody has seen their judges fail on a living provider.
func unproven(clean *rules.Result, kills []Kill) []string {
	broken := map[string]bool{}
	for _, k := range kills {
		for _, c := range k.By {
			broken[c.Rule] = true
		}
	}
	list := []string{}
	for _, r := range clean.Rules {
		if (r.Verdict == rules.Pass || r.Verdict == rules.Warn) && !broken[r.ID] {
			list = append(list, r.ID)
		}
	}
	return list
}
