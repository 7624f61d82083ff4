package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// takenInChargeJudges answer for the receipt between providers by which the
// receiving one takes an envelope in charge (RFC 6109 3.2.1).
func takenInChargeJudges() []Judge {
	charged := byNature(pec.TakenInCharge)
	return []Judge{
		{Rule: "PEC-SSA-001", Looks: "presa-in-carico receipts of each receiving provider, per envelope delivered there", Needs: []Need{NeedService}, Look: chargeSent},
		examine("PEC-SSA-002", "To of presa-in-carico, against mailReceipt of the directory", submittedOnes(charged), chargeAddress, NeedTrust),
		examine("PEC-SSA-003", "header and subject of presa-in-carico", charged, chargeHeader),
		examine("PEC-SSA-004", "readable text of presa-in-carico", charged, chargeText),
		usingToo(examine("PEC-SSA-005", "ricezione and destinatari of presa-in-carico, against the SMTP transaction it answers", submittedOnes(charged), chargeRecipients), NeedRelay),
		{Rule: "PEC-SSA-007", Looks: "presa-in-carico in any mailbox", Look: betweenProvidersOnly(pec.TakenInCharge)},
		{Rule: "PEC-SSA-008", Looks: "presa-in-carico for ordinary mail, anomalies and receipts", Look: chargeOfOthers},
		{Rule: "PEC-SSA-009", Looks: "what came first of an envelope to a mailbox that does not exist", Look: chargeOfUnknown},
		{Rule: "PEC-SSA-010", Looks: "the service mailbox of the sender's provider, against what was handed to it", Needs: []Need{NeedService}, Uses: []Need{NeedRelay}, Look: chargeStored},
		examine("PEC-SSA-011", "certification data of presa-in-carico", charged, chargeData),
	}
}

// chargedBy returns the receipts of the transaction that name one of the
// addresses in ricezione or, where certification data cannot be read, that the
// provider signs for.
func (t *Transaction) chargedBy(v *View, provider string, addresses []string) []*Message {
	var all []*Message
	for _, m := range natured(t.Messages, pec.TakenInCharge) {
		if c := m.PEC.Certification; c != nil && slices.ContainsFunc(addresses, func(a string) bool { return holdsAddress(c.Reception, a) }) {
			all = append(all, m)
		} else if p := v.Provider(m); p != nil && p.Name == provider {
			all = append(all, m)
		}
	}
	return all
}

func chargeSent(v *View, f *Findings) {
	for _, t := range v.journeys() {
		home := v.Case.ProviderOf(t.sender())
		if !t.accepted() || home == nil || !v.watches(home.ServiceMailbox) {
			continue
		}
		for _, s := range v.abroad(t, fateDelivered) {
			if v.cutOff(t, s.provider, secondBy) {
				continue // until then it is tried, and then given up
			}
			where := t.Where("")
			if came := t.chargedBy(v, s.provider, s.recipients); len(came) > 0 {
				f.Holds(came[0].Where(""), s.provider+" took charge of "+shownList(s.recipients))
			} else {
				f.absent(v, where, "a presa-in-carico of "+s.provider+" for "+shownList(s.recipients)+" in "+home.ServiceMailbox)
			}
		}
	}
}

// mailReceipt returns the service mailbox that receipts about the transaction
// go to: that of the directory record which holds the certificate that signed
// the envelope; else of the record of the sender's domain.
func (v *View) mailReceipt(t *Transaction) string {
	for _, m := range natured(t.Messages, pec.TransportEnvelope) {
		if signature, err := verified(m.PEC); err == nil {
			for _, record := range v.Trust.Directory.RecordsOfCertificate(signature.Certificate) {
				return record.MailReceipt
			}
		}
	}
	if record := v.Trust.Directory.RecordOfDomain(domainOf(t.sender())); record != nil {
		return record.MailReceipt
	}
	return ""
}

func chargeAddress(v *View, m *Message) []problem {
	want := v.mailReceipt(m.Transaction)
	problems := toProblems(m, want)
	if want != "" && m.Mailbox != "" && !strings.EqualFold(m.Mailbox, want) {
		problems = append(problems, problem{expected: "the receipt in " + want, seen: "in " + m.Mailbox})
	}
	return problems
}

