package rules

import (
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// lacking is a scenario that the target gives no means to play: a role, a
// permission, a part of the white box. What its Then steps decide is
// inconclusive there; what it only brings about is missing there, which counts
// where nothing else brings it about. What was seen before that came out is
// judged, message by message.
func (court *Court) lacking(s ScenarioResult, c *evidence.Case) ScenarioResult {
	s.Lacking = c.End.Lacking
	need := strings.Join(s.Lacking, "; ")
	for _, id := range s.Rules {
		s.Checks = append(s.Checks, Check{Rule: id, Scenario: s.ID, By: "harness", Verdict: Inconclusive, Need: need})
	}
	for _, tag := range c.Start.Tags {
		if id, is := strings.CutPrefix(tag, "@stages:"); is {
			s.Checks = append(s.Checks, Check{Rule: id, Scenario: s.ID, By: "harness", Verdict: NotExercised, Need: need})
		}
	}
	court.addSeen(&s, c, 0)
	s.Verdict = verdictOf(s.Checks)
	return s
}
