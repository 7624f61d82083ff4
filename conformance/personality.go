package conformance

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// coreTag marks the scenarios that together bring about every kind of message.
const coreTag = "@core"

// personality plays the scenarios with providers of one personality: all of
// them, or with the small sample the core ones. Whatever fails is a judge that
// is too strict.
func (t *mutantTrial) personality(ctx context.Context, name string) (reports.PersonalityTrial, error) {
	began := t.Now()
	p := reports.PersonalityTrial{Name: name, Title: personalityTitle(name)}
	o := t.Options
	o.Out, o.Personality = filepath.Join(t.Out, "personalities", name), name
	o.Faults, o.Rules, o.Tags, o.Progress, o.Begun = nil, nil, "", nil, nil
	if t.Sample != SampleAll {
		o.Tags = coreTag
	}
	prepared, err := prepare(o, t.keys)
	if err != nil {
		return p, err
	}
	p.Scenarios = len(prepared.selection.Scenarios)
	if err := prepared.record(ctx); err != nil {
		return p, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	result, err := Judge(o.Out, rules.Practice)
	if err != nil {
		return p, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	for _, r := range result.Rules {
		switch r.Verdict {
		case rules.Fail, rules.Error:
			p.Failed = append(p.Failed, worstCheck(r))
		case rules.Warn:
			p.Warned = append(p.Warned, r.ID)
		}
	}
	if i := slices.IndexFunc(result.Scenarios, func(s rules.ScenarioResult) bool { return s.Error != "" }); i >= 0 {
		p.Error = result.Scenarios[i].ID + ": " + result.Scenarios[i].Error
	}
	if code := ExitCode(result.Verdict); p.Error == "" && (code == ExitInvalid || code == ExitInterrupted) {
		p.Error = result.Reason // whatever the rules came to, it says nothing
	}
	p.Took = t.Now().Sub(began)
	return p, nil
}
