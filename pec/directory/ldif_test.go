package directory

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

var testCertificate = sync.OnceValue(func() *x509.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Aurora PEC S.p.A."},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return certificate
})

// fold cuts a line as LDIF writers do.
func fold(line string) string {
	var b strings.Builder
	for len(line) > 76 {
		b.WriteString(line[:76] + "\n ")
		line = line[76:]
	}
	return b.String() + line + "\n"
}

func sampleLDIF() string {
	c := testCertificate()
	hash := fmt.Sprintf("%X", sha1.Sum(c.Raw))
	return "version: 1\n" +
		"# the whole directory\n#  folded comment\n  goes on\n\n" +
		"dn: o=postacert\nobjectclass: top\no: postacert\nLDIFLocationURL: https://indice.example/tutti.ldif.p7m\n\n\n" +
		"dn: providerName=Aurora PEC S.p.A.,o=postacert\n" +
		"objectClass: provider\nproviderName: Aurora PEC S.p.A.\n" +
		"providerCertificateHash:\n " + hash + "\n" +
		fold("providerCertificate;binary:: "+base64.StdEncoding.EncodeToString(c.Raw)) +
		"mailReceipt: ricevute@gestore.aurora.example\nmanagedDomains: aurora.example\nManagedDomains:Studio-Aurora.example\n" +
		"description:: cGVyY2jDqQ==\n\n" +
		"dn:: cHJvdmlkZXJOYW1lPUJvcmVhLG89cG9zdGFjZXJ0\nproviderName: Borea PEC S.r.l.\nproviderUnit: secondario\n" +
		"providerCertificateHash: " + strings.ToLower(hash) + "\nmanagedDomains: borea.example\n"
}

func TestReadLDIF(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"LF": sampleLDIF(), "CRLF": strings.ReplaceAll(sampleLDIF(), "\n", "\r\n"), "no final line end": strings.TrimSuffix(sampleLDIF(), "\n")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := ReadLDIF(iotest.OneByteReader(strings.NewReader(text)))
			if err != nil {
				t.Fatal(err)
			}
			if len(d.Records) != 3 || len(d.Findings) != 0 {
				t.Fatalf("%d records, findings %v", len(d.Records), d.Findings)
			}
			root, aurora, borea := d.Records[0], d.Records[1], d.Records[2]
			if root.DN != "o=postacert" || root.LDIFLocation != "https://indice.example/tutti.ldif.p7m" {
				t.Errorf("root %+v", root)
			}
			if aurora.ProviderName != "Aurora PEC S.p.A." || aurora.MailReceipt != "ricevute@gestore.aurora.example" || aurora.ProviderUnit != "" ||
				len(aurora.Certificates) != 1 || !aurora.Certificates[0].Equal(testCertificate()) {
				t.Errorf("aurora %+v", aurora)
			}
			if diff := cmp.Diff([]string{"aurora.example", "Studio-Aurora.example"}, aurora.ManagedDomains); diff != "" {
				t.Error(diff)
			}
			if got := aurora.Attributes["description"]; len(got) != 1 || got[0] != "perché" {
				t.Errorf("unknown attributes are not kept: %q", got)
			}
			if got := aurora.Attributes["providercertificate;binary"]; len(got) != 1 || got[0] != string(testCertificate().Raw) {
				t.Error("the octets of the certificate are not kept")
			}
			if borea.DN != "providerName=Borea,o=postacert" || borea.ProviderUnit != "secondario" {
				t.Errorf("borea %+v", borea)
			}
		})
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	d, err := ReadLDIF(strings.NewReader(sampleLDIF()))
	if err != nil {
		t.Fatal(err)
	}
	for domain, want := range map[string]string{
		"aurora.example": "Aurora PEC S.p.A.", "AURORA.Example": "Aurora PEC S.p.A.", "studio-aurora.example": "Aurora PEC S.p.A.",
		"borea.example": "Borea PEC S.r.l.", "x.aurora.example": "", "example": "", "": "", "aurora.example.": "",
	} {
		got := ""
		if r := d.RecordOfDomain(domain); r != nil {
			got = r.ProviderName
		}
		if got != want {
			t.Errorf("%q: got %q", domain, got)
		}
	}
	if got := d.RecordsOfCertificate(testCertificate()); len(got) != 2 || got[0].ProviderName != "Aurora PEC S.p.A." {
		t.Errorf("got %d records of the certificate", len(got))
	}
	other := *testCertificate()
	other.Raw = []byte("another")
	if got := d.RecordsOfCertificate(&other); len(got) != 0 || d.RecordsOfCertificate(nil) != nil {
		t.Errorf("got %d records of another certificate", len(got))
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, text, code string
		line             int
	}{
		{"nothing", "", "empty", 0},
		{"only a version", "version: 1\n", "empty", 1},
		{"another version", "version: 2\n\ndn: x\n", "version", 1},
		{"a file by URL", "dn: x\nproviderName:< file://" + secret + "\n", "url-value", 2},
		{"a URL without space", "dn: x\njpegphoto:<http://posta.example/x\n", "url-value", 2},
		{"a URL as dn", "dn:< file:///x\n", "url-value", 1},
		{"a change", "dn: x\nchangetype: delete\n", "change-record", 2},
		{"no dn", "providerName: x\n", "syntax", 1},
		{"no colon", "dn: x\nnothing\n", "syntax", 2},
		{"no name", "dn: x\n: y\n", "syntax", 2},
		{"name with a space", "dn: x\na b: y\n", "syntax", 2},
		{"fold of nothing", " x\n", "syntax", 1},
		{"fold after a blank line", "dn: x\n\n y\n", "syntax", 3},
		{"no base64", "dn: x\na:: ***\n", "base64", 2},
		{"base64 cut", "dn: x\na:: QUJDR\n", "base64", 2},
		{"NUL", "dn: x\na: b\x00c\n", "syntax", 2},
		{"long line", "dn: x\na: " + strings.Repeat("y", MaxLineBytes) + "\n", "limit-line", 2},
		{"long folded value", "dn: x\na: " + strings.Repeat("\n "+strings.Repeat("y", 1000), MaxLineBytes/1000+1) + "\n", "limit-line", 2},
		{"many records", strings.Repeat("dn: x\n\n", MaxRecords+1), "limit-records", 2*MaxRecords + 1},
		{"binary", "\x30\x82\x01\x00rest", "syntax", 1},
		{"HTML", "<!DOCTYPE html>\n<html>\n", "syntax", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, err := ReadLDIF(strings.NewReader(c.text))
			var refusal *Error
			if !errors.As(err, &refusal) || d != nil {
				t.Fatalf("got %v, %v", d, err)
			}
			if refusal.Code != c.code || refusal.Line != c.line || strings.Contains(err.Error(), "secret\n") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// endless yields comment lines for ever.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = '#'
		if i%64 == 63 {
			b[i] = '\n'
		}
	}
	return len(b), nil
}

