package rules

// What a provider that the harness plays sends, for tests:
//
//	runTrials(… build: handedOver(plainly, drop("taken-in-charge")))
//
// Paolo (paolo@cirro.example) of Cirro PEC S.r.l. writes to Bruno (To), Elena
// (To, ordinary mail) and Carla (Cc), with the texts of the standard exchange.
// Cirro hands its envelope to Borea for Bruno and Carla (dispatch d1).

import (
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
)

const (
	cirro        = "Cirro PEC S.r.l."
	serviceCirro = "ricevute@gestore.cirro.example"
	cirroAddress = "posta-certificata@gestore.cirro.example"

	peerIdentifier = "pec1.20260114@gestore.cirro.example"
)

// cirroSigners are the certificates of Cirro, by what is wrong with them.
var cirroSigners = sync.OnceValue(func() map[string]*smime.Signer {
	all := map[string]*smime.Signer{}
	key := keys().aurora.Key.(*rsa.PrivateKey)
	issue := func(by *testKeys, name string, serial int64, alter func(*x509.Certificate)) {
		p := auroraProfile()
		p.SerialNumber, p.EmailAddresses = big.NewInt(serial), []string{cirroAddress}
		p.Subject.CommonName, p.Subject.Organization = cirro, []string{cirro}
		if alter != nil {
			alter(p)
		}
		all[name] = by.issueTo(p, key)
	}
	issue(keys(), "correct", 21, nil)
	issue(keys(), "renewed", 22, func(p *x509.Certificate) { p.NotBefore = p.NotBefore.AddDate(0, 6, 0) })
	issue(keys(), "expired", 23, func(p *x509.Certificate) {
		p.NotBefore, p.NotAfter = p.NotBefore.AddDate(-2, 0, 0), acceptedAt.AddDate(0, -1, 0) // older than the CA
	})
	issue(keys(), "revoked", 24, nil)
	issue(keys(), "unlisted", 25, nil)
	issue(keys(), "other-address", 26, func(p *x509.Certificate) { p.EmailAddresses = []string{"altra@gestore.cirro.example"} })
	issue(keys(), "hash-only", 27, nil)
	other := &testKeys{authorityKey: keys().borea.Key.(*rsa.PrivateKey)}
	other.authority = newAuthority(other.authorityKey)
	issue(other, "foreign", 28, nil)
	return all
})

// withCirro adds Cirro to the world, with all its certificates in the directory.
func withCirro(c *testCase) { withCirroListed(c, strings.ToUpper) }

func withCirroListed(c *testCase, written func(string) string) {
	c.World.Providers = append(c.World.Providers, evidence.Provider{
		Name: cirro, ServiceAddress: cirroAddress, ServiceMailbox: serviceCirro,
		Domains: []string{"cirro.example", "gestore.cirro.example"}, Emitter: evidence.Harness,
	})
	c.World.Mailboxes = append(c.World.Mailboxes,
		evidence.Mailbox{Address: paolo, Role: evidence.UserMailbox, Provider: cirro, Actor: "Paolo"},
		evidence.Mailbox{Address: serviceCirro, Role: evidence.ServiceMailbox, Provider: cirro})
	var b strings.Builder
	fmt.Fprintf(&b, "\ndn: providerName=%s,o=postacert\nobjectclass: top\nobjectclass: provider\nproviderName: %s\n", cirro, cirro)
	for _, name := range []string{"correct", "renewed", "expired", "revoked", "foreign", "other-address", "hash-only"} {
		raw := cirroSigners()[name].Certificate.Raw
		sum := sha1.Sum(raw)
		fmt.Fprintf(&b, "providerCertificateHash: %s\n", written(hex.EncodeToString(sum[:])))
		if name != "hash-only" {
			fmt.Fprintf(&b, "providerCertificate;binary:: %s\n", base64.StdEncoding.EncodeToString(raw))
		}
	}
	b.WriteString("mailReceipt: " + serviceCirro + "\nmanagedDomains: cirro.example\nmanagedDomains: gestore.cirro.example\n")
	c.LDIF += b.String()
	c.CRL = keys().crl(24)
}

// ofCirro turns a message of the standard exchange into one about Paolo's.
func ofCirro(_ *testing.T, m message) message {
	for _, part := range []*string{&m.Head, &m.Content} {
		*part = strings.NewReplacer("aurora.example", "cirro.example", "anna@", "paolo@", "Anna <", "Paolo <", aurora, cirro).Replace(*part)
	}
	if m.Signer.Certificate.Equal(keys().aurora.Certificate) {
		m.Signer = copySigner(cirroSigners()["correct"])
	}
	return m
}

