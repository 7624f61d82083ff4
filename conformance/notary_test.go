package conformance

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/digitorus/timestamp"
)

// notary is a CA of the test's own with somebody who signs and an authority that
// stamps.
type notary struct {
	ca, signer, stamper    *x509.Certificate
	caKey, signKey, tsaKey *ecdsa.PrivateKey
}

func newNotary(t *testing.T, name string) *notary {
	t.Helper()
	n := &notary{}
	issue := func(subject string, isCA bool, use []x509.ExtKeyUsage, parent *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		t.Helper()
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(len(subject))), Subject: pkix.Name{CommonName: subject},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
			BasicConstraintsValid: true, IsCA: isCA, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: use,
		}
		if isCA {
			template.KeyUsage = x509.KeyUsageCertSign
		}
		if parent == nil {
			parent, by = template, key
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return c, key
	}
	n.ca, n.caKey = issue(name+" root", true, nil, nil, nil)
	n.signer, n.signKey = issue(name+" auditor", false, []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, n.ca, n.caKey)
	n.stamper, n.tsaKey = issue(name+" time", false, []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}, n.ca, n.caKey)
	return n
}

// layman is the same CA with somebody who stamps whose certificate is none for that.
func (n *notary) layman() *notary {
	other := *n
	other.stamper, other.tsaKey = n.signer, n.signKey
	return &other
}

func (n *notary) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(n.ca)
	return pool
}

// authority stamps over HTTP. bend may spoil what it answers to.
func (n *notary) authority(t *testing.T, bend func(*timestamp.Timestamp)) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		octets, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
		question, parsing := timestamp.ParseRequest(octets)
		if err != nil || parsing != nil || r.Header.Get("Content-Type") != "application/timestamp-query" {
			http.Error(w, "no question", http.StatusBadRequest)
			return
		}
		answer := &timestamp.Timestamp{
			HashAlgorithm: question.HashAlgorithm, HashedMessage: question.HashedMessage, Nonce: question.Nonce, Time: time.Now(),
			Policy: []int{1, 2, 3, 4, 1}, AddTSACertificate: question.Certificates,
		}
		if bend != nil {
			bend(answer)
		}
		der, err := answer.CreateResponseWithOpts(n.stamper, n.tsaKey, crypto.SHA256)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		_, _ = w.Write(der) // whoever asked has gone, which is for the test to see
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func (n *notary) options(stamping string) SignOptions {
	return SignOptions{Key: n.signKey, Certificate: n.signer, TimestampURL: stamping, Random: rand.Reader, Now: time.Now(), Version: "test"}
}
