package smime

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"go.mozilla.org/pkcs7"
)

type certificate = x509.Certificate

func newKey(t *testing.T) crypto.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestSignSaysWhatItShould(t *testing.T) {
	t.Parallel()
	id := rsaIdentity()
	signer := Signer{Certificate: id.certificate, Chain: []*x509.Certificate{id.authority}, Key: id.key}
	der, err := signer.Sign(content, signedAt.In(time.FixedZone("", 7200)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Verify(content, der)
	if err != nil {
		t.Fatal(err)
	}
	if !got.SigningTime.Equal(signedAt.Truncate(time.Second)) || got.SigningTime.Location() != time.UTC {
		t.Errorf("signing time %v", got.SigningTime)
	}
	if !got.Detached || !got.HasContentType || !got.HasMessageDigest || !got.HasSigningTime || got.TrailingBytes != 0 ||
		got.UnsortedAttributes || got.BySubjectKey || got.Digest != crypto.SHA256 || got.Signers != 1 {
		t.Errorf("got %+v", got)
	}
	if len(got.Certificates) != 2 || !got.Certificate.Equal(id.certificate) {
		t.Errorf("%d certificates", len(got.Certificates))
	}
	if bytes.Contains(der, content) {
		t.Error("the content is inside")
	}
	// The library itself accepts what was made around it.
	p7, err := pkcs7.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	p7.Content = content
	if err := p7.Verify(); err != nil {
		t.Error(err)
	}
}

// One instant per elaboration: the same content, key and instant give the same
// signature with RSA, and no clock is read.
func TestSignDependsOnNothingElse(t *testing.T) {
	t.Parallel()
	id := rsaIdentity()
	signer := Signer{Certificate: id.certificate, Key: id.key}
	first, err := signer.Sign(content, signedAt)
	if err != nil {
		t.Fatal(err)
	}
	second, err := signer.Sign(content, signedAt.Add(300*time.Millisecond))
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("signatures differ, %v", err)
	}
	later, err := signer.Sign(content, signedAt.AddDate(60, 0, 0)) // beyond UTCTime
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Verify(content, later); err != nil || got.SigningTime.Year() != 2086 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	id := rsaIdentity()
	for name, signer := range map[string]Signer{
		"nothing":        {},
		"no key":         {Certificate: id.certificate},
		"no certificate": {Key: id.key},
		"SHA-224":        {Certificate: id.certificate, Key: id.key, Digest: crypto.SHA224},
		"EC with MD5":    {Certificate: id.certificate, Key: ecIdentity().key, Digest: crypto.MD5},
	} {
		if _, err := signer.Sign(content, signedAt); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

// A signing time outside the certificate's validity is for a judge of trust.
func TestSigningTimeOutsideValidityVerifies(t *testing.T) {
	t.Parallel()
	id := rsaIdentity()
	signer := Signer{Certificate: id.certificate, Key: id.key}
	der, err := signer.Sign(content, id.certificate.NotBefore.AddDate(-3, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if engine(content, der) == nil {
		t.Error("the library accepts it now: the detour can go")
	}
	if _, err := Verify(content, der); err != nil {
		t.Error(err)
	}
}

func TestParseDescribes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file                      string
		signers                   int
		digest                    crypto.Hash
		bySubjectKey, certificate bool
		detached                  bool
	}{
		{"rsa-sha256.p7s", 1, crypto.SHA256, false, true, true},
		{"rsa-md5.p7s", 1, crypto.MD5, false, true, true},
		{"rsa-sha224.p7s", 1, crypto.SHA224, false, true, true},
		{"rsa-subject-key.p7s", 1, crypto.SHA256, true, false, true},
		{"rsa-no-certificate.p7s", 1, crypto.SHA256, false, false, true},
		{"rsa-attached.p7s", 1, crypto.SHA256, false, true, false},
		{"two-signers.p7s", 2, crypto.SHA256, false, true, true},
		{"rsa-streamed.p7s", 1, crypto.SHA256, false, true, false},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			got, err := Parse(read(t, c.file))
			if err != nil {
				t.Fatal(err)
			}
			if got.Signers != c.signers || got.Digest != c.digest || got.BySubjectKey != c.bySubjectKey ||
				(got.Certificate != nil) != c.certificate || got.Detached != c.detached {
				t.Errorf("got %+v", got)
			}
		})
	}
	if got, err := Parse(append(read(t, "rsa-sha256.p7s"), 0, 0, 0)); err != nil || got.TrailingBytes != 3 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestVerifyTellsOfUnsortedAttributes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		plan plan
		want bool
	}{{plan{sentOrder: true, signSent: true}, true}, {plan{sentOrder: true}, false}, {plan{}, false}} {
		if got, err := Verify(content, build(t, c.plan)); err != nil || got.UnsortedAttributes != c.want {
			t.Errorf("%+v: got %+v, %v", c.plan, got, err)
		}
	}
}

