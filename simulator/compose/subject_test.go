package compose_test

import (
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/simulator/compose"
)

func TestSubjects(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		raw     string
		missing bool
		header  string // decoded; the raw subject with the prefix when empty
		oggetto string
		text    string
	}{
		{name: "missing", missing: true, header: "ACCETTAZIONE:", text: `""`},
		{name: "empty", raw: "", header: "ACCETTAZIONE:", text: `""`},
		{name: "encoded words stay", raw: "=?UTF-8?Q?Citt=C3=A0?= =?UTF-8?B?4oKs?=", header: "ACCETTAZIONE: Città€", oggetto: "Città€", text: `"Città?"`},
		{name: "raw UTF-8", raw: "Città", header: "ACCETTAZIONE: Città", oggetto: "Città", text: `"Città"`},
		{name: "raw Latin-1", raw: "Citt\xe0", header: "ACCETTAZIONE: Città", oggetto: "Città", text: `"Città"`},
		{name: "markup", raw: `<b>&amp; "x" ]]>`, header: `ACCETTAZIONE: <b>&amp; "x" ]]>`, oggetto: `<b>&amp; "x" ]]>`, text: `"<b>&amp; "x" ]]>"`},
		{name: "control character in an encoded word", raw: "=?UTF-8?Q?a=16b?=", header: "ACCETTAZIONE: a\x16b", oggetto: "ab", text: `"a b"`},
		{name: "line break in an encoded word", raw: "=?UTF-8?Q?a=0D=0ABcc:_x?=", header: "ACCETTAZIONE: a\r\nBcc: x", oggetto: "a\r\nBcc: x", text: `"a  Bcc: x"`},
		{name: "beyond the basic plane", raw: "=?UTF-8?B?8J+YgA==?=", header: "ACCETTAZIONE: 😀", oggetto: "😀", text: `"?"`},
		{name: "many words", raw: strings.Repeat("parola ", 300) + "fine", oggetto: strings.Repeat("parola ", 300) + "fine", text: "parola fine"},
		{name: "one endless word", raw: strings.Repeat("x", 1500), header: "ACCETTAZIONE: " + strings.Repeat("x", 1500), oggetto: strings.Repeat("x", 1500)},
		{name: "nested prefix", raw: "POSTA CERTIFICATA: Re: x", oggetto: "POSTA CERTIFICATA: Re: x"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := facts()
			f.Subject, f.HasSubject = test.raw, !test.missing
			sealed, m := seal(t, compose.Acceptance(provider(), f, instant, own))
			want := test.header
			if want == "" {
				want = "ACCETTAZIONE: " + test.raw
			}
			if got := rawmime.DecodeWords(m.Root.Value("Subject")); got != want {
				t.Errorf("Subject reads %q, want %q", got, want)
			}
			if m.Certification == nil {
				t.Fatalf("certification data: %v", m.CertificationErr)
			}
			if m.Certification.Subject != test.oggetto || m.Certification.HasSubject == test.missing {
				t.Errorf("oggetto %q (there: %v), want %q", m.Certification.Subject, m.Certification.HasSubject, test.oggetto)
			}
			plain, err := m.PlainText.Text()
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(plain, test.text) {
				t.Errorf("the text lacks %q:\n%s", test.text, plain)
			}
			for line := range strings.SplitSeq(string(sealed), "\r\n") {
				if len(line) > 998 || strings.IndexFunc(line, func(r rune) bool { return r > 126 }) >= 0 {
					t.Errorf("a line is too long or not ASCII: %.80q (%d octets)", line, len(line))
				}
			}
		})
	}
}

