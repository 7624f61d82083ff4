package rules

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// signedBy is Paolo's envelope under another certificate of his provider.
func signedBy(signer string) order { return order{what: "envelope", sign: signer} }

// afterwards changes an octet of Paolo's envelope after it was signed.
var afterwards = order{what: "envelope", after: [2]string{"Messaggio di posta", "Messaggio dI posta"}}

// withoutData is Paolo's envelope with no certification data.
func withoutData(t *testing.T) []byte {
	t.Helper()
	m := ofCirro(t, correct("envelope"))
	head, rest, _ := strings.Cut(m.Content, "--mixed\nContent-Type: application/xml")
	_, original, _ := strings.Cut(rest, "--mixed\nContent-Type: message/rfc822")
	m.Content = head + "--mixed\nContent-Type: message/rfc822" + original
	return m.sealed(t)
}

// opaque is a message in opaque signed form, as far as its header goes.
func opaque(*testing.T) []byte {
	return []byte(crlf("X-Trasporto: posta-certificata\nMessage-ID: <o1@gestore.cirro.example>\nSubject: POSTA CERTIFICATA: Preventivo 7f3a\n" +
		"From: " + cirroAddress + "\nContent-Type: application/pkcs7-mime; smime-type=signed-data\nContent-Transfer-Encoding: base64\n\nMIIB\n"))
}

func (o order) refused() order {
	o.alter = peerRefused
	return o
}

