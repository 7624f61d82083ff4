package rules

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/pec/rawmime"
)

// inside alters the enclosed original only.
func inside(pairs ...string) func(*testCase) {
	return func(c *testCase) {
		c.submitted(originalText)
		m := correct("envelope")
		head, original, _ := strings.Cut(m.Content, "filename=\"postacert.eml\"")
		m.Content = original
		m = m.with(c.t, pairs...)
		m.Content = head + "filename=\"postacert.eml\"" + m.Content
		c.put(m)
		c.settled()
	}
}

// enclosing is a submission of this message and its envelope, whose enclosed
// original is altered.
func enclosing(original string, pairs ...string) func(*testCase) {
	return func(c *testCase) {
		c.submitted(original)
		enclosed := strings.Replace(original, "Message-ID: "+clientMessageID,
			"Message-ID: <"+identifier+">\nX-Riferimento-Message-ID: "+clientMessageID, 1)
		for i := 0; i+1 < len(pairs); i += 2 {
			if !strings.Contains(enclosed, pairs[i]) {
				c.t.Fatalf("the original holds no %q", pairs[i])
			}
			enclosed = strings.ReplaceAll(enclosed, pairs[i], pairs[i+1])
		}
		c.put(correct("acceptance"))
		c.put(correct("envelope").content(c.t, certifiedOriginal(), enclosed))
		c.settled()
	}
}

const originalHead = `From: Anna <anna@aurora.example>
To: Bruno <bruno@borea.example>, elena@posta.example
Cc: carla@borea.example
Subject: Preventivo 7f3a
Date: Wed, 14 Jan 2026 10:20:25 +0100
Message-ID: <c1@pc.aurora.example>
MIME-Version: 1.0
`

// signedText is a message that its author signed with S/MIME.
func signedText() string {
	const part = "Content-Type: text/plain\n\nFirmato da me."
	der, err := keys().borea.Sign([]byte(crlf(part)), acceptedAt)
	if err != nil {
		panic(err)
	}
	return originalHead + `Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="inner"

--inner
` + part + `
--inner
Content-Type: application/pkcs7-signature; name="smime.p7s"
Content-Transfer-Encoding: base64

` + base64.StdEncoding.EncodeToString(der) + `
--inner--
`
}

const pgpText = originalHead + `Content-Type: multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha256; boundary="inner"

--inner
Content-Type: text/plain

Firmato da me.
--inner
Content-Type: application/pgp-signature; name="signature.asc"

-----BEGIN PGP SIGNATURE-----
--inner--
`

const nestedText = originalHead + `Content-Type: multipart/mixed; boundary="forward"

--forward
Content-Type: message/rfc822

From: "Per conto di: gino@aurora.example" <posta-certificata@gestore.aurora.example>
X-Trasporto: posta-certificata
Message-ID: <pec0.20260101@gestore.aurora.example>
Content-Type: multipart/mixed; boundary="forwarded"

--forwarded
Content-Type: application/xml; name="daticert.xml"

<postacert/>
--forwarded--

--forward--
`

