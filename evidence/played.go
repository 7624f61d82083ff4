package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"
)

// Played is how long the scenarios of a run took, on the clock of the run: from
// the first event of one to the last, without the time in which none was being
// played because the run had been left, or because all that was left waited for
// legal time to pass. A log that was cut short is read as far as it goes.
func Played(dir string) (time.Duration, error) {
	began, ended, err := Span(dir)
	if err != nil || !ended.After(began) {
		return 0, err
	}
	octets, err := ReadPlain(filepath.Join(dir, EventsFile), maxLog)
	if err != nil {
		return 0, fmt.Errorf("read the event log: %w", err)
	}
	return ended.Sub(began) - pauses(octets), nil
}

// pauses adds up the gaps of a log in which no scenario was being played. Only a
// log that tells of waiting, or of a run taken up again, has any that count: the
// instant between two scenarios belongs to playing them.
func pauses(octets []byte) (total time.Duration) {
	marked := false
	for _, kind := range []Type{RunResumed, ScenarioWaits} {
		marked = marked || bytes.Contains(octets, []byte(`"type":"`+string(kind)+`"`))
	}
	if !marked {
		return 0
	}
	var last time.Time // of an event of a scenario; zero: none yet
	playing, waited := map[string]bool{}, map[string]bool{}
	for line := range bytes.Lines(octets) {
		var e struct {
			At       time.Time `json:"at"`
			Scenario string    `json:"scenario"`
			Type     Type      `json:"type"`
		}
		if json.Unmarshal(line, &e) != nil {
			break // half a line, at the end
		}
		if e.Type == RunResumed {
			clear(playing) // what was in the middle was left there
		}
		waited[e.Scenario] = waited[e.Scenario] || e.Type == ScenarioWaits // it has no clock of its own
		if e.Scenario == "" || !onRunsClock(e.Type) && !waited[e.Scenario] {
			continue
		}
		if len(playing) == 0 && !last.IsZero() {
			total += e.At.Sub(last)
		}
		last = e.At
		if pausesAfter(e.Type) {
			delete(playing, e.Scenario)
		} else {
			playing[e.Scenario] = true
		}
	}
	return total
}

// onRunsClock tells that events of this type bear the time of the run. The others
// of a scenario bear the legal time of its own world, which may be years away.
func onRunsClock(t Type) bool {
	return t == ScenarioStarted || t == ScenarioResumed || pausesAfter(t)
}

// pausesAfter tells that nothing of a scenario is played between an event of
// this type and its next one.
func pausesAfter(t Type) bool {
	return t == ScenarioWaits || t == ScenarioEnded || t == ScenarioAgain
}

// Played is how long the scenario took on the clock of the run, without the time
// in which it waited for legal time to pass or for the run to be taken up again.
func (c *Case) Played() time.Duration {
	var total time.Duration
	var last *Event
	for i, e := range c.Events {
		if !onRunsClock(e.Type) {
			continue
		}
		if last != nil && !pausesAfter(last.Type) {
			total += e.At.Sub(last.At)
		}
		last = &c.Events[i]
	}
	return max(total, 0)
}
