package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/pec/smime"
)

// alba is a provider that stands in no run: certificate and key of its own.
var alba = sync.OnceValues(func() (*smime.Signer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	profile := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{Country: []string{"IT"}, Organization: []string{"Alba PEC S.p.A."}, CommonName: "Alba PEC S.p.A."},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(2, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, EmailAddresses: []string{"posta-certificata@gestore.alba.example"},
		SubjectKeyId: []byte{1, 2, 3, 4}, AuthorityKeyId: []byte{1, 2, 3, 4},
		CRLDistributionPoints: []string{"http://ca.example/crl"}, OCSPServer: []string{"http://ca.example/ocsp"},
	}
	der, err := x509.CreateCertificate(rand.Reader, profile, profile, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return &smime.Signer{Certificate: certificate, Key: key}, err
})

func albaSigner(t *testing.T) *smime.Signer {
	t.Helper()
	signer, err := alba()
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func albaLDIF(t *testing.T) string {
	t.Helper()
	der := albaSigner(t).Certificate.Raw
	return fmt.Sprintf("dn: providerName=Alba PEC S.p.A.,o=postacert\nobjectClass: top\nobjectClass: provider\nproviderName: Alba PEC S.p.A.\n"+
		"providerCertificateHash: %X\nproviderCertificate;binary:: %s\nmailReceipt: ricevute@gestore.alba.example\n"+
		"LDIFLocationURL: https://gestore.alba.example/alba.ldif.p7m\nmanagedDomains: alba.example\nmanagedDomains: gestore.alba.example\n",
		sha1.Sum(der), base64.StdEncoding.EncodeToString(der))
}

func inFile(t *testing.T, name string, octets []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	write(t, path, octets)
	return path
}

func enclosed(t *testing.T, text string) []byte {
	t.Helper()
	der, err := albaSigner(t).Enclose([]byte(text), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func inPEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func TestVerifyFiles(t *testing.T) {
	t.Parallel()
	w := worldOf(t)
	ldif, ca := w.trust[5], w.trust[1]
	whole, err := os.ReadFile(ldif)
	if err != nil {
		t.Fatal(err)
	}
	der := albaSigner(t).Certificate.Raw
	own := enclosed(t, albaLDIF(t))
	tests := []struct {
		name      string
		path      string
		arguments []string
		code      int
		says      []string
	}{
		{"a directory", ldif, nil, 0, []string{"Complete directory of providers, LDIF without a signature", "signed by nobody"}},
		{"a directory, with trust", ldif, w.trust, 0, []string{"CONFORMANT"}},
		{"a signed directory", inFile(t, "igpec.ldif.p7m", enclosed(t, string(whole))), nil, 0, []string{"Complete directory of providers, signed (.p7m)", "Alba PEC S.p.A.", "the signature verifies"}},
		{"the file of a provider", inFile(t, "alba.ldif.p7m", own), nil, 0, []string{"Directory file of Alba PEC S.p.A., signed (.p7m)", "1 provider, 2 domains, 1 certificate", "CONFORMANT, in what the file alone can show"}},
		{"the file of a strange provider", inFile(t, "alba.ldif.p7m", own), w.trust, 1, []string{"PEC-DIR-019", "the directory does not list the signer"}},
		{"a tampered file", inFile(t, "alba.ldif.p7m", bytes.ReplaceAll(own, []byte("ricevute@"), []byte("ricevuto@"))), nil, 1, []string{"DOES NOT VERIFY", "PEC-DIR-017", "rules explain PEC-DIR-017"}},
		{"a damaged entry", inFile(t, "alba.ldif", []byte(strings.Replace(albaLDIF(t), "mailReceipt: ", "mailReceipt: <", 1))), nil, 1, []string{"PEC-DIR-009", "entry providerName=Alba PEC S.p.A.,o=postacert, line 1"}},
		{"a certificate in PEM", inFile(t, "alba.pem", inPEM(der)), nil, 0, []string{"Certificate of a signer", "posta-certificata@gestore.alba.example", "not judged: it takes the CA", fmt.Sprintf("%X", sha1.Sum(der))}},
		{"a certificate in DER", inFile(t, "alba.cer", der), w.trust, 0, []string{"the directory does not list the certificate", "no path to the CA"}},
		{"a CA", ca, nil, 0, []string{"Certificate of a CA", "kept 1 rule"}},
		{"a signed file of another kind", inFile(t, "x.p7m", enclosed(t, "Buongiorno\n")), nil, 2, []string{"whose content is no directory"}},
		{"a key", inFile(t, "key.pem", []byte("-----BEGIN PRIVATE KEY-----\nMIIE\n")), nil, 2, []string{"PEM"}},
		{"LDIF that breaks off in a name", inFile(t, "x.ldif", []byte("dn: o=postacert\nobjectCl")), nil, 2, []string{"LDIF line 2"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := collaudo(t, append([]string{"verify", test.path}, test.arguments...)...)
			if a.code != test.code {
				t.Errorf("exit code %d, expected %d\n%s%s", a.code, test.code, a.out, a.err)
			}
			said := strings.Join(strings.Fields(a.out+a.err), " ")
			for _, want := range test.says {
				if !strings.Contains(said, want) {
					t.Errorf("it does not say %q:\n%s%s", want, a.out, a.err)
				}
			}
		})
	}
}

// A directory may be given as it is handed out, signed; one that was tampered
// with is not believed.
func TestVerifyBySignedDirectory(t *testing.T) {
	t.Parallel()
	w := worldOf(t)
	whole, err := os.ReadFile(w.trust[5])
	if err != nil {
		t.Fatal(err)
	}
	good := enclosed(t, string(whole))
	message := saved(t, w.of(t, "Delivery", 0))
	if a := collaudo(t, "verify", message, "--ca", w.trust[1], "--directory", inFile(t, "d.p7m", good)); a.code != 0 || !strings.Contains(a.out, "the directory lists the signer") {
		t.Errorf("exit code %d\n%s%s", a.code, a.out, a.err)
	}
	bad := bytes.ReplaceAll(good, []byte("objectClass"), []byte("objectclass"))
	if bytes.Equal(bad, good) {
		bad = bytes.ReplaceAll(good, []byte("objectclass"), []byte("objectClass"))
	}
	if a := collaudo(t, "verify", message, "--ca", w.trust[1], "--directory", inFile(t, "d.p7m", bad)); a.code != 2 || !strings.Contains(a.err, "the content was altered") {
		t.Errorf("exit code %d\n%s%s", a.code, a.out, a.err)
	}
}

// The form of the JSON answer about what is no message.
func TestVerifyFilesJSON(t *testing.T) {
	t.Parallel()
	paths := []string{
		inFile(t, "alba.ldif.p7m", enclosed(t, albaLDIF(t))), inFile(t, "alba.ldif", []byte(albaLDIF(t))), inFile(t, "alba.pem", inPEM(albaSigner(t).Certificate.Raw)),
	}
	var said struct{ Files []map[string]any }
	if err := json.Unmarshal([]byte(collaudo(t, append([]string{"verify", "--json"}, paths...)...).out), &said); err != nil {
		t.Fatal(err)
	}
	var kinds []any
	var got [][]string
	for _, f := range said.Files {
		kinds = append(kinds, f["kind"])
		got = append(got, slices.Sorted(maps.Keys(f)))
	}
	want := [][]string{
		{"bytes", "certificates", "checks", "directory", "exitCode", "file", "kind", "notJudged", "signer", "trust", "verdict"},
		{"bytes", "certificates", "checks", "directory", "exitCode", "file", "kind", "notJudged", "trust", "verdict"},
		{"bytes", "certificates", "checks", "exitCode", "file", "kind", "notJudged", "trust", "verdict"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{"ProviderFile", "ProviderFile", "Certificate"}, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
}
