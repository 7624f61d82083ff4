package smime

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"testing"

	"go.mozilla.org/pkcs7"
)

// The structure around a signature is written here octet for octet as the
// library writes it, which is given the same attributes and the same value.
func TestLayoutIsTheLibrarys(t *testing.T) {
	t.Parallel()
	rsaID, ecID := rsaIdentity(), ecIdentity()
	long := bytes.Repeat([]byte("perché no\r\n"), 20_000)
	for name, test := range map[string]struct {
		signer  Signer
		content []byte
		enclose bool
	}{
		"RSA":                {Signer{Certificate: rsaID.certificate, Key: rsaID.key}, content, false},
		"RSA, chain":         {Signer{Certificate: rsaID.certificate, Chain: []*x509.Certificate{rsaID.authority}, Key: rsaID.key}, content, false},
		"RSA, SHA-512":       {Signer{Certificate: rsaID.certificate, Key: rsaID.key, Digest: crypto.SHA512}, content, false},
		"RSA, MD5":           {Signer{Certificate: rsaID.certificate, Key: rsaID.key, Digest: crypto.MD5}, content, false},
		"RSA, enclosed":      {Signer{Certificate: rsaID.certificate, Key: rsaID.key}, content, true},
		"RSA, much enclosed": {Signer{Certificate: rsaID.certificate, Key: rsaID.key}, long, true},
		"EC":                 {Signer{Certificate: ecID.certificate, Key: ecID.key}, content, false},
		"EC, SHA-384":        {Signer{Certificate: ecID.certificate, Key: ecID.key, Digest: crypto.SHA384}, content, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sign := test.signer.Sign
			if test.enclose {
				sign = test.signer.Enclose
			}
			der, err := sign(test.content, signedAt)
			if err != nil {
				t.Fatal(err)
			}
			if want := libraryLayout(t, test.signer, der, test.content, test.enclose); !bytes.Equal(der, want) {
				t.Errorf("got  %x\nwant %x", der, want)
			}
		})
	}
}

// libraryLayout has the library lay out a signature with the attributes and the
// value of der.
func libraryLayout(t *testing.T, s Signer, der, content []byte, enclose bool) []byte {
	t.Helper()
	_, read, err := parseWithin(der, enclosedLimits(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !enclose {
		content = nil
	}
	signed, err := pkcs7.NewSignedData(content)
	if err != nil {
		t.Fatal(err)
	}
	hash := s.Digest
	if hash == 0 {
		hash = crypto.SHA256
	}
	digest := digests[slices.IndexFunc(digests, func(d digest) bool { return d.hash == hash })].oid
	algorithm := pkix.AlgorithmIdentifier{Algorithm: pkcs7.OIDEncryptionAlgorithmRSA, Parameters: asn1.NullRawValue}
	if _, is := s.Key.(*ecdsa.PrivateKey); is {
		algorithm = pkix.AlgorithmIdentifier{Algorithm: map[crypto.Hash]asn1.ObjectIdentifier{
			crypto.SHA256: pkcs7.OIDDigestAlgorithmECDSASHA256, crypto.SHA384: pkcs7.OIDDigestAlgorithmECDSASHA384,
		}[hash]}
	}
	signed.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	signed.SetEncryptionAlgorithm(algorithm.Algorithm)
	if err := signed.SignWithoutAttr(s.Certificate, s.Key, pkcs7.SignerInfoConfig{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range s.Chain {
		signed.AddCertificate(c)
	}
	structure := signed.GetSignedData()
	structure.DigestAlgorithmIdentifiers[0].Algorithm = digest
	info := &structure.SignerInfos[0]
	info.DigestAlgorithm.Algorithm, info.DigestEncryptionAlgorithm, info.EncryptedDigest = digest, algorithm, read.first.value
	info.AuthenticatedAttributes = room(info.AuthenticatedAttributes, len(read.first.attributes.children))
	for i, a := range read.first.attributes.children {
		if info.AuthenticatedAttributes[i].Type, err = read.oid(a.children[0]); err != nil {
			t.Fatal(err)
		}
		info.AuthenticatedAttributes[i].Value = asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: a.children[1].bytes(read.der)}
	}
	if !enclose {
		signed.Detach()
	}
	laid, err := signed.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return laid
}

// room makes room for n values of a type that the library does not export.
func room[T any](s []T, n int) []T { return append(s, make([]T, n)...) }

func TestIdentifiers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		oid asn1.ObjectIdentifier
		der []byte
	}{
		{oidContentType, derContentType},
		{oidMessageDigest, derMessageDigest},
		{oidSigningTime, derSigningTime},
		{pkcs7.OIDData, derData},
		{pkcs7.OIDSignedData, derSignedData},
	} {
		if want := derOf(test.oid); !bytes.Equal(test.der, want) {
			t.Errorf("%s: %x, want %x", test.oid, test.der, want)
		}
	}
}

func TestWrapLengths(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 127, 128, 255, 256, 65535, 65536, 1<<24 - 1, 1 << 24} {
		content := make([]byte, n)
		want, err := asn1.Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		if got := wrap(tagOctets, content[:n/2], content[n/2:]); !bytes.Equal(got, want) {
			t.Errorf("%d octets: begins with %x, want %x", n, got[:min(len(got), 8)], want[:min(len(want), 8)])
		}
	}
}

// What is remembered is the certificate and never that a signature holds.
func TestCertificatesRemembered(t *testing.T) {
	t.Parallel()
	id := rsaIdentity()
	der, err := (&Signer{Certificate: id.certificate, Chain: []*x509.Certificate{id.authority}, Key: id.key}).Sign(content, signedAt)
	if err != nil {
		t.Fatal(err)
	}
	var known Certificates
	first, err := known.Verify(content, der)
	if err != nil {
		t.Fatal(err)
	}
	again, err := known.Verify(content, der)
	if err != nil || first.Certificate != again.Certificate || len(again.Certificates) != 2 || !again.Certificate.Equal(id.certificate) {
		t.Errorf("the second time: %v, same certificate %t, %d certificates", err, first.Certificate == again.Certificate, len(again.Certificates))
	}
	if _, err := known.Verify(append([]byte("x"), content...), der); err == nil {
		t.Error("an altered content passed with a known certificate")
	}
	other, err := (&Signer{Certificate: id.certificate, Key: newKey(t)}).Sign(content, signedAt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := known.Verify(content, other); err == nil {
		t.Error("a signature by another key passed with a known certificate")
	}
	for range 3 * certificatesKept {
		if _, err := known.certificate(freshCertificate(t, id)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(known.read); n > certificatesKept {
		t.Errorf("%d certificates are remembered, more than %d", n, certificatesKept)
	}
}

func freshCertificate(t *testing.T, id identity) []byte {
	t.Helper()
	der := bytes.Clone(id.certificate.Raw)
	if _, err := rand.Read(der[len(der)-8:]); err != nil { // another signature value: another certificate
		t.Fatal(err)
	}
	return der
}
