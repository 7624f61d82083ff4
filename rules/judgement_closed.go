package rules

import (
	"fmt"
	"slices"
)

// unknownVerdict names a rule or a scenario whose verdict is no word of Order;
// "" when there is none. Nothing counts such a word, so nothing may be said of a
// run that holds one.
func (r *Result) unknownVerdict() string {
	for _, rr := range r.Rules {
		if !slices.Contains(Order(), rr.Verdict) {
			return fmt.Sprintf("rule %s came to %q, which is no verdict", rr.ID, rr.Verdict)
		}
	}
	for _, s := range r.Scenarios {
		if !slices.Contains(Order(), s.Verdict) {
			return fmt.Sprintf("scenario %s came to %q, which is no verdict", s.ID, s.Verdict)
		}
	}
	return ""
}

// ownTrouble makes the harness's trouble of a scenario what a judge holds against
// the harness's own message at a rule that nobody asked for: whoever asks for one
// rule is answered with messages that must all be what they claim to be.
func (s *ScenarioResult) ownTrouble(c Check) {
	if c.By == selfTested && c.Verdict == Error && s.Error == "" {
		s.Error = c.Rule + ": " + c.Seen
	}
}
