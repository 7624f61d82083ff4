package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// about is a case with a submission of the text and messages, each altered by
// the same pairs of old and new text.
func altered(original string, names []string, pairs ...string) func(*testCase) {
	return func(c *testCase) {
		c.submitted(original)
		for _, name := range names {
			c.put(correct(name).with(c.t, pairs...))
		}
		c.settled()
	}
}

// allKinds is a case with one message of every kind and variant.
func allKinds(c *testCase) {
	c.submitted(originalText)
	for _, name := range []string{
		"acceptance", "envelope", "taken-in-charge", "virus-detection", "non-delivery-virus",
		"non-delivery", "delay-12", "delay-24", "delivery", "delivery-brief", "delivery-concise",
	} {
		c.put(correct(name))
	}
	c.settled()
}

func TestGeneralStructure(t *testing.T) {
	t.Parallel()
	second := "--mixed\nContent-Type: application/xml; name=\"daticert.xml\""
	trials := []trial{
		{rule: "PEC-GEN-001", name: "not signed", want: broken, build: func(c *testCase) {
			m := correct("acceptance")
			c.received(anna, []byte(crlf(strings.Split(m.Head, "Content-Type:")[0]+m.Content)))
		}},
		{rule: "PEC-GEN-001", name: "signature first", want: broken, build: func(c *testCase) {
			m := correct("acceptance")
			c.received(anna, []byte(crlf(m.Head+"--outer\n"+m.Tail+"\nAAAA\n--outer\n"+m.Content+"\n--outer--\n")))
		}},
		{rule: "PEC-GEN-001", name: "cut before the signature", want: broken, build: func(c *testCase) {
			raw := correct("acceptance").sealed(c.t)
			c.received(anna, raw[:len(raw)*2/3])
		}},
		{rule: "PEC-GEN-001", name: "cut in the signature", want: broken, build: func(c *testCase) {
			raw := correct("acceptance").sealed(c.t)
			c.received(anna, raw[:len(raw)-100])
		}},
		{rule: "PEC-GEN-002", name: "x-pkcs7", want: holds, build: alone("acceptance", "application/pkcs7-signature", "application/x-pkcs7-signature")},
		{rule: "PEC-GEN-002", name: "protocol disagrees", want: deviates, build: alone("acceptance", "protocol=\"application/pkcs7-signature\"", "protocol=\"application/x-pkcs7-signature\"")},
		{rule: "PEC-GEN-002", name: "another type", want: broken, build: alone("acceptance", "Content-Type: application/pkcs7-signature", "Content-Type: application/octet-stream")},
		{rule: "PEC-GEN-002", name: "another file name", want: warned, build: alone("acceptance", "smime.p7s", "firma.p7s")},
		{rule: "PEC-GEN-003", name: "related", want: broken, build: alone("acceptance", "multipart/mixed", "multipart/related")},
		{rule: "PEC-GEN-004", name: "data first", want: broken, build: func(c *testCase) {
			m := correct("acceptance")
			_, rest, _ := strings.Cut(m.Content, second)
			m.Content = "Content-Type: multipart/mixed; boundary=\"mixed\"\n\n" + second + rest
			c.put(m)
		}},
		{rule: "PEC-GEN-005", name: "data after the original", want: holds, build: func(c *testCase) { c.put(swapped(correct("envelope"))) }},
		{rule: "PEC-GEN-005", name: "something between", want: broken, build: alone("envelope", second, "--mixed\nContent-Type: text/plain\n\nfoglio\n"+second)},
		{rule: "PEC-GEN-005", name: "concise receipt", none: true, build: alone("delivery-concise")},
		{rule: "PEC-GEN-011", name: "raw 8-bit text", want: broken, build: alone("acceptance", "e' stato", "è stato")},
		{rule: "PEC-GEN-011", name: "binary label on 7-bit multipart", want: warned, build: alone("acceptance", "boundary=\"alt\"\n", "boundary=\"alt\"\nContent-Transfer-Encoding: binary\n")},
		{rule: "PEC-GEN-011", name: "8bit label on a multipart around an 8-bit original", want: holds, build: alone("envelope", "Buongiorno", "Buongiornò", "boundary=\"mixed\"\n", "boundary=\"mixed\"\nContent-Transfer-Encoding: 8bit\n")},
		{rule: "PEC-GEN-011", name: "8-bit original untouched", want: holds, build: alone("envelope", "Buongiorno", "Buongiornò")},
		{rule: "PEC-GEN-011", name: "long line", want: broken, build: alone("acceptance", "Ricevuta di accettazione", strings.Repeat("x", 999))},
		{rule: "PEC-GEN-012", name: "another name", want: broken, build: alone("envelope", "postacert.eml", "originale.eml")},
		{rule: "PEC-GEN-012", name: "no original", want: broken, build: func(c *testCase) {
			m := correct("envelope")
			head, _, _ := strings.Cut(m.Content, "--mixed\nContent-Type: message/rfc822")
			m.Content = head + "--mixed--\n"
			c.put(m)
		}},
		{rule: "PEC-GEN-013", name: "name of the RFC", want: broken, build: alone("acceptance", "daticert.xml", "certdata.xml")},
		{rule: "PEC-GEN-013", name: "text/xml", want: deviates, build: alone("acceptance", "application/xml", "text/xml")},
		{rule: "PEC-GEN-013", name: "another charset", want: broken, build: alone("acceptance", "application/xml;", "application/xml; charset=iso-8859-1;")},
		{rule: "PEC-GEN-013", name: "none", want: broken, build: alone("acceptance", "daticert.xml", "dati.xml")},
		{rule: "PEC-GEN-014", name: "standard exchange", want: observed, build: func(c *testCase) { c.exchange() }},
		{rule: "PEC-GEN-037", name: "base64", want: broken, build: alone("envelope", "filename=\"postacert.eml\"\nContent-Transfer-Encoding: 7bit", "filename=\"postacert.eml\"\nContent-Transfer-Encoding: base64")},
		{rule: "PEC-GEN-037", name: "8bit label on 7-bit octets", want: warned, build: alone("envelope", "filename=\"postacert.eml\"\nContent-Transfer-Encoding: 7bit", "filename=\"postacert.eml\"\nContent-Transfer-Encoding: 8bit")},
		{rule: "PEC-GEN-037", name: "8bit label on 8-bit octets", want: holds, build: alone("envelope", "Buongiorno", "Buongiornò", "filename=\"postacert.eml\"\nContent-Transfer-Encoding: 7bit", "filename=\"postacert.eml\"\nContent-Transfer-Encoding: 8bit")},
	}
	for _, n := range []int{1, 2, 3, 4, 5, 11, 12, 13, 37} {
		trials = append(trials, trial{rule: fmt.Sprintf("PEC-GEN-%03d", n), name: "every kind", build: allKinds, want: holds})
	}
	runTrials(t, generalStructureJudges(), trials, "PEC-GEN-014")
}