func TestPeerRefusalJudges(t *testing.T) {
	t.Parallel()
	var trials []trial
	add := func(rule, name string, want answer, build func(*testCase)) {
		trials = append(trials, trial{rule: rule, name: name, build: build, want: want})
	}
	distrusted := map[string]order{
		"PEC-IP-007": signedBy("unlisted"), "PEC-IP-008": afterwards, "PEC-IP-009": signedBy("expired"),
		"PEC-IP-010": signedBy("revoked"), "PEC-IP-011": signedBy("foreign"), "PEC-IP-030": signedBy("hash-only"),
	}
	for rule, o := range distrusted {
		add(rule, "in an anomaly envelope", holds, wrappedUp(o))
		add(rule, "refused", holds, wrappedUp(o.refused(), drop("anomaly")))
		add(rule, "delivered as it is", broken, wrappedUp(o, asItIs(o)))
		add(rule, "taken in charge", broken, wrappedUp(o, receiptFollows("taken-in-charge", serviceCirro)))
		add(rule, "certified", broken, wrappedUp(o, receiptFollows("delivery", paolo)))
		add(rule, "lost, not settled", unable, notYetSettled(wrappedUp(o, drop("anomaly"))))
		for other := range distrusted {
			if other != rule {
				trials = append(trials, trial{rule: other, name: "not " + rule, build: wrappedUp(o, asItIs(o)), none: true})
			}
		}
	}
	formal := map[string]order{
		"no data":        {raw: withoutData},
		"invalid data":   {what: "envelope", edit: []string{"    <risposte>paolo@cirro.example</risposte>\n", ""}},
		"another type":   {what: "envelope", edit: []string{`tipo="posta-certificata" errore`, `tipo="accettazione" errore`}},
		"no X-Trasporto": {what: "envelope", edit: []string{"X-Trasporto: posta-certificata\n", ""}},
		"both fields":    {what: "envelope", edit: []string{"X-Trasporto: posta-certificata\n", "X-Trasporto: posta-certificata\nX-Ricevuta: avvenuta-consegna\n"}},
	}
	for name, o := range formal {
		add("PEC-IP-013", name+", in an anomaly envelope", holds, wrappedUp(o))
		add("PEC-IP-013", name+", refused", broken, wrappedUp(o.refused(), drop("anomaly")))
		add("PEC-IP-013", name+", lost", broken, wrappedUp(o, drop("anomaly")))
		add("PEC-IP-013", name+", delivered as it is", broken, wrappedUp(o, asItIs(o)))
		add("PEC-IP-013", name+", taken in charge", broken, wrappedUp(o, receiptFollows("taken-in-charge", serviceCirro)))
	}
	add("PEC-IP-014", "dispatched", holds, wrappedUp(order{raw: plainlySigned}))

	aurorasName := order{what: "envelope", edit: []string{"<" + cirroAddress + ">", "<posta-certificata@gestore.aurora.example>"}}
	add("PEC-IP-015", "in an anomaly envelope", holds, wrappedUp(aurorasName))
	add("PEC-IP-015", "refused", holds, wrappedUp(aurorasName.refused(), drop("anomaly")))
	add("PEC-IP-015", "delivered as it is", broken, wrappedUp(aurorasName, asItIs(aurorasName)))

	add("PEC-IP-016", "in an anomaly envelope", holds, wrappedUp(signedBy("other-address")))
	add("PEC-IP-016", "delivered as it is", broken, wrappedUp(signedBy("other-address"), asItIs(signedBy("other-address"))))
	add("PEC-IP-016", "refused", broken, wrappedUp(signedBy("other-address").refused(), drop("anomaly")))

	add("PEC-IP-024", "recorded", observed, wrappedUp(order{raw: opaque}))

	outside := order{what: "envelope", alter: func(d *evidence.Dispatch) {
		d.Recipients = []evidence.RecipientReply{{Address: "dario@borea.example", Reply: evidence.Reply{Code: 250}}}
	}}
	add("PEC-IP-025", "recorded", observed, wrappedUp(outside))
	trials = append(trials, trial{rule: "PEC-IP-025", name: "listed", build: handedOver(plainly), none: true})

	elsewhere := order{what: "envelope", alter: func(d *evidence.Dispatch) {
		d.Recipients = []evidence.RecipientReply{{Address: "a@altrove.example", Reply: evidence.Reply{Code: 550}}}
		d.DataReply = evidence.Reply{}
	}}
	add("PEC-ND-009", "refused", observed, wrappedUp(elsewhere, drop("anomaly")))
	taken := elsewhere
	taken.alter = func(d *evidence.Dispatch) {
		d.Recipients = []evidence.RecipientReply{{Address: "a@altrove.example", Reply: evidence.Reply{Code: 250}}}
	}
	add("PEC-ND-009", "a notice", observed, wrappedUp(taken, drop("anomaly"), receiptFollows("non-delivery", paolo, "<consegna>bruno@borea.example", "<consegna>a@altrove.example")))
	trials = append(trials, trial{rule: "PEC-ND-009", name: "managed", build: handedOver(plainly), none: true})

	entities := order{what: "envelope", edit: []string{"<postacert tipo", "<!DOCTYPE postacert [<!ENTITY a \"aaaa\">]>\n<postacert tipo", "<oggetto>Preventivo", "<oggetto>&a;Preventivo"}}
	doubled := order{what: "envelope", edit: []string{"<mittente>paolo@cirro.example</mittente>", "<mittente>paolo@cirro.example</mittente><mittente>altri@altrove.example</mittente>"}}
	bare := order{what: "envelope", edit: []string{"<postacert tipo", "<!DOCTYPE postacert SYSTEM \"https://altrove.example/a.dtd\">\n<postacert tipo"}}
	for name, o := range map[string]order{"entities": entities, "doubled": doubled} {
		add("PEC-XML-024", name+", in an anomaly envelope", holds, wrappedUp(o))
		add("PEC-XML-024", name+", refused", holds, wrappedUp(o.refused(), drop("anomaly")))
		add("PEC-XML-024", name+", taken for an envelope", broken, wrappedUp(o, asItIs(o)))
	}
	add("PEC-XML-024", "a DOCTYPE tolerated", holds, wrappedUp(bare, asItIs(bare)))
	add("PEC-XML-024", "a DOCTYPE, lost", broken, wrappedUp(bare, drop("anomaly")))
	crash := entities
	crash.alter = func(d *evidence.Dispatch) { d.DataReply = evidence.Reply{} }
	add("PEC-XML-024", "no answer", broken, wrappedUp(crash, drop("anomaly")))

	var mine []trial
	for _, tr := range trials {
		if tr.rule != "PEC-IP-014" {
			mine = append(mine, tr)
		}
	}
	runTrials(t, peerRefusalJudges(), mine, "PEC-IP-024", "PEC-IP-025", "PEC-ND-009")
	keepsAll(t, wrappedUp(order{raw: plainlySigned}))
	keepsAll(t, wrappedUp(signedBy("unlisted")))
	keepsAll(t, wrappedUp(order{raw: withoutData}))
}

// plainlySigned is mail of Cirro's that says nothing of certified e-mail.
func plainlySigned(t *testing.T) []byte {
	t.Helper()
	m := ofCirro(t, correct("acceptance")).with(t, "X-Ricevuta: accettazione\n", "")
	m.Signer = copySigner(cirroSigners()["correct"])
	head, _, _ := strings.Cut(m.Content, "--mixed\nContent-Type: application/xml")
	m.Content = head + "--mixed--\n"
	return m.sealed(t)
}
