package rules

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// neighbour is a message from Anna to another mailbox of her provider, which
// takes it, delivers it and certifies both.
func neighbour(recipient string, changes ...change) func(*testCase) {
	text := "From: Anna <anna@aurora.example>\nTo: " + recipient + "\nSubject: Preventivo 7f3a\nDate: Wed, 14 Jan 2026 10:20:25 +0100\nMessage-ID: <c1@pc.aurora.example>\n\nTesto\n"
	home := []string{
		"posta-certificata@gestore.borea.example", "posta-certificata@gestore.aurora.example",
		`ed indirizzato a "bruno@borea.example"`, `ed indirizzato a "` + recipient + `"`,
		"<consegna>bruno@borea.example", "<consegna>" + recipient,
	}
	start := func(t *testing.T, all map[string][]placed) {
		t.Helper()
		clear(all)
		all["acceptance"] = []placed{piece(correct("acceptance"), anna)}
		all["envelope"] = []placed{piece(correct("envelope"), recipient)}
		receipt := correct("delivery").with(t, home...)
		receipt.Signer = copySigner(keys().aurora)
		all["delivery"] = []placed{piece(receipt, anna)}
	}
	build := wholeOf(text, to(recipient), append([]change{start}, changes...)...)
	return func(c *testCase) {
		if recipient != anna {
			c.World.Mailboxes = append(c.World.Mailboxes, evidence.Mailbox{Address: recipient, Role: evidence.UserMailbox, Provider: aurora, Actor: "Vicina"})
		}
		build(c)
	}
}

// allWell is a message to Bruno and Carla in which nothing goes wrong.
func allWell(changes ...change) func(*testCase) {
	text := strings.Replace(originalText, ", elena@posta.example", "", 1)
	return wholeOf(text, to(bruno, carla), append([]change{
		drop("envelope-elena"),
		edit("taken-in-charge", "    <destinatari tipo=\"esterno\">elena@posta.example</destinatari>\n", ""),
	}, changes...)...)
}

// stoppedAtHome is a message whose virus the sender's provider found.
func stoppedAtHome(changes ...change) func(*testCase) {
	start := func(_ *testing.T, all map[string][]placed) {
		clear(all)
		all["refusal"] = []placed{piece(correct("non-acceptance-virus"), anna)}
	}
	return wholeOf(originalText, infected, append([]change{start}, changes...)...)
}

