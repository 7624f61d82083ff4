package rules

import (
	"slices"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// delayJudges answer for the family TMO: delay notices, when they are owed and
// when not (RFC 6109 2.1.1.1.2, 3.1.6), and what they are (delay_form.go). What
// is looked at is the ledger of delay_ledger.go. Cases of which a rule of their
// own speaks (a receipt that no provider may believe, a restart, receipts for
// some of the recipients) are left to that rule.
func delayJudges() []Judge {
	judges := []Judge{
		eachWait("PEC-TMO-001", "the first notice about recipients of whom nothing was heard for 12 hours", firstNotice),
		eachWait("PEC-TMO-002", "the second notice about recipients of whom nothing was heard for 24 hours", secondNotice),
		eachWait("PEC-TMO-003", "notices about recipients taken in charge within 12 hours and never delivered", chargedOnly),
		eachWait("PEC-TMO-004", "notices about recipients whose delivery receipt came between 12 and 24 hours", deliveredBetween),
		eachWait("PEC-TMO-005", "notices about recipients delivered within 12 hours without taking in charge", deliveredUncharged),
		eachWait("PEC-TMO-006", "notices about recipients taken in charge and delivered within 12 hours", deliveredAtOnce),
		eachWait("PEC-TMO-007", "how long after the dispatch first notices come", firstInTime),
		eachWait("PEC-TMO-008", "how long after the dispatch second notices come", secondInTime),
		{Rule: "PEC-TMO-015", Looks: "notices about silent recipients beside others that answered", Look: eachRecipient},
		eachWait("PEC-TMO-017", "notices about recipients with a final answer within 12 hours", finalAnswered),
		eachWait("PEC-TMO-018", "delivery receipts that came after 24 hours", deliveredLate),
		{Rule: "PEC-TMO-019", Looks: "notices about recipients of ordinary mail", Look: ordinaryWaits},
		eachWait("PEC-TMO-020", "notices about recipients about whom a receipt came that no provider may believe", unbelieved),
		eachWait("PEC-TMO-021", "first notices, where one receipt took only some recipients in charge", partlyCharged),
		eachWait("PEC-TMO-022", "notices about silent recipients when the provider was restarted meanwhile", restartedMeanwhile),
		eachWait("PEC-TMO-023", "the second notice about recipients taken in charge between 12 and 24 hours: recorded", chargedLate),
	}
	return slices.Concat(judges, delayFormJudges(), delayRelayJudges())
}

// eachWait builds a judge that looks at the ledger line by line.
func eachWait(rule, looks string, look func(*View, *wait, *Findings)) Judge {
	return Judge{Rule: rule, Looks: looks, Look: func(v *View, f *Findings) {
		for _, w := range v.waits() {
			look(v, w, f)
		}
	}}
}

// plainly tells that nothing happened in that time of which a rule of its own
// speaks.
func (w *wait) plainly(v *View, limit time.Duration) bool {
	return !w.refused(limit) && !w.unsure(limit) && !w.restarted(v, limit)
}

func firstNotice(v *View, w *wait, f *Findings) {
	if w.silent(firstAfter) && w.plainly(v, firstAfter) && !w.partly(v) {
		f.one(v, w, thresholdFirst, w.latest(firstAfter))
	}
}

// secondNotice: where the envelope was never handed over the message may have
// ended by the error of PEC-TMO-024 instead.
func secondNotice(v *View, w *wait, f *Findings) {
	if !w.silent(secondBy) || !w.plainly(v, secondBy) || w.Handed.IsZero() && w.finalAnswer() != nil {
		return
	}
	f.one(v, w, thresholdSecond, w.latest(secondBy))
}

func chargedOnly(v *View, w *wait, f *Findings) {
	if !w.within(w.answered(pec.TakenInCharge), firstAfter) || w.ended(secondBy) || !w.plainly(v, secondBy) {
		return
	}
	const why = "it was taken in charge within 12 hours"
	if early := w.of(thresholdFirst); len(early) > 0 {
		f.quiet(v, w, early, w.latest(firstAfter), why)
	} else {
		f.one(v, w, thresholdSecond, w.latest(secondBy))
	}
}

// deliveredBetween: a second notice may lawfully go before a delivery receipt
// that comes after 22 hours.
func deliveredBetween(v *View, w *wait, f *Findings) {
	delivery := w.answered(pec.Delivery)
	if delivery == nil || !w.silent(firstAfter) || !w.within(delivery, secondBy) || !w.plainly(v, secondBy) || w.partly(v) {
		return
	}
	if w.within(w.answered(pec.TakenInCharge), secondBy) && w.answered(pec.TakenInCharge).At.Before(delivery.At) {
		return // taken in charge first: the rule is about receipts that only deliver
	}
	after := slices.DeleteFunc(w.of(thresholdSecond), func(n notice) bool {
		return w.Dispatched.Add(secondNotUntil).Before(delivery.At) && n.At.Before(delivery.At)
	})
	if len(after) > 0 {
		f.quiet(v, w, after, w.latest(secondBy), "it was delivered "+w.elapsed(delivery.At))
		return
	}
	if v.passed(w.latest(secondBy)) || len(w.of(thresholdFirst)) > 1 {
		f.one(v, w, thresholdFirst, w.latest(firstAfter))
	}
}

func deliveredUncharged(v *View, w *wait, f *Findings) {
	delivery, charge := w.answered(pec.Delivery), w.answered(pec.TakenInCharge)
	if w.within(delivery, firstAfter) && !w.within(charge, firstAfter) {
		f.quiet(v, w, w.since(delivery), w.latest(firstAfter), "it was delivered "+w.elapsed(delivery.At))
	}
}

func deliveredAtOnce(v *View, w *wait, f *Findings) {
	delivery, charge := w.answered(pec.Delivery), w.answered(pec.TakenInCharge)
	if w.within(delivery, firstAfter) && w.within(charge, firstAfter) {
		f.quiet(v, w, w.since(delivery), w.latest(firstAfter), "it was taken in charge and delivered "+w.elapsed(delivery.At))
	}
}

func firstInTime(_ *View, w *wait, f *Findings) {
	for _, n := range w.of(thresholdFirst) {
		if limit := w.Dispatched.Add(firstAfter); n.At.Before(limit) {
			f.Broken(n.Where(""), "not before 12 hours from the dispatch: "+legalTime(limit), w.elapsed(n.At))
		} else {
			f.Holds(n.Where(""), w.elapsed(n.At))
		}
	}
}

func secondInTime(_ *View, w *wait, f *Findings) {
	from, until := w.Dispatched.Add(secondNotUntil), w.latest(secondBy)
	for _, n := range w.of(thresholdSecond) {
		// Instants are stated in whole seconds: the last second belongs to the limit.
		if n.At.Before(from) || n.At.Truncate(time.Second).After(until) {
			f.Broken(n.Where(""), "between "+legalTime(from)+" and "+legalTime(until)+", 22 and 24 hours from the dispatch", w.elapsed(n.At))
		} else {
			f.Holds(n.Where(""), w.elapsed(n.At))
		}
	}
}

// eachRecipient: of several recipients, those that are not heard of give their
// own notices and those that are give none.
func eachRecipient(v *View, f *Findings) {
	for _, t := range v.Transactions {
		lines := v.waitsAbout(t)
		if len(lines) < 2 || !slices.ContainsFunc(lines, func(w *wait) bool { return !w.ended(firstAfter) }) {
			continue
		}
		for _, w := range lines {
			if w.plainly(v, secondBy) && !w.partly(v) {
				ownNotices(v, w, f)
			}
		}
		for _, m := range natured(t.Messages, pec.Delay) {
			if t.recipientOf(m) == "" {
				f.Broken(m.Where("daticert.xml consegna"), "a notice of its own for each silent recipient, naming it", "it names none of "+shownList(t.addressees()))
			}
		}
	}
}

// ownNotices answers whether a recipient gives the notices of its own case.
func ownNotices(v *View, w *wait, f *Findings) {
	const heard = "something was heard of it in time"
	switch {
	case w.ended(firstAfter):
		f.quiet(v, w, w.Notices, w.latest(firstAfter), heard)
		return
	case w.silent(firstAfter):
		f.one(v, w, thresholdFirst, w.latest(firstAfter))
	default:
		f.quiet(v, w, w.of(thresholdFirst), w.latest(firstAfter), heard)
	}
	if !w.ended(secondBy) && !(w.Handed.IsZero() && w.finalAnswer() != nil) {
		f.one(v, w, thresholdSecond, w.latest(secondBy))
	}
}

func finalAnswered(v *View, w *wait, f *Findings) {
	if final := w.finalAnswer(); w.within(final, firstAfter) && !w.within(w.answered(pec.Delivery), firstAfter) {
		f.quiet(v, w, w.since(final), w.latest(firstAfter), "it ended with "+tokenOf(final.Kind)+" "+w.elapsed(final.At))
	}
}

// deliveredLate: the receipt lies in the sender's mailbox, and no notice comes
// after it.
func deliveredLate(v *View, w *wait, f *Findings) {
	delivery := w.answered(pec.Delivery)
	if delivery == nil || w.within(delivery, secondBy) || !v.hears(w.t) {
		return
	}
	f.arrived(v, w, delivery)
	for _, n := range w.since(delivery) {
		f.Broken(n.Where(""), "no notice about "+w.Address+" after its delivery receipt", w.elapsed(n.At))
	}
}

// arrived answers whether a receipt lies in the sender's mailbox.
func (f *Findings) arrived(v *View, w *wait, a *answerSeen) {
	expected := "the delivery receipt about " + w.Address + ", " + w.elapsed(a.At) + ", in " + w.t.sender()
	switch {
	case a.Message != nil && pec.SameAddress(a.Message.Mailbox, w.t.sender()),
		a.Dispatch != nil && slices.ContainsFunc(a.Dispatch.Found, func(m *Message) bool { return pec.SameAddress(m.Mailbox, w.t.sender()) }):
		f.Holds(a.Where(), "in "+w.t.sender())
	default:
		f.absent(v, a.Where(), expected)
	}
}

func ordinaryWaits(v *View, f *Findings) {
	for _, t := range v.Transactions {
		at, known := t.dispatchedAt()
		if !t.accepted() || !known {
			continue
		}
		for _, d := range v.dues(t) {
			if d.Certified {
				continue
			}
			w := &wait{due: d, t: t, Dispatched: at}
			w.Notices = noticesAbout(w)
			f.quiet(v, w, w.Notices, at.Add(firstAfter), "it is ordinary mail, of which no receipt is expected")
		}
	}
}

// unbelieved: what no provider may believe does not end the wait.
func unbelieved(v *View, w *wait, f *Findings) {
	if w.unsure(firstAfter) || w.restarted(v, secondBy) || !w.refused(secondBy) {
		return
	}
	if w.refused(firstAfter) && w.silent(firstAfter) {
		f.one(v, w, thresholdFirst, w.latest(firstAfter))
	}
	if !w.ended(secondBy) && !w.unsure(secondBy) {
		f.one(v, w, thresholdSecond, w.latest(secondBy))
	}
}

func partlyCharged(v *View, w *wait, f *Findings) {
	switch {
	case !w.partly(v) || !w.plainly(v, firstAfter) || w.ended(firstAfter):
	case w.silent(firstAfter):
		f.one(v, w, thresholdFirst, w.latest(firstAfter))
	default:
		f.quiet(v, w, w.of(thresholdFirst), w.latest(firstAfter), "it was taken in charge")
	}
}

func restartedMeanwhile(v *View, w *wait, f *Findings) {
	if !w.restarted(v, secondBy) || w.refused(secondBy) || w.unsure(secondBy) {
		return
	}
	if w.silent(firstAfter) {
		f.one(v, w, thresholdFirst, w.latest(firstAfter))
	}
	if !w.ended(secondBy) && !(w.Handed.IsZero() && w.finalAnswer() != nil) {
		f.one(v, w, thresholdSecond, w.latest(secondBy))
	}
}

// chargedLate records (decision D-03).
func chargedLate(v *View, w *wait, f *Findings) {
	charge := w.answered(pec.TakenInCharge)
	if charge == nil || w.within(charge, firstAfter) || !w.within(charge, secondBy) || w.ended(secondBy) || !w.plainly(v, secondBy) {
		return
	}
	switch second := w.of(thresholdSecond); {
	case len(second) > 0:
		f.Observes(second[0].Where(""), "taken in charge "+w.elapsed(charge.At)+", and the second notice came all the same")
	case v.passed(w.latest(secondBy)) && v.Case.Settled:
		f.Observes(w.t.Where(""), "taken in charge "+w.elapsed(charge.At)+", and no second notice came")
	}
}

// harnessPlays tells that the recipient's provider is played by the harness.
func (w *wait) harnessPlays() bool {
	return w.Provider != nil && w.Provider.Emitter == evidence.Harness
}
