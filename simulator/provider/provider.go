// Package provider plays one certified e-mail provider (RFC 6109 3): access
// point, incoming point, delivery point, the watch over deadlines, and the
// doors that they share.
//
// One door in: whatever arrives is classified once (classify.go), and the class
// decides. One door out: every system message leaves through emit (emit.go).
// Faults act at these doors and on the named checks, nowhere else. A provider
// knows its own store only, and never asks what the rules would say of it.
package provider

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/relay"
	"github.com/collaudo/collaudo/simulator/smtp"
	"github.com/collaudo/collaudo/simulator/store"
)

// Provider is a running provider.
type Provider struct {
	c        Config
	identity compose.Provider
	accounts *accounts.Directory
	journal  *journal.Journal
	trust    *trust
	queue    *relay.Queue
	relay    sender // the queue, or what it is within a transaction
	arrivals *arrivals
	taken    *relay.Taken // from other hosts
	watch    watch
	claims   *claims
	signers  *smime.Certificates // of what came in
	held     *holding            // what rules keep back
	lives    *lives
	tx       store.Tx // within which it writes; nil outside of transactions

	submissionTLS, submissionSTARTTLS, incoming *smtp.Server
	readers                                     readers
}

// Start opens the provider's services and takes up what its store holds of an
// earlier life. It runs until Close.
func Start(c Config) (*Provider, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	p := &Provider{c: c, identity: c.Faults.Identity(c.Identity), claims: &claims{}, signers: &smime.Certificates{}, held: &holding{}}
	p.identity.Random = c.Random
	err := p.openLives()
	if err != nil {
		return nil, fmt.Errorf("provider %s: %w", c.Identity.Name, err)
	}
	if p.trust, err = newTrust(c); err != nil {
		return nil, fmt.Errorf("provider %s: %w", c.Identity.Name, err)
	}
	if p.journal, err = p.openJournal(); err != nil {
		return nil, fmt.Errorf("provider %s: %w", c.Identity.Name, err)
	}
	if p.taken, err = relay.OpenTaken(c.Store); err != nil {
		return nil, fmt.Errorf("provider %s: %w", c.Identity.Name, err)
	}
	p.queue, err = relay.New(p.transport(relay.Options{
		Name: c.Identity.Name, Hello: c.Hostname, Store: c.Store, Clock: c.Clock, Sessions: c.History,
		Routes: c.Routes, Lifetime: c.Limits.RelayLifetime, Outcome: p.relayed,
		TLS: &tls.Config{
			RootCAs: c.Roots, MinVersion: tls.VersionTLS12, Time: c.Clock.Now, CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384},
			DynamicRecordSizingDisabled: true, // nobody waits for the beginning of a message, and small records are many packets
		},
	}))
	if err != nil {
		return nil, err
	}
	p.relay = p.queue
	p.arrivals = newArrivals(p, c.Limits.Workers)
	p.watch = watch{deadlines: newDeadlines(p), by: p}
	if err := p.listen(); err != nil {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_ = p.Close(ended)
		return nil, fmt.Errorf("provider %s: %w", c.Identity.Name, err)
	}
	return p, nil
}

// Resume takes up what the store holds of an earlier life. It is called once,
// when the routes to the other hosts are known.
func (p *Provider) Resume() error {
	if err := p.trust.begin(); err != nil {
		return err
	}
	if err := p.watch.resume(); err != nil {
		return err
	}
	if err := p.resumeHeld(); err != nil {
		return err
	}
	if err := p.arrivals.resume(); err != nil {
		return err
	}
	if err := p.queue.Resume(); err != nil {
		return err
	}
	return p.lives.begin()
}

func (p *Provider) listen() error {
	secure := p.serverTLS()
	submission := smtp.Options{
		Hostname: p.c.Hostname, Handler: p.scripted(faults.ServiceSubmission, &access{p}), TLS: secure,
		SignIn: p.signInSender, RequireAccount: p.wantsAccount(),
		AllowClearAccount: p.takesClearPasswords(),
		MaxRecipients:     p.mostRecipients(), MaxBytes: p.mostOctets(),
		History: p.c.History, Host: p.c.Identity.Name,
	}
	var err error
	implicit := submission
	implicit.ImplicitTLS, implicit.Address, implicit.Service = true, p.c.Ports.SubmissionTLS, "submission-tls"
	if p.submissionTLS, err = smtp.Start(implicit); err != nil {
		return err
	}
	explicit := submission
	explicit.Address, explicit.Service = p.c.Ports.SubmissionSTARTTLS, "submission-starttls"
	if p.submissionSTARTTLS, err = smtp.Start(explicit); err != nil {
		return err
	}
	// An envelope is larger than its original, and an anomaly envelope may have
	// to take in whatever another provider let through.
	incoming := smtp.Options{
		Hostname: p.c.Hostname, Address: p.c.Ports.Incoming, Handler: p.scripted(faults.ServiceIncoming, &incoming{p}), TLS: p.starttls(secure),
		MaxRecipients: 1000, MaxBytes: 2*p.c.Limits.NoticeBytes + 1<<20,
		History: p.c.History, Host: p.c.Identity.Name, Service: "incoming",
	}
	if p.incoming, err = smtp.Start(incoming); err != nil {
		return err
	}
	return p.listenReaders(secure)
}

