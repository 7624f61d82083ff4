package smime

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.mozilla.org/pkcs7"
)

// Signer makes detached signatures with one certificate. It may be used by
// several goroutines at once if its Key may.
type Signer struct {
	Certificate *x509.Certificate
	Chain       []*x509.Certificate // put beside the certificate, as given; may be empty
	Key         crypto.Signer       // RSA or ECDSA
	Digest      crypto.Hash         // 0: SHA-256. SHA-1 and MD5 exist to make signatures that must be refused
}

// Sign returns the DER of a detached CMS signature of exactly these octets,
// with the certificate and the chain inside and the signed attributes
// content-type, message-digest and signing-time = at (full seconds). The
// content must be in its canonical form already (CRLF line ends): nothing is
// changed before it is digested. Whether the key belongs to the certificate is
// not checked.
func (s *Signer) Sign(content []byte, at time.Time) (der []byte, err error) {
	return s.sign(content, at, false)
}

// Enclose is as Sign, but the content is inside: the form of a .p7m file.
func (s *Signer) Enclose(content []byte, at time.Time) (der []byte, err error) {
	return s.sign(content, at, true)
}

func (s *Signer) sign(content []byte, at time.Time, enclose bool) (der []byte, err error) {
	if s.Certificate == nil || s.Key == nil {
		return nil, errors.New("smime: expected a signer with certificate and key, one of them is missing")
	}
	hash := s.Digest
	if hash == 0 {
		hash = crypto.SHA256
	}
	digest, err := digestAlgorithm(hash)
	if err != nil {
		return nil, err
	}
	algorithm, err := valueAlgorithm(s.Key, hash)
	if err != nil {
		return nil, err
	}
	h := hash.New()
	h.Write(content)

	attributes, err := signedAttributes(h.Sum(nil), at)
	if err != nil {
		return nil, fmt.Errorf("smime: sign: %w", err)
	}
	value, err := signValue(s.Key, hash, wrap(tagSet, attributes))
	if err != nil {
		return nil, fmt.Errorf("smime: sign: %w", err)
	}
	var enclosed []byte
	if enclose {
		enclosed = wrap(tagContext0, wrap(tagOctets, content))
	}
	der, err = s.layout(digest, algorithm, enclosed, attributes, value)
	if err != nil {
		return nil, fmt.Errorf("smime: sign: %w", err)
	}
	return der, nil
}

// layout writes ContentInfo and SignedData (RFC 5652 3, 5.1) around what was
// signed, octet for octet as the library does, which would sign with the clock
// of the machine, keep a copy of the content and spend as much on reflection as
// a signature's verification costs. enclosed is the field eContent, empty for a
// detached signature.
func (s *Signer) layout(digest, algorithm, enclosed, attributes, value []byte) ([]byte, error) {
	serial, err := asn1.Marshal(s.Certificate.SerialNumber)
	if err != nil {
		return nil, err
	}
	certificates := [][]byte{s.Certificate.Raw}
	room := len(enclosed) + len(attributes) + len(value) + len(s.Certificate.Raw) + len(s.Certificate.RawIssuer) + 256
	for _, c := range s.Chain {
		certificates = append(certificates, c.Raw)
		room += len(c.Raw)
	}
	version := []byte{tagInteger, 1, 1}
	b := backwards{out: make([]byte, room), at: room}
	b.value(tagSequence, func() { // ContentInfo
		b.value(tagContext0, func() {
			b.value(tagSequence, func() { // SignedData
				b.value(tagSet, func() {
					b.value(tagSequence, func() { // SignerInfo
						b.value(tagOctets, func() { b.put(value) })
						b.put(algorithm)
						b.value(tagContext0, func() { b.put(attributes) })
						b.put(digest)
						b.value(tagSequence, func() { b.put(s.Certificate.RawIssuer, serial) })
						b.put(version)
					})
				})
				b.value(tagContext0, func() { b.put(certificates...) })
				b.value(tagSequence, func() { b.put(derData, enclosed) })
				b.value(tagSet, func() { b.put(digest) })
				b.put(version)
			})
		})
		b.put(derSignedData)
	})
	return b.out[b.at:], nil
}

