package rules

import (
	"strings"
	"testing"
	"time"
)

// asking is the original with an X-TipoRicevuta field.
func asking(token string) string { return "X-TipoRicevuta: " + token + "\n" + originalText }

// asks puts the field into the envelopes too.
func asks(token string) change {
	return func(t *testing.T, all map[string][]placed) {
		t.Helper()
		for _, name := range []string{"envelope-bruno", "envelope-carla", "envelope-elena"} {
			edit(name, "X-Trasporto: posta-certificata\n", "X-Trasporto: posta-certificata\nX-TipoRicevuta: "+token+"\n",
				`<ricevuta tipo="completa"/>`, `<ricevuta tipo="`+token+`"/>`)(t, all)
		}
		if len(all["delivery-carla"]) > 0 {
			edit("delivery-carla", `<ricevuta tipo="completa"/>`, `<ricevuta tipo="`+token+`"/>`)(t, all)
		}
	}
}

// receiptOf makes the receipt about Bruno another sample.
func receiptOf(sample string, pairs ...string) change {
	return func(t *testing.T, all map[string][]placed) {
		t.Helper()
		all["delivery-bruno"] = []placed{piece(correct(sample).with(t, pairs...), anna)}
	}
}

// concise is an exchange in which concise receipts were asked for.
func concise(changes ...change) func(*testCase) {
	return wholeOf(asking("sintetica"), nil, append([]change{asks("sintetica"), receiptOf("delivery-concise")}, changes...)...)
}

// inBoth is an exchange in which Bruno stands in To and in Cc.
func inBoth(changes ...change) func(*testCase) {
	const cc = "\nCc: bruno@borea.example, carla@borea.example"
	text := strings.Replace(originalText, "\nCc: carla@borea.example", cc, 1)
	start := func(t *testing.T, all map[string][]placed) {
		t.Helper()
		for _, name := range []string{"envelope-bruno", "envelope-carla", "envelope-elena", "delivery-bruno"} {
			edit(name, "\nCc: carla@borea.example", cc)(t, all)
		}
	}
	return wholeOf(text, nil, append([]change{start}, changes...)...)
}

// noOriginal takes the enclosed original out of the receipt about Bruno.
func noOriginal(t *testing.T, all map[string][]placed) {
	t.Helper()
	for i, p := range all["delivery-bruno"] {
		head, _, found := strings.Cut(p.Content, "--mixed\nContent-Type: message/rfc822")
		if !found {
			t.Fatal("the receipt encloses nothing")
		}
		all["delivery-bruno"][i].Content = head + "--mixed--\n"
	}
}

// otherReplies is the original with a Reply-To to somebody else.
var otherReplies = strings.Replace(originalText, "Cc: ", "Reply-To: ufficio@borea.example\nCc: ", 1)

