package rules

import (
	"fmt"
	"slices"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// delayRelayJudges answer for handing envelopes over to a provider that does
// not take them (RFC 6109 2.2.1, 2.2.2, 3.3.3). They look at the sessions that
// hosts of the target opened to an incoming point that the harness plays.
func delayRelayJudges() []Judge {
	return []Judge{
		eachWait("PEC-TMO-024", "envelopes that a provider's host did not take for 24 hours, and what the sender was told", givenUp),
		{Rule: "PEC-TE-021", Looks: "sessions with a provider that was down, after the message was accepted", Look: retriedWhileDown},
		eachWait("PEC-ND-012", "what the sender was told after his envelope was refused for good", refusedForGood),
		{Rule: "PEC-IP-022", Looks: "what followed sessions that a provider's host ended with 4xx or 5xx: recorded", Look: relayErrors},
	}
}

// attempt is a session of the target with a host that the harness plays, seen
// from one recipient who waits.
type attempt struct {
	evidence.Intake
	named bool // the session named the recipient
}

func (a attempt) Where() Where { return Where{Blob: a.Transcript, Part: "SMTP session with " + a.Peer} }

// permanent, temporary: the host refused the recipient's envelope.
func (a attempt) permanent() bool { return a.Code >= 500 && a.Code < 600 && !a.took() }

// temporary: 4xx, or a connection that broke before anything was taken.
func (a attempt) temporary() bool { return !a.took() && (a.Code == 0 || a.Code >= 400 && a.Code < 500) }

func (a attempt) took() bool { return a.SHA256 != "" && a.Code >= 200 && a.Code < 300 }

// attempts returns the sessions with the recipient's provider since the
// dispatch that were about this recipient's envelope: those that named the
// recipient, and those that ended before any recipient was named.
func (v *View) attempts(w *wait) []attempt {
	if w.Provider == nil {
		return nil
	}
	var all []attempt
	for _, i := range v.Case.Intakes {
		if i.Peer != w.Provider.Name || i.At.Before(w.Dispatched.Add(-clocksApart)) {
			continue
		}
		if named := holdsAddress(i.Recipients, w.Address); named || len(i.Recipients) == 0 && i.SHA256 == "" {
			all = append(all, attempt{i, named})
		}
	}
	return all
}

// told returns what told the sender that his message did not arrive: a notice
// of certified e-mail, or a bounce of ordinary mail.
func (w *wait) told() []*Message {
	all := w.t.concerning(w.Address, pec.NonDelivery)
	for _, m := range within(w.t.Messages, w.t.sender()) {
		if k := nature(m); k == pec.Ordinary || k == pec.AnomalyEnvelope {
			all = append(all, m)
		}
	}
	return all
}

// How long after 24 hours a queue may take to notice, and how long before them
// it must not give up.
const (
	givingUpLate  = 30 * time.Minute
	givingUpEarly = 2 * time.Hour
)

// givenUp: for 24 hours the envelope could not be handed over; then no more is
// tried, and the user is told.
func givenUp(v *View, w *wait, f *Findings) {
	attempts := v.attempts(w)
	if !w.harnessPlays() || !w.Handed.IsZero() && w.Handed.Before(w.Dispatched.Add(secondBy)) ||
		slices.ContainsFunc(attempts, attempt.permanent) {
		return
	}
	if len(attempts) == 0 && !v.passed(w.Dispatched.Add(secondBy)) {
		return // nobody tried, and nobody had to by now
	}
	limit := w.Dispatched.Add(secondBy)
	broken := false
	for _, a := range attempts {
		if a.At.After(limit.Add(givingUpLate)) && (a.named || v.onlyWaits(w)) {
			broken = true
			f.Broken(a.Where(), "no more attempts after 24 hours, "+legalTime(limit), "an attempt "+w.elapsed(a.At))
			break
		}
	}
	told := w.told()
	for _, m := range told {
		at, err := headerInstant(m.PEC.Root)
		if stated, certified := instantOf(m); certified {
			at, err = stated, nil
		}
		if err == nil && at.Before(limit.Add(-givingUpEarly)) {
			f.Broken(m.Where(""), "an envelope that cannot be handed over is tried for 24 hours, until "+legalTime(limit), "given up "+w.elapsed(at))
			return
		}
	}
	expected := "an error about " + w.Address + " to " + w.t.sender() + " after 24 hours"
	switch {
	case broken:
	case len(told) > 0:
		f.Holds(told[0].Where(""), w.t.sender()+" was told of "+w.Address)
	case v.passed(limit.Add(givingUpLate)) && v.hears(w.t):
		f.absent(v, w.t.Where(""), expected)
	case v.passed(limit):
		f.Unable(w.t.Where(""), "legal time half an hour after the 24 hours have passed: a queue may take that long to give up")
	}
}

// onlyWaits tells that no other message waits for the same provider, so that a
// session that named nobody was about this one.
func (v *View) onlyWaits(w *wait) bool {
	return !slices.ContainsFunc(v.waits(), func(other *wait) bool {
		return other.t != w.t && other.Provider != nil && w.Provider != nil && other.Provider.Name == w.Provider.Name
	})
}

// retriesWithin is by when a queue has surely tried again.
const retriesWithin = 4 * time.Hour

// retriedWhileDown: each message that met a host which was down is tried again,
// and its acceptance stands.
func retriedWhileDown(v *View, f *Findings) {
	for _, w := range v.waits() {
		attempts := v.attempts(w)
		i := slices.IndexFunc(attempts, attempt.temporary)
		if i < 0 || !w.harnessPlays() {
			continue
		}
		down := attempts[i]
		if withdrawn := natured(w.t.Messages, pec.NonAcceptance); len(withdrawn) > 0 {
			f.Broken(withdrawn[0].Where(""), "an acceptance that stands while "+w.Provider.Name+" is down", about(withdrawn[0]))
			continue
		}
		again := slices.IndexFunc(attempts, func(a attempt) bool { return a.At.After(down.At) })
		switch {
		case again >= 0:
			f.Holds(attempts[again].Where(), "tried again "+w.elapsed(attempts[again].At))
		case !w.Handed.IsZero() && w.Handed.After(down.At):
			f.Holds(w.t.Where(""), "handed over "+w.elapsed(w.Handed))
		case v.passed(down.At.Add(retriesWithin)):
			f.absent(v, down.Where(), "another attempt to hand the envelope for "+w.Address+" over to "+w.Provider.Name)
		}
	}
}

// refusedForGood: how the user is told is recorded.
func refusedForGood(v *View, w *wait, f *Findings) {
	where, why := w.t.Where(""), ""
	if attempts := v.attempts(w); slices.ContainsFunc(attempts, attempt.permanent) {
		a := attempts[slices.IndexFunc(attempts, attempt.permanent)]
		where, why = a.Where(), fmt.Sprintf("%s refused it with %d", w.Provider.Name, a.Code)
	} else if w.Provider == nil && w.Handed.IsZero() {
		why = "no host of the world answers for its domain"
	}
	if why == "" || !v.hears(w.t) {
		return
	}
	told := w.told()
	if len(told) == 0 {
		f.absent(v, where, "a word about "+w.Address+" to "+w.t.sender()+": "+why)
		return
	}
	f.Holds(told[0].Where(""), about(told[0])+" in "+told[0].Mailbox)
	f.Observes(told[0].Where(""), why+"; told by "+about(told[0])+", "+shown(extendedError(told[0])))
}

// relayErrors records.
func relayErrors(v *View, f *Findings) {
	for _, w := range v.waits() {
		attempts := v.attempts(w)
		for i, a := range attempts {
			switch {
			case a.permanent() && len(w.told()) > 0:
				f.Observes(a.Where(), fmt.Sprintf("%d: %s was told by %s", a.Code, w.t.sender(), about(w.told()[0])))
			case a.permanent() && v.Case.Settled:
				f.Observes(a.Where(), fmt.Sprintf("%d: %s was not told", a.Code, w.t.sender()))
			case a.temporary() && a.Code != 0 && i+1 < len(attempts):
				f.Observes(a.Where(), fmt.Sprintf("%d: tried again after %s", a.Code, attempts[i+1].At.Sub(a.At).Round(time.Second)))
			case a.temporary() && a.Code != 0 && v.Case.Settled:
				f.Observes(a.Where(), fmt.Sprintf("%d: not tried again by %s", a.Code, legalTime(v.now())))
			}
		}
	}
}
