package conformance

import (
	"testing"

	"github.com/collaudo/collaudo/simulator/faults"
)

// A fault that is neither a mutant nor excused is one that nobody tries: it may
// have stopped doing anything long ago.
func TestEveryFaultIsAMutantOrHasAReason(t *testing.T) {
	t.Parallel()
	mutants, err := Mutants()
	if err != nil {
		t.Fatal(err)
	}
	excused, err := NotMutants()
	if err != nil {
		t.Fatal(err)
	}
	known, why := map[string]bool{}, map[string]string{}
	for _, m := range mutants {
		known[m.Fault] = true
	}
	for _, n := range excused {
		switch {
		case n.Reason == "":
			t.Errorf("%s: excused without a reason", n.Fault)
		case known[n.Fault]:
			t.Errorf("%s is a mutant, and excused from being one", n.Fault)
		case why[n.Fault] != "":
			t.Errorf("%s is excused twice", n.Fault)
		}
		why[n.Fault] = n.Reason
	}
	for _, f := range faults.Catalogue() {
		if !known[f.ID] && why[f.ID] == "" {
			t.Errorf("%s (%s) is no mutant: say in conformance/mutants what it breaks, or in %s why nothing", f.ID, f.Title, notMutantsFile)
		}
		delete(why, f.ID)
	}
	for id := range why {
		t.Errorf("%s is excused, and no fault of the simulator", id)
	}
}
