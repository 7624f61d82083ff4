package simulator_test

import (
	"bytes"
	"context"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/antivirus"
	"github.com/google/go-cmp/cmp"
)

const (
	anna     = "anna@aurora.example"
	bruno    = "bruno@borea.example"
	carla    = "carla@borea.example"
	dario    = "dario@borea.example"
	full     = "piena@borea.example"
	unknown  = "sconosciuto@borea.example"
	elena    = "elena@posta.example"
	serviceA = "ricevute@gestore.aurora.example"
	serviceB = "ricevute@gestore.borea.example"
)

type counts = map[string]int

func TestExchangeBetweenProviders(t *testing.T) {
	t.Parallel()
	w := start(t)
	m := mail{from: anna, to: []string{bruno}, subject: "Offerta"}
	if err := w.submit(t, m); err != nil {
		t.Fatal(err)
	}
	w.settle(t)

	received := w.fetch(t, bruno)
	if len(received) != 1 || received[0].Kind != pec.TransportEnvelope {
		t.Fatalf("Bruno has %d messages, want one envelope", len(received))
	}
	envelope := received[0]
	der, err := envelope.SignaturePart.Decoded()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := smime.Verify(envelope.Signed.Raw(), der); err != nil {
		t.Errorf("the envelope's signature: %v", err)
	}
	_, body, _ := bytes.Cut(envelope.Original.Raw(), []byte("\r\n\r\n"))
	if diff := cmp.Diff("Buongiorno.\r\n.Punto iniziale.\r\n", string(body)); diff != "" {
		t.Errorf("body of the original (-sent +enclosed):\n%s", diff)
	}
	back := w.fetch(t, anna)
	if diff := cmp.Diff(counts{"Acceptance": 1, "Delivery": 1}, w.kinds(t, anna)); diff != "" {
		t.Fatalf("Anna's mailbox (-want +got):\n%s", diff)
	}
	identifier := envelope.Certification.Identifier
	for _, r := range back {
		if r.Certification.Identifier != identifier || r.Certification.MessageID != "<Offerta@client.example>" {
			t.Errorf("%v is about %q, %q; want %q", r.Kind, r.Certification.Identifier, r.Certification.MessageID, identifier)
		}
	}
	acceptance := of(back, pec.Acceptance)
	if acceptance.Root.Value("Date") != envelope.Root.Value("Date") {
		t.Errorf("acceptance of %s and envelope of %s do not have one instant", acceptance.Root.Value("Date"), envelope.Root.Value("Date"))
	}
	if diff := cmp.Diff(counts{"TakenInCharge": 1}, w.kinds(t, serviceA)); diff != "" {
		t.Errorf("Aurora's service mailbox (-want +got):\n%s", diff)
	}
	sessions, err := w.Sessions("")
	if err != nil {
		t.Fatal(err)
	}
	if len(sessions) != 3 { // envelope, taken in charge, delivery
		t.Errorf("%d SMTP transactions between the providers, want 3", len(sessions))
	}
	for _, s := range sessions {
		if !s.TLS || s.Code != 250 {
			t.Errorf("session %+v: want TLS and 250", s)
		}
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	eicar := "Content-Type: text/plain\r\n"
	virus := string(antivirus.EICAR()) + "\r\n"
	tests := []struct {
		name string
		mail mail
		code int
		want map[string]counts // by mailbox
		kept int               // messages in quarantine
	}{
		{
			name: "To, Cc and ordinary", mail: mail{from: anna, to: []string{bruno, elena}, rcpt: []string{bruno, elena, carla}, extra: "Cc: " + carla + "\r\n", subject: "Misto"},
			want: map[string]counts{anna: {"Acceptance": 1, "Delivery": 2}, bruno: {"TransportEnvelope": 1}, carla: {"TransportEnvelope": 1}, elena: {"TransportEnvelope": 1}, serviceA: {"TakenInCharge": 1}},
		},
		{
			name: "to oneself", mail: mail{from: anna, to: []string{anna}, subject: "A me"},
			want: map[string]counts{anna: {"Acceptance": 1, "TransportEnvelope": 1, "Delivery": 1}, serviceA: {"TakenInCharge": 1}},
		},
		{
			name: "same recipient twice", mail: mail{from: anna, to: []string{bruno}, rcpt: []string{bruno, "bruno@BOREA.example"}, subject: "Doppio"},
			want: map[string]counts{anna: {"Acceptance": 1, "Delivery": 1}, bruno: {"TransportEnvelope": 1}, serviceA: {"TakenInCharge": 1}},
		},
		{
			name: "unknown mailbox", mail: mail{from: anna, to: []string{bruno, unknown}, subject: "Ignoto"},
			want: map[string]counts{anna: {"Acceptance": 1, "Delivery": 1, "NonDelivery": 1}, bruno: {"TransportEnvelope": 1}, serviceA: {"TakenInCharge": 1}},
		},
		{
			name: "full mailbox", mail: mail{from: anna, to: []string{full}, subject: "Piena"},
			want: map[string]counts{anna: {"Acceptance": 1, "NonDelivery": 1}, full: {}, serviceA: {"TakenInCharge": 1}},
		},
		{
			name: "to a service mailbox", mail: mail{from: anna, to: []string{serviceB}, subject: "Servizio"},
			want: map[string]counts{anna: {"Acceptance": 1, "NonDelivery": 1}, serviceB: {}, serviceA: {"TakenInCharge": 1}},
		},
		{
			name: "certified domain that nobody serves any more is not ours", mail: mail{from: anna, to: []string{"x@sotto.borea.example"}, subject: "Sottodominio"},
			want: map[string]counts{anna: {"Acceptance": 1, "AnomalyEnvelope": 1}},
		},
		{
			name: "ordinary host refuses", mail: mail{from: anna, to: []string{"nessuno@posta.example"}, subject: "Respinto"},
			want: map[string]counts{anna: {"Acceptance": 1, "AnomalyEnvelope": 1}},
		},
		{
			name: "virus found at once", mail: mail{from: anna, to: []string{bruno}, subject: "Virus", extra: eicar, body: virus}, kept: 1,
			want: map[string]counts{anna: {"NonAcceptance(virus)": 1}, bruno: {}, serviceA: {}},
		},
		{
			name: "virus found by the receiver", mail: mail{from: anna, to: []string{bruno, carla}, subject: "Virus nuovo", body: simulator.BoreaOnlyPattern + "\r\n"}, kept: 1,
			want: map[string]counts{anna: {"Acceptance": 1, "NonDelivery(virus)": 2}, bruno: {}, carla: {}, serviceA: {"VirusDetection": 2}},
		},
		{name: "no From", mail: mail{from: anna, header: "To: " + bruno + "\r\nSubject: x\r\n", rcpt: []string{bruno}}, want: refusedByNotice},
		{name: "From cannot be read", mail: mail{from: anna, header: "From: gruppo:;\r\nTo: " + bruno + "\r\n", rcpt: []string{bruno}}, want: refusedByNotice},
		{name: "group in From", mail: mail{from: anna, header: "From: Ufficio: Anna <" + anna + ">;\r\nTo: " + bruno + "\r\n", rcpt: []string{bruno}}, want: refusedByNotice},
		{
			name: "colons in From that are no group", mail: mail{from: anna, header: "From: \"Anna: ufficio\" (ore: 9) <" + anna + ">\r\nTo: " + bruno + "\r\nSubject: x\r\n", rcpt: []string{bruno}},
			want: map[string]counts{anna: {"Acceptance": 1, "Delivery": 1}, bruno: {"TransportEnvelope": 1}},
		},
		{name: "two addresses in From", mail: mail{from: anna, header: "From: " + anna + ", " + carla + "\r\nTo: " + bruno + "\r\n", rcpt: []string{bruno}}, want: refusedByNotice},
		{name: "no To", mail: mail{from: anna, header: "From: " + anna + "\r\nCc: " + bruno + "\r\n", rcpt: []string{bruno}}, want: refusedByNotice},
		{name: "To is an empty group", mail: mail{from: anna, header: "From: " + anna + "\r\nTo: undisclosed-recipients:;\r\n", rcpt: []string{bruno}}, want: refusedByNotice},
		{name: "From is another", mail: mail{from: anna, header: "From: carla@aurora.example\r\nTo: " + bruno + "\r\n", rcpt: []string{bruno}}, want: refusedByNotice},
		{name: "hidden recipient", mail: mail{from: anna, to: []string{bruno}, rcpt: []string{bruno, dario}, subject: "Nascosto"}, want: refusedByNotice},
		{name: "Bcc with a value", mail: mail{from: anna, to: []string{bruno}, extra: "Bcc: " + dario + "\r\n", subject: "Bcc"}, want: refusedByNotice},
		{
			name: "empty Bcc", mail: mail{from: anna, to: []string{bruno}, extra: "Bcc:\r\n", subject: "Bcc vuoto"},
			want: map[string]counts{anna: {"Acceptance": 1, "Delivery": 1}, bruno: {"TransportEnvelope": 1}},
		},
		{name: "Subject twice", mail: mail{from: anna, to: []string{bruno}, extra: "Subject: ancora\r\n", subject: "Due"}, want: refusedByNotice},
		{name: "line too long", mail: mail{from: anna, to: []string{bruno}, subject: "Lunga", body: strings.Repeat("a", 999) + "\r\n"}, want: refusedByNotice},
		{
			name: "line of 998", mail: mail{from: anna, to: []string{bruno}, subject: "Giusta", body: strings.Repeat("a", 998) + "\r\n"},
			want: map[string]counts{anna: {"Acceptance": 1, "Delivery": 1}, bruno: {"TransportEnvelope": 1}},
		},
		{
			name: "no Date, no Message-ID", mail: mail{from: anna, header: "From: " + anna + "\r\nTo: " + bruno + "\r\nSubject: x\r\n", rcpt: []string{bruno}},
			want: map[string]counts{anna: {"Acceptance": 1, "Delivery": 1}, bruno: {"TransportEnvelope": 1}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			if err := w.submit(t, tt.mail); code(err) != tt.code {
				t.Fatalf("submission: %v, want code %d", err, tt.code)
			}
			w.settle(t)
			for mailbox, want := range tt.want {
				if diff := cmp.Diff(want, w.kinds(t, mailbox)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", mailbox, diff)
				}
			}
			kept, err := w.Quarantine("")
			if err != nil || len(kept) != tt.kept {
				t.Errorf("quarantine: %d messages (%v), want %d", len(kept), err, tt.kept)
			}
		})
	}
}

var refusedByNotice = map[string]counts{anna: {"NonAcceptance": 1}, bruno: {}, dario: {}, serviceA: {}}

func TestOrdinaryMailArrives(t *testing.T) {
	t.Parallel()
	w := start(t)
	borea := w.Providers[1].Hosts.Incoming
	m := mail{from: elena, to: []string{bruno}, subject: "Ordinaria", body: "caf\xe9\r\n"}
	if err := w.arrive(t, borea, elena, []string{bruno, carla}, m.octets()); err != nil {
		t.Fatal(err)
	}
	if got := code(w.arrive(t, borea, elena, []string{unknown}, m.octets())); got != 550 {
		t.Errorf("unknown mailbox: %d, want 550", got)
	}
	if got := code(w.arrive(t, borea, elena, []string{elena}, m.octets())); got != 550 {
		t.Errorf("relaying: %d, want 550", got)
	}
	m.body = string(antivirus.EICAR()) + "\r\n"
	if got := code(w.arrive(t, borea, elena, []string{bruno}, m.octets())); got != 554 {
		t.Errorf("virus: %d, want 554", got)
	}
	w.settle(t)
	for _, mailbox := range []string{bruno, carla} {
		got := w.fetch(t, mailbox)
		if len(got) != 1 || got[0].Kind != pec.AnomalyEnvelope {
			t.Fatalf("%s has %d messages, want one anomaly envelope", mailbox, len(got))
		}
		if enclosed := got[0].Original.Raw(); !bytes.HasSuffix(enclosed, []byte("caf\xe9\r\n")) || !bytes.HasPrefix(enclosed, []byte("From: ")) {
			t.Errorf("enclosed %q, want what was received", enclosed)
		}
	}
	if diff := cmp.Diff(counts{}, w.kinds(t, elena)); diff != "" {
		t.Errorf("Elena (-want +got):\n%s", diff)
	}
}

// Envelopes as another host sends them: genuine, then altered in one octet,
// then without their signature. Only the first is certified mail.
func TestEnvelopeReplayedAndDamaged(t *testing.T) {
	t.Parallel()
	w := start(t)
	if err := w.submit(t, mail{from: anna, to: []string{bruno}, subject: "Copia"}); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	genuine := w.fetch(t, bruno)[0].Raw
	borea := w.Providers[1].Hosts.Incoming
	unsigned := bytes.Replace(genuine, []byte("multipart/signed"), []byte("multipart/mixed"), 1)
	for _, octets := range [][]byte{genuine, bytes.Replace(genuine, []byte("messaggio"), []byte("messaggia"), 1), unsigned} {
		if err := w.arrive(t, borea, anna, []string{bruno}, octets); err != nil {
			t.Fatal(err)
		}
	}
	w.settle(t)
	if diff := cmp.Diff(counts{"TransportEnvelope": 1, "AnomalyEnvelope": 2}, w.kinds(t, bruno)); diff != "" {
		t.Errorf("Bruno (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(counts{"TakenInCharge": 2}, w.kinds(t, serviceA)); diff != "" {
		t.Errorf("Aurora's service mailbox (-want +got):\n%s", diff)
	}
}

// A provider whose From is outside its managed domains is not believed, but
// its message reaches the recipient.
func TestFlawedEnvelope(t *testing.T) {
	t.Parallel()
	w := start(t, faulty("service-domain-not-managed@gestore.aurora.example"))
	if err := w.submit(t, mail{from: anna, to: []string{bruno}, subject: "Guasto"}); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	if diff := cmp.Diff(counts{"AnomalyEnvelope": 1}, w.kinds(t, bruno)); diff != "" {
		t.Errorf("Bruno (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(counts{}, w.kinds(t, serviceA)); diff != "" {
		t.Errorf("Aurora's service mailbox (-want +got):\n%s", diff)
	}
}

func TestCloseEndsEverything(t *testing.T) { //nolint:paralleltest // it counts the goroutines of the process
	before := runtime.NumGoroutine()
	for range 3 {
		c := simulator.Pair()
		c.Keys = keys
		sim, err := simulator.Start(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		d, err := sim.Describe()
		if err != nil {
			t.Fatal(err)
		}
		w := &world{World: sim, Description: d, trust: trusting(t, d)}
		if err := w.submit(t, mail{from: anna, to: []string{bruno}, subject: "Prima della fine"}); err != nil {
			t.Fatal(err)
		}
		w.fetch(t, anna)
		silent, err := net.Dial("tcp", d.Providers[1].Hosts.Incoming) // a session that stays open
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		if err := sim.Close(ctx); err != nil {
			t.Error(err)
		}
		cancel()
	}
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if after := runtime.NumGoroutine(); after > before {
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines before, %d after:\n%s", before, after, stacks[:runtime.Stack(stacks, true)])
	}
}
