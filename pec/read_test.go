package pec

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, l letter) *Message {
	t.Helper()
	m, err := Read(l.bytes())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func codes(m *Message) []string {
	var c []string
	for _, f := range m.Findings {
		c = append(c, f.Code)
	}
	return c
}

func TestReadKinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		header string
		parts  []string
		kind   Kind
		virus  bool
	}{
		{"X-Ricevuta: accettazione\n", []string{plain, data("accettazione", "nessuno", "")}, Acceptance, false},
		{"X-Ricevuta: non-accettazione\n", []string{plain, data("non-accettazione", "altro", "")}, NonAcceptance, false},
		{"X-Ricevuta: non-accettazione\nX-VerificaSicurezza: errore\n", []string{plain, data("non-accettazione", "virus", "")}, NonAcceptance, true},
		{"X-Ricevuta: presa-in-carico\n", []string{plain, data("presa-in-carico", "nessuno", "")}, TakenInCharge, false},
		{"X-Ricevuta: avvenuta-consegna\n", []string{plain, data("avvenuta-consegna", "nessuno", ""), original}, Delivery, false},
		{"X-Ricevuta: errore-consegna\n", []string{plain, data("errore-consegna", "no-dest", "")}, NonDelivery, false},
		{"X-Ricevuta: errore-consegna\nX-VerificaSicurezza: errore\n", []string{plain, data("errore-consegna", "virus", "")}, NonDelivery, true},
		{"X-Ricevuta: preavviso-errore-consegna\n", []string{plain, data("preavviso-errore-consegna", "altro", "")}, Delay, false},
		{"X-Ricevuta: rilevazione-virus\n", []string{plain, data("rilevazione-virus", "virus", "")}, VirusDetection, false},
		{"X-Trasporto: posta-certificata\n", []string{alternative, original, data("posta-certificata", "nessuno", "")}, TransportEnvelope, false},
		{"x-trasporto:\n posta-certificata\n", []string{plain, original, data("posta-certificata", "nessuno", "")}, TransportEnvelope, false},
		{"X-Trasporto: errore\n", []string{plain, original}, AnomalyEnvelope, false},
		{"Subject: ACCETTAZIONE: x\n", []string{plain}, Ordinary, false},
	} {
		t.Run(c.kind.String()+c.header, func(t *testing.T) {
			t.Parallel()
			m := read(t, letter{header: c.header, parts: c.parts})
			if m.Kind != c.kind || m.Virus != c.virus || len(m.Findings) != 0 {
				t.Errorf("got %s, virus %t, findings %v", m.Kind, m.Virus, m.Findings)
			}
			if m.Text == nil || m.PlainText == nil || m.Signed == nil || m.Content != m.Signed || m.SignaturePart == nil {
				t.Errorf("parts are missing: %+v", m)
			}
			if hasData := m.Certification != nil; hasData != (len(c.parts) > 1 && c.kind != AnomalyEnvelope) {
				t.Errorf("certification %v, %v", m.Certification, m.CertificationErr)
			}
		})
	}
}