// swapped puts the enclosed original before the certification data.
func swapped(m message) message {
	parts := strings.Split(m.Content, "--mixed\n")
	parts[2], parts[3] = strings.TrimSuffix(parts[3], "--mixed--\n"), parts[2]+"--mixed--\n"
	m.Content = strings.Join(parts, "--mixed\n")
	return m
}

func TestGeneralTextForm(t *testing.T) {
	t.Parallel()
	html := func(markup string) []string { return []string{"<html><body><pre>", "<html>" + markup + "<body><pre>"} }
	runTrials(t, generalTextFormJudges(), []trial{
		{rule: "PEC-GEN-006", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-006", name: "UTF-8", build: alone("acceptance", "charset=iso-8859-1", "charset=UTF-8"), want: deviates},
		{rule: "PEC-GEN-006", name: "none", build: alone("acceptance", "; charset=iso-8859-1", ""), want: deviates},
		{rule: "PEC-GEN-006", name: "windows", build: alone("acceptance", "charset=iso-8859-1", "charset=windows-1252"), want: broken},
		{rule: "PEC-GEN-007", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-007", name: "two plain", build: alone("acceptance", "text/html", "text/plain"), want: broken},
		{rule: "PEC-GEN-007", name: "a third", build: alone("acceptance", "--alt\nContent-Type: text/html", "--alt\nContent-Type: text/richtext\n\nx\n--alt\nContent-Type: text/html"), want: broken},
		{rule: "PEC-GEN-009", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-009", name: "style block", build: alone("acceptance", html("<STYLE>p { color: red }</STYLE>")...), want: deviates},
		{rule: "PEC-GEN-009", name: "style block that imports", build: alone("acceptance", html("<style>@import 'x.css';</style>")...), want: broken},
		{rule: "PEC-GEN-009", name: "image inside the message", build: alone("acceptance", html("<img src=\"cid:logo\">")...), want: broken},
		{rule: "PEC-GEN-009", name: "background", build: alone("acceptance", html("<table background='http://x.example/a.gif'>")...), want: broken},
		{rule: "PEC-GEN-009", name: "link to a page", build: alone("acceptance", html("<a href=\"https://x.example/\">x</a>")...), want: holds},
		{rule: "PEC-GEN-009", name: "tag in the subject, escaped", build: alone("acceptance", "Preventivo", "&lt;img src=x&gt;"), want: holds},
		{rule: "PEC-GEN-010", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-010", name: "script", build: alone("acceptance", html("<script>alert(1)</script>")...), want: broken},
		{rule: "PEC-GEN-010", name: "event", build: alone("acceptance", html("<p onmouseover=\"x()\">")...), want: broken},
		{rule: "PEC-GEN-010", name: "script URL", build: alone("acceptance", html("<a href='javascript:x()'>x</a>")...), want: broken},
		{rule: "PEC-GEN-010", name: "object", build: alone("acceptance", html("<OBJECT classid='x'></OBJECT>")...), want: broken},
	})
}

func TestGeneralHeader(t *testing.T) {
	t.Parallel()
	withPath := func(path string) func(*testCase) {
		return func(c *testCase) {
			raw := correct("delivery").sealed(c.t)
			c.received(anna, raw)
			c.add(evidence.Event{Type: evidence.RelayRead, Relay: []evidence.RelayExchange{{
				From: borea, To: aurora, TLS: true, ReversePath: path, Recipients: []string{anna}, SHA256: c.blobs.keep(raw), Code: 250,
			}}})
		}
	}
	runTrials(t, generalHeaderJudges(), []trial{
		{rule: "PEC-GEN-016", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-016", name: "another case of the name", build: alone("acceptance", "X-Ricevuta:", "X-RICEVUTA:"), want: holds},
		{rule: "PEC-GEN-016", name: "another case of the value", build: alone("acceptance", "X-Ricevuta: accettazione", "X-Ricevuta: Accettazione"), want: deviates},
		{rule: "PEC-GEN-016", name: "another value", build: alone("acceptance", "X-Ricevuta: accettazione", "X-Ricevuta: accettato"), want: broken},
		{rule: "PEC-GEN-016", name: "unknown receipt type", build: alone("envelope", "X-Trasporto:", "X-TipoRicevuta: estesa\nX-Trasporto:"), want: broken},
		{rule: "PEC-GEN-016", name: "unknown receipt type of the user", build: func(c *testCase) {
			c.submitted("X-TipoRicevuta: estesa\n" + originalText)
			c.put(correct("envelope").with(c.t, "X-Trasporto: posta-certificata\n", "X-TipoRicevuta: estesa\nX-Trasporto: posta-certificata\n"))
		}, want: holds},
		{rule: "PEC-GEN-017", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-017", name: "both", build: alone("acceptance", "X-Ricevuta:", "X-Trasporto: posta-certificata\nX-Ricevuta:"), want: broken},
		{rule: "PEC-GEN-017", name: "neither", build: alone("acceptance", "X-Ricevuta: accettazione\n", ""), want: broken},
		{rule: "PEC-GEN-018", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-018", name: "display name", build: alone("acceptance", "From: posta-certificata@gestore.aurora.example", "From: Posta Certificata <posta-certificata@gestore.aurora.example>"), want: holds},
		{rule: "PEC-GEN-018", name: "another address", build: alone("acceptance", "From: posta-certificata@gestore.aurora.example", "From: posta-certificata@aurora.example"), want: broken},
		{rule: "PEC-GEN-018", name: "another local part, certified", build: func(c *testCase) {
			profile := auroraProfile()
			profile.EmailAddresses = []string{"ricevute@gestore.aurora.example"}
			m := correct("acceptance").with(c.t, "From: posta-certificata@", "From: ricevute@")
			m.Signer = keys().issue(profile)
			c.put(m)
		}, want: deviates},
		{rule: "PEC-GEN-019", name: "absent", build: alone("acceptance"), want: deviates},
		{rule: "PEC-GEN-019", name: "the same", build: alone("acceptance", "From:", "Sender: posta-certificata@gestore.aurora.example\nFrom:"), want: holds},
		{rule: "PEC-GEN-019", name: "another", build: alone("acceptance", "From:", "Sender: anna@aurora.example\nFrom:"), want: broken},
		{rule: "PEC-GEN-033", name: "every kind", build: allKinds, want: observed},
		{rule: "PEC-GEN-034", name: "not to be seen", build: alone("delivery"), none: true},
		{rule: "PEC-GEN-034", name: "relayed", build: withPath("posta-certificata@gestore.borea.example"), want: holds},
		{rule: "PEC-GEN-034", name: "relayed for the user", build: withPath(anna), want: broken},
		{rule: "PEC-GEN-034", name: "Return-Path", build: alone("acceptance", "X-Ricevuta:", "Return-Path: <anna@aurora.example>\nX-Ricevuta:"), want: broken},
		{rule: "PEC-GEN-035", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-035", name: "in an acceptance", build: alone("acceptance", "X-Ricevuta:", "X-VerificaSicurezza: errore\nX-Ricevuta:"), want: broken},
		{rule: "PEC-GEN-035", name: "about no virus", build: alone("non-delivery", "X-Ricevuta:", "X-VerificaSicurezza: errore\nX-Ricevuta:"), want: broken},
		{rule: "PEC-GEN-035", name: "another value", build: alone("non-delivery-virus", "X-VerificaSicurezza: errore", "X-VerificaSicurezza: virus"), want: broken},
		{rule: "PEC-GEN-035", name: "X-Mittente elsewhere", build: alone("delivery", "X-Ricevuta:", "X-Mittente: anna@aurora.example\nX-Ricevuta:"), want: warned},
	}, "PEC-GEN-033")
}

func TestGeneralAddress(t *testing.T) {
	t.Parallel()
	replyTo := "Reply-To: Dario <dario@borea.example>\n" + originalText
	runTrials(t, generalAddressJudges(), []trial{
		{rule: "PEC-GEN-020", name: "no Reply-To", build: alone("acceptance"), none: true},
		{rule: "PEC-GEN-020", name: "to the sender", build: altered(replyTo, []string{"acceptance", "delivery"}), want: holds},
		{rule: "PEC-GEN-020", name: "to Reply-To", build: func(c *testCase) {
			c.submitted(replyTo)
			c.received("dario@borea.example", correct("acceptance").sealed(c.t))
		}, want: broken},
		{rule: "PEC-GEN-021", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-GEN-021", name: "to the recipient", build: alone("delivery", "\nTo: anna@aurora.example", "\nTo: bruno@borea.example"), want: broken},
		{rule: "PEC-GEN-021", name: "taken in charge to the user", build: alone("taken-in-charge", "\nTo: "+serviceAurora, "\nTo: anna@aurora.example"), want: broken},
		{rule: "PEC-GEN-021", name: "no submission known", build: func(c *testCase) { c.put(correct("delivery")) }, want: holds},
	})
}
