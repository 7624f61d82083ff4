package rules

import (
	"bytes"
	"crypto/x509"
	"errors"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/pec/smime"
)

// standing says whether a provider that receives a receipt has to believe it
// (RFC 6109 2.2.2: signature, issuer, form).
type standing int

const (
	doubtful standing = iota // the evidence or the rules do not decide
	sound                    // correctly signed by a provider of the directory
	unsound                  // not signed, altered, or signed by nobody whom the directory lists
)

// revocationKnown is how long a provider may go on with a revocation list that
// it has already.
const revocationKnown = 24 * time.Hour

// standingOf works out the standing of a receipt that arrived at an instant,
// from its octets and the trust data alone.
func (v *View) standingOf(m *Message, at time.Time) standing {
	s, err := verifiedSignature(m)
	trust := v.trustWhen(at)
	switch {
	case errors.Is(err, smime.ErrUnsupported):
		return doubtful
	case err != nil:
		return unsound
	case trust == nil || trust.Directory == nil || s.Certificate == nil:
		return doubtful
	}
	c := s.Certificate
	records := trust.Directory.RecordsOfCertificate(c)
	if len(records) == 0 {
		return unsound
	}
	if at.Before(c.NotBefore) || at.After(c.NotAfter) {
		return unsound
	}
	if revoked := v.Trust.revokedSince(c); !revoked.IsZero() && !revoked.After(at) {
		if revoked.After(at.Add(-revocationKnown)) {
			return doubtful
		}
		return unsound
	}
	from := addressOf(m.PEC.Root.Value("From"))
	if !trust.leadsTo(c, s.Certificates) || !holdsAddress(c.EmailAddresses, from) || !manage(records, domainOf(from)) {
		return doubtful // other rules say what is to be done with it
	}
	return sound
}

// revokedSince returns since when the certificate is revoked, zero when it is
// not on the list.
func (t *Trust) revokedSince(c *x509.Certificate) time.Time {
	if t.Revoked == nil || !bytes.Equal(t.Revoked.RawIssuer, c.RawIssuer) {
		return time.Time{}
	}
	for _, entry := range t.Revoked.RevokedCertificateEntries {
		if entry.SerialNumber.Cmp(c.SerialNumber) == 0 {
			return entry.RevocationTime
		}
	}
	return time.Time{}
}

// manage tells that one of the records manages the domain.
func manage(records []*directory.Record, domain string) bool {
	for _, r := range records {
		for _, managed := range r.ManagedDomains {
			if strings.EqualFold(managed, domain) {
				return true
			}
		}
	}
	return false
}
