package compose_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/compose"
)

// kinds makes one draft of every variant.
func kinds(t testing.TB) map[string]*compose.Draft {
	t.Helper()
	p, f := provider(), facts()
	enclosed := compose.RewriteOriginal([]byte(original), f.Identifier)
	delivery := func(asked string, primary bool) *compose.Draft {
		f := f
		f.ReceiptType = asked
		d, err := compose.Delivery(p, f, instant, own, "bruno@borea.example", primary, enclosed)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	received := []byte(original)
	return map[string]*compose.Draft{
		compose.VariantAcceptance:         compose.Acceptance(p, f, instant, own),
		compose.VariantNonAcceptance:      compose.NonAcceptance(p, f, instant, own, compose.Reason{Code: "5.6.0", Text: "il campo To è assente"}),
		compose.VariantNonAcceptanceVirus: compose.NonAcceptanceVirus(p, f, instant, own, "Prova"),
		compose.VariantTransportEnvelope:  compose.TransportEnvelope(p, f, instant, enclosed, compose.Inherited(enclosed, false)),
		compose.VariantTakenInCharge:      compose.TakenInCharge(p, f, instant, own, []string{"bruno@borea.example"}, "ricevute@gestore.borea.example"),
		compose.VariantAnomalyEnvelope:    compose.AnomalyEnvelope(p, f, instant, received, compose.Inherited(received, true), "Firma non presente o non autentica"),
		compose.VariantVirusDetection:     compose.VirusDetection(p, f, instant, own, "bruno@borea.example", "Prova", "ricevute@gestore.borea.example"),
		compose.VariantNonDelivery: compose.NonDelivery(p, f, instant, own, "bruno@borea.example",
			compose.Failure{Error: "no-dest", Reason: compose.Reason{Code: "5.1.1", Text: "indirizzo non valido"}}),
		compose.VariantNonDeliveryVirus: compose.NonDeliveryVirus(p, f, instant, own, "bruno@borea.example", "Prova"),
		compose.VariantDelay12:          compose.Delay(p, f, instant, own, "bruno@borea.example", true),
		compose.VariantDelay24:          compose.Delay(p, f, instant, own, "bruno@borea.example", false),
		compose.VariantDeliveryComplete: delivery("", true),
		compose.VariantDeliveryBrief:    delivery("breve", true),
		compose.VariantDeliveryConcise:  delivery("completa", false),
	}
}

// expectation is what a variant must look like when it is read back.
type expectation struct {
	kind            pec.Kind
	virus           bool
	subject, to     string
	kindOf, failure string // postacert@tipo and @errore; "" no certification data
	original        bool
	receiptType     string
	delivery        string
	reception       []string
	text            []string // all of this stands in the readable text
}

func TestEveryVariantReadsBackAsItWasMeant(t *testing.T) {
	t.Parallel()
	const bruno = "bruno@borea.example"
	all := map[string]expectation{
		compose.VariantAcceptance: {
			kind: pec.Acceptance, subject: "ACCETTAZIONE: Offerta n. 7", to: "anna@aurora.example",
			kindOf: "accettazione", failure: "nessuno",
			text: []string{
				"Ricevuta di accettazione", `bruno@borea.example ("posta certificata")`, `elena@posta.example ("posta ordinaria")`,
				"è stato accettato dal sistema ed inoltrato.",
			},
		},
		compose.VariantNonAcceptance: {
			kind: pec.NonAcceptance, subject: "AVVISO DI NON ACCETTAZIONE: Offerta n. 7", to: "anna@aurora.example",
			kindOf: "non-accettazione", failure: "altro",
			text: []string{"a causa di 5.6.0 - Aurora PEC S.p.A. - il campo To è assente.", "Il messaggio non è stato accettato."},
		},
		compose.VariantNonAcceptanceVirus: {
			kind: pec.NonAcceptance, virus: true, subject: "AVVISO DI NON ACCETTAZIONE PER VIRUS: Offerta n. 7",
			to: "anna@aurora.example", kindOf: "non-accettazione", failure: "virus", text: []string{"problema di sicurezza", "Prova"},
		},
		compose.VariantTransportEnvelope: {
			kind: pec.TransportEnvelope, subject: "POSTA CERTIFICATA: Offerta n. 7", to: "\"Bruno\"\t<bruno@borea.example>",
			kindOf: "posta-certificata", failure: "nessuno", original: true, receiptType: "completa",
			text: []string{"Messaggio di posta certificata", `è stato inviato da "anna@aurora.example"`, "Il messaggio originale è incluso in allegato."},
		},
		compose.VariantTakenInCharge: {
			kind: pec.TakenInCharge, subject: "PRESA IN CARICO: Offerta n. 7", to: "ricevute@gestore.borea.example",
			kindOf: "presa-in-carico", failure: "nessuno", reception: []string{bruno}, text: []string{"Ricevuta di presa in carico"},
		},
		compose.VariantAnomalyEnvelope: {
			kind: pec.AnomalyEnvelope, subject: "ANOMALIA MESSAGGIO: Offerta n. 7", to: "\"Bruno\"\t<bruno@borea.example>",
			original: true, text: []string{"Tali dati non sono stati certificati", "Firma non presente o non autentica"},
		},
		compose.VariantVirusDetection: {
			kind: pec.VirusDetection, subject: "PROBLEMA DI SICUREZZA: Offerta n. 7", to: "ricevute@gestore.borea.example",
			kindOf: "rilevazione-virus", failure: "virus", delivery: bruno, text: []string{"Avviso di rilevazione virus", "Prova"},
		},
		compose.VariantNonDelivery: {
			kind: pec.NonDelivery, subject: "AVVISO DI MANCATA CONSEGNA: Offerta n. 7", to: "anna@aurora.example",
			kindOf: "errore-consegna", failure: "no-dest", delivery: bruno,
			text: []string{"5.1.1 - Aurora PEC S.p.A. - indirizzo non valido", "Il messaggio è stato rifiutato dal sistema."},
		},
		compose.VariantNonDeliveryVirus: {
			kind: pec.NonDelivery, virus: true, subject: "AVVISO DI MANCATA CONSEGNA PER VIRUS: Offerta n. 7",
			to: "anna@aurora.example", kindOf: "errore-consegna", failure: "virus", delivery: bruno, text: []string{"Il messaggio non è stato consegnato."},
		},
		compose.VariantDelay12: {
			kind: pec.Delay, subject: "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: Offerta n. 7", to: "anna@aurora.example",
			kindOf: "preavviso-errore-consegna", failure: "altro", delivery: bruno, text: []string{"nelle prime dodici ore"},
		},
		compose.VariantDelay24: {
			kind: pec.Delay, subject: "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: Offerta n. 7", to: "anna@aurora.example",
			kindOf: "preavviso-errore-consegna", failure: "altro", delivery: bruno, text: []string{"5.4.1", "non andata a buon fine"},
		},
		compose.VariantDeliveryComplete: {
			kind: pec.Delivery, subject: "CONSEGNA: Offerta n. 7", to: "anna@aurora.example",
			kindOf: "avvenuta-consegna", failure: "nessuno", original: true, receiptType: "completa", delivery: bruno,
			text: []string{"Ricevuta di avvenuta consegna", "è stato consegnato nella casella di destinazione."},
		},
		compose.VariantDeliveryBrief: {
			kind: pec.Delivery, subject: "CONSEGNA: Offerta n. 7", to: "anna@aurora.example",
			kindOf: "avvenuta-consegna", failure: "nessuno", original: true, receiptType: "breve", delivery: bruno,
			text: []string{"Ricevuta breve di avvenuta consegna"},
		},
		compose.VariantDeliveryConcise: {
			kind: pec.Delivery, subject: "CONSEGNA: Offerta n. 7", to: "anna@aurora.example",
			kindOf: "avvenuta-consegna", failure: "nessuno", receiptType: "completa", delivery: bruno,
			text: []string{"Ricevuta sintetica di avvenuta consegna"},
		},
	}
	for variant, draft := range kinds(t) {
		t.Run(variant, func(t *testing.T) {
			t.Parallel()
			if got := draft.Variant(); got != variant {
				t.Errorf("Variant() = %q, want %q", got, variant)
			}
			sealed, m := seal(t, draft)
			judge(t, m, all[variant])
			if bytes.Contains(bytes.ReplaceAll(sealed, []byte("\r\n"), nil), []byte("\n")) {
				t.Error("a line does not end in CRLF")
			}
			der, err := m.SignaturePart.Decoded()
			if err != nil {
				t.Fatal(err)
			}
			s, err := smime.Verify(m.Signed.Raw(), der)
			if err != nil {
				t.Fatalf("the signature does not verify: %v", err)
			}
			if !s.SigningTime.Equal(instant) {
				t.Errorf("signed at %v, want the instant of the draft, %v", s.SigningTime, instant)
			}
		})
	}
}

func judge(t *testing.T, m *pec.Message, want expectation) {
	t.Helper()
	got := expectation{kind: m.Kind, virus: m.Virus, subject: m.Root.Value("Subject"), to: m.Root.Value("To"), original: m.Original != nil, text: want.text}
	if c := m.Certification; c != nil {
		got.kindOf, got.failure, got.receiptType, got.delivery, got.reception = c.Type, c.Error, c.ReceiptType, c.Delivery, c.Reception
		if c.Day != "09/07/2026" || c.Time != "16:05:06" || c.Zone != "+0200" {
			t.Errorf("certification data say %s %s %s, want legal time 09/07/2026 16:05:06 +0200", c.Day, c.Time, c.Zone)
		}
		if (c.Error == "nessuno") == c.HasExtendedError {
			t.Errorf("errore=%q with errore-esteso %q", c.Error, c.ExtendedError)
		}
	} else if want.kindOf != "" {
		t.Errorf("the certification data cannot be read: %v", m.CertificationErr)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(expectation{})); diff != "" {
		t.Errorf("read back otherwise (-want +got):\n%s", diff)
	}
	if len(m.Findings) > 0 {
		t.Errorf("findings: %v", m.Findings)
	}
	if date := m.Root.Value("Date"); date != "Thu, 09 Jul 2026 16:05:06 +0200" {
		t.Errorf("Date is %q", date)
	}
	plain, err := m.PlainText.Text()
	if err != nil {
		t.Fatal(err)
	}
	html, err := m.HTMLText.Text()
	if err != nil {
		t.Fatal(err)
	}
	facts := append([]string{"Il giorno 09/07/2026 alle ore 16:05:06 (+0200)", `"Offerta n. 7"`}, want.text...)
	if m.Kind != pec.AnomalyEnvelope {
		facts = append(facts, "Identificativo messaggio: pec20260709160506aa@gestore.aurora.example")
	}
	unescape := strings.NewReplacer("&#34;", `"`, "&#39;", "'", "<br>\n", "\n")
	for _, fact := range facts {
		if !strings.Contains(strings.ReplaceAll(plain, "\r\n", "\n"), fact) {
			t.Errorf("the plain text lacks %q:\n%s", fact, plain)
		}
		if !strings.Contains(unescape.Replace(strings.ReplaceAll(html, "\r\n", "\n")), fact) {
			t.Errorf("the HTML lacks %q:\n%s", fact, html)
		}
	}
}

func TestReceiptHeader(t *testing.T) {
	t.Parallel()
	_, m := seal(t, kinds(t)[compose.VariantAcceptance])
	want := map[string]string{
		"Return-Path": "<posta-certificata@gestore.aurora.example>", "From": "posta-certificata@gestore.aurora.example",
		"X-Ricevuta": "accettazione", "X-Riferimento-Message-ID": "<abc.1@client.example>", "Message-ID": "<" + own + ">",
		"X-VerificaSicurezza": "", "X-Trasporto": "", "Reply-To": "", "Sender": "", "X-TipoRicevuta": "",
	}
	got := map[string]string{}
	for name := range want {
		got[name] = m.Root.Value(name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}

func TestEnvelopeHeader(t *testing.T) {
	t.Parallel()
	f := facts()
	f.ReplyTo, f.ReceiptType, f.ReceiptTypeAsked = `"Ufficio" <ufficio@aurora.example>`, "breve", true
	enclosed := compose.RewriteOriginal([]byte(strings.Replace(original, "Subject:", "Reply-To: \"Ufficio\"\r\n <ufficio@aurora.example>\r\nX-TipoRicevuta: breve\r\nSubject:", 1)), f.Identifier)
	_, m := seal(t, compose.TransportEnvelope(provider(), f, instant, enclosed, compose.Inherited(enclosed, false)))
	want := map[string]string{
		"Return-Path": "<anna@aurora.example>", "From": `"Per conto di: anna@aurora.example" <posta-certificata@gestore.aurora.example>`,
		"X-Trasporto": "posta-certificata", "X-Ricevuta": "", "X-Riferimento-Message-ID": "<abc.1@client.example>",
		"Message-ID": "<" + f.Identifier + ">", "X-TipoRicevuta": "breve", "Cc": "elena@posta.example",
		"Received": "from client by gestore.aurora.example; Thu, 9 Jul 2026 16:05:05 +0200",
		"Reply-To": `"Ufficio" <ufficio@aurora.example>`,
	}
	got := map[string]string{}
	for name := range want {
		got[name] = m.Root.Value(name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	if to := string(m.Root.Lookup("To")[0].Raw()); to != "To: \"Bruno\"\r\n\t<bruno@borea.example>\r\n" {
		t.Errorf("To was not inherited octet by octet: %q", to)
	}
	if m.Certification.ReplyTo != "ufficio@aurora.example" || m.Certification.ReceiptType != "breve" {
		t.Errorf("risposte %q, ricevuta %q", m.Certification.ReplyTo, m.Certification.ReceiptType)
	}
	if !bytes.Equal(m.Original.Raw(), enclosed) {
		t.Errorf("the enclosed original differs:\n%q\n%q", m.Original.Raw(), enclosed)
	}
}

func TestAnomalyEnvelopeKeepsWhatCame(t *testing.T) {
	t.Parallel()
	_, m := seal(t, kinds(t)[compose.VariantAnomalyEnvelope])
	if !bytes.Equal(m.Original.Raw(), []byte(original)) {
		t.Errorf("enclosed %q", m.Original.Raw())
	}
	if id := m.Root.Value("Message-ID"); id != "<abc.1@client.example>" {
		t.Errorf("Message-ID %q is not inherited", id)
	}
	if len(m.CertificationParts) != 0 || len(m.Content.Parts) != 2 {
		t.Errorf("%d parts, %d of certification data", len(m.Content.Parts), len(m.CertificationParts))
	}
}