// order is what the harness sends as Cirro.
type order struct {
	what  string                   // sample
	edit  []string                 // pairs of old and new, before signing
	sign  string                   // a name in cirroSigners
	after [2]string                // old and new, after signing
	raw   func(*testing.T) []byte  // instead of all that
	alter func(*evidence.Dispatch) // of the record
	hash  func(string) string      // how the directory writes hashes; default upper case
	begin func(*testCase)          // what happened before
}

// plainly is Paolo's envelope as it should be.
var plainly = order{what: "envelope"}

func (o order) octets(t *testing.T) []byte {
	t.Helper()
	if o.raw != nil {
		return o.raw(t)
	}
	m := ofCirro(t, correct(o.what))
	m = m.with(t, o.edit...)
	if o.sign != "" {
		m.Signer = copySigner(cirroSigners()[o.sign])
	}
	octets := string(m.sealed(t))
	if o.after[0] != "" {
		if !strings.Contains(octets, o.after[0]) {
			t.Fatalf("%s holds no %q", o.what, o.after[0])
		}
		octets = strings.Replace(octets, o.after[0], o.after[1], 1)
	}
	return []byte(octets)
}

// hand puts the dispatch into the case and returns its octets.
func (o order) hand(c *testCase, n int, again string) []byte {
	octets := o.octets(c.t)
	read, err := pec.Read(octets)
	if err != nil {
		c.t.Fatal(err)
	}
	ok := evidence.Reply{Code: 250}
	d := evidence.Dispatch{
		ID: fmt.Sprintf("d%d", n), Peer: cirro, Host: borea, Template: o.what, Again: again,
		Token: "7f3a", MessageID: read.Root.Value("Message-ID"), Identifier: peerIdentifier,
		TLS: true, ReversePath: paolo, MailReply: ok, DataReply: ok,
		Recipients: []evidence.RecipientReply{{Address: bruno, Reply: ok}, {Address: carla, Reply: ok}},
		Blob:       c.blobs.keep(octets), Size: int64(len(octets)), Started: acceptedAt, Ended: acceptedAt.Add(time.Second),
	}
	if o.alter != nil {
		o.alter(&d)
	}
	c.add(evidence.Event{Type: evidence.Dispatched, Dispatch: &d})
	return octets
}

// found lays the harness' own message into a mailbox.
func found(c *testCase, mailbox string, octets []byte, id string) {
	c.received(mailbox, octets, func(m *evidence.Message) { m.Emitter, m.Dispatch = evidence.Harness, id })
}

// handedOver is a correct envelope of Paolo's and everything that is owed for
// it; pieces: found-bruno, found-carla, taken-in-charge, delivery-bruno,
// delivery-carla.
func handedOver(o order, changes ...change) func(*testCase) {
	return func(c *testCase) {
		written := o.hash
		if written == nil {
			written = strings.ToUpper
		}
		withCirroListed(c, written)
		if o.begin != nil {
			o.begin(c)
		}
		octets := o.hand(c, 1, "")
		carlas := correct("delivery-concise").with(c.t, `ed indirizzato a "bruno@`, `ed indirizzato a "carla@`, "<consegna>bruno@", "<consegna>carla@", `tipo="sintetica"`, `tipo="completa"`)
		all := map[string][]placed{
			"found-bruno":     {{message: message{Mailbox: bruno}, raw: octets}},
			"found-carla":     {{message: message{Mailbox: carla}, raw: octets}},
			"taken-in-charge": {piece(ofCirro(c.t, correct("taken-in-charge")), serviceCirro)},
			"delivery-bruno":  {piece(ofCirro(c.t, correct("delivery")), paolo)},
			"delivery-carla":  {piece(ofCirro(c.t, carlas), paolo)},
		}
		lay(c, all, changes)
	}
}

// lay puts the pieces into the case, altered.
func lay(c *testCase, all map[string][]placed, changes []change) {
	for _, alter := range changes {
		alter(c.t, all)
	}
	for _, name := range []string{"found-bruno", "found-carla", "found", "taken-in-charge", "delivery-bruno", "delivery-carla", "detection", "anomaly", "notice", "extra"} {
		for _, p := range all[name] {
			if strings.HasPrefix(name, "found") {
				found(c, p.Mailbox, p.raw, "d1")
				continue
			}
			raw := p.raw
			if raw == nil {
				raw = p.sealed(c.t)
			}
			c.received(p.Mailbox, raw)
		}
	}
	c.settled()
}

