package rules

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
	"time"
)

// certificateJudges answer for the family CRT: the profile of signer
// certificates and of the CA that issues them (RFC 6109 5.5). The profile is
// law, so it stands here and not with what parses certificates.
func certificateJudges() []Judge {
	return []Judge{
		everyCertificate("PEC-CRT-001", "CN and O of the subject against providerName", judgeSubjectName),
		everyCertificate("PEC-CRT-002", "the e-mail address in subjectAltName", judgeAlternativeName),
		everyCertificate("PEC-CRT-003", "e-mail addresses in the subject", judgeSubjectAddress),
		everyCertificate("PEC-CRT-004", "keyUsage: critical, with digitalSignature", judgeKeyUsage),
		everyCertificate("PEC-CRT-005", "other bits of keyUsage", judgeOtherUsage),
		everyCertificate("PEC-CRT-006", "authorityKeyIdentifier", judgeAuthorityKey),
		everyCertificate("PEC-CRT-007", "subjectKeyIdentifier", judgeSubjectKey),
		everyCertificate("PEC-CRT-008", "whether subjectAltName is critical", judgeAlternativeNameCritical),
		everyCertificate("PEC-CRT-009", "basicConstraints", judgeBasicConstraints),
		everyCertificate("PEC-CRT-010", "whether any further extension is critical", judgeFurtherExtensions),
		everyCertificate("PEC-CRT-011", "the version of the certificate", judgeVersion),
		everyCertificate("PEC-CRT-012", "key, algorithms and extensions against those in the field since 2017", judgeFieldProfile),
		{Rule: "PEC-CRT-013", Looks: "name constraints of the CA that issued the signers", Look: judgeNameConstraints, Needs: []Need{NeedTrust}},
		everyCertificate("PEC-CRT-014", "the encoding of the subject's attributes", judgeSubjectEncoding),
	}
}

// everyCertificate makes a judge that looks at each signer certificate once,
// at the first message that it signed; and at a certificate from a file, which
// comes with no message.
func everyCertificate(rule, looks string, look func(*View, *Message, *x509.Certificate, Where, *Findings)) Judge {
	return Judge{Rule: rule, Looks: looks, Each: true, Look: func(v *View, f *Findings) {
		for _, c := range v.Certificates {
			if !isAuthority(c) {
				look(v, nil, c, Where{Part: certificatePart(c)}, f)
			}
		}
		var seen []*x509.Certificate
		for _, m := range v.systemMessages() {
			c := signerOf(m)
			if c == nil || slices.ContainsFunc(seen, c.Equal) {
				continue
			}
			seen = append(seen, c)
			look(v, m, c, m.Where("signer certificate"), f)
		}
	}}
}

// certificatePart names a certificate of a file for a person.
func certificatePart(c *x509.Certificate) string {
	return "certificate with serial number " + c.SerialNumber.String()
}

// beforeReform is when signer certificates began to keep the profile; older
// ones lack what some rules ask, and are reported only.
var beforeReform = time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)

// Object identifiers of extensions and attributes (RFC 5280 4.1.2.4, 4.2.1).
var (
	oidSubjectKey       = asn1.ObjectIdentifier{2, 5, 29, 14}
	oidKeyUsage         = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidAlternativeName  = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidBasicConstraints = asn1.ObjectIdentifier{2, 5, 29, 19}
	oidNameConstraints  = asn1.ObjectIdentifier{2, 5, 29, 30}
	oidAuthorityKey     = asn1.ObjectIdentifier{2, 5, 29, 35}
	oidEmailAddress     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
)

// extension returns whether the certificate has it, and whether it is critical.
func extension(c *x509.Certificate, oid asn1.ObjectIdentifier) (present, critical bool) {
	for _, e := range c.Extensions {
		if e.Id.Equal(oid) {
			return true, e.Critical
		}
	}
	return false, false
}

