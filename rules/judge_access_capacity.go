package rules

import (
	"fmt"
)

// capacityJudges answers for what every provider must be able to take: 50
// recipients, and 30 MB of size × recipients (decree, article 12(2)).
func capacityJudges() []Judge {
	return []Judge{
		{Rule: "PEC-AP-020", Looks: "submissions to 50 certified recipients: accepted", Look: fiftyRecipients},
		{Rule: "PEC-AP-021", Looks: "submissions with size × recipients up to 30 MB: accepted", Look: thirtyMegabytes},
	}
}

const guaranteedRecipients = 50

func fiftyRecipients(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		if len(t.Recipients) != guaranteedRecipients || totalBytes(t) > guaranteedBytes || hasOrdinaryRecipient(v, t) ||
			!conforming(v, t, "PEC-AP-017", "PEC-AP-020") {
			continue
		}
		turnedDown := ""
		for _, r := range t.Recipients {
			if !r.Reply.OK() && turnedDown == "" {
				turnedDown = fmt.Sprintf("RCPT TO <%s>: %s", r.Address, shownReply(r.Reply))
				if unknownMailbox(r.Reply) {
					f.Unable(t.Where("RCPT TO"), "50 mailboxes that exist: "+turnedDown)
				} else {
					f.Broken(t.Where("RCPT TO"), "all 50 recipients are taken", turnedDown)
				}
			}
		}
		if turnedDown == "" {
			mustAccept(v, f, t, "50 certified recipients")
		}
	}
}

// thirtyMegabytes is exercised by a submission close to the guaranteed product,
// and by any smaller one that is refused for its size. Between the decimal and
// the binary reading of 30 MB a refusal is only recorded.
func thirtyMegabytes(v *View, f *Findings) {
	const near, binary = guaranteedBytes * 98 / 100, 30 << 20
	for _, t := range accessSubmissions(v) {
		if !conforming(v, t, "PEC-AP-017", "PEC-AP-020") || len(t.Recipients) > guaranteedRecipients {
			continue
		}
		total, o := totalBytes(t), outcomeOf(t)
		what := fmt.Sprintf("%d octets to %s, %d in all", sizeOf(t), plural(max(1, len(t.recipients())), "recipient"), total)
		switch {
		case total < near && o.reply.Code != 552:
		case total <= guaranteedBytes:
			mustAccept(v, f, t, what)
		case len(o.acceptances) > 0:
			f.Holds(t.Where("submission"), what+": "+o.String())
		case total <= binary:
			f.Observes(t.Where("submission"), what+", above 30 MB counted decimally: "+o.String())
		}
	}
}
