package authority

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"time"

	"github.com/collaudo/collaudo/pec/smime"
)

// ownFiles are the signed files of the world, made when somebody asks for them
// and kept until what they say changes.
type ownFiles struct {
	complete signedFile
	single   map[string]signedFile // by service domain
}

type signedFile struct {
	edition int64
	der     []byte
}

func newOwnFiles() *ownFiles { return &ownFiles{single: map[string]signedFile{}} }

// DirectorySigner is who signs the complete directory: a certificate of the CA
// on a key of its own.
func (a *Authority) DirectorySigner() (*smime.Signer, error) {
	return a.shared.directorySigner(a.now())
}

func (s *shared) directorySigner(now time.Time) (*smime.Signer, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	const id = "\x00directory"
	for _, i := range s.signers[id] {
		if fits(i.at, now) {
			return i.signer, nil
		}
	}
	key, err := s.config.Keys.Transport("directory")
	if err != nil {
		return nil, err
	}
	if c, issued, ok := s.kept("directory", now, key, s.key.Public()); ok {
		made := s.signerWith(c, key)
		s.signers[id] = append(s.signers[id], issuedSigner{issued, made})
		return made, nil
	}
	serial, err := s.serial()
	if err != nil {
		return nil, err
	}
	certificate, err := s.sign(&x509.Certificate{
		SerialNumber: serial,
		Subject: pkix.Name{
			Country: []string{"IT"}, Organization: []string{"Simulatore Collaudo"}, CommonName: "Indice dei Gestori PEC",
		},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(4, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
		EmailAddresses: []string{"indice@" + Domain}, SubjectKeyId: keyIdentifier(key),
	}, s.certificate, key, s.key)
	if err != nil {
		return nil, err
	}
	if err := s.keep("directory", certificate, now); err != nil {
		return nil, err
	}
	made := s.signerWith(certificate, key)
	s.signers[id] = append(s.signers[id], issuedSigner{now, made})
	return made, nil
}

// CompleteFile is the complete directory as it is handed out: the LDIF signed
// by the central directory, PKCS#7 in DER with content and certificate (RFC 6109
// 4.5). It is signed at the instant at which the directory changed last.
func (a *Authority) CompleteFile() ([]byte, error) {
	signer, err := a.DirectorySigner()
	if err != nil {
		return nil, err
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if f := a.own.complete; f.der != nil && f.edition == a.edition {
		return f.der, nil
	}
	der, err := a.asComplete(signer, a.ldif(), a.changed)
	if err != nil {
		return nil, err
	}
	a.own.complete = signedFile{a.edition, der}
	return der, nil
}

// ProviderFile is the file that a registered provider publishes about itself,
// with all its environments, signed with the key of its PEC service. ok is false
// for a provider that is not registered.
func (a *Authority) ProviderFile(serviceDomain string) (der []byte, ok bool, err error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	main := a.find("posta-certificata@"+serviceDomain, "")
	if main == nil {
		return nil, false, nil
	}
	if f := a.own.single[serviceDomain]; f.der != nil && f.edition == a.edition {
		return f.der, true, nil
	}
	var entries []entry
	for _, r := range a.records {
		if a.mainOf(r) == main {
			entries = append(entries, a.asPublished(r, a.asListed(r, r.entry()))...)
		}
	}
	if der, err = a.asSigned(main, writeLDIF(entries), main.since); err != nil {
		return nil, true, err
	}
	a.own.single[serviceDomain] = signedFile{a.edition, der}
	return der, true, nil
}
