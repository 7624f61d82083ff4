package simulator_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/antivirus"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/google/go-cmp/cmp"
)

func odd(c *simulator.Config) { c.OddDirectory = true }

// What a provider that is not one of ours sends, and what becomes of it. The
// anomaly envelope is the outcome of everything that is not a correct envelope.
func TestEnvelopesOfAnotherProvider(t *testing.T) {
	t.Parallel()
	correct := [2]counts{{"TransportEnvelope": 1}, {"TakenInCharge": 1, "Delivery": 1}}
	anomaly := [2]counts{{"AnomalyEnvelope": 1}, {}}
	xml := func(pattern, by string) func(*peer, *compose.Draft) {
		return func(_ *peer, d *compose.Draft) {
			d.CertificationXML = bytes.Replace(d.Certification.XML(), []byte(pattern), []byte(by), 1)
		}
	}
	tests := []struct {
		name   string
		signer string // correct when empty
		draft  func(*peer, *compose.Draft)
		sealed func([]byte) []byte
		fault  string
		want   [2]counts // Bruno's mailbox; what comes to the peer
	}{
		{name: "correct", want: correct},
		{name: "the renewed certificate", signer: "renewed", want: correct},
		{name: "the renewed certificate, when only the first counts", signer: "renewed", fault: "first-certificate-only", want: anomaly},
		{name: "a stranger to the directory", signer: "unlisted", want: anomaly},
		{name: "a stranger, believed", signer: "unlisted", fault: "accepts-unlisted-signer", want: [2]counts{{"TransportEnvelope": 1}, {"Delivery": 1}}},
		{name: "expired", signer: "expired", want: anomaly},
		{name: "expired, believed", signer: "expired", fault: "accepts-expired", want: correct},
		{name: "revoked", signer: "revoked", want: anomaly},
		{name: "revoked, believed", signer: "revoked", fault: "accepts-revoked", want: correct},
		{name: "another CA", signer: "foreign", want: anomaly},
		{name: "another CA, believed", signer: "foreign", fault: "accepts-foreign-chain", want: correct},
		{name: "only the hash is listed", signer: "hash-only", want: anomaly},
		{name: "only the hash is listed, believed", signer: "hash-only", fault: "accepts-hash-only", want: correct},
		{name: "another address in the certificate", signer: "other-address", want: anomaly},
		{name: "another address, believed", signer: "other-address", fault: "accepts-other-address", want: correct},
		{name: "From in a domain of another", draft: func(_ *peer, d *compose.Draft) {
			d.Set("From", `"Per conto di: x" <posta-certificata@gestore.aurora.example>`)
		}, want: anomaly},
		{name: "altered", sealed: func(o []byte) []byte { return bytes.Replace(o, []byte("messaggio"), []byte("messaggia"), 1) }, want: anomaly},
		{name: "altered, believed", fault: "accepts-altered", sealed: func(o []byte) []byte { return bytes.Replace(o, []byte("messaggio"), []byte("messaggia"), 1) }, want: correct},
		{name: "no signature", signer: "none", want: anomaly},
		{name: "no certification data", draft: func(_ *peer, d *compose.Draft) { d.Certification = nil }, want: anomaly},
		{name: "no certification data, accepted", fault: "formal-errors-accepted", draft: func(_ *peer, d *compose.Draft) { d.Certification = nil }, want: correct},
		{name: "no certification data, lost", fault: "formal-errors-dropped", draft: func(_ *peer, d *compose.Draft) { d.Certification = nil }, want: [2]counts{{}, {}}},
		{name: "certification data against the DTD", draft: xml("<dati>", "<dati><altro/>"), want: anomaly},
		{name: "certification data of a receipt", draft: xml(`tipo="posta-certificata"`, `tipo="accettazione"`), want: anomaly},
		{name: "an entity", draft: xml("<postacert", "<!DOCTYPE postacert [<!ENTITY e \"x\">]>\n<postacert"), want: anomaly},
		{name: "an entity, tolerated", fault: "hostile-data-tolerated", draft: xml("<postacert", "<!DOCTYPE postacert [<!ENTITY e \"x\">]>\n<postacert"), want: correct},
		{name: "a bare DOCTYPE", draft: xml("<postacert", "<!DOCTYPE postacert SYSTEM \"http://127.0.0.1:1/postacert.dtd\">\n<postacert"), want: correct},
		{name: "a doubled element", draft: xml("</identificativo>", "</identificativo><identificativo>x</identificativo>"), want: anomaly},
		{name: "without the optional attributes", draft: func(_ *peer, d *compose.Draft) {
			d.CertificationXML = []byte(strings.NewReplacer(` errore="nessuno"`, "", ` tipo="certificato"`, "").Replace(string(d.Certification.XML())))
		}, want: correct},
		{name: "no X-Trasporto", draft: func(_ *peer, d *compose.Draft) { d.Drop(pec.HeaderTransport) }, want: anomaly},
		{name: "no original", draft: func(_ *peer, d *compose.Draft) { d.Original = nil }, want: anomaly},
		{name: "parts in the other order", draft: func(_ *peer, d *compose.Draft) { d.Format.Order = "text original certification" }, want: correct},
		{name: "parts in the other order, minded", fault: "parts-in-one-order", draft: func(_ *peer, d *compose.Draft) { d.Format.Order = "text original certification" }, want: anomaly},
		{name: "another text", draft: func(_ *peer, d *compose.Draft) { d.Plain, d.HTML = "Saluti.\n", "" }, want: correct},
		{name: "another text, minded", fault: "decides-by-text", draft: func(_ *peer, d *compose.Draft) { d.Plain, d.HTML = "Saluti.\n", "" }, want: anomaly},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			change := []func(*simulator.Config){odd}
			if tt.fault != "" {
				change = append(change, faulty(tt.fault+"@gestore.borea.example"))
			}
			p := withPeer(t, change...)
			d := p.envelope("Prova", "Buongiorno.\r\n", bruno)
			if tt.draft != nil {
				tt.draft(p, d)
			}
			signer := tt.signer
			switch signer {
			case "":
				signer = "correct"
			case "none":
				signer = ""
			}
			octets := p.seal(d, signer)
			if tt.sealed != nil {
				octets = tt.sealed(octets)
			}
			if err := p.deliver(octets, bruno); err != nil {
				t.Fatal(err)
			}
			p.settle(t)
			got := [2]counts{p.kinds(t, bruno), p.taken()}
			if tt.fault == "accepts-unlisted-signer" {
				delete(got[1], "TakenInCharge") // where it goes nobody can say
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

// The same envelope again, as after a lost 250, gives neither a second delivery
// nor a second receipt, also after a restart; for another recipient it does.
func TestTheSameEnvelopeAgain(t *testing.T) {
	t.Parallel()
	p := withPeer(t)
	octets := p.seal(p.envelope("Ancora", "Buongiorno.\r\n", bruno, carla, full), "correct")
	send := func(to ...string) {
		t.Helper()
		if err := p.deliver(octets, to...); err != nil {
			t.Fatal(err)
		}
	}
	send(bruno, full)
	send(bruno, carla, full)
	p.settle(t)
	if err := p.Restart(t.Context(), "Borea PEC S.r.l."); err != nil {
		t.Fatal(err)
	}
	send(bruno)
	p.settle(t)
	for _, mailbox := range []string{bruno, carla} {
		if diff := cmp.Diff(counts{"TransportEnvelope": 1}, p.kinds(t, mailbox)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", mailbox, diff)
		}
	}
	if diff := cmp.Diff(counts{"TakenInCharge": 3, "Delivery": 2, "NonDelivery": 1}, p.taken()); diff != "" {
		t.Errorf("the peer (-want +got):\n%s", diff)
	}
	// What only bears the same identifier is another message.
	d := p.envelope("Altro", "Altro testo.\r\n", bruno)
	first, err := pec.Read(octets)
	if err != nil {
		t.Fatal(err)
	}
	d.Certification.Identifier = first.Certification.Identifier
	d.Set("Message-ID", "<"+first.Certification.Identifier+">")
	octets = p.seal(d, "correct")
	send(bruno)
	p.settle(t)
	if got := p.kinds(t, bruno)["TransportEnvelope"]; got != 2 {
		t.Errorf("%d envelopes, want the other message too", got)
	}
}

// Nothing infected that a provider signed is delivered, whatever it is, and
// that provider is told; what the scanner could not look through is no better.
func TestInfectedMessagesOfAnotherProvider(t *testing.T) {
	t.Parallel()
	virus := string(antivirus.EICAR()) + "\r\n"
	flawed := func(d *compose.Draft) { d.Certification = nil }
	deep := func(p *peer) *compose.Draft { // clean as far as anybody can see
		d := p.envelope("Profonda", "Buongiorno.\r\n", bruno)
		d.Original = []byte(strings.Repeat("From: "+paolo+"\r\nContent-Type: message/rfc822\r\n\r\n", 60) + "Subject: x\r\n\r\nfine\r\n")
		return d
	}
	tests := []struct {
		name, fault string
		make        func(p *peer) *compose.Draft
		want        [2]counts
	}{
		{"envelope", "", func(p *peer) *compose.Draft { return p.envelope("Infetta", virus, bruno) }, [2]counts{{}, {"VirusDetection": 1}}},
		{"formal error", "", func(p *peer) *compose.Draft {
			d := p.envelope("Infetta", virus, bruno)
			flawed(d)
			return d
		}, [2]counts{{}, {"VirusDetection": 1}}},
		{"formal error, let in", "infected-as-anomaly", func(p *peer) *compose.Draft {
			d := p.envelope("Infetta", virus, bruno)
			flawed(d)
			return d
		}, [2]counts{{"AnomalyEnvelope": 1}, {}}},
		{"receipt", "", func(p *peer) *compose.Draft { return p.receipt(virus) }, [2]counts{{}, {"VirusDetection": 1}}},
		{"receipt, let in", "infected-receipts-delivered", func(p *peer) *compose.Draft { return p.receipt(virus) }, [2]counts{{"Delivery": 1}, {}}},
		{"deeper than the scanner looks", "", deep, [2]counts{{}, {"VirusDetection": 1}}},
		{"deeper than the scanner looks, let in", "scans-in-part", deep, [2]counts{{"TransportEnvelope": 1}, {"TakenInCharge": 1, "Delivery": 1}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var change []func(*simulator.Config)
			if tt.fault != "" {
				change = append(change, faulty(tt.fault+"@gestore.borea.example"))
			}
			p := withPeer(t, change...)
			if err := p.deliver(p.seal(tt.make(p), "correct"), bruno); err != nil {
				t.Fatal(err)
			}
			p.settle(t)
			if diff := cmp.Diff(tt.want, [2]counts{p.kinds(t, bruno), p.taken()}); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if tt.want[1]["VirusDetection"] == 0 {
				return
			}
			notice := p.last()
			if notice.Root.Value("To") != cirro || notice.Certification == nil || notice.Certification.Identifier == "" {
				t.Errorf("the notice is for %s, about %+v", notice.Root.Value("To"), notice.Certification)
			}
			if kept, err := p.Quarantine(""); err != nil || len(kept) != 1 {
				t.Errorf("quarantine: %d messages (%v), want 1", len(kept), err)
			}
		})
	}
}

// receipt is a delivery receipt about a message that nobody of ours sent.
func (p *peer) receipt(body string) *compose.Draft {
	p.t.Helper()
	f := p.facts("Mai spedito", paolo)
	f.Sender = bruno
	id, err := compose.NewIdentifier(p.identity, p.Now())
	if err != nil {
		p.t.Fatal(err)
	}
	d, err := compose.Delivery(p.identity, f, p.Now(), id, paolo, true, []byte("From: "+bruno+"\r\nTo: "+paolo+"\r\n\r\n"+body))
	if err != nil {
		p.t.Fatal(err)
	}
	return d
}

// signedInside encloses a signed message whose signature belongs to another one,
// as a brief receipt does.
func signedInside(d *compose.Draft) {
	d.Original = []byte("From: " + bruno + "\r\nTo: " + paolo + "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=s\r\n\r\n" +
		"--s\r\nContent-Type: text/plain\r\n\r\nimpronta\r\n--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB\r\n--s--\r\n")
}

// A receipt is delivered like any other, known or not; one that cannot be
// trusted, or is wrong in form, comes inside an anomaly envelope.
func TestReceiptsOfAnotherProvider(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, fault, signer string
		draft               func(*compose.Draft)
		want                counts
	}{
		{name: "a broken signature inside", signer: "correct", draft: signedInside, want: counts{"Delivery": 1}},
		{name: "a broken signature inside, minded", signer: "correct", fault: "verifies-enclosed-signature", draft: signedInside, want: counts{"AnomalyEnvelope": 1}},
		{name: "unknown message", signer: "correct", want: counts{"Delivery": 1}},
		{name: "unknown message, lost", signer: "correct", fault: "unknown-receipts-dropped", want: counts{}},
		{name: "unsigned", signer: "", want: counts{"AnomalyEnvelope": 1}},
		{name: "expired", signer: "expired", want: counts{"AnomalyEnvelope": 1}},
		{name: "no certification data", signer: "correct", draft: func(d *compose.Draft) { d.Certification = nil }, want: counts{"AnomalyEnvelope": 1}},
		{name: "no X-Ricevuta", signer: "correct", draft: func(d *compose.Draft) { d.Drop(pec.HeaderReceipt) }, want: counts{"AnomalyEnvelope": 1}},
		{name: "no certification data, lost", signer: "correct", fault: "flawed-receipts-dropped", draft: func(d *compose.Draft) { d.Certification = nil }, want: counts{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			change := []func(*simulator.Config){odd}
			if tt.fault != "" {
				change = append(change, faulty(tt.fault))
			}
			p := withPeer(t, change...)
			d := p.receipt("Buongiorno.\r\n")
			if tt.draft != nil {
				tt.draft(d)
			}
			if err := p.deliver(p.seal(d, tt.signer), bruno); err != nil {
				t.Fatal(err)
			}
			p.settle(t)
			if diff := cmp.Diff(tt.want, p.kinds(t, bruno)); diff != "" {
				t.Errorf("Bruno (-want +got):\n%s", diff)
			}
		})
	}
}
