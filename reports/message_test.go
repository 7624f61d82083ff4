package reports

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"strings"
	"testing"

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
	if err := Message(&b, loadCatalogue(t), "message.eml", single); err != nil {
		t.Fatal(err)
	}
	golden(t, "message.txt", b.Bytes())
}

func TestMessageVerdicts(t *testing.T) {
	t.Parallel()
	ordinary := readMail(t, []byte("From: a@b.example\r\n\r\ntext\r\n"))
	envelope := readMail(t, mail(aurora, bruno, "X-Trasporto: posta-certificata", "POSTA CERTIFICATA: x"))
	unclear := readMail(t, mail(aurora, bruno, "X-Trasporto: posta", "POSTA CERTIFICATA: x"))
	pass := rules.Check{Rule: "PEC-TE-001", Verdict: rules.Pass}
	trusted := func(verdict rules.Verdict) []rules.Check {
		return []rules.Check{pass, {Rule: "PEC-SIG-004", Verdict: rules.Pass}, {Rule: "PEC-SIG-006", Verdict: verdict}}
	}
	for _, test := range []struct {
		name   string
		single rules.Single
		want   []string
	}{
		{"kept", rules.Single{Message: envelope, Verdict: rules.Pass, Trusted: true, Checks: trusted(rules.Pass)}, []string{"CONFORMANT, in what", "has not revoked it", "kept 3 rules"}},
		{
			"not wholly judged",
			rules.Single{Message: envelope, Verdict: rules.Pass, Trusted: true, Checks: trusted(rules.Pass), Missing: map[string]string{"PEC-SIG-006": "a list"}},
			[]string{"revocation is not judged (--crl)", "kept 2 rules", "1 rule, which take more than the message: a list (1)"},
		},
		{"not trusted", rules.Single{Message: envelope, Verdict: rules.Fail, Trusted: true, Checks: trusted(rules.Fail)}, []string{"doubtful: see PEC-SIG-006 below"}},
		{
			"trusted, but altered",
			rules.Single{Message: envelope, Verdict: rules.Fail, Trusted: true, Checks: trusted(rules.Pass), SignatureErr: smime.ErrMismatch},
			[]string{"trust of no use: the directory lists the certificate, but the signature does not verify"},
		},
		{"nobody to trust", rules.Single{Message: envelope, Verdict: rules.Pass, Trusted: true, Checks: []rules.Check{pass}}, []string{"not judged: there is no signer"}},
		{"warned", rules.Single{Message: envelope, Verdict: rules.Warn, Checks: []rules.Check{{Rule: "PEC-TE-001", Verdict: rules.Warn}}}, []string{"CONFORMANT WITH WARNINGS (1), in", "not judged: it takes the CA"}},
		{
			"not concluded",
			rules.Single{Message: envelope, Verdict: rules.Inconclusive, Checks: []rules.Check{pass, {Rule: "PEC-SIG-002", Verdict: rules.Inconclusive, Need: "another engine"}}},
			[]string{"INCONCLUSIVE: 1 rule could not be concluded", "needs another engine"},
		},
		{"harness", rules.Single{Message: envelope, Verdict: rules.Error, Checks: []rules.Check{{Rule: "PEC-TE-001", Verdict: rules.Error}}}, []string{"INVALID: the harness failed"}},
		{"ordinary", rules.Single{Message: ordinary, Verdict: rules.NotExercised}, []string{"Ordinary mail, no certified e-mail", "INCONCLUSIVE: nothing was judged; the rules of certified e-mail do not bind ordinary mail"}},
		{"cut", rules.Single{Message: ordinary, Verdict: rules.Fail, Cut: "It ends."}, []string{"What this is cannot be told", "NOT CONFORMANT: the message is cut", "cut It ends."}},
		{"of no kind", rules.Single{Message: ordinary, Verdict: rules.Fail, Checks: []rules.Check{{Rule: "PEC-GEN-017", Verdict: rules.Fail, Count: 3}}}, []string{"Certified e-mail of no kind", "and 2 more places"}},
		{"unclear", rules.Single{Message: unclear, Verdict: rules.Fail, Checks: []rules.Check{{Rule: "PEC-GEN-016", Verdict: rules.Fail}}}, []string{"Certified e-mail of no clear kind", "NOT CONFORMANT: 1 rule broken"}},
		{"nothing", rules.Single{Message: envelope, Verdict: rules.NotExercised}, []string{"no rule could be judged"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := Message(&b, loadCatalogue(t), "x.eml", &test.single); err != nil {
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

func TestPlaceWords(t *testing.T) {
	t.Parallel()
	m := readMail(t, mail(aurora, bruno, "X-Ricevuta: accettazione", "ACCETTAZIONE: x"))
	anomaly := readMail(t, mail(aurora, bruno, "X-Trasporto: errore", "ANOMALIA MESSAGGIO: x"))
	for _, test := range []struct {
		m          *pec.Message
		rule, part string
		want       string
	}{
		{m, "PEC-GEN-024", "header Subject", "header Subject, line 3"},
		{m, "PEC-GEN-018", "header From", "header From, line 1"},
		{m, "PEC-GEN-034", "header Return-Path", "header Return-Path (absent)"},
		{m, "PEC-GEN-017", "header X-Ricevuta, X-Trasporto", "header X-Ricevuta, X-Trasporto"},
		{m, "PEC-XML-001", "daticert.xml", "daticert.xml"},
		{m, "PEC-GEN-001", "", ""},
		{anomaly, "PEC-ANO-003", "header Subject", "header Subject, line 3"},
		{anomaly, "PEC-TE-003", "header Subject", "header Subject"},
	} {
		if got := placeWords(test.m, rules.Check{Rule: test.rule, Where: rules.Where{Part: test.part}}); got != test.want {
			t.Errorf("%s %q: got %q, expected %q", test.rule, test.part, got, test.want)
		}
	}
}

func TestSignerWords(t *testing.T) {
	t.Parallel()
	part := &rawmime.Entity{}
	m := &pec.Message{Signed: part, SignaturePart: part}
	signed := &smime.Signature{
		Certificate: &x509.Certificate{Subject: pkix.Name{CommonName: "Posta Certificata"}, EmailAddresses: []string{aurora}},
		Digest:      crypto.SHA256, HasSigningTime: true, SigningTime: noon,
	}
	who := "Posta Certificata <" + aurora + ">, digest SHA-256, at 02/03/2026 12:00:00 +0100; the signature "
	for _, test := range []struct {
		name   string
		single rules.Single
		want   string
	}{
		{"verified", rules.Single{Message: m, Signature: signed}, who + "verifies"},
		{"altered", rules.Single{Message: m, Signature: signed, SignatureErr: fmt.Errorf("x: %w", smime.ErrMismatch)}, who + "DOES NOT VERIFY: the signed content or the signature was altered"},
		{"not verified", rules.Single{Message: m, Signature: signed, SignatureErr: smime.ErrUnsupported}, who + "was not verified: not supported by this engine"},
		{"unreadable", rules.Single{Message: m, SignatureErr: smime.ErrMalformed}, "unknown: malformed signature"},
		{"no certificate", rules.Single{Message: m, Signature: &smime.Signature{}}, "unknown: the signature holds no certificate of its signer"},
		{"unsigned", rules.Single{Message: &pec.Message{}}, "nobody: the message has no signature part"},
	} {
		if got := signerWords(&test.single); got != test.want {
			t.Errorf("%s: got %q, expected %q", test.name, got, test.want)
		}
	}
}
