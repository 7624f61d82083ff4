package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/conformance"
)

// watch is a clock that stands until it is moved on.
type watch struct{ at time.Time }

func (w *watch) now() time.Time { return w.at }

func TestProgressInALog(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	w := &watch{time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)}
	m := newMeter(&b, screen{width: 80}, w.now)
	m.begin(40)
	for i := 1; i <= 40; i++ {
		w.at = w.at.Add(500 * time.Millisecond)
		p := conformance.Progress{Done: i, Total: 40, Scenario: "some-scenario"}
		if i == 10 {
			p.Error = "no route"
		}
		if i == 20 { // nothing happens for a while
			w.at = w.at.Add(meterSays)
			m.tick()
		}
		m.show(p)
	}
	m.end()
	want := `  played 8 of 40 scenarios in 4.0 s, about 15 s left
  harness: some-scenario: no route
  played 16 of 40 scenarios in 8.0 s, about 10 s left
  played 19 of 40 scenarios in 40.0 s, about 45 s left
  played 24 of 40 scenarios in 42.0 s, about 30 s left
  played 32 of 40 scenarios in 46.0 s, about 10 s left
  played 40 scenarios in 50.0 s; judging what was seen, writing the report
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// On a terminal the line moves within its own line, whatever its width and
// however long a name is, and leaves nothing behind.
func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	for _, width := range []int{40, 80, 120} {
		var b strings.Builder
		w := &watch{time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)}
		m := newMeter(&b, screen{terminal: true, width: width}, w.now)
		m.begin(30)
		for i := 1; i < 30; i++ {
			w.at = w.at.Add(time.Second)
			m.show(conformance.Progress{Done: i, Total: 30, Scenario: strings.Repeat("long-", i%7) + "name"})
		}
		before := b.Len()
		m.end()
		if strings.Contains(b.String(), "\n") {
			t.Errorf("width %d: it goes to the next line", width)
		}
		for part := range strings.SplitSeq(b.String(), "\r") {
			if n := utf8.RuneCountInString(part); n >= width {
				t.Errorf("width %d: %d columns: %q", width, n, part)
			}
		}
		if last := shown(b.String()); last != "" {
			t.Errorf("width %d: it leaves %q on the line", width, last)
		}
		if line := shown(b.String()[:before]); width > 60 && (!strings.Contains(line, "29 of 30, about 1 s left") || !strings.Contains(line, "name")) {
			t.Errorf("width %d: the last line is %q", width, line)
		}
	}
}

// What follows the playing is told too: on a terminal by the line that moves, in a
// log only when it takes long.
func TestProgressAfterThePlaying(t *testing.T) {
	t.Parallel()
	play := func(s screen) (*watch, *meter, *strings.Builder) {
		var b strings.Builder
		w := &watch{time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)}
		m := newMeter(&b, s, w.now)
		m.begin(1)
		m.show(conformance.Progress{Done: 1, Total: 1})
		return w, m, &b
	}
	w, m, b := play(screen{terminal: true, width: 80})
	b.Reset()
	for _, test := range []struct {
		stage conformance.Stage
		want  string
	}{
		{conformance.StageJudging, "judging what was seen, for 7s"},
		{conformance.StageWriting, "writing the report, for 7s"},
	} {
		m.stage(test.stage)
		w.at = w.at.Add(7 * time.Second)
		m.tick()
		m.mu.Lock() // the line is drawn anew each second
		got := shown(b.String())
		m.mu.Unlock()
		if got != test.want {
			t.Errorf("the terminal shows %q, want %q", got, test.want)
		}
	}
	if m.end(); shown(b.String()) != "" || strings.Contains(b.String(), "\n") {
		t.Errorf("it leaves %q", b.String())
	}

	w, m, b = play(screen{width: 80})
	b.Reset()
	m.stage(conformance.StageJudging)
	w.at = w.at.Add(meterSays - time.Second)
	m.tick()
	m.stage(conformance.StageWriting)
	w.at = w.at.Add(meterSays)
	m.tick()
	m.end()
	if want := "  still writing the report, for 30.0 s\n"; b.String() != want {
		t.Errorf("the log says %q, want %q", b.String(), want)
	}
}

// shown is what a line of a terminal shows after all that was written to it.
func shown(text string) string {
	var line []rune
	column := 0
	for _, r := range text {
		if r == '\r' {
			column = 0
			continue
		}
		if column < len(line) {
			line[column] = r
		} else {
			line = append(line, r)
		}
		column++
	}
	return strings.TrimSpace(string(line))
}

// Where scenarios wait for legal time, nobody knows how long it takes.
func TestProgressDoesNotGuess(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	w := &watch{time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)}
	m := newMeter(&b, screen{width: 80}, w.now)
	m.begin(20)
	w.at = w.at.Add(meterForecast / 2)
	m.show(conformance.Progress{Done: 10, Total: 20})
	w.at = w.at.Add(time.Minute)
	m.wait("  late waits until tomorrow\n")
	m.show(conformance.Progress{Done: 15, Total: 20})
	m.end()
	want := "  played 10 of 20 scenarios in 1.0 s\n  late waits until tomorrow\n  played 15 of 20 scenarios in 1m1s, 1 waits for legal time\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAbout(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		d    time.Duration
		want string
	}{
		{0, "about 1 s"},
		{4400 * time.Millisecond, "about 4 s"},
		{12 * time.Second, "about 10 s"},
		{13 * time.Second, "about 15 s"},
		{89 * time.Second, "about 90 s"},
		{100 * time.Second, "about 2 min"},
		{45 * time.Minute, "about 45 min"},
		{3 * time.Hour, "about 3 h"},
	} {
		if got := about(test.d); got != test.want {
			t.Errorf("%s: %q, want %q", test.d, got, test.want)
		}
	}
}

// The line is drawn from two places: run with -race.
func TestProgressFromTwoPlaces(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	m := newMeter(&b, screen{terminal: true, width: 80}, time.Now)
	m.begin(200)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 100 {
			m.tick()
		}
	}()
	for i := 1; i <= 200; i++ {
		m.show(conformance.Progress{Done: i, Total: 200, Scenario: fmt.Sprint("scenario-", i)})
	}
	<-done
	m.end()
	m.tick() // after the end nothing is drawn
	if got := b.String(); !strings.Contains(got[max(0, len(got)-80):], "played 200 scenarios in ") || !strings.HasSuffix(got, " s\n") {
		t.Errorf("it ends with %q", got[max(0, len(got)-80):])
	}
}

// A run that was told to end tells no trouble of the harness, and no more of
// how long it takes.
func TestProgressOfARunCutShort(t *testing.T) {
	t.Parallel()
	for _, terminal := range []bool{false, true} {
		var b strings.Builder
		w := &watch{time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)}
		m := newMeter(&b, screen{terminal: terminal, width: 80}, w.now)
		m.begin(20)
		w.at = w.at.Add(time.Minute)
		m.show(conformance.Progress{Done: 1, Total: 20, Scenario: "one", Error: cutShort})
		w.at = w.at.Add(time.Hour)
		m.tick()
		m.show(conformance.Progress{Done: 2, Total: 20, Scenario: "two", Error: cutShort})
		m.end()
		if got := shown(b.String()); got != "" || strings.Contains(b.String(), "harness") {
			t.Errorf("terminal %t: it says %q", terminal, b.String())
		}
	}
}
