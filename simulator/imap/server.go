// Package imap lets users read the mailboxes of a simulated host: IMAP4rev1
// over TLS, on go-imap's server with a session of our own over a store.
//
// What is fetched is what was stored, byte for byte; flags keep their canonical
// letter case. It delivers nothing and knows nothing of certified e-mail.
package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"

	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/listen"
	"github.com/collaudo/collaudo/simulator/store"
	imap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// Options of a server.
type Options struct {
	Address string // to listen on; a free loopback port when empty
	TLS     *tls.Config
	Store   store.Mailboxes
	Bodies  store.Bodies
	Clock   clock.Clock // INTERNALDATE of what clients append
	// AllowClear lets a client sign in without TLS, on the same port.
	AllowClear bool
	// Authenticate says whether a password is right, and gives the mailbox.
	Authenticate func(user, password string) (mailbox string, ok bool)

	MaxAppend      int64 // bytes; default 64 MiB
	MaxConnections int
}

// Server is an IMAP service on one port.
type Server struct {
	listener *listen.Listener
	inner    *imapserver.Server
	served   chan struct{}
}

// Start listens and serves until Close.
func Start(o Options) (*Server, error) {
	if o.TLS == nil || o.Authenticate == nil || o.Store == nil || o.Bodies == nil {
		return nil, errors.New("an IMAP server needs a certificate, accounts and a store")
	}
	if o.MaxAppend <= 0 {
		o.MaxAppend = 64 << 20
	}
	listener, err := listen.Open(listen.Options{Address: o.Address, MaxConnections: o.MaxConnections})
	if err != nil {
		return nil, err
	}
	inner := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &session{o: &o}, nil, nil
		},
		Caps: imap.CapSet{
			imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapMove: {}, imap.CapESearch: {},
			imap.CapNamespace: {}, imap.CapListExtended: {}, imap.CapListStatus: {}, imap.CapStatusSize: {},
		},
		InsecureAuth: o.AllowClear,
		Logger:       log.New(io.Discard, "", 0), // broken connections of clients are no news
	})
	s := &Server{listener: listener, inner: inner, served: make(chan struct{})}
	go func() {
		defer close(s.served)
		_ = inner.Serve(secured(listener, o)) // ends when the listener is closed
	}()
	return s, nil
}

// Address returns host:port.
func (s *Server) Address() string { return s.listener.Address() }

// Close stops listening, cuts the connections and waits until every session
// has ended, or until the context does.
func (s *Server) Close(ctx context.Context) error {
	if err := s.listener.Shutdown(ctx); err != nil {
		return fmt.Errorf("IMAP: %w", err)
	}
	<-s.served
	return nil
}
