package imap

import (
	"bufio"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// secured is the connection that a session is held over: TLS from the first
// octet on, as the rules want it; or clear text to begin with, where STARTTLS is
// to follow; or, where clear text is let in, whatever the client speaks.
func secured(conn net.Conn, o Options) net.Conn {
	switch {
	case o.STARTTLS:
		return conn
	case o.AllowClear:
		return &eitherConn{Conn: conn, secure: o.TLS}
	default:
		return tls.Server(conn, o.TLS)
	}
}

// hesitation is how long a client may be silent before it counts as one that
// waits for a greeting in clear text: a TLS client speaks first.
const hesitation = 100 * time.Millisecond

// eitherConn finds out at the first use whether its client speaks TLS.
type eitherConn struct {
	net.Conn
	secure *tls.Config
	once   sync.Once
	spoken net.Conn
}

func (c *eitherConn) decide() net.Conn {
	c.once.Do(func() {
		early := &earlyConn{Conn: c.Conn, reader: bufio.NewReader(c.Conn)}
		_ = c.SetReadDeadline(time.Now().Add(hesitation))
		first, err := early.reader.Peek(1)
		_ = c.SetReadDeadline(time.Time{})
		c.spoken = early
		if err == nil && first[0] == 0x16 { // the handshake record of TLS
			c.spoken = tls.Server(early, c.secure)
		}
	})
	return c.spoken
}

// Read implements net.Conn.
func (c *eitherConn) Read(b []byte) (int, error) { return c.decide().Read(b) }

// Write implements net.Conn.
func (c *eitherConn) Write(b []byte) (int, error) { return c.decide().Write(b) }

// earlyConn gives back what was looked at already.
type earlyConn struct {
	net.Conn
	reader *bufio.Reader
}

// NetConn is the connection below.
func (c *earlyConn) NetConn() net.Conn { return c.Conn }

// Read implements net.Conn.
func (c *earlyConn) Read(b []byte) (int, error) { return c.reader.Read(b) }
