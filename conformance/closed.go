package conformance

import (
	"fmt"

	messages "github.com/cucumber/messages/go/v34"
)

// What must not be green by accident, in one place: the ways in which known
// harnesses failed open are in fail_open.yaml, each with its guard and its test.

// guarded does something in which a panic must not take the program down: the
// runtime would end it with the exit code of a usage error and without a report.
func guarded(what string, do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: the harness panicked: %v", what, p)
		}
	}()
	return do()
}

// unplayable refuses what a Gherkin reader passes over in silence: a feature
// without scenarios, a scenario without steps, Examples without a row.
func unplayable(feature *messages.Feature) error {
	var scenarios []*messages.Scenario
	for _, child := range feature.Children {
		if child.Scenario != nil {
			scenarios = append(scenarios, child.Scenario)
		}
		if child.Rule == nil {
			continue
		}
		before := len(scenarios)
		for _, inner := range child.Rule.Children {
			if inner.Scenario != nil {
				scenarios = append(scenarios, inner.Scenario)
			}
		}
		if len(scenarios) == before {
			return fmt.Errorf("the rule %q holds no scenario", child.Rule.Name)
		}
	}
	if len(scenarios) == 0 {
		return fmt.Errorf("the feature %q holds no scenario", feature.Name)
	}
	for _, s := range scenarios {
		if len(s.Steps) == 0 {
			return fmt.Errorf("scenario %q (line %d) has no steps: it would try nothing", s.Name, s.Location.Line)
		}
		for _, examples := range s.Examples {
			if len(examples.TableBody) == 0 {
				return fmt.Errorf("scenario %q (line %d) has Examples without a row: nothing of them would be played", s.Name, s.Location.Line)
			}
		}
	}
	return nil
}
