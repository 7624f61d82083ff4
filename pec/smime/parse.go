package smime

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"math/big"

	"go.mozilla.org/pkcs7"
)

var (
	oidContentType   = pkcs7.OIDAttributeContentType
	oidMessageDigest = pkcs7.OIDAttributeMessageDigest
	oidSigningTime   = pkcs7.OIDAttributeSigningTime

	// Their DER, and that of what else is compared and written often.
	derContentType   = []byte("\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x09\x03")
	derMessageDigest = []byte("\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x09\x04")
	derSigningTime   = []byte("\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x09\x05")
	derData          = []byte("\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01")
	derSignedData    = []byte("\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02")

	oidMD5    = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 5}
	oidSHA224 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 4}
)

type digest struct {
	oid  asn1.ObjectIdentifier
	hash crypto.Hash
}

// digests by the object identifier of a SignerInfo's digestAlgorithm.
var digests = []digest{
	{pkcs7.OIDDigestAlgorithmSHA256, crypto.SHA256},
	{pkcs7.OIDDigestAlgorithmSHA1, crypto.SHA1},
	{pkcs7.OIDDigestAlgorithmSHA384, crypto.SHA384},
	{pkcs7.OIDDigestAlgorithmSHA512, crypto.SHA512},
	{oidMD5, crypto.MD5},
	{oidSHA224, crypto.SHA224},
}

// signedData is the structure as it was sent; the engine keeps too little of
// it (it drops signers that it cannot read, without a word).
type signedData struct {
	der         []byte // the structure only
	contentType asn1.ObjectIdentifier
	embedded    []byte // content inside, when not detached
	digestOIDs  []asn1.ObjectIdentifier
	signers     []*node
	first       *signerInfo // nil when there is no signer
	unreadable  error       // why a certificate could not be read
	known       *Certificates
}

type signerInfo struct {
	issuer       []byte
	serial       *big.Int
	bySubjectKey bool
	digestOID    asn1.ObjectIdentifier
	valueOID     asn1.ObjectIdentifier
	attributes   *node // nil when absent
	value        []byte
}

// Parse reads the structure only: nothing is verified. The errors are
// ErrMalformed and, from Guard, ErrUnsupported.
func Parse(der []byte) (*Signature, error) {
	signature, _, err := parseWithin(der, signatureLimits(), nil)
	return signature, err
}

func parseWithin(der []byte, l limits, known *Certificates) (*Signature, *signedData, error) {
	root, err := scanWithin(der, l)
	if err != nil {
		return nil, nil, err
	}
	signature := &Signature{TrailingBytes: len(der) - root.end}
	s := &signedData{der: der[:root.end], known: known}
	sequence, err := s.inner(root)
	if err != nil {
		return nil, nil, err
	}
	if err := s.fields(sequence, signature); err != nil {
		return nil, nil, err
	}
	signature.Signers = len(s.signers)
	if len(s.signers) > 0 {
		if s.first, err = s.signer(s.signers[0]); err != nil {
			return nil, nil, err
		}
		s.describe(signature)
	}
	return signature, s, nil
}

// inner takes ContentInfo off.
func (s *signedData) inner(root *node) (*node, error) {
	if root.identifier != tagSequence || len(root.children) < 1 || root.children[0].identifier != tagOID {
		return nil, malformed("expected a CMS ContentInfo")
	}
	oid, err := s.oid(root.children[0])
	if err != nil {
		return nil, err
	}
	if !oid.Equal(pkcs7.OIDSignedData) {
		return nil, malformed("expected CMS signed data, got content type %s", oid)
	}
	if len(root.children) != 2 || root.children[1].identifier != tagContext0 || len(root.children[1].children) != 1 ||
		root.children[1].children[0].identifier != tagSequence {
		return nil, malformed("the CMS ContentInfo holds no signed data")
	}
	return root.children[1].children[0], nil
}

// fields reads SignedData (RFC 5652 5.1).
func (s *signedData) fields(sequence *node, signature *Signature) error {
	c := sequence.children
	if len(c) < 4 || c[0].identifier != tagInteger || c[1].identifier != tagSet || c[2].identifier != tagSequence {
		return malformed("expected version, digestAlgorithms, encapContentInfo and signerInfos")
	}
	for _, algorithm := range c[1].children {
		oid, err := s.algorithm(algorithm)
		if err != nil {
			return err
		}
		s.digestOIDs = append(s.digestOIDs, oid)
	}
	if err := s.encapsulated(c[2], signature); err != nil {
		return err
	}
	rest := c[3:]
	if rest[0].identifier == tagContext0 {
		for _, certificate := range rest[0].children {
			s.certificate(certificate, signature)
		}
		rest = rest[1:]
	}
	if len(rest) > 0 && rest[0].identifier == tagContext1 {
		rest = rest[1:]
	}
	if len(rest) != 1 || rest[0].identifier != tagSet {
		return malformed("expected signerInfos at the end of the signed data")
	}
	s.signers = rest[0].children
	return nil
}

