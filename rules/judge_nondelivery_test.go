package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

const absent = "assente@borea.example"

// toAbsent is the original with an unknown mailbox in place of Bruno.
var toAbsent = strings.ReplaceAll(originalText, bruno, absent)

// aboutAbsent turns the correct non-delivery into one about the unknown mailbox, in a
// message to it, Elena and Carla.
var aboutAbsent = []string{bruno, absent}

// undelivered is a message to a mailbox that does not exist, to Elena and to
// Carla, with all that is owed.
func undelivered(changes ...change) func(*testCase) {
	return undeliveredOf(func(*evidence.Submission) {}, changes...)
}

func undeliveredOf(submission func(*evidence.Submission), changes ...change) func(*testCase) {
	start := func(t *testing.T, all map[string][]placed) {
		t.Helper()
		delete(all, "envelope-bruno")
		delete(all, "delivery-bruno")
		for _, name := range []string{"acceptance", "envelope-carla", "envelope-elena", "taken-in-charge", "delivery-carla"} {
			edit(name, aboutAbsent...)(t, all)
		}
		all["non-delivery"] = []placed{piece(correct("non-delivery").with(t, aboutAbsent...), anna)}
	}
	return wholeOf(toAbsent, sequence(to(absent, elena, carla), submission), append([]change{start}, changes...)...)
}

// full keeps the absent mailbox: it exists, and it is full.
func full(build func(*testCase)) func(*testCase) {
	return func(c *testCase) {
		c.World.Mailboxes = append(c.World.Mailboxes, evidence.Mailbox{Address: absent, Role: evidence.UserMailbox, Provider: borea, Actor: "Piena"})
		build(c)
	}
}

// overQuota makes the notice speak of a full mailbox.
var overQuota = edit("non-delivery", "5.1.1 - "+borea+" - indirizzo non valido", "5.2.2 - "+borea+" - casella piena", `errore="no-dest"`, `errore="altro"`)

