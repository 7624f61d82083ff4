package reports

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/rules"
)

// signatureFacts is what can be said of a signature: who made it, whether it
// fits, and what the CA and the revocation list of the run say of the signer.
type signatureFacts struct {
	Fits    string // in words
	Tone    string // good, bad or unknown
	Detail  string // of what does not fit, in English
	Facts   factList
	Chain   []certificateFacts
	Instant string // for which the chain was looked at
	Path    string // in words: does a path build to the CA of the run
	Why     string // why not, in English
	Revoked string // in words
}

// certificateFacts is one certificate of a chain, signer first.
type certificateFacts struct {
	Whose string
	Facts factList
}

// maxSignature bounds a signature that is taken apart, in encoded octets.
const maxSignature = 4 << 20

// signature shows the signature of a message; nil when it has none.
func (m *messagePages) signature(p *messagePage, read *pec.Message, first sighting) *signatureFacts {
	if read.SignaturePart == nil || read.Signed == nil {
		return nil
	}
	f := &signatureFacts{Tone: "unknown", Fits: p.T("signature.unread")}
	if len(read.SignaturePart.Body()) > maxSignature {
		f.Detail = "the signature is longer than " + sizeWords(maxSignature)
		return f
	}
	der, err := read.SignaturePart.Decoded()
	if err != nil {
		f.Detail = value(err.Error())
		return f
	}
	s, err := m.certificates.Verify(read.Signed.Raw(), der)
	if s == nil {
		f.Detail = value(reason(err))
		return f
	}
	switch {
	case err == nil:
		f.Tone, f.Fits = "good", p.T("signature.fits")
	case errors.Is(err, smime.ErrMismatch):
		f.Tone, f.Fits, f.Detail = "bad", p.T("signature.broken"), value(reason(err))
	default:
		f.Fits, f.Detail = p.T("signature.unverified"), value(reason(err))
	}
	f.Facts = append(f.Facts, fact{p.T("digest"), s.Digest.String()})
	if s.HasSigningTime {
		f.Facts = append(f.Facts, fact{"signingTime", legal(s.SigningTime)})
	}
	if s.Certificate != nil {
		m.chain(p, f, s, signedAt(read, s, first.When), first)
	}
	return f
}

// signedAt is the instant for which the trust in a signer is looked at: that of
// the certification data, or else that of the signature, or when it was seen.
func signedAt(read *pec.Message, s *smime.Signature, seen time.Time) time.Time {
	if read.Certification != nil {
		if at, err := read.Certification.Instant(); err == nil {
			return at
		}
	}
	if s.HasSigningTime {
		return s.SigningTime
	}
	return seen
}

// chain shows the signer's certificate, what was sent with it, and the CA of
// the run that a path leads to.
func (m *messagePages) chain(p *messagePage, f *signatureFacts, s *smime.Signature, at time.Time, first sighting) {
	f.Instant = legal(at)
	f.Chain = append(f.Chain, p.certificate("signature.signer", s.Certificate))
	between := x509.NewCertPool()
	for i, c := range s.Certificates {
		if i == maxListShown {
			break
		}
		between.AddCert(c)
		if !c.Equal(s.Certificate) {
			f.Chain = append(f.Chain, p.certificate("signature.enclosed", c))
		}
	}
	trust, last, err := m.trusts.of(first.trust, at)
	if err != nil {
		f.Path, f.Why = p.T("signature.path.unknown"), value(err.Error())
		return
	}
	if trust == nil || len(trust.Authority) == 0 {
		f.Path = p.T("signature.path.unknown")
		return
	}
	path, err := m.trusts.path(s.Certificate, between, trust, at)
	if err != nil {
		f.Path, f.Why = p.T("signature.path.broken"), value(err.Error())
	} else {
		f.Path = p.T("signature.path.builds")
		top := path[len(path)-1]
		if !slices.ContainsFunc(s.Certificates, top.Equal) {
			f.Chain = append(f.Chain, p.certificate("signature.authority", top))
		}
	}
	f.Revoked = p.revocation(last, s.Certificate)
}

// revocation says what the last revocation list of the scenario says of a
// certificate.
func (p *messagePage) revocation(last *rules.Trust, c *x509.Certificate) string {
	if last.Revoked == nil || string(last.Revoked.RawIssuer) != string(c.RawIssuer) {
		return p.T("signature.revoked.unknown")
	}
	for _, entry := range last.Revoked.RevokedCertificateEntries {
		if entry.SerialNumber.Cmp(c.SerialNumber) == 0 {
			return p.T("signature.revoked.since", legal(entry.RevocationTime))
		}
	}
	return p.T("signature.revoked.not")
}

// certificate shows one certificate.
func (p *messagePage) certificate(whose string, c *x509.Certificate) certificateFacts {
	sum := sha256.Sum256(c.Raw)
	facts := factList{
		{p.T("certificate.subject"), value(c.Subject.String())},
		{p.T("certificate.issuer"), value(c.Issuer.String())},
		{p.T("certificate.serial"), hex.EncodeToString(c.SerialNumber.Bytes())},
		{p.T("certificate.valid"), legal(c.NotBefore) + " – " + legal(c.NotAfter)},
	}
	if n := len(c.EmailAddresses); n > 0 {
		facts = append(facts, fact{p.T("certificate.addresses"), value(strings.Join(c.EmailAddresses[:min(n, maxListShown)], ", "))})
	}
	return certificateFacts{p.T(whose), append(facts, fact{p.T("certificate.key"), keyWords(c)}, fact{"SHA-256", hex.EncodeToString(sum[:])})}
}

// keyWords says of what kind a public key is.
func keyWords(c *x509.Certificate) string {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA, %d bits", key.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA, " + key.Curve.Params().Name
	}
	return c.PublicKeyAlgorithm.String()
}