func (s *signedData) encapsulated(n *node, signature *Signature) error {
	if len(n.children) < 1 || len(n.children) > 2 {
		return malformed("expected encapContentInfo with one or two fields, got %d", len(n.children))
	}
	var err error
	if s.contentType, err = s.oid(n.children[0]); err != nil {
		return err
	}
	signature.Detached = len(n.children) == 1
	if signature.Detached {
		return nil
	}
	wrapper := n.children[1]
	if wrapper.identifier != tagContext0 || len(wrapper.children) > 1 {
		return malformed("expected eContent in one explicit field")
	}
	for _, content := range wrapper.children {
		s.embedded = s.octets(content, s.embedded)
	}
	return nil
}

// certificate keeps what can be read. One that cannot is no error yet: it may
// not be the signer's.
func (s *signedData) certificate(n *node, signature *Signature) {
	if n.identifier != tagSequence {
		return // an attribute certificate or another obsolete choice
	}
	certificate, err := s.known.certificate(n.full(s.der))
	if err != nil {
		s.unreadable = err
		return
	}
	signature.Certificates = append(signature.Certificates, certificate)
}

// signer reads SignerInfo (RFC 5652 5.3).
func (s *signedData) signer(n *node) (*signerInfo, error) {
	c := n.children
	if n.identifier != tagSequence || len(c) < 5 || c[0].identifier != tagInteger {
		return nil, malformed("expected a SignerInfo")
	}
	info := &signerInfo{}
	switch sid := c[1]; {
	case sid.identifier == tagSequence && len(sid.children) == 2 && sid.children[1].identifier == tagInteger:
		info.issuer = sid.children[0].full(s.der)
		info.serial = integer(sid.children[1].bytes(s.der))
	case sid.identifier == tagPrimitive0 || sid.identifier == tagContext0:
		info.bySubjectKey = true
	default:
		return nil, malformed("expected issuer and serial number or a subject key identifier in SignerInfo")
	}
	var err error
	if info.digestOID, err = s.algorithm(c[2]); err != nil {
		return nil, err
	}
	c = c[3:]
	if c[0].identifier == tagContext0 {
		info.attributes = c[0]
		c = c[1:]
	}
	if len(c) < 2 {
		return nil, malformed("a SignerInfo ends before its signature")
	}
	if info.valueOID, err = s.algorithm(c[0]); err != nil {
		return nil, err
	}
	if c[1].identifier&^constructed != tagOctets {
		return nil, malformed("expected the signature value as octets")
	}
	info.value = s.octets(c[1], nil)
	if len(c) > 3 || len(c) == 3 && c[2].identifier != tagContext1 {
		return nil, malformed("a SignerInfo goes on after its signature")
	}
	return info, nil
}

// describe fills the signature with what its first signer says.
func (s *signedData) describe(signature *Signature) {
	info := s.first
	signature.BySubjectKey = info.bySubjectKey
	for _, d := range digests {
		if info.digestOID.Equal(d.oid) {
			signature.Digest = d.hash
		}
	}
	for _, certificate := range signature.Certificates {
		if !info.bySubjectKey && bytes.Equal(certificate.RawIssuer, info.issuer) && certificate.SerialNumber.Cmp(info.serial) == 0 {
			signature.Certificate = certificate
			break
		}
	}
	signature.HasContentType = len(s.attribute(derContentType)) > 0
	signature.HasMessageDigest = len(s.attribute(derMessageDigest)) > 0
	if times := s.attribute(derSigningTime); len(times) > 0 {
		signature.HasSigningTime = true
		if len(times[0].children) == 1 {
			signature.SigningTime = s.time(times[0].children[0])
		}
	}
}

// attribute returns the value sets of the signed attributes of that type, whose
// identifier is given in DER: object identifiers have one form only.
func (s *signedData) attribute(oid []byte) []*node {
	if s.first == nil || s.first.attributes == nil {
		return nil
	}
	var sets []*node
	for _, a := range s.first.attributes.children {
		if a.identifier != tagSequence || len(a.children) != 2 || a.children[1].identifier != tagSet {
			continue
		}
		if bytes.Equal(a.children[0].full(s.der), oid) {
			sets = append(sets, a.children[1])
		}
	}
	return sets
}
