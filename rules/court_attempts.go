package rules

import (
	"fmt"
	"slices"

	"github.com/collaudo/collaudo/evidence"
)

// A scenario that was interrupted, or that did not go on in time, is played again
// from its first step. The earlier attempt asks for nothing: what it was to
// bring about had no time to come about, and only the last one is held to its
// expectations. What the target had sent by then it has sent all the same, and
// whoever begins again must not make a failure vanish.

// addEarlier counts the attempts at a scenario and adds what is held against the
// messages of those that were given up.
func (court *Court) addEarlier(s *ScenarioResult, c *evidence.Case) {
	if len(c.Earlier) == 0 {
		return
	}
	s.Attempts = len(c.Earlier) + 1
	for i, attempt := range c.Earlier {
		court.addSeen(s, attempt, i+1)
	}
	s.Verdict = AddUp(s.Verdict, verdictOf(s.Checks))
}

// addSeen adds what the judges that look at messages one by one hold against
// those of a scenario that broke off. attempt is its number where it was given
// up, 0 where it counts.
func (court *Court) addSeen(s *ScenarioResult, c *evidence.Case, attempt int) {
	if len(c.Messages) == 0 {
		return
	}
	checks, err := court.messages(c)
	if err != nil {
		why := "the messages of the scenario, which broke off, cannot be judged: " + err.Error()
		if s.Error == "" {
			s.Error = why
		}
		for _, id := range s.Rules {
			checks = append(checks, Check{Rule: id, Scenario: s.ID, By: "harness", Verdict: Error, Seen: why})
		}
	}
	for _, check := range checks {
		check.Where.Attempt = attempt
		s.Checks = append(s.Checks, check)
	}
}

// messages judges the messages of a scenario that broke off, and returns what is
// worse than a pass and no mere want. What came after the directory was read last
// is judged without one: it may be of somebody whom that did not list yet.
func (court *Court) messages(c *evidence.Case) (checks []Check, err error) {
	defer func() {
		if p := recover(); p != nil {
			checks, err = nil, fmt.Errorf("reading the evidence panicked: %v", p)
		}
	}()
	trusted, err := NewView(c.Upto(lastTrust(c) + 1))
	if err != nil {
		return nil, err
	}
	late, err := NewView(c)
	if err != nil {
		return nil, err
	}
	late.Trust, late.Trusts = nil, nil
	late.Messages = slices.DeleteFunc(late.Messages, func(m *Message) bool {
		// what was to be made of a dispatch is for the directory to say
		return m.Dispatch != nil || slices.ContainsFunc(trusted.Messages, func(earlier *Message) bool { return earlier.ID == m.ID })
	})
	for _, j := range court.Judges {
		for _, view := range []*View{trusted, late} {
			if !j.Each || view.missing(j.Needs) != "" {
				continue
			}
			for _, found := range court.ask(c.Start.ID, "judge", j.Rule, "", func(f *Findings) { j.Look(view, f) }) {
				if found.Verdict == Error || found.Verdict == Fail || found.Verdict == Warn {
					checks = append(checks, found)
				}
			}
		}
	}
	return checks, nil
}

// lastTrust is where in a scenario CA, list and directory were read last; -1:
// nowhere.
func lastTrust(c *evidence.Case) int {
	for i, e := range slices.Backward(c.Events) {
		if e.Type == evidence.TrustSeen {
			return i
		}
	}
	return -1
}