// receiver returns the provider that takes charge: the one of the recipients
// taken, or nil.
func (v *View) receiver(m *Message) *evidence.Provider {
	if c := m.PEC.Certification; c != nil {
		for _, r := range c.Reception {
			if p := v.Case.ProviderOf(pec.BareAddress(r)); p != nil {
				return p
			}
		}
	}
	return nil
}

func chargeHeader(v *View, m *Message) []problem {
	problems := headerProblems(m, pec.TakenInCharge, v.receiver(m), "") // To: PEC-SSA-002
	return append(problems, subjectProblems(m, pec.TakenInCharge, false)...)
}

func chargeText(_ *View, m *Message) []problem {
	var taken []string
	if c := m.PEC.Certification; c != nil {
		for _, r := range c.Reception {
			taken = append(taken, pec.BareAddress(r))
		}
	}
	problems := textProblems(m, textWants{recipients: taken, withSender: true, withID: true})
	subject, _ := subjectAbout(m)
	if line := sharedLine(m.PEC, recipientsOf(m), subject); line != "" {
		problems = append(problems, problem{part: "text", expected: "recipients one per line", seen: shown(line)})
	}
	return problems
}

// chargeRecipients: the receipt lists every recipient of the message, takes
// charge of those of its provider, and one receipt answers one transaction.
func chargeRecipients(v *View, m *Message) []problem {
	c, unreadable := certificationOf(m)
	if c == nil {
		return unreadable
	}
	t := m.Transaction
	var problems []problem
	var listed []string
	for _, r := range c.Recipients {
		listed = append(listed, pec.BareAddress(r.Address))
	}
	if want := distinct(t.recipients()); !sameAddresses(listed, want) {
		problems = append(problems, problem{part: "daticert.xml destinatari", expected: "all recipients: " + shownList(want), seen: shownList(listed)})
	}
	p := v.receiver(m)
	if p == nil {
		return append(problems, problem{part: "daticert.xml ricezione", expected: "the recipients taken in charge", seen: shownList(c.Reception)})
	}
	for _, r := range c.Reception {
		if q := v.Case.ProviderOf(pec.BareAddress(r)); q == nil || q.Name != p.Name {
			problems = append(problems, problem{part: "daticert.xml ricezione", expected: "recipients of " + p.Name + " only", seen: shown(r)})
		}
	}
	delivered := shareOf(v.abroad(t, fateDelivered), p.Name)
	came := t.chargedBy(v, p.Name, delivered)
	if exchanges := v.exchangesOf(t, p.Name); len(exchanges) == 1 {
		if len(came) > 1 {
			problems = append(problems, problem{expected: "one receipt for one SMTP transaction", seen: messageIDs(came)})
		}
		var handed []string
		for _, r := range exchanges[0].Recipients {
			handed = append(handed, pec.BareAddress(r))
		}
		if !sameAddresses(distinct(handed), distinct(bareAll(c.Reception))) {
			problems = append(problems, problem{part: "daticert.xml ricezione", expected: "the recipients of the SMTP transaction: " + shownList(handed), seen: shownList(c.Reception)})
		}
		return problems
	}
	for _, a := range delivered {
		if !slices.ContainsFunc(came, func(o *Message) bool {
			return o.PEC.Certification != nil && holdsAddress(o.PEC.Certification.Reception, a)
		}) {
			problems = append(problems, problem{part: "daticert.xml ricezione", expected: "every recipient of " + p.Name + ": " + shownList(delivered), seen: shownList(c.Reception)})
			break
		}
	}
	return problems
}

func bareAll(list []string) []string {
	var all []string
	for _, a := range list {
		all = append(all, pec.BareAddress(a))
	}
	return all
}

// exchangesOf returns the SMTP transactions by which the envelope of the
// transaction was handed to a provider: those of octets that lie in one of its
// mailboxes.
func (v *View) exchangesOf(t *Transaction, provider string) []evidence.RelayExchange {
	var all []evidence.RelayExchange
	for _, e := range v.Case.Relay {
		taken := e.To == provider && e.Code >= 200 && e.Code < 300
		if taken && slices.ContainsFunc(natured(t.Messages, pec.TransportEnvelope), func(m *Message) bool { return m.Blob == e.SHA256 }) &&
			!slices.ContainsFunc(all, func(o evidence.RelayExchange) bool {
				return o.SHA256 == e.SHA256 && o.At.Equal(e.At) && slices.Equal(o.Recipients, e.Recipients)
			}) {
			all = append(all, e)
		}
	}
	return all
}