func originalTrials() []trial {
	return []trial{
		holdsEverywhere("PEC-TE-012"),
		{rule: "PEC-TE-012", name: "trace added", build: inside("From: Anna", traced+"From: Anna"), want: holds},
		{rule: "PEC-TE-012", name: "scan header added", build: inside("MIME-Version", "X-Virus-Scanned: yes\nMIME-Version"), want: deviates},
		{rule: "PEC-TE-012", name: "other header added", build: inside("MIME-Version", "X-Mailer: gateway\nMIME-Version"), want: broken},
		{rule: "PEC-TE-012", name: "header dropped", build: inside("Cc: carla@borea.example\n", ""), want: broken},
		{rule: "PEC-TE-012", name: "header folded anew", build: inside(">, elena", ">,\n elena"), want: broken},
		{rule: "PEC-TE-012", name: "headers reordered", build: inside("Subject: Preventivo 7f3a\nDate: Wed, 14 Jan 2026 10:20:25 +0100\n", "Date: Wed, 14 Jan 2026 10:20:25 +0100\nSubject: Preventivo 7f3a\n"), want: broken},
		{rule: "PEC-TE-012", name: "body changed", build: inside("Buongiorno, in", "Buongiorno,  in"), want: broken},
		{rule: "PEC-TE-012", name: "attachment changed", build: inside(attachmentText, "JVBERi0xLjQ="), want: broken},
		{rule: "PEC-TE-012", name: "encoded whole", build: damagedEnvelope("filename=\"postacert.eml\"\nContent-Transfer-Encoding: 7bit", "filename=\"postacert.eml\"\nContent-Transfer-Encoding: base64"), want: broken},
		{rule: "PEC-TE-012", name: "trailing blanks kept", build: enclosing(strings.Replace(originalText, "preventivo.\n", "preventivo.  \n", 1)), want: holds},
		{rule: "PEC-TE-012", name: "trailing blanks lost", build: enclosing(strings.Replace(originalText, "preventivo.\n", "preventivo.  \n", 1), "preventivo.  \n", "preventivo.\n"), want: broken},

		{rule: "PEC-TE-013", name: "S/MIME", build: func(c *testCase) { enclosing(signedText())(c) }, want: holds},
		{rule: "PEC-TE-013", name: "S/MIME changed", build: func(c *testCase) { enclosing(signedText(), "Firmato da me", "Firmato da noi")(c) }, want: broken},
		{rule: "PEC-TE-013", name: "PGP", build: enclosing(pgpText), want: holds},
		{rule: "PEC-TE-013", name: "PGP changed", build: enclosing(pgpText, "BEGIN PGP", "BEGIN  PGP"), want: broken},
		{rule: "PEC-TE-013", name: "not signed", build: damagedEnvelope(), none: true},

		{rule: "PEC-TE-014", name: "stays inside", build: enclosing(nestedText), want: holds},
		{rule: "PEC-TE-014", name: "gone", build: enclosing(nestedText, `name="daticert.xml"`, `name="dati.xml"`), want: broken},
		{rule: "PEC-TE-014", name: "taken for the outer one", build: func(c *testCase) {
			c.submitted(nestedText)
			c.put(correct("envelope").content(c.t, "<identificativo>pec1.20260114@", "<identificativo>pec0.20260101@").content(c.t, certifiedOriginal(), nestedText))
			c.settled()
		}, want: broken},
		{rule: "PEC-TE-014", name: "nothing nested", build: damagedEnvelope(), none: true},
	}
}

func TestCompareOriginals(t *testing.T) {
	t.Parallel()
	parse := func(s string) *rawmime.Entity {
		e, err := rawmime.Parse([]byte(s), rawmime.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	const sent = "From: a@a.example\r\nMessage-ID: <1@a>\r\nX-A: 1\r\n\r\nbody\r\n"
	cases := []struct {
		name, enclosed, want string
		scanned              []string
	}{
		{"identical", sent, "", nil},
		{"last line end taken by the boundary", strings.TrimSuffix(sent, "\r\n"), "", nil},
		{"identifier", "From: a@a.example\r\nX-A: 1\r\nX-Riferimento-Message-ID: <1@a>\r\nMessage-ID: <2@a>\r\n\r\nbody\r\n", "", nil},
		{"scan header", "X-Spam-Status: No\r\n" + sent, "", []string{"X-Spam-Status"}},
		{"field lost", "From: a@a.example\r\nMessage-ID: <1@a>\r\n\r\nbody\r\n", "the field X-A is missing", nil},
		{"field changed", strings.Replace(sent, "X-A: 1", "X-A:  1", 1), `the field X-A was "X-A: 1\r\n" and is "X-A:  1\r\n"`, nil},
		{"field added", strings.Replace(sent, "X-A: 1", "X-A: 1\r\nX-B: 2", 1), `a field was added: "X-B: 2\r\n"`, nil},
		{"body", strings.Replace(sent, "body", "b0dy", 1), `the body differs at octet 1 (line 1): submitted "body\r\n", enclosed "b0dy\r\n"`, nil},
		{"body cut", strings.Replace(sent, "body", "bo", 1), `the body differs at octet 2 (line 1): submitted "body\r\n", enclosed "bo\r\n"`, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			difference, scanned := compareOriginals(parse(sent), parse(c.enclosed))
			if diff := cmp.Diff([]any{c.want, c.scanned}, []any{difference, scanned}); diff != "" {
				t.Error(diff)
			}
		})
	}
}
