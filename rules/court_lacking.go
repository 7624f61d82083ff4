package rules

import (
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// lacking is a scenario that the target gives no means to play: a role, a
// permission, a part of the white box. What its Then steps decide is
// inconclusive there; what it only brings about is missing there, which counts
// where nothing else brings it about.
func (court *Court) lacking(s ScenarioResult, start *evidence.Start, needs []string) ScenarioResult {
	s.Lacking = needs
	need := strings.Join(needs, "; ")
	for _, id := range s.Rules {
		s.Checks = append(s.Checks, Check{Rule: id, Scenario: s.ID, By: "harness", Verdict: Inconclusive, Need: need})
	}
	for _, tag := range start.Tags {
		if id, is := strings.CutPrefix(tag, "@stages:"); is {
			s.Checks = append(s.Checks, Check{Rule: id, Scenario: s.ID, By: "harness", Verdict: NotExercised, Need: need})
		}
	}
	s.Verdict = verdictOf(s.Checks)
	return s
}
