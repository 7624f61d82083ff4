package rules

import (
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// deliveryJudges answer for the delivery point and its receipts: what all
// delivery receipts have in common (RFC 6109 3.3.2), the complete one (3.3.2.1)
// and the concise one (3.3.2.3). The brief one has a file of its own.
func deliveryJudges() []Judge {
	receipts := byNature(pec.Delivery)
	return append([]Judge{
		{Rule: "PEC-DP-001", Looks: "whether a delivery receipt follows, by the type of what was delivered", Look: receiptByType},
		{Rule: "PEC-DP-002", Looks: "delivery receipts for envelopes that lie in a mailbox", Look: receiptFollowsDelivery},
		{Rule: "PEC-DP-003", Looks: "delivery receipts for receipts and anomaly envelopes", Look: noReceiptForOthers},
		examine("PEC-DP-004", "copies in mailboxes, against what was relayed and signed", deliveredCopies, unalteredProblems),
		{Rule: "PEC-DP-005", Looks: "when an envelope came into its mailbox and when its receipt was issued", Look: receiptAfterDelivery},
		{Rule: "PEC-DP-006", Looks: "delivery receipts for several recipients at one provider", Look: receiptForEach},
		examine("PEC-DP-007", "header of delivery receipts", receipts, deliveryHeader),
		examine("PEC-DP-008", "subject of delivery receipts", receipts, func(_ *View, m *Message) []problem { return subjectProblems(m, pec.Delivery, false) }),
		examine("PEC-DP-010", "certification data of delivery receipts", receipts, deliveryData),
		examine("PEC-DP-011", "where receipts go when Reply-To names another mailbox", repliedElsewhere, receiptToSender),
	}, contentJudges()...)
}

// delivered visits the recipients whose envelope lies in their mailbox.
func (v *View) delivered(visit func(t *Transaction, recipient string, envelope *Message)) {
	for _, t := range v.journeys() {
		if t.Channel == evidence.IncomingPoint {
			continue
		}
		for _, d := range v.dues(t) {
			if d.Fate != fateDelivered {
				continue
			}
			if envelopes := within(natured(t.Messages, pec.TransportEnvelope), d.Address); len(envelopes) > 0 {
				visit(t, d.Address, envelopes[0])
			}
		}
	}
}

func receiptByType(v *View, f *Findings) {
	v.delivered(func(t *Transaction, recipient string, envelope *Message) {
		switch came := t.concerning(recipient, pec.Delivery); {
		case len(came) > 0:
			f.Holds(envelope.Where(""), "the envelope for "+recipient+" has its receipt")
		case v.hears(t):
			f.absent(v, envelope.Where(""), "a delivery receipt for the envelope in "+recipient)
		}
	})
	noReceiptForOthers(v, f)
}

// receiptFollowsDelivery: a receipt for each envelope in a mailbox, and none
// for an envelope that is in no mailbox.
func receiptFollowsDelivery(v *View, f *Findings) {
	v.delivered(func(t *Transaction, recipient string, envelope *Message) {
		switch came := t.concerning(recipient, pec.Delivery); {
		case len(came) > 0:
			f.Holds(came[0].Where(""), "delivered to "+recipient+" and certified")
		case v.hears(t):
			f.absent(v, envelope.Where(""), "a delivery receipt about "+recipient+" in "+t.sender())
		}
	})
	v.undelivered(func(receipt *Message, recipient string) {
		f.absent(v, receipt.Where(""), "the envelope in "+recipient+", whose delivery is certified")
	})
}

// undelivered visits the delivery receipts about a mailbox that the harness
// reads and that does not hold the envelope.
func (v *View) undelivered(visit func(receipt *Message, recipient string)) {
	for _, m := range submittedOnes(byNature(pec.Delivery))(v) {
		recipient := m.Transaction.recipientOf(m)
		mailbox := v.Case.Mailbox(recipient)
		if mailbox == nil || mailbox.Role != evidence.UserMailbox || v.outOfSight(recipient) {
			continue
		}
		if len(within(natured(m.Transaction.Messages, pec.TransportEnvelope), recipient)) == 0 {
			visit(m, recipient)
		}
	}
}

func noReceiptForOthers(v *View, f *Findings) {
	for _, t := range v.ordinaryTransactions() {
		came := natured(t.Messages, pec.Delivery)
		switch {
		case len(came) > 0:
			f.Broken(came[0].Where(""), "no delivery receipt for an anomaly envelope", about(came[0])+" in "+came[0].Mailbox)
		case len(v.wrapped(t)) > 0 && v.Case.Settled:
			f.Holds(v.wrapped(t)[0].Where(""), "no delivery receipt for it")
		}
	}
	for _, m := range natured(v.Messages, receiptKinds...) {
		if m.Mailbox == "" {
			continue
		}
		switch answers := answersTo(v, m, pec.Delivery); {
		case len(answers) > 0:
			f.Broken(answers[0].Where(""), "no delivery receipt for "+about(m)+" "+m.ID, about(answers[0])+" in "+answers[0].Mailbox)
		case v.Case.Settled:
			f.Holds(m.Where(""), "no delivery receipt for it")
		}
	}
}

// deliveredCopies picks what was delivered to certified users.
func deliveredCopies(v *View) []*Message {
	return slices.DeleteFunc(natured(append(slices.Clone(v.Messages), v.relayedOwn()...), systemKinds...), func(m *Message) bool { return m.Role != evidence.UserMailbox })
}

// deliveryTolerance: instants in mailboxes and certification data are whole
// seconds, each cut by itself.
const deliveryTolerance = 2 * time.Second

func receiptAfterDelivery(v *View, f *Findings) {
	v.delivered(func(t *Transaction, recipient string, envelope *Message) {
		for _, receipt := range t.concerning(recipient, pec.Delivery) {
			c := receipt.PEC.Certification
			if c == nil || envelope.Delivered.IsZero() {
				continue
			}
			issued, err := certifiedInstant(c)
			if err != nil {
				continue
			}
			if envelope.Delivered.After(issued.Add(deliveryTolerance)) {
				f.Broken(receipt.Where(""), "a receipt no earlier than "+envelope.Delivered.In(legalZone()).Format(time.DateTime)+", when the envelope came into "+recipient,
					issued.In(legalZone()).Format(time.DateTime))
				continue
			}
			f.Holds(receipt.Where(""), "issued at delivery to "+recipient)
		}
	})
	v.undelivered(func(receipt *Message, recipient string) {
		f.absent(v, receipt.Where(""), "the envelope in "+recipient+" before its delivery is certified")
	})
}

// receiptForEach looks at providers that delivered to several recipients.
func receiptForEach(v *View, f *Findings) {
	for _, t := range v.journeys() {
		if !t.accepted() || !v.hears(t) {
			continue
		}
		for _, recipients := range v.local(t) {
			if len(recipients) < 2 {
				continue
			}
			f.oneForEach(v, t, recipients, pec.Delivery)
		}
	}
}

// local returns the recipients that are to be delivered, by provider.
func (v *View) local(t *Transaction) [][]string {
	var names []string
	var all [][]string
	for _, d := range v.dues(t) {
		if d.Fate != fateDelivered {
			continue
		}
		i := slices.Index(names, d.Provider.Name)
		if i < 0 {
			i = len(names)
			names, all = append(names, d.Provider.Name), append(all, nil)
		}
		all[i] = append(all[i], d.Address)
	}
	return all
}

func deliveryHeader(v *View, m *Message) []problem {
	return headerProblems(m, pec.Delivery, v.concernedProvider(m), senderOf(m))
}

func deliveryData(_ *View, m *Message) []problem {
	problems := dataProblems(m, pec.Delivery, []string{"nessuno"}, true)
	c := m.PEC.Certification
	if c == nil {
		return problems
	}
	allowed := []string{"completa", "breve", "sintetica"}
	if w := wantedOf(m); w.token != "" {
		allowed = []string{w.token}
		if w.place == placeCopy && w.token != "sintetica" {
			allowed = append(allowed, "sintetica") // decision D-23
		}
	}
	if !c.HasReceiptType || !slices.Contains(allowed, c.ReceiptType) {
		problems = append(problems, problem{part: "daticert.xml ricevuta", expected: strings.Join(allowed, " or "), seen: shown(c.ReceiptType)})
	}
	return append(problems, identifierProblems(m)...)
}

// repliedElsewhere picks the receipts of messages whose Reply-To names somebody
// else than the sender.
func repliedElsewhere(v *View) []*Message {
	return slices.DeleteFunc(submittedOnes(byNature(pec.Delivery))(v), func(m *Message) bool {
		t := m.Transaction
		return t.Sent == nil || !t.Sent.Has("Reply-To") || lists(t.replies(), t.sender())
	})
}

func receiptToSender(_ *View, m *Message) []problem {
	problems := toProblems(m, m.Transaction.sender())
	if m.Mailbox != "" && lists(m.Transaction.replies(), m.Mailbox) {
		problems = append(problems, problem{expected: "the receipt in " + m.Transaction.sender() + ", the reverse path", seen: "in " + m.Mailbox + ", which Reply-To names"})
	}
	return problems
}
