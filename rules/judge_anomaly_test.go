package rules

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

func TestAnomalyJudges(t *testing.T) {
	t.Parallel()
	withReplies := strings.Replace(originalText, "Cc: ", "Reply-To: \"Ufficio\" <ufficio@posta.example>\nCc: ", 1)
	longText := strings.Replace(originalText, "Buongiorno, in", "Buongiorno,\nin", 1)
	bounced := func(c *testCase) {
		c.received(anna, []byte(crlf("From: MAILER-DAEMON@gestore.borea.example\nTo: anna@aurora.example\nSubject: Undelivered\n\nPreventivo 7f3a: no such user\n")),
			func(m *evidence.Message) { m.Emitter = evidence.ThirdParty })
	}
	toNobody := sequence(incoming, to("assente@borea.example"))
	refusedAtOnce := sequence(incoming, func(s *evidence.Submission) {
		s.Recipients = []evidence.RecipientReply{{Address: "assente@borea.example", Reply: evidence.Reply{Code: 550, Text: "no such user"}}}
		s.DataReply = evidence.Reply{}
	})
	toTwo := sequence(incoming, to(bruno, carla))
	bare := func(all map[string][]placed) {
		all["anomaly"][0].raw = []byte(crlf(originalText))
	}
	runTrials(t, anomalyJudges(), []trial{
		{rule: "PEC-ANO-001", name: "whole message enclosed", build: ordinary(), want: holds},
		{rule: "PEC-ANO-001", name: "no envelope at all", build: ordinary(func(_ *testing.T, all map[string][]placed) { bare(all) }), want: broken},
		{rule: "PEC-ANO-001", name: "attachment lost", build: ordinary(edit("anomaly", attachmentText, "")), want: broken},
		{rule: "PEC-ANO-001", name: "nothing enclosed", build: ordinary(edit("anomaly", "Content-Type: message/rfc822", "Content-Type: application/octet-stream", "postacert.eml", "messaggio.txt")), want: broken},

		{rule: "PEC-ANO-002", name: "errore", build: ordinary(), want: holds},
		{rule: "PEC-ANO-002", name: "other value", build: ordinary(edit("anomaly", "X-Trasporto: errore", "X-Trasporto: anomalia")), want: broken},
		{rule: "PEC-ANO-002", name: "as the RFC prints it", build: ordinary(edit("anomaly", "X-Trasporto: errore", "X-Trasplorto: errore")), want: broken},

		{rule: "PEC-ANO-003", name: "prefix", build: ordinary(), want: holds},
		{rule: "PEC-ANO-003", name: "no prefix", build: ordinary(edit("anomaly", "ANOMALIA MESSAGGIO: ", "")), want: broken},
		{rule: "PEC-ANO-003", name: "other subject", build: ordinary(edit("anomaly", "MESSAGGIO: Preventivo 7f3a", "MESSAGGIO: Altro 7f3a")), want: broken},

		{rule: "PEC-ANO-004", name: "time of arrival", build: ordinary(), want: holds},
		{rule: "PEC-ANO-004", name: "the client's", build: ordinary(edit("anomaly", "Date: Wed, 14 Jan 2026 10:20:30 +0100\nMIME", "Date: Wed, 14 Jan 2026 09:20:30 +0100\nMIME")), want: broken},
		{rule: "PEC-ANO-004", name: "none", build: ordinary(edit("anomaly", "Date: Wed, 14 Jan 2026 10:20:30 +0100\nMIME", "MIME")), want: broken},

		{rule: "PEC-ANO-005", name: "for the sender", build: ordinary(), want: holds},
		{rule: "PEC-ANO-005", name: "unchanged", build: ordinary(edit("anomaly", `"Per conto di: anna@aurora.example" <posta-certificata@gestore.borea.example>`, "anna@aurora.example")), want: broken},
		{rule: "PEC-ANO-005", name: "English", build: ordinary(edit("anomaly", "Per conto di: ", "On behalf of: ")), want: broken},
		{rule: "PEC-ANO-005", name: "other sender", build: ordinary(edit("anomaly", `"Per conto di: anna@`, `"Per conto di: carla@`)), want: broken},
		{rule: "PEC-ANO-005", name: "other provider", build: ordinary(edit("anomaly", "<posta-certificata@gestore.borea.example>", "<posta-certificata@gestore.aurora.example>")), want: broken},

		{rule: "PEC-ANO-006", name: "inserted", build: ordinary(), want: holds},
		{rule: "PEC-ANO-006", name: "missing", build: ordinary(edit("anomaly", "Reply-To: anna@aurora.example\n", "")), want: broken},
		{rule: "PEC-ANO-006", name: "kept", build: ordinaryOf(withReplies, incoming, edit("anomaly", "Reply-To: anna@aurora.example", "Reply-To: \"Ufficio\" <ufficio@posta.example>")), want: holds},
		{rule: "PEC-ANO-006", name: "replaced", build: ordinaryOf(withReplies, incoming), want: broken},

		{rule: "PEC-ANO-007", name: "inherited", build: ordinary(), want: holds},
		{rule: "PEC-ANO-007", name: "other To", build: ordinary(edit("anomaly", "To: Bruno <bruno@borea.example>, elena@posta.example\nCc: carla@borea.example\nReply", "To: bruno@borea.example\nCc: carla@borea.example\nReply")), want: broken},
		{rule: "PEC-ANO-007", name: "new Message-ID", build: ordinary(edit("anomaly", "Message-ID: <c1@pc.aurora.example>\nSubject: A", "Message-ID: <new@gestore.borea.example>\nSubject: A")), want: broken},
		{rule: "PEC-ANO-007", name: "other Return-Path", build: ordinary(edit("anomaly", "Return-Path: <anna@", "Return-Path: <posta-certificata@")), want: broken},
		{rule: "PEC-ANO-007", name: "Received lost", build: ordinaryOf("Received: from a by b.posta.example; Wed, 14 Jan 2026 10:20:20 +0100\n"+originalText, incoming), want: broken},

		{rule: "PEC-ANO-008", name: "facts", build: ordinary(), want: holds},
		{rule: "PEC-ANO-008", name: "no error", build: ordinary(edit("anomaly", "Firma non presente o non autentica\n", "")), want: broken},
		{rule: "PEC-ANO-008", name: "no sender", build: ordinary(edit("anomaly", `proveniente da "anna@aurora.example"`, "")), want: broken},
		{rule: "PEC-ANO-008", name: "no time", build: ordinary(edit("anomaly", "alle ore 10:20:30 (+0100)", "")), want: broken},

		{rule: "PEC-ANO-009", name: "two parts", build: ordinary(), want: holds},
		{rule: "PEC-ANO-009", name: "certification data", build: ordinary(edit("anomaly", "--mixed\nContent-Type: message/rfc822", "--mixed\nContent-Type: application/xml; name=\"daticert.xml\"\n\n<x/>\n--mixed\nContent-Type: message/rfc822")), want: broken},
		{rule: "PEC-ANO-009", name: "another part", build: ordinary(edit("anomaly", "--mixed\nContent-Type: message/rfc822", "--mixed\nContent-Type: text/plain; name=\"note.txt\"\n\nx\n--mixed\nContent-Type: message/rfc822")), want: broken},

		{rule: "PEC-ANO-010", name: "bounce", build: both(ordinaryOf(originalText, toNobody, drop("anomaly")), bounced), want: holds},
		{rule: "PEC-ANO-010", name: "refused at once", build: ordinaryOf(originalText, refusedAtOnce, drop("anomaly")), want: holds},
		{rule: "PEC-ANO-010", name: "silence", build: ordinaryOf(originalText, toNobody, drop("anomaly")), want: broken},
		{rule: "PEC-ANO-010", name: "sender not read", build: ordinaryOf(originalText, sequence(toNobody, func(s *evidence.Submission) { s.ReversePath = "altri@altrove.example" }), drop("anomaly")), want: unable},

		{rule: "PEC-ANO-011", name: "signed", build: ordinary(), want: holds},
		{rule: "PEC-ANO-011", name: "altered", build: ordinary(corrupted("anomaly", "Tali dati", "Quei dati")), want: broken},
		{rule: "PEC-ANO-011", name: "signed by another provider", build: ordinary(func(_ *testing.T, all map[string][]placed) {
			all["anomaly"][0].Signer = copySigner(keys().aurora)
		}), want: broken},

		{rule: "PEC-ANO-012", name: "no receipt", build: ordinary(), want: holds},
		{rule: "PEC-ANO-012", name: "delivery receipt", build: ordinary(extra("delivery", anna)), want: broken},
		{rule: "PEC-ANO-012", name: "non-delivery", build: ordinary(extra("non-delivery", anna)), want: broken},
		{rule: "PEC-ANO-012", name: "not settled", build: notYetSettled(ordinary()), want: unable},

		{rule: "PEC-ANO-013", name: "the same octets", build: ordinary(), want: holds},
		{rule: "PEC-ANO-013", name: "trace on top", build: ordinary(inAnomaly("Received: from x by y.gestore.borea.example; Wed, 14 Jan 2026 10:20:29 +0100\n" + originalText)), want: holds},
		{rule: "PEC-ANO-013", name: "another field", build: ordinary(inAnomaly("X-Spam-Status: No\n" + originalText)), want: broken},
		{rule: "PEC-ANO-013", name: "folded otherwise", build: ordinary(inAnomaly(longText)), want: broken},

		{rule: "PEC-ANO-014", name: "told by the header", build: ordinaryOf(forgedText, incoming, inAnomaly(forgedText)), want: holds},
		{rule: "PEC-ANO-014", name: "refused", build: ordinaryOf(forgedText, sequence(incoming, refusedAtDATA), drop("anomaly")), want: holds},
		{rule: "PEC-ANO-014", name: "not told", build: ordinaryOf(forgedText, incoming, drop("anomaly"), extra("envelope", bruno)), want: broken},
		{rule: "PEC-ANO-014", name: "plain mail", build: ordinary(), none: true},

		{rule: "PEC-ANO-015", name: "both", build: ordinaryOf(originalText, toTwo, extra("anomaly", carla)), want: holds},
		{rule: "PEC-ANO-015", name: "one only", build: ordinaryOf(originalText, toTwo), want: broken},
		{rule: "PEC-ANO-015", name: "one recipient", build: ordinary(), none: true},
	})
}
