package rules

import (
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// missed is a virus in a message to these recipients that only Borea knows.
func missed(recipients ...string) func(*evidence.Submission) {
	return sequence(to(recipients...), func(s *evidence.Submission) {
		s.Infected, s.KnownTo = "Test-Virus", []string{borea}
	})
}

// infectedText is the original with Bruno, or with Bruno and Carla, as its only recipients.
const (
	infectedText    = "From: Anna <anna@aurora.example>\nTo: bruno@borea.example\nSubject: Preventivo 7f3a\nDate: Wed, 14 Jan 2026 10:20:25 +0100\nMessage-ID: <c1@pc.aurora.example>\n\nTest\n"
	infectedTwoText = "From: Anna <anna@aurora.example>\nTo: bruno@borea.example, carla@borea.example\nSubject: Preventivo 7f3a\nDate: Wed, 14 Jan 2026 10:20:25 +0100\nMessage-ID: <c1@pc.aurora.example>\n\nTest\n"
)

// aboutCarla turns a notice about Bruno into one about Carla.
var aboutCarla = []string{`all'utente "bruno@`, `all'utente "carla@`, "<consegna>bruno@", "<consegna>carla@"}

// oneRecipient leaves Bruno as the only recipient of a message.
var oneRecipient = []string{
	"    <destinatari tipo=\"esterno\">elena@posta.example</destinatari>\n    <destinatari tipo=\"certificato\">carla@borea.example</destinatari>\n", "",
}

// virusFound is the whole life of a message to Bruno whose virus Borea found.
func virusFound(changes ...change) func(*testCase) {
	start := func(t *testing.T, all map[string][]placed) {
		t.Helper()
		clear(all)
		all["acceptance"] = []placed{piece(correct("acceptance").with(t, oneRecipient...), anna)}
		all["detection"] = []placed{piece(correct("virus-detection").with(t, oneRecipient...), serviceAurora)}
		all["notice"] = []placed{piece(correct("non-delivery-virus").with(t, oneRecipient...), anna)}
	}
	return wholeOf(infectedText, missed(bruno), append([]change{start}, changes...)...)
}

// virusFoundTwice is virusFound for Bruno and Carla.
func virusFoundTwice(changes ...change) func(*testCase) {
	start := func(t *testing.T, all map[string][]placed) {
		t.Helper()
		clear(all)
		all["acceptance"] = []placed{piece(correct("acceptance"), anna)}
		all["detection"] = []placed{piece(correct("virus-detection"), serviceAurora)}
		all["notice"] = []placed{piece(correct("non-delivery-virus"), anna)}
		all["detection-carla"] = []placed{piece(correct("virus-detection").with(t, aboutCarla...), serviceAurora)}
		all["notice-carla"] = []placed{piece(correct("non-delivery-virus").with(t, aboutCarla...), anna)}
	}
	return wholeOf(infectedTwoText, missed(bruno, carla), append([]change{start}, changes...)...)
}

func quarantined(provider string) func(*testCase) {
	return func(c *testCase) {
		var all []evidence.Quarantined
		if provider != "" {
			all = append(all, evidence.Quarantined{Provider: provider, Found: "Test-Virus", Blob: c.blobs.keep([]byte(crlf(infectedText)))})
		}
		c.add(evidence.Event{Type: evidence.QuarantineRead, Quarantine: all})
		c.settled()
	}
}

func TestVirusJudges(t *testing.T) {
	t.Parallel()
	vouchedVirus := func(changes ...change) func(*testCase) {
		return func(c *testCase) {
			ordinaryOf(vouchedText(c.t), sequence(incoming, infected), changes...)(c)
		}
	}
	runTrials(t, virusJudges(), []trial{
		{rule: "PEC-VIR-001", name: "stopped", build: virusFound(), want: holds},
		{rule: "PEC-VIR-001", name: "delivered", build: virusFound(extra("envelope", bruno)), want: broken},
		{rule: "PEC-VIR-001", name: "in an anomaly envelope", build: virusFound(extra("anomaly", bruno)), want: broken},
		{rule: "PEC-VIR-001", name: "not told", build: virusFound(drop("detection")), want: broken},
		{rule: "PEC-VIR-001", name: "not settled", build: notYetSettled(virusFound(drop("detection"))), want: unable},
		{rule: "PEC-VIR-001", name: "clean", build: whole(), none: true},

		{rule: "PEC-VIR-002", name: "one each", build: virusFoundTwice(), want: holds},
		{rule: "PEC-VIR-002", name: "one for both", build: virusFoundTwice(drop("detection-carla")), want: broken},
		{rule: "PEC-VIR-002", name: "two for one", build: virusFoundTwice(twice("detection")), want: broken},
		{rule: "PEC-VIR-002", name: "one recipient", build: virusFound(), none: true},

		{rule: "PEC-VIR-003", name: "header", build: virusFound(), want: holds},
		{rule: "PEC-VIR-003", name: "no X-Mittente", build: virusFound(edit("detection", "X-Mittente: anna@aurora.example\n", "")), want: broken},
		{rule: "PEC-VIR-003", name: "other X-Mittente", build: virusFound(edit("detection", "X-Mittente: anna@", "X-Mittente: bruno@")), want: broken},
		{rule: "PEC-VIR-003", name: "to the user", build: virusFound(edit("detection", "To: "+serviceAurora, "To: "+anna)), want: broken},
		{rule: "PEC-VIR-003", name: "other X-Ricevuta", build: virusFound(edit("detection", "X-Ricevuta: rilevazione-virus", "X-Ricevuta: virus")), want: broken},

		{rule: "PEC-VIR-004", name: "prefix", build: virusFound(), want: holds},
		{rule: "PEC-VIR-004", name: "other prefix", build: virusFound(edit("detection", "PROBLEMA DI SICUREZZA: ", "VIRUS: ")), want: broken},

		{rule: "PEC-VIR-005", name: "facts", build: virusFound(), want: holds},
		{rule: "PEC-VIR-005", name: "nothing found", build: virusFound(edit("detection", "di sicurezza Test-Virus", "di sicurezza")), want: broken},
		{rule: "PEC-VIR-005", name: "words that stand elsewhere too", build: virusFound(edit("detection", "di sicurezza Test-Virus", "", "- Test-Virus", "- presenza di un virus (Preventivo-Borea)")), want: broken},
		{rule: "PEC-VIR-005", name: "no recipient", build: virusFound(edit("detection", `e destinato all'utente "bruno@borea.example"`, "")), want: broken},

		{rule: "PEC-VIR-006", name: "data", build: virusFound(), want: holds},
		{rule: "PEC-VIR-006", name: "no consegna", build: virusFound(edit("detection", "\n    <consegna>bruno@borea.example</consegna>", "")), want: broken},
		{rule: "PEC-VIR-006", name: "no reason", build: virusFound(edit("detection", "\n    <errore-esteso>5.7.0 - "+borea+" - Test-Virus</errore-esteso>", "")), want: broken},
		{rule: "PEC-VIR-006", name: "nessuno", build: virusFound(edit("detection", `errore="virus"`, `errore="nessuno"`)), want: broken},
		{rule: "PEC-VIR-006", name: "altro", build: virusFound(edit("detection", `errore="virus"`, `errore="altro"`)), want: warned},

		{rule: "PEC-VIR-007", name: "no original", build: virusFound(), want: holds},
		{rule: "PEC-VIR-007", name: "original", build: virusFound(edit("detection", "--mixed--", "--mixed\nContent-Type: message/rfc822; name=\"postacert.eml\"\n\n"+infectedText+"\n--mixed--")), want: broken},

		{rule: "PEC-VIR-008", name: "kept", build: both(virusFound(), quarantined(borea)), want: holds},
		{rule: "PEC-VIR-008", name: "another kept", build: both(virusFound(), func(c *testCase) {
			all := []evidence.Quarantined{{Provider: borea, Found: "Test-Virus", Blob: c.blobs.keep([]byte("Subject: Altro\r\n\r\nAltro\r\n"))}}
			c.add(evidence.Event{Type: evidence.QuarantineRead, Quarantine: all})
			c.settled()
		}), want: broken},
		{rule: "PEC-VIR-008", name: "not kept", build: both(virusFound(), quarantined("")), want: broken},

		{rule: "PEC-VIR-009", name: "told", build: virusFound(), want: holds},
		{rule: "PEC-VIR-009", name: "not told", build: virusFound(drop("notice")), want: broken},
		{rule: "PEC-VIR-009", name: "no X-VerificaSicurezza", build: virusFound(edit("notice", "X-VerificaSicurezza: errore\n", "")), want: broken},
		{rule: "PEC-VIR-009", name: "by the recipient's provider", build: virusFound(edit("notice", "From: posta-certificata@gestore.aurora", "From: posta-certificata@gestore.borea")), want: broken},

		{rule: "PEC-VIR-010", name: "subject", build: virusFound(), want: holds},
		{rule: "PEC-VIR-010", name: "that of plain notices", build: virusFound(edit("notice", "CONSEGNA PER VIRUS: ", "CONSEGNA: ")), want: broken},
		{rule: "PEC-VIR-010", name: "to another", build: virusFound(edit("notice", "To: anna@aurora.example", "To: bruno@borea.example")), want: broken},

		{rule: "PEC-VIR-011", name: "facts", build: virusFound(), want: holds},
		{rule: "PEC-VIR-011", name: "nothing found", build: virusFound(edit("notice", "sicurezza 5.7.0 - Test-Virus", "sicurezza")), want: broken},
		{rule: "PEC-VIR-011", name: "no identifier", build: virusFound(edit("notice", "Identificativo messaggio: "+identifier, "")), want: broken},

		{rule: "PEC-VIR-012", name: "data", build: virusFound(), want: holds},
		{rule: "PEC-VIR-012", name: "altro", build: virusFound(edit("notice", `errore="virus"`, `errore="altro"`)), want: broken},
		{rule: "PEC-VIR-012", name: "no reason", build: virusFound(edit("notice", "\n    <errore-esteso>5.7.0 - "+aurora+" - Test-Virus</errore-esteso>", "")), want: broken},

		{rule: "PEC-VIR-015", name: "not taken", build: virusFound(), want: observed},
		{rule: "PEC-VIR-015", name: "taken", build: virusFound(extra("taken-in-charge", serviceAurora)), want: observed},

		{rule: "PEC-VIR-017", name: "stopped", build: vouchedVirus(drop("anomaly")), want: holds},
		{rule: "PEC-VIR-017", name: "delivered", build: vouchedVirus(), want: broken},
		{rule: "PEC-VIR-017", name: "not settled", build: notYetSettled(vouchedVirus(drop("anomaly"))), want: unable},
	}, "PEC-VIR-015")
}

func TestVirusFoundKeepsAll(t *testing.T) {
	t.Parallel()
	keepsAll(t, virusFound())
	keepsAll(t, virusFoundTwice())
	keepsAll(t, ordinary())
}