// A certificate that cannot be read does not matter beside the signer's, and
// is a limit of the engine when it may be the signer's.
func TestUnreadableCertificate(t *testing.T) {
	t.Parallel()
	broken := wrap(tagSequence, []byte{tagSequence, 0})
	if _, err := Verify(content, build(t, plan{certificates: [][]byte{broken, rsaIdentity().certificate.Raw}})); err != nil {
		t.Error(err)
	}
	if _, err := Verify(content, build(t, plan{certificates: [][]byte{broken}})); !errors.Is(err, ErrUnsupported) {
		t.Errorf("got %v", err)
	}
}

func TestGuard(t *testing.T) {
	t.Parallel()
	nested := func(n int) []byte {
		der := []byte{}
		for range n {
			der = wrap(tagSequence, der)
		}
		return der
	}
	for _, c := range []struct {
		name string
		der  []byte
		want error
	}{
		{"good", read(t, "rsa-chain.p7s"), nil},
		{"good BER", read(t, "rsa-streamed.p7s"), nil},
		{"good, with a tail", append(read(t, "rsa-sha1.p7s"), 1, 2, 3), nil},
		{"primitive", []byte{5, 0}, nil},
		{"long tag", []byte{0x3F, 0x81, 0x01, 0}, nil},
		{"empty", nil, ErrMalformed},
		{"one octet", []byte{0x30}, ErrMalformed},
		{"cut", []byte{0x30, 0x05, 0x02, 0x01}, ErrMalformed},
		{"child beyond parent", []byte{0x30, 0x02, 0x02, 0x05, 1, 2, 3, 4, 5}, ErrMalformed},
		{"length of five octets", []byte{0x30, 0x85, 0, 0, 0, 0, 1, 0}, ErrMalformed},
		{"huge length", []byte{0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0}, ErrMalformed},
		{"indefinite primitive", []byte{0x04, 0x80, 0, 0}, ErrMalformed},
		{"indefinite, not closed", []byte{0x30, 0x80, 0x05, 0x00}, ErrMalformed},
		{"endless long tag", bytes.Repeat([]byte{0xFF}, 100), ErrMalformed},
		{"too deep", nested(maxDepth + 1), ErrUnsupported},
		{"deep enough", nested(maxDepth), nil},
		{"indefinite bomb", bytes.Repeat([]byte{0x30, 0x80}, 200_000), ErrUnsupported},
		{"flat indefinite list", append([]byte{0x30, 0x80}, bytes.Repeat([]byte{5, 0}, 100_000)...), ErrUnsupported},
		{"too many values", wrap(tagSequence, bytes.Repeat([]byte{5, 0}, maxNodes+1)), ErrUnsupported},
		{"too long", make([]byte, maxBytes+1), ErrUnsupported},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			if err := Guard(c.der); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			_, _ = Verify(content, c.der)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"rsa-sha256.p7s", "rsa-streamed.p7s", "rsa-attached.p7s", "rsa-subject-key.p7s", "two-signers.p7s"} {
		f.Add(mustRead(name))
	}
	f.Add([]byte{0x30, 0x80, 0x30, 0x80, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, der []byte) {
		guard := Guard(der)
		signature, err := Parse(der)
		if guard != nil && err == nil {
			t.Fatalf("Guard refuses (%v), Parse reads", guard)
		}
		if err != nil && !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrUnsupported) {
			t.Fatalf("unexpected error %v", err)
		}
		if err == nil && signature == nil {
			t.Fatal("neither signature nor error")
		}
		if _, err := Verify([]byte("not what was signed"), der); err == nil {
			t.Fatal("verified something that nobody signed")
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	der, foreign := mustRead("rsa-chain.p7s"), mustRead("content.bin")
	for b.Loop() {
		if _, err := Verify(foreign, der); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	id := rsaIdentity()
	signer := Signer{Certificate: id.certificate, Key: id.key}
	for b.Loop() {
		if _, err := signer.Sign(content, signedAt); err != nil {
			b.Fatal(err)
		}
	}
}
