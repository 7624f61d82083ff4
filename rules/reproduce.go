package rules

import (
	"fmt"
	"slices"
)

const reproduceFile = "reproduce.yaml"

// Recipe is how a person reproduces a rule's case by hand.
type Recipe struct {
	Stage []string // commands that bring the case about
	Look  []string // commands that show what came of it
}

// recipes is reproduce.yaml.
type recipes struct {
	Stage    map[Seat][]string   `yaml:"stage"`
	Look     map[string][]string `yaml:"look"` // only there to be referred to
	Families map[string][]string `yaml:"families"`
}

// Reproduce says how the rule's case is brought about and looked at by hand,
// from the first of the seats that suffice for it. A rule that is excluded has
// no recipe.
func (c *Catalogue) Reproduce(law *Rule) (Recipe, error) {
	if law.Excluded != nil {
		return Recipe{}, nil
	}
	var all recipes
	if err := readYAML(catalogueData, reproduceFile, &all); err != nil {
		return Recipe{}, err
	}
	r := Recipe{Look: all.Families[law.Family]}
	if len(r.Look) == 0 {
		return Recipe{}, fmt.Errorf("rules/%s: family %s has no way to look: add it", reproduceFile, law.Family)
	}
	if len(law.Views) > 0 {
		for _, seat := range law.Views[0] {
			r.Stage = append(r.Stage, all.Stage[seat]...)
		}
	}
	if len(r.Stage) == 0 {
		return Recipe{}, fmt.Errorf("rules/%s: %s can be staged from no seat: add one of %v", reproduceFile, law.ID, law.Views)
	}
	return Recipe{slices.Clone(r.Stage), slices.Clone(r.Look)}, nil
}
