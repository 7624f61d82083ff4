package conformance

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// ErrUsage marks trouble of whoever asked: an unknown rule, tag or fault,
// nothing selected, an output that cannot be written. Exit code 2.
var ErrUsage = errors.New("usage")

// Selection is what a run was asked to look at.
type Selection struct {
	Rules     []string // every rule asked for, families spelled out; empty: all
	Scenarios []Scenario
	Scope     string // "full", "subset" when something was left out, or "shard"
	Shard     *evidence.Shard
	// Common are the rules asked for that no scenario stages by name, since every
	// message has to keep them: see Core.
	Common []string
}

// Core counts the scenarios that are played for the common rules alone.
func (s Selection) Core() int {
	if len(s.Common) == 0 {
		return 0
	}
	return len(filter(s.Scenarios, func(one Scenario) bool { return !slices.ContainsFunc(s.Rules, one.stages) }))
}

// choose picks the scenarios for rule ids or families (PEC-AP-005, AP) and a
// tag expression. It refuses what it does not know: a typo must not end in a
// green run of nothing.
func choose(all []Scenario, catalogue *rules.Catalogue, asked []string, tags string) (Selection, error) {
	chosen := Selection{Scenarios: all, Scope: "full"}
	if len(asked) > 0 {
		ids, err := expand(catalogue, asked)
		if err != nil {
			return Selection{}, err
		}
		chosen.Rules, chosen.Scope = ids, "subset"
		chosen.Scenarios, chosen.Common = exercising(all, ids), common(all, ids)
	}
	if tags != "" {
		expression, err := parseTags(tags)
		if err != nil {
			return Selection{}, fmt.Errorf("%w: %w", ErrUsage, err)
		}
		for _, name := range expression.names {
			if !slices.ContainsFunc(all, func(s Scenario) bool { return slices.Contains(s.Tags, name) }) {
				return Selection{}, fmt.Errorf("%w: no scenario carries the tag %s; the tags in use are %s", ErrUsage, name, strings.Join(topics(all), ", "))
			}
		}
		chosen.Scope = "subset"
		chosen.Scenarios = filter(chosen.Scenarios, func(s Scenario) bool { return expression.matches(s.Tags) })
	}
	if len(chosen.Scenarios) == 0 {
		return Selection{}, fmt.Errorf("%w: nothing selected: no scenario matches both --rule %s and --tags %q", ErrUsage, strings.Join(asked, ","), tags)
	}
	return chosen, nil
}

// expand turns rule ids and family names into rule ids.
func expand(catalogue *rules.Catalogue, asked []string) ([]string, error) {
	laws, err := catalogue.Select(asked...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	var ids []string
	for _, law := range laws {
		ids = append(ids, law.ID)
	}
	return ids, nil
}

// exercising returns the scenarios for these rules: those that stage one, and
// for a rule that no scenario stages by name (what every message must keep)
// the core scenarios, which together emit every kind of message.
func exercising(all []Scenario, ids []string) []Scenario {
	needCore := len(common(all, ids)) > 0
	return filter(all, func(s Scenario) bool {
		return needCore && slices.Contains(s.Tags, "@core") || slices.ContainsFunc(ids, s.stages)
	})
}

// common are the rules that no scenario stages by name.
func common(all []Scenario, ids []string) []string {
	var list []string
	for _, id := range ids {
		if !slices.ContainsFunc(all, func(s Scenario) bool { return s.stages(id) }) {
			list = append(list, id)
		}
	}
	return list
}

// stages tells that the scenario brings the rule's case about: its Then decides
// it (@PEC-…), or it leaves the decision to the judge (@stages:PEC-…).
func (s Scenario) stages(id string) bool {
	return slices.Contains(s.Rules, id) || slices.Contains(s.Tags, "@stages:"+id)
}

func filter(all []Scenario, keep func(Scenario) bool) []Scenario {
	var kept []Scenario
	for _, s := range all {
		if keep(s) {
			kept = append(kept, s)
		}
	}
	return kept
}

// topics lists the tags that are neither ids nor rules.
func topics(all []Scenario) []string {
	var names []string
	for _, s := range all {
		for _, tag := range s.Tags {
			if !strings.HasPrefix(tag, "@id:") && !strings.HasPrefix(tag, "@PEC-") && !strings.HasPrefix(tag, "@stages:") {
				names = append(names, tag)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
