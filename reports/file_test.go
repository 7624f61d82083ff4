package reports

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/rules"
)

func auroraCertificate() *x509.Certificate {
	return &x509.Certificate{
		Raw: []byte("certificate"), SerialNumber: big.NewInt(31), EmailAddresses: []string{aurora},
		Subject:   pkix.Name{Country: []string{"IT"}, Organization: []string{"Aurora PEC S.p.A."}, CommonName: "Posta Certificata"},
		Issuer:    pkix.Name{Country: []string{"IT"}, CommonName: "PEC CA 1"},
		NotBefore: noon, NotAfter: noon.AddDate(3, 0, 0),
	}
}

func auroraDirectory(t *testing.T) *directory.Directory {
	t.Helper()
	d, err := directory.ReadLDIF(strings.NewReader("dn: o=postacert\nobjectclass: top\n\n" +
		"dn: providerName=Aurora PEC S.p.A.,o=postacert\nobjectClass: provider\nproviderName: Aurora PEC S.p.A.\nmanagedDomains: aurora.example\n\n" +
		"dn: providerUnit=Archivio,providerName=Aurora PEC S.p.A.,o=postacert\nobjectClass: provider\nproviderName: Aurora PEC S.p.A.\nproviderUnit: Archivio\nmanagedDomains: archivio.example\n"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestFile(t *testing.T) {
	t.Parallel()
	c := auroraCertificate()
	signed := &directory.File{Signer: c, Signature: &smime.Signature{Certificate: c, Digest: crypto.SHA256, HasSigningTime: true, SigningTime: noon}}
	single := &rules.SingleFile{
		Sort: rules.FullDirectory, Octets: make([]byte, 4000), Verdict: rules.Fail, Directory: auroraDirectory(t), Signed: signed,
		Certificates: []*x509.Certificate{c}, Standing: &rules.Standing{Certificate: c, HasDirectory: true, Listed: []string{"Aurora PEC S.p.A."}},
		Checks: []rules.Check{
			{
				Rule: "PEC-DIR-003", Verdict: rules.Fail, Expected: "the attributes providerCertificateHash, mailReceipt", Seen: "without mailReceipt",
				Where: rules.Where{Part: "entry providerName=Aurora PEC S.p.A.,o=postacert, line 4"},
			},
			{Rule: "PEC-DIR-001", Verdict: rules.Pass, Count: 1},
			{Rule: "PEC-DIR-013", Verdict: rules.Observed},
		},
		Missing: map[string]string{"PEC-DIR-027": "a running system", "PEC-CRT-013": string(rules.NeedTrust)},
	}
	var b bytes.Buffer
	if err := File(&b, loadCatalogue(t), "igpec.ldif.p7m", single); err != nil {
		t.Fatal(err)
	}
	golden(t, "file.txt", b.Bytes())
}

func TestFileWords(t *testing.T) {
	t.Parallel()
	c := auroraCertificate()
	pass := []rules.Check{{Rule: "PEC-CRT-002", Verdict: rules.Pass}}
	certificate := func(s *rules.Standing) rules.SingleFile {
		return rules.SingleFile{Sort: rules.CertificateFile, Verdict: rules.Pass, Checks: pass, Certificates: []*x509.Certificate{c}, Standing: s}
	}
	for _, test := range []struct {
		name   string
		single rules.SingleFile
		want   []string
	}{
		{"nothing known", certificate(&rules.Standing{}), []string{"Certificate of a signer", "31 (hexadecimal 1f)", "not judged: it takes the CA", "CONFORMANT, in what the file alone can show", "kept 1 rule"}},
		{
			"revoked", certificate(&rules.Standing{HasDirectory: true, HasAuthority: true, HasList: true, Revoked: noon}),
			[]string{"the directory does not list the certificate; the CA issued it; it is REVOKED since 02/03/2026 12:00:00 +0100"},
		},
		{
			"of another CA", certificate(&rules.Standing{HasAuthority: true, Path: errors.New("unknown authority"), HasList: true}),
			[]string{"no path to the CA: unknown authority; it is not revoked"},
		},
		{"two", rules.SingleFile{Sort: rules.CertificateFile, Verdict: rules.Warn, Checks: []rules.Check{{Rule: "PEC-CRT-012", Verdict: rules.Warn}}, Certificates: []*x509.Certificate{c, c}}, []string{"Certificate of a signer and 1 more certificate", "CONFORMANT WITH WARNINGS (1)"}},
		{"a CA", rules.SingleFile{Sort: rules.AuthorityFile, Verdict: rules.NotExercised, Certificates: []*x509.Certificate{c}}, []string{"Certificate of a CA", "INCONCLUSIVE: no rule could be judged"}},
		{"bare", rules.SingleFile{Sort: rules.ProviderFile, Verdict: rules.Pass, Checks: pass, Directory: auroraDirectory(t)}, []string{"Directory file of Aurora PEC S.p.A., LDIF without a signature", "signed by nobody"}},
		{"harness", rules.SingleFile{Sort: rules.FullDirectory, Verdict: rules.Error, Directory: auroraDirectory(t)}, []string{"INVALID: the harness failed"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := File(&b, loadCatalogue(t), "x", &test.single); err != nil {
				t.Fatal(err)
			}
			text := strings.Join(strings.Fields(b.String()), " ")
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("does not say %q:\n%s", want, b.String())
				}
			}
		})
	}
}