func TestNonDeliveryJudges(t *testing.T) {
	t.Parallel()
	const notice = "non-delivery"
	toNobody := sequence(incoming, to(absent))
	refused := sequence(incoming, func(s *evidence.Submission) {
		s.Recipients = []evidence.RecipientReply{{Address: absent, Reply: evidence.Reply{Code: 550}}}
		s.DataReply = evidence.Reply{}
	})
	bothLost := func(code string) func(*testCase) {
		const other = "piena@borea.example"
		text := strings.Replace(toAbsent, "To: ", "To: "+other+", ", 1)
		build := wholeOf(text, to(absent, other, elena, carla), func(t *testing.T, all map[string][]placed) {
			t.Helper()
			clear(all)
			all["acceptance"] = []placed{piece(correct("acceptance"), anna)}
			all["non-delivery"] = []placed{piece(correct("non-delivery").with(t, aboutAbsent...), anna)}
			all["non-delivery-full"] = []placed{piece(correct("non-delivery").with(t, bruno, other, "5.1.1 - "+borea+" - indirizzo non valido", code), anna)}
		})
		return func(c *testCase) {
			c.World.Mailboxes = append(c.World.Mailboxes, evidence.Mailbox{Address: other, Role: evidence.UserMailbox, Provider: borea, Actor: "a full mailbox"})
			build(c)
		}
	}
	tooLate := func(_ *testing.T, all map[string][]placed) {
		m := &all[notice][0].message
		m.Head = strings.Replace(m.Head, "Date: Wed, 14 Jan 2026 10:20:32", "Date: Thu, 15 Jan 2026 10:20:32", 1)
		m.At = acceptedAt.Add(25 * time.Hour)
	}
	tooEarly := func(_ *testing.T, all map[string][]placed) {
		m := &all[notice][0].message
		m.Head = strings.Replace(m.Head, "Date: Wed, 14 Jan 2026 10:20:32", "Date: Wed, 14 Jan 2026 10:00:32", 1)
	}
	runTrials(t, nonDeliveryJudges(), []trial{
		{rule: "PEC-ND-001", name: "told", build: undelivered(), want: holds},
		{rule: "PEC-ND-001", name: "not told", build: undelivered(drop(notice)), want: broken},
		{rule: "PEC-ND-001", name: "not told, not settled", build: notYetSettled(undelivered(drop(notice))), want: unable},
		{rule: "PEC-ND-001", name: "delivered", build: undelivered(drop(notice), extra("delivery", anna, aboutAbsent...)), want: broken},
		{rule: "PEC-ND-001", name: "all well", build: whole(), none: true},

		{rule: "PEC-ND-002", name: "told", build: full(undelivered(overQuota)), want: holds},
		{rule: "PEC-ND-002", name: "not told", build: full(undelivered(drop(notice))), want: broken},
		{rule: "PEC-ND-002", name: "other reason", build: full(undelivered()), want: broken},

		{rule: "PEC-ND-003", name: "header", build: undelivered(), want: holds},
		{rule: "PEC-ND-003", name: "X-VerificaSicurezza", build: undelivered(edit(notice, "X-Ricevuta:", "X-VerificaSicurezza: errore\nX-Ricevuta:")), want: broken},
		{rule: "PEC-ND-003", name: "to another", build: undelivered(edit(notice, "To: anna@aurora.example", "To: ufficio@aurora.example")), want: broken},
		{rule: "PEC-ND-003", name: "by the sender's provider", build: undelivered(edit(notice, "From: posta-certificata@gestore.borea", "From: posta-certificata@gestore.aurora")), want: holds},

		{rule: "PEC-ND-004", name: "prefix", build: undelivered(), want: holds},
		{rule: "PEC-ND-004", name: "that of viruses", build: undelivered(edit(notice, "MANCATA CONSEGNA: ", "MANCATA CONSEGNA PER VIRUS: ")), want: broken},

		{rule: "PEC-ND-005", name: "facts", build: undelivered(), want: holds},
		{rule: "PEC-ND-005", name: "no reason", build: undelivered(edit(notice, "un errore 5.1.1 - "+borea+" - indirizzo non valido", "un errore")), want: broken},
		{rule: "PEC-ND-005", name: "no recipient", build: undelivered(edit(notice, `all'utente "`+absent+`"`, "all'utente")), want: broken},

		{rule: "PEC-ND-006", name: "no-dest", build: undelivered(), want: holds},
		{rule: "PEC-ND-006", name: "altro", build: undelivered(edit(notice, `errore="no-dest"`, `errore="altro"`)), want: holds},
		{rule: "PEC-ND-006", name: "no such domain", build: undelivered(edit(notice, `errore="no-dest"`, `errore="no-dominio"`)), want: broken},
		{rule: "PEC-ND-006", name: "nessuno", build: undelivered(edit(notice, `errore="no-dest"`, `errore="nessuno"`)), want: broken},
		{rule: "PEC-ND-006", name: "no consegna", build: undelivered(edit(notice, "\n    <consegna>"+absent+"</consegna>", "")), want: broken},

		{rule: "PEC-ND-007", name: "silence", build: ordinaryOf(originalText, toNobody, drop("anomaly")), want: holds},
		{rule: "PEC-ND-007", name: "refused at RCPT", build: ordinaryOf(originalText, refused, drop("anomaly")), want: holds},
		{rule: "PEC-ND-007", name: "notice", build: ordinaryOf(originalText, toNobody, drop("anomaly"), extra("non-delivery", anna)), want: broken},
		{rule: "PEC-ND-007", name: "delivered", build: ordinary(), none: true},

		{rule: "PEC-ND-008", name: "two of three", build: undelivered(), want: holds},
		{rule: "PEC-ND-008", name: "no receipt about the other", build: undelivered(drop("delivery-carla")), want: broken},
		{rule: "PEC-ND-008", name: "no notice", build: undelivered(drop(notice)), want: broken},
		{rule: "PEC-ND-008", name: "both outcomes", build: undelivered(extra("delivery", anna, aboutAbsent...)), want: broken},

		{rule: "PEC-ND-010", name: "at once", build: undelivered(), want: holds},
		{rule: "PEC-ND-010", name: "after 24 hours", build: undelivered(tooLate), want: broken},
		{rule: "PEC-ND-010", name: "before it was sent", build: undelivered(tooEarly), want: broken},
		{rule: "PEC-ND-010", name: "never", build: undelivered(drop(notice)), want: broken},

		{rule: "PEC-ND-011", name: "a code", build: undelivered(), want: holds},
		{rule: "PEC-ND-011", name: "different codes", build: bothLost("5.2.2 - " + borea + " - casella piena"), want: holds},
		{rule: "PEC-ND-011", name: "one code for both", build: bothLost("5.1.1 - " + borea + " - casella piena"), want: deviates},
		{rule: "PEC-ND-011", name: "no reason", build: undelivered(edit(notice, "\n    <errore-esteso>5.1.1 - "+borea+" - indirizzo non valido</errore-esteso>", "")), want: broken},
		{rule: "PEC-ND-011", name: "no code", build: undelivered(edit(notice, "<errore-esteso>5.1.1 - ", "<errore-esteso>")), want: deviates},
	})
}

func TestUndeliveredKeepsAll(t *testing.T) {
	t.Parallel()
	keepsAll(t, undelivered())
	keepsAll(t, full(undelivered(overQuota)))
}
