package faults_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/faults"
)

// reader is random octets from a seed: the same boundaries for the faulty and
// for the lawful message.
func reader() io.Reader { return rand.NewChaCha8([32]byte{1}) }

var instant = time.Date(2026, 7, 9, 14, 5, 6, 0, time.UTC)

const header = "Received: from client by gestore.aurora.example; Thu, 9 Jul 2026 16:05:05 +0200\r\n" +
	"Message-ID: <abc.1@client.example>\r\nFrom: anna@aurora.example\r\nTo: \"Bruno Verdi\" <bruno@borea.example>\r\n" +
	"Cc: elena@posta.example\r\nReply-To: ufficio@aurora.example\r\nX-TipoRicevuta: breve\r\nSubject: =?UTF-8?Q?Offerta_per_la_citt=C3=A0?=\r\n"

// originals are messages that between them give every fault something to do.
var originals = []string{
	header + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntesto\r\n" +
		"--b\r\nContent-Type: image/png; name=i.png\r\nContent-Transfer-Encoding: base64\r\n\r\neHl6\r\n" +
		"--b\r\nContent-Disposition: attachment; filename*=UTF-8''Citt%C3%A0.pdf\r\n\r\nxyz\r\n" +
		"--b\r\nContent-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\nTUlN\r\n" +
		"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nz\r\n--b--\r\n",
	header + "Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n\r\ntesto\r\n--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nTUlJ\r\n--s--\r\n",
	header + "Content-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\nTUlN\r\n",
	"From: anna@aurora.example\r\nTo: bruno@borea.example\r\n\r\ntesto\r\n",
	"Received: from hub by gestore.aurora.example; Thu, 9 Jul 2026 16:05:05 +0200\r\n" +
		"Received: from client by hub; Thu, 9 Jul 2026 16:05:04 +0200\r\n" +
		"From: anna@aurora.example\r\nTo: bruno@borea.example\r\nX-Mittente: falso@altrove.example\r\nX-TipoRicevuta: lunga\r\n" +
		"Subject: =?UTF-8?Q?citt=C3=A0?= =?UTF-8?Q?_e_=E2=82=AC?=\r\n" +
		"Content-Type: application/xml; name=daticert.xml\r\n\r\n<postacert/>\r\n",
}

// drafts makes every variant about one original.
func drafts(t *testing.T, original string) []*compose.Draft { return draftsOf(t, nil, original) }

