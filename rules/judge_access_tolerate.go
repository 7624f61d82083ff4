package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
)

// toleranceJudges answers for what looks unusual and is lawful, and records
// what the rules do not decide.
func toleranceJudges() []Judge {
	record := func(rule, looks string) Judge {
		return Judge{
			Rule: rule, Looks: looks + ": recorded",
			Look: func(v *View, f *Findings) { recordOutcome(v, f, rule) },
		}
	}
	return []Judge{
		record("PEC-AP-007", "submissions with two mailboxes in From"),
		{Rule: "PEC-AP-011", Looks: "submissions whose From has a display name, a comment, or another letter case than the reverse path: accepted", Look: sameAddressAccepted},
		record("PEC-AP-013", "submissions with an address in To or Cc that no RCPT TO names"),
		record("PEC-AP-015", "submissions with an empty Bcc field"),
		{Rule: "PEC-AP-035", Looks: "submissions that name one recipient twice: one entry, one receipt", Look: recipientOnce},
		{Rule: "PEC-AP-036", Looks: "submissions with folding, groups, comments, quoted local parts or encoded words in To and Cc: accepted, all recipients certified", Look: addressesExtracted},
		{Rule: "PEC-AP-037", Looks: "submissions to ordinary recipients: the provider's policy is recorded", Look: ordinaryPolicy},
	}
}

func recordOutcome(v *View, f *Findings, rule string) {
	for _, t := range accessSubmissions(v) {
		if b, ok := breachOf(breachesOf(v, t), rule); ok {
			f.Observes(t.Where("submission"), b.detail+": "+outcomeOf(t).String())
		}
	}
}

// mustAccept demands an acceptance; it answers only when nothing else speaks
// against the submission.
func mustAccept(v *View, f *Findings, t *Transaction, what string) {
	where, o := t.Where("submission"), outcomeOf(t)
	switch {
	case len(o.acceptances) > 0:
		f.Holds(where, what+": "+o.String())
	case twinRefused(v, t):
		f.Unable(where, twinWasToo)
	case o.temporary():
		f.Unable(where, "a temporary refusal decides nothing: "+o.smtp())
	case o.stage != "" || len(o.notices) > 0 || v.Case.Settled:
		reason := ""
		if len(o.notices) > 0 {
			reason = noticeReason(o.notices[0])
		}
		f.Broken(where, "accepted: "+what, o.String()+reason)
	default:
		f.Unable(where, notSettled)
	}
}

func sameAddressAccepted(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		if !conforming(v, t, "PEC-AP-011") {
			continue
		}
		value := t.Sent.Value("From")
		list, err := pec.ParseAddressList(value)
		if err != nil || len(list) != 1 {
			continue
		}
		_, comment := outsideQuotes(value)
		from := list[0].String()
		switch {
		case !pec.SameAddress(from, t.sender()) && strings.EqualFold(from, t.sender()):
			f.Observes(t.Where("header From"), fmt.Sprintf("From %s against reverse path %s: %s", from, t.sender(), outcomeOf(t)))
		case from != t.sender():
			mustAccept(v, f, t, fmt.Sprintf("From %s and reverse path %s differ only in the letter case of the domain", from, t.sender()))
		case comment || list[0].Name != "":
			mustAccept(v, f, t, "From "+shown(value)+" is the reverse path with a name or a comment")
		}
	}
}

func recipientOnce(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		all := t.recipients()
		once := distinct(all)
		if len(once) == len(all) || !conforming(v, t) {
			continue
		}
		for _, m := range append(t.OfKind(pec.Acceptance), carriers(envelopesOf(t))...) {
			c := m.PEC.Certification
			if c == nil || m.PEC.Kind == pec.AnomalyEnvelope {
				continue
			}
			if certified := certifiedRecipients(m.PEC); !sameAddresses(certified, once) {
				f.Broken(m.Where("daticert.xml"), "one entry for each of "+shownList(once), shownList(certified))
			} else {
				f.Holds(m.Where("daticert.xml"), "RCPT TO "+shownList(all)+", certified once each")
			}
		}
		for _, r := range once {
			n := 0
			for _, m := range t.In(t.sender(), pec.Delivery) {
				if c := m.PEC.Certification; c != nil && pec.SameAddress(pec.BareAddress(c.Delivery), r) {
					n++
				}
			}
			if n > 1 {
				f.Broken(t.Where("receipts"), "one delivery receipt for "+r, plural(n, "delivery receipt"))
			}
		}
	}
}

func carriers(envelopes []envelopeSeen) []*Message {
	var all []*Message
	for _, e := range envelopes {
		all = append(all, e.Message)
	}
	return all
}

// certifiedRecipients returns the addresses of the certification data, as many
// times as they stand there.
func certifiedRecipients(m *pec.Message) []string {
	var all []string
	if m.Certification != nil {
		for _, r := range m.Certification.Recipients {
			all = append(all, pec.BareAddress(r.Address))
		}
	}
	return all
}

func addressesExtracted(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		if !conforming(v, t) {
			continue
		}
		var forms []string
		for _, field := range append(t.Sent.Lookup("To"), t.Sent.Lookup("Cc")...) {
			forms = append(forms, addressForms(field)...)
		}
		if len(forms) == 0 {
			continue
		}
		slices.Sort(forms)
		what := "To and Cc with " + strings.Join(slices.Compact(forms), ", ")
		mustAccept(v, f, t, what)
		for _, m := range t.OfKind(pec.Acceptance) {
			if got := certifiedRecipients(m.PEC); m.PEC.Certification != nil && !sameAddresses(distinct(got), distinct(t.recipients())) {
				f.Broken(m.Where("daticert.xml"), what+": certified for "+shownList(t.recipients()), shownList(got))
			}
		}
	}
}

func ordinaryPolicy(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		if !conforming(v, t) || !hasOrdinaryRecipient(v, t) {
			continue
		}
		o := outcomeOf(t)
		seen := "a message to ordinary recipients: " + o.String()
		if len(o.notices) > 0 {
			seen += noticeReason(o.notices[0])
		}
		f.Observes(t.Where("submission"), seen)
	}
}
