package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// mailboxJudges record what a provider chose for the lives of its mailboxes. The
// catalogue gives their breaches no more weight than an observation: they say
// what is usual, and no verdict comes of what is not.
func mailboxJudges() []Judge {
	return []Judge{
		{Rule: "PEC-MBX-001", Looks: "what comes to the sender about a recipient whose mailbox is not active", Look: inactiveIsTold},
		{Rule: "PEC-MBX-002", Looks: "what a mailbox lets its user do, beside the state that the target claims", Look: usedInState},
		{Rule: "PEC-MBX-003", Looks: "states of mailboxes in order of time, as the target claims them", Look: passesOn},
		{Rule: "PEC-MBX-004", Looks: "contents and UIDVALIDITY of a mailbox before its end and in its next life", Look: boughtAgain},
		{Rule: "PEC-MBX-005", Looks: "the answers to who asks for a password, word by word", Look: tellsNothing},
	}
}

func inactiveIsTold(v *View, f *Findings) {
	for _, t := range v.journeys() {
		if !t.accepted() {
			continue
		}
		for _, d := range v.dues(t) {
			if d.Fate != fateEither {
				continue
			}
			state := d.Address + " is " + v.atState(t, d.Address).State
			final := outcomesAt(t, d.Address)
			switch {
			case len(final) == 0 && v.hears(t):
				f.absent(v, t.Where(""), "a delivery receipt or a non-delivery: "+state)
			case len(final) > 1:
				f.Broken(final[1].Where(""), "one outcome: "+state, messageIDs(final))
			case len(final) == 1:
				f.Holds(final[0].Where(""), state+": "+outcomeWords(final[0]))
			}
		}
	}
}

// outcomeWords says what a sender got, with the errore of the certification data.
func outcomeWords(m *Message) string {
	words := tokenOf(nature(m))
	if c := m.PEC.Certification; c != nil && nature(m) == pec.NonDelivery {
		words += ", errore " + c.Error
	}
	return words
}

// keepsOut are states that let nobody in, whatever the policy: the words of
// what is locked, suspended or gone say so.
func keepsOut(l *evidence.MailboxLife) bool {
	return l.Gone() || strings.HasPrefix(l.State, "locked") || l.State == "suspended"
}

// usedInState has one answer for each mailbox: what it let its user do, state by
// state.
func usedInState(v *View, f *Findings) {
	for _, mailbox := range v.mailboxesWithLife() {
		var said []string
		expected, state := "", ""
		for _, u := range v.Case.MailboxUses {
			l := v.lifeAt(u.Mailbox, u.At)
			if l == nil || !strings.EqualFold(u.Mailbox, mailbox) {
				continue
			}
			switch {
			case u.Wrong && u.Allowed:
				expected = "a wrong password refused"
			case keepsOut(l) && u.Allowed:
				expected = "nobody let in: the mailbox is " + l.State
			}
			words := useWords(u)
			if l.State != state {
				state = l.State
				words = state + ": " + words
			}
			if len(said) == 0 || said[len(said)-1] != words {
				said = append(said, words)
			}
		}
		f.recorded(mailbox, expected, said)
	}
}

func useWords(u evidence.MailboxUse) string {
	words := u.What + " by " + u.Protocol + " " + map[bool]string{true: "allowed", false: "refused"}[u.Allowed]
	if u.Wrong {
		words = "wrong password, " + words
	}
	if u.Validity != 0 {
		words += " (" + plural(u.Messages, "message") + ")"
	}
	return words
}

// recorded answers about one mailbox: in one piece, since what is observed is
// shown once for each scenario.
func (f *Findings) recorded(mailbox, expected string, said []string) {
	where, seen := Where{Part: "mailbox " + mailbox}, mailbox+": "+strings.Join(said, "; ")
	switch {
	case len(said) == 0:
	case expected != "":
		f.Broken(where, expected, seen)
	default:
		f.Holds(where, seen)
	}
}

