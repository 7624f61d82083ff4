package smime

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	_ "crypto/md5" // to verify, so that a judge can see and refuse it
	"crypto/rsa"
	_ "crypto/sha1" // still common in the field
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"go.mozilla.org/pkcs7"
)

// Verify checks that der is a signature of exactly these octets by exactly one
// signer whose certificate is inside. Nothing is said about trust, nor about
// the validity of the certificate at any instant.
//
// A signature without signed attributes is verified too (RFC 5652 5.4): see
// the Has fields. With the error there is a Signature whenever the structure
// could be read. Errors: all of this package.
func Verify(content, der []byte) (*Signature, error) { return verify(content, der, nil) }

func verify(content, der []byte, known *Certificates) (*Signature, error) {
	signature, s, err := parseWithin(der, signatureLimits(), known)
	if err != nil {
		return signature, err
	}
	if err := s.form(signature); err != nil {
		return signature, err
	}
	if !signature.Detached && !bytes.Equal(s.embedded, content) {
		return signature, fmt.Errorf("%w: the signature carries a content of its own (%d octets) that is not the one given (%d octets)",
			ErrMismatch, len(s.embedded), len(content))
	}
	// The library is asked only where this package alone would not just say yes:
	// it reads everything once more, and what one of the two accepts holds.
	err = s.check(content, signature)
	if err == nil && !signature.UnsortedAttributes {
		return signature, nil
	}
	if engine(content, s.der) == nil {
		signature.UnsortedAttributes = false
		return signature, nil
	}
	return signature, err
}

// form checks everything but digest and value.
func (s *signedData) form(signature *Signature) error {
	if signature.Signers != 1 {
		return fmt.Errorf("%w: expected one, got %d", ErrSignerCount, signature.Signers)
	}
	if err := s.readable(signature); err != nil {
		return err
	}
	if !s.contentType.Equal(pkcs7.OIDData) {
		return malformed("expected eContentType data (RFC 8551 2.4.1), got %s", s.contentType)
	}
	if !s.declares(s.first.digestOID) {
		return malformed("the signer's digest algorithm %s is not among the digestAlgorithms", s.first.digestOID)
	}
	if s.first.attributes != nil {
		return s.checkAttributes()
	}
	return nil
}

// engine asks the library. Its refusals are not final: it refuses MD5, a
// signing time outside the certificate's validity (a matter of trust), and
// everything when one certificate of several is unreadable.
func engine(content, der []byte) error {
	p7, err := pkcs7.Parse(der)
	if err != nil {
		return err
	}
	p7.Content = content
	return p7.Verify()
}

// readable refuses what neither the library nor this package can judge.
func (s *signedData) readable(signature *Signature) error {
	switch {
	case signature.BySubjectKey:
		return unsupported("the signer is named by subject key identifier")
	case signature.Digest == 0 || signature.Digest == crypto.SHA224:
		return unsupported("digest algorithm %s", s.first.digestOID)
	case !isRSA(s.first.valueOID) && !isECDSA(s.first.valueOID):
		return unsupported("signature algorithm %s", s.first.valueOID)
	case signature.Certificate == nil && s.unreadable != nil:
		return unsupported("a certificate in the signature cannot be read: %v", s.unreadable)
	case signature.Certificate == nil:
		return fmt.Errorf("%w: issuer and serial number %s name none of the %d certificates inside",
			ErrNoCertificate, s.first.serial, len(signature.Certificates))
	}
	switch key := signature.Certificate.PublicKey.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() < 1024 {
			return unsupported("an RSA key of %d bits", key.N.BitLen())
		}
	case *ecdsa.PublicKey:
	default:
		return unsupported("a public key of type %s", signature.Certificate.PublicKeyAlgorithm)
	}
	return nil
}

