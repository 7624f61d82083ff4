package rules

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// damagedEnvelope is the standard submission with the acceptance and an altered
// envelope in Bruno's mailbox.
func damagedEnvelope(pairs ...string) func(*testCase) { return envelopeOf(nil, pairs) }

const (
	traced     = "Received: from pc.aurora.example (pc.aurora.example [192.0.2.1]) by gestore.aurora.example; Wed, 14 Jan 2026 10:20:29 +0100\n"
	clientHop  = "Received: from app.aurora.example by pc.aurora.example; Wed, 14 Jan 2026 10:20:26 +0100\n"
	returnPath = "Return-Path: <anna@aurora.example>\n"
)

// tracedEnvelope is a submission that brings a Received line, and its envelope
// with this trace on top of the enclosed original, which has both lines.
func tracedEnvelope(outer string) func(*testCase) {
	return func(c *testCase) {
		c.submitted(clientHop + originalText)
		m := correct("envelope").head(c.t, returnPath+traced, outer)
		c.put(m.content(c.t, "From: Anna <anna@", returnPath+traced+clientHop+"From: Anna <anna@"))
		c.settled()
	}
}

func TestEnvelopeHeaders(t *testing.T) {
	t.Parallel()
	asksBrief := []string{"Subject:", "X-TipoRicevuta: breve\nSubject:"}
	repliesTo := []string{"Subject:", "Reply-To: \"Ufficio, Gare\" <gare@aurora.example>\nSubject:"}
	kept := []string{"Reply-To: anna@aurora.example", "Reply-To: \"Ufficio, Gare\" <gare@aurora.example>"}
	const from = `From: "Per conto di: anna@aurora.example" <posta-certificata@gestore.aurora.example>`
	trials := []trial{
		holdsEverywhere("PEC-TE-001"),
		{rule: "PEC-TE-001", name: "absent", build: damagedEnvelope("X-Trasporto: posta-certificata\n", ""), want: broken},
		{rule: "PEC-TE-001", name: "misspelt", build: damagedEnvelope("X-Trasporto: posta-certificata\n", "X-Trasplorto: posta-certificata\n"), want: broken},
		{rule: "PEC-TE-001", name: "another value", build: damagedEnvelope("X-Trasporto: posta-certificata\n", "X-Trasporto: certificata\n"), want: broken},

		holdsEverywhere("PEC-TE-002"),
		{rule: "PEC-TE-002", name: "client's Date", build: damagedEnvelope("10:20:30 +0100\nMIME", "10:20:25 +0100\nMIME"), want: broken},
		{rule: "PEC-TE-002", name: "6 s later", build: damagedEnvelope("10:20:30 +0100\nMIME", "10:20:36 +0100\nMIME"), want: deviates},
		{rule: "PEC-TE-002", name: "7 s later", build: damagedEnvelope("10:20:30 +0100\nMIME", "10:20:37 +0100\nMIME"), want: broken},
		{rule: "PEC-TE-002", name: "comment", build: damagedEnvelope("10:20:30 +0100\nMIME", "10:20:30 +0100 (CET)\nMIME"), want: holds},
		{rule: "PEC-TE-002", name: "none", build: damagedEnvelope("Date: Wed, 14 Jan 2026 10:20:30 +0100\nMIME", "MIME"), want: broken},

		holdsEverywhere("PEC-TE-003"),
		{rule: "PEC-TE-003", name: "no prefix", build: damagedEnvelope("POSTA CERTIFICATA: ", ""), want: broken},
		{rule: "PEC-TE-003", name: "lossy", build: envelopeOf([]string{"Preventivo 7f3a", "=?utf-8?q?Preventivo_=E2=80=99_7f3a?="}, []string{"POSTA CERTIFICATA: Preventivo 7f3a", "POSTA CERTIFICATA: Preventivo ? 7f3a"}), want: warned},
		{rule: "PEC-TE-003", name: "no Subject submitted", build: envelopeOf([]string{"Subject: Preventivo 7f3a\n", ""}, []string{"POSTA CERTIFICATA: Preventivo 7f3a", "POSTA CERTIFICATA: "}), want: holds},

		holdsEverywhere("PEC-TE-004"),
		{rule: "PEC-TE-004", name: "name of the user", build: damagedEnvelope(from, `From: "Per conto di: Anna" <posta-certificata@gestore.aurora.example>`), want: broken},
		{rule: "PEC-TE-004", name: "address of the user", build: damagedEnvelope(from, `From: "Per conto di: anna@aurora.example" <anna@aurora.example>`), want: broken},
		{rule: "PEC-TE-004", name: "English", build: damagedEnvelope(from, `From: "On behalf of: anna@aurora.example" <posta-certificata@gestore.aurora.example>`), want: deviates},
		{rule: "PEC-TE-004", name: "folded", build: damagedEnvelope(`example" <posta`, "example\"\n <posta"), want: holds},
		{rule: "PEC-TE-004", name: "no name", build: damagedEnvelope(from, "From: posta-certificata@gestore.aurora.example"), want: broken},

		{rule: "PEC-TE-005", name: "kept", build: envelopeOf(repliesTo, kept), want: holds},
		{rule: "PEC-TE-005", name: "bare", build: envelopeOf(repliesTo, []string{"Reply-To: anna@", "Reply-To: gare@"}), want: broken},
		{rule: "PEC-TE-005", name: "dropped", build: envelopeOf(repliesTo, []string{"Reply-To: anna@aurora.example\n", ""}), want: broken},
		{rule: "PEC-TE-005", name: "none given", build: damagedEnvelope(), none: true},
		holdsEverywhere("PEC-TE-006"),
		{rule: "PEC-TE-006", name: "not inserted", build: damagedEnvelope("Reply-To: anna@aurora.example\n", ""), want: broken},
		{rule: "PEC-TE-006", name: "somebody else", build: damagedEnvelope("Reply-To: anna@aurora.example", "Reply-To: gino@aurora.example"), want: broken},

		holdsEverywhere("PEC-TE-007"),
		{rule: "PEC-TE-007", name: "display name dropped", build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("envelope").head(c.t, "To: Bruno <bruno@borea.example>", "To: bruno@borea.example"))
		}, want: broken},
		{rule: "PEC-TE-007", name: "Cc dropped", build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("envelope").head(c.t, "Cc: carla@borea.example\n", ""))
		}, want: broken},
		{rule: "PEC-TE-007", name: "folded elsewhere", build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("envelope").head(c.t, ">, elena", ">,\n elena"))
		}, want: holds},

		holdsEverywhere("PEC-TE-008"),
		{rule: "PEC-TE-008", name: "all inherited", build: tracedEnvelope(returnPath + traced + clientHop), want: holds},
		{rule: "PEC-TE-008", name: "later hops above", build: tracedEnvelope(returnPath + "Received: from a by b; Wed, 14 Jan 2026 10:20:31 +0100\n" + traced + clientHop), want: holds},
		{rule: "PEC-TE-008", name: "topmost only", build: tracedEnvelope(returnPath + traced), want: deviates},
		{rule: "PEC-TE-008", name: "none", build: tracedEnvelope(returnPath), want: broken},
		{rule: "PEC-TE-008", name: "reordered", build: tracedEnvelope(returnPath + clientHop + traced), want: broken},
		{rule: "PEC-TE-008", name: "changed", build: tracedEnvelope(returnPath + traced + strings.Replace(clientHop, "app", "sap", 1)), want: broken},
		{rule: "PEC-TE-008", name: "Return-Path changed", build: tracedEnvelope("Return-Path: <posta-certificata@gestore.aurora.example>\n" + traced + clientHop), want: broken},

		holdsEverywhere("PEC-TE-009"),
		{rule: "PEC-TE-009", name: "client's", build: damagedEnvelope("<pec1.20260114@gestore.aurora.example>\nSubject: POSTA", "<c1@pc.aurora.example>\nSubject: POSTA"), want: broken},
		{rule: "PEC-TE-009", name: "no brackets", build: damagedEnvelope("<pec1.20260114@gestore.aurora.example>\nSubject: POSTA", "pec1.20260114@gestore.aurora.example\nSubject: POSTA"), want: broken},

		holdsEverywhere("PEC-TE-010"),
		{rule: "PEC-TE-010", name: "as requested", build: envelopeOf(asksBrief, []string{"X-Trasporto:", "X-Tiporicevuta: breve\nX-Trasporto:"}), want: holds},
		{rule: "PEC-TE-010", name: "dropped", build: envelopeOf(asksBrief, nil), want: broken},
		{rule: "PEC-TE-010", name: "invented", build: damagedEnvelope("X-Trasporto:", "X-TipoRicevuta: breve\nX-Trasporto:"), want: broken},
		{rule: "PEC-TE-010", name: "completa unasked", build: damagedEnvelope("X-Trasporto:", "X-TipoRicevuta: completa\nX-Trasporto:"), want: holds},

		holdsEverywhere("PEC-TE-020"),
		{rule: "PEC-TE-020", name: "Bcc", build: damagedEnvelope("X-Trasporto:", "Bcc:\nX-Trasporto:"), want: broken},
		{rule: "PEC-TE-020", name: "hidden address", build: envelopeOf([]string{"Subject:", "Bcc: dario@borea.example\nSubject:"}, []string{"X-Trasporto:", "X-Original-To: dario@borea.example\nX-Trasporto:"}), want: broken},
	}
	trials = append(trials, envelopeBodyTrials()...)
	trials = append(trials, originalTrials()...)
	trials = append(trials, relayTrials()...)
	runTrials(t, envelopeJudges(), trials)
}

