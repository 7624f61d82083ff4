package authority

import (
	"crypto"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/pec/smime"
)

// shared is what the registries forked from one authority have in common: the
// CA, and every certificate that it has issued. A certificate is issued once for
// all worlds that can use it.
type shared struct {
	config      Config
	key         crypto.Signer
	certificate *x509.Certificate

	mutex   sync.Mutex
	signers map[string][]issuedSigner
	servers map[string][]issuedServer
	lists   map[string]issuedList // first revocation lists of worlds, by what they revoke
}

// issuedList is a revocation list by the instant it was made for.
type issuedList struct {
	at   time.Time
	list *x509.RevocationList
}

// firstList gives the revocation list that a world begins with: one that another
// world began with a moment ago, when it revokes the same.
func (s *shared) firstList(now time.Time, revoked []x509.RevocationListEntry, make func() (*x509.RevocationList, error)) (*x509.RevocationList, error) {
	var id strings.Builder
	for _, e := range revoked {
		id.WriteString(e.SerialNumber.Text(62) + " ")
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if l, ok := s.lists[id.String()]; ok && !now.Before(l.at) && now.Sub(l.at) < 10*time.Minute {
		return l.list, nil
	}
	list, err := make()
	if err == nil {
		s.lists[id.String()] = issuedList{now, list}
	}
	return list, err
}

// issuedSigner is a signer by the instant of the world that it was made for.
type issuedSigner struct {
	at     time.Time
	signer *smime.Signer
}

type issuedServer struct {
	at          time.Time
	certificate tls.Certificate
}

// fits tells whether what was issued at one instant is good for a world that
// starts at another: valid already, and for a good while.
func fits(issued, now time.Time) bool {
	return now.After(issued.Add(-12*time.Hour)) && now.Before(issued.AddDate(0, 6, 0))
}

// Root of the CA, and the stranger of the same name.
func (s *shared) issueRoot(now time.Time, key crypto.Signer, name string) (*x509.Certificate, error) {
	serial, err := s.serial()
	if err != nil {
		return nil, err
	}
	domains := append([]string{"localhost"}, s.config.Domains...)
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
		PermittedEmailAddresses:     mailConstraints(s.config.Domains),
		PermittedIPRanges: []*net.IPNet{
			{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
			{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
		},
	}
	template = s.asConstrained(template)
	return s.sign(template, template, key, key)
}

// signer gives the signer with that certificate variant, issued at most once
// for worlds of about the same time.
func (s *shared) signer(now time.Time, p Provider, name string, key crypto.Signer) (*smime.Signer, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	id := strings.Join([]string{strings.ToLower(p.ServiceAddress), p.Name, name}, "\x00")
	for _, i := range s.signers[id] {
		if fits(i.at, now) {
			return i.signer, nil
		}
	}
	file := "signer/" + p.ServiceAddress + "/" + p.Name + "/" + name
	if c, issued, ok := s.kept(file, now, key, s.key.Public()); ok {
		made := s.signerWith(c, key)
		s.signers[id] = append(s.signers[id], issuedSigner{issued, made})
		return made, nil
	}
	made, err := s.issue(now, p, variants[name], key)
	if err != nil {
		return nil, err
	}
	if !variants[name].foreign { // that one's chain is not the CA's
		if err := s.keep(file, made.Certificate, now); err != nil {
			return nil, err
		}
	}
	s.signers[id] = append(s.signers[id], issuedSigner{now, made})
	return made, nil
}

// server gives a TLS certificate for these names; see Authority.Server and
// Authority.Untrusted.
func (s *shared) server(now time.Time, names []string, trusted bool) (tls.Certificate, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	id := strings.Join(names, "\x00") + fmt.Sprint("\x00", trusted)
	for _, i := range s.servers[id] {
		if fits(i.at, now) {
			return i.certificate, nil
		}
	}
	key, err := s.config.Keys.Transport(names[0])
	if err != nil {
		return tls.Certificate{}, err
	}
	issuing := s.key
	if !trusted {
		issuing = key
	}
	file := fmt.Sprintf("server/%s/%v", strings.Join(names, "/"), trusted)
	certificate, issued, ok := s.kept(file, now, key, issuing.Public())
	if !ok {
		issued = now
		if certificate, err = s.issueServer(now, names, key, trusted); err != nil {
			return tls.Certificate{}, err
		}
		if err := s.keep(file, certificate, issued); err != nil {
			return tls.Certificate{}, err
		}
	}
	made := tls.Certificate{Certificate: [][]byte{certificate.Raw, s.certificate.Raw}, PrivateKey: key, Leaf: certificate}
	s.servers[id] = append(s.servers[id], issuedServer{issued, made})
	return made, nil
}

// issueServer issues a server certificate, signed by the CA or by its own key.
func (s *shared) issueServer(now time.Time, names []string, key crypto.Signer, trusted bool) (*x509.Certificate, error) {
	template, err := s.serverTemplate(now, names, key)
	if err != nil {
		return nil, err
	}
	if !trusted {
		return s.sign(template, template, key, key)
	}
	return s.sign(template, s.certificate, key, s.key)
}

func (s *shared) serverTemplate(now time.Time, names []string, key crypto.Signer) (*x509.Certificate, error) {
	serial, err := s.serial()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{Country: []string{"IT"}, CommonName: names[0]},
		NotBefore:    now.Add(-24 * time.Hour),
		NotAfter:     now.AddDate(4, 0, 0),
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
	return template, nil
}

// sign issues a certificate for subject's key, signed by issuer's.
func (s *shared) sign(template, parent *x509.Certificate, subject, issuer crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(s.config.Random, template, parent, subject.Public(), issuer)
	if err != nil {
		return nil, fmt.Errorf("authority: issuing the certificate of %s: %w", template.Subject.CommonName, err)
	}
	return x509.ParseCertificate(der)
}

// serial is a positive random number of 127 bits, as RFC 5280 4.1.2.2 allows.
func (s *shared) serial() (*big.Int, error) {
	b := make([]byte, 16)
	if _, err := io.ReadFull(s.config.Random, b); err != nil {
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
