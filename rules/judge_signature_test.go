package rules

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"
	"time"

	"go.mozilla.org/pkcs7"

	"github.com/collaudo/collaudo/evidence"
)

func TestSignature(t *testing.T) {
	t.Parallel()
	// signedBy is the standard acceptance with another signer.
	signedBy := func(alter func(*message)) func(*testCase) {
		return func(c *testCase) {
			c.submitted(originalText)
			m := correct("acceptance")
			alter(&m)
			c.put(m)
		}
	}
	tampered := func(mailbox, name string) func(*testCase) {
		return func(c *testCase) {
			c.submitted(originalText)
			c.received(mailbox, bytes.Replace(correct(name).sealed(c.t), []byte("Identificativo"), []byte("identificativo"), 1))
		}
	}
	profile := func(alter func(*x509.Certificate)) func(*message) {
		return func(m *message) {
			p := auroraProfile()
			alter(p)
			m.Signer = keys().issue(p)
		}
	}
	runTrials(t, signatureJudges(), []trial{
		{rule: "PEC-SIG-001", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-SIG-001", name: "no CMS", want: broken, build: func(c *testCase) {
			c.received(anna, correct("acceptance").withSignature([]byte("questa non e' una firma")))
		}},
		{rule: "PEC-SIG-001", name: "certificate absent", want: broken, build: func(c *testCase) {
			m := correct("acceptance")
			der, err := m.Signer.Sign([]byte(crlf(strings.TrimSuffix(m.Content, "\n"))), m.At)
			if err != nil {
				c.t.Fatal(err)
			}
			c.received(anna, m.withSignature(withoutCertificates(c.t, der)))
		}},
		{rule: "PEC-SIG-001", name: "content inside", want: broken, build: func(c *testCase) {
			m := correct("acceptance")
			signed, err := pkcs7.NewSignedData([]byte(crlf(m.Content)))
			if err != nil {
				c.t.Fatal(err)
			}
			if err := signed.AddSigner(m.Signer.Certificate, m.Signer.Key, pkcs7.SignerInfoConfig{}); err != nil {
				c.t.Fatal(err)
			}
			der, err := signed.Finish()
			if err != nil {
				c.t.Fatal(err)
			}
			c.received(anna, m.withSignature(der))
		}},
		{rule: "PEC-SIG-002", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-SIG-002", name: "one letter changed", build: tampered(anna, "acceptance"), want: broken},
		{rule: "PEC-SIG-002", name: "a copy with bare line feeds", want: holds, build: func(c *testCase) {
			c.received(anna, bytes.ReplaceAll(correct("acceptance").sealed(c.t), []byte("\r\n"), []byte("\n")))
		}},
		{rule: "PEC-SIG-002", name: "another message's signature", want: broken, build: func(c *testCase) {
			m := correct("acceptance")
			der, err := m.Signer.Sign([]byte("altro"), m.At)
			if err != nil {
				c.t.Fatal(err)
			}
			c.received(anna, m.withSignature(der))
		}},
		{rule: "PEC-SIG-003", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-SIG-003", name: "key of another provider", build: signedBy(func(m *message) { m.Signer = keys().borea }), want: broken},
		{rule: "PEC-SIG-004", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-SIG-004", name: "not listed", build: signedBy(profile(func(p *x509.Certificate) { p.SerialNumber = big.NewInt(13) })), want: broken},
		{rule: "PEC-SIG-004", name: "listed for another", build: signedBy(func(m *message) { m.Signer = keys().borea }), want: broken},
		{rule: "PEC-SIG-005", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-SIG-005", name: "domain not managed", want: broken, build: func(c *testCase) {
			c.LDIF = strings.ReplaceAll(c.LDIF, "managedDomains: gestore.aurora.example\n", "")
			c.put(correct("acceptance"))
		}},
		{rule: "PEC-SIG-006", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-SIG-006", name: "expired", build: signedBy(profile(func(p *x509.Certificate) { p.NotAfter = acceptedAt.Add(-time.Hour) })), want: broken},
		{rule: "PEC-SIG-006", name: "expired, and the signature says an earlier time", build: signedBy(func(m *message) {
			profile(func(p *x509.Certificate) { p.NotAfter = acceptedAt.Add(-time.Hour) })(m)
			m.At = acceptedAt.Add(-2 * time.Hour)
		}), want: broken},
		{rule: "PEC-SIG-006", name: "signed a day off", build: signedBy(func(m *message) { m.At = acceptedAt.Add(24 * time.Hour) }), want: warned},
		{rule: "PEC-SIG-006", name: "revoked", want: broken, build: func(c *testCase) {
			c.CRL = keys().crl(11)
			c.put(correct("acceptance"))
		}},
		{rule: "PEC-SIG-006", name: "another one revoked", want: holds, build: func(c *testCase) {
			c.CRL = keys().crl(99)
			c.put(correct("acceptance"))
		}},
		{rule: "PEC-SIG-006", name: "another CA", build: signedBy(func(m *message) { m.Signer = keys().stranger }), want: deviates},
		{rule: "PEC-SIG-006", name: "no list", want: unable, build: func(c *testCase) {
			c.CRL = []byte("nessuna")
			c.put(correct("acceptance"))
		}},
		{rule: "PEC-SIG-007", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-SIG-007", name: "SHA-1", build: signedBy(func(m *message) { m.Signer.Digest = crypto.SHA1 }), want: deviates},
		{rule: "PEC-SIG-007", name: "MD5", build: signedBy(func(m *message) { m.Signer.Digest = crypto.MD5 }), want: broken},
		{rule: "PEC-SIG-008", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-SIG-008", name: "quoted capitals", build: alone("acceptance", "micalg=sha-256", "micalg=\"SHA256\""), want: holds},
		{rule: "PEC-SIG-008", name: "another", build: alone("acceptance", "micalg=sha-256", "micalg=sha1"), want: broken},
		{rule: "PEC-SIG-008", name: "absent", build: alone("acceptance", "micalg=sha-256; ", ""), want: broken},
		{rule: "PEC-SIG-009", name: "at home", build: alone("acceptance"), none: true},
		{rule: "PEC-SIG-009", name: "travelled", build: alone("envelope"), want: holds},
		{rule: "PEC-SIG-009", name: "re-encoded", build: tampered(bruno, "envelope"), want: broken},
		{rule: "PEC-SIG-009", name: "broken before it left", want: holds, build: func(c *testCase) {
			raw := bytes.Replace(correct("envelope").sealed(c.t), []byte("Identificativo"), []byte("identificativo"), 1)
			c.received(bruno, raw)
			c.add(evidence.Event{Type: evidence.RelayRead, Relay: []evidence.RelayExchange{{From: aurora, To: borea, SHA256: c.blobs.keep(raw)}}})
		}},
	})
}

// withoutCertificates drops the certificates from a CMS structure.
func withoutCertificates(t *testing.T, der []byte) []byte {
	t.Helper()
	var outer struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"explicit,tag:0"`
	}
	var fields []asn1.RawValue
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		t.Fatal(err)
	}
	if _, err := asn1.Unmarshal(outer.Content.Bytes, &fields); err != nil {
		t.Fatal(err)
	}
	var kept []byte
	for _, f := range fields {
		if f.Class != asn1.ClassContextSpecific {
			kept = append(kept, f.FullBytes...)
		}
	}
	data, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: kept})
	if err != nil {
		t.Fatal(err)
	}
	explicit, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: data})
	if err != nil {
		t.Fatal(err)
	}
	oid, err := asn1.Marshal(outer.Type)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: append(oid, explicit...)})
	if err != nil {
		t.Fatal(err)
	}
	return whole
}
