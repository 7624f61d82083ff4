package smime

import (
	"bytes"
	"errors"
	"testing"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	id := rsaIdentity()
	for name, s := range map[string]Signer{
		"RSA": {Certificate: id.certificate, Key: id.key},
		"EC":  {Certificate: ecIdentity().certificate, Key: ecIdentity().key},
	} {
		der, err := s.Enclose(content, signedAt)
		if err != nil {
			t.Fatal(err)
		}
		got, signature, err := Open(der)
		if err != nil || !bytes.Equal(got, content) || signature.Detached || !signature.Certificate.Equal(s.Certificate) {
			t.Errorf("%s: %d octets, %v", name, len(got), err)
		}
		if again, err := Verify(content, der); err != nil || again.Detached {
			t.Errorf("%s: Verify: %v", name, err)
		}
		altered := bytes.Replace(der, content[:8], []byte("ALTERED!"), 1)
		if got, _, err := Open(altered); !errors.Is(err, ErrMismatch) || len(got) != len(content) {
			t.Errorf("%s, altered: %d octets, %v", name, len(got), err)
		}
		if _, _, err := Open(der[:len(der)-1]); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s, cut: %v", name, err)
		}
	}
	detached, err := (&Signer{Certificate: id.certificate, Key: id.key}).Sign(content, signedAt)
	if err != nil {
		t.Fatal(err)
	}
	if got, signature, err := Open(detached); !errors.Is(err, ErrMalformed) || got != nil || signature == nil {
		t.Errorf("a signature alone: %v", err)
	}
}

// Streaming writers put the content into many chunks, of indefinite length.
func TestOpenChunks(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"rsa-streamed.p7s", "rsa-attached.p7s"} {
		if got, _, err := Open(read(t, file)); err != nil || len(got) == 0 {
			t.Errorf("%s: %d octets, %v", file, len(got), err)
		}
	}
}

// A content beyond what the engines get to see is read all the same.
func TestOpenLarge(t *testing.T) {
	t.Parallel()
	id := rsaIdentity()
	large := bytes.Repeat([]byte("managedDomains: studio-aurora.example\r\n"), 60_000)
	der, err := (&Signer{Certificate: id.certificate, Key: id.key}).Enclose(large, signedAt)
	if err != nil {
		t.Fatal(err)
	}
	if len(der) <= maxBytes {
		t.Fatalf("only %d octets", len(der))
	}
	if got, _, err := Open(der); err != nil || !bytes.Equal(got, large) {
		t.Errorf("%d octets, %v", len(got), err)
	}
	der[len(der)/2] ^= 1
	if _, _, err := Open(der); !errors.Is(err, ErrMismatch) {
		t.Errorf("altered: %v", err)
	}
	if _, _, err := Open(append([]byte{0x30, 0x84, 0x05, 0, 0, 0}, make([]byte, MaxEnclosed)...)); !errors.Is(err, ErrUnsupported) {
		t.Errorf("too long: %v", err)
	}
}
