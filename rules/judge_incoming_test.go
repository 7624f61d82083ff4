package rules

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// incoming makes a submission ordinary mail to Bruno that his provider's
// incoming point took.
func incoming(s *evidence.Submission) {
	s.Channel, s.Host, s.Account, s.Authenticated, s.TLS, s.Actor = evidence.IncomingPoint, borea, "", false, false, "Elena"
	to(bruno)(s)
}

// ordinary is ordinary mail to Bruno, and the anomaly envelope that he got.
func ordinary(changes ...change) func(*testCase) {
	return ordinaryOf(originalText, incoming, changes...)
}

// ordinaryOf is ordinary with another text or submission.
func ordinaryOf(text string, submission func(*evidence.Submission), changes ...change) func(*testCase) {
	start := func(_ *testing.T, all map[string][]placed) {
		clear(all)
		all["anomaly"] = []placed{piece(correct("anomaly"), bruno)}
	}
	return wholeOf(text, submission, append([]change{start}, changes...)...)
}

// refusedAtDATA makes DATA end with a refusal.
func refusedAtDATA(s *evidence.Submission) {
	s.DataReply = evidence.Reply{Code: 554, Text: "no ordinary mail here"}
}

func infected(s *evidence.Submission) { s.Infected = "Test-Virus" }

// forgedText imitates an envelope.
var forgedText = "X-Trasporto: posta-certificata\n" + strings.Replace(originalText, "From: Anna <anna@aurora.example>", `From: "Per conto di: anna@aurora.example" <posta-certificata@gestore.aurora.example>`, 1)

// inAnomaly makes the anomaly envelope enclose another text.
func inAnomaly(text string) change {
	return edit("anomaly", originalText, text)
}

// vouchedText is a message that Aurora signed and that bears no header of
// certified e-mail.
func vouchedText(t *testing.T) string {
	m := correct("acceptance").with(t, "X-Ricevuta: accettazione\n", "")
	return strings.ReplaceAll(string(m.sealed(t)), "\r\n", "\n")
}

func probed(p evidence.Probe) func(*testCase) {
	return func(c *testCase) { c.add(evidence.Event{Type: evidence.Probed, Probe: &p}) }
}

func relaySaw(e evidence.RelayExchange) func(*testCase) {
	return func(c *testCase) {
		c.add(evidence.Event{Type: evidence.RelayRead, Relay: []evidence.RelayExchange{e}})
	}
}

// both builds one thing after another.
func both(builds ...func(*testCase)) func(*testCase) {
	return func(c *testCase) {
		for _, b := range builds {
			b(c)
		}
	}
}

