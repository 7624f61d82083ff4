package smime

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mozilla.org/pkcs7"
)

var (
	signedAt = time.Date(2026, 3, 29, 1, 30, 15, 999, time.UTC)
	content  = []byte("Content-Type: text/plain\r\n\r\nperch\xe8 no  \r\n\r\n")
)

// identity is a key and its certificates, made once for all tests.
type identity struct {
	authority, certificate *x509.Certificate
	key                    crypto.Signer
}

var rsaIdentity = sync.OnceValue(func() identity {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return newIdentity(key)
})

var ecIdentity = sync.OnceValue(func() identity {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return newIdentity(key)
})

func newIdentity(key crypto.Signer) identity {
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	certify := func(template, parent *x509.Certificate, public crypto.PublicKey) *x509.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, template, parent, public, authorityKey)
		if err != nil {
			panic(err)
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			panic(err)
		}
		return certificate
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "CA di prova"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: signedAt.AddDate(-1, 0, 0), NotAfter: signedAt.AddDate(80, 0, 0), SubjectKeyId: []byte{1},
	}
	authority := certify(root, root, authorityKey.Public())
	leaf := &x509.Certificate{
		SerialNumber: new(big.Int).Lsh(big.NewInt(0x8F), 120), Subject: pkix.Name{Organization: []string{"Aurora PEC S.p.A."}},
		KeyUsage: x509.KeyUsageDigitalSignature, EmailAddresses: []string{"posta-certificata@gestore.aurora.example"}, SubjectKeyId: []byte{2},
		NotBefore: signedAt.AddDate(-1, 0, 0), NotAfter: signedAt.AddDate(80, 0, 0),
	}
	return identity{authority: authority, certificate: certify(leaf, authority, key.Public()), key: key}
}

// plan says how build makes a signature; the zero plan is a correct one.
type plan struct {
	attributes   func([]testAttribute) []testAttribute // changes the correct ones, before they are sorted
	sentOrder    bool                                  // send the attributes unsorted
	signSent     bool                                  // and sign them as sent
	contentType  asn1.ObjectIdentifier                 // eContentType
	embedded     []byte
	digestSet    asn1.ObjectIdentifier // in digestAlgorithms, instead of SHA-256
	valueOID     asn1.ObjectIdentifier
	serial       *big.Int
	value        func([]byte) []byte // changes the signature value
	signers      int                 // 0: one
	noSigner     bool
	certificates [][]byte // instead of the signer's
	outer        asn1.ObjectIdentifier
}

type testAttribute struct {
	oid   asn1.ObjectIdentifier
	value []byte // content of the SET
}

func (a testAttribute) der() []byte {
	return wrap(tagSequence, append(marshal(a.oid), wrap(tagSet, a.value)...))
}

func marshal(v any) []byte {
	der, err := asn1.Marshal(v)
	if err != nil {
		panic(err)
	}
	return der
}

// build writes a CMS signature of content by hand, so that it can be wrong.
func build(t *testing.T, p plan) []byte {
	t.Helper()
	id := rsaIdentity()
	digest := crypto.SHA256.New()
	digest.Write(content)
	attributes := []testAttribute{
		{oidMessageDigest, marshal(digest.Sum(nil))},
		{oidContentType, marshal(pkcs7.OIDData)},
		{oidSigningTime, marshal(signedAt)},
	}
	if p.attributes != nil {
		attributes = p.attributes(attributes)
	}
	var sent [][]byte
	for _, a := range attributes {
		sent = append(sent, a.der())
	}
	sorted := slices.Clone(sent)
	slices.SortFunc(sorted, bytes.Compare)
	signed := wrap(tagSet, bytes.Join(sorted, nil))
	if p.signSent {
		signed = wrap(tagSet, bytes.Join(sent, nil))
	}
	if !p.sentOrder {
		sent = sorted
	}
	value, err := signValue(id.key, crypto.SHA256, signed)
	if err != nil {
		t.Fatal(err)
	}
	if p.value != nil {
		value = p.value(value)
	}
	algorithm := func(oid, instead asn1.ObjectIdentifier) []byte {
		if instead != nil {
			oid = instead
		}
		return wrap(tagSequence, marshal(oid))
	}
	serial := id.certificate.SerialNumber
	if p.serial != nil {
		serial = p.serial
	}
	signer := wrap(tagSequence, slices.Concat(
		marshal(1), wrap(tagSequence, slices.Concat(id.certificate.RawIssuer, marshal(serial))),
		algorithm(pkcs7.OIDDigestAlgorithmSHA256, nil),
		wrap(tagContext0, bytes.Join(sent, nil)),
		algorithm(pkcs7.OIDEncryptionAlgorithmRSA, p.valueOID),
		marshal(value)))
	signers := bytes.Repeat(signer, max(1, p.signers))
	if p.noSigner {
		signers = nil
	}
	encapsulated := marshal(pkcs7.OIDData)
	if p.contentType != nil {
		encapsulated = marshal(p.contentType)
	}
	if p.embedded != nil {
		encapsulated = append(encapsulated, wrap(tagContext0, marshal(p.embedded))...)
	}
	certificates := id.certificate.Raw
	if p.certificates != nil {
		certificates = bytes.Join(p.certificates, nil)
	}
	outer := pkcs7.OIDSignedData
	if p.outer != nil {
		outer = p.outer
	}
	return wrap(tagSequence, append(marshal(outer), wrap(tagContext0, wrap(tagSequence, slices.Concat(
		marshal(1), wrap(tagSet, algorithm(pkcs7.OIDDigestAlgorithmSHA256, p.digestSet)), wrap(tagSequence, encapsulated),
		wrap(tagContext0, certificates), wrap(tagSet, signers))))...))
}

// loosen writes the outer values with indefinite lengths (BER), down to
// signerInfos; certificates and attributes stay as they are.
func loosen(t *testing.T, der []byte) []byte {
	t.Helper()
	root, err := scan(der)
	if err != nil {
		t.Fatal(err)
	}
	var write func(n *node, depth int) []byte
	write = func(n *node, depth int) []byte {
		if n.identifier&constructed == 0 || len(n.children) == 0 || depth > 3 {
			return n.full(der)
		}
		out := []byte{n.identifier, 0x80}
		for _, child := range n.children {
			out = append(out, write(child, depth+1)...)
		}
		return append(out, 0, 0)
	}
	return write(root, 0)
}
