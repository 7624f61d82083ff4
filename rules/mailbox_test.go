package rules

import (
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// Lives of mailboxes, built by hand.

// stands adds what the target claims of a mailbox, so long after the message of
// the case was sent.
func (c *testCase) stands(mailbox, state string, later time.Duration, alter ...func(*evidence.MailboxLife)) {
	l := evidence.MailboxLife{Mailbox: mailbox, At: acceptedAt.Add(later), State: state, Incarnation: 1}
	for _, a := range alter {
		a(&l)
	}
	c.add(evidence.Event{Type: evidence.LifeSeen, MailboxLife: &l})
}

// tries adds something that was tried with a mailbox.
func (c *testCase) tries(mailbox, what string, allowed bool, later time.Duration, alter ...func(*evidence.MailboxUse)) {
	u := evidence.MailboxUse{Mailbox: mailbox, At: acceptedAt.Add(later), Protocol: "imap", What: what, Allowed: allowed}
	for _, a := range alter {
		a(&u)
	}
	c.add(evidence.Event{Type: evidence.MailboxTried, MailboxUse: &u})
}

func again(l *evidence.MailboxLife) { l.Incarnation = 2 }

func quota(l *evidence.MailboxLife) { l.Bytes, l.Quota = 100, 120 }

func holding(messages int, validity uint32) func(*evidence.MailboxUse) {
	return func(u *evidence.MailboxUse) { u.Messages, u.Validity = messages, validity }
}

const before = -time.Hour

// in is the whole exchange, to a mailbox in a state.
func in(state string, build func(*testCase)) func(*testCase) {
	return func(c *testCase) {
		c.stands(bruno, state, before)
		build(c)
	}
}

func minus(names ...string) change {
	return func(_ *testing.T, all map[string][]placed) {
		for _, n := range names {
			delete(all, n)
		}
	}
}

// refusedInstead has the provider of a mailbox say that it takes nothing.
func refusedInstead(t *testing.T, all map[string][]placed) {
	t.Helper()
	delete(all, "envelope-bruno")
	delete(all, "delivery-bruno")
	all["non-delivery"] = []placed{piece(correct("non-delivery").with(t, "5.1.1 - "+borea+" - indirizzo non valido", "5.2.1 - "+borea+" - casella non attiva", `errore="no-dest"`, `errore="altro"`), anna)}
}

// lived is Bruno's mailbox, closed and bought again, with what was read before
// and after.
func lived(was, is func(*evidence.MailboxUse)) func(*testCase) {
	return func(c *testCase) {
		c.stands(bruno, evidence.MailboxActive, before)
		whole()(c)
		c.tries(bruno, evidence.MailboxRead, true, time.Minute, was)
		c.stands(bruno, evidence.MailboxClosed, 2*time.Minute)
		c.stands(bruno, evidence.MailboxActive, 3*time.Minute, again)
		c.tries(bruno, evidence.MailboxRead, true, 4*time.Minute, is)
	}
}

// late is a mailbox whose owner gets a receipt in its next life.
func late(c *testCase) {
	c.stands(anna, evidence.MailboxActive, before)
	wholeOf(originalText, nil, func(_ *testing.T, all map[string][]placed) {
		all["delivery-bruno"][0].at = acceptedAt.Add(5 * time.Minute)
	})(c)
	c.tries(anna, evidence.MailboxRead, true, time.Minute, holding(1, 1))
	c.stands(anna, evidence.MailboxClosed, 2*time.Minute)
	c.stands(anna, evidence.MailboxActive, 3*time.Minute, again)
	c.tries(anna, evidence.MailboxRead, true, 4*time.Minute, holding(0, 2))
}

func recovered(unknown int) func(*testCase) {
	return func(c *testCase) {
		c.add(evidence.Event{Type: evidence.RecoveryAsked, MailboxRecovery: &evidence.MailboxRecovery{
			Known: evidence.RecoveryAnswer{Mailbox: bruno, Status: 202, Text: "on its way"}, Unknown: evidence.RecoveryAnswer{Mailbox: absent, Status: unknown, Text: "on its way"},
		}})
	}
}

func TestMailboxJudges(t *testing.T) {
	t.Parallel()
	locked := func(what string, allowed bool, alter ...func(*evidence.MailboxUse)) func(*testCase) {
		return func(c *testCase) {
			c.stands(bruno, "locked-password", before)
			c.tries(bruno, what, allowed, 0, alter...)
		}
	}
	wrong := func(u *evidence.MailboxUse) { u.Wrong = true }
	runTrials(t, mailboxJudges(), []trial{
		{rule: "PEC-MBX-001", name: "delivered all the same", build: in("locked-password", whole()), want: holds},
		{rule: "PEC-MBX-001", name: "refused by notice", build: in("suspended", wholeOf(originalText, nil, refusedInstead)), want: holds},
		{rule: "PEC-MBX-001", name: "silence", build: in("suspended", wholeOf(originalText, nil, minus("envelope-bruno", "delivery-bruno"))), want: broken},
		{rule: "PEC-MBX-001", name: "both", build: in("expired", wholeOf(originalText, nil, func(t *testing.T, all map[string][]placed) {
			t.Helper()
			kept := all["delivery-bruno"]
			refusedInstead(t, all)
			all["delivery-bruno"] = kept
		})), want: broken},
		{rule: "PEC-MBX-001", name: "not yet settled", build: notYetSettled(in("suspended", wholeOf(originalText, nil, minus("delivery-bruno")))), want: unable},
		{rule: "PEC-MBX-001", name: "active", build: in(evidence.MailboxActive, whole()), none: true},

		{rule: "PEC-MBX-002", name: "a lock that keeps out", build: locked(evidence.MailboxSignIn, false), want: holds},
		{rule: "PEC-MBX-002", name: "a lock of one protocol", build: locked(evidence.MailboxRead, true), want: broken},
		{rule: "PEC-MBX-002", name: "a wrong password", build: func(c *testCase) {
			c.stands(bruno, evidence.MailboxActive, before)
			c.tries(bruno, evidence.MailboxSignIn, true, 0, wrong)
		}, want: broken},
		{rule: "PEC-MBX-002", name: "gone and open", build: func(c *testCase) {
			c.stands(bruno, evidence.MailboxDeleted, before)
			c.tries(bruno, evidence.MailboxSignIn, true, 0)
		}, want: broken},
		{rule: "PEC-MBX-002", name: "nothing is claimed", build: func(c *testCase) { c.tries(bruno, evidence.MailboxRead, true, 0) }, none: true},

		{rule: "PEC-MBX-003", name: "expired, then deleted", build: func(c *testCase) {
			ends := func(l *evidence.MailboxLife) { l.Expires = acceptedAt }
			c.stands(bruno, evidence.MailboxExpired, 0, ends)
			c.stands(bruno, evidence.MailboxDeleted, 90*24*time.Hour, ends)
		}, want: holds},
		{rule: "PEC-MBX-003", name: "bought again", build: lived(holding(3, 1), holding(0, 2)), want: holds},
		{rule: "PEC-MBX-003", name: "back from the dead", build: func(c *testCase) {
			c.stands(bruno, evidence.MailboxDeleted, 0)
			c.stands(bruno, evidence.MailboxActive, time.Hour)
		}, want: broken},

		{rule: "PEC-MBX-004", name: "empty and another", build: lived(holding(3, 1), holding(0, 2)), want: holds},
		{rule: "PEC-MBX-004", name: "the same UIDVALIDITY", build: lived(holding(3, 1), holding(0, 1)), want: broken},
		{rule: "PEC-MBX-004", name: "not empty", build: lived(holding(3, 1), holding(1, 2)), want: broken},
		{rule: "PEC-MBX-004", name: "a late receipt", build: late, want: broken},
		{rule: "PEC-MBX-004", name: "never gone", build: func(c *testCase) {
			c.stands(bruno, evidence.MailboxActive, before)
			c.tries(bruno, evidence.MailboxRead, true, 0, holding(1, 1))
		}, none: true},

		{rule: "PEC-MBX-005", name: "the same", build: recovered(202), want: holds},
		{rule: "PEC-MBX-005", name: "not found", build: recovered(404), want: broken},
		{rule: "PEC-MBX-005", name: "never asked", build: func(*testCase) {}, none: true},
	})
}

// mailboxQuestions are what is asked about mailboxes, kept, broken and amiss.
func mailboxQuestions() []asked {
	about := p("mailbox", bruno)
	state := func(want string) map[string]string { return p("mailbox", bruno, "state", want) }
	return []asked{
		{check: "mailbox-state", name: "claimed", parameters: state("suspended"), build: in("suspended", whole()), want: holds},
		{check: "mailbox-state", name: "gone is either", parameters: state("gone"), build: in(evidence.MailboxClosed, whole()), want: holds},
		{check: "mailbox-state", name: "another", parameters: state("gone"), build: in(evidence.MailboxExpired, whole()), want: broken},
		{check: "mailbox-state", name: "not claimed", parameters: state("gone"), build: whole(), want: unable},
		{check: "mailbox-anew", name: "empty", parameters: about, build: lived(holding(3, 1), holding(0, 2)), want: holds},
		{check: "mailbox-anew", name: "not empty", parameters: about, build: lived(holding(3, 1), holding(2, 2)), want: broken},
		{check: "mailbox-anew", name: "never gone", parameters: about, build: whole(), want: unable},
		{check: "mailbox-receives", name: "a delivery", parameters: about, build: in("expired", whole()), want: holds},
		{check: "mailbox-receives", name: "a refusal", parameters: about, build: in("suspended", wholeOf(originalText, nil, refusedInstead)), want: holds},
		{check: "mailbox-receives", name: "nothing", parameters: about, build: in("expired", wholeOf(originalText, nil, minus("delivery-bruno"))), want: broken},
		{check: "recovery-silent", name: "the same", build: recovered(202), want: holds},
		{check: "recovery-silent", name: "another", build: recovered(404), want: broken},
		{check: "recovery-silent", name: "never asked", build: func(*testCase) {}, want: unable},
	}
}

// What a mailbox's life makes of what a message is owed.
func TestFatesOfMailboxes(t *testing.T) {
	t.Parallel()
	later := func(l *evidence.MailboxLife) { l.At = acceptedAt.Add(time.Hour) }
	for name, row := range map[string]struct {
		state string
		alter func(*evidence.MailboxLife)
		virus bool
		want  fate
	}{
		"active":              {state: evidence.MailboxActive, want: fateDelivered},
		"active, infected":    {state: evidence.MailboxActive, virus: true, want: fateInfected},
		"expired":             {state: evidence.MailboxExpired, want: fateEither},
		"suspended, infected": {state: "suspended", virus: true, want: fateOpen},
		"deleted":             {state: evidence.MailboxDeleted, want: fateUnknown},
		"closed":              {state: evidence.MailboxClosed, want: fateUnknown},
		"closed later":        {state: evidence.MailboxClosed, alter: later, want: fateDelivered},
		"no room":             {state: evidence.MailboxActive, alter: quota, want: fateFull},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCase(t)
			if row.alter == nil {
				row.alter = func(*evidence.MailboxLife) {}
			}
			c.stands(bruno, row.state, before, row.alter)
			alter := to(bruno)
			if row.virus {
				alter = missed(bruno)
			}
			c.submitted(originalText, alter)
			v := c.view()
			if got := v.dues(v.Transactions[0])[0].Fate; got != row.want {
				t.Errorf("fate %d, want %d", got, row.want)
			}
		})
	}
}

