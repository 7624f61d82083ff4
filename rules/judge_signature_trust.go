package rules

import (
	"bytes"
	"crypto/x509"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/pec/smime"
)

// Who signed, by directory, CA and CRL (RFC 6109 2.2.2, 7). Trust comes from
// the directory; the path to the CA is looked at beside it.

func judgeSignerListed(v *View, m *Message, f *Findings) {
	certificate := signerOf(m)
	if certificate == nil {
		return
	}
	where := m.Where("signature part")
	records := v.trustOf(m).recordsOf(certificate)
	var names []string
	for _, r := range records {
		names = append(names, r.ProviderName)
	}
	provider := v.Provider(m)
	switch {
	case len(records) == 0:
		f.Broken(where, "a certificate that the directory lists", "the directory does not hold the SHA-1 of "+certificate.Subject.String())
	case provider != nil && !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(fold(n), fold(provider.Name)) }):
		f.Broken(where, "a certificate in the record of "+provider.Name+", which From names", "it is listed for "+shownList(names))
	default:
		f.Holds(where, "listed for "+shownList(names))
	}
}

func judgeSignerDomain(v *View, m *Message, f *Findings) {
	certificate := signerOf(m)
	if certificate == nil {
		return
	}
	records := v.trustOf(m).recordsOf(certificate)
	if len(records) == 0 {
		return // PEC-SIG-004
	}
	where := m.Where("header From")
	domain := domainOf(addressOf(m.PEC.Root.Value("From")))
	var managed []string
	for _, r := range records {
		managed = append(managed, r.ManagedDomains...)
	}
	if !slices.ContainsFunc(managed, func(d string) bool { return strings.EqualFold(d, domain) }) {
		f.Broken(where, "a domain that "+recordNames(records)+" manages: "+shownList(managed), domain)
		return
	}
	f.Holds(where, domain)
}

func recordNames(records []*directory.Record) string {
	var names []string
	for _, r := range records {
		names = append(names, r.ProviderName)
	}
	return shownList(names)
}

// signingTimes returns when the message was signed, by all that tells it: the
// signature, whose word is the signer's own, and the certification data. A
// certificate has to have been good at each of them.
func signingTimes(m *Message, s *smime.Signature) []time.Time {
	var all []time.Time
	if s.HasSigningTime {
		all = append(all, s.SigningTime)
	}
	if m.PEC.Certification != nil {
		if at, err := certifiedInstant(m.PEC.Certification); err == nil {
			all = append(all, at)
		}
	}
	if len(all) == 0 {
		all = append(all, m.Delivered)
	}
	return all
}

func judgeSignerTrust(v *View, m *Message, f *Findings) {
	s, err := signatureOf(m)
	if err != nil || s.Certificate == nil {
		return
	}
	where := m.Where("signature part")
	c, times := s.Certificate, signingTimes(m, s)
	at := times[len(times)-1]
	for _, at := range times {
		if at.Before(c.NotBefore) || at.After(c.NotAfter) {
			f.Broken(where, "a certificate that was valid when it signed, "+at.UTC().Format(time.RFC3339),
				"valid from "+c.NotBefore.Format(time.RFC3339)+" to "+c.NotAfter.Format(time.RFC3339))
			return
		}
	}
	if apart := times[0].Sub(at).Abs(); apart > dateTolerance {
		f.Warns(where, "signed at the instant of the certification data, "+legalTime(at), "signingTime "+legalTime(times[0]))
	}
	// The last list is the one to ask: it says since when a certificate is
	// revoked, also to who asks about an earlier instant.
	if v.Trust.Revoked == nil {
		f.Unable(where, "a certificate revocation list that can be read")
	} else {
		for _, entry := range v.Trust.Revoked.RevokedCertificateEntries {
			if bytes.Equal(v.Trust.Revoked.RawIssuer, c.RawIssuer) && entry.SerialNumber.Cmp(c.SerialNumber) == 0 && !entry.RevocationTime.After(at) {
				f.Broken(where, "a certificate that was not revoked when it signed, "+at.UTC().Format(time.RFC3339),
					"revoked since "+entry.RevocationTime.Format(time.RFC3339))
				return
			}
		}
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, authority := range v.trustOf(m).Authority {
		roots.AddCert(authority)
	}
	for _, other := range s.Certificates {
		between.AddCert(other)
	}
	options := x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	if _, err := c.Verify(options); err != nil {
		f.Deviates(where, "a certificate whose path builds to the CA", err.Error())
		return
	}
	f.Holds(where, "valid, not revoked, issued by "+c.Issuer.String())
}
