// Package authority is what the supervising body is to a simulated world: the
// CA that issues the providers' certificates (RFC 6109 5.5), its revocation
// list, and the directory of providers (RFC 6109 4.5) as LDIF.
//
// The CA is made anew with every world, like the real one name-constrained: it
// can speak for the simulated domains and for nothing else, so that trusting it
// by mistake costs little.
//
// It is not an LDAP or HTTP server and judges no certificate: readers live in
// package pec, and what the profile demands is the law's to know. On request it
// issues certificates that deviate (see Variants), which is all it knows of
// faults.
package authority

import (
	"crypto"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/pec/smime"
)

// Defaults of addresses that nobody has to serve: names of RFC 2606.
const (
	defaultCRLAddress       = "http://crl.autorita.example/pec.crl"
	defaultOCSPAddress      = "http://ocsp.autorita.example/"
	defaultDirectoryAddress = "https://indice.autorita.example/igpec.ldif.p7m"
)

// policy is the certificate policy that the supervising body's own CA states in
// the certificates of providers.
var policy = []uint64{1, 3, 76, 16, 3, 1, 1}

// Config of an authority.
type Config struct {
	Keys    KeySource
	Random  io.Reader        // serial numbers; safe for concurrent use
	Now     func() time.Time // legal time
	Domains []string         // what the name constraints permit: service domains, mail domains, host names

	CRLAddress       string // distribution point in the certificates; a name that resolves nowhere when empty
	OCSPAddress      string // of the responder in the certificates; a name that resolves nowhere when empty
	DirectoryAddress string // LDIFLocationURL of the directory's root
}

// Provider is a directory record, and what its certificate says.
type Provider struct {
	Name           string // providerName; O of the certificate
	Unit           string // providerUnit, for a secondary environment; normally empty
	ServiceAddress string // subjectAltName
	MailReceipt    string
	Domains        []string
	Description    string
	LDIFAddress    string // LDIFLocationURL of the record, left out when empty
}

// Authority is the CA, the CRL and the directory of one world. It is safe for
// concurrent use.
type Authority struct {
	config      Config
	key         crypto.Signer
	certificate *x509.Certificate

	registering sync.Mutex // one registration at a time

	mutex   sync.Mutex
	records []*record
	revoked []x509.RevocationListEntry
	crl     *x509.RevocationList // the present one, nil when another is due
	number  int64                // of the last CRL
}

// record is a provider with all that was issued to it.
type record struct {
	provider Provider
	key      crypto.Signer
	main     *smime.Signer
	listed   []*x509.Certificate // in the directory
	variants map[string]*smime.Signer
}

// New makes an authority. The certificate of the CA is valid from a day before
// now, so that a world that starts in the past of another still trusts it.
func New(c Config) (*Authority, error) {
	switch {
	case c.Keys == nil:
		return nil, errors.New("authority: expected Config.Keys, found none; pass NewPool()")
	case c.Random == nil:
		return nil, errors.New("authority: expected Config.Random, found none; pass crypto/rand.Reader")
	case c.Now == nil:
		return nil, errors.New("authority: expected Config.Now, found none; pass the world's clock")
	}
	if c.CRLAddress == "" {
		c.CRLAddress = defaultCRLAddress
	}
	if c.OCSPAddress == "" {
		c.OCSPAddress = defaultOCSPAddress
	}
	if c.DirectoryAddress == "" {
		c.DirectoryAddress = defaultDirectoryAddress
	}
	key, err := c.Keys.Signing("authority")
	if err != nil {
		return nil, err
	}
	a := &Authority{config: c, key: key}
	a.certificate, err = a.issueRoot(key, "Autorita Simulata CA PEC")
	return a, err
}

