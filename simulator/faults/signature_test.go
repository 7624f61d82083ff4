package faults_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"sync"
	"testing"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/faults"
)

// oneSigner is a signer with a certificate of its own making: who issued it is
// of no matter here.
var oneSigner = sync.OnceValues(func() (*smime.Signer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Posta Certificata"},
		NotBefore: instant.AddDate(-1, 0, 0), NotAfter: instant.AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return &smime.Signer{Certificate: certificate, Key: key}, err
})

func TestSignatureMistakes(t *testing.T) {
	t.Parallel()
	signer, err := oneSigner()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		fault                 string
		detached, certificate bool
	}{
		{"acceptance-twice", true, true},
		{"acceptance-content-inside", false, true},
		{"acceptance-certificate-not-included", true, false},
	}
	for _, test := range tests {
		t.Run(test.fault, func(t *testing.T) {
			t.Parallel()
			d := drafts(t, originals[0])[0]
			content, err := d.Render()
			if err != nil {
				t.Fatal(err)
			}
			sealed, err := d.Seal(content, signer)
			if err != nil {
				t.Fatal(err)
			}
			m, err := pec.Read(lookup(t, test.fault).Sealed(d, sealed))
			if err != nil {
				t.Fatal(err)
			}
			der, err := m.SignaturePart.Decoded()
			if err != nil {
				t.Fatal(err)
			}
			s, err := smime.Parse(der)
			if err != nil {
				t.Fatal(err)
			}
			if s.Detached != test.detached || (s.Certificate != nil) != test.certificate || s.Signers != 1 {
				t.Errorf("detached %v, certificate %v, %d signers; want %v, %v, 1", s.Detached, s.Certificate != nil, s.Signers, test.detached, test.certificate)
			}
		})
	}
}

func TestEveryOperatorThatCountsIsChecked(t *testing.T) {
	t.Parallel()
	s := lookup(t, "service-mailbox-storm")
	if e := s.Emission(drafts(t, originals[0])[0]); e != (faults.Emission{Copies: 6}) {
		t.Errorf("six answers: %+v", e)
	}
}
