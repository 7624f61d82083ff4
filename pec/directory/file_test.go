package directory

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"testing"
	"testing/iotest"
	"time"

	"github.com/collaudo/collaudo/pec/smime"
)

func fileSigner(t *testing.T) *smime.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "Indice"}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &smime.Signer{Certificate: c, Key: key}
}

func TestFile(t *testing.T) {
	t.Parallel()
	s, at := fileSigner(t), time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	enclose := func(content string) []byte {
		der, err := s.Enclose([]byte(content), at)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	good := enclose(sampleLDIF())
	altered := bytes.Replace(good, []byte("mailReceipt"), []byte("mailReceipT"), 1)
	detached, err := s.Sign([]byte(sampleLDIF()), at)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name                   string
		der                    []byte
		invalid                error
		readable, signed, ldif bool
	}{
		{"good", good, nil, true, true, true},
		{"altered", altered, smime.ErrMismatch, true, true, true},
		{"truncated", good[:len(good)-300], smime.ErrMalformed, false, false, false},
		{"plain LDIF", []byte(sampleLDIF()), smime.ErrMalformed, false, false, false},
		{"nothing", nil, smime.ErrMalformed, false, false, false},
		{"a signature alone", detached, smime.ErrMalformed, false, true, false},
		{"no LDIF inside", enclose("<html>"), nil, true, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := ReadFile(bytes.NewReader(c.der))
			if !errors.Is(f.Invalid, c.invalid) {
				t.Errorf("invalid: %v, want %v", f.Invalid, c.invalid)
			}
			if (f.Content != nil) != c.readable || (f.Signer != nil) != c.signed || (f.Directory != nil) != c.ldif || (f.NoLDIF == nil) != c.ldif {
				t.Errorf("content %d octets, signer %v, LDIF %v", len(f.Content), f.Signer != nil, f.NoLDIF)
			}
			if c.invalid == nil && (!f.Signature.SigningTime.Equal(at) || !f.Signer.Equal(s.Certificate)) {
				t.Errorf("signed at %v", f.Signature.SigningTime)
			}
		})
	}
	if f := ReadFile(iotest.ErrReader(errors.New("gone"))); f.Invalid == nil || f.NoLDIF == nil {
		t.Error("a reader that fails makes a file")
	}
}

func FuzzOpenFile(f *testing.F) {
	f.Add([]byte(sampleLDIF()))
	f.Add([]byte{0x30, 0x80, 0x30, 0x80, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, der []byte) {
		file := OpenFile(der)
		if (file.Directory == nil) == (file.NoLDIF == nil) {
			t.Fatalf("directory %v, error %v", file.Directory, file.NoLDIF)
		}
		if file.Invalid == nil && file.Signer == nil {
			t.Fatal("a signature by nobody verifies")
		}
	})
}
