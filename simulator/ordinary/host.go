// Package ordinary plays an Internet mail host that knows nothing of certified
// e-mail: it takes mail for its users, in clear or over TLS, lets them read it,
// and sends what they write to the hosts of the simulated world.
//
// It never relays outside, adds nothing to what it receives, and signs nothing.
package ordinary

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/history"
	"github.com/collaudo/collaudo/simulator/imap"
	"github.com/collaudo/collaudo/simulator/pop3"
	"github.com/collaudo/collaudo/simulator/relay"
	"github.com/collaudo/collaudo/simulator/smtp"
	"github.com/collaudo/collaudo/simulator/store"
)

// Config of a host.
type Config struct {
	Domain   string
	Accounts []accounts.Account
	Store    store.Store
	Clock    clock.Clock
	Server   tls.Certificate
	Roots    *x509.CertPool
	Routes   relay.Routes
	MaxBytes int64 // per message; default 100 MiB

	Ports Ports

	// History is where the sessions of its services are written down; nil: nowhere.
	History *history.Record
}

// Ports to listen on, host:port on loopback; empty means a free one.
type Ports struct {
	Incoming, Submission, IMAP          string
	IMAPSTARTTLS, POP3TLS, POP3STARTTLS string
}

// Host is a running mail host.
type Host struct {
	c        Config
	accounts *accounts.Directory
	relay    *relay.Queue
	taken    *relay.Taken // from other hosts

	incoming, submission *smtp.Server
	imap, imapSTARTTLS   *imap.Server
	pop3, pop3STARTTLS   *pop3.Server
}

// Start opens the host's services. It runs until Close.
func Start(c Config) (*Host, error) {
	if c.Domain == "" || c.Store == nil || c.Clock == nil || c.Routes == nil {
		return nil, errors.New("an ordinary mail host needs a domain, a store, a clock and routes")
	}
	if c.MaxBytes <= 0 {
		c.MaxBytes = 100 << 20
	}
	users, err := accounts.New(c.Accounts...)
	if err != nil {
		return nil, fmt.Errorf("mail host %s: %w", c.Domain, err)
	}
	h := &Host{c: c, accounts: users}
	for _, a := range users.List() {
		if err := c.Store.CreateMailbox(a.Address, a.Quota); err != nil && !errors.Is(err, store.ErrExists) {
			return nil, fmt.Errorf("mail host %s: %w", c.Domain, err)
		}
	}
	if h.taken, err = relay.OpenTaken(c.Store); err != nil {
		return nil, fmt.Errorf("mail host %s: %w", c.Domain, err)
	}
	h.relay, err = relay.New(relay.Options{
		Name: c.Domain, Hello: c.Domain, Store: c.Store, Clock: c.Clock, Routes: c.Routes, Sessions: c.History,
		TLS: &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12, Time: c.Clock.Now},
	})
	if err != nil {
		return nil, err
	}
	if err := h.listen(); err != nil {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_ = h.Close(ended)
		return nil, fmt.Errorf("mail host %s: %w", c.Domain, err)
	}
	return h, nil
}

func (h *Host) listen() error {
	secure := &tls.Config{Certificates: []tls.Certificate{h.c.Server}, MinVersion: tls.VersionTLS12, Time: h.c.Clock.Now}
	signIn := func(_, user, password string) (string, bool) {
		a, ok := h.accounts.Authenticate(user, password)
		return a.Address, ok
	}
	var err error
	if h.incoming, err = smtp.Start(smtp.Options{
		Hostname: h.c.Domain, Address: h.c.Ports.Incoming, TLS: secure,
		Handler: inbound{h}, MaxBytes: h.c.MaxBytes, MaxRecipients: 1000,
		History: h.c.History, Host: h.c.Domain, Service: "incoming",
	}); err != nil {
		return err
	}
	if h.submission, err = smtp.Start(smtp.Options{
		Hostname: h.c.Domain, Address: h.c.Ports.Submission, TLS: secure,
		Handler: outbound{h}, SignIn: signIn, RequireAccount: true, MaxBytes: h.c.MaxBytes,
		History: h.c.History, Host: h.c.Domain, Service: "submission-starttls",
	}); err != nil {
		return err
	}
	return h.listenReaders(secure, signIn)
}

