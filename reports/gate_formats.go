package reports

import (
	"fmt"
	"path/filepath"

	"github.com/collaudo/collaudo/rules"
)

// junitKnown names known failures where JUnit's readers look for what belongs to a
// suite: as properties. The failures stay failures.
func junitKnown(root *junitSuites, result *rules.Result, gate *Gate) {
	if gate == nil {
		return
	}
	name := func(suite, key, value string) {
		for i := range root.Suites {
			if s := &root.Suites[i]; s.Name == suite {
				if s.Properties == nil {
					s.Properties = &junitProperties{}
				}
				s.Properties.List = append(s.Properties.List, junitProperty{key, value})
			}
		}
	}
	features := map[string]string{}
	for _, s := range result.Scenarios {
		features[s.ID] = s.Feature
	}
	for _, e := range gate.Entries {
		if e.Fails && e.Standing == KnownFails {
			name(features[e.Scenario], "known-issue", e.Scenario+" "+e.Check+": "+e.words())
		}
	}
	last := root.Suites[len(root.Suites)-1].Name // that of the verdict
	name(last, "baseline", filepath.Base(gate.Baseline)+": "+gate.Reason)
	name(last, "exit-code", fmt.Sprint(gate.Code))
}

// baseline annotates what a baseline makes of a run.
func (g annotator) baseline() {
	if g.gate == nil {
		return
	}
	kind := "notice"
	if g.gate.Standing == GateOutdated {
		kind = "error"
	}
	g.command(kind, fmt.Sprintf("Baseline: exit code %d", g.gate.Code), sentence(printable(g.gate.Reason)))
}
