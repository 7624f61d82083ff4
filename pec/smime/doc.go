// Package smime makes and checks the detached CMS signatures of multipart/signed
// (RFC 5652, RFC 8551) and those of .p7m files that have their content inside
// (Enclose, Open). go.mozilla.org/pkcs7 has a say where this package alone would
// refuse a signature, and tests hold what is made here against what it makes.
//
// It answers one question, whether this signature belongs to this content and
// to the certificate inside it, and describes what it saw. It does not decide
// trust (chain, revocation, directory, certificate profile), whether a digest
// is good enough, or what a message is; and it never blames the peer for a
// limit of its own: those are ErrUnsupported.
package smime

import (
	"crypto"
	"crypto/x509"
	"errors"
	"time"
)

// Errors to test with errors.Is; the error that wraps them tells the details.
var (
	// ErrMalformed: the octets are no CMS signed data, or break RFC 5652.
	ErrMalformed = errors.New("smime: malformed signature")
	// ErrSignerCount: there is not exactly one signer.
	ErrSignerCount = errors.New("smime: not exactly one signer")
	// ErrNoCertificate: the certificate of the signer is not inside.
	ErrNoCertificate = errors.New("smime: the signer's certificate is not included")
	// ErrMismatch: the signature does not belong to this content, or its value
	// does not belong to the certificate's key.
	ErrMismatch = errors.New("smime: the signature does not match")
	// ErrUnsupported: this engine cannot tell. It says nothing about the peer.
	ErrUnsupported = errors.New("smime: not supported by this engine")
)

// Signature is what a CMS signature says, before anybody trusts it.
type Signature struct {
	Signers      int                 // number of SignerInfos
	Certificate  *x509.Certificate   // of the first signer; nil when it is not inside or unreadable
	Certificates []*x509.Certificate // all that could be read, in order
	Digest       crypto.Hash         // of the first signer; 0 when unknown. MD5 and SHA-1 are told, not refused
	SigningTime  time.Time           // UTC; zero when absent or unreadable

	// Presence of the signed attributes of the first signer.
	HasSigningTime, HasContentType, HasMessageDigest bool

	// ContentDigest is the digest of the content by Digest, where Verify worked it
	// out: of a signature with signed attributes.
	ContentDigest []byte

	Detached      bool // no content inside
	TrailingBytes int  // octets after the CMS structure

	// BySubjectKey says that the first signer is named by its key identifier,
	// not by issuer and serial number: Verify cannot check it.
	BySubjectKey bool
	// UnsortedAttributes says that Verify found the signature value over the
	// attributes in the order in which they were sent, not in DER order (RFC
	// 5652 5.4). OpenSSL accepts that, other readers do not.
	UnsortedAttributes bool
}
