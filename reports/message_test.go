package reports

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/certification"
	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/rules"
)

func TestMessage(t *testing.T) {
	t.Parallel()
	m := readMail(t, mail(`"Per conto di: anna@aurora.example" <`+aurora+`>`, bruno, "X-Trasporto: posta-certificata", "POSTA CERTIFICATA: prova"))
	m.Certification = &certification.Data{
		Issuer: "Aurora PEC S.p.A.", Identifier: "one@gestore.aurora.example", Day: "02/03/2026", Time: "12:00:00", Zone: "+0100",
		Sender: anna, Recipients: []certification.Recipient{{Address: bruno, Type: "certificato"}, {Address: elena, Type: "esterno"}},
	}
	single := &rules.Single{
		Message: m, Verdict: rules.Fail,
		Checks: []rules.Check{
			{Rule: "PEC-TE-004", Verdict: rules.Fail, Expected: `"Per conto di: anna@aurora.example"`, Seen: `"On behalf of: anna"`, Where: rules.Where{Part: "header From"}},
			{Rule: "PEC-SIG-007", Verdict: rules.Warn, Expected: "SHA-256", Seen: "SHA-1", Because: "SHA-1 digests were still produced"},
			{Rule: "PEC-TE-001", Verdict: rules.Pass, Count: 1},
			{Rule: "PEC-TE-001", Verdict: rules.Pass, Count: 1},
			{Rule: "PEC-GEN-014", Verdict: rules.Observed},
		},
		Missing: map[string]string{"PEC-SIG-004": "the directory", "PEC-SIG-005": "the directory", "PEC-LOG-001": "the provider's log"},
	}
	var b bytes.Buffer
	if err := Message(&b, loadCatalogue(t), "message.eml", single, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "message.txt", b.Bytes())
}

func TestMessageVerdicts(t *testing.T) {
	t.Parallel()
	ordinary := readMail(t, []byte("From: a@b.example\r\n\r\ntext\r\n"))
	envelope := readMail(t, mail(aurora, bruno, "X-Trasporto: posta-certificata", "POSTA CERTIFICATA: x"))
	for _, test := range []struct {
		name    string
		single  rules.Single
		trusted bool
		want    []string
	}{
		{"kept", rules.Single{Message: envelope, Verdict: rules.Pass, Checks: []rules.Check{{Rule: "PEC-TE-001", Verdict: rules.Pass}}}, true, []string{"CONFORMANT, in what", "judged by the CA"}},
		{"warned", rules.Single{Message: envelope, Verdict: rules.Warn, Checks: []rules.Check{{Rule: "PEC-TE-001", Verdict: rules.Warn}}}, false, []string{"WITH WARNINGS", "not judged: give the CA"}},
		{"harness", rules.Single{Message: envelope, Verdict: rules.Error, Checks: []rules.Check{{Rule: "PEC-TE-001", Verdict: rules.Error}}}, false, []string{"NONE: the harness failed"}},
		{"ordinary", rules.Single{Message: ordinary, Verdict: rules.NotExercised}, false, []string{"ordinary mail, which the rules of certified e-mail do not bind"}},
		{"nothing", rules.Single{Message: envelope, Verdict: rules.NotExercised}, false, []string{"no rule could be judged"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := Message(&b, loadCatalogue(t), "x.eml", &test.single, test.trusted); err != nil {
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

func TestSignerWords(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	profile := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Posta Certificata", Organization: []string{"Aurora PEC S.p.A."}},
		EmailAddresses: []string{aurora}, NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, profile, profile, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	content := []byte("Content-Type: text/plain\r\n\r\ntext\r\n")
	signature, err := (&smime.Signer{Certificate: certificate, Key: key}).Sign(content, noon)
	if err != nil {
		t.Fatal(err)
	}
	part := func(octets []byte) *rawmime.Entity {
		e, err := rawmime.Parse(octets, rawmime.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	binary := append([]byte("Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: binary\r\n\r\n"), signature...)
	want := "Posta Certificata <" + aurora + ">, digest SHA-256, at 02/03/2026 12:00:00 +0100"
	if got := signerWords(&pec.Message{Signed: part(content), SignaturePart: part(binary)}); got != want {
		t.Errorf("signerWords = %q, want %q", got, want)
	}
	altered := part([]byte("Content-Type: text/plain\r\n\r\nTEXT\r\n"))
	if got := signerWords(&pec.Message{Signed: altered, SignaturePart: part(binary)}); !strings.HasPrefix(got, "unknown: ") {
		t.Errorf("an altered message is said to be signed by %q", got)
	}
	if got := signerWords(&pec.Message{}); !strings.HasPrefix(got, "nobody") {
		t.Errorf("an unsigned message is said to be signed by %q", got)
	}
}
