package simulator_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/smtp"
)

const (
	paolo = "paolo@cirro.example"
	pia   = "pia@cirro.example"
	cirro = "ricevute@gestore.cirro.example"
)

// peer is Cirro, played by the test: an incoming point that answers as it is
// told to, and signers.
type peer struct {
	*world
	t        testing.TB
	identity compose.Provider
	signers  map[string]*smime.Signer
	address  string
	server   *smtp.Server
	tls      *tls.Config

	offersTLS bool

	mu       sync.Mutex
	badTLS   bool  // the handshake fails
	refusal  error // to every RCPT
	sessions int   // transactions that began
	clear    int   // of them without TLS
	got      []*pec.Message
}

func (p *peer) Mail(_ context.Context, t smtp.Transaction, _ int64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sessions++
	if !t.TLS {
		p.clear++
	}
	return nil
}

func (p *peer) Recipient(context.Context, smtp.Transaction, string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refusal
}

func (p *peer) Message(_ context.Context, _ smtp.Transaction, octets []byte) error {
	m, err := pec.Read(octets)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, m)
	return nil
}

// withPeer starts the pair and Cirro, which takes everything and answers nothing.
func withPeer(t testing.TB, change ...func(*simulator.Config)) *peer {
	t.Helper()
	p := &peer{t: t, signers: map[string]*smime.Signer{}, offersTLS: true}
	var certificate tls.Certificate // known once the world is there
	p.tls = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.badTLS {
			return nil, errors.New("no certificate")
		}
		return &certificate, nil
	}}
	p.up()
	change = append([]func(*simulator.Config){func(c *simulator.Config) {
		*c = c.WithPeers(map[string]simulator.PeerHosts{simulator.Cirro: {Incoming: p.address}})
	}}, change...)
	p.world = start(t, change...)
	d := p.Description.Peers[0]
	p.identity = compose.Provider{Name: d.Name, ServiceAddress: d.ServiceAddress, Domain: simulator.Cirro, Random: rand.Reader}
	for _, s := range d.Signers {
		p.signers[s.Name] = signerOf(t, s.KeyPair)
	}
	var err error
	if certificate, err = tls.X509KeyPair([]byte(d.TLS.Certificate), []byte(d.TLS.Key)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.down)
	return p
}

// up opens the peer's incoming point, down closes it.
func (p *peer) up() {
	p.t.Helper()
	o := smtp.Options{Hostname: simulator.Cirro, Address: p.address, Handler: p}
	if p.offersTLS {
		o.TLS = p.tls
	}
	server, err := smtp.Start(o)
	for deadline := time.Now().Add(patience); errors.Is(err, syscall.EADDRINUSE) && time.Now().Before(deadline); server, err = smtp.Start(o) {
		time.Sleep(10 * time.Millisecond) // while it was down the port was anybody's
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.server, p.address = server, server.Address()
}

func (p *peer) down() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.server.Close(ctx); err != nil {
		p.t.Error(err)
	}
}

func signerOf(t testing.TB, pair simulator.KeyPair) *smime.Signer {
	t.Helper()
	s := &smime.Signer{Digest: crypto.SHA256}
	for rest := []byte(pair.Certificate); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if s.Certificate == nil {
			s.Certificate = c
		} else {
			s.Chain = append(s.Chain, c)
		}
	}
	block, _ := pem.Decode([]byte(pair.Key))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	s.Key = key.(crypto.Signer)
	return s
}

// taken counts what came to the peer.
func (p *peer) taken() counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	count := counts{}
	for _, m := range p.got {
		count[m.Kind.String()]++
	}
	return count
}

func (p *peer) last() *pec.Message {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.got) == 0 {
		p.t.Fatal("nothing came to the peer")
	}
	return p.got[len(p.got)-1]
}

// seal signs a draft as the signer of that name; "" leaves it unsigned.
func (p *peer) seal(d *compose.Draft, signer string) []byte {
	p.t.Helper()
	content, err := d.Render()
	if err != nil {
		p.t.Fatal(err)
	}
	s, known := p.signers[signer]
	if !known && signer != "" {
		p.t.Fatalf("no signer %q", signer)
	}
	octets, err := d.Seal(content, s)
	if err != nil {
		p.t.Fatal(err)
	}
	return octets
}

// facts of a message from Paolo.
func (p *peer) facts(subject string, to ...string) compose.Facts {
	id, err := compose.NewIdentifier(p.identity, p.Now())
	if err != nil {
		p.t.Fatal(err)
	}
	f := compose.Facts{Sender: paolo, Subject: subject, HasSubject: true, ClientMessageID: "<" + subject + "@client.example>", Identifier: id}
	for _, r := range to {
		f.Recipients = append(f.Recipients, compose.Recipient{Address: r, Certified: true})
	}
	return f
}

// envelope is a correct one from Paolo.
func (p *peer) envelope(subject, body string, to ...string) *compose.Draft {
	f := p.facts(subject, to...)
	original := fmt.Sprintf("Return-Path: <%s>\r\nFrom: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%s@client.example>\r\n\r\n%s",
		paolo, paolo, strings.Join(to, ", "), subject, subject, body)
	rewritten := compose.RewriteOriginal([]byte(original), f.Identifier)
	return compose.TransportEnvelope(p.identity, f, p.Now(), rewritten, compose.Inherited(rewritten, false))
}

// deliver hands octets to Borea.
func (p *peer) deliver(octets []byte, to ...string) error {
	p.t.Helper()
	return p.arrive(p.t, p.Providers[1].Hosts.Incoming, paolo, to, octets)
}

// answer hands a receipt about a message of Anna's to Aurora.
func (p *peer) answer(octets []byte, to string) {
	p.t.Helper()
	if err := p.arrive(p.t, p.Providers[0].Hosts.Incoming, p.identity.ServiceAddress, []string{to}, octets); err != nil {
		p.t.Fatal(err)
	}
	p.settle(p.t)
}

func (p *peer) advance(by string) {
	p.t.Helper()
	d, err := time.ParseDuration(by)
	if err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.Advance(ctx, d); err != nil {
		p.t.Fatal(err)
	}
}
