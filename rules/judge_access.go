package rules

import (
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// accessJudges answers for the access point (family AP): who may submit, what
// is refused, what is accepted, and which identifiers and labels the accepted
// message gets. The antecedent of each comes from the submission itself.
func accessJudges() []Judge {
	judges := []Judge{
		{Rule: "PEC-AP-001", Looks: "submissions without AUTH on the submission service: refused by SMTP", Look: unauthenticatedRefused},
		{Rule: "PEC-AP-002", Looks: "submissions whose reverse path is not the authenticated account: not accepted", Look: foreignReversePathRefused},
		{Rule: "PEC-AP-003", Looks: "submissions and attempts to sign in without TLS: not possible", Look: clearTextRefused},
		{Rule: "PEC-AP-004", Looks: "SMTP replies to conforming submissions, and that they are accepted", Look: submissionServed},
	}
	judges = append(judges, refusalJudges()...)
	judges = append(judges, toleranceJudges()...)
	judges = append(judges, capacityJudges()...)
	judges = append(judges, identifierJudges()...)
	judges = append(judges, labelJudges()...)
	return append(judges, receiptTypeJudges()...)
}

func unauthenticatedRefused(v *View, f *Findings) {
	for _, t := range v.Transactions {
		if throughSubmission(t) && !t.Authenticated && v.judged(t.Host) {
			refusedAtSMTP(f, t, "an SMTP refusal before authentication, and no acceptance")
		}
	}
}

// refusedAtSMTP demands that no step of the dialogue led to an accepted
// message. What was never answered did not get through either.
func refusedAtSMTP(f *Findings, t *Transaction, expected string) {
	o := outcomeOf(t)
	switch {
	case t.Accepted() || o.accepted():
		f.Broken(t.Where("SMTP dialogue"), expected, fmt.Sprintf("MAIL FROM: %s; end of data: %s; %s", shownReply(t.MailReply), shownReply(t.DataReply), o))
	case o.stage != "":
		f.Holds(t.Where("SMTP dialogue"), o.smtp())
	default:
		f.Holds(t.Where("SMTP dialogue"), "no message went through")
	}
}

func foreignReversePathRefused(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		if !foreignReversePath(t) {
			continue
		}
		expected := fmt.Sprintf("not accepted: %s may not send as %s", t.Account, t.sender())
		switch o := outcomeOf(t); {
		case o.accepted():
			f.Broken(t.Where("reverse path"), expected, o.String())
		case twinRefused(v, t):
			f.Unable(t.Where("reverse path"), twinWasToo)
		case o.stage != "":
			f.Holds(t.Where("reverse path"), o.smtp())
		case !v.Case.Settled:
			f.Unable(t.Where("reverse path"), notSettled)
		case len(o.notices) > 0:
			f.Holds(t.Where("reverse path"), o.String())
		case o.unanswered:
			f.Unable(t.Where("reverse path"), noFinalReply)
		default:
			f.Broken(t.Where("reverse path"), expected+", and the user told so by SMTP or by a notice", o.String())
		}
	}
}

func clearTextRefused(v *View, f *Findings) {
	const expected = "no authentication and no submission without TLS"
	for _, t := range v.Transactions {
		clear := t.Channel == evidence.SubmissionClear || throughSubmission(t) && !t.TLS
		switch {
		case !clear || !v.judged(t.Host):
		case t.Authenticated:
			f.Broken(t.Where("SMTP dialogue"), expected, "AUTH succeeded in clear text")
		default:
			refusedAtSMTP(f, t, expected)
		}
	}
	for _, p := range v.Case.Probes {
		where := Where{Part: "probe " + p.Name + " at " + p.Provider}
		switch {
		case p.Name != "auth-in-clear" || !v.judged(p.Provider):
		case p.Refused:
			f.Holds(where, "AUTH in clear text was refused")
		default:
			f.Broken(where, expected, "AUTH succeeded in clear text")
		}
	}
}

// submissionServed: every step of a lawful submission gets the reply that RFC
// 5321 prescribes, and the message is accepted.
func submissionServed(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		if !conforming(v, t) {
			continue
		}
		where, o := t.Where("SMTP dialogue"), outcomeOf(t)
		const expected = "a conforming message is accepted: 250 to MAIL FROM, RCPT TO and the end of data, and an acceptance"
		switch odd := oddReply(t); {
		case o.temporary():
			f.Unable(where, "a temporary refusal decides nothing: "+o.smtp())
		case odd != "":
			f.Broken(where, expected, odd)
		case o.unanswered:
			f.Broken(where, expected, noFinalReply)
		case len(o.acceptances) > 0 && len(o.notices) == 0:
			f.Holds(where, "250 throughout; "+o.String())
		case len(o.notices) > 0 && hasOrdinaryRecipient(v, t):
			// A policy against ordinary recipients is recorded at PEC-AP-037.
		case len(o.notices) > 0:
			f.Broken(where, expected, o.String()+noticeReason(o.notices[0]))
		case !v.Case.Settled:
			f.Unable(where, notSettled)
		default:
			f.Broken(where, expected, o.String())
		}
	}
}

// oddReply returns the first reply that is not the prescribed one. Refusing a
// recipient that the provider itself does not host is left to it (decision
// D-21), as long as another recipient remains.
func oddReply(t *Transaction) string {
	if code := t.MailReply.Code; code != 0 && code != 250 {
		return "MAIL FROM: " + shownReply(t.MailReply)
	}
	for _, r := range t.Recipients {
		if code := r.Reply.Code; code == 250 || code == 251 {
			continue
		}
		if !unknownMailbox(r.Reply) || len(t.recipients()) == 0 {
			return fmt.Sprintf("RCPT TO <%s>: %s", r.Address, shownReply(r.Reply))
		}
	}
	if code := t.DataReply.Code; code != 0 && code != 250 {
		return "end of data: " + shownReply(t.DataReply)
	}
	return ""
}

// unknownMailbox tells a reply by which a host says that it has no such
// mailbox.
func unknownMailbox(r evidence.Reply) bool {
	return r.Code == 550 || r.Code == 551 || r.Code == 553
}

func hasOrdinaryRecipient(v *View, t *Transaction) bool {
	for _, r := range t.Recipients {
		if !v.certifiedFor(t, r.Address) {
			return true
		}
	}
	return false
}

// noticeReason returns what a notice gives as its cause.
func noticeReason(m *Message) string {
	if c := m.PEC.Certification; c != nil && strings.TrimSpace(c.ExtendedError) != "" {
		return ": " + shown(c.ExtendedError)
	}
	return ""
}