// mailboxesWithLife lists the mailboxes whose lives the target tells of.
func (v *View) mailboxesWithLife() []string {
	var all []string
	for _, l := range v.Case.MailboxLives {
		if name := strings.ToLower(l.Mailbox); !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

func passesOn(v *View, f *Findings) {
	for _, mailbox := range v.mailboxesWithLife() {
		var said []string
		var was evidence.MailboxLife
		expected := ""
		for _, l := range v.Case.MailboxLives {
			if !strings.EqualFold(l.Mailbox, mailbox) {
				continue
			}
			if was.Gone() && !l.Gone() && l.Incarnation <= was.Incarnation {
				expected = "no life after " + was.State + " but another mailbox's"
			}
			words := l.State
			if !l.Expires.IsZero() && !l.At.Before(l.Expires) {
				words += fmt.Sprintf(", %s after its subscription ended", plural(int((l.At.Sub(l.Expires)+time.Hour).Hours()/24), "day"))
			}
			if len(said) > 0 && l.State == was.State && l.Incarnation == was.Incarnation {
				said = said[:len(said)-1]
			}
			said, was = append(said, words), l
		}
		f.recorded(mailbox, expected, said)
	}
}

func boughtAgain(v *View, f *Findings) {
	for _, mailbox := range v.mailboxesWithLife() {
		v.secondLife(mailbox, f)
	}
}

// secondLife compares a mailbox with what it was before its end.
func (v *View) secondLife(mailbox string, f *Findings) {
	end, gone := v.endOf(mailbox)
	if !gone {
		return
	}
	var before, after []evidence.MailboxUse
	for _, u := range v.reads(mailbox) {
		if u.At.Before(end) {
			before = append(before, u)
		} else {
			after = append(after, u)
		}
	}
	if len(before) == 0 || len(after) == 0 {
		return
	}
	was, is := before[len(before)-1], after[0]
	said := []string{fmt.Sprintf("UIDVALIDITY %d after %d, %s after %s", is.Validity, was.Validity, plural(is.Messages, "message"), plural(was.Messages, "message"))}
	expected := ""
	if late := v.fromFormerLife(mailbox, end); len(late) > 0 {
		expected = "nothing about a message of the mailbox's former life"
		for _, m := range late {
			said = append(said, "later "+about(m)+" "+m.ID)
		}
	}
	switch {
	case is.Validity == was.Validity:
		expected = "another UIDVALIDITY"
	case is.Messages > 0:
		expected = "a mailbox that is empty when it is bought again"
	}
	f.recorded(mailbox, expected, said)
}

// fromFormerLife returns what a mailbox got in its new life about messages that
// were sent in the old one.
func (v *View) fromFormerLife(mailbox string, end time.Time) []*Message {
	var late []*Message
	for _, t := range v.journeys() {
		for _, m := range within(t.Messages, mailbox) {
			if t.Started.Before(end) && m.Delivered.After(end) {
				late = append(late, m)
			}
		}
	}
	return late
}

func tellsNothing(v *View, f *Findings) {
	for _, r := range v.Case.MailboxRecoveries {
		where := Where{Part: "recovery"}
		known, unknown := recoveryWords(r.Known), recoveryWords(r.Unknown)
		if known == unknown {
			f.Holds(where, "to both: "+known)
		} else {
			f.Broken(where, "the same answer about "+r.Known.Mailbox+" and about "+r.Unknown.Mailbox, known+"; "+unknown)
		}
	}
}

// mailboxExpectations are the checks about mailboxes that a scenario may ask for.
func mailboxExpectations() map[string]expectation {
	return map[string]expectation{
		"mailbox-state": {parameters: []string{"mailbox", "state"}, look: expectMailboxState},
		"mailbox-anew":  {parameters: []string{"mailbox"}, look: expectMailboxAnew},
		"recovery-silent": {look: func(q *question) {
			q.orUnable(len(q.v.Case.MailboxRecoveries) > 0, "somebody who asked for a password", func() { tellsNothing(q.v, q.f) })
		}},
		"mailbox-receives": {parameters: []string{"mailbox"}, submission: true, look: expectEitherOutcome},
	}
}

// expectMailboxState: the target claims that state of a mailbox, last.
func expectMailboxState(q *question) {
	mailbox, want := q.parameter("mailbox"), q.parameter("state")
	var last *evidence.MailboxLife
	for i, l := range q.v.Case.MailboxLives {
		if strings.EqualFold(l.Mailbox, mailbox) {
			last = &q.v.Case.MailboxLives[i]
		}
	}
	where := Where{Part: "mailbox " + mailbox}
	switch {
	case last == nil:
		q.f.Unable(where, "the state of "+mailbox+", as the target claims it")
	case want == "gone" && last.Gone(), last.State == want:
		q.f.Holds(where, last.State)
	default:
		q.f.Broken(where, mailbox+" "+want, last.State)
	}
}

// expectMailboxAnew: a mailbox was read before its end and after, and nothing of
// the one lies in the other.
func expectMailboxAnew(q *question) {
	before := len(q.f.list)
	q.v.secondLife(strings.ToLower(q.parameter("mailbox")), q.f)
	if len(q.f.list) == before {
		q.f.Unable(Where{Part: "mailbox " + q.parameter("mailbox")}, "a look into the mailbox before its end, and one in its next life")
	}
}

// expectEitherOutcome: one final outcome about a recipient came to the sender,
// whichever it is: the rules know delivery and non-delivery, and no third.
func expectEitherOutcome(q *question) {
	recipient := q.parameter("mailbox")
	switch final := outcomesAt(q.t, recipient); {
	case len(final) == 1:
		q.f.Holds(final[0].Where(""), outcomeWords(final[0]))
	case len(final) > 1:
		q.f.Broken(final[1].Where(""), "one outcome about "+recipient, messageIDs(final))
	default:
		q.f.absent(q.v, q.t.Where(""), "a delivery receipt or a non-delivery about "+recipient)
	}
}
