package rules

import (
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

func TestAcceptanceJudges(t *testing.T) {
	t.Parallel()
	elsewhere := func(c *testCase) {
		c.submitted(originalText)
		c.received(bruno, correct("acceptance").sealed(c.t))
		c.settled()
	}
	certified := func(s *evidence.Submission) { rcpt(bruno, carla)(s) }
	noElena := []string{", elena@posta.example", ""}
	trials := []trial{
		holdsEverywhere("PEC-ACC-001"),
		{rule: "PEC-ACC-001", name: "none", build: submittedAs(silence, nil), want: broken},
		{rule: "PEC-ACC-001", name: "none yet", build: submittedAs(func(*testCase) {}, nil), want: unable},
		{rule: "PEC-ACC-001", name: "two", build: submittedAs(func(c *testCase) { acceptedWhole(c); acceptedWhole(c) }, nil), want: broken},
		{rule: "PEC-ACC-001", name: "elsewhere", build: elsewhere, want: broken},
		{rule: "PEC-ACC-001", name: "refused", build: submittedAs(refusedByNotice, noElena, certified), want: broken},
		{rule: "PEC-ACC-001", name: "ordinary recipients refused", build: submittedAs(refusedByNotice, nil), none: true},
		{rule: "PEC-ACC-001", name: "unlawful", build: submittedAs(silence, without(fromLine)), none: true},

		holdsEverywhere("PEC-ACC-002"),
		{rule: "PEC-ACC-002", name: "client's Date", build: alone("acceptance", "10:20:30 +0100\nMIME", "10:20:25 +0100\nMIME"), want: broken},
		{rule: "PEC-ACC-002", name: "another From", build: alone("acceptance", "From: posta-certificata@gestore.aurora.example", "From: posta-certificata@gestore.borea.example"), want: broken},
		{rule: "PEC-ACC-002", name: "display name", build: alone("acceptance", "From: posta-certificata@gestore.aurora.example", "From: Posta Certificata <posta-certificata@gestore.aurora.example>"), want: holds},
		{rule: "PEC-ACC-002", name: "another To", build: alone("acceptance", "To: anna@aurora.example\nMessage", "To: gino@aurora.example\nMessage"), want: broken},
		{rule: "PEC-ACC-002", name: "another reference", build: alone("acceptance", "X-Riferimento-Message-ID: <c1@", "X-Riferimento-Message-ID: <c9@"), want: broken},
		{rule: "PEC-ACC-002", name: "folded reference", build: alone("acceptance", "X-Riferimento-Message-ID: <c1@", "X-Riferimento-Message-ID:\n <c1@"), want: holds},

		holdsEverywhere("PEC-ACC-003"),
		{rule: "PEC-ACC-003", name: "lower case", build: alone("acceptance", "ACCETTAZIONE: ", "Accettazione: "), want: broken},
		{rule: "PEC-ACC-003", name: "another subject", build: alone("acceptance", "ACCETTAZIONE: Preventivo 7f3a", "ACCETTAZIONE: Preventivo"), want: broken},

		holdsEverywhere("PEC-ACC-004"),
		{rule: "PEC-ACC-004", name: "no label", build: alone("acceptance", `carla@borea.example ("posta certificata")`, "carla@borea.example"), want: broken},
		{rule: "PEC-ACC-004", name: "wrong label", build: alone("acceptance", `carla@borea.example ("posta certificata")`, `carla@borea.example ("posta ordinaria")`), want: broken},
		{rule: "PEC-ACC-004", name: "recipient left out", build: alone("acceptance", "carla@borea.example (\"posta certificata\")\n", ""), want: broken},

		holdsEverywhere("PEC-ACC-005"),
		{rule: "PEC-ACC-005", name: "another time", build: alone("acceptance", "ore 10:20:30", "ore 10:20:31"), want: broken},
		{rule: "PEC-ACC-005", name: "zone with a colon", build: alone("acceptance", "(+0100)", "(+01:00)"), want: holds},
		{rule: "PEC-ACC-005", name: "no subject", build: alone("acceptance", `"Preventivo 7f3a" proveniente`, "senza oggetto proveniente"), want: broken},
		{rule: "PEC-ACC-005", name: "other words", build: alone("acceptance", "Ricevuta di accettazione", "Gentile cliente"), want: holds},

		holdsEverywhere("PEC-ACC-006"),
		{rule: "PEC-ACC-006", name: "error", build: alone("acceptance", `errore="nessuno"`, `errore="altro"`), want: broken},
		{rule: "PEC-ACC-006", name: "recipient left out", build: alone("acceptance", `<destinatari tipo="certificato">carla@borea.example</destinatari>`, ""), want: broken},
		{rule: "PEC-ACC-006", name: "no data", build: alone("acceptance", "</postacert>", ""), want: broken},

		holdsEverywhere("PEC-ACC-007"),
		{rule: "PEC-ACC-007", name: "another identifier", build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("acceptance").with(c.t, "pec1.", "pec2."))
			c.put(correct("envelope"))
			c.settled()
		}, want: broken},
		{rule: "PEC-ACC-007", name: "no envelope seen", build: alone("acceptance"), none: true},

		{rule: "PEC-ACC-008", name: "malformed", build: submittedAs(refusedByNotice, without(fromLine)), want: holds},
		{rule: "PEC-ACC-008", name: "infected", build: refusedForVirus(), want: holds},
		{rule: "PEC-ACC-008", name: "malformed and accepted", build: submittedAs(acceptedWhole, without(fromLine)), want: broken},
		{rule: "PEC-ACC-008", name: "infected and accepted", build: submittedAs(acceptedWhole, nil, planted()), want: broken},

		{rule: "PEC-ACC-009", name: "recorded", build: submittedAs(acceptedWhole, nil), want: observed},
	}
	runTrials(t, acceptanceJudges(), trials, "PEC-ACC-009")
}