// wrappedUp is a message of Paolo's provider to Bruno that reached him in an
// anomaly envelope; pieces: anomaly, and found for the message as it is.
func wrappedUp(o order, changes ...change) func(*testCase) {
	return func(c *testCase) {
		withCirro(c)
		if o.begin != nil {
			o.begin(c)
		}
		alter := o.alter
		o.alter = func(d *evidence.Dispatch) {
			d.Recipients = d.Recipients[:1]
			if alter != nil {
				alter(d)
			}
		}
		octets := o.hand(c, 1, "")
		all := map[string][]placed{"anomaly": {anomalyAround(c.t, octets)}}
		lay(c, all, changes)
	}
}

// anomalyAround is Borea's anomaly envelope around these octets: what it inherits
// is theirs, and its boundaries are not.
func anomalyAround(t *testing.T, octets []byte) placed {
	t.Helper()
	return anomalyBy(t, octets, keys().borea, "gestore.borea.example", bruno)
}

func anomalyBy(t *testing.T, octets []byte, signer *smime.Signer, host, mailbox string) placed {
	t.Helper()
	read, err := pec.Read(octets)
	if err != nil {
		t.Fatal(err)
	}
	sender := addressOf(read.Root.Value("From"))
	inherited := ""
	for _, field := range read.Root.Fields {
		if lists([]string{"Received", "To", "Cc", "Return-Path", "Message-ID", "Reply-To"}, field.Name) {
			inherited += strings.ReplaceAll(string(field.Raw()), "\r\n", "\n")
		}
	}
	if !read.Root.Has("Reply-To") {
		inherited += "Reply-To: " + sender + "\n"
	}
	m := correct("anomaly")
	m.Head = inherited + "X-Trasporto: errore\nSubject: ANOMALIA MESSAGGIO: " + read.Root.Value("Subject") + "\n" +
		"From: \"Per conto di: " + sender + "\" <posta-certificata@" + host + ">\n" + m.Head[strings.Index(m.Head, "Date: "):]
	m.Content = strings.NewReplacer(`boundary="mixed`, `boundary="wrap-mixed`, "--mixed", "--wrap-mixed", `boundary="alt`, `boundary="wrap-alt`, "--alt", "--wrap-alt",
		`"Preventivo 7f3a"`, `"`+subjectOf(read.Root)+`"`, anna, sender).Replace(m.Content)
	own := strings.NewReplacer(anna, sender, `"Preventivo 7f3a"`, `"`+subjectOf(read.Root)+`"`).Replace(originalText)
	m = m.with(t, own, strings.ReplaceAll(string(octets), "\r\n", "\n"))
	m.Signer = copySigner(signer)
	raw := string(m.sealed(t))
	raw = strings.Replace(raw, `boundary="outer"`, `boundary="wrap-outer"`, 1)
	raw = strings.Replace(raw, "--outer\r\n", "--wrap-outer\r\n", 1)
	for _, line := range []string{"\r\n--outer\r\n", "\r\n--outer--"} {
		i := strings.LastIndex(raw, line)
		raw = raw[:i] + strings.Replace(line, "--outer", "--wrap-outer", 1) + raw[i+len(line):]
	}
	return placed{message: message{Mailbox: mailbox}, raw: []byte(raw)}
}

// asItIs lays the message itself into Bruno's mailbox, with nothing around it.
func asItIs(o order) change {
	return func(t *testing.T, all map[string][]placed) {
		t.Helper()
		delete(all, "anomaly")
		all["found"] = []placed{{message: message{Mailbox: bruno}, raw: o.octets(t)}}
	}
}

// receiptFollows adds a receipt of Borea's about Paolo's message.
func receiptFollows(sample, mailbox string, pairs ...string) change {
	return func(t *testing.T, all map[string][]placed) {
		t.Helper()
		all["extra"] = append(all["extra"], piece(ofCirro(t, correct(sample)).with(t, pairs...), mailbox))
	}
}

// peerRefused makes the final dot end with a refusal.
func peerRefused(d *evidence.Dispatch) { d.DataReply = evidence.Reply{Code: 554, Text: "not here"} }