func TestFlowJudges(t *testing.T) {
	t.Parallel()
	const colleague, studio = "carla@aurora.example", "anna@studio-aurora.example"
	toService := func(changes ...change) func(*testCase) {
		text := strings.Replace(originalText, "Cc: carla@borea.example", "Cc: "+serviceBorea, 1)
		return wholeOf(text, to(bruno, elena, serviceBorea), changes...)
	}
	many := func(_ *testing.T, all map[string][]placed) {
		for range 12 {
			all["delivery-bruno"] = append(all["delivery-bruno"], all["delivery-bruno"][0])
		}
	}
	runTrials(t, flowJudges(), []trial{
		{rule: "PEC-SD-001", name: "full cycle", build: neighbour(colleague), want: holds},
		{rule: "PEC-SD-001", name: "no receipt", build: neighbour(colleague, drop("delivery")), want: broken},
		{rule: "PEC-SD-001", name: "no acceptance", build: neighbour(colleague, drop("acceptance")), want: broken},
		{rule: "PEC-SD-001", name: "not settled", build: notYetSettled(neighbour(colleague, drop("delivery"))), want: unable},
		{rule: "PEC-SD-001", name: "other domain", build: neighbour(studio), none: true},

		{rule: "PEC-SD-002", name: "full cycle", build: neighbour(studio), want: holds},
		{rule: "PEC-SD-002", name: "no envelope", build: neighbour(studio, drop("envelope")), want: broken},
		{rule: "PEC-SD-002", name: "same domain", build: neighbour(colleague), none: true},

		{rule: "PEC-SD-003", name: "full cycle", build: neighbour(anna), want: holds},
		{rule: "PEC-SD-003", name: "no envelope", build: neighbour(anna, drop("envelope")), want: broken},
		{rule: "PEC-SD-003", name: "somebody else", build: neighbour(colleague), none: true},

		{rule: "PEC-INT-001", name: "all steps", build: allWell(), want: holds},
		{rule: "PEC-INT-001", name: "no presa-in-carico", build: allWell(drop("taken-in-charge")), want: broken},
		{rule: "PEC-INT-001", name: "no envelope", build: allWell(drop("envelope-carla")), want: broken},
		{rule: "PEC-INT-001", name: "two acceptances", build: allWell(twice("acceptance")), want: broken},
		{rule: "PEC-INT-001", name: "both outcomes", build: allWell(extra("non-delivery", anna)), want: broken},
		{rule: "PEC-INT-001", name: "to a stranger", build: allWell(extra("envelope", "dario@borea.example")), want: broken},
		{rule: "PEC-INT-001", name: "not settled", build: notYetSettled(allWell()), want: unable},

		{rule: "PEC-INT-002", name: "taken, then not delivered", build: undelivered(), want: holds},
		{rule: "PEC-INT-002", name: "never taken", build: undelivered(drop("taken-in-charge")), want: broken},
		{rule: "PEC-INT-002", name: "not told", build: undelivered(drop("non-delivery")), want: broken},
		{rule: "PEC-INT-002", name: "refused at RCPT", build: undelivered(drop("taken-in-charge"), edit("non-delivery", "From: posta-certificata@gestore.borea", "From: posta-certificata@gestore.aurora")), want: observed},

		{rule: "PEC-INT-003", name: "told twice", build: virusFound(), want: holds},
		{rule: "PEC-INT-003", name: "user not told", build: virusFound(drop("notice")), want: broken},
		{rule: "PEC-INT-003", name: "provider not told", build: virusFound(drop("detection")), want: broken},
		{rule: "PEC-INT-003", name: "user told twice", build: virusFound(twice("notice")), want: broken},

		{rule: "PEC-INT-004", name: "refused", build: stoppedAtHome(), want: holds},
		{rule: "PEC-INT-004", name: "accepted", build: wholeOf(originalText, infected), want: broken},
		{rule: "PEC-INT-004", name: "delivered all the same", build: stoppedAtHome(extra("envelope", bruno)), want: broken},
		{rule: "PEC-INT-004", name: "plain notice", build: stoppedAtHome(edit("refusal", "X-VerificaSicurezza: errore\n", "", `errore="virus"`, `errore="altro"`)), want: broken},
		{rule: "PEC-INT-004", name: "refused by SMTP", build: wholeOf(originalText, sequence(infected, refusedAtDATA), only()), want: broken},
		{rule: "PEC-INT-004", name: "clean", build: whole(), none: true},

		{rule: "PEC-INT-006", name: "labelled", build: whole(), want: holds},
		{rule: "PEC-INT-006", name: "labelled as certified", build: whole(edit("acceptance", `elena@posta.example ("posta ordinaria")`, `elena@posta.example ("posta certificata")`)), want: broken},
		{rule: "PEC-INT-006", name: "certificato", build: whole(edit("acceptance", `<destinatari tipo="esterno">`, `<destinatari tipo="certificato">`)), want: broken},
		{rule: "PEC-INT-006", name: "delivery receipt", build: whole(extra("delivery", anna, `ed indirizzato a "bruno@borea.example"`, `ed indirizzato a "elena@posta.example"`, "<consegna>bruno@borea", "<consegna>elena@posta")), want: broken},

		{rule: "PEC-INT-007", name: "anomaly envelope", build: ordinary(), want: holds},
		{rule: "PEC-INT-007", name: "refused", build: ordinaryOf(originalText, sequence(incoming, refusedAtDATA), drop("anomaly")), want: holds},
		{rule: "PEC-INT-007", name: "receipt", build: ordinary(extra("acceptance", anna)), want: broken},
		{rule: "PEC-INT-007", name: "bare", build: ordinary(func(_ *testing.T, all map[string][]placed) {
			all["anomaly"][0].raw = []byte(crlf(originalText))
		}), want: broken},

		{rule: "PEC-INT-009", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-INT-009", name: "undelivered", build: undelivered(), want: holds},
		{rule: "PEC-INT-009", name: "one receipt too many", build: whole(twice("delivery-bruno")), want: broken},
		{rule: "PEC-INT-009", name: "a receipt about nothing that was sent", build: func(c *testCase) {
			whole()(c)
			c.put(correct("acceptance").with(c.t, "Preventivo 7f3a", "Altro", clientMessageID, "<other@pc.aurora.example>",
				"&lt;c1@pc.aurora.example&gt;", "&lt;other@pc.aurora.example&gt;", identifier, "pec9@gestore.aurora.example"))
			// With one transaction only, every message would belong to it.
			c.submitted(strings.ReplaceAll(originalText, clientMessageID, "<c2@pc.aurora.example>"), func(s *evidence.Submission) {
				s.Channel, s.Token = evidence.IncomingPoint, "none"
			})
			c.settled()
		}, want: broken},
		{rule: "PEC-INT-009", name: "one recipient", build: neighbour(colleague), none: true},

		{rule: "PEC-INT-010", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-INT-010", name: "receipt for a receipt", build: whole(extra("delivery", serviceBorea, "<identificativo>"+identifier, "<identificativo>delivery.20260114@gestore.borea.example")), want: broken},

		{rule: "PEC-SMB-001", name: "whole exchange", build: whole(), want: holds},
		{rule: "PEC-SMB-001", name: "delivery receipt", build: whole(extra("delivery", serviceAurora)), want: broken},
		{rule: "PEC-SMB-001", name: "faulty receipt", build: both(whole(), func(c *testCase) {
			extraAnomaly := correct("anomaly")
			extraAnomaly.Mailbox = serviceAurora
			c.put(extraAnomaly)
		}), want: holds},

		{rule: "PEC-SMB-003", name: "its receipts", build: toService(), want: holds},
		{rule: "PEC-SMB-003", name: "a storm", build: toService(many), want: broken},
		{rule: "PEC-SMB-003", name: "not settled", build: notYetSettled(toService()), want: unable},
		{rule: "PEC-SMB-003", name: "to users", build: whole(), none: true},
	})
}

func TestFlowsKeepAll(t *testing.T) {
	t.Parallel()
	keepsAll(t, neighbour("carla@aurora.example"))
	keepsAll(t, neighbour(anna))
	keepsAll(t, allWell())
	keepsAll(t, stoppedAtHome())
}

// Judges of the families must say nothing wrong of a correct message with no
// scenario around it.
func TestFamiliesOfOneMessage(t *testing.T) {
	t.Parallel()
	for name := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			court := &Court{Catalogue: mustLaw(t), Judges: allFamilies(), Profile: Practice}
			single, err := court.Message(correct(name).sealed(t), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range single.Checks {
				if c.Verdict != Pass && c.Verdict != Observed {
					t.Errorf("%s: %s: expected %q, seen %q", c.Rule, c.Verdict, c.Expected, c.Seen)
				}
			}
		})
	}
}

func mustLaw(t *testing.T) *Catalogue {
	t.Helper()
	law, err := lawOnce()
	if err != nil {
		t.Fatal(err)
	}
	return law
}
