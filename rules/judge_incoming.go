package rules

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/pec/smime"
)

// incomingJudges answer for the incoming point (RFC 6109 2.2.2) as far as it is
// seen from an ordinary mail host, from probes and from mailboxes.
func incomingJudges() []Judge {
	return []Judge{
		{Rule: "PEC-IP-001", Looks: "probes of STARTTLS at the incoming point, and sessions there that used TLS", Look: incomingOffersTLS},
		{Rule: "PEC-IP-002", Looks: "replies to ordinary mail that came to the incoming point in clear", Look: incomingTakesClear},
		{Rule: "PEC-IP-004", Looks: "receipts of the other provider in the sender's mailbox", Look: receiptsReachUsers},
		{Rule: "PEC-IP-005", Looks: "presa-in-carico and rilevazione-virus in any mailbox", Look: betweenProvidersOnly(pec.TakenInCharge, pec.VirusDetection)},
		{Rule: "PEC-IP-006", Looks: "what came of an envelope without any signature", Look: unsignedEnvelope},
		{Rule: "PEC-IP-014", Looks: "what came of mail that a provider signed and that has no header of certified e-mail", Look: signedOrdinaryMail},
		{Rule: "PEC-IP-019", Looks: "what came of ordinary mail", Look: ordinaryObserved},
		{Rule: "PEC-IP-020", Looks: "what came of ordinary mail with a virus", Look: infectedOrdinaryMail},
		{Rule: "PEC-IP-029", Looks: "Received lines of messages between providers, and who spoke to whom", Look: hopsInside},
		{Rule: "PEC-IP-033", Looks: "ordinary mail that was answered with 250, in the mailboxes of its recipients", Look: acceptedIsNotLost},
	}
}

func incomingOffersTLS(v *View, f *Findings) {
	for _, p := range v.Case.Probes {
		if !strings.Contains(strings.ToLower(p.Service), "incoming") || !strings.Contains(strings.ToLower(p.Name+" "+p.Asked), "starttls") {
			continue
		}
		where := Where{Blob: p.Transcript, Part: "probe " + p.Name}
		if p.Refused || p.TLSVersion == "" {
			f.Broken(where, "STARTTLS announced and the handshake completed", "no TLS at the incoming point of "+p.Provider)
			continue
		}
		f.Holds(where, p.TLSVersion+" at the incoming point of "+p.Provider)
	}
	for _, t := range v.journeys() {
		if (t.Channel == evidence.IncomingPoint || t.fromPeer()) && t.TLS {
			f.Holds(t.Where(""), "STARTTLS completed")
		}
	}
}

func incomingTakesClear(v *View, f *Findings) {
	for _, t := range v.Transactions {
		if t.Channel != evidence.IncomingPoint || t.TLS {
			continue
		}
		replies := []evidence.Reply{t.MailReply, t.DataReply}
		for _, r := range t.Recipients {
			replies = append(replies, r.Reply)
		}
		if i := slices.IndexFunc(replies, demandsTLS); i >= 0 {
			f.Broken(t.Where("SMTP"), "mail taken over a clear connection", shownReply(replies[i]))
			continue
		}
		if t.MailReply.OK() {
			f.Holds(t.Where("SMTP"), "clear connection accepted")
		} else {
			f.Observes(t.Where("SMTP"), "MAIL FROM refused: "+shownReply(t.MailReply))
		}
	}
}

// demandsTLS tells a refusal for want of encryption.
func demandsTLS(r evidence.Reply) bool {
	text := strings.ToUpper(r.Text)
	return !r.OK() && (r.Code == 530 || r.Code == 523 || r.Code == 538 || strings.Contains(text, "TLS") || strings.Contains(text, "ENCRYPT"))
}

