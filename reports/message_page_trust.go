package reports

import (
	"crypto/x509"
	"slices"
	"sync"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// trusts reads the trust data of a run, each once: scenarios share them.
type trusts struct {
	mu    sync.Mutex
	read  map[string]*rules.Trust // by the hashes of CA and revocation list
	paths map[leaf][]*x509.Certificate
}

// leaf is a certificate whose path to an authority was looked for.
type leaf struct {
	certificate string // its octets
	trust       *rules.Trust
}

// path returns a path from a certificate to an authority that holds at an
// instant. One that was found before is taken again where all of it is valid at
// that instant too: nothing else about a path depends on time.
func (t *trusts) path(c *x509.Certificate, between *x509.CertPool, trust *rules.Trust, at time.Time) ([]*x509.Certificate, error) {
	key := leaf{string(c.Raw), trust}
	t.mu.Lock()
	known := t.paths[key]
	t.mu.Unlock()
	if len(known) > 0 && !slices.ContainsFunc(known, func(c *x509.Certificate) bool { return at.Before(c.NotBefore) || at.After(c.NotAfter) }) {
		return known, nil
	}
	roots := x509.NewCertPool()
	for _, authority := range trust.Authority {
		roots.AddCert(authority)
	}
	paths, err := c.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.paths == nil {
		t.paths = map[leaf][]*x509.Certificate{}
	}
	t.paths[key] = paths[0]
	return paths[0], nil
}

// of returns the trust data of a scenario that were in force at an instant, as
// the judges choose them (rules.View), and the last ones, whose revocation list
// is the one to ask. Both are nil where the scenario has none.
func (t *trusts) of(c *evidence.Case, at time.Time) (then, last *rules.Trust, err error) {
	if c == nil || len(c.Trust) == 0 {
		return nil, nil, nil
	}
	i := 0
	for j := range c.Trust {
		if !c.Trust[j].Instant.After(at) {
			i = j
		}
	}
	changed := slices.ContainsFunc(c.DirectoryChanges, func(d evidence.DirectoryChange) bool {
		return d.At.After(c.Trust[i].Instant) && !d.At.After(at)
	})
	if changed && i+1 < len(c.Trust) {
		i++
	}
	if then, err = t.open(c, c.Trust[i]); err != nil {
		return nil, nil, err
	}
	if last, err = t.open(c, c.Trust[len(c.Trust)-1]); err != nil {
		return nil, nil, err
	}
	return then, last, nil
}

func (t *trusts) open(c *evidence.Case, seen evidence.Trust) (*rules.Trust, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := seen.Authority + " " + seen.Revoked
	if known := t.read[key]; known != nil {
		return known, nil
	}
	authority, err := c.Blob(seen.Authority)
	if err != nil {
		return nil, err
	}
	revoked, err := c.Blob(seen.Revoked)
	if err != nil {
		return nil, err
	}
	if t.read == nil {
		t.read = map[string]*rules.Trust{}
	}
	t.read[key] = rules.NewTrust(authority, revoked, nil)
	return t.read[key], nil
}