func TestReadFindings(t *testing.T) {
	t.Parallel()
	good := []string{plain, data("accettazione", "nessuno", "")}
	envelope := []string{plain, original, data("posta-certificata", "nessuno", `<ricevuta tipo="breve"/>`)}
	const acceptance = "X-Ricevuta: accettazione\n"
	const transport = "X-Trasporto: posta-certificata\n"
	for _, c := range []struct {
		name   string
		letter letter
		kind   Kind
		codes  []string
	}{
		{"both headers", letter{header: acceptance + transport, parts: good}, Unclear, []string{FindingReceiptAndTransport}},
		{"header twice", letter{header: acceptance + acceptance, parts: good}, Unclear, []string{FindingHeaderRepeated}},
		{"unknown receipt", letter{header: "X-Ricevuta: accettazione-parziale\n", parts: good}, Unclear, []string{FindingUnknownKind}},
		{"substring", letter{header: "X-Ricevuta: x accettazione\n", parts: good}, Unclear, []string{FindingUnknownKind}},
		{"receipt token in the other header", letter{header: "X-Trasporto: accettazione\n", parts: good}, Unclear, []string{FindingUnknownKind}},
		{"empty value", letter{header: "X-Ricevuta:\n", parts: good}, Unclear, []string{FindingUnknownKind}},
		{"another case", letter{header: "X-Ricevuta: Accettazione\n", parts: good}, Acceptance, []string{FindingKindCase}},
		{"data of another kind", letter{header: "X-Ricevuta: avvenuta-consegna\n", parts: good}, Delivery, []string{FindingKindVsData}},
		{
			"envelope with data of a receipt",
			letter{header: transport, parts: append([]string{original}, good...)},
			TransportEnvelope,
			[]string{FindingTextNotFirst, FindingKindVsData},
		},
		{"anomaly with data", letter{header: "X-Trasporto: errore\n", parts: envelope}, AnomalyEnvelope, []string{FindingDataInAnomaly}},
		{"data without header", letter{parts: good}, Ordinary, []string{FindingDataWithoutKind}},
		{
			"virus in the data only",
			letter{header: "X-Ricevuta: errore-consegna\n", parts: []string{plain, data("errore-consegna", "virus", "")}},
			NonDelivery,
			[]string{FindingVirusVsData},
		},
		{
			"virus in the header only",
			letter{header: "X-Ricevuta: errore-consegna\nX-VerificaSicurezza: errore\n", parts: []string{plain, data("errore-consegna", "altro", "")}},
			NonDelivery,
			[]string{FindingVirusVsData},
		},
		{"virus header misplaced", letter{header: acceptance + "X-VerificaSicurezza: errore\n", parts: good}, Acceptance, []string{FindingSecurityMisplaced}},
		{"virus header unknown", letter{header: acceptance + "X-VerificaSicurezza: ok\n", parts: good}, Acceptance, []string{FindingSecurityUnknown}},
		{"virus header twice", letter{
			header: "X-Ricevuta: errore-consegna\nX-VerificaSicurezza: errore\nX-VerificaSicurezza: errore\n",
			parts:  []string{plain, data("errore-consegna", "virus", "")},
		}, NonDelivery, []string{FindingHeaderRepeated}},
		{"receipt type agrees", letter{header: transport + "X-TipoRicevuta: Breve\n", parts: envelope}, TransportEnvelope, nil},
		{"receipt type differs", letter{header: transport + "X-TipoRicevuta: sintetica\n", parts: envelope}, TransportEnvelope, []string{FindingReceiptTypeVsData}},
		{"unsigned", letter{header: acceptance, unsigned: true, parts: good}, Acceptance, []string{FindingUnsigned}},
		{"opaque", letter{header: acceptance, outer: "application/pkcs7-mime", parts: good}, Acceptance, []string{FindingOpaqueSigned, FindingContentType}},
		{"content is no mixed", letter{header: acceptance, content: "multipart/related", parts: good}, Acceptance, []string{FindingContentType}},
		{"content is no multipart", letter{header: acceptance, content: "text/plain", parts: good}, Acceptance, []string{FindingContentType}},
		{"no data", letter{header: acceptance, parts: []string{plain}}, Acceptance, []string{FindingCertificationMissing}},
		{"data twice", letter{header: acceptance, parts: append(good, good[1])}, Acceptance, []string{FindingCertificationRepeated}},
		{
			"name of the RFC",
			letter{header: acceptance, parts: []string{plain, strings.ReplaceAll(good[1], "daticert", "certdata")}},
			Acceptance,
			[]string{FindingCertificationName},
		},
		{
			"damaged encoding",
			letter{header: acceptance, parts: []string{plain, "Content-Transfer-Encoding: base64\n" + good[1]}},
			Acceptance,
			[]string{FindingCertificationEncoding},
		},
		{"no original", letter{header: transport, parts: []string{plain, data("posta-certificata", "nessuno", "")}}, TransportEnvelope, []string{FindingOriginalMissing}},
		{"two originals", letter{header: transport, parts: append(envelope, original)}, TransportEnvelope, []string{FindingOriginalRepeated}},
		{
			"original in base64",
			letter{header: transport, parts: []string{plain, "Content-Transfer-Encoding: base64\n" + original, envelope[2]}},
			TransportEnvelope,
			[]string{FindingOriginalUnreadable},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := read(t, c.letter)
			if m.Kind != c.kind {
				t.Errorf("got %s", m.Kind)
			}
			if diff := cmp.Diff(c.codes, codes(m)); diff != "" {
				t.Error(diff, m.Findings)
			}
		})
	}
}

// A certified message forwarded inside another: the inner certification data
// come first in the file and must not be taken.
func TestReadDoesNotDescendIntoTheOriginal(t *testing.T) {
	t.Parallel()
	inner := string(letter{header: "X-Ricevuta: avvenuta-consegna\n", parts: []string{plain, data("avvenuta-consegna", "nessuno", "")}}.bytes())
	inner = strings.NewReplacer("\r\n", "\n", "=in", "=deep", "--in", "--deep", "=out", "=deeper", "--out", "--deeper").Replace(inner)
	m := read(t, letter{
		header: "X-Trasporto: posta-certificata\n",
		parts:  []string{plain, "Content-Type: message/rfc822; name=postacert.eml\n\n" + inner, data("posta-certificata", "nessuno", "")},
	})
	if len(m.Findings) != 0 || len(m.CertificationParts) != 1 || m.Certification.Type != "posta-certificata" {
		t.Fatalf("findings %v, %d parts", m.Findings, len(m.CertificationParts))
	}
	forwarded, err := Read(m.Original.Raw())
	if err != nil || forwarded.Kind != Delivery || forwarded.Certification.Type != "avvenuta-consegna" || len(forwarded.Findings) != 0 {
		t.Errorf("got %+v, %v", forwarded, err)
	}
	// Without data of its own the envelope has none, whatever is inside.
	m = read(t, letter{header: "X-Trasporto: posta-certificata\n", parts: []string{plain, "Content-Type: message/rfc822; name=postacert.eml\n\n" + inner}})
	if m.Certification != nil || len(m.CertificationParts) != 0 {
		t.Error("took certification data from inside the original")
	}
}

