package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
)

// TestAWaitingScenarioConcludesNothing: what has been seen so far may even be
// right; half a wait looks like silence all the same.
func TestAWaitingScenarioConcludesNothing(t *testing.T) {
	t.Parallel()
	catalogue, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	until := time.Date(2026, 7, 1, 20, 0, 0, 0, time.UTC)
	for _, present := range []bool{false, true} {
		c := &evidence.Case{
			Start:        evidence.Start{ID: "silence", Rules: []string{"PEC-TMO-001", "PEC-TMO-002"}},
			Expectations: []evidence.Expectation{{ID: "e1", Check: "accepted"}},
			End:          &evidence.End{Waiting: &evidence.Waiting{Until: until, Latest: until.Add(30 * time.Minute), Present: present}},
		}
		s := (&Court{Catalogue: catalogue, Judges: Judges(), Profile: Practice}).Scenario(c)
		var got []string
		for _, check := range s.Checks {
			got = append(got, check.Rule+" "+string(check.Verdict))
			if !strings.Contains(check.Need, "1 July 2026 22:00 CEST") || strings.Contains(check.Need, "--wait") != present {
				t.Errorf("need %q", check.Need)
			}
		}
		if diff := cmp.Diff([]string{"PEC-TMO-001 inconclusive", "PEC-TMO-002 inconclusive"}, got); diff != "" {
			t.Errorf("checks (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(c.End.Waiting, s.Waiting); diff != "" {
			t.Errorf("what it waits for, which reports say (-want +got):\n%s", diff)
		}
		if s.Verdict != Inconclusive || s.Error != "" {
			t.Errorf("the scenario is %s (%s), want inconclusive", s.Verdict, s.Error)
		}
	}
}