// Close ends the services, then what is under way; what is queued stays in the
// store. It returns when every goroutine has ended, or when the context has.
func (p *Provider) Close(ctx context.Context) error {
	errs := smtp.CloseAll(ctx, p.submissionTLS, p.submissionSTARTTLS, p.incoming)
	errs = append(errs, p.readers.close(ctx)...)
	errs = append(errs, p.lives.close(ctx), p.trust.close(ctx), p.watch.close(ctx), p.arrivals.close(ctx), p.queue.Close(ctx))
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if p.incoming != nil && p.incoming.Unheard() {
		return nil // what was taken last is known again, as after a death
	}
	return p.taken.Close()
}

// Reading tells how much is under way, or due within soon of legal time, and how
// much ever began; see listen.Activity.
func (p *Provider) Reading(soon time.Duration) (under, starts int64) {
	add := func(u, s int64) { under, starts = under+u, starts+s }
	for _, s := range []*smtp.Server{p.submissionTLS, p.submissionSTARTTLS, p.incoming} {
		add(s.Activity().Reading())
	}
	add(p.arrivals.Reading())
	add(p.trust.Reading())
	add(p.watch.Reading())
	add(p.lives.Reading())
	add(p.queue.Reading(soon))
	return under, starts
}

// Addresses are host:port of the provider's services.
func (p *Provider) Addresses() Ports {
	at := p.readers.addresses()
	at.SubmissionTLS, at.SubmissionSTARTTLS, at.Incoming = p.submissionTLS.Address(), p.submissionSTARTTLS.Address(), p.incoming.Address()
	return at
}

// Config returns what the provider was started with, defaults filled in.
func (p *Provider) Config() Config { return p.c }

// Exchanges returns the SMTP transactions carried out with other hosts, those
// of its earlier lives too.
func (p *Provider) Exchanges() []relay.Exchange {
	return append(slices.Clone(p.c.Earlier), p.queue.Exchanges()...)
}

// Quarantined is an infected message with its octets.
type Quarantined struct {
	store.Infected
	Octets []byte
}

// Quarantine returns the store of infected messages, oldest first.
func (p *Provider) Quarantine() ([]Quarantined, error) {
	var all []Quarantined
	for _, i := range p.c.Store.Isolated() {
		octets, err := p.c.Store.Octets(i.Body)
		if err != nil {
			return nil, fmt.Errorf("quarantine of %s: %w", p.c.Identity.Name, err)
		}
		all = append(all, Quarantined{Infected: i, Octets: octets})
	}
	return all, nil
}

// now is the instant of an elaboration: taken once and passed on (RFC 6109 4.1).
func (p *Provider) now() time.Time { return p.c.Clock.Now() }

// manages tells whether the address is in one of the provider's domains.
func (p *Provider) manages(address string) bool {
	domain := domainOf(address)
	return slices.ContainsFunc(p.c.Domains, func(d string) bool { return strings.EqualFold(d, domain) })
}

// user returns the account that receives mail for the address. The service
// mailbox is nobody's: it takes receipts of other providers only (RFC 6109 2.2.5).
func (p *Provider) user(address string) (accounts.Account, bool) {
	a, ok := p.accounts.Lookup(p.mailboxOf(address))
	return a, ok && !a.Service && p.exists(a.Address)
}

// identifier makes a PEC msgid, or what stands in a Message-ID, without brackets.
func (p *Provider) identifier(at time.Time) (string, error) {
	id, err := compose.NewIdentifier(p.c.Faults.Identity(p.identity), at)
	if err != nil {
		return "", fmt.Errorf("make an identifier: %w", err)
	}
	return id, nil
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

func sameAddress(a, b string) bool { return strings.EqualFold(a, b) }