func (a *Authority) issueRoot(key crypto.Signer, name string) (*x509.Certificate, error) {
	serial, err := a.serial()
	if err != nil {
		return nil, err
	}
	now := a.config.Now()
	domains := append([]string{"localhost"}, a.config.Domains...)
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{Country: []string{"IT"}, Organization: []string{"Simulatore Collaudo"}, CommonName: name},
		NotBefore:             now.Add(-24 * time.Hour),
		NotAfter:              now.AddDate(10, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
		SubjectKeyId:          keyIdentifier(key),

		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         domains,
		PermittedEmailAddresses:     a.config.Domains,
		PermittedIPRanges: []*net.IPNet{
			{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
			{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
		},
	}
	return a.sign(template, template, key, key)
}

// Certificate is the CA's own.
func (a *Authority) Certificate() *x509.Certificate { return a.certificate }

// CertificatePEM is the CA's own, in PEM.
func (a *Authority) CertificatePEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

// Register puts the provider into the directory and issues its certificate. One
// that is registered already, just the same, gets the certificate it has: so
// worlds that follow each other can share an authority.
func (a *Authority) Register(p Provider) (*smime.Signer, error) {
	if p.Name == "" || p.ServiceAddress == "" || p.MailReceipt == "" {
		return nil, fmt.Errorf("authority: a directory record needs name, service address and mailReceipt; got %+v", p)
	}
	a.registering.Lock()
	defer a.registering.Unlock()
	a.mutex.Lock()
	known := a.find(p.ServiceAddress)
	a.mutex.Unlock()
	if known != nil {
		if !reflect.DeepEqual(known.provider, p) {
			return nil, fmt.Errorf("authority: %s is registered already, with another record; each provider has its own service address", p.ServiceAddress)
		}
		return known.main, nil
	}
	key, err := a.config.Keys.Signing("provider/" + p.ServiceAddress)
	if err != nil {
		return nil, err
	}
	r := &record{provider: p, key: key, variants: map[string]*smime.Signer{}}
	r.main, err = a.issue(r, variant{})
	if err != nil {
		return nil, err
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	r.listed = []*x509.Certificate{r.main.Certificate}
	a.records = append(a.records, r)
	return r.main, nil
}

func (a *Authority) find(serviceAddress string) *record {
	for _, r := range a.records {
		if strings.EqualFold(r.provider.ServiceAddress, serviceAddress) {
			return r
		}
	}
	return nil
}

// Server issues a TLS server certificate for host names and IP addresses. Names
// outside the name constraints are issued all the same and fail at the client.
func (a *Authority) Server(names ...string) (tls.Certificate, error) {
	if len(names) == 0 {
		return tls.Certificate{}, errors.New("authority: a server certificate needs a host name or an address; got none")
	}
	key, err := a.config.Keys.Transport(names[0])
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := a.serial()
	if err != nil {
		return tls.Certificate{}, err
	}
	now := a.config.Now()
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{Country: []string{"IT"}, CommonName: names[0]},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(3, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		SubjectKeyId: keyIdentifier(key),
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	certificate, err := a.sign(template, a.certificate, key, a.key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{certificate.Raw, a.certificate.Raw}, PrivateKey: key, Leaf: certificate}, nil
}

// sign issues a certificate for subject's key, signed by issuer's.
func (a *Authority) sign(template, parent *x509.Certificate, subject, issuer crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(a.config.Random, template, parent, subject.Public(), issuer)
	if err != nil {
		return nil, fmt.Errorf("authority: issuing the certificate of %s: %w", template.Subject.CommonName, err)
	}
	return x509.ParseCertificate(der)
}

// serial is a positive random number of 127 bits, as RFC 5280 4.1.2.2 allows.
func (a *Authority) serial() (*big.Int, error) {
	b := make([]byte, 16)
	if _, err := io.ReadFull(a.config.Random, b); err != nil {
		return nil, fmt.Errorf("authority: the source of randomness gave no serial number: %w", err)
	}
	b[0] = b[0]&0x7F | 0x40
	return new(big.Int).SetBytes(b), nil
}

// keyIdentifier is the SHA-1 of the public key, method 1 of RFC 5280 4.2.1.2.
// Package x509 fills it only for CAs.
func keyIdentifier(key crypto.Signer) []byte {
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil
	}
	digest := sha1.Sum(der)
	return digest[:]
}
