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
	"net"

	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/history"
	"github.com/collaudo/collaudo/simulator/listen"
	"github.com/collaudo/collaudo/simulator/store"
	imap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// Options of a server.
type Options struct {
	Address string // to listen on; a free loopback port when empty
	TLS     *tls.Config
	// STARTTLS waits for the client to ask for TLS; otherwise it is there from the
	// first octet on. Nobody signs in without.
	STARTTLS bool
	Store    store.Mailboxes
	Bodies   store.Bodies
	Clock    clock.Clock // INTERNALDATE of what clients append
	// AllowClear lets a client sign in without TLS, on the same port, to play a
	// faulty provider.
	AllowClear bool
	// SignIn says whether a password is right, and gives the mailbox. peer is the
	// host:port from which the client comes.
	SignIn func(peer, user, password string) (mailbox string, ok bool)

	MaxAppend      int64 // bytes; default 64 MiB
	MaxConnections int

	// History is where sessions are written down, as those of a service of the
	// host; nil: nowhere.
	History       *history.Record
	Host, Service string
}

// Server is an IMAP service on one port.
type Server struct {
	o        Options
	listener *listen.Listener
	served   chan struct{}
}

// Start listens and serves until Close.
func Start(o Options) (*Server, error) {
	if o.TLS == nil || o.SignIn == nil || o.Store == nil || o.Bodies == nil {
		return nil, errors.New("an IMAP server needs a certificate, accounts and a store")
	}
	if o.MaxAppend <= 0 {
		o.MaxAppend = 64 << 20
	}
	listener, err := listen.Open(listen.Options{Address: o.Address, MaxConnections: o.MaxConnections})
	if err != nil {
		return nil, err
	}
	o.TLS = history.Watch(o.TLS)
	s := &Server{o: o, listener: listener, served: make(chan struct{})}
	go func() {
		defer close(s.served)
		listener.Each(s.serve)
	}()
	return s, nil
}

// serve begins the session of one connection, with a library's server of its
// own: such a server shows what is said in one stream for all.
func (s *Server) serve(conn net.Conn) {
	tap := history.NewIMAP(conn, s.o.History.Open(history.Opening{
		Host: s.o.Host, Protocol: "imap", Service: s.o.Service, Peer: conn.RemoteAddr().String(),
	}))
	options := imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &session{o: &s.o, tap: tap}, nil, nil
		},
		Caps: imap.CapSet{
			imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapMove: {}, imap.CapESearch: {},
			imap.CapNamespace: {}, imap.CapListExtended: {}, imap.CapListStatus: {}, imap.CapStatusSize: {},
			imap.CapLiteralPlus: {}, imap.CapSpecialUse: {}, imap.CapChildren: {},
		},
		InsecureAuth: s.o.AllowClear,
		Logger:       log.New(io.Discard, "", 0), // broken connections of clients are no news but to the history
	}
	if s.o.STARTTLS {
		options.TLSConfig = s.o.TLS
	}
	if s.o.History != nil {
		options.DebugWriter, options.Logger = tap.Shown(), tap.Logger()
	}
	_ = imapserver.New(&options).Serve(&history.Once{Conn: secured(tap, s.o)}) // returns at once: the session has a goroutine of its own
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
