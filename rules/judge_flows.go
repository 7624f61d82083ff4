package rules

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// flowJudges answer for whole transactions: sender and recipient at one provider
// (RFC 6109 3.4), the complete exchange (3.5) with its variants, and the
// service mailbox (2.2.5).
func flowJudges() []Judge {
	return []Judge{
		{Rule: "PEC-SD-001", Looks: "messages within one domain, from acceptance to delivery receipt", Look: cycle(sameDomain)},
		{Rule: "PEC-SD-002", Looks: "messages between two domains of one provider", Look: betweenDomains},
		{Rule: "PEC-SD-003", Looks: "messages to oneself, from acceptance to delivery receipt", Look: cycle(oneself)},
		{Rule: "PEC-INT-001", Looks: "every step of a transaction between two providers in which all goes well", Look: wholeTransaction},
		{Rule: "PEC-INT-002", Looks: "presa-in-carico and errore-consegna, where the mailbox cannot be reached", Look: failedDelivery},
		{Rule: "PEC-INT-003", Looks: "virus detections and non-deliveries for virus, recipient by recipient", Needs: []Need{NeedService}, Look: virusBetween},
		{Rule: "PEC-INT-004", Looks: "everything that follows a message with a virus that the sender's provider knows", Look: virusAtHome},
		{Rule: "PEC-INT-006", Looks: "label and receipts about recipients of ordinary mail", Look: toOrdinary},
		{Rule: "PEC-INT-007", Looks: "everything that follows ordinary mail", Look: fromOrdinary},
		{Rule: "PEC-INT-009", Looks: "receipts about recipients of different kinds of one message, and receipts about none that was sent", Look: expectedReceipts},
		{Rule: "PEC-INT-010", Looks: "receipts that follow receipts", Look: noLoops},
		{Rule: "PEC-SMB-001", Looks: "the content of service mailboxes", Needs: []Need{NeedService}, Look: serviceMailboxContent},
		{Rule: "PEC-SMB-003", Looks: "what follows mail to a service mailbox", Look: mailToService},
	}
}

func sameDomain(_ *View, t *Transaction, r string) bool {
	return !strings.EqualFold(r, t.sender()) && strings.EqualFold(domainOf(r), domainOf(t.sender()))
}

func oneself(_ *View, t *Transaction, r string) bool { return strings.EqualFold(r, t.sender()) }

// otherDomain: another domain of the sender's provider.
func otherDomain(v *View, t *Transaction, r string) bool {
	return v.sameProvider(t, r) && !strings.EqualFold(domainOf(r), domainOf(t.sender()))
}

// underway tells that the message had to be accepted, or was where the rules
// leave that open. One that was let in although it had to be refused is a
// matter of the access point, not of the flows.
func (v *View) underway(t *Transaction) bool {
	owed, _ := v.entryOf(t)
	return owed == entryAccepts || owed == entryOpen && t.accepted()
}

// cycle judges the recipients that stand in a relation to the sender: the
// acceptance, and what is owed for them.
func cycle(relation func(*View, *Transaction, string) bool) func(*View, *Findings) {
	return func(v *View, f *Findings) {
		for _, t := range v.Transactions {
			if t.Channel == evidence.IncomingPoint || !v.underway(t) {
				continue
			}
			for _, d := range v.dues(t) {
				if d.Fate == fateDelivered && relation(v, t, d.Address) {
					f.flaws(v, t, flawsAbout(v.flaws(t), d.Address), "acceptance, envelope and delivery receipt for "+d.Address)
				}
			}
		}
	}
}

// flawsAbout keeps the flaws that concern one recipient, and those of the
// acceptance, which concerns all.
func flawsAbout(list []flaw, recipient string) []flaw {
	return slices.DeleteFunc(list, func(x flaw) bool {
		whole := x.recipient == "" && (x.kind == pec.Acceptance || x.kind == pec.NonAcceptance)
		return !whole && !pec.SameAddress(x.recipient, recipient)
	})
}

func betweenDomains(v *View, f *Findings) {
	cycle(otherDomain)(v, f)
	for _, t := range v.Transactions {
		for _, d := range v.dues(t) {
			if d.Fate != fateDelivered || !t.accepted() || !otherDomain(v, t, d.Address) {
				continue
			}
			if taken := t.chargedBy(v, d.Provider.Name, []string{d.Address}); len(taken) > 0 {
				f.Observes(taken[0].Where(""), "presa-in-carico also between domains of one provider")
			} else {
				f.Observes(t.Where(""), "no presa-in-carico between domains of one provider")
			}
		}
	}
}

