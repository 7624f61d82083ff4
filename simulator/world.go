// Package simulator plays a whole world of certified e-mail in one process: any
// number of providers, the authority that certifies them, and an ordinary mail
// host. It starts with no configuration, listens on loopback only, invents its
// own CA and uses reserved names: whatever it signs proves nothing outside.
//
// It is not a mail server for real mail, and it does not judge: what the rules
// say of a provider is none of its business, not even of its own.
package simulator

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/events"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/history"
	"github.com/collaudo/collaudo/simulator/listen"
	"github.com/collaudo/collaudo/simulator/mx"
	"github.com/collaudo/collaudo/simulator/names"
	"github.com/collaudo/collaudo/simulator/ordinary"
	"github.com/collaudo/collaudo/simulator/provider"
	"github.com/collaudo/collaudo/simulator/relay"
	"github.com/collaudo/collaudo/simulator/reserved"
	"github.com/collaudo/collaudo/simulator/store"
	"github.com/collaudo/collaudo/simulator/summary"
)

// World is a running world.
type World struct {
	config    Config
	authority *authority.Authority
	signing   signing // of all providers
	routes    *routes
	network   network        // between the hosts
	resolver  *mx.Resolver   // nil: mail goes by the built-in routes
	hosts     hosts          // its providers
	stamps    stamps         // of their saved logs
	ordinary  *ordinary.Host // nil when there is none
	control   *control.Server
	rules     *faults.Rules            // switched on and off while it runs
	reserved  *reserved.Table          // nil when there are none
	peers     [][]authority.PeerSigner // of Config.Peers, in order
	services  *authority.Services
	names     *names.Server
	stores    stores
	events    *events.Record
	recent    summary.Recent // messages that providers have just read
	history   *history.Record
	epoch     string

	ordinaryConfig ordinary.Config // with which the host is started again

	advancing sync.Mutex // one advance of the clock at a time
}

// Start starts a world; ctx limits the start only. Close ends it.
func Start(ctx context.Context, c Config) (*World, error) {
	c = c.withDefaults()
	if c.Stores == nil {
		c.Stores = func(string) store.Store { return store.NewMemory(c.StoreBytes) }
	}
	w := &World{config: c, routes: newRoutes()}
	if err := w.openEvents(); err != nil {
		return nil, err
	}
	w.openHistory()
	if err := w.start(ctx); err != nil {
		ended, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return nil, errors.Join(err, w.Close(ended))
	}
	return w, nil
}

