package compose_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/compose"
)

func TestHeaderOrder(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, order, want string }{
		{"as composed", "", "Return-Path X-Ricevuta Date Subject From To X-Riferimento-Message-ID Message-ID MIME-Version Content-Type"},
		{"named first, rest last, trace on top", "Message-ID mime Subject", "Return-Path Message-ID MIME-Version Content-Type Subject X-Ricevuta Date From To X-Riferimento-Message-ID"},
		{"rest in the middle", "to * mime DATE", "Return-Path To X-Ricevuta Subject From X-Riferimento-Message-ID Message-ID MIME-Version Content-Type Date"},
		{"trace where it is named", "Date * Return-Path", "Date X-Ricevuta Subject From To X-Riferimento-Message-ID Message-ID Return-Path MIME-Version Content-Type"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := kinds(t)[compose.VariantAcceptance]
			d.Format.HeaderOrder = test.order
			_, m := seal(t, d)
			var got []string
			for _, f := range m.Root.Fields {
				got = append(got, f.Name)
			}
			if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLayoutKeepsTheMeaning sees that a message of any layout is read as the
// same one, and that its signature holds.
func TestLayoutKeepsTheMeaning(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		format compose.Format
		shows  string // in the octets
	}{
		{"folded parameters", compose.Format{FoldedParameters: " "}, "Content-Type: multipart/mixed; \r\n\tboundary="},
		{"preamble", compose.Format{Preamble: "Messaggio firmato"}, "\"\r\n\r\nMessaggio firmato\r\n\r\n------=_"},
		{"boundary", compose.Format{Boundary: "xyz"}, "\r\n--xyz"},
		{"composite encoding", compose.Format{CompositeEncoding: "binary"}, "Content-Transfer-Encoding: binary\r\n"},
		{"signed fields", compose.Format{SignedFields: "Message-ID MIME-Version"}, "\r\nMessage-ID: <pec20260709160506aa@gestore.aurora.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed"},
		{"bare names", compose.Format{BareNames: true}, "; name=daticert.xml\r\n"},
		{"descriptions", compose.Format{Descriptions: true}, "Content-Description: Messaggio originale\r\n"},
		{"smime-type", compose.Format{SMIMEType: true}, "; smime-type=signed-data"},
		{"attached data", compose.Format{CertificationPlace: "attachment"}, "Content-Disposition: attachment; filename=\"daticert.xml\""},
		{"data in 7bit", compose.Format{CertificationEncoding: "7bit"}, "7bit\r\nContent-Disposition: inline; filename=\"daticert.xml\"\r\n\r\n<?xml"},
		{"data in quoted-printable", compose.Format{CertificationEncoding: "quoted-printable"}, "<?xml version=3D\"1.0\""},
		{"original without label", compose.Format{OriginalEncoding: "none", OriginalPlace: "none"}, "name=\"postacert.eml\"\r\n\r\nReceived:"},
	}
	_, plain := seal(t, kinds(t)[compose.VariantTransportEnvelope])
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := kinds(t)[compose.VariantTransportEnvelope]
			d.Format = test.format
			octets, m := seal(t, d)
			if !bytes.Contains(octets, []byte(test.shows)) {
				t.Errorf("%q does not stand in the message; it begins\n%.3000s", test.shows, octets)
			}
			if m.Kind != pec.TransportEnvelope || m.Certification == nil || m.Original == nil {
				t.Fatalf("kind %v, certification data %v (%v), original %v", m.Kind, m.Certification != nil, m.CertificationErr, m.Original != nil)
			}
			if diff := cmp.Diff(plain.Certification.Identifier, m.Certification.Identifier); diff != "" {
				t.Error(diff)
			}
			if !bytes.Equal(plain.Original.Raw(), m.Original.Raw()) {
				t.Error("the original is another")
			}
			der, err := m.SignaturePart.Decoded()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := smime.Verify(m.Signed.Raw(), der); err != nil {
				t.Errorf("the signature: %v", err)
			}
		})
	}
}

func TestSevenBitsGiveWayWhereTheyDoNotDo(t *testing.T) {
	t.Parallel()
	for name, subject := range map[string]string{"accents": "=?UTF-8?Q?citt=C3=A0?=", "a long line": strings.Repeat("parola ", 200)} {
		f := facts()
		f.Subject = subject
		d := compose.Acceptance(provider(), f, instant, own)
		d.Format.CertificationEncoding = "7bit"
		_, m := seal(t, d)
		if encoding := m.CertificationParts[0].Value("Content-Transfer-Encoding"); encoding != "quoted-printable" {
			t.Errorf("%s: %s", name, encoding)
		}
	}
}

func TestIdentifierForms(t *testing.T) {
	t.Parallel()
	p := provider()
	for form, want := range map[string]string{
		"":                               `^pec20260709160506[0-9a-f]{24}@gestore\.aurora\.example$`,
		"{stamp}-{n6}@{domain}":          `^20260709160506-[0-9]{6}@gestore\.aurora\.example$`,
		"a{x8}.{n1}.{x12}.b@host":        `^a[0-9a-f]{8}\.[0-9]\.[0-9a-f]{12}\.b@host$`,
		"{n13}{other}{n12}@{domain}":     `^\{n13\}\{other\}[0-9]{12}@gestore\.aurora\.example$`,
		"constant@mail.{domain}{domain}": `^constant@mail\.gestore\.aurora\.examplegestore\.aurora\.example$`,
	} {
		p.IdentifierForm = form
		id, err := compose.NewIdentifier(p, instant)
		if err != nil || !regexp.MustCompile(want).MatchString(id) {
			t.Errorf("%q gives %q, %v; want %s", form, id, err, want)
		}
	}
	p.Random, p.IdentifierForm = nil, ""
	if _, err := compose.NewIdentifier(p, instant); err == nil {
		t.Error("no randomness, no error")
	}
}
