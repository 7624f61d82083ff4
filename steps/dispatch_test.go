package steps

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/fixtures"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
)

// dispatchOrders returns what the features ask peers to send of their own
// accord.
func dispatchOrders(t *testing.T) []dispatchOrder {
	t.Helper()
	w := new(World)
	var correct, damaged, host *regexp.Regexp
	for _, d := range w.peerVocabulary() {
		switch {
		case strings.Contains(d.pattern, " sends a correct "):
			correct = regexp.MustCompile(d.pattern)
		case strings.Contains(d.pattern, "Elena's host"):
			host = regexp.MustCompile(d.pattern)
		case strings.Contains(d.pattern, " sends an? "):
			damaged = regexp.MustCompile(d.pattern)
		}
	}
	var all []dispatchOrder
	for _, s := range scenarios(t) {
		for _, step := range s.pickle.Steps {
			if m := correct.FindStringSubmatch(step.Text); m != nil {
				all = append(all, dispatchOrder{sender: m[1], kind: m[2], to: m[3], cc: m[4], split: m[5] != ""})
			}
			if m := damaged.FindStringSubmatch(step.Text); m != nil {
				all = append(all, dispatchOrder{sender: m[1], kind: m[2], damage: m[3], to: m[4], cc: m[5]})
			}
			if m := host.FindStringSubmatch(step.Text); m != nil {
				all = append(all, dispatchOrder{kind: m[1], damage: m[2], to: m[3]})
			}
		}
	}
	if len(all) < 40 {
		t.Fatalf("only %d dispatches were found", len(all))
	}
	return all
}

func TestEveryDispatchCanBePrepared(t *testing.T) {
	t.Parallel()
	w := testWorld(t, testTarget())
	for _, o := range dispatchOrders(t) {
		d, err := w.prepareDispatch(o)
		if err != nil {
			t.Errorf("%+v: %v", o, err)
			continue
		}
		text := string(d.octets)
		switch {
		case strings.Contains(text, "{{"), strings.Contains(text, "<no value>"):
			t.Errorf("%+v: something is left to be filled in", o)
		case !strings.HasSuffix(text, "\r\n"):
			t.Errorf("%+v: the last line does not end", o)
		case strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") != (d.record.Damage == "bare-line-feeds"):
			t.Errorf("%+v: bare line feeds where there should be none, or the reverse", o)
		}
		if d.record.MessageID == "" || d.from == "" {
			t.Errorf("%+v: it could not be known again: Message-ID %q, From %q", o, d.record.MessageID, d.from)
		}
	}
}

// TestWhatPeersSendIsClosedAndUsed keeps the lists of the peers and the
// scenarios together.
func TestWhatPeersSendIsClosedAndUsed(t *testing.T) {
	t.Parallel()
	text := ""
	for _, s := range scenarios(t) {
		for _, step := range s.pickle.Steps {
			text += step.Text + "\n"
		}
	}
	damages, err := fixtures.Damages()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, d := range damages {
		if seen[d.ID] || seen[d.Phrase] {
			t.Errorf("the damage %s, or its phrase, stands there twice", d.ID)
		}
		seen[d.ID], seen[d.Phrase] = true, true
		for _, kind := range d.Kinds {
			words := wordsOfTemplate(t, kind)
			if !strings.Contains(text, words+" "+d.Phrase) {
				t.Errorf("no scenario has a peer send a %s %s", words, d.Phrase)
			}
		}
	}
	for _, k := range dispatchKinds() {
		if !strings.Contains(text, k.words) {
			t.Errorf("no scenario has a peer send a %s", k.words)
		}
		if !slices.Contains(fixtures.PeerTemplates(), k.template) {
			t.Errorf("the template %s of a %s is missing", k.template, k.words)
		}
		seen[k.template] = true
	}
	for _, name := range fixtures.PeerTemplates() {
		if !seen[name] {
			t.Errorf("no message is made from the peer template %s", name)
		}
	}
	for _, m := range peerManners() {
		if !strings.Contains(text, "'s provider "+m.words) {
			t.Errorf("in no scenario a peer %s", m.words)
		}
	}
}