func (w *World) start(ctx context.Context) error {
	c := w.config
	if err := c.check(); err != nil {
		return err
	}
	set, err := faults.Lookup(c.Faults...)
	if err != nil {
		return err
	}
	if err := errors.Join(w.reserve(), w.openParts()); err != nil {
		return err
	}
	set = set.With(w.rules)
	shared := c.Authority
	if shared == nil {
		if shared, err = c.NewAuthority(); err != nil {
			return err
		}
	}
	w.authority, w.signing = shared.Fork(c.Clock.Now, set), newSigning()
	roots := x509.NewCertPool()
	roots.AddCert(w.authority.Certificate())
	// All providers are in the directory before one of them is up.
	signers := make([]*smime.Signer, len(c.Providers))
	for i, p := range c.Providers {
		main := authority.Provider{
			Name: p.Name, ServiceAddress: p.serviceAddress(),
			MailReceipt: p.serviceMailbox(), Domains: p.listed(set.For(p.ServiceDomain)), Hosted: true,
		}
		if signers[i], err = w.authority.Register(main); err != nil {
			return err
		}
		for _, u := range p.Units {
			if _, err := w.authority.Register(u.record(main)); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(w.registerDistant(), w.registerPeers()); err != nil {
		return err
	}
	if err := w.connect(roots); err != nil {
		return err
	}
	if err := w.serveAuthority(); err != nil { //nolint:contextcheck // it outlives the start
		return err
	}
	for i, p := range c.Providers {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("start provider %s: %w", p.Name, err)
		}
		if err := w.startProvider(p, signers[i], set.For(p.ServiceDomain), roots); err != nil { //nolint:contextcheck // it outlives the start
			return err
		}
	}
	if err := w.startOrdinary(roots); err != nil { //nolint:contextcheck // it outlives the start
		return err
	}
	for _, p := range w.hosts.all() {
		if err := p.Resume(); err != nil { //nolint:contextcheck // it outlives the start
			return err
		}
	}
	if w.ordinary != nil {
		if err := w.ordinary.Resume(); err != nil {
			return err
		}
	}
	w.control, err = control.Start(control.Options{Address: c.ControlAddress, World: w, Hosts: c.names}) //nolint:contextcheck // it outlives the start
	if err == nil {
		w.happened(events.Event{Type: events.World, Detail: Started})
	}
	return err
}

func (w *World) startProvider(c ProviderConfig, signer *smime.Signer, set *faults.Set, roots *x509.CertPool) error {
	server, err := w.authority.Server(w.config.serverNames(c.ServiceDomain)...)
	if err != nil {
		return err
	}
	variant := func(name string) (*smime.Signer, error) {
		s, err := w.authority.Variant(c.serviceAddress(), name)
		if err != nil {
			return nil, err
		}
		return w.signing.signer(s), nil
	}
	for _, name := range set.SignerVariants() { // issued now, so that nobody waits for a key in mid message
		if _, err := variant(name); err != nil {
			return fmt.Errorf("provider %s: %w", c.Name, err)
		}
	}
	download, err := w.download()
	if err != nil {
		return err
	}
	engine, err := w.config.engine(c)
	if err != nil {
		return err
	}
	further, revoked := w.config.furtherTrust()
	list := append([]accounts.Account{{Address: c.serviceMailbox(), Password: c.ServicePassword, Service: true}}, c.Accounts...)
	list = append(list, w.config.reservedAccounts(c)...)
	kept := w.keep(c.Name, c.ServiceDomain)
	if err := createFolders(kept, list, c.Folders); err != nil {
		return fmt.Errorf("provider %s: %w", c.Name, err)
	}
	p, err := provider.Start(provider.Config{
		Identity:       compose.Provider{Name: c.Name, ServiceAddress: c.serviceAddress(), Domain: c.ServiceDomain},
		ServiceMailbox: c.serviceMailbox(), Domains: c.every(), Accounts: list, Limits: c.Limits, Policy: c.Policy,
		Life: c.Life, Changed: w.lifeChanged(c.Name), RecoveryLink: w.recoveryLink,
		Store: kept, Logged: w.logged(c.Name), Read: w.recent.Note, Clock: w.config.Clock, Random: w.config.Random,
		Scanner: engine, Signer: w.signing.signer(signer), Variant: variant, Trust: w.trusted(), Download: download,
		Faults: set, Reserved: w.reserved, Server: server, Roots: roots, Routes: w.routesFrom(c.Name, w.routesOf(c.every(), true)), Ports: c.Ports, Stamp: w.stamp,
		FurtherAuthorities: further, FurtherRevocation: revoked, History: w.history,
	})
	if err != nil {
		return err
	}
	w.hosts.add(p)
	for _, d := range c.every() {
		w.routes.add(d, relay.Route{Host: c.Name, Address: p.Addresses().Incoming, TLSName: c.ServiceDomain, Provider: true})
	}
	return nil
}

func (w *World) startOrdinary(roots *x509.CertPool) error {
	c := w.config.Ordinary
	if c.Domain == "" {
		return nil
	}
	server, err := w.authority.Server(w.config.serverNames(c.Domain)...)
	if err != nil {
		return err
	}
	kept := w.keep(c.Domain, c.Domain)
	if err := createFolders(kept, c.Accounts, c.Folders); err != nil {
		return fmt.Errorf("mail host %s: %w", c.Domain, err)
	}
	w.ordinaryConfig = ordinary.Config{
		Domain: c.Domain, Accounts: c.Accounts, Store: kept,
		Clock: w.config.Clock, Server: server, Roots: roots, Routes: w.routesFrom(c.Domain, w.routesOf([]string{c.Domain}, false)), Ports: c.Ports,
		History: w.history,
	}
	h, err := ordinary.Start(w.ordinaryConfig)
	if err != nil {
		return err
	}
	w.ordinary = h
	w.routes.add(c.Domain, relay.Route{Host: c.Domain, Address: h.Addresses().Incoming, TLSName: c.Domain})
	return nil
}

// Close ends the world. It returns when every listener is closed and every
// goroutine has ended, or when the context has.
func (w *World) Close(ctx context.Context) error {
	var errs []error
	if w.control != nil {
		errs = append(errs, w.control.Close(ctx))
	}
	var hosts sync.WaitGroup
	var mu sync.Mutex
	end := func(closing func(context.Context) error) {
		hosts.Add(1)
		go func() {
			defer hosts.Done()
			if err := closing(ctx); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		}()
	}
	for _, p := range w.hosts.all() {
		end(p.Close)
	}
	if h := w.ordinaryHost(); h != nil {
		end(h.Close)
	}
	hosts.Wait()
	if w.services != nil { // after who asks them
		errs = append(errs, w.services.Close(ctx))
	}
	if w.names != nil {
		errs = append(errs, w.names.Close(ctx))
	}
	return errors.Join(errs...)
}

// Settle waits until nothing moves: nothing queued anywhere and no session
// delivering, twice in a row. A message that waits for a host that is down is
// at rest once its next attempt is further away than relay.Horizon.
func (w *World) Settle(ctx context.Context) error {
	return w.quiet(ctx, relay.Horizon)
}

// quiet waits until nothing is under way or due within soon of legal time.
func (w *World) quiet(ctx context.Context, soon time.Duration) error {
	err := listen.Quiet(ctx, func() (under, starts int64) {
		for _, p := range w.hosts.all() {
			u, s := p.Reading(soon)
			under, starts = under+u, starts+s
		}
		if h := w.ordinaryHost(); h != nil {
			u, s := h.Reading(soon)
			under, starts = under+u, starts+s
		}
		if w.services != nil {
			u, s := w.services.Reading()
			under, starts = under+u, starts+s
		}
		return under, starts
	})
	if err != nil {
		return fmt.Errorf("the world has not settled: %w", err)
	}
	return nil
}

var _ control.World = (*World)(nil)