func judgeSubjectName(v *View, m *Message, c *x509.Certificate, where Where, f *Findings) {
	var names []string
	for _, r := range v.trustOf(m).recordsOf(c) {
		names = append(names, r.ProviderName)
	}
	if p := v.Provider(m); len(names) == 0 && p != nil {
		names = []string{p.Name}
	}
	if len(names) == 0 {
		return // without a directory nothing says what the provider is called
	}
	subject := append([]string{c.Subject.CommonName}, c.Subject.Organization...)
	holds := func(same func(s, name string) bool) bool {
		return slices.ContainsFunc(subject, func(s string) bool {
			return slices.ContainsFunc(names, func(name string) bool { return same(fold(s), fold(name)) })
		})
	}
	expected := "CN or O that contains the providerName " + shownList(names)
	switch {
	case holds(strings.Contains):
		f.Holds(where, c.Subject.String())
	case holds(func(s, name string) bool { return strings.Contains(strings.ToLower(s), strings.ToLower(name)) }):
		f.Warns(where, expected, c.Subject.String()+", in other letter case")
		f.Holds(where, c.Subject.String())
	default:
		f.Broken(where, expected, c.Subject.String())
	}
}

func judgeAlternativeName(_ *View, _ *Message, c *x509.Certificate, where Where, f *Findings) {
	if len(c.EmailAddresses) == 0 {
		f.Broken(where, "an rfc822Name in subjectAltName", "none")
		return
	}
	f.Holds(where, shownList(c.EmailAddresses))
}

func judgeSubjectAddress(_ *View, _ *Message, c *x509.Certificate, where Where, f *Findings) {
	for _, name := range c.Subject.Names {
		text, _ := name.Value.(string)
		if name.Type.Equal(oidEmailAddress) || bareAddressForm.MatchString(text) {
			f.Broken(where, "no e-mail address in the subject", c.Subject.String())
			return
		}
	}
	f.Holds(where, c.Subject.String())
}

func judgeKeyUsage(_ *View, _ *Message, c *x509.Certificate, where Where, f *Findings) {
	const expected = "keyUsage, critical, with digitalSignature"
	present, critical := extension(c, oidKeyUsage)
	switch {
	case !present:
		f.Broken(where, expected, "no keyUsage")
	case c.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		f.Broken(where, expected, "keyUsage without digitalSignature: "+shownList(usages(c)))
	case !critical && c.NotBefore.Before(beforeReform):
		f.Warns(where, expected, "not critical, in a certificate from before 2017")
		f.Holds(where, shownList(usages(c)))
	case !critical:
		f.Broken(where, expected, "not critical")
	default:
		f.Holds(where, shownList(usages(c)))
	}
}

func usages(c *x509.Certificate) []string {
	names := []string{
		"digitalSignature", "contentCommitment", "keyEncipherment", "dataEncipherment", "keyAgreement",
		"keyCertSign", "cRLSign", "encipherOnly", "decipherOnly",
	}
	var all []string
	for i, name := range names {
		if c.KeyUsage&(1<<i) != 0 {
			all = append(all, name)
		}
	}
	return all
}

func judgeOtherUsage(_ *View, _ *Message, c *x509.Certificate, where Where, f *Findings) {
	others := slices.DeleteFunc(usages(c), func(name string) bool { return name == "digitalSignature" })
	f.Observes(where, "other bits of keyUsage: "+shownList(others))
}

// The two key identifiers cannot be critical here: Go reads no certificate in
// which they are, and then PEC-SIG-001 says that it could not be read.

// authorityKeyIdentifier is RFC 5280 4.2.1.1.
type authorityKeyIdentifier struct {
	KeyIdentifier []byte        `asn1:"optional,tag:0"`
	Issuer        asn1.RawValue `asn1:"optional,tag:1"`
	Serial        asn1.RawValue `asn1:"optional,tag:2"`
}

func judgeAuthorityKey(_ *View, _ *Message, c *x509.Certificate, where Where, f *Findings) {
	const expected = "authorityKeyIdentifier with keyIdentifier, not critical"
	present, _ := extension(c, oidAuthorityKey)
	switch {
	case !present:
		f.Broken(where, expected, "no authorityKeyIdentifier")
	case len(keyIdentifier(c)) == 0:
		f.Broken(where, expected, "without keyIdentifier")
	default:
		f.Holds(where, fmt.Sprintf("%x", keyIdentifier(c)))
	}
}

