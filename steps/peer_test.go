package steps

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// relayed is an envelope as a provider of the target makes one for Paolo.
func relayed(t *testing.T, token string) []byte {
	t.Helper()
	pair := testPair("aurora", "posta-certificata@gestore.aurora.example")
	target := testTarget()
	b := &blueprint{template: "transport-envelope", encloses: true, at: testNow(), signer: &PeerSigner{"correct", pair.Certificate, pair.Key}}
	f := &b.facts
	f.setPeer(&Peer{Name: "Aurora", ServiceAddress: "posta-certificata@gestore.aurora.example"})
	f.setTime(testNow())
	f.identifiers(token, testNow())
	f.setSubject("prova " + token)
	f.Sender, f.ReplyTo, f.Writer = "anna@aurora.example", "anna@aurora.example", "anna@aurora.example"
	f.Recipients = target.labels([]string{"paolo@cirro.example", "pia@cirro.example"})
	f.To, f.OriginalTo, f.Cc = "paolo@cirro.example", "paolo@cirro.example", "pia@cirro.example"
	octets, err := b.make()
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

// hand gives a peer a message, over TLS where it is offered, and returns the
// replies to RCPT and to the final dot.
func hand(t *testing.T, s *stage, octets []byte, recipients ...string) (rcpt, dot evidence.Reply, err error) {
	t.Helper()
	point := s.world.peers["Cirro"]
	session, err := dialSMTPWithin(t.Context(), defaultConnect, nil, point.listener.Addr().String(), nil, newTranscript("", ""))
	if err != nil {
		return rcpt, dot, err
	}
	defer session.quit()
	session.hello("EHLO", "gestore.aurora.example")
	if session.offers("STARTTLS") {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM([]byte(point.peer.TLS.Certificate))
		if _, err := session.startTLS(t.Context(), &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"}); err != nil {
			return rcpt, dot, err
		}
		session.hello("EHLO", "gestore.aurora.example")
	}
	session.command("MAIL FROM:<anna@aurora.example>")
	for _, r := range recipients {
		rcpt = session.command("RCPT TO:<" + r + ">")
	}
	if rcpt.OK() {
		dot = session.data(octets)
	}
	return rcpt, dot, nil
}

func TestPeerTakesInAndAnswers(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	ctx := context.Background()
	if err := s.world.begin(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.world.behave(ctx, "Paolo", "answers as it should"); err != nil {
		t.Fatal(err)
	}
	s.world.number(&sending{record: evidence.Submission{Token: "COL-ABC"}})
	octets := relayed(t, "COL-ABC")
	rcpt, dot, err := hand(t, s, octets, "paolo@cirro.example", "pia@cirro.example")
	if err != nil || !rcpt.OK() || !dot.OK() {
		t.Fatalf("%v %v %v", rcpt, dot, err)
	}
	if err := s.world.answer(ctx, answerOrder{peer: "Paolo", kind: "virus detection notice", damage: "without signature", about: "Pia"}); err != nil {
		t.Fatal(err)
	}
	if err := s.world.again(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if err := s.world.Finish(ctx); err != nil {
		t.Fatal(err)
	}
	c := s.close()
	var sent []string
	for _, d := range c.Dispatches {
		sent = append(sent, strings.Join([]string{d.Template, d.Damage, d.About, d.Recipient, d.Recipients[0].Address, d.Again}, " "))
	}
	want := []string{
		"taken-in-charge  s1  ricevute@gestore.aurora.example ",
		"delivery  s1 paolo@cirro.example anna@aurora.example ",
		"delivery  s1 pia@cirro.example anna@aurora.example ",
		"virus-detection unsigned s1 pia@cirro.example ricevute@gestore.aurora.example ",
		"virus-detection unsigned s1 pia@cirro.example ricevute@gestore.aurora.example d4",
	}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("dispatches (-want +got):\n%s", diff)
	}
	_, heard := s.incoming.heard()
	for i, encloses := range []bool{false, true, false, false, false} { // Pia is in Cc
		m, err := pec.Read(heard[i])
		if err != nil {
			t.Fatal(err)
		}
		if (m.Original != nil) != encloses || m.Certification.Identifier != strings.Trim(c.Dispatches[i].Identifier, "<>") {
			t.Errorf("answer %d: encloses an original %v, expected %v; identifier %q", i, m.Original != nil, encloses, m.Certification.Identifier)
		}
	}
	if len(c.Intakes) != 1 || !c.Intakes[0].TLS || c.Intakes[0].Manner != "answers" || c.Intakes[0].Code != 250 {
		t.Errorf("intakes %+v", c.Intakes)
	}
	if len(c.Messages) != 2 || c.Messages[0].Mailbox != "paolo@cirro.example" || c.Messages[0].Emitter != evidence.Target || c.Messages[0].Via != "smtp" {
		t.Fatalf("messages %+v", c.Messages)
	}
	if kept, err := c.Blob(c.Messages[1].Blob); err != nil || string(kept) != string(octets) {
		t.Errorf("the octets in evidence are not those that were handed over: %v", err)
	}
}

func TestPeerManners(t *testing.T) {
	t.Parallel()
	cases := []struct {
		words         string
		taken, handed bool // a connection was made, and the message handed over
		code          int
		offered, tls  bool
	}{
		{"answers nothing", true, true, 250, true, true},
		{"refuses connections", false, false, 0, false, false},
		{"refuses the recipients for good", true, false, 550, true, true},
		{"refuses for now", true, false, 451, true, true},
		{"offers a STARTTLS that fails", false, false, 220, true, false},
		{"shows a certificate that does not verify", false, false, 220, true, false},
		{"offers no STARTTLS", true, true, 250, false, false},
	}
	for _, c := range cases {
		t.Run(c.words, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, nil)
			if err := s.world.behave(t.Context(), "Paolo", c.words); err != nil {
				t.Fatal(err)
			}
			_, dot, err := hand(t, s, relayed(t, "COL-XYZ"), "paolo@cirro.example")
			if (err == nil) != c.taken || dot.OK() != c.handed {
				t.Errorf("reply %+v, error %v", dot, err)
			}
			if err := s.world.Finish(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.world.Close() // sessions that broke off are known for sure only now
			if err := s.world.readPeers(); err != nil {
				t.Fatal(err)
			}
			seen := s.close().Intakes
			if len(seen) != 1 || seen[0].Code != c.code || seen[0].OfferedTLS != c.offered || seen[0].TLS != c.tls || seen[0].Transcript == "" {
				t.Errorf("intakes %+v", seen)
			}
		})
	}
}

func TestOwnMessagesAreKnownAgain(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	if err := s.world.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.world.dispatch(t.Context(), dispatchOrder{sender: "Paolo", kind: "transport envelope", to: "Bruno and Carla", split: true}); err != nil {
		t.Fatal(err)
	}
	_, heard := s.incoming.heard()
	put(t, s.users["bruno@borea.example"], string(heard[0]))
	anomaly := strings.Replace(string(heard[0]), `From: "Per conto di: paolo@cirro.example" <posta-certificata@gestore.cirro.example>`,
		`From: "Per conto di: paolo@cirro.example" <posta-certificata@gestore.borea.example>`, 1)
	put(t, s.users["carla@borea.example"], anomaly)
	if err := s.world.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := s.close()
	var seen []string
	for _, m := range c.Messages {
		seen = append(seen, strings.Join([]string{m.Mailbox, string(m.Emitter), m.Dispatch}, " "))
	}
	if diff := cmp.Diff([]string{"bruno@borea.example harness d1", "carla@borea.example target "}, seen); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	if len(c.Dispatches) != 2 || c.Dispatches[1].Again != "d1" || string(heard[0]) != string(heard[1]) {
		t.Errorf("expected the same octets in two transactions, the second again of the first: %+v", c.Dispatches)
	}
}

func TestTargetRefusesWrongPeers(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*Target){
		"stands there twice":         func(t *Target) { t.Peers[1].Name = t.Peers[0].Name },
		"expected \"correct\"":       func(t *Target) { t.Peers[0].Signers = t.Peers[0].Signers[1:] },
		"lies in none of its":        func(t *Target) { t.Peers[0].Users[0].Address = "paolo@altrove.example" },
		"is no host:port":            func(t *Target) { t.Peers[0].Listen = "127.0.0.1" },
		"tls:":                       func(t *Target) { t.Peers[0].TLS.Key = t.Peers[0].BadTLS.Key },
		"needs a name":               func(t *Target) { t.Peers[0].ServiceMailbox = "" },
		"directory.url":              func(t *Target) { t.Directory.URL = "nessun-indirizzo" },
		"directory.dns":              func(t *Target) { t.Directory.DNS = "nessuna-porta" },
		"directory.played.listen":    func(t *Target) { t.Directory.Played = &PlayedDirectory{} },
		"signer \"correct\" stands ": func(t *Target) { t.Peers[0].Signers[1].Name = "correct" },
	} {
		target := testTarget()
		spoil(target)
		if err := target.Check(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("expected a complaint with %q, got %v", name, err)
		}
	}
}
