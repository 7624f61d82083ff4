package provider

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"sync"
	"time"

	"github.com/collaudo/collaudo/pec/directory"
)

// TrustSource is where a provider gets what it trusts from: the authority.
type TrustSource interface {
	Certificate() *x509.Certificate                // of the CA
	RevocationList() (*x509.RevocationList, error) // in force now
	DirectoryLDIF() ([]byte, error)                // in force now
}

// trust is the provider's own copy of the directory and of the CRL. It asks
// its source every time and reads again only what has changed.
type trust struct {
	source TrustSource
	roots  *x509.CertPool

	mu     sync.Mutex
	ldif   []byte
	parsed *directory.Directory
}

func newTrust(source TrustSource) (*trust, error) {
	t := &trust{source: source, roots: x509.NewCertPool()}
	t.roots.AddCert(source.Certificate())
	_, err := t.directory()
	return t, err
}

// directory returns the directory in force. When the source fails the last one
// read stays in force.
func (t *trust) directory() (*directory.Directory, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	ldif, err := t.source.DirectoryLDIF()
	if err == nil && bytes.Equal(ldif, t.ldif) && t.parsed != nil {
		return t.parsed, nil
	}
	var fresh *directory.Directory
	if err == nil {
		fresh, err = directory.ReadLDIF(bytes.NewReader(ldif))
	}
	if err != nil {
		if t.parsed != nil {
			return t.parsed, nil
		}
		return nil, fmt.Errorf("read the providers directory: %w", err)
	}
	t.ldif, t.parsed = ldif, fresh
	return fresh, nil
}

// record returns the directory record that manages the domain, or nil.
func (t *trust) record(domain string) *directory.Record {
	d, err := t.directory()
	if err != nil {
		return nil
	}
	return d.RecordOfDomain(domain)
}

// signers returns the records that list the certificate.
func (t *trust) signers(c *x509.Certificate) []*directory.Record {
	d, err := t.directory()
	if err != nil {
		return nil
	}
	return d.RecordsOfCertificate(c)
}

// revoked tells whether the certificate is on the CRL. Without a CRL nothing
// can be trusted, so everything counts as revoked.
func (t *trust) revoked(c *x509.Certificate) bool {
	list, err := t.source.RevocationList()
	if err != nil {
		return true
	}
	for _, entry := range list.RevokedCertificateEntries {
		if entry.SerialNumber.Cmp(c.SerialNumber) == 0 {
			return true
		}
	}
	return false
}

// chains tells whether the certificate was issued by the CA. The instant is
// one at which the certificate is valid: validity is a check of its own.
func (t *trust) chains(c *x509.Certificate, intermediates []*x509.Certificate) bool {
	pool := x509.NewCertPool()
	for _, i := range intermediates {
		pool.AddCert(i)
	}
	at := c.NotBefore.Add(c.NotAfter.Sub(c.NotBefore) / 2)
	if root := t.source.Certificate(); at.Before(root.NotBefore) || at.After(root.NotAfter) {
		at = root.NotBefore.Add(time.Second)
		if at.Before(c.NotBefore) || at.After(c.NotAfter) {
			at = c.NotBefore
		}
	}
	_, err := c.Verify(x509.VerifyOptions{
		Roots: t.roots, Intermediates: pool, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return err == nil
}
