package ordinary

import (
	"context"
	"crypto/tls"

	"github.com/collaudo/collaudo/simulator/imap"
	"github.com/collaudo/collaudo/simulator/pop3"
)

// listenReaders opens the services from which users fetch their mail.
func (h *Host) listenReaders(secure *tls.Config, signIn func(peer, user, password string) (string, bool)) error {
	at := h.c.Ports
	over := imap.Options{
		TLS: secure, Store: h.c.Store, Bodies: h.c.Store, Clock: h.c.Clock, SignIn: signIn,
		History: h.c.History, Host: h.c.Domain,
	}
	implicit, explicit := over, over
	implicit.Address, implicit.Service = at.IMAP, "imap-tls"
	explicit.Address, explicit.Service, explicit.STARTTLS = at.IMAPSTARTTLS, "imap-starttls", true
	var err error
	if h.imap, err = imap.Start(implicit); err != nil {
		return err
	}
	if h.imapSTARTTLS, err = imap.Start(explicit); err != nil {
		return err
	}
	fetch := pop3.Options{
		TLS: secure, Store: h.c.Store, Bodies: h.c.Store, SignIn: signIn, Locks: &pop3.Locks{},
		History: h.c.History, Host: h.c.Domain,
	}
	always, later := fetch, fetch
	always.Address, always.Service = at.POP3TLS, "pop3-tls"
	later.Address, later.Service, later.STLS = at.POP3STARTTLS, "pop3-starttls", true
	if h.pop3, err = pop3.Start(always); err != nil {
		return err
	}
	h.pop3STARTTLS, err = pop3.Start(later)
	return err
}

func (h *Host) closeReaders(ctx context.Context) []error {
	var errs []error
	for _, s := range []*imap.Server{h.imap, h.imapSTARTTLS} {
		if s != nil {
			errs = append(errs, s.Close(ctx))
		}
	}
	for _, s := range []*pop3.Server{h.pop3, h.pop3STARTTLS} {
		if s != nil {
			errs = append(errs, s.Close(ctx))
		}
	}
	return errs
}
