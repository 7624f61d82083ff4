package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/conformance"
)

// How often a run says how far it is.
const (
	meterRedraw    = time.Second      // the moving line of a terminal
	meterSays      = 30 * time.Second // elsewhere, where nothing else was said meanwhile
	meterForecast  = 2 * time.Second  // how long a run has to last before it says how long it will
	meterBar       = 24
	meterParts     = 5  // parts of a run after each of which a line is printed
	meterPartsFrom = 20 // scenarios: of fewer, no part is worth a line
)

// cutShort is what a scenario is told to be that was under way when the run was
// told to end.
const cutShort = "interrupted"

// meter shows how far a run is and how long it will take: on a terminal one
// line that moves, elsewhere a plain line now and then.
type meter struct {
	out    io.Writer
	screen screen
	now    func() time.Time

	mu     sync.Mutex
	began  time.Time
	last   conformance.Progress // what was told last
	parts  int                  // parts told so far
	told   time.Time            // when a plain line was printed last
	doing  string               // what the run does once all was played; "": it plays
	since  time.Time            // when it began that
	waits  int                  // scenarios that wait for legal time
	drawn  int                  // letters of the moving line; 0: there is none
	ticker *time.Ticker
	ended  chan struct{}
}

func newMeter(out io.Writer, s screen, now func() time.Time) *meter {
	return &meter{out: out, screen: s, now: now}
}

// begin starts the clock. Call it when the first scenario begins, and end when
// nothing is played any more.
func (m *meter) begin(scenarios int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ticker != nil {
		return
	}
	m.began = m.now()
	m.told, m.last.Total = m.began, scenarios
	m.start()
}

// start lets the line move, from now until stop.
func (m *meter) start() {
	m.ticker, m.ended = time.NewTicker(meterRedraw), make(chan struct{})
	go func(ticks <-chan time.Time, ended <-chan struct{}) {
		for {
			select {
			case <-ended:
				return
			case <-ticks:
				m.tick()
			}
		}
	}(m.ticker.C, m.ended)
	if m.screen.terminal {
		m.draw()
	}
}

// tick lets the line of a terminal move while a scenario takes its time, and
// has the log of a pipeline say that something still happens.
func (m *meter) tick() {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.ticker == nil:
	case m.screen.terminal:
		m.draw()
	case m.now().Sub(m.told) >= meterSays:
		m.plain()
	}
}

// show takes in that one more scenario has been played.
func (m *meter) show(p conformance.Progress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ticker == nil {
		return // it was cut short
	}
	if p.Error == cutShort { // no trouble of the harness, and nothing is left to wait for
		m.stop()
		return
	}
	m.last = p
	if p.Error != "" {
		m.erase()
		fmt.Fprintf(m.out, "  harness: %s: %s\n", p.Scenario, p.Error)
	}
	if p.Done == p.Total {
		m.stop()
		text := fmt.Sprintf("played %s in %s", several(p.Total, "scenario"), exact(m.now().Sub(m.began)))
		if !m.screen.terminal { // there a line that moves says so
			text += "; judging what was seen, writing the report"
		}
		fmt.Fprintln(m.out, "  "+wrap(text, m.screen.width-2, 2))
		return
	}
	if m.screen.terminal {
		m.draw()
		return
	}
	if part := meterParts * p.Done / p.Total; part > m.parts && p.Total >= meterPartsFrom {
		m.parts = part
		m.plain()
	}
}

// stage shows what the run does when all was played, or when it was cut short: a
// large run judges and writes for many seconds, and must not seem to hang.
func (m *meter) stage(s conformance.Stage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stop()
	m.doing = "judging what was seen"
	if s == conformance.StageWriting {
		m.doing = "writing the report"
	}
	m.since = m.now()
	m.told = m.since
	m.start()
	if m.screen.terminal {
		m.draw()
	}
}

// wait prints that a scenario waits for legal time: from then on nobody knows
// how long the run takes.
func (m *meter) wait(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.erase()
	m.waits++
	fmt.Fprint(m.out, text)
}

// end takes the moving line away, when a run ends before all was played.
func (m *meter) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stop()
}

func (m *meter) stop() {
	m.erase()
	if m.ticker != nil {
		m.ticker.Stop()
		close(m.ended)
		m.ticker = nil
	}
}

func (m *meter) plain() {
	m.told = m.now()
	if m.doing != "" {
		fmt.Fprintf(m.out, "  still %s, for %s\n", m.doing, exact(m.told.Sub(m.since)))
		return
	}
	fmt.Fprintf(m.out, "  played %d of %d scenarios in %s%s\n", m.last.Done, m.last.Total, exact(m.told.Sub(m.began)), m.left())
}

// draw writes the moving line over itself, within one line of the terminal.
func (m *meter) draw() {
	if m.doing != "" {
		m.write(fmt.Sprintf("  %s, for %s", m.doing, m.now().Sub(m.since).Round(time.Second)))
		return
	}
	total := max(m.last.Total, 1)
	filled := meterBar * m.last.Done / total
	line := fmt.Sprintf("  %s%s %d of %d%s", strings.Repeat("█", filled), strings.Repeat("░", meterBar-filled), m.last.Done, m.last.Total, m.left())
	if m.last.Scenario != "" {
		line += "  " + m.last.Scenario
	}
	m.write(line)
}

// write puts a line over the one that moves.
func (m *meter) write(line string) {
	letters := []rune(line)
	if room := m.screen.width - 1; len(letters) > room { // in the last column many terminals go to the next line
		letters = letters[:room]
	}
	fmt.Fprintf(m.out, "\r%s%s", string(letters), strings.Repeat(" ", max(0, m.drawn-len(letters))))
	m.drawn = len(letters)
}

// erase takes the moving line away, so that a line can be printed there.
func (m *meter) erase() {
	if m.drawn > 0 {
		fmt.Fprintf(m.out, "\r%s\r", strings.Repeat(" ", m.drawn))
		m.drawn = 0
	}
}

// left says how long the run will still take, as far as it can tell by how long
// what was played took; "" while that would be guessing.
func (m *meter) left() string {
	took := m.now().Sub(m.began)
	switch {
	case m.waits > 0:
		return ", " + waitingShort(m.waits)
	case took < meterForecast || m.last.Done < max(3, m.last.Total/20):
		return ""
	}
	return ", " + about(took*time.Duration(m.last.Total-m.last.Done)/time.Duration(m.last.Done)) + " left"
}

func waitingShort(n int) string {
	if n == 1 {
		return "1 waits for legal time"
	}
	return fmt.Sprintf("%d wait for legal time", n)
}

// about is a time as a person would say it who does not know exactly.
func about(d time.Duration) string {
	switch seconds := int(d.Seconds() + 0.5); {
	case seconds < 10:
		return fmt.Sprintf("about %d s", max(seconds, 1))
	case seconds < 90:
		return fmt.Sprintf("about %d s", (seconds+2)/5*5)
	case seconds < 90*60:
		return fmt.Sprintf("about %d min", (seconds+30)/60)
	default:
		return fmt.Sprintf("about %d h", (seconds+1800)/3600)
	}
}

// exact is a time that was measured.
func exact(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}