func TestDeliveryJudges(t *testing.T) {
	t.Parallel()
	late := func(_ *testing.T, all map[string][]placed) {
		all["envelope-bruno"][0].at = acceptedAt.Add(time.Minute)
	}
	carlaComplete := func(t *testing.T, all map[string][]placed) {
		t.Helper()
		all["delivery-carla"] = []placed{piece(correct("delivery").with(t, `ed indirizzato a "bruno@`, `ed indirizzato a "carla@`, "<consegna>bruno@", "<consegna>carla@"), anna)}
	}
	const receipt = "delivery-bruno"
	runTrials(t, deliveryJudges(), []trial{
		{rule: "PEC-DP-001", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-DP-001", name: "ordinary mail", build: ordinary(), want: holds},
		{rule: "PEC-DP-001", name: "no receipt", build: whole(drop(receipt)), want: broken},
		{rule: "PEC-DP-001", name: "receipt for ordinary mail", build: ordinary(extra("delivery", anna)), want: broken},

		{rule: "PEC-DP-002", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-DP-002", name: "no receipt", build: whole(drop(receipt)), want: broken},
		{rule: "PEC-DP-002", name: "no receipt, not settled", build: notYetSettled(whole(drop(receipt))), want: unable},
		{rule: "PEC-DP-002", name: "receipt without delivery", build: whole(drop("envelope-bruno")), want: broken},

		{rule: "PEC-DP-003", name: "ordinary mail", build: ordinary(), want: holds},
		{rule: "PEC-DP-003", name: "for ordinary mail", build: ordinary(extra("delivery", anna)), want: broken},
		{rule: "PEC-DP-003", name: "for a receipt", build: whole(extra("delivery", serviceAurora, "<identificativo>"+identifier, "<identificativo>acceptance.20260114@gestore.aurora.example")), want: broken},

		{rule: "PEC-DP-004", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-DP-004", name: "altered", build: whole(corrupted("envelope-bruno", "Messaggio di posta", "Messaggio  di posta")), want: broken},

		{rule: "PEC-DP-005", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-DP-005", name: "before delivery", build: whole(late), want: broken},
		{rule: "PEC-DP-005", name: "without delivery", build: whole(drop("envelope-bruno")), want: broken},

		{rule: "PEC-DP-006", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-DP-006", name: "one for both", build: whole(drop("delivery-carla")), want: broken},
		{rule: "PEC-DP-006", name: "two for one", build: whole(twice(receipt)), want: broken},
		{rule: "PEC-DP-006", name: "not settled", build: notYetSettled(whole(drop("delivery-carla"))), want: unable},

		{rule: "PEC-DP-007", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-DP-007", name: "other X-Ricevuta", build: whole(edit(receipt, "X-Ricevuta: avvenuta-consegna", "X-Ricevuta: consegna")), want: broken},
		{rule: "PEC-DP-007", name: "to another", build: whole(edit(receipt, "To: anna@aurora.example", "To: ufficio@aurora.example")), want: broken},
		{rule: "PEC-DP-007", name: "other time", build: whole(edit(receipt, "10:20:32 +0100\nMIME", "10:21:32 +0100\nMIME")), want: broken},
		{rule: "PEC-DP-007", name: "other reference", build: whole(edit(receipt, "ID: <c1@pc", "ID: <c2@pc")), want: broken},
		{rule: "PEC-DP-007", name: "by the sender's provider", build: whole(edit(receipt, "From: posta-certificata@gestore.borea", "From: posta-certificata@gestore.aurora")), want: broken},

		{rule: "PEC-DP-008", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-DP-008", name: "other prefix", build: whole(edit(receipt, "CONSEGNA: ", "Consegna: ")), want: broken},

		{rule: "PEC-DP-010", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-DP-010", name: "no ricevuta", build: whole(edit(receipt, "\n    <ricevuta tipo=\"completa\"/>", "")), want: broken},
		{rule: "PEC-DP-010", name: "other ricevuta", build: whole(edit(receipt, `<ricevuta tipo="completa"/>`, `<ricevuta tipo="breve"/>`)), want: broken},
		{rule: "PEC-DP-010", name: "no consegna", build: whole(edit(receipt, "\n    <consegna>bruno@borea.example</consegna>", "")), want: broken},
		{rule: "PEC-DP-010", name: "errore", build: whole(edit(receipt, `errore="nessuno"`, `errore="altro"`)), want: broken},
		{rule: "PEC-DP-010", name: "effective type in copy", build: whole(edit("delivery-carla", `<ricevuta tipo="completa"/>`, `<ricevuta tipo="sintetica"/>`)), want: holds},

		{rule: "PEC-DP-011", name: "to the sender", build: wholeOf(otherReplies, nil), want: holds},
		{rule: "PEC-DP-011", name: "to Reply-To", build: wholeOf(otherReplies, nil, edit(receipt, "To: anna@aurora.example", "To: ufficio@borea.example")), want: broken},
		{rule: "PEC-DP-011", name: "no Reply-To", build: whole(), none: true},

		{rule: "PEC-RC-001", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-RC-001", name: "no original", build: whole(noOriginal), want: broken},
		{rule: "PEC-RC-001", name: "brief", build: whole(receiptOf("delivery-brief")), want: broken},

		{rule: "PEC-RC-002", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-RC-002", name: "original in copy", build: whole(carlaComplete), want: broken},

		{rule: "PEC-RC-003", name: "in both", build: inBoth(), want: holds},
		{rule: "PEC-RC-003", name: "taken for a copy", build: inBoth(noOriginal), want: broken},

		{rule: "PEC-RC-006", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-RC-006", name: "other octets", build: whole(edit(receipt, "Buongiorno, in", "Buongiorno,  in")), want: broken},

		{rule: "PEC-RC-007", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-RC-007", name: "no recipient", build: whole(edit(receipt, `ed indirizzato a "bruno@borea.example"`, "ed indirizzato altrove")), want: broken},
		{rule: "PEC-RC-007", name: "other subject", build: whole(edit(receipt, `"Preventivo 7f3a" proveniente`, `"Altro" proveniente`)), want: broken},

		{rule: "PEC-RC-008", name: "type asked for", build: whole(), want: observed},
		{rule: "PEC-RC-008", name: "effective type", build: whole(edit("delivery-carla", `<ricevuta tipo="completa"/>`, `<ricevuta tipo="sintetica"/>`)), want: observed},

		{rule: "PEC-RS-001", name: "concise", build: concise(), want: holds},
		{rule: "PEC-RS-001", name: "original", build: concise(receiptOf("delivery", `<ricevuta tipo="completa"/>`, `<ricevuta tipo="sintetica"/>`)), want: broken},
		{rule: "PEC-RS-001", name: "complete ones asked for", build: whole(), none: true},

		{rule: "PEC-RS-002", name: "concise", build: concise(), want: holds},
		{rule: "PEC-RS-002", name: "no sender", build: concise(edit(receipt, `proveniente da "anna@aurora.example"`, "")), want: broken},
		{rule: "PEC-RS-002", name: "two for one", build: concise(twice(receipt)), want: broken},
	}, "PEC-RC-008")
}

func TestConciseKeepsAll(t *testing.T) {
	t.Parallel()
	keepsAll(t, concise())
	keepsAll(t, inBoth())
}
