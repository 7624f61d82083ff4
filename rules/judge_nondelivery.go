package rules

import (
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// nonDeliveryJudges answer for the notice that an envelope could not be
// delivered (RFC 6109 3.3.3); the one for viruses is among the virus judges.
func nonDeliveryJudges() []Judge {
	notices := nonDeliveries(false)
	return []Judge{
		{Rule: "PEC-ND-001", Looks: "the sender's mailbox, after an envelope to a mailbox that does not exist", Look: unknownIsTold},
		{Rule: "PEC-ND-002", Looks: "the sender's mailbox, after an envelope to a full mailbox", Look: fullIsTold},
		examine("PEC-ND-003", "header of non-deliveries", notices, undeliveredHeader),
		examine("PEC-ND-004", "subject of non-deliveries", notices, func(_ *View, m *Message) []problem { return subjectProblems(m, pec.NonDelivery, false) }),
		examine("PEC-ND-005", "readable text of non-deliveries", notices, undeliveredText),
		{Rule: "PEC-ND-006", Looks: "certification data of non-deliveries", Look: undeliveredData},
		{Rule: "PEC-ND-007", Looks: "what follows ordinary mail that cannot be delivered", Look: ordinaryUndelivered},
		{Rule: "PEC-ND-008", Looks: "receipts about each of several recipients, one of them unknown", Look: someUnknown},
		{Rule: "PEC-ND-010", Looks: "how long after dispatch the sender is told", Look: toldInTime},
		{Rule: "PEC-ND-011", Looks: "codes of errore-esteso, cause by cause", Look: codesOfCauses},
	}
}

// undeliverable visits the recipients of accepted messages with these fates.
func (v *View) undeliverable(visit func(t *Transaction, d due), fates ...fate) {
	for _, t := range v.journeys() {
		if !t.accepted() {
			continue
		}
		for _, d := range v.dues(t) {
			if slices.Contains(fates, d.Fate) {
				visit(t, d)
			}
		}
	}
}

func unknownIsTold(v *View, f *Findings) {
	v.undeliverable(func(t *Transaction, d due) {
		notices := t.concerning(d.Address, pec.NonDelivery)
		if len(notices) > 0 {
			f.Holds(notices[0].Where(""), t.sender()+" was told about "+d.Address)
			return
		}
		if delivered := t.concerning(d.Address, pec.Delivery); len(delivered) > 0 {
			f.Broken(delivered[0].Where(""), "an errore-consegna: "+d.Address+" does not exist", "a delivery receipt")
		} else if v.hears(t) {
			f.absent(v, t.Where(""), "an errore-consegna about "+d.Address+", which does not exist, in "+t.sender())
		}
	}, fateUnknown)
}

// quotaWords are stems of words by which a reason speaks of a full mailbox.
var quotaWords = []string{"pien", "quota", "spazio", "capienza", "dimension", "full", "storage", "esaurit"}

func fullIsTold(v *View, f *Findings) {
	v.undeliverable(func(t *Transaction, d due) {
		notices := t.concerning(d.Address, pec.NonDelivery)
		if len(notices) == 0 && v.hears(t) {
			f.absent(v, t.Where(""), "an errore-consegna about "+d.Address+", whose mailbox is full, in "+t.sender())
		}
		for _, m := range notices {
			reason := strings.ToLower(fold(extendedError(m)))
			if strings.HasSuffix(statusCode(reason), ".2.2") || slices.ContainsFunc(quotaWords, func(word string) bool { return strings.Contains(reason, word) }) {
				f.Holds(m.Where("daticert.xml errore-esteso"), shown(reason))
				continue
			}
			f.Broken(m.Where("daticert.xml errore-esteso"), "the reason that the mailbox is full", shown(reason))
		}
	}, fateFull)
}

func undeliveredHeader(v *View, m *Message) []problem {
	emitter := v.concernedProvider(m)
	if home := v.Case.ProviderOf(senderOf(m)); home != nil && manages(home, addressOf(m.PEC.Root.Value("From"))) {
		emitter = home // a refusal at RCPT is told by the sender's own provider (decision D-21)
	}
	problems := headerProblems(m, pec.NonDelivery, emitter, senderOf(m))
	if got := m.PEC.Root.Values(pec.HeaderSecurityCheck); len(got) > 0 {
		problems = append(problems, problem{part: "header X-VerificaSicurezza", expected: "no such field: there is no virus", seen: shownValues(got)})
	}
	return problems
}

func undeliveredText(_ *View, m *Message) []problem {
	reason := extendedError(m)
	return textProblems(m, textWants{
		recipients: consegnaOf(m), withSender: true, withID: true,
		describes: fold(reason) != "", description: reason, undescribed: "a short description of the error, as in " + shown(reason),
	})
}

func undeliveredData(v *View, f *Findings) {
	for _, m := range nonDeliveries(false)(v) {
		errore := []string{"no-dest", "altro"}
		if v.Case.ProviderOf(concernOf(m)) == nil {
			errore = append(errore, "no-dominio") // a managed domain exists
		}
		problems := append(dataProblems(m, pec.NonDelivery, errore, true), identifierProblems(m)...)
		f.report(m.Where, problems, about(m)+" in "+m.Mailbox)
		if c := m.PEC.Certification; c != nil && c.Error == "altro" {
			f.Observes(m.Where("daticert.xml errore"), "altro, "+shown(c.ExtendedError)+": the field has both no-dest and altro")
		}
	}
}

func ordinaryUndelivered(v *View, f *Findings) {
	for _, t := range v.ordinaryTransactions() {
		undelivered := slices.ContainsFunc(t.Recipients, func(r evidence.RecipientReply) bool {
			d := due{Address: pec.BareAddress(r.Address), Certified: v.certifiedFor(t, pec.BareAddress(r.Address)), Provider: v.Case.ProviderOf(pec.BareAddress(r.Address))}
			end := v.fateOf(t, d)
			return end == fateUnknown || end == fateFull
		})
		if !undelivered {
			continue
		}
		var problems []problem
		for _, m := range natured(t.Messages, receiptKinds...) {
			problems = append(problems, problem{expected: "no notice of certified e-mail: an SMTP error at most", seen: about(m) + " " + m.ID + " in " + m.Mailbox})
		}
		if len(problems) == 0 && !v.Case.Settled {
			f.Unable(t.Where(""), notSettled)
			continue
		}
		f.report(t.Where, problems, "no notice of certified e-mail")
	}
}

func someUnknown(v *View, f *Findings) {
	for _, t := range v.journeys() {
		var reached, lost []due
		for _, d := range v.dues(t) {
			switch d.Fate {
			case fateDelivered:
				reached = append(reached, d)
			case fateUnknown, fateFull:
				lost = append(lost, d)
			}
		}
		if !t.accepted() || len(reached) == 0 || len(lost) == 0 || !v.hears(t) {
			continue
		}
		l := &ledger{v: v, t: t}
		for _, d := range append(reached, lost...) {
			l.outcome(d)
		}
		f.flaws(v, t, l.list, plural(len(reached), "delivery receipt")+" and "+plural(len(lost), "non-delivery notice"))
	}
}

const toldWithin = 24 * time.Hour

// toldInTime measures from the acceptance (or the end of the submission) to the
// instant that the notice states.
func toldInTime(v *View, f *Findings) {
	v.undeliverable(func(t *Transaction, d due) {
		if t.fromPeer() && d.Fate == fateInfected {
			return // told between the providers
		}
		dispatched := t.Ended
		for _, m := range natured(t.Messages, pec.Acceptance) {
			if c := m.PEC.Certification; c != nil {
				if at, err := certifiedInstant(c); err == nil {
					dispatched = at
				}
			}
		}
		notices := append(t.concerning(d.Address, pec.NonDelivery), t.concerning(d.Address, pec.Delay)...)
		for _, m := range notices {
			at, err := headerInstant(m.PEC.Root)
			switch {
			case err != nil || dispatched.IsZero():
				continue
			case at.Before(dispatched.Add(-clocksApart)):
				f.Broken(m.Where("header Date"), "no earlier than "+legalTime(dispatched)+", when the message was dispatched", legalTime(at))
			case at.Sub(dispatched) > toldWithin:
				f.Broken(m.Where("header Date"), "within 24 hours of "+dispatched.In(legalZone()).Format(time.DateTime), at.In(legalZone()).Format(time.DateTime))
			default:
				f.Holds(m.Where(""), "told after "+at.Sub(dispatched).String())
			}
		}
		if len(notices) == 0 && v.hears(t) {
			f.absent(v, t.Where(""), "a word about "+d.Address+" to "+t.sender()+" within 24 hours")
		}
	}, fateUnknown, fateFull, fateInfected)
}

// codesOfCauses: each notice has a code in errore-esteso, and two causes do not
// share one. Practice forgives other codes, since the full table is not known; it
// does not forgive a notice without any reason.
func codesOfCauses(v *View, f *Findings) {
	byCause := map[fate]string{}
	v.undeliverable(func(t *Transaction, d due) {
		for _, m := range t.concerning(d.Address, pec.NonDelivery) {
			where := m.Where("daticert.xml errore-esteso")
			code := statusCode(extendedError(m))
			other := byCause[fateUnknown]
			if d.Fate == fateUnknown {
				other = byCause[fateFull]
			}
			switch {
			case fold(extendedError(m)) == "":
				f.Broken(where, "a code that names the class of the cause, such as 5.1.1", "no errore-esteso")
				continue
			case code == "":
				f.Deviates(where, "a code that names the class of the cause, such as 5.1.1", shown(extendedError(m)))
				continue
			case code == other:
				f.Deviates(where, "different codes for an unknown mailbox and for a full one", code+" for both")
			default:
				f.Holds(where, code)
			}
			byCause[d.Fate] = code
		}
	}, fateUnknown, fateFull)
}