// checkAttributes keeps RFC 5652 5.3 and 11: content-type and message-digest
// exactly once with one value, signing-time at most once. The library checks
// neither the number nor the content type.
func (s *signedData) checkAttributes() error {
	for _, rule := range []struct {
		name     string
		oid      []byte
		required bool
	}{
		{"content-type", derContentType, true},
		{"message-digest", derMessageDigest, true},
		{"signing-time", derSigningTime, false},
	} {
		sets := s.attribute(rule.oid)
		switch {
		case len(sets) == 0 && rule.required:
			return malformed("the signed attributes have no %s", rule.name)
		case len(sets) > 1:
			return malformed("the signed attributes have %s %d times", rule.name, len(sets))
		case len(sets) == 1 && len(sets[0].children) != 1:
			return malformed("the signed attribute %s has %d values", rule.name, len(sets[0].children))
		}
	}
	value := s.attribute(derContentType)[0].children[0]
	if oid, err := s.oid(value); err != nil {
		return err
	} else if !oid.Equal(pkcs7.OIDData) {
		return malformed("expected the content-type attribute to be data, got %s", oid)
	}
	if digest := s.attribute(derMessageDigest)[0].children[0]; digest.identifier&^constructed != tagOctets {
		return malformed("expected the message-digest attribute as octets")
	}
	return nil
}

// check verifies digest and value without the library.
func (s *signedData) check(content []byte, signature *Signature) error {
	if s.first.attributes == nil {
		return s.checkValue(content, signature)
	}
	h := signature.Digest.New()
	h.Write(content)
	said := s.octets(s.attribute(derMessageDigest)[0].children[0], nil)
	signature.ContentDigest = h.Sum(nil)
	if !bytes.Equal(said, signature.ContentDigest) {
		return fmt.Errorf("%w: the content was altered: its digest is %x, the signature says %x", ErrMismatch, signature.ContentDigest, said)
	}
	var attributes [][]byte
	for _, a := range s.first.attributes.children {
		attributes = append(attributes, a.encode(s.der))
	}
	sent := wrap(tagSet, bytes.Join(attributes, nil))
	slices.SortFunc(attributes, bytes.Compare)
	sorted := wrap(tagSet, bytes.Join(attributes, nil))
	err := s.checkValue(sorted, signature)
	if err != nil && !bytes.Equal(sent, sorted) && s.checkValue(sent, signature) == nil {
		signature.UnsortedAttributes = true
		return nil
	}
	return err
}

func (s *signedData) checkValue(signed []byte, signature *Signature) error {
	h := signature.Digest.New()
	h.Write(signed)
	digest := h.Sum(nil)
	err := errors.New("the signature algorithm does not fit the certificate's key")
	switch key := signature.Certificate.PublicKey.(type) {
	case *rsa.PublicKey:
		if isRSA(s.first.valueOID) {
			err = rsa.VerifyPKCS1v15(key, signature.Digest, digest, s.first.value)
		}
	case *ecdsa.PublicKey:
		if isECDSA(s.first.valueOID) {
			if err = nil; !ecdsa.VerifyASN1(key, digest, s.first.value) {
				err = errors.New("ecdsa: verification error")
			}
		}
	}
	if err != nil {
		return fmt.Errorf("%w: the signature value does not belong to the certificate's key: %w", ErrMismatch, err)
	}
	return nil
}

// isRSA knows RSA with PKCS #1 v1.5 padding; PSS is another algorithm.
func isRSA(oid asn1.ObjectIdentifier) bool {
	return slices.ContainsFunc([]asn1.ObjectIdentifier{
		pkcs7.OIDEncryptionAlgorithmRSA,
		{1, 2, 840, 113549, 1, 1, 4}, // md5WithRSAEncryption
		pkcs7.OIDEncryptionAlgorithmRSASHA1,
		pkcs7.OIDEncryptionAlgorithmRSASHA256,
		pkcs7.OIDEncryptionAlgorithmRSASHA384,
		pkcs7.OIDEncryptionAlgorithmRSASHA512,
	}, oid.Equal)
}

func isECDSA(oid asn1.ObjectIdentifier) bool {
	return slices.ContainsFunc([]asn1.ObjectIdentifier{
		{1, 2, 840, 10045, 2, 1}, // id-ecPublicKey, used by some signers
		pkcs7.OIDDigestAlgorithmECDSASHA1,
		pkcs7.OIDDigestAlgorithmECDSASHA256,
		pkcs7.OIDDigestAlgorithmECDSASHA384,
		pkcs7.OIDDigestAlgorithmECDSASHA512,
	}, oid.Equal)
}
