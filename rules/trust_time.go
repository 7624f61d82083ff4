package rules

import (
	"crypto/x509"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/directory"
)

// trustAt returns the trust data that were in force at an instant: those seen
// last before it, or, when the harness changed something in between, those seen
// next; the first ones for an instant before all. A view of a single message
// has only one. Nil when there is none.
func (v *View) trustAt(at time.Time) *Trust {
	if len(v.Trusts) == 0 {
		return v.Trust
	}
	i := 0
	for j, t := range v.Trusts {
		if !t.Instant.After(at) {
			i = j
		}
	}
	since := v.Trusts[i].Instant
	changed := slices.ContainsFunc(v.Changes, func(c *Change) bool { return c.At.After(since) && !c.At.After(at) })
	if changed && i+1 < len(v.Trusts) {
		i++
	}
	return v.Trusts[i]
}

// recordsOf returns the entries that list a certificate by its hash; none
// without a directory.
func (t *Trust) recordsOf(c *x509.Certificate) []*directory.Record {
	if t == nil || t.Directory == nil {
		return nil
	}
	return t.Directory.RecordsOfCertificate(c)
}

// trustOf returns the trust data that were in force when a message was signed.
func (v *View) trustOf(m *Message) *Trust {
	if len(v.Trusts) < 2 || m == nil {
		return v.trustAt(time.Time{})
	}
	if at, ok := instantOf(m); ok {
		return v.trustAt(at)
	}
	if s, err := signatureOf(m); err == nil && s.HasSigningTime {
		return v.trustAt(s.SigningTime)
	}
	return v.trustAt(m.Delivered)
}

// certifiedFor is certified at the time of a submission. While news of the
// domain spread, and with damaged news of it about, the target's own word is
// taken: what it has to know then is for PEC-DIR-022 and PEC-DIR-031.
func (v *View) certifiedFor(t *Transaction, address string) bool {
	if t == nil || !v.wavers(address) {
		return v.certified(address)
	}
	for _, l := range labelledOf(t) {
		if label := l.label(address); label != "" {
			return label == labelWord(true)
		}
	}
	if trust := v.trustAt(t.Started); trust != nil && trust.Directory != nil {
		return trust.Directory.RecordOfDomain(domainOf(address)) != nil
	}
	return v.certified(address)
}

// wavers tells a domain that was not in the directory all the time.
func (v *View) wavers(address string) bool {
	domain := domainOf(address)
	for _, c := range v.Changes {
		if c.What != certificateRevoked && strings.EqualFold(c.Subject, domain) {
			return true
		}
	}
	listed := map[bool]bool{}
	for _, t := range v.Trusts {
		if t.Directory != nil {
			listed[t.Directory.RecordOfDomain(domain) != nil] = true
		}
	}
	return len(listed) > 1
}
