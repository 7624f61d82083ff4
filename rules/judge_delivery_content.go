package rules

import (
	"bytes"
	"strings"

	"github.com/collaudo/collaudo/pec"
)

// contentJudges answer for what complete and concise delivery receipts hold.
func contentJudges() []Judge {
	complete := func(w wanted) bool { return w.token == "completa" }
	return []Judge{
		examine("PEC-RC-001", "the original in complete receipts, for recipients in To",
			deliveriesOf(func(w wanted) bool { return complete(w) && w.place == placePrimary }), holdsWholeOriginal),
		examine("PEC-RC-002", "parts of receipts for recipients in Cc, complete receipts asked for",
			deliveriesOf(func(w wanted) bool { return complete(w) && w.place == placeCopy }), holdsNoOriginal),
		examine("PEC-RC-003", "the original in complete receipts, for recipients in both To and Cc",
			deliveriesOf(func(w wanted) bool { return complete(w) && w.place == placeAmbiguous }), holdsWholeOriginal),
		examine("PEC-RC-006", "the original in complete receipts, against that of the envelope", completeWithEnvelope, holdsSameOriginal),
		examine("PEC-RC-007", "readable text of receipts, complete ones asked for", deliveriesOf(complete), deliveryText),
		{Rule: "PEC-RC-008", Looks: "ricevuta of receipts for recipients in Cc", Look: typeForCopies},
		examine("PEC-RS-001", "parts of receipts, concise ones asked for",
			deliveriesOf(func(w wanted) bool { return w.token == "sintetica" }), holdsNoOriginal),
		examine("PEC-RS-002", "readable text and number of receipts, concise ones asked for",
			deliveriesOf(func(w wanted) bool { return w.token == "sintetica" }), conciseText),
	}
}

func holdsWholeOriginal(_ *View, m *Message) []problem {
	if !enclosed(m) || m.PEC.Original == nil {
		return []problem{{part: "postacert.eml", expected: "the whole original enclosed", seen: "no original"}}
	}
	if n := len(m.PEC.OriginalParts); n != 1 {
		return []problem{{part: "postacert.eml", expected: "one original", seen: plural(n, "enclosed message")}}
	}
	sent := m.Transaction.Sent
	if lost := lostAttachments(sent, m.PEC.Original); len(lost) > 0 {
		return []problem{{part: "postacert.eml", expected: "the attachments of the original: " + shownList(attachments(sent)), seen: shownList(attachments(m.PEC.Original))}}
	}
	if len(m.PEC.Original.Body()) < len(withoutLastLineEnd(sent.Body())) {
		return []problem{{part: "postacert.eml", expected: "the whole body, " + plural(len(sent.Body()), "octet"), seen: plural(len(m.PEC.Original.Body()), "octet")}}
	}
	return nil
}

func holdsNoOriginal(_ *View, m *Message) []problem {
	if !enclosed(m) {
		return nil
	}
	return []problem{{part: "postacert.eml", expected: "a concise receipt: no original enclosed", seen: shownContent(m)}}
}

// completeWithEnvelope picks complete receipts whose envelope was seen too.
func completeWithEnvelope(v *View) []*Message {
	var all []*Message
	for _, m := range deliveriesOf(func(w wanted) bool { return w.content == contentComplete })(v) {
		if m.Transaction.deliveredOriginal() != nil && m.PEC.Original != nil {
			all = append(all, m)
		}
	}
	return all
}

func holdsSameOriginal(_ *View, m *Message) []problem {
	carried := m.Transaction.deliveredOriginal()
	if bytes.Equal(withoutLastLineEnd(carried.Raw()), withoutLastLineEnd(m.PEC.Original.Raw())) {
		return nil
	}
	seen := unchangedExcept(carried, m.PEC.Original)
	if seen == "" {
		seen = "other octets"
	}
	return []problem{{part: "postacert.eml", expected: "the octets of postacert.eml in the envelope", seen: seen}}
}

// deliveryText searches for the facts that the three forms have in common.
func deliveryText(_ *View, m *Message) []problem {
	return textProblems(m, textWants{recipients: consegnaOf(m), withSender: true, withID: true})
}

func conciseText(v *View, m *Message) []problem {
	problems := deliveryText(v, m)
	if r := m.Transaction.recipientOf(m); r != "" {
		if came := m.Transaction.concerning(r, pec.Delivery); len(came) > 1 {
			problems = append(problems, problem{expected: "one receipt about " + r, seen: messageIDs(came)})
		}
	}
	return problems
}

// typeForCopies records which type a receipt to a Cc recipient bears: the one
// asked for or the one it has (decision D-23).
func typeForCopies(v *View, f *Findings) {
	for _, m := range deliveriesOf(func(w wanted) bool { return w.place == placeCopy && w.token != "sintetica" })(v) {
		c := m.PEC.Certification
		switch {
		case c == nil:
		case !c.HasReceiptType:
			f.Observes(m.Where("daticert.xml ricevuta"), "no ricevuta in the receipt about a Cc recipient")
		case strings.EqualFold(c.ReceiptType, "sintetica"):
			f.Observes(m.Where("daticert.xml ricevuta"), "the effective type, sintetica")
		default:
			f.Observes(m.Where("daticert.xml ricevuta"), "the type asked for, "+c.ReceiptType)
		}
	}
}
