package conformance

import (
	"testing"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// TestWhereverItBreaksOffNothingIsHeldAgainstTheTarget cuts the scenarios of a run
// that went well at every place, as if each had been interrupted there and begun
// again: the messages of such an attempt are judged, and a sound target must come
// out as sound as it is.
func TestWhereverItBreaksOffNothingIsHeldAgainstTheTarget(t *testing.T) {
	t.Parallel()
	dir := tryPair(t, Options{Tags: "@core or @id:infected-envelope-for-two or @id:one-envelope-in-two-transactions"}).Dir
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	record, err := evidence.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	court := &rules.Court{Catalogue: catalogue, Judges: rules.Judges(), Profile: rules.Practice}
	for _, c := range record.Cases {
		t.Run(c.Start.ID, func(t *testing.T) {
			t.Parallel()
			again := *c.Upto(1)
			again.End = &evidence.End{Lacking: []string{"nothing but the attempts is looked at"}}
			for n := range c.Events {
				if n == 0 || c.Events[n-1].Type != evidence.MessageSeen || n+1 < len(c.Events) && c.Events[n].Type == evidence.MessageSeen && n%3 > 0 {
					continue // only what is seen of messages makes a difference
				}
				again.Earlier = append(again.Earlier, c.Upto(n))
			}
			for _, check := range court.Scenario(&again).Checks {
				if check.Where.Attempt > 0 && check.Verdict != rules.Warn { // a warning is one in the whole run too
					t.Errorf("%s %s in attempt %d: expected %s, seen %s", check.Rule, check.Verdict, check.Where.Attempt, check.Expected, check.Seen)
				}
			}
		})
	}
}
