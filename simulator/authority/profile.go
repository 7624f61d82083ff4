package authority

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/smime"
)

// variant says how a certificate deviates from the lawful one. The zero value is
// the lawful one (RFC 6109 5.5).
type variant struct {
	unlisted bool                              // not in the directory
	hashOnly bool                              // of the directory record only its hash
	revoked  bool                              // on the CRL
	foreign  bool                              // issued by a CA that nobody trusts, of the same name
	orphan   bool                              // without authority key identifier
	first    bool                              // of X.509 version 1, which has no extensions
	alter    func(*x509.Certificate, Provider) // of the template
}

var (
	oidKeyUsage         = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidAlternativeName  = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidExtendedKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidEmailAddress     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
	oidEmailProtection  = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 4}
)

var variants = map[string]variant{
	lawful:      {},
	"unlisted":  {unlisted: true},
	"hash-only": {hashOnly: true},
	"renewed": {alter: func(c *x509.Certificate, _ Provider) { // valid already, and for longer than the one it follows
		c.NotBefore, c.NotAfter = c.NotBefore.Add(time.Hour), c.NotAfter.Add(time.Hour)
	}},
	"revoked": {revoked: true},
	"foreign": {foreign: true},
	"expired": {alter: func(c *x509.Certificate, _ Provider) {
		c.NotBefore, c.NotAfter = c.NotBefore.AddDate(-3, 0, 0), c.NotBefore.Add(-time.Hour)
	}},
	"other-address": {alter: func(c *x509.Certificate, p Provider) {
		c.EmailAddresses = []string{"altra-casella@" + domainOf(p.ServiceAddress)}
	}},
	"other-name": {alter: func(c *x509.Certificate, _ Provider) {
		c.Subject.Organization, c.Subject.CommonName = []string{"Altra Denominazione"}, "Posta Certificata"
	}},
	"address-in-subject": {alter: func(c *x509.Certificate, p Provider) {
		c.Subject.ExtraNames = []pkix.AttributeTypeAndValue{{Type: oidEmailAddress, Value: asn1.RawValue{
			Class: asn1.ClassUniversal, Tag: asn1.TagIA5String, Bytes: []byte(p.ServiceAddress),
		}}}
	}},
	"country-of-three-letters": {alter: func(c *x509.Certificate, _ Provider) { c.Subject.Country = []string{"ITA"} }},
	"key-usage-missing":        {alter: func(c *x509.Certificate, _ Provider) { c.KeyUsage = 0 }},
	"key-usage-not-critical": {alter: func(c *x509.Certificate, _ Provider) {
		override(c, oidKeyUsage, false, asn1.BitString{Bytes: []byte{0x80}, BitLength: 1})
	}},
	"without-digital-signature":        {alter: func(c *x509.Certificate, _ Provider) { c.KeyUsage = x509.KeyUsageContentCommitment }},
	"without-authority-key-identifier": {orphan: true},
	"without-subject-key-identifier":   {alter: func(c *x509.Certificate, _ Provider) { c.SubjectKeyId = nil }},
	"without-alternative-name":         {alter: func(c *x509.Certificate, _ Provider) { c.EmailAddresses = nil }},
	"alternative-name-critical": {alter: func(c *x509.Certificate, p Provider) {
		override(c, oidAlternativeName, true, []asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 1, Bytes: []byte(p.ServiceAddress)}})
	}},
	"basic-constraints": {alter: func(c *x509.Certificate, _ Provider) { c.BasicConstraintsValid = true }},
	"extended-key-usage-critical": {alter: func(c *x509.Certificate, _ Provider) {
		override(c, oidExtendedKeyUsage, true, []asn1.ObjectIdentifier{oidEmailProtection})
	}},
	"without-extended-key-usage": {alter: func(c *x509.Certificate, _ Provider) { c.ExtKeyUsage = nil }},
	"late": {alter: func(c *x509.Certificate, _ Provider) { // begins after the lawful one has ended
		c.NotBefore, c.NotAfter = c.NotAfter.Add(24*time.Hour), c.NotAfter.AddDate(3, 0, 0)
	}},
	"version-1": {first: true},
	"ten-years": {alter: func(c *x509.Certificate, _ Provider) { c.NotAfter = c.NotBefore.AddDate(10, 0, 0) }},
}