func wholeTransaction(v *View, f *Findings) {
	for _, t := range v.Transactions {
		dues := v.dues(t)
		well := len(dues) > 0 && !slices.ContainsFunc(dues, func(d due) bool { return d.Fate != fateDelivered })
		abroad := v.abroad(t, fateDelivered)
		if slices.ContainsFunc(abroad, func(s share) bool { return v.cutOff(t, s.provider, firstAfter) }) {
			continue // the network between the two was cut until notices were due
		}
		if !well || len(abroad) == 0 || t.Channel == evidence.IncomingPoint || !v.underway(t) {
			continue
		}
		f.flaws(v, t, v.flaws(t), "acceptance, envelope, presa-in-carico and delivery receipt for "+shownList(t.addressees()))
	}
}

// failedDelivery: where the recipient's provider itself says that it could not
// deliver, it had taken charge before.
func failedDelivery(v *View, f *Findings) {
	v.undeliverable(func(t *Transaction, d due) {
		home := v.Case.ProviderOf(t.sender())
		if home == nil || v.sameProvider(t, d.Address) {
			return
		}
		notices := t.concerning(d.Address, pec.NonDelivery)
		if len(notices) == 0 {
			if v.hears(t) {
				f.absent(v, t.Where(""), "an errore-consegna about "+d.Address+" in "+t.sender())
			}
			return
		}
		if p := v.Provider(notices[0]); p == nil || p.Name != d.Provider.Name {
			f.Observes(notices[0].Where(""), "the sender's provider speaks: "+d.Address+" was refused by SMTP")
			return
		}
		taken := slices.ContainsFunc(natured(t.Messages, pec.TakenInCharge), func(m *Message) bool {
			return m.PEC.Certification != nil && holdsAddress(m.PEC.Certification.Reception, d.Address)
		})
		switch {
		case taken:
			f.Holds(notices[0].Where(""), "presa-in-carico and errore-consegna about "+d.Address)
		case v.watches(home.ServiceMailbox):
			f.absent(v, notices[0].Where(""), "a presa-in-carico that covers "+d.Address+", which "+d.Provider.Name+" could not deliver to")
		}
	}, fateUnknown, fateFull)
}

// virusBetween: detections and notices to the user pair one to one.
func virusBetween(v *View, f *Findings) {
	v.infectedElsewhere(func(t *Transaction, recipients []string) {
		if t.fromPeer() {
			return // its user is told by a provider that is not judged
		}
		for _, r := range recipients {
			detections, notices := t.concerning(r, pec.VirusDetection), t.concerning(r, pec.NonDelivery)
			switch {
			case len(detections) == 0:
				f.absent(v, t.Where(""), "a rilevazione-virus about "+r)
			case len(notices) == 0 && v.hears(t):
				f.absent(v, t.Where(""), "an errore-consegna for virus about "+r+" in "+t.sender())
			case len(notices) > 0 && len(notices) != len(detections):
				f.Broken(notices[0].Where(""), "one errore-consegna for each rilevazione-virus about "+r, messageIDs(detections)+" against "+messageIDs(notices))
			default:
				f.Holds(detections[0].Where(""), "told between providers, then to "+t.sender())
			}
		}
	})
}

func virusAtHome(v *View, f *Findings) {
	for _, t := range v.Transactions {
		if owed, _ := v.entryOf(t); owed != entryRefusesVirus || t.Channel == evidence.IncomingPoint {
			continue
		}
		if !t.Accepted() {
			f.Broken(t.Where("SMTP"), "a non-acceptance for virus", "refused by SMTP: "+refusal(t))
			continue
		}
		flaws := v.flaws(t)
		for _, m := range natured(t.Messages, pec.NonAcceptance) {
			if !virusNotice(m) {
				flaws = append(flaws, flaw{sort: flawContradictory, kind: pec.NonAcceptance, where: m.Where(""), expected: "the non-acceptance for virus", seen: about(m)})
			}
		}
		f.flaws(v, t, flaws, "the non-acceptance for virus and nothing else")
	}
}

func toOrdinary(v *View, f *Findings) {
	for _, t := range v.Transactions {
		if !t.accepted() {
			continue
		}
		for _, d := range v.dues(t) {
			if d.Fate != fateOrdinary {
				continue
			}
			var problems []problem
			acceptance := natured(t.Messages, pec.Acceptance)[0]
			problems = append(problems, labelProblems(acceptance, d.Address, "esterno")...)
			for _, m := range t.concerning(d.Address, pec.Delivery) {
				problems = append(problems, problem{expected: "no delivery receipt about " + d.Address + ", which is ordinary mail", seen: m.ID})
			}
			if len(problems) == 0 && !v.Case.Settled {
				f.Unable(t.Where(""), notSettled)
				continue
			}
			f.report(acceptance.Where, problems, d.Address+": labelled as ordinary mail, no delivery receipt")
		}
	}
}

