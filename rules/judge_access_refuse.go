package rules

import (
	"fmt"

	"github.com/collaudo/collaudo/pec"
)

// refusalJudges answers for the formal checks of RFC 6109 3.1.1 that must end
// in non-acceptance.
func refusalJudges() []Judge {
	check := func(rule, looks string, smtp bool) Judge {
		return Judge{
			Rule: rule, Looks: "submissions with " + looks + ": not accepted",
			Look: func(v *View, f *Findings) { mustRefuse(v, f, rule, smtp) },
		}
	}
	return []Judge{
		check("PEC-AP-005", "no From field", false),
		check("PEC-AP-006", "a From field that holds no RFC 5322 address", false),
		check("PEC-AP-008", "no To field", false),
		check("PEC-AP-009", "a To field without a readable address", false),
		check("PEC-AP-010", "a reverse path that is not the address in From", false),
		check("PEC-AP-012", "a recipient that stands neither in To nor in Cc", false),
		check("PEC-AP-014", "an address in Bcc", false),
		{Rule: "PEC-AP-016", Looks: "submissions to recipients that stand only in Bcc: no envelope, no certification", Look: blindNotCertified},
		{
			Rule: "PEC-AP-017", Looks: "submissions with size × recipients above the stated limit: not accepted",
			Look: func(v *View, f *Findings) { mustRefuse(v, f, "PEC-AP-017", true) },
		},
		{Rule: "PEC-AP-018", Looks: "submissions above the size limit and below the notice threshold: a notice", Look: sizeNotice},
		{Rule: "PEC-AP-019", Looks: "submissions above the notice threshold: an SMTP error", Look: sizeLeftToSMTP},
		{Rule: "PEC-AP-022", Looks: "submissions that fail a formal check: nothing of an accepted message for anybody", Look: refusedWhole},
		check("PEC-AP-039", "another breach of RFC 5322", true),
	}
}

// mustRefuse demands that a submission with a breach of the rule ends refused:
// by a notice of non-acceptance to the reverse path or, where the rule admits
// it, by SMTP. It concludes that the check works only when no other breach can
// be the reason.
func mustRefuse(v *View, f *Findings, rule string, smtpAdmitted bool) {
	for _, t := range accessSubmissions(v) {
		all := breachesOf(v, t)
		b, ok := breachOf(all, rule)
		if !ok || b.grade == open {
			continue
		}
		where, o := t.Where("submission"), outcomeOf(t)
		expected := "non-acceptance, because " + b.detail
		switch {
		case o.accepted() && b.detail == noDate && len(all) == 1 && dateSupplied(o):
			f.Holds(where, "accepted, and the missing Date was supplied")
		case o.accepted() && b.grade == forgiven:
			f.Deviates(where, expected, o.String())
		case o.accepted():
			f.Broken(where, expected, o.String())
		case twinRefused(v, t):
			f.Unable(where, twinWasToo)
		case !o.contentJudged() && rule != "PEC-AP-017":
			// Only the size can be known before the octets are.
		case o.temporary():
			f.Unable(where, "a temporary refusal decides nothing: "+o.smtp())
		case o.stage != "" && !smtpAdmitted && t.sender() != "":
			f.Broken(where, "a notice of non-acceptance, because "+b.detail, o.smtp())
		case o.unanswered && o.stage == "":
			f.Unable(where, noFinalReply)
		case !v.Case.Settled:
			f.Unable(where, notSettled)
		case o.stage == "" && t.sender() != "" && len(noticesTo(t)) == 0:
			if v.Case.Mailbox(t.sender()) == nil {
				f.Unable(where, notReadableBy+t.sender())
				continue
			}
			f.Broken(where, expected+", with a notice to "+t.sender(), o.String())
		case onlyBreach(all, rule):
			f.Holds(where, b.detail+": "+o.String())
		}
	}
}

// noticesTo returns the notices of non-acceptance in the sender's mailbox.
func noticesTo(t *Transaction) []*Message { return t.In(t.sender(), pec.NonAcceptance) }

