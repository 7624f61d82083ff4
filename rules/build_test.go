package rules

// Test material shared by the tests of all judges: correct system messages as
// plain text, to be damaged by replacing text and then signed.
//
//	m := correct("acceptance")                       // see samples() for the names
//	m = m.with(t, "ACCETTAZIONE", "Accettazione")    // fails the test when there is nothing to replace
//	raw := m.sealed(t)                               // CRLF, signed by m.Signer: octets to put in a mailbox
//
// The standard exchange, whose facts stand literally in every text, so that
// with can replace them: Anna (anna@aurora.example) writes to Bruno
// (bruno@borea.example, To), Elena (elena@posta.example, To, ordinary mail)
// and Carla (carla@borea.example, Cc); subject "Preventivo 7f3a"; client msgid
// <c1@pc.aurora.example>; PEC msgid pec1.20260114@gestore.aurora.example;
// accepted 14/01/2026 10:20:30 +0100, taken in charge one second later,
// delivered two seconds later. Nothing here is shared with the simulator.
//
// Cases are built in build_case_test.go, trials run in build_trial_test.go.

import (
	"crypto"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/template"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
)

const (
	anna  = "anna@aurora.example"
	bruno = "bruno@borea.example"
	carla = "carla@borea.example"
	elena = "elena@posta.example"

	serviceAurora = "ricevute@gestore.aurora.example" // service mailbox (mailReceipt)
	serviceBorea  = "ricevute@gestore.borea.example"

	clientMessageID = "<c1@pc.aurora.example>"
	identifier      = "pec1.20260114@gestore.aurora.example" // PEC msgid of the envelope
)

// acceptedAt is the instant of acceptance and of the envelope.
var acceptedAt = time.Date(2026, 1, 14, 9, 20, 30, 0, time.UTC)

// message is a system message as text, LF line ends. Head runs up to the first
// boundary of the multipart/signed ("Content-Type: multipart/signed" and
// preamble included), Content is the signed part with its MIME header, Tail is
// the header of the signature part.
type message struct {
	Name    string
	Kind    pec.Kind
	Mailbox string // where it lies in the standard exchange

	Head, Content, Tail string

	Signer *smime.Signer
	At     time.Time // signing time
}

// correct returns a message that keeps every rule, by its name in samples().
func correct(name string) message {
	s, ok := samples()[name]
	if !ok {
		panic("no sample " + name + "; there are: " + strings.Join(slices.Sorted(maps.Keys(samples())), ", "))
	}
	return s.message(name)
}

// with replaces text wherever it stands in the message: pairs of old and new.
func (m message) with(t *testing.T, pairs ...string) message {
	t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if !strings.Contains(m.Head+"\x00"+m.Content+"\x00"+m.Tail, pairs[i]) {
			t.Fatalf("%s holds no %q to replace:\n%s\n%s", m.Name, pairs[i], m.Head, m.Content)
		}
		for _, part := range []*string{&m.Head, &m.Content, &m.Tail} {
			*part = strings.ReplaceAll(*part, pairs[i], pairs[i+1])
		}
	}
	return m
}

// head replaces text in the outer header only, content in the signed part only.
func (m message) head(t *testing.T, old, now string) message {
	t.Helper()
	changed := m
	changed.Content, changed.Tail = "", ""
	changed = changed.with(t, old, now)
	m.Head = changed.Head
	return m
}

func (m message) content(t *testing.T, old, now string) message {
	t.Helper()
	changed := m
	changed.Head, changed.Tail = "", ""
	changed = changed.with(t, old, now)
	m.Content = changed.Content
	return m
}

// sealed signs the content as it stands and returns the octets of the message.
func (m message) sealed(t *testing.T) []byte {
	t.Helper()
	content := crlf(strings.TrimSuffix(m.Content, "\n"))
	key := signing{content: content, at: m.At.UTC(), certificate: m.Signer.Certificate, key: m.Signer.Key, digest: m.Signer.Digest}
	for _, c := range m.Signer.Chain {
		key.chain += string(c.Raw)
	}
	if der, known := signed.Load(key); known {
		return m.withSignature(der.([]byte))
	}
	der, err := m.Signer.Sign([]byte(content), m.At)
	if err != nil {
		t.Fatalf("sign %s: %v", m.Name, err)
	}
	signed.Store(key, der)
	return m.withSignature(der)
}

// signed keeps signatures made before, by what was signed: RSA is the dearest
// thing in these tests, and most trials change one message of many.
var signed sync.Map

