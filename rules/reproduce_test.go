package rules

import "testing"

func TestEveryRuleCanBeReproducedByHand(t *testing.T) {
	t.Parallel()
	catalogue, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, law := range catalogue.Rules {
		recipe, err := catalogue.Reproduce(law)
		if err != nil {
			t.Error(err)
		}
		if has := len(recipe.Stage) > 0 && len(recipe.Look) > 0; has == (law.Excluded != nil) {
			t.Errorf("%s: has a recipe: %v, is excluded: %v", law.ID, has, law.Excluded != nil)
		}
	}
}