// Variants names what Variant can issue, in alphabetical order.
func Variants() []string {
	names := make([]string, 0, len(variants))
	for name := range variants {
		if name != lawful {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// lawful is the variant that does not deviate.
const lawful = ""

// Variant is another signer of a registered provider, with its own certificate
// on the provider's key that deviates as named, and in nothing else: but for
// "unlisted" it is in the directory. It is issued when first asked for.
func (a *Authority) Variant(serviceAddress, name string) (*smime.Signer, error) {
	return a.variant(serviceAddress, name, true)
}

func (a *Authority) variant(serviceAddress, name string, list bool) (*smime.Signer, error) {
	v, known := variants[name]
	if !known || name == lawful {
		return nil, fmt.Errorf("authority: no certificate variant %q; there are %s", name, strings.Join(Variants(), ", "))
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	r := a.find(serviceAddress, "")
	if r == nil {
		return nil, fmt.Errorf("authority: %s is no registered provider; call Register first", serviceAddress)
	}
	if s := r.variants[name]; s != nil {
		return s, nil
	}
	s, err := a.signer(a.now(), r.provider, name, r.key)
	if err != nil {
		return nil, err
	}
	if list && !v.unlisted {
		r.listed, r.since = append(r.listed, listing{s.Certificate, v.hashOnly}), a.now()
		a.touch()
	}
	if v.revoked {
		a.revoke(s.Certificate)
	}
	r.variants[name] = s
	return s, nil
}

// issue makes a certificate on the provider's key and a signer with it.
func (s *shared) issue(now time.Time, p Provider, v variant, key crypto.Signer) (*smime.Signer, error) {
	serial, err := s.serial()
	if err != nil {
		return nil, err
	}
	policyOID, err := x509.OIDFromInts(policy)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject: pkix.Name{
			Country: []string{"IT"}, Organization: []string{p.Name},
			CommonName: "Posta Certificata",
		},
		NotBefore:             now.Add(-24 * time.Hour),
		NotAfter:              now.Add(-24*time.Hour).AddDate(3, 0, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
		EmailAddresses:        []string{p.ServiceAddress},
		SubjectKeyId:          keyIdentifier(key),
		CRLDistributionPoints: []string{s.config.CRLAddress},
		Policies:              []x509.OID{policyOID},
	}
	template.OCSPServer = []string{s.config.OCSPAddress}
	if v.alter != nil {
		v.alter(template, p)
	}
	parent, issuing, err := s.issuer(now, v)
	if err != nil {
		return nil, err
	}
	certificate, err := s.sign(template, parent, key, issuing)
	if err != nil {
		return nil, err
	}
	if v.first {
		if certificate, err = versionOne(certificate, issuing); err != nil {
			return nil, err
		}
	}
	chain := s.certificate
	if v.foreign {
		chain = parent
	}
	return &smime.Signer{Certificate: certificate, Chain: []*x509.Certificate{chain}, Key: key, Digest: crypto.SHA256}, nil
}

// issuer is who signs: the CA, or a stranger with the CA's name.
func (s *shared) issuer(now time.Time, v variant) (*x509.Certificate, crypto.Signer, error) {
	switch {
	case v.foreign:
		key, err := s.config.Keys.Signing("foreign-authority")
		if err != nil {
			return nil, nil, err
		}
		c, err := s.issueRoot(now, key, s.certificate.Subject.CommonName)
		return c, key, err
	case v.orphan:
		// Package x509 copies the issuer's key identifier; without one there is none to copy.
		parent := *s.certificate
		parent.SubjectKeyId = nil
		return &parent, s.key, nil
	}
	return s.certificate, s.key, nil
}

// override puts an extension into the template in place of the one package x509
// would write.
func override(c *x509.Certificate, id asn1.ObjectIdentifier, critical bool, value any) {
	der, err := asn1.Marshal(value)
	if err != nil {
		panic("authority: a constant of the variants cannot be marshalled: " + err.Error())
	}
	c.ExtraExtensions = append(slices.Clip(c.ExtraExtensions), pkix.Extension{Id: id, Critical: critical, Value: der})
}

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return domain
}
