package rules

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec/smime"
)

func TestCertificate(t *testing.T) {
	t.Parallel()
	// with signs an acceptance with a certificate of the altered profile.
	with := func(alter func(*x509.Certificate)) func(*testCase) {
		return func(c *testCase) {
			p := auroraProfile()
			alter(p)
			m := correct("acceptance")
			m.Signer = keys().issue(p)
			c.put(m)
		}
	}
	extra := func(oid asn1.ObjectIdentifier, critical bool, value ...byte) func(*x509.Certificate) {
		return func(p *x509.Certificate) {
			p.ExtraExtensions = append(p.ExtraExtensions, pkix.Extension{Id: oid, Critical: critical, Value: value})
		}
	}
	usage := []byte{0x03, 0x02, 0x07, 0x80} // digitalSignature
	old := func(alter func(*x509.Certificate)) func(*x509.Certificate) {
		return func(p *x509.Certificate) {
			p.NotBefore = time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC)
			alter(p)
		}
	}
	attribute := func(last int, tag int, text string) func(*x509.Certificate) {
		return func(p *x509.Certificate) {
			p.Subject.ExtraNames = append(p.Subject.ExtraNames, pkix.AttributeTypeAndValue{
				Type: asn1.ObjectIdentifier{2, 5, 4, last}, Value: asn1.RawValue{Tag: tag, Bytes: []byte(text)},
			})
		}
	}
	alternative, err := asn1.Marshal([]asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 1, Bytes: []byte("posta-certificata@gestore.aurora.example")}})
	if err != nil {
		t.Fatal(err)
	}
	runTrials(t, certificateJudges(), []trial{
		{rule: "PEC-CRT-001", name: "both providers", build: allKinds, want: holds},
		{rule: "PEC-CRT-001", name: "another name", build: with(func(p *x509.Certificate) {
			p.Subject.CommonName, p.Subject.Organization = "Cirro PEC", []string{"Cirro PEC"}
		}), want: broken},
		{rule: "PEC-CRT-001", name: "other letter case", build: with(func(p *x509.Certificate) {
			p.Subject.CommonName, p.Subject.Organization = "AURORA PEC S.P.A.", []string{"Aurora"}
		}), want: warned},
		{rule: "PEC-CRT-001", name: "no directory, the name in the world", want: holds, build: func(c *testCase) {
			c.withoutTrust()
			c.put(correct("acceptance"))
		}},
		{rule: "PEC-CRT-002", name: "both providers", build: allKinds, want: holds},
		{rule: "PEC-CRT-002", name: "none", build: with(func(p *x509.Certificate) { p.EmailAddresses = nil }), want: broken},
		{rule: "PEC-CRT-003", name: "both providers", build: allKinds, want: holds},
		{rule: "PEC-CRT-003", name: "in the subject", build: with(func(p *x509.Certificate) {
			p.Subject.ExtraNames = []pkix.AttributeTypeAndValue{{Type: oidEmailAddress, Value: "posta-certificata@gestore.aurora.example"}}
		}), want: broken},
		{rule: "PEC-CRT-004", name: "both providers", build: allKinds, want: holds},
		{rule: "PEC-CRT-004", name: "none", build: with(func(p *x509.Certificate) { p.KeyUsage = 0 }), want: broken},
		{rule: "PEC-CRT-004", name: "another", build: with(func(p *x509.Certificate) { p.KeyUsage = x509.KeyUsageKeyEncipherment }), want: broken},
		{rule: "PEC-CRT-004", name: "not critical", build: with(extra(oidKeyUsage, false, usage...)), want: broken},
		{rule: "PEC-CRT-004", name: "not critical, before 2017", build: with(old(extra(oidKeyUsage, false, usage...))), want: warned},
		{rule: "PEC-CRT-005", name: "recorded", build: with(func(p *x509.Certificate) { p.KeyUsage |= x509.KeyUsageContentCommitment }), want: observed},
		{rule: "PEC-CRT-006", name: "both providers", build: allKinds, want: holds},
		{rule: "PEC-CRT-006", name: "without the identifier", build: with(extra(oidAuthorityKey, false, 0x30, 0x00)), want: broken},
		{rule: "PEC-CRT-007", name: "both providers", build: allKinds, want: holds},
		{rule: "PEC-CRT-007", name: "none", build: with(func(p *x509.Certificate) { p.SubjectKeyId = nil }), want: broken},
		{rule: "PEC-CRT-008", name: "both providers", build: allKinds, want: holds},
		{rule: "PEC-CRT-008", name: "critical", build: with(extra(oidAlternativeName, true, alternative...)), want: broken},
		{rule: "PEC-CRT-009", name: "both providers", build: allKinds, want: holds},
		{rule: "PEC-CRT-009", name: "present", build: with(func(p *x509.Certificate) { p.BasicConstraintsValid = true }), want: broken},
		{rule: "PEC-CRT-009", name: "present, before 2017", build: with(old(func(p *x509.Certificate) { p.BasicConstraintsValid = true })), want: warned},
		{rule: "PEC-CRT-010", name: "both providers", build: allKinds, want: holds},
		{rule: "PEC-CRT-010", name: "critical", build: with(extra(asn1.ObjectIdentifier{2, 5, 29, 32}, true, 0x30, 0x06, 0x30, 0x04, 0x06, 0x02, 0x2a, 0x03)), want: broken},
		{rule: "PEC-CRT-011", name: "both providers", build: allKinds, want: holds},
		{rule: "PEC-CRT-011", name: "version 1", want: broken, build: func(c *testCase) {
			m := correct("acceptance")
			m.Signer.Certificate = firstVersion(c.t, m.Signer)
			c.put(m)
		}},
		{rule: "PEC-CRT-012", name: "both providers", build: allKinds, want: holds},
		{rule: "PEC-CRT-012", name: "elliptic curve", want: broken, build: func(c *testCase) {
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				c.t.Fatal(err)
			}
			m := correct("acceptance")
			m.Signer = keys().issueTo(auroraProfile(), key)
			c.put(m)
		}},
		{rule: "PEC-CRT-012", name: "ten years", build: with(func(p *x509.Certificate) { p.NotAfter = p.NotBefore.AddDate(10, 0, 0) }), want: broken},
		{rule: "PEC-CRT-013", name: "both providers", build: allKinds, want: holds},
		{rule: "PEC-CRT-013", name: "none", want: broken, build: func(c *testCase) {
			c.Authority = keys().unconstrained()
			c.put(correct("acceptance"))
		}},
		{rule: "PEC-CRT-014", name: "both providers", build: allKinds, want: holds},
		{rule: "PEC-CRT-014", name: "three-letter country", build: with(func(p *x509.Certificate) { p.Subject.Country = []string{"ITA"} }), want: broken},
		{rule: "PEC-CRT-014", name: "country as UTF8String", build: with(func(p *x509.Certificate) {
			p.Subject.Country = nil
			attribute(6, asn1.TagUTF8String, "IT")(p)
		}), want: broken},
		{rule: "PEC-CRT-014", name: "locality as IA5String", build: with(attribute(7, asn1.TagIA5String, "Roma")), want: broken},
		{rule: "PEC-CRT-014", name: "too long", build: with(attribute(11, asn1.TagUTF8String, "una unita' organizzativa dal nome che non finisce mai e poi mai, davvero")), want: broken},
		{rule: "PEC-CRT-014", name: "accents in UTF-8", build: with(attribute(7, asn1.TagUTF8String, "Cefalù")), want: holds},
	}, "PEC-CRT-005")
}

// firstVersion returns the signer's certificate as one of version 1: without
// version field and without extensions.
func firstVersion(t *testing.T, s *smime.Signer) *x509.Certificate {
	t.Helper()
	var fields, kept []asn1.RawValue
	if _, err := asn1.Unmarshal(s.Certificate.RawTBSCertificate, &fields); err != nil {
		t.Fatal(err)
	}
	for _, f := range fields {
		if f.Class != asn1.ClassContextSpecific {
			kept = append(kept, f)
		}
	}
	body, err := asn1.Marshal(kept)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(body)
	value, err := rsa.SignPKCS1v15(rand.Reader, keys().authorityKey, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	der, err := asn1.Marshal(struct {
		Body      asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Value     asn1.BitString
	}{asn1.RawValue{FullBytes: body}, pkix.AlgorithmIdentifier{
		Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, Parameters: asn1.NullRawValue,
	}, asn1.BitString{Bytes: value, BitLength: 8 * len(value)}})
	if err != nil {
		t.Fatal(err)
	}
	return mustCertificate(der)
}