func chargeOfOthers(v *View, f *Findings) {
	for _, t := range v.ordinaryTransactions() {
		var problems []problem
		for _, m := range natured(t.Messages, pec.TakenInCharge) {
			problems = append(problems, problem{expected: "no presa-in-carico: the message is ordinary mail", seen: m.ID + " in " + m.Mailbox})
		}
		if t.Accepted() {
			f.report(t.Where, problems, "no presa-in-carico")
		}
	}
	for _, m := range natured(v.Messages, pec.Delivery, pec.NonDelivery, pec.VirusDetection) {
		if m.Mailbox == "" {
			continue
		}
		var problems []problem
		for _, a := range answersTo(v, m, pec.TakenInCharge) {
			problems = append(problems, problem{expected: "no presa-in-carico for a receipt", seen: a.ID + " in " + a.Mailbox})
		}
		f.report(m.Where, problems, "no presa-in-carico for it")
	}
}

func chargeOfUnknown(v *View, f *Findings) {
	for _, t := range v.journeys() {
		if !t.accepted() {
			continue
		}
		for _, s := range v.abroad(t, fateUnknown) {
			for _, a := range s.recipients {
				taken := slices.ContainsFunc(natured(t.Messages, pec.TakenInCharge), func(m *Message) bool {
					return m.PEC.Certification != nil && holdsAddress(m.PEC.Certification.Reception, a)
				})
				refused := t.concerning(a, pec.NonDelivery)
				switch {
				case taken:
					f.Observes(t.Where(""), fmt.Sprintf("%s took charge of %s, which does not exist, and %d non-delivery followed", s.provider, a, len(refused)))
				case len(refused) > 0:
					f.Observes(refused[0].Where(""), a+" was never taken in charge; a non-delivery says so")
				}
			}
		}
	}
}

// chargeStored: what another provider handed over for the service mailbox lies
// in it.
func chargeStored(v *View, f *Findings) {
	for _, m := range natured(v.Messages, pec.TakenInCharge) {
		t := m.Transaction
		if t == nil || m.Mailbox == "" {
			continue
		}
		home := v.Case.ProviderOf(t.sender())
		switch {
		case home == nil || home.Emitter == evidence.Harness:
		case strings.EqualFold(m.Mailbox, home.ServiceMailbox):
			f.Holds(m.Where(""), "stored in "+m.Mailbox)
		default:
			f.Broken(m.Where(""), "stored in "+home.ServiceMailbox, "in "+m.Mailbox)
		}
	}
	for _, p := range v.Case.World.Providers {
		inside := within(append(slices.Clone(v.Messages), v.Own...), p.ServiceMailbox)
		if p.Emitter == evidence.Harness || !v.watches(p.ServiceMailbox) || len(natured(inside, pec.AnomalyEnvelope)) > 0 {
			continue // what was found faulty on arrival lies there in another form
		}
		for _, e := range v.Case.Relay {
			users := slices.ContainsFunc(v.Transactions, func(t *Transaction) bool {
				return pec.SameAddress(t.ReversePath, e.ReversePath) && holdsAddress(t.addressees(), p.ServiceMailbox)
			})
			if users {
				continue // a user's message to that address is no receipt between providers
			}
			handed := e.To == p.Name && v.provider(e.From) != nil && e.Code >= 200 && e.Code < 300 && holdsAddress(e.Recipients, p.ServiceMailbox)
			if handed && !slices.ContainsFunc(inside, func(m *Message) bool { return strings.EqualFold(m.Blob, e.SHA256) }) {
				f.absent(v, Where{Blob: e.SHA256}, "what "+e.From+" handed over for "+p.ServiceMailbox+" in that mailbox")
			}
		}
	}
}

func chargeData(_ *View, m *Message) []problem {
	return append(dataProblems(m, pec.TakenInCharge, []string{"nessuno"}, false), identifierProblems(m)...)
}