func TestCertificationXML(t *testing.T) {
	t.Parallel()
	c := compose.Certification{
		Type: "accettazione", Error: "nessuno", Sender: `"a&b"@x.example`,
		Recipients: []compose.CertifiedRecipient{{Address: "<b>", Type: "esterno"}}, Subject: "a\x00\x16\uFFFE\r\n\t'", HasSubject: true, MessageID: "<1@x>",
	}
	c.SetInstant(instant)
	var read struct {
		Type    string `xml:"tipo,attr"`
		Sender  string `xml:"intestazione>mittente"`
		Subject string `xml:"intestazione>oggetto"`
		To      string `xml:"intestazione>destinatari"`
		Zone    struct {
			Zone string `xml:"zona,attr"`
			Time string `xml:"ora"`
		} `xml:"dati>data"`
		MessageID string `xml:"dati>msgid"`
	}
	if err := xml.Unmarshal(c.XML(), &read); err != nil {
		t.Fatalf("%v\n%s", err, c.XML())
	}
	if read.Type != "accettazione" || read.Sender != `"a&b"@x.example` || read.To != "<b>" || read.Subject != "a\r\n\t'" ||
		read.Zone.Zone != "+0200" || read.Zone.Time != "16:05:06" || read.MessageID != "<1@x>" {
		t.Errorf("read back %+v from\n%s", read, c.XML())
	}
}

func parse(t *testing.T, at string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestZoneFollowsTheDate(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{"2026-03-29T00:59:59Z": "01:59:59 +0100", "2026-03-29T01:00:00Z": "03:00:00 +0200", "2026-12-31T23:00:00Z": "00:00:00 +0100"} {
		var c compose.Certification
		c.SetInstant(parse(t, at))
		if got := c.Time + " " + c.Zone; got != want {
			t.Errorf("%s is %s, want %s", at, got, want)
		}
	}
}

func TestEightBitOriginalKeepsItsOctets(t *testing.T) {
	t.Parallel()
	f := facts()
	enclosed := compose.RewriteOriginal([]byte(original+"Città \xe0 \r\n"), f.Identifier)
	sealed, m := seal(t, compose.TransportEnvelope(provider(), f, instant, enclosed, compose.Inherited(enclosed, false)))
	if string(m.Original.Raw()) != string(enclosed) {
		t.Error("the original was changed")
	}
	if got := m.OriginalParts[0].Encoding(); got != "8bit" {
		t.Errorf("labelled %q, want 8bit", got)
	}
	if got := strings.Count(string(sealed), "Content-Transfer-Encoding: 8bit"); got != 3 {
		t.Errorf("%d labels of 8bit, want the part and both multiparts", got)
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	p := provider()
	p.OriginalFirst, p.SignatureType = true, "application/x-pkcs7-signature"
	f := facts()
	d, err := compose.Delivery(p, f, instant, own, "bruno@borea.example", true, []byte(original))
	if err != nil {
		t.Fatal(err)
	}
	d.Format.PlainOnly, d.Format.CertificationEncoding = true, "8bit"
	sealed, m := seal(t, d)
	if m.Content.Parts[1] != m.OriginalParts[0] || m.Certification == nil || m.HTMLText != nil {
		t.Errorf("parts in another order or form:\n%s", sealed)
	}
	if mediaType, _ := m.SignaturePart.MediaType(); mediaType != "application/x-pkcs7-signature" {
		t.Errorf("signature is %s", mediaType)
	}
	if _, parameters := m.Root.MediaType(); parameters["protocol"] != "application/x-pkcs7-signature" || parameters["micalg"] != "sha-256" {
		t.Errorf("multipart/signed says %v", parameters)
	}
}

func TestUnsigned(t *testing.T) {
	t.Parallel()
	d := kinds(t)[compose.VariantAcceptance]
	content, err := d.Render()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := d.Seal(content, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(string(sealed), "MIME-Version: 1.0\r\n"+string(content)) || strings.Contains(string(sealed), "multipart/signed") {
		t.Error("an unsigned message is the content under the outer header")
	}
}

func TestRenderNeedsRandomness(t *testing.T) {
	t.Parallel()
	p := provider()
	p.Random = nil
	if _, err := compose.Acceptance(p, facts(), instant, own).Render(); err == nil {
		t.Error("Render without a source of randomness gave no error")
	}
	if _, err := compose.NewIdentifier(p, instant); err == nil {
		t.Error("NewIdentifier without a source of randomness gave no error")
	}
}
