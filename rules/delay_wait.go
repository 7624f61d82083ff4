package rules

import (
	"slices"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// What can be asked of one line of the ledger: what had been heard by when.

// answered returns the first sound answer of these kinds, nil when none came.
func (w *wait) answered(kinds ...pec.Kind) *answerSeen {
	return w.firstAnswer(sound, kinds...)
}

func (w *wait) firstAnswer(s standing, kinds ...pec.Kind) *answerSeen {
	for i := range w.Answers {
		if w.Answers[i].Standing == s && slices.Contains(kinds, w.Answers[i].Kind) {
			return &w.Answers[i]
		}
	}
	return nil
}

// within tells that the answer came before so much time had passed since the
// dispatch; an answer that never came did not.
func (w *wait) within(a *answerSeen, limit time.Duration) bool {
	return a != nil && a.At.Before(w.Dispatched.Add(limit))
}

// ended tells that the sender's provider knew the end of the message for this
// recipient before so much time had passed.
func (w *wait) ended(limit time.Duration) bool {
	return w.within(w.answered(pec.Delivery), limit) || w.within(w.finalAnswer(), limit)
}

// finalAnswer returns the first answer that says it will not be delivered.
func (w *wait) finalAnswer() *answerSeen { return w.answered(pec.NonDelivery, pec.VirusDetection) }

// silent tells that no sound answer came before so much time had passed.
func (w *wait) silent(limit time.Duration) bool {
	return !w.ended(limit) && !w.within(w.answered(pec.TakenInCharge), limit)
}

// refused tells that an answer came in that time that no provider may believe.
func (w *wait) refused(limit time.Duration) bool {
	return w.within(w.firstAnswer(unsound, answerKinds...), limit)
}

// unsure tells that an answer came in that time of which it is not known
// whether a provider has to believe it: nothing follows from what it did then.
func (w *wait) unsure(limit time.Duration) bool {
	return w.within(w.firstAnswer(doubtful, answerKinds...), limit)
}

// restarted tells that the waiting provider was restarted in that time.
func (w *wait) restarted(v *View, limit time.Duration) bool {
	return slices.ContainsFunc(v.Case.Restarts, func(r evidence.Restart) bool {
		return r.Provider == w.home.Name && !r.At.Before(w.Dispatched) && r.At.Before(w.Dispatched.Add(limit))
	})
}

// waitsAbout returns the lines of the ledger about one submission.
func (v *View) waitsAbout(t *Transaction) []*wait {
	return slices.DeleteFunc(slices.Clone(v.waits()), func(w *wait) bool { return w.t != t })
}

// partly tells that the recipient's provider took the message in charge before
// the first limit for some of its recipients, and not for others.
func (w *wait) partly(v *View) bool {
	covered, left := false, false
	for _, other := range v.waits() {
		if other.t == w.t && other.Provider != nil && w.Provider != nil && other.Provider.Name == w.Provider.Name {
			taken := other.within(other.answered(pec.TakenInCharge), firstAfter)
			covered, left = covered || taken, left || !taken && other.silent(firstAfter)
		}
	}
	return covered && left
}

// latest returns the limit counted from when the envelope was handed over, or
// from acceptance: the rules do not say which of the two the dispatch is.
func (w *wait) latest(limit time.Duration) time.Time {
	from := w.Dispatched
	if w.Handed.After(from) {
		from = w.Handed.Truncate(time.Second)
	}
	return from.Add(limit)
}

// now returns the last legal time that the evidence knows of.
func (v *View) now() time.Time {
	var last time.Time
	later := func(at time.Time) {
		if at.After(last) {
			last = at
		}
	}
	for _, e := range v.Case.Events {
		later(e.At)
	}
	for _, t := range v.Transactions {
		later(t.Ended)
	}
	for _, d := range v.Dispatches {
		later(d.Ended)
	}
	for _, i := range v.Case.Intakes {
		later(i.At)
	}
	for _, m := range v.Case.ClockMoves {
		later(m.Now)
	}
	return last
}

// passed tells that legal time has reached the instant, as far as two clocks
// agree.
func (v *View) passed(at time.Time) bool { return !v.now().Add(clocksApart).Before(at) }