// draftsOf makes them as a provider with these faults names itself.
func draftsOf(t *testing.T, set *faults.Set, original string) []*compose.Draft {
	t.Helper()
	p := set.Identity(compose.Provider{Name: "Aurora PEC S.p.A.", ServiceAddress: "posta-certificata@gestore.aurora.example", Domain: "gestore.aurora.example", Random: reader()})
	f := compose.FactsOf([]byte(original))
	f.Sender, f.Identifier = "anna@aurora.example", "pec20260709160506aa@gestore.aurora.example"
	f.Recipients = []compose.Recipient{{Address: "bruno@borea.example", Certified: true}, {Address: "elena@posta.example"}}
	const bruno, service = "bruno@borea.example", "ricevute@gestore.borea.example"
	own := "pec20260709160506bb@gestore.aurora.example"
	if p.IdentifierForm != "" {
		f.Identifier, own = identifier(t, p), identifier(t, p)
	}
	enclosed := compose.RewriteOriginal([]byte(original), f.Identifier)
	all := []*compose.Draft{
		compose.Acceptance(p, f, instant, own),
		compose.NonAcceptance(p, f, instant, own, compose.Reason{Code: "5.6.0", Text: "il campo To è assente"}),
		compose.NonAcceptanceVirus(p, f, instant, own, "Prova"),
		compose.TransportEnvelope(p, f, instant, enclosed, compose.Inherited(enclosed, false)),
		compose.TakenInCharge(p, f, instant, own, []string{bruno}, service),
		compose.AnomalyEnvelope(p, f, instant, []byte(original), compose.Inherited([]byte(original), true), "Firma non presente o non autentica"),
		compose.VirusDetection(p, f, instant, own, bruno, "Prova", service),
		compose.NonDelivery(p, f, instant, own, bruno, compose.Failure{Error: "no-dest", Reason: compose.Reason{Code: "5.1.1", Text: "indirizzo non valido"}}),
		compose.NonDeliveryVirus(p, f, instant, own, bruno, "Prova"),
		compose.Delay(p, f, instant, own, bruno, true),
		compose.Delay(p, f, instant, own, bruno, false),
	}
	for _, form := range []string{compose.Complete, compose.Brief, compose.Concise} {
		f := f
		f.ReceiptType = form
		d, err := compose.Delivery(p, f, instant, own, bruno, true, enclosed)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

func identifier(t *testing.T, p compose.Provider) string {
	t.Helper()
	id, err := compose.NewIdentifier(p, instant)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// message is header and content of a draft after the faults of the set, and
// what the octets of a sealed message become.
func message(t *testing.T, set *faults.Set, d *compose.Draft) []byte {
	t.Helper()
	if err := set.Draft(d); err != nil {
		t.Fatal(err)
	}
	content, err := d.Render()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := d.Seal(set.Content(d, content), nil)
	if err != nil {
		t.Fatal(err)
	}
	return set.Sealed(d, sealed)
}

// lawful are the messages without any fault, made once for all tests.
var lawful [5]struct {
	once     sync.Once
	messages [][]byte
}

func lawfulMessages(t *testing.T, original int) [][]byte {
	t.Helper()
	l := &lawful[original]
	l.once.Do(func() {
		for _, d := range drafts(t, originals[original]) {
			l.messages = append(l.messages, message(t, nil, d))
		}
	})
	return l.messages
}

// TestEveryFaultActsWhereItSays tries each fault that alters messages on every
// variant: it changes some of its own, and none of the others.
func TestEveryFaultActsWhereItSays(t *testing.T) {
	t.Parallel()
	for _, f := range faults.Catalogue() {
		if f.At != faults.AtDraft && f.At != faults.AtContent && f.At != faults.AtSealed || f.Operator == "signature" {
			continue // a signature needs a signer: TestSignatureMistakes
		}
		t.Run(f.ID, func(t *testing.T) {
			t.Parallel()
			set := lookup(t, f.ID)
			touched := map[string]bool{}
			for i, original := range originals {
				if i > 0 && len(touched) > 0 {
					break // the others are for faults that need a message of their kind
				}
				lawful := lawfulMessages(t, i)
				for j, d := range drafts(t, original) {
					before := d.Format
					if octets := message(t, set, d); !bytes.Equal(lawful[j], octets) || before != d.Format {
						touched[d.Variant()] = true
					}
				}
			}
			if len(touched) == 0 {
				t.Error("changes nothing")
			}
			for variant := range touched {
				if !covers(f.Kinds, variant) {
					t.Errorf("changes a %s, which is none of its kinds %v", variant, f.Kinds)
				}
			}
		})
	}
}

func covers(kinds []string, variant string) bool {
	for _, k := range kinds {
		if k == variant || k == "delivery" && strings.HasPrefix(variant, "delivery-") || len(kinds) == 0 {
			return true
		}
	}
	return len(kinds) == 0
}

// TestAlteredMessagesAreStillRead sees that a fault in one place leaves the rest
// readable: a mutant that destroys the message proves nothing.
func TestAlteredMessagesAreStillRead(t *testing.T) {
	t.Parallel()
	destroys := map[string]bool{ // certification data that nobody can read are the point of these
		"daticert-not-well-formed": true, "daticert-control-character": true, "daticert-entity": true, "daticert-order": true,
		"daticert-unknown-element": true, "daticert-error-unknown": true, "daticert-reply-missing": true,
		"acceptance-certification-name": true, "field-control-reference": true, "field-msgid-unescaped": true, "field-stray-text": true,
		"field-xml-latin-1": true,
	}
	for _, f := range faults.Catalogue() {
		if f.At != faults.AtDraft || destroys[f.ID] {
			continue
		}
		set := lookup(t, f.ID)
		for _, d := range drafts(t, originals[0]) {
			if !covers(f.Kinds, d.Variant()) {
				continue
			}
			m, err := pec.Read(message(t, set, d))
			if err != nil {
				t.Fatalf("%s: %v", f.ID, err)
			}
			if m.Certification == nil && d.Certification != nil {
				t.Errorf("%s: the certification data of a %s cannot be read: %v", f.ID, d.Variant(), m.CertificationErr)
			}
		}
	}
}

// TestTextsStayTheSame sees that a fault of the text that is not limited to one
// rendering changes both: else it would break another rule too.
func TestTextsStayTheSame(t *testing.T) {
	t.Parallel()
	for _, f := range faults.Catalogue() {
		for _, a := range append([]faults.Act{f.Act}, f.Then...) {
			if a.Operator != "text-replace" || a.Arguments["in"] != "" {
				continue
			}
			set := lookup(t, f.ID)
			plain, html := false, false
			untouched := drafts(t, originals[0])
			for i, d := range drafts(t, originals[0]) {
				lawful := untouched[i]
				if err := set.Draft(d); err != nil {
					t.Fatal(err)
				}
				plain, html = plain || d.Plain != lawful.Plain, html || d.HTML != lawful.HTML
			}
			if !plain || !html {
				t.Errorf("%s: plain text changed: %v, HTML changed: %v", f.ID, plain, html)
			}
		}
	}
}