func TestIncomingJudges(t *testing.T) {
	t.Parallel()
	clear530 := func(s *evidence.Submission) {
		incoming(s)
		s.MailReply = evidence.Reply{Code: 530, Text: "Must issue a STARTTLS command first"}
		s.DataReply, s.Recipients = evidence.Reply{}, nil
	}
	vouched := func(c *testCase, changes ...change) {
		text := vouchedText(c.t)
		ordinaryOf(text, incoming, changes...)(c)
	}
	runTrials(t, incomingJudges(), []trial{
		{rule: "PEC-IP-001", name: "probe", build: probed(evidence.Probe{Name: "starttls-incoming", Service: "incoming", Provider: borea, TLSVersion: "TLS 1.3"}), want: holds},
		{rule: "PEC-IP-001", name: "session over TLS", build: ordinaryOf(originalText, sequence(incoming, func(s *evidence.Submission) { s.TLS = true })), want: holds},
		{rule: "PEC-IP-001", name: "not offered", build: probed(evidence.Probe{Name: "starttls-incoming", Service: "incoming", Provider: borea, Refused: true}), want: broken},
		{rule: "PEC-IP-001", name: "other service", build: probed(evidence.Probe{Name: "tls-1.2-submission", Service: "submission"}), none: true},

		{rule: "PEC-IP-002", name: "taken in clear", build: ordinary(), want: holds},
		{rule: "PEC-IP-002", name: "TLS demanded", build: ordinaryOf(originalText, clear530, drop("anomaly")), want: broken},
		{rule: "PEC-IP-002", name: "refused by policy", build: ordinaryOf(originalText, sequence(incoming, refusedAtDATA), drop("anomaly")), want: holds},

		{rule: "PEC-IP-004", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-IP-004", name: "altered on the way", build: whole(corrupted("delivery-bruno", "casella di", "casella DI")), want: broken},
		{rule: "PEC-IP-004", name: "a receipt for it", build: whole(extra("taken-in-charge", serviceBorea, "pec1.20260114@gestore.aurora.example", "delivery.20260114@gestore.borea.example")), want: broken},

		{rule: "PEC-IP-005", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-IP-005", name: "to a user", build: whole(move("taken-in-charge", bruno)), want: broken},

		{rule: "PEC-IP-006", name: "in an anomaly envelope", build: ordinaryOf(forgedText, incoming, inAnomaly(forgedText)), want: holds},
		{rule: "PEC-IP-006", name: "refused", build: ordinaryOf(forgedText, sequence(incoming, refusedAtDATA), drop("anomaly")), want: holds},
		{rule: "PEC-IP-006", name: "taken for an envelope", build: ordinaryOf(forgedText, incoming, drop("anomaly"), extra("envelope", bruno)), want: broken},
		{rule: "PEC-IP-006", name: "taken in charge", build: ordinaryOf(forgedText, incoming, extra("taken-in-charge", serviceAurora)), want: broken},
		{rule: "PEC-IP-006", name: "plain mail", build: ordinary(), none: true},

		{rule: "PEC-IP-014", name: "passed on", build: func(c *testCase) { vouched(c) }, want: holds},
		{rule: "PEC-IP-014", name: "lost", build: func(c *testCase) { vouched(c, drop("anomaly")) }, want: broken},
		{rule: "PEC-IP-014", name: "delivered as it is", build: wrappedUp(order{raw: plainlySigned}, asItIs(order{raw: plainlySigned})), want: broken},
		{rule: "PEC-IP-014", name: "refused", build: func(c *testCase) {
			ordinaryOf(vouchedText(c.t), sequence(incoming, refusedAtDATA), drop("anomaly"))(c)
		}, want: broken},
		{rule: "PEC-IP-014", name: "unsigned", build: ordinary(), none: true},

		{rule: "PEC-IP-019", name: "in an anomaly envelope", build: ordinary(), want: observed},
		{rule: "PEC-IP-019", name: "refused", build: ordinaryOf(originalText, sequence(incoming, refusedAtDATA), drop("anomaly")), want: observed},

		{rule: "PEC-IP-020", name: "stopped", build: ordinaryOf(originalText, sequence(incoming, infected), drop("anomaly")), want: holds},
		{rule: "PEC-IP-020", name: "delivered", build: ordinaryOf(originalText, sequence(incoming, infected)), want: broken},
		{rule: "PEC-IP-020", name: "notified", build: ordinaryOf(originalText, sequence(incoming, infected), drop("anomaly"), extra("virus-detection", serviceAurora)), want: broken},
		{rule: "PEC-IP-020", name: "not settled", build: notYetSettled(ordinaryOf(originalText, sequence(incoming, infected), drop("anomaly"))), want: unable},

		{rule: "PEC-IP-029", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-IP-029", name: "through an ordinary host", build: whole(edit("delivery-bruno", "X-Ricevuta:", "Received: from a by mx.posta.example; Wed, 14 Jan 2026 10:20:29 +0100\nX-Ricevuta:")), want: broken},
		{rule: "PEC-IP-029", name: "handed to an ordinary host", build: both(whole(), relaySaw(evidence.RelayExchange{From: aurora, To: "posta.example", Recipients: []string{bruno}, Code: 250})), want: broken},

		{rule: "PEC-IP-033", name: "found", build: ordinary(), want: holds},
		{rule: "PEC-IP-033", name: "lost", build: ordinary(drop("anomaly")), want: broken},
		{rule: "PEC-IP-033", name: "lost, not settled", build: notYetSettled(ordinary(drop("anomaly"))), want: unable},
		{rule: "PEC-IP-033", name: "a dot lost", build: ordinaryOf(strings.Replace(originalText, "Buongiorno", ".Buongiorno", 1), incoming), want: broken},
	}, "PEC-IP-019")
}

func TestTakenInChargeJudges(t *testing.T) {
	t.Parallel()
	taken := "taken-in-charge"
	unknownToo := whole(only("acceptance", taken), edit(taken, "<ricezione>bruno@", "<ricezione>assente@"), extra("non-delivery", anna, "<consegna>bruno@", "<consegna>assente@", `all'utente "bruno@`, `all'utente "assente@`))
	toUnknown := func(c *testCase) {
		unknownToo(c)
		to("assente@borea.example", elena, carla)(c.events[0].Submission)
	}
	handed := func(recipients ...string) func(*testCase) {
		return func(c *testCase) {
			var hash string
			for _, e := range c.events {
				if e.Message != nil && e.Message.Mailbox == bruno {
					hash = e.Message.Blob
				}
			}
			relaySaw(evidence.RelayExchange{From: aurora, To: borea, Recipients: recipients, SHA256: hash, Code: 250})(c)
		}
	}
	runTrials(t, takenInChargeJudges(), []trial{
		{rule: "PEC-SSA-001", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-SSA-001", name: "missing", build: whole(drop(taken)), want: broken},
		{rule: "PEC-SSA-001", name: "missing, not settled", build: notYetSettled(whole(drop(taken))), want: unable},

		{rule: "PEC-SSA-002", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-SSA-002", name: "to the sender", build: whole(edit(taken, "To: "+serviceAurora, "To: "+anna)), want: broken},
		{rule: "PEC-SSA-002", name: "in the wrong mailbox", build: whole(move(taken, serviceBorea)), want: broken},

		{rule: "PEC-SSA-003", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-SSA-003", name: "wrong prefix", build: whole(edit(taken, "PRESA IN CARICO: ", "CONSEGNA: ")), want: broken},
		{rule: "PEC-SSA-003", name: "wrong header", build: whole(edit(taken, "X-Ricevuta: presa-in-carico", "X-Ricevuta: presa-carico")), want: broken},
		{rule: "PEC-SSA-003", name: "other subject", build: whole(edit(taken, "Subject: PRESA IN CARICO: Preventivo 7f3a", "Subject: PRESA IN CARICO: Altro 7f3a")), want: broken},
		{rule: "PEC-SSA-003", name: "by the sender's provider", build: whole(edit(taken, "From: posta-certificata@gestore.borea", "From: posta-certificata@gestore.aurora")), want: broken},
		{rule: "PEC-SSA-003", name: "no reference", build: whole(edit(taken, "X-Riferimento-Message-ID: <c1@pc.aurora.example>\n", "")), want: broken},

		{rule: "PEC-SSA-004", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-SSA-004", name: "recipient not named", build: whole(edit(taken, "carla@borea.example (\"posta certificata\")\n", "")), want: broken},
		{rule: "PEC-SSA-004", name: "two in one line", build: whole(edit(taken, "\"posta certificata\")\nelena@", "\"posta certificata\"), elena@")), want: broken},
		{rule: "PEC-SSA-004", name: "no identifier", build: whole(edit(taken, "Identificativo messaggio: "+identifier, "")), want: broken},

		{rule: "PEC-SSA-005", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-SSA-005", name: "one SMTP transaction", build: both(whole(), handed(bruno, carla)), want: holds},
		{rule: "PEC-SSA-005", name: "one of two taken", build: whole(edit(taken, "\n    <ricezione>carla@borea.example</ricezione>", "")), want: broken},
		{rule: "PEC-SSA-005", name: "not what was handed over", build: both(whole(edit(taken, "\n    <ricezione>carla@borea.example</ricezione>", "")), handed(bruno, carla)), want: broken},
		{rule: "PEC-SSA-005", name: "two receipts for one transaction", build: both(whole(twice(taken)), handed(bruno, carla)), want: broken},
		{rule: "PEC-SSA-005", name: "recipient not listed", build: whole(edit(taken, "    <destinatari tipo=\"esterno\">elena@posta.example</destinatari>\n", "")), want: broken},
		{rule: "PEC-SSA-005", name: "takes the ordinary one", build: whole(edit(taken, "<ricezione>carla@borea", "<ricezione>elena@posta")), want: broken},

		{rule: "PEC-SSA-007", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-SSA-007", name: "to a user", build: whole(move(taken, anna)), want: broken},

		{rule: "PEC-SSA-008", name: "ordinary mail", build: ordinary(), want: holds},
		{rule: "PEC-SSA-008", name: "for ordinary mail", build: ordinary(extra(taken, serviceAurora)), want: broken},
		{rule: "PEC-SSA-008", name: "for a receipt", build: whole(extra(taken, serviceBorea, identifier, "delivery.20260114@gestore.borea.example")), want: broken},

		{rule: "PEC-SSA-009", name: "taken, then not delivered", build: toUnknown, want: observed},

		{rule: "PEC-SSA-010", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-SSA-010", name: "in the wrong mailbox", build: whole(move(taken, serviceBorea)), want: broken},
		{rule: "PEC-SSA-010", name: "handed over and lost", build: both(whole(), relaySaw(evidence.RelayExchange{From: borea, To: aurora, Recipients: []string{serviceAurora}, SHA256: "00", Code: 250})), want: broken},

		{rule: "PEC-SSA-011", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-SSA-011", name: "its own identifier", build: whole(edit(taken, "<identificativo>pec1.", "<identificativo>pec2.")), want: broken},
		{rule: "PEC-SSA-011", name: "errore", build: whole(edit(taken, `errore="nessuno"`, `errore="altro"`)), want: broken},
	}, "PEC-SSA-009")
}