func envelopeBodyTrials() []trial {
	everywhere := func(last message) func(*testCase) {
		return func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("acceptance"))
			c.put(correct("envelope"))
			c.received(elena, last.sealed(c.t))
			c.settled()
		}
	}
	again := func(old, now string) func(*testCase) {
		return func(c *testCase) { everywhere(correct("envelope").with(c.t, old, now))(c) }
	}
	return []trial{
		holdsEverywhere("PEC-TE-011"),
		{rule: "PEC-TE-011", name: "no recipient", build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("envelope").content(c.t, "indirizzato a:\nbruno@borea.example\n", "indirizzato a:\n"))
		}, want: broken},
		{rule: "PEC-TE-011", name: "UTC", build: damagedEnvelope("10:20:30 (+0100)", "09:20:30 (+0100)"), want: broken},
		holdsEverywhere("PEC-TE-015"),
		{rule: "PEC-TE-015", name: "another type", build: damagedEnvelope(`tipo="posta-certificata"`, `tipo="accettazione"`), want: broken},
		{rule: "PEC-TE-015", name: "no ricevuta", build: damagedEnvelope(`<ricevuta tipo="completa"/>`, ""), want: broken},
		{rule: "PEC-TE-015", name: "consegna", build: damagedEnvelope(`<ricevuta tipo="completa"/>`, `<ricevuta tipo="completa"/><consegna>bruno@borea.example</consegna>`), want: broken},
		{rule: "PEC-TE-017", name: "received", build: func(c *testCase) { everywhere(correct("envelope"))(c) }, want: holds},
		{rule: "PEC-TE-017", name: "nothing there", build: submittedAs(acceptedWhole, nil), want: broken},
		{rule: "PEC-TE-017", name: "called certified", build: again(`<destinatari tipo="esterno">`, `<destinatari tipo="certificato">`), want: broken},
		{rule: "PEC-TE-018", name: "the same", build: func(c *testCase) { everywhere(correct("envelope"))(c) }, want: holds},
		{rule: "PEC-TE-018", name: "another hop", build: again("Return-Path:", "Received: from a by b; Wed, 14 Jan 2026 10:20:31 +0100\nReturn-Path:"), want: holds},
		{rule: "PEC-TE-018", name: "another identifier", build: again("pec1.", "pec2."), want: broken},
		{rule: "PEC-TE-018", name: "another content", build: again("Messaggio di posta certificata", "Messaggio di Posta Certificata"), want: broken},
		{rule: "PEC-TE-018", name: "one mailbox", build: damagedEnvelope(), none: true},
	}
}

