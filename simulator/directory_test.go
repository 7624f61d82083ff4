package simulator_test

import (
	"context"
	"crypto"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/control"
)

func onNovember22(c *simulator.Config) {
	c.Clock = clock.NewOffset(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
}

func withPeers(file string) func(*simulator.Config) {
	return func(c *simulator.Config) {
		*c = c.WithPeers(map[string]simulator.PeerHosts{
			simulator.Cirro: {Incoming: "127.0.0.1:9", File: file}, simulator.Delta: {Incoming: "127.0.0.1:9"},
		})
	}
}

func letPass(t testing.TB, w *world, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := w.Advance(ctx, d); err != nil {
		t.Fatal(err)
	}
}

func keyPair(t testing.TB, p simulator.KeyPair) tls.Certificate {
	t.Helper()
	c, err := tls.X509KeyPair([]byte(p.Certificate), []byte(p.Key))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func signerFrom(t testing.TB, p simulator.KeyPair) *smime.Signer {
	t.Helper()
	c := keyPair(t, p)
	key, ok := c.PrivateKey.(crypto.Signer)
	if !ok {
		t.Fatalf("a key of type %T", c.PrivateKey)
	}
	return &smime.Signer{Certificate: c.Leaf, Key: key}
}

func published(t testing.TB, w *world) *directory.Directory {
	t.Helper()
	trust, err := w.World.Trust()
	if err != nil {
		t.Fatal(err)
	}
	d, err := directory.ReadLDIF(strings.NewReader(trust.Directory))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestPeersInTheDirectory(t *testing.T) {
	t.Parallel()
	for name, odd := range map[string]bool{"lawful": false, "odd": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, withPeers("https://127.0.0.1:1/cirro.ldif.p7m"), func(c *simulator.Config) { c.OddDirectory = odd })
			d := published(t, w)
			cirro, unit, delta := d.RecordOfDomain("cirro.example"), d.RecordOfDomain("secondario-cirro.example"), d.RecordOfDomain("delta.example")
			if cirro == nil || unit == nil || delta == nil || unit.ProviderUnit != "Ambiente secondario" || unit.LDIFLocation != "" ||
				cirro.LDIFLocation != "https://127.0.0.1:1/cirro.ldif.p7m" {
				t.Fatalf("records %+v, %+v, %+v", cirro, unit, delta)
			}
			if strings.ToLower(delta.CertificateHashes[0]) != delta.CertificateHashes[0] || strings.ToUpper(cirro.CertificateHashes[0]) != cirro.CertificateHashes[0] {
				t.Error("the case of the hashes is not as it should be")
			}
			listed := map[string]bool{}
			for _, s := range w.Peers[0].Signers {
				hash := fmt.Sprintf("%X", sha1.Sum(keyPair(t, s.KeyPair).Leaf.Raw))
				listed[s.Name] = strings.Contains(strings.Join(cirro.CertificateHashes, " "), hash)
			}
			for name, want := range map[string]bool{
				"correct": true, "renewed": true, "expired": odd, "revoked": odd, "unlisted": false,
				"foreign": odd, "other-address": odd, "hash-only": odd,
			} {
				if got, there := listed[name]; !there || got != want {
					t.Errorf("signer %s: there %v, listed %v, want %v", name, there, got, want)
				}
			}
			if extra := len(cirro.CertificateHashes) - len(cirro.Certificates); (extra == 1) != odd {
				t.Errorf("%d hashes more than certificates", extra)
			}
			good, bad := keyPair(t, w.Peers[0].TLS).Leaf, keyPair(t, w.Peers[0].BadTLS).Leaf
			for _, name := range []string{simulator.Cirro, "127.0.0.1"} {
				o := x509.VerifyOptions{Roots: w.trust.RootCAs, DNSName: name, CurrentTime: w.Now()}
				if _, err := good.Verify(o); err != nil {
					t.Errorf("TLS for %s: %v", name, err)
				}
				if _, err := bad.Verify(o); err == nil {
					t.Errorf("BadTLS verifies for %s", name)
				}
			}
		})
	}
}

// fetch asks for a file, showing a certificate or none.
func (w *world) download(t testing.TB, url string, shown ...tls.Certificate) (status int, kind string, octets []byte) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{
		RootCAs: w.trust.RootCAs, Time: w.Now, Certificates: shown, MinVersion: tls.VersionTLS12,
	}}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if octets, err = io.ReadAll(answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header.Get("Content-Type"), octets
}