func wordsOfTemplate(t *testing.T, template string) string {
	t.Helper()
	for _, k := range dispatchKinds() {
		if k.template == template {
			return k.words
		}
	}
	t.Errorf("a damage names the kind %q, which there is not", template)
	return ""
}

// TestDamagesDoWhatTheySay reads what was made, and looks for the damage.
func TestDamagesDoWhatTheySay(t *testing.T) {
	t.Parallel()
	verified := func(m *pec.Message) error {
		if m.SignaturePart == nil {
			return errors.New("no signature")
		}
		der, err := m.SignaturePart.Decoded()
		if err != nil {
			return err
		}
		_, err = smime.Verify(m.Signed.Raw(), der)
		return err
	}
	cases := []struct {
		kind, damage string
		to           string
		unsound      bool // the signature does not hold
		shows        func(m *pec.Message) bool
	}{
		{kind: "transport envelope", to: "Bruno and Elena", shows: func(m *pec.Message) bool {
			c := m.Certification
			return m.Kind == pec.TransportEnvelope && len(m.Findings) == 0 && c != nil && c.Recipients[0].Type == "certificato" &&
				c.Recipients[1].Type == "esterno" && m.Original != nil && "<"+c.Identifier+">" == m.Original.Value("Message-ID")
		}},
		{kind: "transport envelope", damage: "without signature", to: "Bruno", unsound: true, shows: hasFinding(pec.FindingUnsigned)},
		{kind: "transport envelope", damage: "altered after signing", to: "Bruno", unsound: true},
		{kind: "transport envelope", damage: "in opaque signed form", to: "Bruno", unsound: true, shows: hasFinding(pec.FindingOpaqueSigned)},
		{kind: "transport envelope", damage: "without certification data", to: "Bruno", shows: hasFinding(pec.FindingCertificationMissing)},
		{kind: "transport envelope", damage: "with certification data twice", to: "Bruno", shows: hasFinding(pec.FindingCertificationRepeated)},
		{kind: "transport envelope", damage: "with certification data that break the DTD", to: "Bruno", shows: unreadableData},
		{kind: "transport envelope", damage: "with certification data that are not well-formed", to: "Bruno", shows: unreadableData},
		{kind: "transport envelope", damage: "with entities in its certification data", to: "Bruno", shows: unreadableData},
		{kind: "transport envelope", damage: "with doubled elements in its certification data", to: "Bruno", shows: unreadableData},
		{kind: "transport envelope", damage: "with a DOCTYPE in its certification data", to: "Bruno", shows: func(m *pec.Message) bool {
			return m.Certification != nil && m.Certification.HasDoctype
		}},
		{kind: "transport envelope", damage: "with certification data of another type", to: "Bruno", shows: hasFinding(pec.FindingKindVsData)},
		{kind: "transport envelope", damage: "without the field that names its kind", to: "Bruno", shows: hasFinding(pec.FindingDataWithoutKind)},
		{kind: "transport envelope", damage: "with X-Ricevuta and X-Trasporto", to: "Bruno", shows: hasFinding(pec.FindingReceiptAndTransport)},
		{kind: "transport envelope", damage: "with an unknown value in X-Trasporto", to: "Bruno", shows: hasFinding(pec.FindingUnknownKind)},
		{kind: "transport envelope", damage: "without the original", to: "Bruno", shows: hasFinding(pec.FindingOriginalMissing)},
		{kind: "transport envelope", damage: "without the optional attributes", to: "Bruno", shows: func(m *pec.Message) bool {
			return m.Certification != nil && !m.Certification.ErrorGiven && !m.Certification.Recipients[0].TypeGiven
		}},
		{kind: "transport envelope", damage: "that lists Pia instead", to: "Bruno", shows: func(m *pec.Message) bool {
			return m.Certification.Recipients[0].Address == "pia@cirro.example"
		}},
		{
			kind: "transport envelope", damage: "asking for a concise receipt where the original asks for a complete one", to: "Bruno",
			shows: func(m *pec.Message) bool {
				return m.Certification.ReceiptType == "sintetica" && m.Original.Value("X-TipoRicevuta") == "completa"
			},
		},
		{kind: "transport envelope", damage: "whose To and Cc cannot be read", to: "Bruno", shows: func(m *pec.Message) bool {
			_, err := pec.ParseAddressList(m.Root.Value("To"))
			return err != nil && m.Root.Value("To") == m.Original.Value("To")
		}},
		{kind: "delivery receipt", to: "Anna", shows: func(m *pec.Message) bool {
			return m.Kind == pec.Delivery && len(m.Findings) == 0 && m.Certification.Delivery == "paolo@cirro.example" && m.Original != nil
		}},
		{kind: "virus detection notice", to: "the service mailbox of Anna's provider", shows: func(m *pec.Message) bool {
			return m.Kind == pec.VirusDetection && m.Certification.Sender == "anna@aurora.example"
		}},
		{kind: "signed message of its own", to: "Bruno", shows: func(m *pec.Message) bool {
			return m.Kind == pec.Ordinary && len(m.CertificationParts) == 0
		}},
	}
	w := testWorld(t, testTarget())
	for _, c := range cases {
		t.Run(c.kind+" "+c.damage, func(t *testing.T) {
			t.Parallel()
			d, err := w.prepareDispatch(dispatchOrder{sender: "Paolo", kind: c.kind, damage: c.damage, to: c.to})
			if err != nil {
				t.Fatal(err)
			}
			m, err := pec.Read(d.octets)
			if err != nil {
				t.Fatal(err)
			}
			if err := verified(m); (err != nil) != c.unsound {
				t.Errorf("the signature: %v, expected trouble: %v", err, c.unsound)
			}
			if c.shows != nil && !c.shows(m) {
				t.Errorf("the damage does not show; findings %v, data %+v (%v)\n%s", m.Findings, m.Certification, m.CertificationErr, d.octets)
			}
		})
	}
}

