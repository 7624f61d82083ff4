package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/smime"
)

// Certificates keeps what an authority issues, so that a world that is started
// again issues nothing twice: who trusts its CA goes on to, and a message that
// was under way is signed with a certificate that the directory still lists. It
// has to be safe for concurrent use.
type Certificates interface {
	// Certificate gives the certificate last kept under the name, and the legal
	// instant that it was issued for. What cannot be read counts as not there.
	Certificate(name string) (c *x509.Certificate, issued time.Time, ok bool)
	// KeepCertificate puts it under the name, in place of another.
	KeepCertificate(name string, c *x509.Certificate, issued time.Time) error
}

// issuedHeader of the PEM block is the legal instant of the issue.
const issuedHeader = "Issued"

// Certificate implements Certificates.
func (f *Folder) Certificate(name string) (*x509.Certificate, time.Time, bool) {
	block, err := readPEM(filepath.Join(f.dir, "certificates", fileName(name)), "CERTIFICATE")
	if err != nil {
		return nil, time.Time{}, false
	}
	issued, err := time.Parse(time.RFC3339Nano, block.Headers[issuedHeader])
	if err != nil {
		return nil, time.Time{}, false
	}
	c, err := x509.ParseCertificate(block.Bytes)
	return c, issued, err == nil
}

// KeepCertificate implements Certificates.
func (f *Folder) KeepCertificate(name string, c *x509.Certificate, issued time.Time) error {
	return f.write(filepath.Join(f.dir, "certificates", fileName(name)), &pem.Block{
		Type: "CERTIFICATE", Bytes: c.Raw, Headers: map[string]string{issuedHeader: issued.UTC().Format(time.RFC3339Nano)},
	})
}

// kept gives a certificate of an earlier life that serves now: on this key, by
// this CA, and issued at an instant that suits the world.
func (s *shared) kept(name string, now time.Time, key crypto.Signer, issuer crypto.PublicKey) (*x509.Certificate, time.Time, bool) {
	if s.config.Certificates == nil {
		return nil, time.Time{}, false
	}
	c, issued, ok := s.config.Certificates.Certificate(name)
	if !ok || !fits(issued, now) && !s.sealed() || !sameKey(c.PublicKey, key.Public()) || !signedWith(c, issuer) {
		return nil, time.Time{}, false
	}
	return c, issued, true
}

// keep puts a certificate away for the next life.
func (s *shared) keep(name string, c *x509.Certificate, issued time.Time) error {
	if s.config.Certificates == nil {
		return nil
	}
	return s.config.Certificates.KeepCertificate(name, c, issued)
}

// signerWith signs with a certificate of the CA.
func (s *shared) signerWith(c *x509.Certificate, key crypto.Signer) *smime.Signer {
	return &smime.Signer{Certificate: c, Chain: []*x509.Certificate{s.certificate}, Key: key, Digest: crypto.SHA256}
}

// root gives the CA's own certificate: the one of an earlier life as long as it
// may speak for all names of this world and lasts for years, else a new one on
// the same key, which those who trust the old one can still follow.
func (s *shared) root(now time.Time, name string) (*x509.Certificate, error) {
	if s.config.Root != nil {
		return s.config.Root.Certificate, nil
	}
	if s.config.Certificates != nil && !s.config.Faults.On("authority-without-constraints") {
		c, _, ok := s.config.Certificates.Certificate("root")
		if ok && sameKey(c.PublicKey, s.key.Public()) && now.After(c.NotBefore) && now.AddDate(4, 0, 0).Before(c.NotAfter) && uncovered(c, s.config.Domains) == "" {
			return c, nil
		}
	}
	c, err := s.issueRoot(now, s.key, name)
	if err != nil || s.config.Faults.On("authority-without-constraints") {
		return c, err
	}
	return c, s.keep("root", c, now)
}

// uncovered names a domain that the CA may not speak for; "" when there is none.
func uncovered(c *x509.Certificate, domains []string) string {
	for _, domain := range domains {
		if !slices.ContainsFunc(c.PermittedDNSDomains, func(permitted string) bool {
			permitted = strings.TrimPrefix(permitted, ".")
			return strings.EqualFold(domain, permitted) || strings.HasSuffix(strings.ToLower(domain), "."+strings.ToLower(permitted))
		}) {
			return domain
		}
	}
	return ""
}

// mailConstraints are the name constraints for addresses of these domains. A
// domain of one label stands for all below it, which for addresses is written
// with a dot before it (RFC 5280 4.2.1.10).
func mailConstraints(domains []string) []string {
	all := slices.Clone(domains)
	for i, d := range all {
		if !strings.Contains(d, ".") {
			all[i] = "." + d
		}
	}
	return all
}

// signedWith tells whether the key's owner signed the certificate; what a
// certificate says of its issuer is not looked at.
func signedWith(c *x509.Certificate, key crypto.PublicKey) bool {
	return (&x509.Certificate{PublicKey: key, PublicKeyAlgorithm: algorithmOf(key)}).
		CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

func algorithmOf(key crypto.PublicKey) x509.PublicKeyAlgorithm {
	switch key.(type) {
	case *rsa.PublicKey:
		return x509.RSA
	case *ecdsa.PublicKey:
		return x509.ECDSA
	case ed25519.PublicKey:
		return x509.Ed25519
	}
	return x509.UnknownPublicKeyAlgorithm
}

func sameKey(a, b crypto.PublicKey) bool {
	comparable, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && comparable.Equal(b)
}
