package steps

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// A target whose clock cannot be moved on is waited for, in real time: the step
// that lets legal time pass suspends the scenario, and is carried out again when
// that time has come, by this process or by a later one.

// longestWait bounds what is waited for. What takes longer wants a clock that
// can be moved on.
const longestWait = 8 * 24 * time.Hour

// maxEarly bounds how much before its instant a look may begin that has to be
// over by then.
const maxEarly = 5 * time.Minute

// SuspendedError is how a step says that the scenario waits. It is no trouble:
// where it stands is in evidence.
type SuspendedError struct{ Waiting evidence.Waiting }

// Error says until when the scenario waits.
func (e *SuspendedError) Error() string {
	return "the scenario waits for legal time until " + e.Waiting.Until.Format(time.RFC3339)
}

// LackingError is how a step says that the target, or the run, does not give
// what it needs. Nobody failed, and nothing is concluded.
type LackingError struct{ Needs []string }

// Error lists the needs.
func (e *LackingError) Error() string { return "the scenario lacks: " + strings.Join(e.Needs, "; ") }

// slack is how much later than its words a step may be carried out and still
// say the same: half of the smallest unit that they name. exact tells that the
// unit is so small that a look has to be over by then.
func slack(words string) (late time.Duration, exact bool) {
	switch {
	case strings.Contains(words, "second"):
		return time.Second / 2, true
	case strings.Contains(words, "minute"):
		return 50 * time.Second, true
	case strings.Contains(words, "hour"):
		return 30 * time.Minute, false
	}
	return 6 * time.Hour, false // days and months
}

var waitingStep = regexp.MustCompile(`(?:^|^\w+ )(?:(` + spanPattern + `) pass(?:es)?|the clock reaches (` + spanPattern + `) after the sending)$`)

// longestSpan is the longest wait that steps of a scenario ask for, by their
// text, with or without its keyword; a month counts as 31 days.
func longestSpan(texts []string) time.Duration {
	var longest time.Duration
	for _, text := range texts {
		words := waitingStep.FindStringSubmatch(text)
		if words == nil {
			continue
		}
		if s, err := parseSpan(words[1] + words[2]); err == nil {
			longest = max(longest, s.rest+time.Duration(s.days+31*s.months)*24*time.Hour)
		}
	}
	return longest
}

// waitFor suspends the scenario until an instant that works counts out once
// everything that was sent has had its effect.
func (w *World) waitFor(ctx context.Context, words string, until func() time.Time) error {
	if err := w.Finish(ctx); err != nil {
		return err
	}
	now := w.now()
	waiting := evidence.Waiting{Until: until().UTC(), Step: w.step}
	if !waiting.Until.After(now) {
		return fmt.Errorf("legal time does not go back: it is %s, and the step asks for %s", now.Format(time.RFC3339), waiting.Until.Format(time.RFC3339))
	}
	if waiting.Until.Sub(now) > longestWait {
		return &LackingError{[]string{"white box: clock (" + words + " are more than can be waited for)"}}
	}
	late, exact := slack(words)
	if exact {
		waiting.Until = waiting.Until.Add(-min(w.options.Patience.Settle, maxEarly))
	}
	if !waiting.Until.After(now) {
		waiting.Until = now // so near that what is early is now
	}
	waiting.Latest, waiting.Present = waiting.Until.Add(late), w.mustStay()
	suspension, err := w.standing(waiting)
	if err != nil {
		return err
	}
	if err := w.recorder.Record(evidence.Event{Type: evidence.ScenarioWaits, Suspension: suspension}); err != nil {
		return err
	}
	w.mu.Lock()
	w.suspension = suspension
	w.mu.Unlock()
	return &SuspendedError{waiting}
}

// arrive carries out a step that waits for the second time: over tells that its
// time has come and it is done with.
func (w *World) arrive() (over bool, err error) {
	w.mu.Lock()
	s := w.suspension
	w.mu.Unlock()
	if s == nil {
		return false, nil
	}
	now := w.now()
	if now.Before(s.Waiting.Until) {
		return true, &SuspendedError{s.Waiting}
	}
	if now.After(s.Waiting.Latest) {
		return true, tooLate(s.Waiting, now)
	}
	w.disturbed()
	w.mu.Lock()
	w.suspension = nil
	w.mu.Unlock()
	return true, w.recorder.Record(evidence.Event{Type: evidence.ClockMoved, Clock: &evidence.ClockMove{
		By: now.Sub(s.Since), Now: now.UTC(),
	}})
}

func tooLate(waiting evidence.Waiting, now time.Time) error {
	const form = "2 January 15:04"
	in := func(t time.Time) string { return t.In(pec.Zone()).Format(form) }
	return &LackingError{[]string{fmt.Sprintf(
		"somebody there in time: the scenario was to go on between %s and %s, and it was %s; let the run stay with --wait", in(waiting.Until), in(waiting.Latest), in(now),
	)}}
}

// isSuspended tells the error of a step that waits from trouble.
func isSuspended(err error) bool {
	var waits *SuspendedError
	return errors.As(err, &waits)
}

// waits tells that the scenario waits, and the steps behind are left for later.
func (w *World) waits() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.suspension != nil
}

// mustStay tells that the harness has to be there while the scenario waits: it
// plays the central directory, or the target may still come to hand something over to a
// provider that it plays. A provider that refuses connections does so best when
// it is not there.
func (w *World) mustStay() bool {
	for _, r := range w.registries {
		if r.what == lookCentral {
			return true
		}
	}
	w.mu.Lock()
	handed := w.handed
	w.mu.Unlock()
	for _, s := range handed {
		if !s.Accepted() {
			continue
		}
		for _, r := range s.Recipients {
			peer := w.target.peerOf(r.Address)
			if peer == nil || !r.Reply.OK() || w.peers[peer.Name] == nil {
				continue
			}
			if !w.peers[peer.Name].hasDoneWith(s.ID, r.Address) {
				return true
			}
		}
	}
	return false
}

// hasDoneWith tells that the target has nothing more to hand over of a
// submission to a recipient, or that being there makes no difference.
func (p *incomingPoint) hasDoneWith(submission, recipient string) bool {
	p.mu.Lock()
	manner, taken, world := p.manner, p.taken, p.world
	p.mu.Unlock()
	if manner == mannerNoConnection {
		return true
	}
	for _, t := range taken {
		if world.submissionOf(t.message) != submission {
			continue
		}
		for _, r := range t.recipients {
			if pec.SameAddress(r, recipient) {
				return true
			}
		}
	}
	return false
}

// peerOf is the peer that manages the domain of an address, or nil.
func (t *Target) peerOf(address string) *Peer {
	for i := range t.Peers {
		if t.Peers[i].manages(address) {
			return &t.Peers[i]
		}
	}
	return nil
}
