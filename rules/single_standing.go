package rules

import (
	"bytes"
	"crypto/x509"
	"slices"
	"time"
)

// Standing is what CA, revocation list and directory say of a certificate.
type Standing struct {
	Certificate *x509.Certificate

	HasDirectory bool     // a directory was at hand
	Listed       []string // providers whose entries list the certificate by its hash

	HasAuthority bool  // the CA was at hand
	Path         error // why no path builds to it; nil when one does

	HasList bool      // a revocation list of the issuer was at hand
	Revoked time.Time // since when it is revoked; zero: it is not
}

// standingOf asks the trust data about a certificate, for an instant. Names
// that the CA may not vouch for are no matter here (PEC-SIG-006).
func standingOf(c *x509.Certificate, trust *Trust, at time.Time) *Standing {
	s := &Standing{Certificate: c}
	if trust == nil {
		return s
	}
	s.HasDirectory = trust.Directory != nil
	for _, e := range trust.recordsOf(c) {
		if name := providerOf(e); !slices.Contains(s.Listed, name) {
			s.Listed = append(s.Listed, name)
		}
	}
	if s.HasAuthority = len(trust.Authority) > 0; s.HasAuthority {
		roots := x509.NewCertPool()
		for _, authority := range trust.Authority {
			roots.AddCert(authority)
		}
		_, s.Path = c.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	}
	if s.HasList = trust.Revoked != nil && bytes.Equal(trust.Revoked.RawIssuer, c.RawIssuer); s.HasList {
		for _, entry := range trust.Revoked.RevokedCertificateEntries {
			if entry.SerialNumber.Cmp(c.SerialNumber) == 0 && !entry.RevocationTime.After(at) {
				s.Revoked = entry.RevocationTime
			}
		}
	}
	return s
}
