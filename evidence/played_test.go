package evidence

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// moment is an event of a log: when it happened, in seconds, in which scenario.
type moment struct {
	second   int
	scenario string
	kind     Type
}

func TestPlayedLeavesPausesOut(t *testing.T) {
	t.Parallel()
	const day = 24 * 60 * 60
	for _, test := range []struct {
		name string
		log  []moment
		want time.Duration
	}{
		{"nothing", []moment{{0, "", RunStarted}}, 0},
		{"in one go, with an instant between two scenarios", []moment{
			{0, "", RunStarted},
			{5, "a", ScenarioStarted},
			{7, "a", ScenarioEnded},
			{8, "b", ScenarioStarted},
			{9, "b", ScenarioEnded},
			{30, "", RunEnded},
		}, 4 * time.Second},
		{"waits, and is taken up again a day later", []moment{
			{0, "", RunStarted},
			{5, "a", ScenarioStarted},
			{7, "a", ScenarioWaits},
			{7, "a", ScenarioEnded},
			{8, "", RunEnded},
			{day, "", RunResumed},
			{day + 1, "a", ScenarioResumed},
			{day + 3, "a", ScenarioEnded},
			{day + 3, "", RunEnded},
		}, 4 * time.Second},
		{"is killed in the middle, and played again", []moment{
			{0, "", RunStarted},
			{5, "a", ScenarioStarted},
			{7, "a", StepTaken},
			{day, "", RunResumed},
			{day, "a", ScenarioAgain},
			{day + 1, "a", ScenarioStarted},
			{day + 3, "a", ScenarioEnded},
		}, 2 * time.Second}, // what was cut short may have told the time of its own world
		{"is interrupted while a world is years ahead", []moment{
			{0, "", RunStarted},
			{5, "a", ScenarioStarted},
			{6, "b", ScenarioStarted},
			{900 * day, "b", ClockMoved},
			{8, "a", ScenarioEnded},
			{900*day + 1, "b", MessageSeen},
		}, 3 * time.Second},
		{"stays, and waits while another one is played", []moment{
			{0, "", RunStarted},
			{5, "a", ScenarioStarted},
			{6, "b", ScenarioStarted},
			{7, "a", ScenarioWaits},
			{17, "b", ScenarioEnded}, // 12 s of play so far
			{day, "a", ClockMoved},
			{day + 1, "a", ScenarioEnded},
		}, 13 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var log []byte
			for _, m := range test.log {
				at := time.Date(2027, 3, 1, 10, 0, m.second, 0, time.UTC).Format(time.RFC3339)
				log = fmt.Appendf(log, `{"at":%q,"scenario":%q,"type":%q}`+"\n", at, m.scenario, m.kind)
			}
			if err := os.WriteFile(filepath.Join(dir, EventsFile), append(log, `{"at":"20`...), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := Played(dir)
			if err != nil || got != test.want {
				t.Errorf("Played = %s, %v, want %s", got, err, test.want)
			}
		})
	}
	if _, err := Played(t.TempDir()); err == nil {
		t.Error("Played says nothing of a folder without a log")
	}
}

func TestCasePlayed(t *testing.T) {
	t.Parallel()
	at := func(second int, kind Type) Event {
		return Event{Type: kind, At: time.Date(2027, 3, 1, 10, 0, second, 0, time.UTC)}
	}
	c := &Case{Events: []Event{
		at(0, ScenarioStarted), at(2, ScenarioWaits), at(3, ScenarioEnded), at(40_000, ScenarioResumed), at(40_005, ScenarioEnded),
	}}
	if got, want := c.Played(), 7*time.Second; got != want {
		t.Errorf("Played = %s, want %s", got, want)
	}
	c = &Case{Events: []Event{at(0, ScenarioStarted), at(90_000_000, ClockMoved), at(90_000_001, MessageSeen)}}
	if got := c.Played(); got != 0 {
		t.Errorf("a world that is years ahead, cut short, was played for %s", got)
	}
	if got := (&Case{}).Played(); got != 0 {
		t.Errorf("a case without events took %s", got)
	}
}
