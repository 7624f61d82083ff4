package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
)

// envelopeJudges answers for the transport envelope (family TE, RFC 6109
// 3.1.5), as found in the recipients' mailboxes: its header, its text and data
// (here), the enclosed original (judge_envelope_original.go), and its way to the
// next provider (judge_envelope_relay.go).
func envelopeJudges() []Judge {
	judges := envelopeHeaderJudges()
	judges = append(judges, envelopeInheritanceJudges()...)
	judges = append(judges,
		Judge{Rule: "PEC-TE-011", Looks: "facts in the readable text of the envelope", Look: eachEnvelope(envelopeText)},
		Judge{Rule: "PEC-TE-015", Looks: "tipo, ricevuta and consegna in the envelope's certification data", Look: eachEnvelope(envelopeData)},
		Judge{Rule: "PEC-TE-017", Looks: "ordinary recipients of accepted submissions: the envelope reaches them too", Look: ordinaryReceives},
		Judge{Rule: "PEC-TE-018", Looks: "envelopes of one submission in several mailboxes: one and the same", Look: sameEnvelope},
	)
	judges = append(judges, originalJudges()...)
	return append(judges, relayJudges()...)
}

// eachEnvelope looks at the envelopes that access points made.
func eachEnvelope(look func(v *View, f *Findings, e envelopeSeen)) func(*View, *Findings) {
	return func(v *View, f *Findings) {
		for _, e := range envelopesOfAccess(v) {
			look(v, f, e)
		}
	}
}

// eachAccessEnvelope looks at the envelopes whose submission is known.
func eachAccessEnvelope(look func(v *View, f *Findings, e envelopeSeen)) func(*View, *Findings) {
	return func(v *View, f *Findings) {
		for _, e := range accessEnvelopes(v) {
			look(v, f, e)
		}
	}
}

func envelopeText(_ *View, f *Findings, e envelopeSeen) {
	findAll(f, e.Message, "text", textFacts(e.Message, e.Envelope), "all facts of the model")
}

func envelopeData(_ *View, f *Findings, e envelopeSeen) {
	c := e.Envelope.Certification
	if c == nil {
		f.Broken(e.Where("daticert.xml"), "tipo posta-certificata with ricevuta", certificationMissing(e.Envelope))
		return
	}
	var wrong []problem
	if c.Type != "posta-certificata" {
		wrong = append(wrong, problem{part: "daticert.xml", expected: "tipo posta-certificata", seen: "tipo " + c.Type})
	}
	if !c.HasReceiptType || !slices.Contains(receiptTypes, c.ReceiptType) {
		wrong = append(wrong, problem{part: "daticert.xml", expected: "ricevuta with tipo completa, breve or sintetica", seen: fmt.Sprintf("ricevuta %s (present: %t)", shown(c.ReceiptType), c.HasReceiptType)})
	}
	if c.HasDelivery {
		wrong = append(wrong, problem{part: "daticert.xml", expected: "no consegna", seen: "consegna " + shown(c.Delivery)})
	}
	findAll(f, e.Message, "daticert.xml", wrong, "posta-certificata, ricevuta "+c.ReceiptType)
}

func ordinaryReceives(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		if len(t.OfKind(pec.Acceptance)) == 0 {
			continue
		}
		for _, r := range distinct(t.recipients()) {
			mailbox := v.Case.Mailbox(r)
			if mailbox == nil || v.certifiedFor(t, r) {
				continue
			}
			var found *envelopeSeen
			for _, e := range envelopesOf(t) {
				if strings.EqualFold(e.Mailbox, r) && !e.Wrapped {
					found = &e
				}
			}
			expected := "the transport envelope in the mailbox of the ordinary recipient " + r + ", who is esterno in it"
			switch {
			case found != nil && found.Envelope.Certification != nil && (labelled{found.Message, found.Envelope}).label(r) != "esterno":
				f.Broken(found.Where("daticert.xml"), expected, r+" is "+shown((labelled{found.Message, found.Envelope}).label(r)))
			case found != nil:
				f.Holds(found.Where("mailbox"), r+" received the envelope")
			case !v.Case.Settled:
				f.Unable(t.Where("mailbox "+r), notSettled)
			default:
				f.Broken(t.Where("mailbox "+r), expected, "no transport envelope there")
			}
		}
	}
}

// sameEnvelope compares what the access point made: identifier and signed
// content. Trace fields that each host puts on top may differ.
func sameEnvelope(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		envelopes := envelopesOf(t)
		mailboxes := map[string]bool{}
		for _, e := range envelopes {
			mailboxes[strings.ToLower(e.Mailbox)] = true
		}
		if len(mailboxes) < 2 {
			continue
		}
		first, same := envelopes[0], true
		for _, e := range envelopes[1:] {
			if difference := envelopeDifference(first.Envelope, e.Envelope); difference != "" && first.Blob != e.Blob {
				same = false
				f.Broken(e.Where("envelope"), "the same envelope as "+first.ID+" in "+first.Mailbox, difference)
			}
		}
		if same {
			f.Holds(first.Where("envelope"), fmt.Sprintf("one envelope in %d mailboxes", len(mailboxes)))
		}
	}
}

func envelopeDifference(a, b *pec.Message) string {
	for _, name := range []string{"Message-ID", "Date", "From", "To", "Cc", "Reply-To", "Subject", pec.HeaderReceiptType, pec.HeaderReference} {
		if x, y := a.Root.Values(name), b.Root.Values(name); !slices.Equal(x, y) {
			return fmt.Sprintf("%s %s against %s", name, shownValues(x), shownValues(y))
		}
	}
	switch {
	case a.Signed == nil && b.Signed == nil:
		return ""
	case a.Signed == nil || b.Signed == nil:
		return "only one of them is signed"
	}
	if at, differ := firstDifference(a.Signed.Raw(), b.Signed.Raw()); differ {
		return "the signed contents differ at " + lineAt(a.Signed.Raw(), at)
	}
	return ""
}

// firstDifference returns the offset of the first octet in which two byte
// strings differ, the end of the shorter one included.
func firstDifference(a, b []byte) (int, bool) {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i, true
		}
	}
	return min(len(a), len(b)), len(a) != len(b)
}
