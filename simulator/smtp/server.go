package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"sync"
	"sync/atomic"

	"github.com/collaudo/collaudo/simulator/history"
	"github.com/collaudo/collaudo/simulator/listen"
	gosmtp "github.com/emersion/go-smtp"
)

// Server is one SMTP service on one port.
type Server struct {
	options  Options
	listener *listen.Listener
	activity listen.Activity // messages between DATA and its reply

	ctx    context.Context
	cancel context.CancelFunc
	served chan struct{}
	// handlers counts calls of Handler.Message: with BDAT go-smtp runs them in a
	// goroutine that it does not wait for.
	handlers sync.WaitGroup
	doors    *doors
}

// Start listens and serves until Close.
func Start(o Options) (*Server, error) {
	o = o.withDefaults()
	if o.Handler == nil {
		return nil, errors.New("an SMTP server needs a handler")
	}
	listener, err := listen.Open(listen.Options{Address: o.Address, Idle: o.Idle, MaxConnections: o.MaxConnections})
	if err != nil {
		return nil, err
	}
	if o.ImplicitTLS && o.TLS == nil {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_ = listener.Shutdown(ended)
		return nil, errors.New("implicit TLS needs a certificate")
	}
	s := &Server{options: o, listener: listener, served: make(chan struct{}), doors: newDoors(o.Hostname)}
	s.options.TLS = history.Watch(o.TLS)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	go func() {
		defer close(s.served)
		listener.Each(s.serve)
	}()
	return s, nil
}

// serve begins the session of one connection, with a library's server of its
// own: such a server shows what is said in one stream for all.
func (s *Server) serve(conn net.Conn) {
	o := s.options
	v := s.doors.open(conn)
	if v == nil {
		_ = conn.Close()
		return
	}
	tap := history.NewSMTP(v, o.History.Open(history.Opening{
		Host: o.Host, Protocol: "smtp", Service: o.Service, Peer: conn.RemoteAddr().String(),
	}))
	inner := gosmtp.NewServer(gosmtp.BackendFunc(func(c *gosmtp.Conn) (gosmtp.Session, error) { return s.session(c, v, tap), nil }))
	inner.Domain = o.Hostname
	inner.MaxRecipients = o.MaxRecipients
	inner.MaxMessageBytes = o.MaxBytes + 1                       // go-smtp refuses a message of exactly its limit
	inner.MaxLineLength = int(max(o.MaxBytes+2, maxCommandLine)) // it cuts lines of a message too: only those that no message may hold
	inner.ReadTimeout = 0                                        // an absolute limit for all of DATA; the listener limits silence instead
	inner.AllowInsecureAuth = o.AllowClearAccount
	inner.ErrorLog = log.New(io.Discard, "", 0) // broken connections of peers are no news but to the history
	if o.TLS != nil && !o.ImplicitTLS {
		inner.TLSConfig = o.TLS
	}
	v.through(tap)
	conn = tap
	if o.History == nil {
		tap = nil
	} else {
		inner.Debug, inner.ErrorLog = tap.Shown(), tap.Logger()
	}
	if o.ImplicitTLS {
		conn = tls.Server(conn, o.TLS)
	}
	_ = inner.Serve(&history.Once{Conn: conn}) // returns at once: the session has a goroutine of its own
}

// Address returns host:port.
func (s *Server) Address() string { return s.listener.Address() }

// Activity tells whether a message is being received.
func (s *Server) Activity() *listen.Activity { return &s.activity }

// maxCommandLine is far above what RFC 5321 4.5.3.1 asks a server to take.
const maxCommandLine = 4096

// Close stops listening, and tells sessions at rest so (421) and ends them at
// once. Messages that have begun are taken and answered first: who sends one and
// hears nothing sends it again. What takes longer than Options.Drain, or than the
// context leaves, is cut. It returns when every session has ended, or when the
// context has.
func (s *Server) Close(ctx context.Context) error {
	s.doors.close(ctx, s.listener.Stop, s.options.Drain)
	s.cancel()
	// Not the server's own Shutdown: it begins to wait for connections while one
	// may still be coming in. Ours counts them where they are accepted.
	if err := s.listener.Shutdown(ctx); err != nil {
		return fmt.Errorf("SMTP %s: %w", s.options.Hostname, err)
	}
	done := make(chan struct{})
	go func() { s.handlers.Wait(); <-s.served; close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("SMTP %s: a message is still being received: %w", s.options.Hostname, ctx.Err())
	}
}

