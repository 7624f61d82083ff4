package smime

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"slices"
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
	digestOID, err := oidOfDigest(hash)
	if err != nil {
		return nil, err
	}
	valueAlgorithm, err := valueAlgorithm(s.Key, hash)
	if err != nil {
		return nil, err
	}
	h := hash.New()
	h.Write(content)

	// The library signs with the clock of the machine and keeps a copy of the
	// content. So it gets neither, but a content to enclose: it lays out the
	// structure with an empty signature, then attributes and value are put in.
	var enclosed []byte
	if enclose {
		enclosed = content
	}
	signed, err := pkcs7.NewSignedData(enclosed)
	if err != nil {
		return nil, fmt.Errorf("smime: sign: %w", err)
	}
	signed.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	signed.SetEncryptionAlgorithm(valueAlgorithm.Algorithm)
	if err := signed.SignWithoutAttr(s.Certificate, blank{s.Key.Public()}, pkcs7.SignerInfoConfig{}); err != nil {
		return nil, fmt.Errorf("smime: sign: %w", err)
	}
	for _, certificate := range s.Chain {
		signed.AddCertificate(certificate)
	}
	structure := signed.GetSignedData()
	structure.DigestAlgorithmIdentifiers[0] = pkix.AlgorithmIdentifier{Algorithm: digestOID}
	info := &structure.SignerInfos[0]
	info.DigestAlgorithm = pkix.AlgorithmIdentifier{Algorithm: digestOID}
	info.DigestEncryptionAlgorithm = valueAlgorithm

	attributes, err := signedAttributes(h.Sum(nil), at)
	if err != nil {
		return nil, fmt.Errorf("smime: sign: %w", err)
	}
	info.AuthenticatedAttributes = grow(info.AuthenticatedAttributes, len(attributes))
	var set []byte
	for i, a := range attributes {
		info.AuthenticatedAttributes[i].Type = a.oid
		info.AuthenticatedAttributes[i].Value = asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: a.value}
		set = append(set, a.der...)
	}
	if info.EncryptedDigest, err = signValue(s.Key, hash, wrap(tagSet, set)); err != nil {
		return nil, fmt.Errorf("smime: sign: %w", err)
	}
	if !enclose {
		signed.Detach()
	}
	return signed.Finish()
}

// signedAttribute is one attribute and its DER.
type signedAttribute struct {
	oid   asn1.ObjectIdentifier
	value []byte
	der   []byte
}

// signedAttributes returns the three attributes in DER order: a SET OF is
// sorted (X.690 11.6), and readers differ in what they make of an unsorted one.
func signedAttributes(digest []byte, at time.Time) ([]signedAttribute, error) {
	attributes := make([]signedAttribute, 0, 3)
	for _, a := range []struct {
		oid   asn1.ObjectIdentifier
		value any
	}{
		{oidContentType, pkcs7.OIDData},
		{oidSigningTime, at.UTC().Truncate(time.Second)},
		{oidMessageDigest, digest},
	} {
		value, err := asn1.Marshal(a.value)
		if err != nil {
			return nil, err
		}
		oid, err := asn1.Marshal(a.oid)
		if err != nil {
			return nil, err
		}
		der := wrap(tagSequence, append(oid, wrap(tagSet, value)...))
		attributes = append(attributes, signedAttribute{oid: a.oid, value: value, der: der})
	}
	slices.SortFunc(attributes, func(a, b signedAttribute) int { return bytes.Compare(a.der, b.der) })
	return attributes, nil
}

func signValue(key crypto.Signer, hash crypto.Hash, attributes []byte) ([]byte, error) {
	h := hash.New()
	h.Write(attributes)
	return key.Sign(rand.Reader, h.Sum(nil), hash)
}

// grow makes room for n values of a type that the library does not export.
func grow[T any](s []T, n int) []T { return append(s, make([]T, n)...) }

// blank signs nothing: see Sign.
type blank struct{ public crypto.PublicKey }

func (b blank) Public() crypto.PublicKey { return b.public }

func (blank) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, nil }

func oidOfDigest(hash crypto.Hash) (asn1.ObjectIdentifier, error) {
	for _, d := range digests {
		if d.hash == hash && hash != crypto.SHA224 {
			return d.oid, nil
		}
	}
	return nil, unsupported("expected digest SHA-256, SHA-384, SHA-512, SHA-1 or MD5, got %v", hash)
}

// valueAlgorithm names the signature algorithm. For RSA it is the plain key
// algorithm with NULL parameters, which every reader knows (RFC 5754 3.2).
func valueAlgorithm(key crypto.Signer, hash crypto.Hash) (pkix.AlgorithmIdentifier, error) {
	switch key.Public().(type) {
	case *rsa.PublicKey:
		return pkix.AlgorithmIdentifier{Algorithm: pkcs7.OIDEncryptionAlgorithmRSA, Parameters: asn1.NullRawValue}, nil
	case *ecdsa.PublicKey:
		switch hash {
		case crypto.SHA1:
			return pkix.AlgorithmIdentifier{Algorithm: pkcs7.OIDDigestAlgorithmECDSASHA1}, nil
		case crypto.SHA256:
			return pkix.AlgorithmIdentifier{Algorithm: pkcs7.OIDDigestAlgorithmECDSASHA256}, nil
		case crypto.SHA384:
			return pkix.AlgorithmIdentifier{Algorithm: pkcs7.OIDDigestAlgorithmECDSASHA384}, nil
		case crypto.SHA512:
			return pkix.AlgorithmIdentifier{Algorithm: pkcs7.OIDDigestAlgorithmECDSASHA512}, nil
		}
	}
	return pkix.AlgorithmIdentifier{}, unsupported("no signature algorithm for a key of type %T with digest %v", key.Public(), hash)
}