func TestEndlessInputEnds(t *testing.T) {
	t.Parallel()
	_, err := readLDIF(endless{}, 1<<20)
	var refusal *Error
	if !errors.As(err, &refusal) || refusal.Code != "limit-size" {
		t.Errorf("got %v", err)
	}
	_, err = ReadLDIF(iotest.ErrReader(io.ErrUnexpectedEOF))
	if !errors.As(err, &refusal) || refusal.Code != "read" {
		t.Errorf("got %v", err)
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	d, err := ReadLDIF(strings.NewReader("dn: a\nproviderCertificate;binary:: QUJD\nproviderName: à\nproviderName: b\ndn: c\nx: y\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range d.Findings {
		got = append(got, fmt.Sprintf("%d %s", f.Line, f.Code))
	}
	want := []string{"2 certificate-unreadable", "3 non-ascii-value", "4 single-valued-attribute-repeated", "5 record-without-blank-line"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(d.Records) != 2 || d.Records[0].ProviderName != "à" || d.Records[1].Line != 5 {
		t.Errorf("got %+v", d.Records)
	}
}

func FuzzReadLDIF(f *testing.F) {
	f.Add([]byte(sampleLDIF()))
	f.Add([]byte("dn: x\na:< file:///etc/hostname\n"))
	f.Add([]byte("version: 1\ndn:: QQ==\n\n\n# c\n c\ndn: y\nproviderCertificate;binary:: QUJD\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := ReadLDIF(strings.NewReader(string(text)))
		if (d == nil) == (err == nil) {
			t.Fatalf("directory %v, error %v", d, err)
		}
		if err != nil {
			return
		}
		for i := range d.Records {
			for _, domain := range d.Records[i].ManagedDomains {
				if domain != "" && d.RecordOfDomain(domain) == nil {
					t.Fatalf("domain %q is not found", domain)
				}
			}
		}
	})
}
