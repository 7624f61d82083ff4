package provider

import (
	"context"
	"crypto/tls"

	"github.com/collaudo/collaudo/simulator/imap"
	"github.com/collaudo/collaudo/simulator/pop3"
)

// readers are the services from which users fetch their mail.
type readers struct {
	imap, imapSTARTTLS    *imap.Server
	pop3TLS, pop3STARTTLS *pop3.Server
}

// listenReaders opens them.
func (p *Provider) listenReaders(secure *tls.Config) error {
	at := p.c.Ports
	over := imap.Options{
		TLS: secure, Store: p.guarded(), Bodies: p.c.Store, Clock: p.c.Clock, SignIn: p.signIn,
		History: p.c.History, Host: p.c.Identity.Name,
	}
	implicit, explicit := over, over
	implicit.Address, implicit.Service, implicit.AllowClear = at.IMAP, "imap-tls", p.c.Faults.On("imap-in-clear")
	explicit.Address, explicit.Service, explicit.STARTTLS = at.IMAPSTARTTLS, "imap-starttls", true
	var err error
	if p.readers.imap, err = imap.Start(implicit); err != nil {
		return err
	}
	if p.readers.imapSTARTTLS, err = imap.Start(explicit); err != nil {
		return err
	}
	fetch := pop3.Options{
		TLS: secure, Store: p.guarded(), Bodies: p.c.Store, SignIn: p.signIn, Locks: &pop3.Locks{},
		History: p.c.History, Host: p.c.Identity.Name,
	}
	always, later := fetch, fetch
	always.Address, always.Service = at.POP3TLS, "pop3-tls"
	later.Address, later.Service, later.STLS = at.POP3STARTTLS, "pop3-starttls", true
	if p.readers.pop3TLS, err = pop3.Start(always); err != nil {
		return err
	}
	p.readers.pop3STARTTLS, err = pop3.Start(later)
	return err
}

func (r *readers) close(ctx context.Context) []error {
	var errs []error
	for _, s := range []*imap.Server{r.imap, r.imapSTARTTLS} {
		if s != nil {
			errs = append(errs, s.Close(ctx))
		}
	}
	for _, s := range []*pop3.Server{r.pop3TLS, r.pop3STARTTLS} {
		if s != nil {
			errs = append(errs, s.Close(ctx))
		}
	}
	return errs
}

// addresses are host:port of the services.
func (r *readers) addresses() Ports {
	return Ports{
		IMAP: r.imap.Address(), IMAPSTARTTLS: r.imapSTARTTLS.Address(),
		POP3TLS: r.pop3TLS.Address(), POP3STARTTLS: r.pop3STARTTLS.Address(),
	}
}