// What the rules fix holds whatever the state: a mailbox that is gone is owed a
// non-delivery, one that is not active an outcome, and no verdict is given on
// what the harness cannot read.
func TestLivesAndLedgers(t *testing.T) {
	t.Parallel()
	closedMeanwhile := func(build func(*testCase)) func(*testCase) {
		return func(c *testCase) {
			build(c)
			c.stands(anna, evidence.MailboxClosed, time.Minute)
			c.settled()
		}
	}
	lost := minus("delivery-bruno")
	for name, row := range map[string]struct {
		build func(*testCase)
		want  []pec.Kind // of the flaws
	}{
		"suspended, delivered":         {in("suspended", whole()), nil},
		"suspended, refused":           {in("suspended", wholeOf(originalText, nil, refusedInstead)), nil},
		"suspended, silent":            {in("suspended", wholeOf(originalText, nil, lost)), []pec.Kind{pec.Delivery}},
		"gone, delivered":              {in("deleted", whole()), []pec.Kind{pec.NonDelivery, pec.Delivery}},
		"sender gone after all":        {closedMeanwhile(whole()), nil},
		"sender gone before a receipt": {closedMeanwhile(wholeOf(originalText, nil, lost)), nil},
		"sender there":                 {wholeOf(originalText, nil, lost), []pec.Kind{pec.Delivery}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCase(t)
			row.build(c)
			v := c.view()
			var got []pec.Kind
			for _, x := range v.flaws(v.Transactions[0]) {
				got = append(got, x.kind)
			}
			if len(got) != len(row.want) {
				t.Fatalf("flaws %v, want %v", got, row.want)
			}
			for i := range got {
				if got[i] != row.want[i] {
					t.Errorf("flaws %v, want %v", got, row.want)
				}
			}
		})
	}
}
