package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// Samples of the mutants.
const (
	SampleAll    = "all"    // every mutant, and every personality in every scenario
	SampleFamily = "family" // few mutants that between them break every rule that any breaks, and every personality in the core scenarios
)

// Sample picks mutants. Family by family it takes, for every rule that some
// mutant breaks, the one that costs least: fewest scenarios, first in the list.
func Sample(name string, all []Mutant) ([]Mutant, error) {
	switch name {
	case SampleAll:
		return all, nil
	case SampleFamily:
	default:
		return nil, fmt.Errorf("%w: there is no sample %q: choose %s or %s", ErrUsage, name, SampleFamily, SampleAll)
	}
	byCost := slices.Clone(all)
	slices.SortStableFunc(byCost, func(a, b Mutant) int { return len(a.Scenarios) - len(b.Scenarios) })
	broken, chosen := map[string]bool{}, map[string]bool{}
	for _, m := range byCost {
		proves := slices.DeleteFunc(slices.Clone(m.Breaks), func(id string) bool { return broken[id] || slices.Contains(m.ByThen, id) })
		if len(proves) == 0 {
			continue
		}
		chosen[m.Fault] = true
		for _, id := range proves {
			broken[id] = true
		}
	}
	var few []Mutant
	for _, m := range all {
		if chosen[m.Fault] {
			few = append(few, m)
		}
	}
	return few, nil
}

// breakable are the rules that some mutant breaks.
func breakable(list []Mutant) map[string]bool {
	broken := map[string]bool{}
	for _, m := range list {
		for _, id := range m.Breaks {
			broken[id] = true
		}
	}
	return broken
}

// describeSample says in a word what was picked.
func describeSample(name string, only []Mutant) string {
	if name != "" {
		return name
	}
	var ids []string
	for _, m := range only {
		ids = append(ids, m.Fault)
	}
	return strings.Join(ids, " ")
}
