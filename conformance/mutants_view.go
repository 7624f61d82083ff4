package conformance

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/steps"
)

// ViewOpaque tries mutants as a real system is judged: each is a process of its
// own, seen through its public protocols only.
const ViewOpaque = "opaque"

// Views names the views through which mutants can be tried; "" sees the inside.
func Views() []string { return []string{ViewOpaque} }

// TryMutantsOf plays the mutants in processes of their own, started from
// program, and judges each through a view. Which mutants the view cannot see,
// and why, is worked out and told: before a world is started from what judges
// need and scenarios ask of the target, afterwards from what the clean run left
// unanswered. The sample family takes one mutant of each family of rules that
// the view can see.
func TryMutantsOf(ctx context.Context, o MutantTrial, view, program string) (*reports.Matrix, error) {
	if !slices.Contains(Views(), view) {
		return nil, fmt.Errorf("%w: there is no view %q: choose %s", ErrUsage, view, strings.Join(Views(), ", "))
	}
	began := o.Now()
	if err := prepareFolder(o.Out); err != nil {
		return nil, err
	}
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return nil, err
	}
	t := &viewTrial{mutantTrial: mutantTrial{MutantTrial: o, keys: authority.NewPool()}, twin: twin{program, newPorts()}}
	for _, law := range catalogue.Rules {
		t.columns = append(t.columns, law.ID)
	}
	matrix := &reports.Matrix{
		Schema: reports.MatrixSchema, Profile: string(rules.Practice), Sample: describeSample(o.Sample, o.Mutants), View: view,
		Seed: o.Seed, Rules: t.columns, Unbroken: []string{}, Unproven: []string{},
	}
	if matrix.Unseen, err = t.beforehand(ctx); err != nil {
		return nil, err
	}
	matrix.Unseen = append(matrix.Unseen, t.look()...)
	for _, k := range t.tryAll(ctx, t.try) {
		if len(k.Breaks) == 0 { // none of its rules was seen where it was played
			matrix.Unseen = append(matrix.Unseen, reports.Unseen{Fault: k.Fault, Title: k.Title, Breaks: k.Blind, Why: k.Error})
			continue
		}
		matrix.Kills = append(matrix.Kills, k)
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w: there is no matrix of it", ErrInterrupted)
	}
	matrix.Took = o.Now().Sub(began)
	return matrix, reports.WriteMatrix(o.Out, matrix, catalogue, o.Language)
}

// viewTrial is a trial of mutants through a view.
type viewTrial struct {
	mutantTrial
	twin twin
	seen *judged // the clean run
}

