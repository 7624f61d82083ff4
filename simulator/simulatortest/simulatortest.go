// Package simulatortest starts a simulated world of certified e-mail from a Go
// test: two providers with ready mailboxes, on free ports of this machine, which
// end with the test.
//
//	func TestOrder(t *testing.T) {
//		world := simulatortest.Start(t)
//		id := world.Submit("anna@aurora.example", []string{"bruno@borea.example"}, "Subject: Ordine 7\n\nBuongiorno.\n")
//		receipt := world.WaitFor(pec.Delivery, id)
//		...
//	}
//
// It is for the tests of programs that send or read certified e-mail. It judges
// nothing: whether a provider keeps the rules is what package conformance is for.
package simulatortest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/faults"
)

// Patience is how long, in real time, a world waits for what a test asks for
// before the test fails.
const Patience = 30 * time.Second

// keys serve every world of a test binary: making them is what takes time, and
// worlds that share them share no certificate and no mail.
var keys = authority.NewPool() //nolint:gochecknoglobals // see above

// World is a running world and what is needed to use it. Its methods fail the
// test that it was started from; they must be called from that test's goroutine.
type World struct {
	*simulator.World
	// Description has the addresses of all services, the accounts with their
	// passwords, and the CA, as of the start.
	Description simulator.Description

	t testing.TB
}

// Option changes the world before it starts.
type Option func(*simulator.Config)

// Configured starts another world than the built-in pair; see package configfile
// for reading one from YAML. It goes before options that change a world.
func Configured(c simulator.Config) Option {
	return func(into *simulator.Config) { *into = c }
}

// Stepped gives the world a clock that begins at an instant and can be moved on
// with Advance, so that the notices of 12 and 24 hours come at once.
func Stepped(at time.Time) Option {
	return func(c *simulator.Config) { c.Clock = clock.NewOffset(at) }
}

// Faulty switches faults of the catalogue on, each an ID for every provider, or
// ID@service.domain for one.
func Faulty(ids ...string) Option {
	return func(c *simulator.Config) { c.Faults = append(c.Faults, ids...) }
}

// Personality has the providers write as a family of real ones does.
func Personality(name string) Option {
	return func(c *simulator.Config) { c.Faults = append(c.Faults, faults.PersonalityPrefix+name) }
}

// Start starts a world with the built-in pair of providers and the reserved
// recipients. It ends when the test does.
func Start(t testing.TB, options ...Option) *World {
	t.Helper()
	c := simulator.Pair()
	for _, change := range options {
		change(&c)
	}
	c.Reserved = true
	if c.Keys == nil {
		c.Keys = keys
	}
	c.PrepareKeys(t.Context())
	started, err := simulator.Start(t.Context(), c)
	if err != nil {
		t.Fatalf("simulatortest: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		if err := started.Close(ctx); err != nil {
			t.Errorf("simulatortest: %v", err)
		}
	})
	w := &World{World: started, t: t}
	if w.Description, err = started.Describe(); err != nil {
		t.Fatalf("simulatortest: %v", err)
	}
	return w
}

// TLS is how a client connects that was given the world's CA.
func (w *World) TLS() *tls.Config {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(w.Description.Trust.CA))
	return &tls.Config{RootCAs: roots, ServerName: "localhost", MinVersion: tls.VersionTLS12, Time: w.Now}
}

// Account finds an account by its address, with the services that it is used
// through.
func (w *World) Account(address string) (simulator.Account, simulator.Hosts) {
	w.t.Helper()
	for _, p := range w.Description.Providers {
		for _, a := range append([]simulator.Account{p.ServiceMailbox}, p.Accounts...) {
			if strings.EqualFold(a.Address, address) {
				return a, p.Hosts
			}
		}
	}
	if o := w.Description.Ordinary; o != nil {
		for _, a := range o.Accounts {
			if strings.EqualFold(a.Address, address) {
				return a, o.Hosts
			}
		}
	}
	w.t.Fatalf("simulatortest: this world has no account %s", address)
	return simulator.Account{}, simulator.Hosts{}
}

// Advance moves legal time on. What falls due on the way happens, and everything
// has settled when it returns. The world must have been started Stepped.
func (w *World) Advance(by time.Duration) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 10*Patience)
	defer cancel()
	if err := w.World.Advance(ctx, by); err != nil {
		w.t.Fatalf("simulatortest: %v", err)
	}
}

// Settle waits until nothing is under way any more: to say that something did
// not happen.
func (w *World) Settle() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), Patience)
	defer cancel()
	if err := w.World.Settle(ctx); err != nil {
		w.t.Fatalf("simulatortest: %v", err)
	}
}
