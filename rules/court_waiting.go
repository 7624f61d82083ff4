package rules

import (
	"fmt"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// waiting is a scenario that waits for legal time to pass. What it has seen so
// far says nothing yet: half a wait looks like silence.
func (court *Court) waiting(s ScenarioResult, w *evidence.Waiting) ScenarioResult {
	s.Waiting = w
	need := WaitNeed(w)
	for _, id := range s.Rules {
		s.Checks = append(s.Checks, Check{Rule: id, Scenario: s.ID, By: "harness", Verdict: Inconclusive, Need: need})
	}
	s.Verdict = verdictOf(s.Checks)
	return s
}

// WaitNeed says in words what a waiting scenario needs to go on.
func WaitNeed(w *evidence.Waiting) string {
	const form = "2 January 2006 15:04 MST"
	from, latest := w.Until.In(pec.Zone()), w.Latest.In(pec.Zone())
	if w.Present {
		return fmt.Sprintf("legal time until %s, with the harness there all the while (run --wait): the target may come back to a provider that it plays", from.Format(form))
	}
	return fmt.Sprintf("legal time until %s: the run goes on with --resume between then and %s", from.Format(form), latest.Round(time.Second).Format(form))
}