func receiptsReachUsers(v *View, f *Findings) {
	receiptsOfPeersReachUsers(v, f)
	for _, m := range natured(v.Messages, pec.Delivery, pec.NonDelivery) {
		emitter := v.Provider(m)
		if m.Role != evidence.UserMailbox || emitter == nil || emitter.Name == m.Provider {
			continue
		}
		problems := unalteredProblems(v, m)
		for _, answer := range answersTo(v, m, pec.TakenInCharge, pec.Delivery, pec.NonDelivery) {
			problems = append(problems, problem{expected: "no receipt for a receipt", seen: about(answer) + " " + answer.ID})
		}
		f.report(m.Where, problems, about(m)+" of "+emitter.Name+" in "+m.Mailbox)
	}
}

// answersTo returns the messages of these natures that were made for a message
// which itself is no envelope: they bear its Message-ID as what they are about.
func answersTo(v *View, m *Message, kinds ...pec.Kind) []*Message {
	id := bareID(m.PEC.Root.Value("Message-ID"))
	if id == "" {
		return nil
	}
	var answers []*Message
	for _, a := range natured(v.Messages, kinds...) {
		c := a.PEC.Certification
		if a != m && (bareID(a.PEC.Root.Value(pec.HeaderReference)) == id || c != nil && (bareID(c.Identifier) == id || c.HasMessageID && bareID(c.MessageID) == id)) && id != m.Transaction.identifierOrNone() {
			answers = append(answers, a)
		}
	}
	return answers
}

// identifierOrNone returns the PEC msgid of the transaction's envelope; a
// receipt that reuses it as its own Message-ID is a breach of another rule.
func (t *Transaction) identifierOrNone() string {
	if t == nil {
		return ""
	}
	if id := t.envelopeIdentifier(); id != "" {
		return id
	}
	for _, m := range natured(t.Messages, pec.Acceptance) {
		if c := m.PEC.Certification; c != nil {
			return bareID(c.Identifier)
		}
	}
	return ""
}

// unalteredProblems tells whether the copy in the mailbox is the one that was
// sent: the octets that the relay saw, or else a signature that still verifies.
func unalteredProblems(v *View, m *Message) []problem {
	for _, e := range v.Case.Relay {
		if strings.EqualFold(e.SHA256, m.Blob) {
			return nil
		}
	}
	if _, err := verified(m.PEC); err != nil && !errors.Is(err, smime.ErrUnsupported) {
		return []problem{{part: "signature", expected: "a signature that still verifies over the delivered copy", seen: err.Error()}}
	}
	return nil
}

func betweenProvidersOnly(kinds ...pec.Kind) func(*View, *Findings) {
	return func(v *View, f *Findings) {
		betweenProvidersOfPeers(v, f, kinds...)
		for _, m := range natured(v.Messages, kinds...) {
			switch m.Role {
			case evidence.ServiceMailbox:
				f.Holds(m.Where(""), about(m)+" in "+m.Mailbox)
				continue
			case "":
				continue // a message by itself lies in no mailbox
			}
			f.Broken(m.Where(""), about(m)+" in a service mailbox only", "in the mailbox "+m.Mailbox)
		}
	}
}

func unsignedEnvelope(v *View, f *Findings) {
	for _, t := range v.ordinaryTransactions() {
		if sent := t.imitation(); sent != nil && sent.SignaturePart == nil && sent.Root.Has(pec.HeaderTransport) {
			v.reportOrdinary(f, t, "treated as ordinary mail")
		}
	}
}

// imitation returns the submission as certified e-mail if it pretends to be
// some: a header of envelopes or receipts, the From of an envelope, or
// certification data.
func (t *Transaction) imitation() *pec.Message {
	if t.Sent == nil {
		return nil
	}
	sent, err := pec.Read(t.Sent.Raw())
	if err != nil {
		return nil
	}
	from := strings.ToLower(rawmime.DecodeWords(sent.Root.Value("From")))
	if sent.Root.Has(pec.HeaderTransport) || sent.Root.Has(pec.HeaderReceipt) || len(sent.CertificationParts) > 0 || strings.Contains(from, "per conto di:") {
		return sent
	}
	return nil
}