// Unheard tells, of a server that was closed, whether a message may have been
// kept whose reply did not leave.
func (s *Server) Unheard() bool { return s.doors.cutShort() }

func (s *Server) session(c *gosmtp.Conn, v *visit, tap *history.Tap) *session {
	_, secure := c.TLSConnectionState()
	v.speaks(c.Conn())
	return &session{server: s, conn: c, visit: v, tap: tap, t: Transaction{Peer: Peer{
		Address: c.Conn().RemoteAddr().String(), Hello: c.Hostname(), TLS: secure,
	}}}
}

// session is one SMTP session after EHLO.
type session struct {
	server *Server
	conn   *gosmtp.Conn
	visit  *visit
	tap    *history.Tap // nil when no history is kept

	declared atomic.Int64 // size of the message, by MAIL; 0: not said

	mu     sync.Mutex // go-smtp takes chunks in a goroutine of their own, and may reset meanwhile
	t      Transaction
	taking *taking // the message that began last; nil before
}

func (s *session) transaction() Transaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.t
}

func (s *session) change(f func(t *Transaction)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.t)
}

// Reset is what the library does when it has replied to a message, among others.
func (s *session) Reset() {
	s.answered()
	s.change(func(t *Transaction) { t.ReversePath, t.Recipients, t.Hello = "", nil, s.conn.Hostname() })
}

// Logout is the end of the session, or the beginning of TLS.
func (s *session) Logout() error {
	s.answered()
	s.visit.speaks(nil)
	return nil
}

// answered says that nothing is left to reply to the message that began last.
func (s *session) answered() {
	s.mu.Lock()
	m := s.taking
	s.mu.Unlock()
	m.end()
}

func (s *session) Mail(from string, o *gosmtp.MailOptions) error {
	opts, t := s.server.options, s.transaction()
	if opts.RequireAccount && t.Account == "" {
		if !t.TLS && !opts.AllowClearAccount {
			return plain(Refuse(530, 5, 7, 0, "Must issue a STARTTLS command first"))
		}
		return plain(Refuse(530, 5, 7, 0, "Authentication required"))
	}
	if o.Size > opts.MaxBytes {
		return plain(Refuse(552, 5, 3, 4, fmt.Sprintf("Message of %d octets: the limit is %d", o.Size, opts.MaxBytes)))
	}
	t.ReversePath, t.Recipients = from, nil
	if err := opts.Handler.Mail(s.server.ctx, t, o.Size); err != nil {
		return plain(err)
	}
	s.change(func(own *Transaction) { *own = t })
	s.declared.Store(o.Size)
	return nil
}

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if err := s.server.options.Handler.Recipient(s.server.ctx, s.transaction(), to); err != nil {
		return plain(err)
	}
	s.change(func(t *Transaction) { t.Recipients = append(t.Recipients[:len(t.Recipients):len(t.Recipients)], to) })
	return nil
}

func (s *session) Data(r io.Reader) error {
	m := s.visit.begin(&s.server.handlers)
	if m == nil {
		return plain(Refuse(421, 4, 3, 2, "Shutting down"))
	}
	defer s.server.handlers.Done()
	s.mu.Lock()
	s.taking = m
	s.mu.Unlock()
	defer s.server.activity.Begin()()
	t := s.transaction()
	limit := s.server.options.MaxBytes
	octets, err := whole(r, s.declared.Load(), limit)
	if err != nil {
		m.end() // nothing is kept: nobody has to hear about it
		return plain(err)
	}
	m.whole()
	if int64(len(octets)) > limit { // chunks pass go-smtp's own limit, which is one more
		return plain(Refuse(552, 5, 3, 4, fmt.Sprintf("Message of %d octets: the limit is %d", len(octets), limit)))
	}
	t.SHA256 = s.tap.Message(octets)
	return plain(s.server.options.Handler.Message(s.server.ctx, t, octets))
}

// plain puts an error into the form that go-smtp sends.
func plain(err error) error {
	var reply *Reply
	var ready *gosmtp.SMTPError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &reply):
		return &gosmtp.SMTPError{Code: reply.Code, EnhancedCode: gosmtp.EnhancedCode(reply.Enhanced), Message: reply.Text}
	case errors.As(err, &ready):
		return ready
	default:
		return &gosmtp.SMTPError{Code: 451, EnhancedCode: gosmtp.EnhancedCode{4, 3, 0}, Message: "Local error: " + err.Error()}
	}
}