func TestFiles(t *testing.T) {
	t.Parallel()
	w := start(t, withPeers(""))
	url := w.Description.Directory.URL
	if status, _, _ := w.download(t, url); status != http.StatusForbidden {
		t.Errorf("without a certificate: %d", status)
	}
	if status, _, _ := w.download(t, url, keyPair(t, w.Peers[0].Signers[4].KeyPair)); status != http.StatusForbidden {
		t.Errorf("with the certificate %s: %d", w.Peers[0].Signers[4].Name, status)
	}
	if status, _, _ := w.download(t, url, keyPair(t, w.Peers[0].TLS)); status != http.StatusForbidden {
		t.Errorf("with a server's certificate: %d", status)
	}
	status, kind, der := w.download(t, url, keyPair(t, w.Peers[0].Signers[0].KeyPair))
	if status != http.StatusOK || kind != `application/pkcs7-mime; smime-type=signed-data; name="igpec.ldif.p7m"` {
		t.Errorf("complete directory: %d, %s", status, kind)
	}
	f := directory.OpenFile(der)
	if f.Invalid != nil || f.NoLDIF != nil || len(f.Directory.Records) != 7 || f.Directory.Records[0].LDIFLocation != url {
		t.Fatalf("complete directory: %v, %v", f.Invalid, f.NoLDIF)
	}
	if block, _ := pem.Decode([]byte(w.Description.Directory.Signer)); string(block.Bytes) != string(f.Signer.Raw) {
		t.Error("it is signed by somebody else than described")
	}
	aurora := f.Directory.RecordOfDomain("aurora.example")
	status, kind, der = w.download(t, aurora.LDIFLocation)
	own := directory.OpenFile(der)
	if status != http.StatusOK || !strings.HasPrefix(kind, "application/pkcs7-mime; smime-type=signed-data;") || own.Invalid != nil ||
		!own.Signer.Equal(aurora.Certificates[0]) || len(own.Directory.Entries) != 2 || own.Directory.Entries[0].DN != aurora.DN {
		t.Errorf("Aurora's own file: %d, %s, %v", status, kind, own.Invalid)
	}
	unit := f.Directory.RecordOfDomain("levante-aurora.example")
	if unit == nil || own.Directory.Entries[1].DN != unit.DN || unit.ProviderName != aurora.ProviderName || unit.ProviderUnit == "" ||
		unit.LDIFLocation != "" || unit.MailReceipt == aurora.MailReceipt || unit.Certificates[0].Equal(aurora.Certificates[0]) ||
		unit.Certificates[0].EmailAddresses[0] != "posta-certificata@gestore.levante-aurora.example" {
		t.Errorf("Aurora's secondary environment: %+v", unit)
	}
	if status, _, _ := w.download(t, strings.Replace(aurora.LDIFLocation, "aurora", "nessuno", 1)); status != http.StatusNotFound {
		t.Errorf("the file of nobody: %d", status)
	}
}

func TestRevocationOverHTTP(t *testing.T) {
	t.Parallel()
	w := start(t, withPeers(""))
	list := func() *x509.RevocationList {
		status, kind, der := w.download(t, w.Description.Directory.Revocation)
		list, err := x509.ParseRevocationList(der)
		if status != http.StatusOK || kind != "application/pkix-crl" || err != nil {
			t.Fatalf("%d, %s, %v", status, kind, err)
		}
		return list
	}
	if got := len(list().RevokedCertificateEntries); got != 1 {
		t.Errorf("%d revoked at the start, want the peer's one", got)
	}
	body := fmt.Sprintf(`{"certificate": %q}`, w.Peers[0].Signers[1].Certificate)
	if got := w.ask(t, "POST", "/v1/authority/revoke", body, nil); got != http.StatusNoContent {
		t.Fatalf("revoke: %d", got)
	}
	if got := len(list().RevokedCertificateEntries); got != 2 {
		t.Errorf("%d revoked afterwards", got)
	}
	for _, wrong := range []string{`{}`, `{"certificate": "x"}`, `{"x": 1}`} {
		if got := w.ask(t, "POST", "/v1/authority/revoke", wrong, nil); got != http.StatusBadRequest {
			t.Errorf("%s: %d", wrong, got)
		}
	}
	var trust control.Trust
	w.ask(t, "GET", "/v1/trust", "", &trust)
	if block, _ := pem.Decode([]byte(trust.CRL)); block == nil || string(block.Bytes) != string(list().Raw) {
		t.Error("the control API shows another list")
	}
}