func TestReadOriginalAndTexts(t *testing.T) {
	t.Parallel()
	m := read(t, letter{header: "X-Trasporto: posta-certificata\n", parts: []string{alternative, original, data("posta-certificata", "nessuno", "")}})
	if got := string(m.Original.Raw()); got != "Subject: ciao\r\nFrom: anna@aurora.example\r\n\r\nTesto" {
		t.Errorf("original %q", got)
	}
	if m.PlainText == m.Text || string(m.PlainText.Body()) != "a" || string(m.HTMLText.Body()) != "b" {
		t.Errorf("plain %q, html %q", m.PlainText.Body(), m.HTMLText.Body())
	}
}

func TestReadBrokenCertification(t *testing.T) {
	t.Parallel()
	m := read(t, letter{header: "X-Ricevuta: accettazione\n", parts: []string{plain, named("daticert.xml", "<postacert/>")}})
	if m.Certification != nil || m.CertificationErr == nil || len(m.Findings) != 0 || len(m.CertificationNotes) != 1 {
		t.Errorf("got %v, %v, %v", m.Certification, m.CertificationErr, m.Findings)
	}
}

func TestReadWhateverComes(t *testing.T) {
	t.Parallel()
	if _, err := Read(nil); err == nil {
		t.Error("an empty message was read")
	}
	whole := letter{header: "X-Trasporto: posta-certificata\n", parts: []string{alternative, original, data("posta-certificata", "nessuno", "")}}.bytes()
	for cut := 1; cut <= len(whole); cut++ {
		m, err := Read(whole[:cut])
		if err != nil || m.Root == nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
	m, err := Read([]byte("just some text\n"))
	if err != nil || m.Kind != Ordinary || m.Content != nil || len(m.Findings) != 0 {
		t.Errorf("got %+v, %v", m, err)
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for k := Ordinary; k <= Unclear; k++ {
		if strings.HasPrefix(k.String(), "Kind(") || k.String() == "" {
			t.Errorf("%d has no name", k)
		}
		if k == Ordinary || k == Unclear {
			if k.Token() != "" || k.IsReceipt() || k.IsEnvelope() {
				t.Errorf("%s has a token", k)
			}
			continue
		}
		kindOf := KindOfReceipt
		if k.IsEnvelope() {
			kindOf = KindOfTransport
		}
		if got, ok := kindOf(strings.ToUpper(k.Token())); !ok || got != k || k.IsReceipt() == k.IsEnvelope() {
			t.Errorf("%s: %q gives %s", k, k.Token(), got)
		}
	}
	if _, ok := KindOfReceipt(""); ok {
		t.Error("the empty token is a kind")
	}
	if Kind(99).String() != "Kind(99)" || Kind(-1).Token() != "" || Kind(99).IsReceipt() {
		t.Error("kinds out of range")
	}
}

func TestZone(t *testing.T) {
	t.Parallel()
	for at, want := range map[time.Time]string{
		time.Date(2026, 3, 29, 0, 59, 59, 0, time.UTC):  "+0100",
		time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC):    "+0200",
		time.Date(2026, 10, 25, 0, 59, 59, 0, time.UTC): "+0200",
		time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC):   "+0100",
	} {
		if got := at.In(Zone()).Format("-0700"); got != want {
			t.Errorf("%v: got %s", at, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(letter{header: "X-Trasporto: posta-certificata\n", parts: []string{alternative, original, data("posta-certificata", "nessuno", "")}}.bytes())
	f.Add([]byte("X-Ricevuta: accettazione\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b--\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if m, err := Read(raw); (err == nil) != (len(raw) > 0) || err == nil && m.Root == nil {
			t.Fatalf("got %v, %v", m, err)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	raw := letter{header: "X-Trasporto: posta-certificata\n", parts: []string{alternative, original, data("posta-certificata", "nessuno", "")}}.bytes()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := Read(raw); err != nil {
			b.Fatal(err)
		}
	}
}