// labelProblems compares how an acceptance labels a recipient, in the
// certification data and in the text.
func labelProblems(acceptance *Message, recipient, want string) []problem {
	var problems []problem
	if c := acceptance.PEC.Certification; c != nil {
		for _, r := range c.Recipients {
			if pec.SameAddress(pec.BareAddress(r.Address), recipient) && r.Type != want {
				problems = append(problems, problem{part: "daticert.xml destinatari", expected: recipient + " as " + want, seen: shown(r.Type)})
			}
		}
	}
	word := map[string]string{"esterno": "ordinaria", "certificato": "certificata"}[want]
	for _, r := range readables(acceptance.PEC)[:min(1, len(readables(acceptance.PEC)))] {
		labels := labelsOf(r.Text, recipient)
		if len(labels) == 0 || slices.ContainsFunc(labels, func(l string) bool { return l != word }) {
			problems = append(problems, problem{part: "text", expected: recipient + ` ("posta ` + word + `")`, seen: shown(r.Text)})
		}
	}
	return problems
}

func fromOrdinary(v *View, f *Findings) {
	for _, t := range v.ordinaryTransactions() {
		if t.Infected == "" {
			v.reportOrdinary(f, t, "anomaly envelopes only")
		}
	}
	strangeAnomalies(v, f)
}

// mixedRecipients looks at messages whose recipients do not all end alike.
func mixedRecipients(v *View, f *Findings) {
	for _, t := range v.Transactions {
		dues := v.dues(t)
		if t.Channel == evidence.IncomingPoint || !v.underway(t) || len(dues) < 2 {
			continue
		}
		different := slices.ContainsFunc(dues, func(d due) bool {
			return d.Fate != dues[0].Fate || placeOf(t.Sent, d.Address) != placeOf(t.Sent, dues[0].Address)
		})
		if different && !slices.ContainsFunc(dues, func(d due) bool { return d.Fate == fateOpen }) {
			f.flaws(v, t, v.flaws(t), "exactly what is owed to "+plural(len(dues), "recipient"))
		}
	}
}

func noLoops(v *View, f *Findings) {
	for _, m := range natured(v.Messages, receiptKinds...) {
		if m.Mailbox == "" {
			continue
		}
		var problems []problem
		for _, a := range answersTo(v, m, systemKinds...) {
			problems = append(problems, problem{expected: "nothing in answer to " + about(m) + " " + m.ID, seen: about(a) + " " + a.ID + " in " + a.Mailbox})
		}
		f.report(m.Where, problems, "not answered")
	}
}

func serviceMailboxContent(v *View, f *Findings) {
	for _, m := range v.Messages {
		if m.Role != evidence.ServiceMailbox || m.Transaction != nil && lists(m.Transaction.addressees(), m.Mailbox) {
			continue // what the harness itself sent there is for PEC-SMB-003
		}
		switch nature(m) {
		case pec.TakenInCharge, pec.VirusDetection:
			f.Holds(m.Where(""), about(m)+" in "+m.Mailbox)
		case pec.AnomalyEnvelope:
			f.Observes(m.Where(""), "an anomaly envelope in "+m.Mailbox+": a receipt that was found faulty on arrival")
		default:
			f.Broken(m.Where(""), "presa-in-carico and rilevazione-virus only", about(m)+" in "+m.Mailbox)
		}
	}
}

// mailToService: at most the receipts of a message, each once.
func mailToService(v *View, f *Findings) {
	for _, t := range v.Transactions {
		service := slices.ContainsFunc(t.addressees(), func(a string) bool {
			p := v.Case.ProviderOf(a)
			return p != nil && (pec.SameAddress(a, p.ServiceAddress) || pec.SameAddress(a, p.ServiceMailbox))
		})
		if !service {
			continue
		}
		// One answer of the access point; for each recipient an envelope, a
		// receipt between providers and a final outcome.
		most := 1 + 3*len(t.addressees())
		if n := len(t.Messages); n > most {
			f.Broken(t.Where(""), "no more than "+plural(most, "message"), plural(n, "message"))
			continue
		}
		if !v.Case.Settled {
			f.Unable(t.Where(""), notSettled)
			continue
		}
		f.Holds(t.Where(""), plural(len(t.Messages), "message")+" and no more")
	}
}