// beforehand leaves out the mutants that cannot be seen by what is known before
// anything is played, picks the sample, and plays the clean run of the rest.
func (t *viewTrial) beforehand(ctx context.Context) ([]reports.Unseen, error) {
	target, end, err := t.twin.start(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer end()
	all, err := Scenarios()
	if err != nil {
		return nil, err
	}
	sight := newSight(target, all)
	var visible []Mutant
	var unseen []reports.Unseen
	for _, m := range t.Mutants {
		if why := sight.blindTo(m); why != "" {
			unseen = append(unseen, unseenOf(m, why))
			continue
		}
		visible = append(visible, m)
	}
	if t.Sample == SampleFamily {
		visible = onePerFamily(visible, sight)
	}
	t.Mutants = visible
	scenarios := scenariosOf(t.Mutants)
	if t.Playing != nil {
		t.Playing(len(t.Mutants), len(scenarios), 0)
	}
	dir := filepath.Join(t.Out, "clean")
	if err := t.play(ctx, dir, target, scenarios); err != nil {
		return nil, err
	}
	t.seen, err = judgeCases(dir)
	return unseen, err
}

// play is one run of named scenarios against a target.
func (t *viewTrial) play(ctx context.Context, dir string, target *steps.Target, ids []string) error {
	o := t.Options
	o.Out, o.Target, o.Rules, o.Tags, o.Progress, o.Begun = dir, target, nil, "", nil, nil
	prepared, err := prepare(o, t.keys)
	if err != nil {
		return err
	}
	prepared.selection.Scope = "subset"
	prepared.selection.Scenarios = filter(prepared.selection.Scenarios, func(s Scenario) bool { return slices.Contains(ids, s.ID) })
	if err := prepared.reach(ctx); err != nil {
		return errors.Join(err, prepared.abandon())
	}
	return prepared.record(ctx)
}

// look narrows every mutant to the rules that the clean run answered for, in the
// scenarios that it played; what it narrows to nothing cannot be seen.
func (t *viewTrial) look() []reports.Unseen {
	var unseen []reports.Unseen
	t.Mutants = slices.DeleteFunc(slices.Clone(t.Mutants), func(m Mutant) bool {
		seen, why := t.seen.answers(m)
		if len(seen) == 0 {
			unseen = append(unseen, unseenOf(m, why))
		}
		return len(seen) == 0
	})
	return unseen
}

// answers are the rules a mutant breaks that the clean run answered for in its
// scenarios, and why not all of them.
func (j *judged) answers(m Mutant) (seen []string, why string) {
	reasons := map[string]bool{}
	for _, rule := range m.Breaks {
		answered := false
		for _, id := range m.Scenarios {
			if why := notPlayed(j.ends[id]); why != "" {
				reasons[why] = true
				continue
			}
			r := of(byRule(j.cases[id].Checks), rule)
			switch {
			case r.verdict != rules.NotExercised && r.verdict != rules.Inconclusive && r.verdict != rules.Error:
				answered = true
			case r.need != "":
				reasons[r.need] = true
			case r.seen != "":
				reasons[r.seen] = true
			}
		}
		if answered {
			seen = append(seen, rule)
		}
	}
	if len(seen) == 0 && len(reasons) == 0 {
		reasons["its scenarios bring the case about in no way that this view sees"] = true
	}
	return seen, strings.Join(slices.Sorted(maps.Keys(reasons)), "; ")
}

// try plays a mutant in a process of its own, and compares. A rule that it
// breaks and that came out as before is not held against the judges where a
// scenario in which the fault shows could not be played.
func (t *viewTrial) try(ctx context.Context, m Mutant) reports.Kill {
	began := t.Now()
	seen, why := t.seen.answers(m)
	narrowed := m
	narrowed.Breaks = seen
	narrowed.Also = slices.Concat(m.Also, without(m.Breaks, seen))
	narrowed.Scenarios = slices.DeleteFunc(slices.Clone(m.Scenarios), func(id string) bool {
		return t.seen.ends[id] == nil || notPlayed(t.seen.ends[id]) != ""
	})
	k := newKill(narrowed)
	k.Blind = without(m.Breaks, seen)
	dir := filepath.Join(t.Out, "mutants", m.Fault)
	err := t.tryOne(ctx, &k, narrowed, dir)
	if err == nil && k.Error == "" {
		if excused(&k, t.seen.result, len(narrowed.Scenarios) < len(m.Scenarios), why); len(k.Breaks) == 0 {
			return k
		}
	}
	if err == nil && k.Good() {
		err = keepWhatKills(dir, k.By)
	}
	if err != nil {
		k.Error = err.Error()
	}
	k.Took = t.Now().Sub(began)
	return k
}

// excused takes off a mutant the rules at which it survives for want of
// something: a scenario that could not be played, or a place where their judge
// looks too. A rule that the clean run passes is never excused: there the view
// says that it saw enough. When no rule is left, Error says what is lacking.
func excused(k *reports.Kill, clean *rules.Result, partly bool, why string) {
	var blind []string
	for _, rule := range k.Survived {
		if passes(clean, rule) {
			continue
		}
		needs := usesInside(rule)
		if needs != "" {
			why = needs
		}
		if partly || needs != "" {
			blind = append(blind, rule)
		}
	}
	k.Blind, k.Breaks, k.Survived = slices.Concat(k.Blind, blind), without(k.Breaks, blind), without(k.Survived, blind)
	if k.Killed = len(k.Survived) == 0 && len(k.Breaks) > 0; len(k.Breaks) == 0 {
		k.Error = "it shows only where the view lacks " + why
	}
}

// passes tells that a run has nothing against a rule, and leaves nothing open.
func passes(r *rules.Result, rule string) bool {
	return slices.ContainsFunc(r.Rules, func(one rules.RuleResult) bool {
		return one.ID == rule && (one.Verdict == rules.Pass || one.Verdict == rules.Warn)
	})
}

func (t *viewTrial) tryOne(ctx context.Context, k *reports.Kill, m Mutant, dir string) error {
	target, end, err := t.twin.start(ctx, []string{m.Fault})
	if err != nil {
		return err
	}
	defer end()
	if err := t.play(ctx, dir, target, m.Scenarios); err != nil {
		return err
	}
	after, err := judgeCases(dir)
	if err != nil {
		return err
	}
	compare(k, within(t.seen.result, m.Scenarios), after.result, t.columns)
	for id, end := range after.ends {
		if end == nil || notPlayed(end) != "" {
			return fmt.Errorf("scenario %s could be played without the fault and not with it", id)
		}
	}
	return nil
}

func without(list, some []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(some, s) })
}

func unseenOf(m Mutant, why string) reports.Unseen {
	return reports.Unseen{Fault: m.Fault, Title: titleOf(m.Fault), Breaks: m.Breaks, Why: why}
}
