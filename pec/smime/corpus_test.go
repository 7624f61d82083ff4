package smime

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"go.mozilla.org/pkcs7"
)

// specimen is one signature of the corpus: what this package makes of it, and
// what OpenSSL does (checked by the test with the build tag oracle).
type specimen struct {
	name    string
	content []byte
	der     []byte
	want    error // nil: verified
	differs string
	// differs says why OpenSSL decides otherwise; "" means that it refuses
	// exactly when want is an error.
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	return mustRead(name)
}

func mustRead(name string) []byte {
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		panic(err)
	}
	return b
}

func corpus(t *testing.T) []specimen {
	t.Helper()
	id, ec := rsaIdentity(), ecIdentity()
	sign := func(s Signer) []byte {
		der, err := s.Sign(content, signedAt)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	good := sign(Signer{Certificate: id.certificate, Key: id.key})
	flip := func(b []byte, at int) []byte {
		b = bytes.Clone(b)
		b[at] ^= 0x01
		return b
	}
	without := func(oid asn1.ObjectIdentifier) func([]testAttribute) []testAttribute {
		return func(all []testAttribute) []testAttribute {
			var rest []testAttribute
			for _, a := range all {
				if !a.oid.Equal(oid) {
					rest = append(rest, a)
				}
			}
			return rest
		}
	}
	twice := func(oid asn1.ObjectIdentifier) func([]testAttribute) []testAttribute {
		return func(all []testAttribute) []testAttribute {
			for _, a := range all {
				if a.oid.Equal(oid) {
					return append(all, a)
				}
			}
			return all
		}
	}
	replace := func(oid asn1.ObjectIdentifier, value []byte) func([]testAttribute) []testAttribute {
		return func(all []testAttribute) []testAttribute {
			return append(without(oid)(all), testAttribute{oid, value})
		}
	}
	foreign := read(t, "content.bin")
	const limit = "a limit of this engine; OpenSSL verifies it"
	const stricter = "OpenSSL does not check this"
	reverse := plan{sentOrder: true}
	reverseSent := plan{sentOrder: true, signSent: true}

	return []specimen{
		{name: "our RSA", content: content, der: good},
		{name: "our RSA with chain", content: content, der: sign(Signer{Certificate: id.certificate, Key: id.key, Chain: []*certificate{id.authority}})},
		{name: "our RSA SHA-1", content: content, der: sign(Signer{Certificate: id.certificate, Key: id.key, Digest: crypto.SHA1})},
		{name: "our RSA MD5", content: content, der: sign(Signer{Certificate: id.certificate, Key: id.key, Digest: crypto.MD5})},
		{name: "our RSA SHA-512", content: content, der: sign(Signer{Certificate: id.certificate, Key: id.key, Digest: crypto.SHA512})},
		{name: "our EC", content: content, der: sign(Signer{Certificate: ec.certificate, Key: ec.key})},
		{name: "built by hand", content: content, der: build(t, plan{})},
		{name: "octets after the structure", content: content, der: append(bytes.Clone(good), "junk"...)},

		{name: "OpenSSL RSA SHA-256", content: foreign, der: read(t, "rsa-sha256.p7s")},
		{name: "OpenSSL RSA SHA-1", content: foreign, der: read(t, "rsa-sha1.p7s")},
		{name: "OpenSSL RSA MD5", content: foreign, der: read(t, "rsa-md5.p7s")},
		{name: "OpenSSL RSA SHA-512", content: foreign, der: read(t, "rsa-sha512.p7s")},
		{name: "OpenSSL EC", content: foreign, der: read(t, "ec-sha256.p7s")},
		{name: "OpenSSL with chain", content: foreign, der: read(t, "rsa-chain.p7s")},
		{name: "OpenSSL streamed BER", content: foreign, der: read(t, "rsa-streamed.p7s")},
		{name: "OpenSSL CAdES", content: foreign, der: read(t, "rsa-cades.p7s")},
		{name: "OpenSSL smime", content: foreign, der: read(t, "smime-sha256.p7s")},
		{name: "OpenSSL no attributes", content: foreign, der: read(t, "rsa-no-attributes.p7s")},
		{name: "OpenSSL attached, same content", content: foreign, der: read(t, "rsa-attached.p7s")},
		{name: "OpenSSL SHA-224", content: foreign, der: read(t, "rsa-sha224.p7s"), want: ErrUnsupported, differs: limit},
		{name: "OpenSSL PSS", content: foreign, der: read(t, "rsa-pss.p7s"), want: ErrUnsupported, differs: limit},
		{name: "OpenSSL subject key identifier", content: foreign, der: read(t, "rsa-subject-key.p7s"), want: ErrUnsupported, differs: limit},
		{name: "OpenSSL two signers", content: foreign, der: read(t, "two-signers.p7s"), want: ErrSignerCount, differs: "OpenSSL verifies any number of signers"},
		{name: "OpenSSL no certificate", content: foreign, der: read(t, "rsa-no-certificate.p7s"), want: ErrNoCertificate},

		{name: "content altered", content: flip(content, 30), der: good, want: ErrMismatch},
		{name: "content cut", content: content[:len(content)-2], der: good, want: ErrMismatch},
		{name: "content longer", content: append(bytes.Clone(content), "\r\n"...), der: good, want: ErrMismatch},
		{name: "content with LF", content: bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")), der: good, want: ErrMismatch},
		{name: "indefinite lengths", content: content, der: loosen(t, good)},
		{name: "indefinite lengths, content altered", content: flip(content, 5), der: loosen(t, good), want: ErrMismatch},
		{name: "streamed, content altered", content: flip(foreign, 5), der: read(t, "rsa-streamed.p7s"), want: ErrMismatch},
		{name: "MD5, content altered", content: flip(foreign, 5), der: read(t, "rsa-md5.p7s"), want: ErrMismatch},
		{name: "EC, content altered", content: flip(content, 5), der: sign(Signer{Certificate: ec.certificate, Key: ec.key}), want: ErrMismatch},
		{name: "no attributes, content altered", content: flip(foreign, 5), der: read(t, "rsa-no-attributes.p7s"), want: ErrMismatch},
		{name: "attached, other content", content: flip(foreign, 5), der: read(t, "rsa-attached.p7s"), want: ErrMismatch},
		{name: "value altered", content: content, der: flip(good, len(good)-5), want: ErrMismatch},
		{name: "value empty", content: content, der: build(t, plan{value: func([]byte) []byte { return nil }}), want: ErrMismatch},
		{name: "key of another", content: content, der: sign(Signer{Certificate: id.certificate, Key: newIdentity(newKey(t)).key}), want: ErrMismatch},
		{name: "other certificate inside", content: content, der: build(t, plan{certificates: [][]byte{id.authority.Raw}}), want: ErrNoCertificate},
		{name: "other serial number", content: content, der: build(t, plan{serial: big.NewInt(7)}), want: ErrNoCertificate},
		{name: "no signer", content: content, der: build(t, plan{noSigner: true}), want: ErrSignerCount},
		{name: "same signer twice", content: content, der: build(t, plan{signers: 2}), want: ErrSignerCount, differs: "OpenSSL verifies any number of signers"},
		{name: "digest algorithm not declared", content: content, der: build(t, plan{digestSet: pkcs7.OIDDigestAlgorithmSHA1}), want: ErrMalformed},
		{name: "value algorithm of another key", content: content, der: build(t, plan{valueOID: pkcs7.OIDDigestAlgorithmECDSASHA256}), want: ErrMismatch},
		{name: "no message-digest", content: content, der: build(t, plan{attributes: without(oidMessageDigest)}), want: ErrMalformed},
		{name: "no content-type", content: content, der: build(t, plan{attributes: without(oidContentType)}), want: ErrMalformed},
		{name: "no signing-time", content: content, der: build(t, plan{attributes: without(oidSigningTime)})},
		{name: "two content-types", content: content, der: build(t, plan{attributes: twice(oidContentType)}), want: ErrMalformed},
		{name: "two message-digests", content: content, der: build(t, plan{attributes: twice(oidMessageDigest)}), want: ErrMalformed},
		{name: "two signing-times", content: content, der: build(t, plan{attributes: twice(oidSigningTime)}), want: ErrMalformed},
		{name: "signing-time with two values", content: content, der: build(t, plan{attributes: replace(oidSigningTime, append(marshal(signedAt), marshal(signedAt)...))}), want: ErrMalformed},
		{name: "wrong content-type", content: content, der: build(t, plan{attributes: replace(oidContentType, marshal(pkcs7.OIDSignedData))}), want: ErrMalformed, differs: stricter},
		{name: "content-type no identifier", content: content, der: build(t, plan{attributes: replace(oidContentType, marshal("data"))}), want: ErrMalformed, differs: stricter},
		{name: "wrong message-digest", content: content, der: build(t, plan{attributes: replace(oidMessageDigest, marshal(make([]byte, 32)))}), want: ErrMismatch},
		{name: "message-digest no octets", content: content, der: build(t, plan{attributes: replace(oidMessageDigest, marshal(5))}), want: ErrMalformed},
		{name: "other eContentType", content: content, der: build(t, plan{contentType: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}}), want: ErrMalformed, differs: stricter},
		{name: "unsorted, signed sorted", content: content, der: build(t, reverse), differs: "OpenSSL digests the attributes as they were sent; RFC 5652 5.4 wants them in DER order"},
		{name: "unsorted, signed as sent", content: content, der: build(t, reverseSent)},
		{name: "attached, empty", content: content, der: build(t, plan{embedded: []byte{}}), want: ErrMismatch, differs: "OpenSSL takes the content given and ignores the one inside"},
		{name: "attached, other", content: content, der: build(t, plan{embedded: []byte("other")}), want: ErrMismatch, differs: "OpenSSL takes the content given and ignores the one inside"},

		{name: "enveloped data", content: content, der: build(t, plan{outer: pkcs7.OIDEnvelopedData}), want: ErrMalformed},
		{name: "no octets", content: content, der: nil, want: ErrMalformed},
		{name: "text", content: content, der: []byte("not a signature\r\n"), want: ErrMalformed},
		{name: "base64 left on", content: content, der: []byte("MIIGIgYJKoZIhvcNAQcCoIIGEzCC"), want: ErrMalformed},
		{name: "cut", content: content, der: good[:len(good)/2], want: ErrMalformed},
		{name: "last octet missing", content: content, der: good[:len(good)-1], want: ErrMalformed},
		{name: "only a certificate", content: content, der: id.certificate.Raw, want: ErrMalformed},
	}
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	for _, c := range corpus(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			signature, err := Verify(c.content, c.der)
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if c.want == nil && (signature == nil || signature.Certificate == nil || signature.Signers != 1) {
				t.Fatalf("verified, but got %+v", signature)
			}
		})
	}
}