// dateSupplied tells that the enclosed originals have a Date.
func dateSupplied(o outcome) bool {
	for _, e := range o.envelopes {
		if e.Envelope.Original == nil || !e.Envelope.Original.Has("Date") {
			return false
		}
	}
	return len(o.envelopes) > 0
}

// blindNotCertified: what stands only in Bcc is no certification data, and no
// envelope leaves for it.
func blindNotCertified(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		if t.Sent == nil {
			continue
		}
		visible, _ := addressesIn(t.Sent, "To", "Cc")
		blind, _ := addressesIn(t.Sent, "Bcc")
		for _, r := range t.recipients() {
			if !lists(blind, r) || lists(visible, r) {
				continue
			}
			expected := r + " stands only in Bcc: no acceptance and no envelope, for anybody"
			switch o := outcomeOf(t); {
			case o.accepted():
				f.Broken(t.Where("header Bcc"), expected, o.String())
			case twinRefused(v, t):
				f.Unable(t.Where("header Bcc"), twinWasToo)
			case !v.Case.Settled:
				f.Unable(t.Where("header Bcc"), notSettled)
			default:
				f.Holds(t.Where("header Bcc"), o.String())
			}
		}
	}
}

// sizeNotice and sizeLeftToSMTP share the threshold that the provider states.
// Whether it is meant of the size or of size × recipients is not written, so
// what lies between the two readings is left alone.
func sizeNotice(v *View, f *Findings) {
	threshold := v.Case.World.Limits.NoticeBytes
	for _, t := range accessSubmissions(v) {
		all := breachesOf(v, t)
		b, ok := breachOf(all, "PEC-AP-017")
		if !ok || b.grade != firm || threshold == 0 || totalBytes(t) > threshold || !onlyBreach(all, "PEC-AP-017") {
			continue
		}
		where, o := t.Where("submission"), outcomeOf(t)
		expected := fmt.Sprintf("a notice of non-acceptance: %s, and the notice threshold is %d", b.detail, threshold)
		switch {
		case len(noticesTo(t)) > 0:
			f.Holds(where, o.String())
		case twinRefused(v, t):
			f.Unable(where, twinWasToo)
		case o.stage != "":
			f.Broken(where, expected, o.smtp())
		case !v.Case.Settled:
			f.Unable(where, notSettled)
		default:
			f.Broken(where, expected, o.String())
		}
	}
}

func sizeLeftToSMTP(v *View, f *Findings) {
	threshold := v.Case.World.Limits.NoticeBytes
	for _, t := range accessSubmissions(v) {
		b, ok := breachOf(breachesOf(v, t), "PEC-AP-017")
		if !ok || b.grade != firm || threshold == 0 || sizeOf(t) <= threshold {
			continue
		}
		where, o := t.Where("SMTP dialogue"), outcomeOf(t)
		expected := fmt.Sprintf("an SMTP error: %d octets are above the notice threshold of %d", sizeOf(t), threshold)
		switch {
		case o.stage != "":
			f.Holds(where, o.smtp())
		case o.accepted():
			f.Broken(where, expected, o.String())
		case len(o.notices) > 0:
			f.Warns(where, expected, "a notice instead: "+o.String())
		case o.unanswered:
			f.Unable(where, noFinalReply)
		case !v.Case.Settled:
			f.Unable(where, notSettled)
		default:
			f.Broken(where, expected, o.String())
		}
	}
}

// refusedWhole: one failing check refuses the message for all recipients.
func refusedWhole(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		b, ok := formalBreach(breachesOf(v, t))
		if !ok {
			continue
		}
		switch o := outcomeOf(t); {
		case o.accepted():
			f.Broken(t.Where("submission"), "the whole message refused, because "+b.detail+": no acceptance, no envelope for any recipient", o.String())
		case twinRefused(v, t):
			f.Unable(t.Where("submission"), twinWasToo)
		case !v.Case.Settled:
			f.Unable(t.Where("submission"), notSettled)
		default:
			f.Holds(t.Where("submission"), b.detail+": "+o.String())
		}
	}
}
