package history

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"strings"
	"sync"
)

// Tap is a connection whose session is written down while a server of a library
// speaks over it. Such a server shows what it reads and writes, in clear and in
// one stream (Tap.Write), and does not say which is which: the tap, which lies
// below, sees each real write before what was written is shown.
type Tap struct {
	net.Conn
	shown shown

	mu       sync.Mutex
	writer   *Writer
	dialogue dialogue
	wrote    bool // there was a real write since the last read, and since the last line shown

	gathers bool       // what is written waits for the next read
	sending sync.Mutex // held while late is used
	late    []byte     // what waits
}

// gathered is how much waits at most.
const gathered = 16 << 10

// dialogue makes lines of what the two sides of a protocol say.
type dialogue interface {
	// client is an error when no client says such a thing: the connection ends.
	client(b []byte) error
	server(b []byte)
	// fromServer tells who said b, given whether something was really written just
	// before.
	fromServer(b []byte, wrote bool) bool
	// message is told that the server took a message.
	message(hash string, size int64)
}

// NewSMTP makes the tap of an SMTP server's connection, NewIMAP that of an IMAP
// server's. A nil writer is allowed.
//
// An SMTP server says something and then listens, so its replies wait until it
// does: those to commands that came together leave together (RFC 2920 3.2), and
// not each in a packet of its own. An IMAP server may speak while it listens.
func NewSMTP(conn net.Conn, w *Writer) *Tap {
	t := newTap(conn, w, &smtpDialogue{w: w})
	t.gathers = true
	return t
}

// NewIMAP is described at NewSMTP.
func NewIMAP(conn net.Conn, w *Writer) *Tap {
	return newTap(conn, w, newIMAPDialogue(w))
}

func newTap(conn net.Conn, w *Writer, d dialogue) *Tap {
	t := &Tap{Conn: conn, writer: w, dialogue: d}
	t.shown.tap = t
	return t
}

// Read implements net.Conn.
func (t *Tap) Read(b []byte) (int, error) {
	if err := t.Flush(); err != nil {
		return 0, err
	}
	n, err := t.Conn.Read(b)
	t.mu.Lock()
	t.wrote = false // so that a handshake's last write is not taken for what comes next
	t.mu.Unlock()
	return n, err
}

// Write implements net.Conn.
func (t *Tap) Write(b []byte) (int, error) {
	n, err := t.send(b)
	t.mu.Lock()
	t.wrote = true
	t.mu.Unlock()
	return n, err
}

func (t *Tap) send(b []byte) (int, error) {
	if !t.gathers {
		return t.Conn.Write(b)
	}
	t.sending.Lock()
	t.late = append(t.late, b...)
	full := len(t.late) >= gathered
	t.sending.Unlock()
	if full {
		return len(b), t.Flush()
	}
	return len(b), nil
}

// Flush sends what waits.
func (t *Tap) Flush() error {
	if !t.gathers {
		return nil
	}
	t.sending.Lock()
	defer t.sending.Unlock()
	if len(t.late) == 0 {
		return nil
	}
	_, err := t.Conn.Write(t.late)
	t.late = t.late[:0]
	return err
}

// Close implements net.Conn, and ends the session.
func (t *Tap) Close() error {
	err := errors.Join(t.Flush(), t.Conn.Close())
	t.writer.Close()
	return err
}

// Writer is where the session is written down.
func (t *Tap) Writer() *Writer { return t.writer }

// Account notes who signed in.
func (t *Tap) Account(address string) {
	if t != nil {
		t.writer.Account(address)
	}
}

// Message notes that the server took a message with these octets, and returns
// their hash, "" when nothing is written down.
func (t *Tap) Message(octets []byte) (hash string) {
	if t == nil || t.writer == nil {
		return ""
	}
	hash = Hash(octets)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dialogue.message(hash, int64(len(octets)))
	return hash
}

// Shown is what the library's server shows its streams to.
func (t *Tap) Shown() io.Writer { return t.shown }

type shown struct{ tap *Tap }

// Write implements io.Writer.
func (s shown) Write(b []byte) (int, error) {
	t := s.tap
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dialogue.fromServer(b, t.wrote) {
		t.wrote = false
		t.writer.Count(0, len(b))
		t.dialogue.server(b)
	} else {
		t.writer.Count(len(b), 0)
		if err := t.dialogue.client(b); err != nil {
			t.writer.Line(Note, err.Error()) // the library reports it when the session has ended already
			return 0, err
		}
	}
	return len(b), nil
}

// Logger takes what the library's server reports of the connection.
func (t *Tap) Logger() *log.Logger { return log.New(notes{t.writer}, "", 0) }

type notes struct{ w *Writer }

// Write implements io.Writer.
func (n notes) Write(b []byte) (int, error) {
	n.w.Line(Note, strings.TrimRight(string(b), "\n"))
	return len(b), nil
}

// Watch returns a configuration that tells the taps below of handshakes done.
// Keys of session tickets stay those of one configuration, so that sessions can
// be resumed.
func Watch(config *tls.Config) *tls.Config {
	if config == nil {
		return nil
	}
	watched := config.Clone()
	watched.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		own := config
		if config.GetConfigForClient != nil {
			chosen, err := config.GetConfigForClient(hello)
			if err != nil {
				return nil, err
			}
			if chosen != nil {
				own = chosen
			}
		}
		tap := tapOf(hello.Conn)
		if tap == nil {
			return own, nil
		}
		own = own.Clone()
		verify := own.VerifyConnection
		own.VerifyConnection = func(state tls.ConnectionState) error {
			tap.writer.Secured(state.Version)
			if verify != nil {
				return verify(state)
			}
			return nil
		}
		return own, nil
	}
	return watched
}

// tapOf finds the tap that a connection lies on.
func tapOf(conn net.Conn) *Tap {
	for {
		switch c := conn.(type) {
		case *Tap:
			return c
		case interface{ NetConn() net.Conn }:
			conn = c.NetConn()
		default:
			return nil
		}
	}
}

// Once is a listener that gives out one connection. A library's server that
// serves it serves that connection, and nothing else.
type Once struct {
	Conn  net.Conn
	given bool
}

// Accept implements net.Listener.
func (o *Once) Accept() (net.Conn, error) {
	if o.given {
		return nil, net.ErrClosed
	}
	o.given = true
	return o.Conn, nil
}

// Close implements net.Listener.
func (o *Once) Close() error { return nil }

// Addr implements net.Listener.
func (o *Once) Addr() net.Addr { return o.Conn.LocalAddr() }