// signing is what a signature depends on. Each message has a signer of its own, so
// that a trial can alter it, and a local time has a zone of its own: neither may
// tell two messages apart that say the same.
type signing struct {
	content     string
	at          time.Time // UTC
	certificate *x509.Certificate
	chain       string // DER, one after the other
	key         crypto.Signer
	digest      crypto.Hash
}

// withSignature returns the message with these octets as its signature.
func (m message) withSignature(der []byte) []byte {
	var lines strings.Builder
	encoded := base64.StdEncoding.EncodeToString(der)
	for len(encoded) > 76 {
		lines.WriteString(encoded[:76] + "\n")
		encoded = encoded[76:]
	}
	lines.WriteString(encoded + "\n")
	return []byte(crlf(m.Head+"--outer\n") + crlf(strings.TrimSuffix(m.Content, "\n")) +
		crlf("\n--outer\n"+m.Tail+"\n"+lines.String()+"\n--outer--\n"))
}

func crlf(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}

// originalText is what Anna submitted, LF line ends (use crlf before sending).
const originalText = `From: Anna <anna@aurora.example>
To: Bruno <bruno@borea.example>, elena@posta.example
Cc: carla@borea.example
Subject: Preventivo 7f3a
Date: Wed, 14 Jan 2026 10:20:25 +0100
Message-ID: <c1@pc.aurora.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="original"

--original
Content-Type: text/plain; charset=utf-8

Buongiorno, in allegato il preventivo.
--original
Content-Type: application/pdf; name="preventivo.pdf"
Content-Disposition: attachment; filename="preventivo.pdf"
Content-Transfer-Encoding: base64

` + attachmentText + `
--original--
`

const attachmentText = "JVBERi0xLjQgcHJldmVudGl2bw=="

// certifiedOriginal is the original as it stands in an envelope: the PEC msgid
// in place of the client's, which goes to X-Riferimento-Message-ID.
func certifiedOriginal() string {
	return strings.Replace(originalText, "Message-ID: "+clientMessageID,
		"Message-ID: <"+identifier+">\nX-Riferimento-Message-ID: "+clientMessageID, 1)
}

// briefOriginal has the attachment replaced by its hash (RFC 6109 3.3.2.2).
func briefOriginal() string {
	sum := sha1.Sum([]byte(attachmentText))
	head, _, _ := strings.Cut(certifiedOriginal(), "--original\nContent-Type: application/pdf")
	return head + `--original
Content-Type: text/plain; name="preventivo.pdf.hash"
Content-Disposition: attachment; filename="preventivo.pdf.hash"

` + hex.EncodeToString(sum[:]) + `
--original--
`
}

var messageTemplate = template.Must(template.New("message").Parse(`{{define "head"}}{{.Header}}Date: {{.Date}}
MIME-Version: 1.0
Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="outer"

This is an S/MIME signed message

{{end}}{{define "content"}}Content-Type: multipart/mixed; boundary="mixed"

--mixed
Content-Type: multipart/alternative; boundary="alt"

--alt
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: 7bit

{{.Text}}
--alt
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: 7bit

<html><body><pre>
{{.Text}}
</pre></body></html>
--alt--
{{if .XML}}--mixed
Content-Type: application/xml; name="daticert.xml"
Content-Disposition: inline; filename="daticert.xml"
Content-Transfer-Encoding: 7bit

{{.XML}}
{{end}}{{if .Original}}--mixed
Content-Type: message/rfc822; name="postacert.eml"
Content-Disposition: inline; filename="postacert.eml"
Content-Transfer-Encoding: 7bit

{{.Original}}
{{end}}--mixed--
{{end}}{{define "tail"}}Content-Type: application/pkcs7-signature; name="smime.p7s"
Content-Disposition: attachment; filename="smime.p7s"
Content-Transfer-Encoding: base64
{{end}}{{define "xml"}}<?xml version="1.0" encoding="UTF-8"?>
<postacert tipo="{{.Tipo}}" errore="{{.Errore}}">
  <intestazione>
    <mittente>anna@aurora.example</mittente>
    <destinatari tipo="certificato">bruno@borea.example</destinatari>
    <destinatari tipo="esterno">elena@posta.example</destinatari>
    <destinatari tipo="certificato">carla@borea.example</destinatari>
    <risposte>anna@aurora.example</risposte>
    <oggetto>Preventivo 7f3a</oggetto>
  </intestazione>
  <dati>
    <gestore-emittente>{{.Issuer}}</gestore-emittente>
    <data zona="+0100">
      <giorno>{{.Day}}</giorno>
      <ora>{{.Time}}</ora>
    </data>
    <identificativo>pec1.20260114@gestore.aurora.example</identificativo>
    <msgid>&lt;c1@pc.aurora.example&gt;</msgid>{{.Extra}}
  </dati>
</postacert>{{end}}`))