func relayTrials() []trial {
	relay := func(alter func(x *evidence.RelayExchange), more ...evidence.RelayExchange) func(*testCase) {
		return func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("acceptance"))
			raw := correct("envelope").sealed(c.t)
			c.received(bruno, raw)
			x := evidence.RelayExchange{From: aurora, To: borea, TLS: true, ReversePath: anna, Recipients: []string{bruno, carla}, SHA256: c.blobs.keep(raw), Code: 250}
			alter(&x)
			list := []evidence.RelayExchange{x}
			for _, m := range more {
				m.From, m.To, m.SHA256, m.Recipients = x.From, x.To, x.SHA256, x.Recipients
				list = append(list, m)
			}
			c.add(evidence.Event{Type: evidence.RelayRead, Relay: list})
			c.settled()
		}
	}
	same := func(*evidence.RelayExchange) {}
	return []trial{
		{rule: "PEC-TE-016", name: "unaltered", build: relay(same), want: holds},
		{rule: "PEC-TE-016", name: "service address", build: relay(func(x *evidence.RelayExchange) { x.ReversePath = "posta-certificata@gestore.aurora.example" }), want: broken},
		{rule: "PEC-TE-016", name: "somebody else", build: relay(func(x *evidence.RelayExchange) { x.Recipients = []string{bruno, "dario@borea.example"} }), want: broken},
		{rule: "PEC-TE-016", name: "Bruno left out", build: relay(func(x *evidence.RelayExchange) { x.Recipients = []string{carla} }), want: broken},
		{rule: "PEC-TE-019", name: "TLS", build: relay(same), want: holds},
		{rule: "PEC-TE-019", name: "clear", build: relay(func(x *evidence.RelayExchange) { x.TLS = false }), want: broken},
		{rule: "PEC-TE-021", name: "retried", build: relay(func(x *evidence.RelayExchange) { x.Code = 451 }, evidence.RelayExchange{Code: 250}), want: holds},
		{rule: "PEC-TE-021", name: "given up", build: relay(func(x *evidence.RelayExchange) { x.Code = 451 }), want: broken},
		{rule: "PEC-TE-021", name: "at once", build: relay(same), none: true},
	}
}
