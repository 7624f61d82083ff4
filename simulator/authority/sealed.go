package authority

import (
	"crypto"
	"crypto/x509"
	"errors"
	"io"
)

// Sealed is a CA whose key is elsewhere: an authority of it gives what was issued
// before and lies among its Certificates, and issues nothing. It is for the
// process of one provider in a world that several processes play.
func Sealed(certificate *x509.Certificate) *Root {
	return &Root{Certificate: certificate, Key: sealedKey{certificate.PublicKey}}
}

// ErrSealed says that something would have to be issued and the CA's key is not
// here.
var ErrSealed = errors.New("the key of the CA is with the process that plays the authority, and what is needed here was not issued: " +
	"make the certificates of this world again (collaudo simulate certificates) from the same description")

// sealedKey knows who it is and signs nothing.
type sealedKey struct{ public crypto.PublicKey }

// Public implements crypto.Signer.
func (k sealedKey) Public() crypto.PublicKey { return k.public }

// Sign implements crypto.Signer.
func (sealedKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, ErrSealed }

// sealed tells whether the CA's key is elsewhere.
func (s *shared) sealed() bool {
	_, is := s.key.(sealedKey)
	return is
}
