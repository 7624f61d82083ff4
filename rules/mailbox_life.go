package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// Where mailboxes stand in their lives, as the target claims it, and what that
// changes of what a message is owed. The rules are silent on states (RFC 6109
// knows mailboxes that exist and mailboxes that do not): a mailbox that is gone
// is owed a non-delivery, one that is not active either outcome, and one of them.

// lifeAt returns the last that the target said of a mailbox up to an instant;
// nil when it said nothing.
func (v *View) lifeAt(mailbox string, at time.Time) *evidence.MailboxLife {
	var last *evidence.MailboxLife
	for i := range v.Case.MailboxLives {
		if l := &v.Case.MailboxLives[i]; strings.EqualFold(l.Mailbox, mailbox) && !l.At.After(at) {
			last = l
		}
	}
	return last
}

// atState is lifeAt when the transaction began.
func (v *View) atState(t *Transaction, mailbox string) *evidence.MailboxLife {
	return v.lifeAt(mailbox, t.Started)
}

// fateByLife is what a recipient is owed whose life the target tells of.
func (v *View) fateByLife(t *Transaction, d due) fate {
	l, infected := v.atState(t, d.Address), t.infectedFor(d.Provider)
	switch {
	case infected && l.State != evidence.MailboxActive:
		return fateOpen // the virus and the mailbox are both a reason
	case infected:
		return fateInfected
	case l.Gone():
		return fateUnknown
	case l.State != evidence.MailboxActive:
		return fateEither
	case l.Quota > 0 && l.Bytes+t.Size > l.Quota:
		return fateFull
	}
	return fateDelivered
}

// outOfSight tells that the harness cannot say what came to a mailbox of the
// world: it is gone, or let nobody in when it was read last.
func (v *View) outOfSight(mailbox string) bool {
	if v.isGone(mailbox) {
		return true
	}
	for _, u := range slices.Backward(v.Case.MailboxUses) {
		if u.What == evidence.MailboxRead && strings.EqualFold(u.Mailbox, mailbox) {
			return !u.Allowed
		}
	}
	return false
}

// isGone tells that the last that was said of a mailbox is that it is gone.
func (v *View) isGone(mailbox string) bool {
	for _, l := range slices.Backward(v.Case.MailboxLives) {
		if strings.EqualFold(l.Mailbox, mailbox) {
			return l.Gone()
		}
	}
	return false
}

// hears tells that the harness reads what comes to the sender of a transaction:
// what did not come to it, was not sent. Of a mailbox that went meanwhile it
// does when everything had come before.
func (v *View) hears(t *Transaction) bool {
	sender := t.sender()
	if sender == "" || v.Case.Mailbox(sender) == nil || v.cutShort(t) {
		return false
	}
	return v.isGone(sender) || !v.outOfSight(sender)
}

// cutShort tells that the sender's mailbox went after the transaction began and
// before every recipient had an outcome. What came of it then is nobody's to
// read, and where it went for the provider to choose.
func (v *View) cutShort(t *Transaction) bool {
	went := slices.ContainsFunc(v.Case.MailboxLives, func(l evidence.MailboxLife) bool {
		return l.Gone() && l.At.After(t.Started) && strings.EqualFold(l.Mailbox, t.sender())
	})
	return went && slices.ContainsFunc(v.dues(t), func(d due) bool { return d.Certified && len(outcomesAt(t, d.Address)) == 0 })
}

// outcomesAt returns what came to a sender about one recipient.
func outcomesAt(t *Transaction, recipient string) []*Message {
	return t.concerning(recipient, pec.Delivery, pec.NonDelivery)
}

// reads returns when a mailbox was read that said what lies in it, in order.
func (v *View) reads(mailbox string) []evidence.MailboxUse {
	var all []evidence.MailboxUse
	for _, u := range v.Case.MailboxUses {
		if u.What == evidence.MailboxRead && u.Allowed && u.Validity != 0 && strings.EqualFold(u.Mailbox, mailbox) {
			all = append(all, u)
		}
	}
	return all
}

// endOf returns when a mailbox was first seen to be gone; false when it never was.
func (v *View) endOf(mailbox string) (time.Time, bool) {
	for _, l := range v.Case.MailboxLives {
		if l.Gone() && strings.EqualFold(l.Mailbox, mailbox) {
			return l.At, true
		}
	}
	return time.Time{}, false
}

// recoveryWords is an answer as whoever asked saw it.
func recoveryWords(a evidence.RecoveryAnswer) string {
	return fmt.Sprintf("%d %s", a.Status, shown(a.Text))
}