// Resume takes up what the store holds of an earlier life.
func (h *Host) Resume() error { return h.relay.Resume() }

// Close ends the services and what is under way; it returns when every
// goroutine has ended, or when the context has.
func (h *Host) Close(ctx context.Context) error {
	errs := append(smtp.CloseAll(ctx, h.incoming, h.submission), h.closeReaders(ctx)...)
	if err := errors.Join(append(errs, h.relay.Close(ctx))...); err != nil {
		return err
	}
	if h.incoming != nil && h.incoming.Unheard() {
		return nil // what was taken last is known again, as after a death
	}
	return h.taken.Close()
}

// Reading tells how much is under way, or due within soon of legal time, and how
// much ever began; see listen.Activity.
func (h *Host) Reading(soon time.Duration) (under, starts int64) {
	under, starts = h.relay.Reading(soon)
	for _, s := range []*smtp.Server{h.incoming, h.submission} {
		u, n := s.Activity().Reading()
		under, starts = under+u, starts+n
	}
	return under, starts
}

// Addresses are host:port of the host's services.
func (h *Host) Addresses() Ports {
	return Ports{
		Incoming: h.incoming.Address(), Submission: h.submission.Address(),
		IMAP: h.imap.Address(), IMAPSTARTTLS: h.imapSTARTTLS.Address(),
		POP3TLS: h.pop3.Address(), POP3STARTTLS: h.pop3STARTTLS.Address(),
	}
}

// Exchanges returns the SMTP transactions carried out with other hosts.
func (h *Host) Exchanges() []relay.Exchange { return h.relay.Exchanges() }

// inbound takes mail from other hosts.
type inbound struct{ *Host }

func (inbound) Mail(context.Context, smtp.Transaction, int64) error { return nil }

func (h inbound) Recipient(_ context.Context, _ smtp.Transaction, address string) error {
	if !strings.HasSuffix(strings.ToLower(address), "@"+strings.ToLower(h.c.Domain)) {
		return smtp.Refuse(550, 5, 7, 1, "<"+address+">: no mail is relayed to other domains")
	}
	if _, ok := h.accounts.Lookup(address); !ok {
		return smtp.Refuse(550, 5, 1, 1, "<"+address+">: no such mailbox")
	}
	return nil
}

// Message puts a message into every mailbox that it is for, or into none, and
// not again when its 250 was not heard.
func (h inbound) Message(_ context.Context, t smtp.Transaction, octets []byte) error {
	if h.taken.Again(t.ReversePath, t.Recipients, octets) {
		return nil
	}
	at := h.c.Clock.Now()
	return h.c.Store.Together(func(tx store.Tx) error {
		for _, r := range t.Recipients {
			m := store.Message{Received: at, Trace: store.Trace{ReversePath: t.ReversePath, Recipient: r}}
			_, err := tx.Append(r, store.Inbox, octets, m, false)
			switch {
			case errors.Is(err, store.ErrQuota):
				return smtp.Refuse(552, 5, 2, 2, "<"+r+">: the mailbox is full")
			case err != nil:
				return smtp.Refuse(452, 4, 3, 1, err.Error())
			}
		}
		return h.taken.Note(tx, at, t.ReversePath, t.Recipients, store.Hash(octets))
	})
}

// outbound takes mail from the host's users.
type outbound struct{ *Host }

func (h outbound) Mail(_ context.Context, t smtp.Transaction, _ int64) error {
	if !strings.EqualFold(t.ReversePath, t.Account) {
		return smtp.Refuse(550, 5, 7, 1, "Reverse path <"+t.ReversePath+"> is not that of the authenticated account")
	}
	return nil
}

func (outbound) Recipient(context.Context, smtp.Transaction, string) error { return nil }

func (h outbound) Message(_ context.Context, t smtp.Transaction, octets []byte) error {
	return h.relay.Submit(relay.Message{ReversePath: t.ReversePath, Recipients: t.Recipients, Octets: octets})
}
