// Package pop3 lets users fetch the mail of a simulated host with POP3 (RFC 1939,
// 2449, 2595, 3206, 5034), over TLS from the first octet on or after STLS.
//
// What is fetched is what was stored, byte for byte. It shows the INBOX only,
// delivers nothing, and knows nothing of certified e-mail.
package pop3

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/simulator/history"
	"github.com/collaudo/collaudo/simulator/listen"
	"github.com/collaudo/collaudo/simulator/store"
)

// Options of a server.
type Options struct {
	Address string // to listen on; a free loopback port when empty
	TLS     *tls.Config
	// STLS waits for the client to ask for TLS; otherwise it is there from the
	// first octet on. Nobody signs in without.
	STLS   bool
	Store  store.Mailboxes
	Bodies store.Bodies
	// SignIn says whether a password is right, and gives the mailbox. peer is the
	// host:port from which the client comes.
	SignIn func(peer, user, password string) (mailbox string, ok bool)
	// Locks are shared by the servers of one host: a mailbox is open in one POP3
	// session at a time. Default: locks of its own.
	Locks *Locks

	Idle           time.Duration // after which a silent client is cut off, its deletions undone; default 10 minutes (RFC 1939 3)
	MaxConnections int

	// History is where sessions are written down, as those of a service of the
	// host; nil: nowhere.
	History       *history.Record
	Host, Service string
}

// Server is a POP3 service on one port.
type Server struct {
	o        Options
	listener *listen.Listener
	served   chan struct{}
}

// Start listens and serves until Close.
func Start(o Options) (*Server, error) {
	if o.TLS == nil || o.SignIn == nil || o.Store == nil || o.Bodies == nil {
		return nil, errors.New("a POP3 server needs a certificate, accounts and a store")
	}
	if o.Locks == nil {
		o.Locks = &Locks{}
	}
	if o.Idle <= 0 {
		o.Idle = 10 * time.Minute
	}
	listener, err := listen.Open(listen.Options{Address: o.Address, Idle: o.Idle, MaxConnections: o.MaxConnections})
	if err != nil {
		return nil, err
	}
	s := &Server{o: o, listener: listener, served: make(chan struct{})}
	go func() {
		defer close(s.served)
		listener.Each(func(conn net.Conn) { go s.serve(conn) })
	}()
	return s, nil
}

// Address returns host:port.
func (s *Server) Address() string { return s.listener.Address() }

// Close stops listening, cuts the connections and waits until every session has
// ended, or until the context does. What was marked for deletion stays.
func (s *Server) Close(ctx context.Context) error {
	if err := s.listener.Shutdown(ctx); err != nil {
		return fmt.Errorf("POP3: %w", err)
	}
	<-s.served
	return nil
}

func (s *Server) serve(conn net.Conn) {
	w := s.o.History.Open(history.Opening{
		Host: s.o.Host, Protocol: "pop3", Service: s.o.Service, Peer: conn.RemoteAddr().String(),
	})
	defer w.Close()
	x := &session{o: &s.o, conn: conn, history: w}
	defer func() { x.release(); _ = x.conn.Close() }()
	x.run()
}

// Locks keep a mailbox to one session at a time. The zero value is ready.
type Locks struct {
	mu   sync.Mutex
	held map[string]bool
}

// take locks a mailbox, unless somebody holds it.
func (l *Locks) take(mailbox string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	name := strings.ToLower(mailbox)
	if l.held[name] {
		return false
	}
	if l.held == nil {
		l.held = map[string]bool{}
	}
	l.held[name] = true
	return true
}

func (l *Locks) release(mailbox string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.held, strings.ToLower(mailbox))
}