// backwards writes DER from its end, so that the length of a value is known when
// its head is written: each octet is written once, whatever it stands in.
type backwards struct {
	out []byte
	at  int // of the first octet written
}

// put writes pieces before what is there, in their order.
func (b *backwards) put(pieces ...[]byte) {
	for _, piece := range slices.Backward(pieces) {
		if b.at < len(piece) { // little is left in any case: only heads are not counted beforehand
			more := make([]byte, len(piece)+len(b.out))
			copy(more[len(more)-len(b.out):], b.out)
			b.out, b.at = more, b.at+len(more)-len(b.out)
		}
		b.at -= len(piece)
		copy(b.out[b.at:], piece)
	}
}

// value writes the head of a value before what content writes.
func (b *backwards) value(identifier byte, content func()) {
	end := b.at - len(b.out)
	content()
	b.put(head(identifier, end-(b.at-len(b.out))))
}

// signedAttributes returns the three attributes in DER order: a SET OF is
// sorted (X.690 11.6), and readers differ in what they make of an unsorted one.
func signedAttributes(digest []byte, at time.Time) ([]byte, error) {
	instant, err := asn1.Marshal(at.UTC().Truncate(time.Second))
	if err != nil {
		return nil, err
	}
	attributes := [][]byte{
		wrap(tagSequence, derContentType, wrap(tagSet, derData)),
		wrap(tagSequence, derSigningTime, wrap(tagSet, instant)),
		wrap(tagSequence, derMessageDigest, wrap(tagSet, wrap(tagOctets, digest))),
	}
	slices.SortFunc(attributes, bytes.Compare)
	return bytes.Join(attributes, nil), nil
}

func signValue(key crypto.Signer, hash crypto.Hash, attributes []byte) ([]byte, error) {
	h := hash.New()
	h.Write(attributes)
	return key.Sign(rand.Reader, h.Sum(nil), hash)
}

// digestAlgorithm is the DER of the AlgorithmIdentifier of a digest.
func digestAlgorithm(hash crypto.Hash) ([]byte, error) {
	for i, d := range digests {
		if d.hash == hash && hash != crypto.SHA224 {
			return digestAlgorithms()[i], nil
		}
	}
	return nil, unsupported("expected digest SHA-256, SHA-384, SHA-512, SHA-1 or MD5, got %v", hash)
}

// AlgorithmIdentifiers in DER, of digests and of signature values. Those of
// RSA have NULL for parameters, the others have none.
var (
	digestAlgorithms = sync.OnceValue(func() [][]byte {
		all := make([][]byte, len(digests))
		for i, d := range digests {
			all[i] = wrap(tagSequence, derOf(d.oid))
		}
		return all
	})
	valueRSA   = []byte("\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01\x05\x00") // rsaEncryption
	valueECDSA = map[crypto.Hash][]byte{
		crypto.SHA1:   wrap(tagSequence, derOf(pkcs7.OIDDigestAlgorithmECDSASHA1)),
		crypto.SHA256: wrap(tagSequence, derOf(pkcs7.OIDDigestAlgorithmECDSASHA256)),
		crypto.SHA384: wrap(tagSequence, derOf(pkcs7.OIDDigestAlgorithmECDSASHA384)),
		crypto.SHA512: wrap(tagSequence, derOf(pkcs7.OIDDigestAlgorithmECDSASHA512)),
	}
)

// valueAlgorithm names the signature algorithm, in DER. For RSA it is the plain
// key algorithm with NULL parameters, which every reader knows (RFC 5754 3.2).
func valueAlgorithm(key crypto.Signer, hash crypto.Hash) ([]byte, error) {
	switch key.Public().(type) {
	case *rsa.PublicKey:
		return valueRSA, nil
	case *ecdsa.PublicKey:
		if algorithm := valueECDSA[hash]; algorithm != nil {
			return algorithm, nil
		}
	}
	return nil, unsupported("no signature algorithm for a key of type %T with digest %v", key.Public(), hash)
}
