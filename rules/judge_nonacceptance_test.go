package rules

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// hidden makes Elena a hidden recipient: the formal failure of these trials.
var hidden = []string{", elena@posta.example", ""}

// formalNotice is a refused submission and its notice, altered.
func formalNotice(pairs ...string) func(*testCase) {
	return func(c *testCase) {
		c.submitted(textAs(c.t, hidden...))
		c.put(correct("non-acceptance").with(c.t, pairs...))
		c.settled()
	}
}

// planted makes the submission hold a virus that these providers know; none
// named: all do.
func planted(knownTo ...string) func(*evidence.Submission) {
	return func(s *evidence.Submission) { s.Infected, s.KnownTo = "Test-Virus", knownTo }
}

// refusedForVirus is an infected submission and its notice, altered.
func refusedForVirus(pairs ...string) func(*testCase) {
	return func(c *testCase) {
		c.submitted(originalText, planted())
		c.put(correct("non-acceptance-virus").with(c.t, pairs...))
		c.settled()
	}
}

func TestNonAcceptanceJudges(t *testing.T) {
	t.Parallel()
	enclosed := []string{"--mixed--", "--mixed\nContent-Type: message/rfc822; name=\"postacert.eml\"\n\n" + originalText + "--mixed--"}
	quoted := []string{"--mixed--", "--mixed\nContent-Type: text/plain; name=\"messaggio.txt\"\n\n" + originalText + "--mixed--"}
	inMailbox := func(mailbox string) func(*testCase) {
		return func(c *testCase) {
			c.submitted(textAs(c.t, hidden...))
			c.received(mailbox, correct("non-acceptance").sealed(c.t))
			c.settled()
		}
	}
	trials := []trial{
		{rule: "PEC-NA-001", name: "one", build: formalNotice(), want: holds},
		{rule: "PEC-NA-001", name: "none", build: submittedAs(silence, hidden), want: broken},
		{rule: "PEC-NA-001", name: "accepted", build: submittedAs(acceptedWhole, hidden), want: broken},
		{rule: "PEC-NA-001", name: "two", build: submittedAs(func(c *testCase) { refusedByNotice(c); refusedByNotice(c) }, hidden), want: broken},
		{rule: "PEC-NA-001", name: "SMTP instead", build: submittedAs(silence, hidden, refusedBySMTP(554)), want: broken},
		{rule: "PEC-NA-001", name: "to somebody else", build: inMailbox(bruno), want: broken},
		{rule: "PEC-NA-001", name: "well formed", build: submittedAs(acceptedWhole, nil), none: true},

		{rule: "PEC-NA-002", name: "correct", build: formalNotice(), want: holds},
		{rule: "PEC-NA-002", name: "Date an hour off", build: formalNotice("Wed, 14 Jan 2026 10:20:30 +0100\nMIME", "Wed, 14 Jan 2026 09:20:30 +0100\nMIME"), want: broken},
		{rule: "PEC-NA-002", name: "Date in another zone", build: formalNotice("Wed, 14 Jan 2026 10:20:30 +0100\nMIME", "Wed, 14 Jan 2026 09:20:30 +0000\nMIME"), want: holds},
		{rule: "PEC-NA-002", name: "Date 6 s later", build: formalNotice("10:20:30 +0100\nMIME", "10:20:36 +0100\nMIME"), want: warned},
		{rule: "PEC-NA-002", name: "no Date", build: formalNotice("Date: Wed, 14 Jan 2026 10:20:30 +0100\nMIME", "MIME"), want: broken},
		{rule: "PEC-NA-002", name: "another From", build: formalNotice("From: posta-certificata@gestore.aurora.example", "From: postmaster@aurora.example"), want: broken},
		{rule: "PEC-NA-002", name: "another To", build: formalNotice("To: anna@aurora.example\nMessage", "To: bruno@borea.example\nMessage"), want: broken},
		{rule: "PEC-NA-002", name: "no reference", build: formalNotice("X-Riferimento-Message-ID: <c1@pc.aurora.example>\n", ""), want: broken},

		{rule: "PEC-NA-003", name: "correct", build: formalNotice(), want: holds},
		{rule: "PEC-NA-003", name: "prefix", build: formalNotice("AVVISO DI NON ACCETTAZIONE: ", "NON ACCETTAZIONE: "), want: broken},
		{rule: "PEC-NA-003", name: "virus prefix", build: formalNotice("NON ACCETTAZIONE: ", "NON ACCETTAZIONE PER VIRUS: "), want: broken},
		{rule: "PEC-NA-003", name: "another subject", build: formalNotice("ACCETTAZIONE: Preventivo 7f3a", "ACCETTAZIONE: Preventiva 7f3a"), want: broken},
		{rule: "PEC-NA-003", name: "encoded whole", build: formalNotice("Subject: AVVISO DI NON ACCETTAZIONE: Preventivo 7f3a", "Subject: =?utf-8?q?AVVISO_DI_NON_ACCETTAZIONE=3A_Preventivo_7f3a?="), want: holds},

		{rule: "PEC-NA-004", name: "correct", build: formalNotice(), want: holds},
		{rule: "PEC-NA-004", name: "no date", build: formalNotice("14/01/2026 alle ore 10:20:30 (+0100)", "oggi"), want: broken},
		{rule: "PEC-NA-004", name: "no zone", build: formalNotice(" (+0100)", ""), want: broken},
		{rule: "PEC-NA-004", name: "no identifier", build: formalNotice("Identificativo messaggio: pec1.20260114@gestore.aurora.example", ""), want: broken},
		{rule: "PEC-NA-004", name: "no sender", build: formalNotice(`"anna@aurora.example"`, "un utente"), want: broken},
		{rule: "PEC-NA-004", name: "recipients on one line", build: formalNotice("(\"posta certificata\")\nelena", "(\"posta certificata\"), elena"), want: broken},
		{rule: "PEC-NA-004", name: "no cause", build: formalNotice("a causa di destinatario nascosto", "purtroppo"), want: broken},
		{rule: "PEC-NA-004", name: "no statement", build: formalNotice("Il messaggio non e' stato accettato.", "Cordiali saluti."), want: warned},

		{rule: "PEC-NA-005", name: "correct", build: formalNotice(), want: holds},
		{rule: "PEC-NA-005", name: "no error", build: formalNotice(`errore="altro"`, `errore="nessuno"`), want: broken},
		{rule: "PEC-NA-005", name: "virus", build: formalNotice(`errore="altro"`, `errore="virus"`), want: broken},
		{rule: "PEC-NA-005", name: "another cause", build: formalNotice(`errore="altro"`, `errore="no-dest"`), want: warned},
		{rule: "PEC-NA-005", name: "another type", build: formalNotice(`tipo="non-accettazione"`, `tipo="accettazione"`), want: broken},
		{rule: "PEC-NA-005", name: "no extended error", build: formalNotice("<errore-esteso>5.7.1 - "+aurora+" - destinatario nascosto</errore-esteso>", ""), want: broken},

		{rule: "PEC-NA-006", name: "correct", build: formalNotice(), want: holds},
		{rule: "PEC-NA-006", name: "enclosed", build: formalNotice(enclosed...), want: broken},
		{rule: "PEC-NA-006", name: "as text", build: formalNotice(quoted...), want: broken},

		{rule: "PEC-NA-007", name: "correct", build: formalNotice(), want: holds},
		{rule: "PEC-NA-007", name: "security header", build: formalNotice("X-Ricevuta: non", "X-VerificaSicurezza: errore\nX-Ricevuta: non"), want: broken},
		{rule: "PEC-NA-007", name: "virus is another matter", build: refusedForVirus(), none: true},

		{rule: "PEC-NA-008", name: "none", build: formalNotice(), want: holds},
		{rule: "PEC-NA-008", name: "received", build: submittedAs(acceptedWhole, hidden), want: broken},
		{rule: "PEC-NA-008", name: "wrapped in an anomaly envelope", build: submittedAs(func(c *testCase) {
			inner := string(correct("envelope").sealed(c.t))
			c.put(correct("anomaly").content(c.t, originalText, strings.ReplaceAll(inner, "\r\n", "\n")))
			c.settled()
		}, hidden), want: broken},
		{rule: "PEC-NA-009", name: "printed", build: formalNotice(), want: observed},

		{rule: "PEC-NAV-001", name: "refused", build: refusedForVirus(), want: holds},
		{rule: "PEC-NAV-001", name: "accepted", build: submittedAs(acceptedWhole, nil, planted()), want: broken},
		{rule: "PEC-NAV-001", name: "silence", build: submittedAs(silence, nil, planted()), want: broken},
		{rule: "PEC-NAV-001", name: "SMTP instead", build: submittedAs(silence, nil, planted(), refusedBySMTP(554)), want: broken},
		{rule: "PEC-NAV-001", name: "unknown to the sender's scanner", build: submittedAs(acceptedWhole, nil, planted(borea)), none: true},

		{rule: "PEC-NAV-002", name: "correct", build: refusedForVirus(), want: holds},
		{rule: "PEC-NAV-002", name: "no security header", build: refusedForVirus("X-VerificaSicurezza: errore\n", ""), want: broken},
		{rule: "PEC-NAV-002", name: "another To", build: refusedForVirus("To: anna@aurora.example\nMessage", "To: bruno@borea.example\nMessage"), want: broken},
		{rule: "PEC-NAV-003", name: "correct", build: refusedForVirus(), want: holds},
		{rule: "PEC-NAV-003", name: "formal prefix", build: refusedForVirus(" PER VIRUS: ", ": "), want: broken},
		{rule: "PEC-NAV-004", name: "correct", build: refusedForVirus(), want: holds},
		{rule: "PEC-NAV-004", name: "nothing named", build: refusedForVirus("un problema di sicurezza Test-Virus.", "un problema di sicurezza."), want: broken},
		{rule: "PEC-NAV-004", name: "no sender", build: refusedForVirus(`"anna@aurora.example"`, "un utente"), want: broken},
		{rule: "PEC-NAV-005", name: "correct", build: refusedForVirus(), want: holds},
		{rule: "PEC-NAV-005", name: "other error", build: refusedForVirus(`errore="virus"`, `errore="altro"`), want: broken},
		{rule: "PEC-NAV-006", name: "nowhere", build: refusedForVirus(), want: holds},
		{rule: "PEC-NAV-006", name: "enclosed", build: refusedForVirus(enclosed...), want: broken},
		{rule: "PEC-NAV-006", name: "forwarded", build: submittedAs(func(c *testCase) {
			c.put(correct("envelope"))
			c.put(correct("non-acceptance-virus"))
			c.settled()
		}, nil, planted()), want: broken},
	}
	runTrials(t, nonAcceptanceJudges(), trials, "PEC-NA-009")
}
