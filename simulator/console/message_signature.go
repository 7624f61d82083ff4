package console

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // the directory of providers names certificates by it
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
)

// signatureView is the signature of a message: whether it belongs to these
// octets, and by whose certificate. Whether that certificate may be trusted is
// for the judge.
type signatureView struct {
	Valid     bool
	Error     string
	Name      string
	Addresses []string
	Issuer    string
	Serial    string
	From      time.Time
	Until     time.Time
	SHA1      string
	Key       string
	Digest    string
	SignedAt  time.Time
	Inside    int // certificates in the signature
}

// readSignature verifies the signature of a certified message; nil for a message
// that claims to bear none.
func readSignature(m *pec.Message) *signatureView {
	if m.Signed == nil || m.SignaturePart == nil {
		return nil
	}
	v := &signatureView{}
	der, err := m.SignaturePart.Decoded()
	if err != nil {
		v.Error = err.Error()
		return v
	}
	s, err := smime.Verify(m.Signed.Raw(), der)
	if v.Valid = err == nil; !v.Valid {
		v.Error = err.Error()
	}
	if s == nil {
		return v
	}
	v.Inside, v.SignedAt = len(s.Certificates), s.SigningTime
	if s.Digest != 0 {
		v.Digest = s.Digest.String()
	}
	if s.Certificate != nil {
		v.certificate(s.Certificate)
	}
	return v
}

func (v *signatureView) certificate(c *x509.Certificate) {
	v.Name, v.Addresses, v.Issuer = c.Subject.CommonName, c.EmailAddresses, c.Issuer.CommonName
	if v.Name == "" {
		v.Name = strings.Join(c.Subject.Organization, ", ")
	}
	v.Serial, v.From, v.Until = fmt.Sprintf("%x", c.SerialNumber), c.NotBefore, c.NotAfter
	v.SHA1 = fmt.Sprintf("%x", sha1.Sum(c.Raw)) //nolint:gosec // as above
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		v.Key = fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		v.Key = "ECDSA " + k.Curve.Params().Name
	}
}
