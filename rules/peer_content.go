package rules

import (
	"strings"

	"github.com/collaudo/collaudo/pec"
)

// peerContentJudges answer for the delivery receipts of envelopes that no access
// point of the target would have let pass like this (RFC 6109 3.3.2).
func peerContentJudges() []Judge {
	return []Judge{
		examine("PEC-DP-009", "delivery receipts, where envelope and original ask for different kinds", conflicting, asTheEnvelopeAsks),
		examine("PEC-RC-004", "the original in complete receipts, for recipients in neither To nor Cc",
			deliveriesOf(func(w wanted) bool { return w.token == "completa" && w.place == placeNeither }), holdsWholeOriginal),
		examine("PEC-RC-005", "the original in complete receipts, where To and Cc cannot be read", unreadableAddressees, holdsWholeOriginal),
	}
}

// conflicting picks the delivery receipts for envelopes whose X-TipoRicevuta
// asks for another kind than that of the original.
func conflicting(v *View) []*Message {
	var all []*Message
	for _, m := range natured(v.Messages, pec.Delivery) {
		d := m.Dispatch
		if d == nil || !m.Transaction.fromPeer() {
			continue
		}
		outer, inner := askedType(d.PEC.Root), askedType(d.PEC.Original)
		if outer != "" && inner != "" && outer != inner {
			all = append(all, m)
		}
	}
	return all
}

func asTheEnvelopeAsks(_ *View, m *Message) []problem {
	w := wantedOf(m)
	var problems []problem
	if got := contentOf(m); w.content != contentUnsure && got != w.content && !(w.content == contentBrief && got == contentComplete && len(attachmentsOf(m)) == 0) {
		problems = append(problems, problem{part: "postacert.eml", expected: "a receipt as the envelope asks, " + w.token + ": " + string(w.content), seen: shownContent(m)})
	}
	if c := m.PEC.Certification; c != nil && w.place != placeCopy && !strings.EqualFold(c.ReceiptType, w.token) {
		problems = append(problems, problem{part: "daticert.xml ricevuta", expected: w.token + ", as the envelope asks", seen: shown(c.ReceiptType)})
	}
	return problems
}

// unreadableAddressees picks the complete delivery receipts for envelopes in
// which neither To nor Cc can be read.
func unreadableAddressees(v *View) []*Message {
	var all []*Message
	for _, m := range natured(v.Messages, pec.Delivery) {
		if m.Dispatch == nil || !m.Transaction.fromPeer() || askedType(m.Dispatch.PEC.Root) != "completa" {
			continue
		}
		root := m.Dispatch.PEC.Root
		_, toRead := addressesIn(root, "To")
		_, ccRead := addressesIn(root, "Cc")
		if (root.Has("To") || root.Has("Cc")) && (!root.Has("To") || !toRead) && (!root.Has("Cc") || !ccRead) {
			all = append(all, m)
		}
	}
	return all
}
