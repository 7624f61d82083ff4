package provider

import (
	"crypto/sha256"
	"crypto/x509"
	"sync"
	"time"
)

// paths remembers what was found of certificates and those that came with them:
// peers sign with few, and each of their messages asks again. Neither the
// authorities nor the instant that is asked about change what was found.
type paths struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]bool
}

// mostPaths bounds what is remembered: strangers may come with any certificate.
const mostPaths = 1024

// of returns what is known under the key, or finds it out.
func (p *paths) of(key [sha256.Size]byte, find func() bool) bool {
	p.mu.Lock()
	holds, known := p.known[key]
	p.mu.Unlock()
	if known {
		return holds
	}
	holds = find()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil || len(p.known) >= mostPaths {
		p.known = map[[sha256.Size]byte]bool{}
	}
	p.known[key] = holds
	return holds
}

// pathKey tells one question from another: the certificate of the CA, the
// certificate, and those that came with it, each in DER, which says its own
// length.
func pathKey(root, c *x509.Certificate, intermediates []*x509.Certificate) (key [sha256.Size]byte) {
	h := sha256.New()
	h.Write(root.Raw)
	h.Write(c.Raw)
	for _, i := range intermediates {
		h.Write(i.Raw)
	}
	h.Sum(key[:0])
	return key
}

// chains tells whether the certificate was issued by the CA.
func (t *trust) chains(c *x509.Certificate, intermediates []*x509.Certificate) bool {
	root := t.c.Trust.Certificate()
	return t.paths.of(pathKey(root, c, intermediates), func() bool { return t.chain(root, c, intermediates) })
}

// chain builds the path. The instant is one at which the certificate is valid:
// validity is a check of its own.
func (t *trust) chain(root, c *x509.Certificate, intermediates []*x509.Certificate) bool {
	pool := x509.NewCertPool()
	for _, i := range intermediates {
		pool.AddCert(i)
	}
	at := c.NotBefore.Add(c.NotAfter.Sub(c.NotBefore) / 2)
	if at.Before(root.NotBefore) || at.After(root.NotAfter) {
		at = root.NotBefore.Add(time.Second)
		if at.Before(c.NotBefore) || at.After(c.NotAfter) {
			return c.CheckSignatureFrom(root) == nil // the two were never valid together
		}
	}
	_, err := c.Verify(x509.VerifyOptions{
		Roots: t.roots, Intermediates: pool, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return err == nil
}