func hasFinding(code string) func(*pec.Message) bool {
	return func(m *pec.Message) bool {
		for _, f := range m.Findings {
			if f.Code == code {
				return true
			}
		}
		return false
	}
}

func unreadableData(m *pec.Message) bool {
	return m.Certification == nil && m.CertificationErr != nil && len(m.CertificationParts) == 1
}

func TestSetField(t *testing.T) {
	t.Parallel()
	const header = "A: 1\r\nSubject: one\r\n two\r\nB: 2\r\n"
	for _, c := range []struct{ value, want string }{
		{"three", "A: 1\r\nSubject: three\r\nB: 2\r\n"},
		{"", "A: 1\r\nB: 2\r\n"},
	} {
		if got := setField(header, "subject", c.value); !strings.EqualFold(got, c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestABriefReceiptHoldsHashes(t *testing.T) {
	t.Parallel()
	signed, err := fixtures.Original("signed")
	if err != nil {
		t.Fatal(err)
	}
	b := &blueprint{template: "delivery-brief", encloses: true, at: testNow()}
	b.facts.setTime(testNow())
	b.facts.Original = strings.ReplaceAll(signed, "\n", "\r\n")
	octets, err := b.make()
	if err != nil {
		t.Fatal(err)
	}
	if text := string(octets); !strings.Contains(text, "firmato.pdf.hash") || strings.Contains(text, "JVBERi0") {
		t.Errorf("the attachment is still there:\n%s", text)
	}
	b.facts.Original = "From: anna@aurora.example\r\n\r\nciao\r\n"
	if _, err := b.make(); err == nil {
		t.Error("expected a refusal to put another message in brief")
	}
}

// TestEveryMessageIsMarked: whoever finds a message of the harness has to see
// what it is, in the envelope and in the message inside.
func TestEveryMessageIsMarked(t *testing.T) {
	t.Parallel()
	d, err := testWorld(t, testTarget()).prepareDispatch(dispatchOrder{sender: "Paolo", kind: "transport envelope", to: "Bruno"})
	if err != nil {
		t.Fatal(err)
	}
	if want := mark(d.record.Token); !strings.HasPrefix(string(d.octets), want) || strings.Count(string(d.octets), want) != 2 {
		t.Errorf("%q does not stand twice, once at the top, in\n%s", want, d.octets)
	}
	for words := range originals() {
		s := prepared(t, order{actor: Anna, original: words, to: "Bruno"})
		if !strings.HasPrefix(string(s.octets), mark(s.record.Token)) {
			t.Errorf("%s is not marked", words)
		}
	}
}
