package provider

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/store"
)

var trustKeys = authority.NewPool()

// published is a directory server, and the authority behind it.
type published struct {
	t         *testing.T
	clock     *clock.Offset
	authority *authority.Authority
	own       *smime.Signer // of the provider under test
	signer    *smime.Signer // of the directory
	listener  net.Listener

	mu     sync.Mutex
	served []byte
	shown  []*x509.Certificate // by request; nil for none
}

func publish(t *testing.T, bad bool) *published {
	t.Helper()
	c := clock.NewOffset(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	a, err := authority.New(authority.Config{Keys: trustKeys, Random: rand.Reader, Now: c.Now, Domains: []string{"aurora.example"}})
	if err != nil {
		t.Fatal(err)
	}
	p := &published{t: t, clock: c, authority: a}
	if p.own, err = a.Register(authority.Provider{
		Name: "Aurora PEC S.p.A.", ServiceAddress: "posta-certificata@gestore.aurora.example", MailReceipt: "ricevute@gestore.aurora.example",
		Domains: []string{"gestore.aurora.example", "aurora.example"},
	}); err != nil {
		t.Fatal(err)
	}
	if p.signer, err = a.DirectorySigner(); err != nil {
		t.Fatal(err)
	}
	certificate, err := a.Server("127.0.0.1")
	if bad {
		certificate, err = a.Untrusted("127.0.0.1")
	}
	if err != nil {
		t.Fatal(err)
	}
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.listener.Close() })
	inner := tls.NewListener(p.listener, &tls.Config{
		Certificates: []tls.Certificate{certificate}, ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12, Time: c.Now,
	})
	go func() { _ = http.Serve(inner, p) }() //nolint:gosec // ends with its listener, at the end of the test
	return p
}

func (p *published) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var shown *x509.Certificate
	if len(r.TLS.PeerCertificates) > 0 {
		shown = r.TLS.PeerCertificates[0]
	}
	p.shown = append(p.shown, shown)
	if p.served == nil {
		http.Error(rw, "down", http.StatusServiceUnavailable)
		return
	}
	_, _ = rw.Write(p.served)
}

// file is the directory with one more domain, signed at now plus after.
func (p *published) file(by *smime.Signer, domain string, after time.Duration) []byte {
	ldif, err := p.authority.DirectoryLDIF()
	if err != nil {
		p.t.Fatal(err)
	}
	der, err := by.Enclose([]byte(strings.TrimRight(string(ldif), "\n")+"\nmanagedDomains: "+domain+"\n"), p.clock.Now().Add(after))
	if err != nil {
		p.t.Fatal(err)
	}
	return der
}

func (p *published) config(keep store.Store, ids ...string) Config {
	set, err := faults.Lookup(ids...)
	if err != nil {
		p.t.Fatal(err)
	}
	server, err := p.authority.Server("aurora.example")
	if err != nil {
		p.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(p.authority.Certificate())
	return Config{
		Variant: func(name string) (*smime.Signer, error) {
			return p.authority.Variant(p.own.Certificate.EmailAddresses[0], name)
		},
		Clock: p.clock, Signer: p.own, Trust: p.authority, Faults: set, Store: keep, Server: server,
		Download: Download{Directory: "https://" + p.listener.Addr().String() + "/igpec.ldif.p7m", Roots: roots, Signer: p.signer.Certificate},
	}
}

func (p *published) begin(c Config) *trust {
	p.t.Helper()
	t, err := newTrust(c)
	if err == nil {
		err = t.begin()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = t.close(context.Background()) })
	return t
}

func TestCopyOfTheDirectory(t *testing.T) {
	t.Parallel()
	truncated := func(p *published) []byte {
		der := p.file(p.signer, "nuovo.example", time.Minute)
		return der[:len(der)-200]
	}
	tampered := func(p *published) []byte {
		der := p.file(p.signer, "vecchio.example", time.Minute)
		return []byte(strings.Replace(string(der), "vecchio.example", "nuovo.example\n\n", 1))
	}
	good := func(p *published) []byte { return p.file(p.signer, "nuovo.example", time.Minute) }
	stranger := func(p *published) []byte { return p.file(p.own, "nuovo.example", time.Minute) }
	old := func(p *published) []byte { return p.file(p.signer, "nuovo.example", -time.Hour) }
	corrupted := func(p *published) []byte {
		return p.file(p.signer, "nuovo.example\nproviderCertificate;binary:: MAA=", time.Minute)
	}
	down := func(*published) []byte { return nil }
	for _, c := range []struct {
		name, fault string
		badServer   bool
		served      func(*published) []byte
		knows       bool // the new domain, afterwards
		forgets     bool // its own domain
	}{
		{name: "good", served: good, knows: true},
		{name: "tampered", served: tampered},
		{name: "truncated", served: truncated},
		{name: "signed by a stranger", served: stranger},
		{name: "rolled back", served: old},
		{name: "down", served: down},
		{name: "no file", served: func(*published) []byte { return []byte("<html>") }},
		{name: "wrong server", badServer: true, served: good},
		{name: "wrong server, any is good enough", fault: "directory-any-server", badServer: true, served: good, knows: true},
		{name: "tampered, careless", fault: "directory-damaged-applied", served: tampered, knows: true},
		{name: "stranger, careless", fault: "directory-damaged-applied", served: stranger, knows: true},
		{name: "rolled back, careless", fault: "directory-damaged-applied", served: old, knows: true},
		{name: "a corrupt certificate", served: corrupted, knows: true},
		{name: "a corrupt certificate, refused", fault: "directory-corrupt-certificate-refused", served: corrupted},
		{name: "asked for in clear text", fault: "directory-over-http", served: good},
		{name: "never refreshed", fault: "directory-not-refreshed", served: good},
		{name: "down, forgotten", fault: "directory-copy-forgotten", served: down, forgets: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := publish(t, c.badServer)
			var ids []string
			if c.fault != "" {
				ids = append(ids, c.fault)
			}
			trusted := p.begin(p.config(store.NewMemory(0), ids...))
			p.served = c.served(p)
			news := trusted.refresh(t.Context())
			if got := trusted.record("nuovo.example") != nil; got != c.knows || news != c.knows {
				t.Errorf("knows the new domain: %v, news: %v", got, news)
			}
			if got := trusted.record("Aurora.EXAMPLE") == nil; got != c.forgets {
				t.Errorf("forgot the copy: %v", got)
			}
			if again := trusted.refresh(t.Context()); again {
				t.Error("the same file is news again")
			}
		})
	}
}