// reportOrdinary answers with the flaws of ordinary mail, or that there is none.
func (v *View) reportOrdinary(f *Findings, t *Transaction, kept string) {
	if v.provesNothing(t) {
		f.Unable(t.Where("SMTP"), envelopeWasToo)
		return
	}
	if !t.Accepted() {
		kept = "refused by SMTP: " + refusal(t)
	}
	f.flaws(v, t, append(slices.Clone(v.flaws(t)), v.unwrapped(t, "an anomaly envelope, or a refusal by SMTP")...), kept)
}

// unwrapped finds what came to the recipients of ordinary mail without an
// anomaly envelope around it.
func (v *View) unwrapped(t *Transaction, expected string) []flaw {
	var list []flaw
	for _, m := range v.wrapped(t) {
		if nature(m) != pec.AnomalyEnvelope {
			list = append(list, flaw{
				sort: flawContradictory, kind: nature(m), recipient: m.Mailbox, where: m.Where(""),
				expected: expected, seen: about(m) + " in " + m.Mailbox,
			})
		}
	}
	return list
}

// signedOrdinaryMail: mail of a provider that is no certified e-mail must reach
// its recipients all the same, inside an anomaly envelope.
func signedOrdinaryMail(v *View, f *Findings) {
	for _, t := range v.journeys() {
		if t.Channel != evidence.IncomingPoint || !v.vouched(t) || t.Infected != "" {
			continue
		}
		if t.Sent.Has(pec.HeaderTransport) || t.Sent.Has(pec.HeaderReceipt) || t.Dispatch != nil && v.receptionOf(t.Dispatch).rule != "PEC-IP-014" {
			continue
		}
		if !t.Accepted() {
			f.Broken(t.Where("SMTP"), "mail signed by a provider is passed on in an anomaly envelope", "refused: "+refusal(t))
			continue
		}
		l := &ledger{v: v, t: t}
		l.ordinary()
		l.list = append(l.list, v.unwrapped(t, "an anomaly envelope around the message")...)
		f.flaws(v, t, l.list, "an anomaly envelope for each recipient")
	}
}

func ordinaryObserved(v *View, f *Findings) {
	for _, t := range v.ordinaryTransactions() {
		switch {
		case t.Infected != "":
		case !t.Accepted():
			f.Observes(t.Where("SMTP"), "ordinary mail refused: "+refusal(t))
		case len(natured(v.wrapped(t), pec.AnomalyEnvelope)) > 0:
			f.Observes(t.Where(""), "ordinary mail delivered in an anomaly envelope")
		default:
			f.Observes(t.Where(""), "ordinary mail accepted; no anomaly envelope was seen")
		}
	}
}

func infectedOrdinaryMail(v *View, f *Findings) {
	for _, t := range v.ordinaryTransactions() {
		if t.Infected == "" || !slices.ContainsFunc(v.dues(t), func(d due) bool { return t.infectedFor(d.Provider) }) {
			continue
		}
		var problems []problem
		for _, m := range t.Messages {
			problems = append(problems, problem{expected: "nothing delivered and no notice: the mail carries the virus " + t.Infected, seen: about(m) + " " + m.ID + " in " + m.Mailbox})
		}
		if len(problems) == 0 && t.Accepted() && !v.Case.Settled {
			f.Unable(t.Where(""), string(NeedSettled))
			continue
		}
		f.report(t.Where, problems, "neither delivered nor notified")
	}
}

func acceptedIsNotLost(v *View, f *Findings) {
	for _, t := range v.ordinaryTransactions() {
		if !t.Accepted() || t.Infected != "" {
			continue
		}
		dots := bytes.Contains(t.Sent.Whole, []byte("\n."))
		for _, d := range v.dues(t) {
			if d.Fate != fateDelivered {
				continue
			}
			came := within(v.wrapped(t), d.Address)
			if len(came) == 0 {
				f.absent(v, t.Where(""), "the message in "+d.Address+": DATA was answered with "+shownReply(t.DataReply))
				continue
			}
			if original := came[0].PEC.Original; dots && original != nil && !sameBody(t.Sent, original) {
				f.Broken(came[0].Where("enclosed message"), "lines that begin with a dot as they were sent", "another text")
				continue
			}
			f.Holds(came[0].Where(""), "answered with 250 and found in "+d.Address)
		}
	}
}
