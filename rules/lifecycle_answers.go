package rules

import "github.com/collaudo/collaudo/pec"

// How judges answer from a ledger, and the words for it.

// refusal tells how SMTP refused the submission.
func refusal(t *Transaction) string {
	if !t.MailReply.OK() {
		return "MAIL FROM " + shownReply(t.MailReply)
	}
	for _, r := range t.Recipients {
		if !r.Reply.OK() {
			return "RCPT TO " + r.Address + " " + shownReply(r.Reply)
		}
	}
	return "DATA " + shownReply(t.DataReply)
}

// messageIDs names messages as they are called in the evidence.
func messageIDs(messages []*Message) string {
	s := ""
	for i, m := range messages {
		if i > 0 {
			s += ", "
		}
		s += m.ID
	}
	return s
}

// absent records that something owed is not there: broken once the target has
// settled, and not decided before.
func (f *Findings) absent(v *View, where Where, expected string) {
	if v.Case.Settled {
		f.Broken(where, expected, "none")
	} else {
		f.Unable(where, notSettled)
	}
}

// flaws answers with the flaws of a transaction, or that it is kept.
func (f *Findings) flaws(v *View, t *Transaction, list []flaw, kept string) {
	for _, x := range list {
		switch {
		case x.sort == flawMissing && !v.Case.Settled:
			f.Unable(x.where, notSettled)
		default:
			f.Broken(x.where, x.expected, x.seen)
		}
	}
	switch {
	case len(list) > 0:
	case !v.Case.Settled:
		f.Unable(t.Where(""), notSettled)
	default:
		f.Holds(t.Where(""), kept)
	}
}

// oneForEach answers for each recipient whether there is one message of the
// kind about that recipient.
func (f *Findings) oneForEach(v *View, t *Transaction, recipients []string, kind pec.Kind) {
	for _, r := range recipients {
		switch came := t.concerning(r, kind); len(came) {
		case 0:
			f.absent(v, t.Where(""), "a "+tokenOf(kind)+" of its own about "+r)
		case 1:
			f.Holds(came[0].Where(""), "one about "+r)
		default:
			f.Broken(came[1].Where(""), "one "+tokenOf(kind)+" about "+r, messageIDs(came))
		}
	}
}
