package authority

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"path/filepath"
	"time"
)

// Share gives what is asked of it from a folder, and puts it into another one: so
// a folder comes to hold the keys and certificates of one host and no others.
type Share struct {
	From, To *Folder
}

// Signing implements KeySource.
func (s Share) Signing(name string) (crypto.Signer, error) {
	return s.key("signing/"+name, s.From.Signing, name)
}

// Transport implements KeySource.
func (s Share) Transport(name string) (crypto.Signer, error) {
	return s.key("transport/"+name, s.From.Transport, name)
}

func (s Share) key(file string, give func(string) (crypto.Signer, error), name string) (crypto.Signer, error) {
	key, err := give(name)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, s.To.write(filepath.Join(s.To.dir, "keys", fileName(file)), &pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// Certificate implements Certificates.
func (s Share) Certificate(name string) (*x509.Certificate, time.Time, bool) {
	c, issued, ok := s.From.Certificate(name)
	if ok {
		ok = s.To.KeepCertificate(name, c, issued) == nil
	}
	return c, issued, ok
}

// KeepCertificate implements Certificates.
func (s Share) KeepCertificate(name string, c *x509.Certificate, issued time.Time) error {
	if err := s.From.KeepCertificate(name, c, issued); err != nil {
		return err
	}
	return s.To.KeepCertificate(name, c, issued)
}
