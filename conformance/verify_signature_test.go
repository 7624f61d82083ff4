package conformance

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/smime"
)

// asked is what an authority answers to a question for a stamp, whatever it is worth.
func asked(t *testing.T, authority, over string) []byte {
	t.Helper()
	question, err := timestamp.CreateRequest(strings.NewReader(over), &timestamp.RequestOptions{Hash: crypto.SHA256, Certificates: true})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(authority, "application/timestamp-query", bytes.NewReader(question)) //nolint:noctx // it is the test's own
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	octets, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

// padded is a certificate of nobody that holds so many octets.
func (n *notary) padded(t *testing.T, octets int) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "padding"}, NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour),
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3, 4, 5}, Value: make([]byte, octets)}},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, n.ca, n.signKey.Public(), n.caKey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestSealsThatDoNotHold puts a signature and a stamp onto a folder as another tool
// could, which nobody looked at before: what is wrong with them is found when the
// folder is verified, or never.
func TestSealsThatDoNotHold(t *testing.T) {
	t.Parallel()
	ours, theirs, namesake := newNotary(t, "Our"), newNotary(t, "Their"), newNotary(t, "Our")
	signed := func(t *testing.T, c runCopy, by *notary, beside ...*x509.Certificate) string {
		t.Helper()
		der, err := (&smime.Signer{Certificate: by.signer, Chain: beside, Key: by.signKey}).Sign([]byte(c.read(evidence.ManifestFile)), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return string(der)
	}
	stamped := func(t *testing.T, c runCopy, by *notary) {
		t.Helper()
		signature := signed(t, c, ours)
		if err := evidence.Sign(c.dir, []byte(signature), asked(t, by.authority(t, nil), signature)); err != nil {
			t.Fatal(err)
		}
	}
	linked := func(t *testing.T, c runCopy, name string) {
		t.Helper()
		away := filepath.Join(t.TempDir(), name)
		if err := os.Rename(c.path(name), away); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(away, c.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	damaged := func(t *testing.T, c *x509.Certificate) *x509.Certificate {
		t.Helper()
		der := bytes.Clone(c.Raw)
		der[len(der)-1] ^= 1 // the end of its signature
		other, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return other
	}
	for _, test := range []struct {
		name  string
		do    func(t *testing.T, c runCopy)
		trust *x509.CertPool
		want  string // in a finding; "": there is none
	}{
		{"a stamp of ours", func(t *testing.T, c runCopy) { t.Helper(); stamped(t, c, ours) }, ours.pool(), ""},
		{"a stamp of theirs, nobody named", func(t *testing.T, c runCopy) { t.Helper(); stamped(t, c, theirs) }, nil, ""},
		{"a stamp of theirs", func(t *testing.T, c runCopy) { t.Helper(); stamped(t, c, theirs) }, ours.pool(), `manifest.tsr does not hold: the certificate of "CN=Their time" does not lead to`},
		{"a stamp of no authority", func(t *testing.T, c runCopy) { t.Helper(); stamped(t, c, ours.layman()) }, ours.pool(), "manifest.tsr does not hold: the certificate of \"CN=Our auditor\" is none for time stamps"},
		{"a stamp of no authority, nobody named", func(t *testing.T, c runCopy) { t.Helper(); stamped(t, c, ours.layman()) }, nil, "is none for time stamps"},
		{"its CA beside it", func(t *testing.T, c runCopy) {
			t.Helper()
			c.write(evidence.SignatureFile, signed(t, c, ours, ours.ca))
		}, nil, ""},
		{"a namesake of its CA beside it", func(t *testing.T, c runCopy) {
			t.Helper()
			c.write(evidence.SignatureFile, signed(t, c, namesake, ours.ca))
		}, nil, `manifest.p7s does not hold: the certificate of "CN=Our auditor" was not issued by "CN=Our root"`},
		{"a CA beside it that did not sign itself", func(t *testing.T, c runCopy) {
			t.Helper()
			c.write(evidence.SignatureFile, signed(t, c, ours, damaged(t, theirs.ca)))
		}, nil, `manifest.p7s does not hold: the certificate of "CN=Their root" was not issued by "CN=Their root"`},
		{"much beside it", func(t *testing.T, c runCopy) {
			t.Helper()
			c.write(evidence.SignatureFile, signed(t, c, ours, ours.padded(t, maxSeal/2)))
		}, ours.pool(), ""},
		{"more beside it than a signature has", func(t *testing.T, c runCopy) {
			t.Helper()
			c.write(evidence.SignatureFile, signed(t, c, ours, ours.padded(t, maxSeal)))
		}, ours.pool(), "manifest.p7s does not hold"},
		{"a link to the signature", func(t *testing.T, c runCopy) {
			t.Helper()
			c.write(evidence.SignatureFile, signed(t, c, ours))
			linked(t, c, evidence.SignatureFile)
		}, ours.pool(), "manifest.p7s does not hold"},
		{"a link to the stamp", func(t *testing.T, c runCopy) {
			t.Helper()
			stamped(t, c, ours)
			linked(t, c, evidence.TimestampFile)
		}, ours.pool(), "manifest.tsr does not hold"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := runCopy{t, sealedRun(t)}
			test.do(t, c)
			v := c.verifyFor(test.trust)
			said := ""
			for _, f := range v.Findings {
				said += f.String() + "\n"
			}
			switch {
			case test.want == "" && (v.Code() != ExitConformant || !strings.Contains(v.Signature, "Our auditor")):
				t.Errorf("exit code %d, signed by %q:\n%s", v.Code(), v.Signature, said)
			case test.want != "" && (v.Code() != ExitEvidence || !strings.Contains(said, test.want)):
				t.Errorf("exit code %d, want %q:\n%s", v.Code(), test.want, said)
			}
		})
	}
}
