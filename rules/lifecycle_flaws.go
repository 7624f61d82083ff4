package rules

import (
	"fmt"
	"slices"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// flawSort says in which way a transaction is not closed.
type flawSort int

const (
	flawMissing       flawSort = iota // something owed did not come
	flawDoubled                       // something came twice
	flawContradictory                 // something came that excludes another thing, or that must not come
	flawOutsider                      // something came to, or speaks of, somebody who has no part in it
)

// flaw is one way in which a transaction is not closed as it must.
type flaw struct {
	sort           flawSort
	kind           pec.Kind // what is missing, or what came
	recipient      string   // the recipient concerned, or ""
	where          Where
	expected, seen string
}

// ledger compares what a transaction owes with what came of it.
type ledger struct {
	v    *View
	t    *Transaction
	list []flaw
}

// flaws returns every way in which the transaction is not closed as it must:
// per accepted message one acceptance and one envelope per recipient, each
// certified recipient once taken in charge and once delivered or refused
// (lifecycle seen in providers' own tooling). What the harness cannot watch is
// not missed. What is missing counts only once the target has settled.
func (v *View) flaws(t *Transaction) []flaw {
	return t.flawed.or(func() []flaw { return v.findFlaws(t) })
}

func (v *View) findFlaws(t *Transaction) []flaw {
	l := &ledger{v: v, t: t}
	switch {
	case t.Dispatch != nil:
		l.dispatched()
		return l.list
	case t.Channel == evidence.IncomingPoint:
		if v.ordinaryMail(t) {
			l.ordinary()
		}
		return l.list
	}
	if l.entry() {
		for _, d := range v.dues(t) {
			l.envelope(d)
			l.outcome(d)
			l.takenInCharge(d)
		}
	}
	l.outsiders()
	return l.list
}

func (l *ledger) add(sort flawSort, kind pec.Kind, recipient string, where Where, expected, seen string) {
	l.list = append(l.list, flaw{sort, kind, recipient, where, expected, seen})
}

// miss records what did not come to a mailbox, if the harness reads it.
func (l *ledger) miss(kind pec.Kind, recipient, mailbox, expected string) {
	watched := l.v.watches(mailbox)
	if pec.SameAddress(mailbox, l.t.sender()) {
		watched = l.v.hears(l.t)
	}
	if watched {
		l.add(flawMissing, kind, recipient, l.t.Where(""), expected, "none")
	}
}

// count compares how many messages came with one: none is missing, two are one
// too many. Of what was handed over several times there may be as many.
func (l *ledger) count(kind pec.Kind, recipient, mailbox string, came []*Message, what string) {
	expected := "one " + what
	if len(came) == 0 {
		l.miss(kind, recipient, mailbox, expected)
	}
	for _, m := range came[min(l.rounds(recipient), len(came)):] {
		l.add(flawDoubled, kind, recipient, m.Where(""), expected, fmt.Sprintf("%d: %s", len(came), messageIDs(came)))
	}
}

// refuse records messages that must not be there.
func (l *ledger) refuse(came []*Message, recipient, expected string) {
	for _, m := range came {
		l.add(flawContradictory, nature(m), recipient, m.Where(""), expected, about(m)+" in "+m.Mailbox)
	}
}

// entry compares the answer of the access point; it tells whether the message
// was accepted, so that outcomes are owed.
func (l *ledger) entry() bool {
	t := l.t
	acceptances, refusals := natured(t.Messages, pec.Acceptance), natured(t.Messages, pec.NonAcceptance)
	owed, why := l.v.entryOf(t)
	rest := slices.DeleteFunc(slices.Clone(t.Messages), func(m *Message) bool {
		return nature(m) == pec.Acceptance || nature(m) == pec.NonAcceptance
	})
	switch {
	case !t.Accepted():
		l.refuse(append(acceptances, rest...), "", "nothing: the submission was refused by SMTP")
		if owed == entryAccepts {
			l.add(flawMissing, pec.Acceptance, "", t.Where(""), "an acceptance: "+why, "refused by SMTP: "+refusal(t))
		}
		return false
	case owed == entryRefuses || owed == entryRefusesVirus:
		l.refuse(acceptances, "", "no acceptance: "+why)
		if len(acceptances) == 0 {
			l.count(pec.NonAcceptance, "", t.sender(), refusals, "non-acceptance to "+t.sender()+": "+why)
			l.refuse(rest, "", "nothing but the non-acceptance: "+why)
		}
		return false
	case owed == entryAccepts:
		l.refuse(refusals, "", "no non-acceptance: "+why)
		l.count(pec.Acceptance, "", t.sender(), acceptances, "acceptance to "+t.sender())
	case len(acceptances) == 0:
		l.count(pec.NonAcceptance, "", t.sender(), refusals, "acceptance or non-acceptance to "+t.sender())
		l.refuse(rest, "", "nothing but the non-acceptance")
	default:
		l.refuse(refusals, "", "no non-acceptance beside the acceptance")
		l.count(pec.Acceptance, "", t.sender(), acceptances, "acceptance to "+t.sender())
	}
	return len(acceptances) > 0
}

// envelope compares what came to the recipient's mailbox.
func (l *ledger) envelope(d due) {
	envelopes := within(natured(l.t.Messages, pec.TransportEnvelope), d.Address)
	switch d.Fate {
	case fateDelivered, fateOrdinary:
		l.count(pec.TransportEnvelope, d.Address, d.Address, envelopes, "transport envelope in the mailbox of "+d.Address)
	case fateFull:
		l.refuse(envelopes, d.Address, "no envelope in a mailbox that is full")
	case fateInfected:
		l.refuse(envelopes, d.Address, "no envelope: its original carries the virus "+l.t.Infected)
	}
	l.refuse(within(natured(l.t.Messages, pec.AnomalyEnvelope), d.Address), d.Address, "a transport envelope, no anomaly envelope")
}

// outcome compares the receipts about one recipient.
func (l *ledger) outcome(d due) {
	t := l.t
	deliveries, refusals := t.concerning(d.Address, pec.Delivery), t.concerning(d.Address, pec.NonDelivery)
	delays := t.concerning(d.Address, pec.Delay)
	switch d.Fate {
	case fateOrdinary:
		l.refuse(deliveries, d.Address, "no delivery receipt about "+d.Address+", which is ordinary mail")
		if l.v.watches(d.Address) { // a host that cannot be reached may be told of
			l.refuse(append(refusals, delays...), d.Address, "no receipt about "+d.Address+", which is ordinary mail")
		}
	case fateDelivered:
		l.count(pec.Delivery, d.Address, t.sender(), deliveries, "delivery receipt about "+d.Address)
		l.refuse(append(refusals, delays...), d.Address, "only a delivery receipt about "+d.Address)
	case fateFull, fateUnknown:
		l.count(pec.NonDelivery, d.Address, t.sender(), refusals, "non-delivery about "+d.Address)
		l.refuse(append(deliveries, delays...), d.Address, "only a non-delivery about "+d.Address)
	case fateInfected:
		if t.fromPeer() { // its own provider tells the user
			l.refuse(append(deliveries, refusals...), d.Address, "only a virus detection about "+d.Address+", between the providers")
		} else {
			l.count(pec.NonDelivery, d.Address, t.sender(), refusals, "non-delivery for virus about "+d.Address)
			l.refuse(append(deliveries, delays...), d.Address, "only a non-delivery for virus about "+d.Address)
		}
		if p := l.v.Case.ProviderOf(t.sender()); p != nil && !l.v.sameProvider(t, d.Address) {
			l.count(pec.VirusDetection, d.Address, p.ServiceMailbox, within(t.concerning(d.Address, pec.VirusDetection), p.ServiceMailbox),
				"virus detection about "+d.Address+" in "+p.ServiceMailbox)
		}
	case fateEither:
		final := append(deliveries, refusals...)
		l.count(pec.Delivery, d.Address, t.sender(), final, "final outcome about "+d.Address+": a delivery receipt or a non-delivery")
		l.refuse(delays, d.Address, "only a delivery receipt or a non-delivery about "+d.Address)
	default:
		if d.Provider != nil && d.Provider.Emitter == evidence.Harness && !t.fromPeer() {
			l.refuse(deliveries, d.Address, "no delivery receipt but that of "+d.Provider.Name+", which the harness plays")
		}
		if final := append(deliveries, refusals...); len(final) > 1 {
			l.add(flawContradictory, nature(final[1]), d.Address, final[1].Where(""), "one final outcome for "+d.Address,
				fmt.Sprintf("%d: %s", len(final), messageIDs(final)))
		}
	}
}

// takenInCharge compares the receipts between the providers about one recipient:
// exactly one where the envelope was delivered, at most one elsewhere (a
// mailbox that does not exist may be refused at RCPT, decision D-21).
func (l *ledger) takenInCharge(d due) {
	if !d.Certified {
		return // a receipt that names it is an outsider
	}
	var taken []*Message
	for _, m := range natured(l.t.Messages, pec.TakenInCharge) {
		if c := m.PEC.Certification; c != nil && holdsAddress(c.Reception, d.Address) {
			taken = append(taken, m)
		}
	}
	p := l.v.Case.ProviderOf(l.t.sender())
	if d.Provider != nil && d.Provider.Emitter == evidence.Harness && !l.t.fromPeer() {
		l.refuse(taken, d.Address, "no presa-in-carico but that of "+d.Provider.Name+", which the harness plays")
		return
	}
	if p == nil || d.Fate != fateDelivered || l.v.sameProvider(l.t, d.Address) {
		if len(taken) < 2 {
			return
		}
	}
	mailbox := ""
	if p != nil {
		mailbox = p.ServiceMailbox
	}
	l.count(pec.TakenInCharge, d.Address, mailbox, taken, "presa-in-carico that covers "+d.Address+" in "+mailbox)
}

// outsiders finds messages about, or in the hands of, somebody who has no part
// in the transaction.
func (l *ledger) outsiders() {
	t := l.t
	for _, m := range t.Messages {
		if c := m.PEC.Certification; c != nil {
			if c.HasDelivery && t.recipientOf(m) == "" {
				l.add(flawOutsider, nature(m), "", m.Where("daticert.xml consegna"), "one of the recipients: "+shownList(t.addressees()), shown(c.Delivery))
			}
			for _, r := range c.Reception {
				if !holdsAddress(t.addressees(), fold(r)) || !l.v.certifiedFor(t, pec.BareAddress(r)) {
					l.add(flawOutsider, nature(m), "", m.Where("daticert.xml ricezione"), "certified recipients only: "+shownList(t.addressees()), shown(r))
				}
			}
		}
		if m.Role == evidence.ServiceMailbox || pec.SameAddress(m.Mailbox, t.sender()) || lists(t.addressees(), m.Mailbox) {
			continue
		}
		l.add(flawOutsider, nature(m), "", m.Where(""), "mail for the sender and the recipients only", about(m)+" in "+m.Mailbox)
	}
}