func TestCertificateShownToTheDirectory(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]func(*published, Config, *x509.Certificate) bool{
		"":                                func(p *published, _ Config, c *x509.Certificate) bool { return c != nil && c.Equal(p.own.Certificate) },
		"directory-no-client-certificate": func(_ *published, _ Config, c *x509.Certificate) bool { return c == nil },
		"directory-other-client-certificate": func(_ *published, config Config, c *x509.Certificate) bool {
			return c != nil && c.Equal(config.Server.Leaf)
		},
		"directory-separate-client-certificate": func(p *published, _ Config, c *x509.Certificate) bool {
			return c != nil && !c.Equal(p.own.Certificate) && c.EmailAddresses[0] == p.own.Certificate.EmailAddresses[0]
		},
	} {
		p := publish(t, false)
		var ids []string
		if fault != "" {
			ids = append(ids, fault)
		}
		config := p.config(store.NewMemory(0), ids...)
		p.begin(config).refresh(t.Context())
		if len(p.shown) != 1 || !want(p, config, p.shown[0]) {
			t.Errorf("%q: shown %v", fault, p.shown)
		}
	}
}

func TestCopyOutlastsARestart(t *testing.T) {
	t.Parallel()
	p := publish(t, false)
	config := p.config(store.NewMemory(0))
	first := p.begin(config)
	p.served = p.file(p.signer, "nuovo.example", time.Minute)
	if !first.refresh(t.Context()) {
		t.Fatal("nothing new")
	}
	if p.begin(config).record("nuovo.example") == nil {
		t.Error("the copy is lost")
	}
}

func TestLookupsThatMindCase(t *testing.T) {
	t.Parallel()
	p := publish(t, false)
	small, err := p.authority.Register(authority.Provider{
		Name: "Delta PEC S.p.A.", ServiceAddress: "posta-certificata@delta.aurora.example", MailReceipt: "ricevute@delta.aurora.example",
		Domains: []string{"delta.aurora.example"}, LowerCaseHash: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	for fault, want := range map[string]int{"": 1, "directory-hash-by-letter-case": 0} {
		var ids []string
		if fault != "" {
			ids = append(ids, fault)
		}
		trusted := p.begin(p.config(store.NewMemory(0), ids...))
		if trusted.record("AURORA.example") == nil {
			t.Errorf("%q: domains", fault)
		}
		if len(trusted.signers(p.own.Certificate)) != 1 || len(trusted.signers(small.Certificate)) != want {
			t.Errorf("%q: hashes", fault)
		}
	}
}

// A CRL stays in force until its nextUpdate, whatever has been revoked since.
func TestRevocationListIsCached(t *testing.T) {
	t.Parallel()
	for fault, refreshed := range map[string]bool{"": true, "revocation-not-refreshed": false} {
		p := publish(t, false)
		server, err := p.authority.Serve(authority.ServeOptions{Clock: p.clock})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Close(context.Background()) })
		var ids []string
		if fault != "" {
			ids = append(ids, fault)
		}
		config := p.config(store.NewMemory(0), ids...)
		config.Download.Revocation = server.Addresses().Revocation
		trusted := p.begin(config)
		if err := p.authority.Revoke(p.own.Certificate); err != nil {
			t.Fatal(err)
		}
		if trusted.revoked(p.own.Certificate) {
			t.Errorf("%q: known before nextUpdate", fault)
		}
		p.clock.Advance(25 * time.Hour)
		if got := trusted.revoked(p.own.Certificate); got != refreshed {
			t.Errorf("%q: known after nextUpdate: %v", fault, got)
		}
		if err := server.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.clock.Advance(25 * time.Hour)
		if got := trusted.revoked(p.own.Certificate); got != refreshed {
			t.Errorf("%q: forgotten when the server is down", fault)
		}
	}
}
