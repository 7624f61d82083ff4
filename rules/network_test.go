package rules

import (
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

func TestCutFor(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	change := func(cut bool, after time.Duration, between ...string) evidence.NetworkChange {
		return evidence.NetworkChange{Between: [2]string{between[0], between[1]}, Cut: cut, At: sent.Add(after)}
	}
	for name, test := range map[string]struct {
		changes []evidence.NetworkChange
		want    time.Duration
	}{
		"never cut":              {nil, 0},
		"never whole again":      {[]evidence.NetworkChange{change(true, -time.Minute, "A", "B")}, forGood},
		"whole after two hours":  {[]evidence.NetworkChange{change(true, -time.Minute, "B", "A"), change(false, 2*time.Hour, "A", "B")}, 2 * time.Hour},
		"whole before":           {[]evidence.NetworkChange{change(true, -2*time.Hour, "A", "B"), change(false, -time.Hour, "A", "B")}, 0},
		"cut afterwards":         {[]evidence.NetworkChange{change(true, time.Hour, "A", "B")}, 0},
		"others":                 {[]evidence.NetworkChange{change(true, -time.Minute, "A", "C")}, 0},
		"others are whole again": {[]evidence.NetworkChange{change(true, -time.Minute, "A", "B"), change(false, time.Hour, "A", "C")}, forGood},
	} {
		if got := cutFor(test.changes, "A", "B", sent); got != test.want {
			t.Errorf("%s: cut for %v, want %v", name, got, test.want)
		}
	}
}