func keyIdentifier(c *x509.Certificate) []byte {
	for _, e := range c.Extensions {
		var identifier authorityKeyIdentifier
		if e.Id.Equal(oidAuthorityKey) {
			if _, err := asn1.Unmarshal(e.Value, &identifier); err == nil {
				return identifier.KeyIdentifier
			}
		}
	}
	return nil
}

func judgeSubjectKey(_ *View, _ *Message, c *x509.Certificate, where Where, f *Findings) {
	const expected = "subjectKeyIdentifier with a key identifier, not critical"
	if len(c.SubjectKeyId) == 0 {
		f.Broken(where, expected, "none")
		return
	}
	f.Holds(where, fmt.Sprintf("%x", c.SubjectKeyId))
}

func judgeAlternativeNameCritical(_ *View, _ *Message, c *x509.Certificate, where Where, f *Findings) {
	present, critical := extension(c, oidAlternativeName)
	switch {
	case !present: // PEC-CRT-002
	case critical:
		f.Broken(where, "subjectAltName not critical", "critical")
	default:
		f.Holds(where, "not critical")
	}
}

func judgeBasicConstraints(_ *View, _ *Message, c *x509.Certificate, where Where, f *Findings) {
	present, _ := extension(c, oidBasicConstraints)
	switch {
	case present && c.NotBefore.Before(beforeReform) && !c.IsCA:
		f.Warns(where, "no basicConstraints", "basicConstraints in a certificate from before 2017")
		f.Holds(where, "a certificate from before 2017")
	case present:
		f.Broken(where, "no basicConstraints", fmt.Sprintf("basicConstraints, CA: %t", c.IsCA))
	default:
		f.Holds(where, "none")
	}
}

func judgeFurtherExtensions(_ *View, _ *Message, c *x509.Certificate, where Where, f *Findings) {
	ruled := []asn1.ObjectIdentifier{oidKeyUsage, oidAuthorityKey, oidSubjectKey, oidAlternativeName, oidBasicConstraints}
	var critical []string
	for _, e := range c.Extensions {
		if e.Critical && !slices.ContainsFunc(ruled, e.Id.Equal) {
			critical = append(critical, e.Id.String())
		}
	}
	if len(critical) > 0 {
		f.Broken(where, "no further extension critical", "critical: "+shownList(critical))
		return
	}
	f.Holds(where, fmt.Sprintf("%d extensions", len(c.Extensions)))
}

func judgeVersion(_ *View, _ *Message, c *x509.Certificate, where Where, f *Findings) {
	seen := fmt.Sprintf("version %d", c.Version)
	if c.Version != 3 {
		f.Broken(where, "an X.509 certificate of version 3", seen)
		return
	}
	f.Holds(where, seen)
}

func judgeFieldProfile(_ *View, _ *Message, c *x509.Certificate, where Where, f *Findings) {
	var unlike []string
	if key, ok := c.PublicKey.(*rsa.PublicKey); !ok {
		unlike = append(unlike, "key "+c.PublicKeyAlgorithm.String())
	} else if key.N.BitLen() < 2048 {
		unlike = append(unlike, fmt.Sprintf("RSA %d", key.N.BitLen()))
	}
	if c.SignatureAlgorithm != x509.SHA256WithRSA {
		unlike = append(unlike, c.SignatureAlgorithm.String())
	}
	if !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageEmailProtection) {
		unlike = append(unlike, "no extended key usage emailProtection")
	}
	if len(c.CRLDistributionPoints) == 0 {
		unlike = append(unlike, "no CRL distribution point")
	}
	if len(c.OCSPServer) == 0 {
		unlike = append(unlike, "no OCSP address")
	}
	if years := c.NotAfter.Sub(c.NotBefore).Hours() / 24 / 365.25; years > 3.1 {
		unlike = append(unlike, fmt.Sprintf("valid for %.1f years", years))
	}
	if len(unlike) > 0 {
		f.Broken(where, "RSA of 2048 bits or more, sha256WithRSA, emailProtection, CRL and OCSP addresses, three years at most", strings.Join(unlike, "; "))
		return
	}
	f.Holds(where, "the profile seen in the field since 2017")
}
