// Package listen opens the listeners of a simulated host and ends them: every
// connection is counted, silent ones time out, and Close returns only when all
// handlers have let go of theirs.
//
// It knows no protocol. It listens on loopback; and, where a world is spread over
// containers and a host is said by its name, on private networks, whose
// connections alone it takes.
package listen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Options say how a listener behaves.
type Options struct {
	Address        string        // host:port, see Open; empty means a free port on 127.0.0.1
	Idle           time.Duration // a connection silent for longer is cut; 0 leaves timeouts to the protocol
	MaxConnections int           // at the same time; further ones are closed at once; default 512
}

// Listener is a net.Listener whose connections are counted.
type Listener struct {
	net.Listener
	name string // by which its host is reached; "" on loopback
	idle time.Duration
	max  int

	mu     sync.Mutex
	conns  map[*conn]struct{}
	closed bool          // nothing is accepted any more
	cut    bool          // and every connection was cut
	empty  chan struct{} // closed when the listener is closed and no connection is left
}

// Open listens on a loopback address, or, for a host that is said by its name (see
// HostName), on every private address of this machine. Other addresses are
// refused: the simulator must never be reachable from outside by accident.
func Open(o Options) (*Listener, error) {
	if o.Address == "" {
		o.Address = "127.0.0.1:0"
	}
	if o.MaxConnections <= 0 {
		o.MaxConnections = 512
	}
	host, port, err := net.SplitHostPort(o.Address)
	if err != nil {
		return nil, fmt.Errorf("listening address %q: want host:port: %w", o.Address, err)
	}
	name, address := "", o.Address
	switch ip := net.ParseIP(host); {
	case HostName(host):
		name, address = host, net.JoinHostPort("", port)
	case ip == nil || !ip.IsLoopback():
		return nil, fmt.Errorf("listening address %q is not a loopback address such as 127.0.0.1: the simulator listens on nothing else", o.Address)
	}
	inner, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", o.Address, err)
	}
	return &Listener{
		Listener: inner, name: name, idle: o.Idle, max: o.MaxConnections,
		conns: map[*conn]struct{}{}, empty: make(chan struct{}),
	}, nil
}

// Address returns host:port as clients reach it.
func (l *Listener) Address() string {
	if l.name == "" {
		return l.Addr().String()
	}
	_, port, _ := net.SplitHostPort(l.Addr().String()) // what a listener says of itself has a port
	return net.JoinHostPort(l.name, port)
}

// Accept waits for a connection. It closes those above the limit by itself, and
// those that come from outside.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		inner, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.name != "" && !both(inner) {
			_ = inner.Close()
			continue
		}
		c := &conn{Conn: inner, owner: l, idle: l.idle}
		l.mu.Lock()
		full := l.closed || len(l.conns) >= l.max
		if !full {
			l.conns[c] = struct{}{}
		}
		l.mu.Unlock()
		if full {
			_ = inner.Close()
			continue
		}
		return c, nil
	}
}

// Each hands over every connection that comes in, until the listener is closed.
// f must not take long: the next connection waits for it. What cannot be accepted
// for want of resources is tried again a little later.
func (l *Listener) Each(f func(net.Conn)) {
	const pause = 10 * time.Millisecond
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			f(c)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			time.Sleep(pause)
		}
	}
}

// Stop stops listening, and leaves connections as they are.
func (l *Listener) Stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed = true
	_ = l.Listener.Close()
	if len(l.conns) == 0 {
		close(l.empty)
	}
}

// Cut cuts a connection that a listener gave. Its handler meets a closed
// connection, and lets go of it by itself.
func Cut(c net.Conn) {
	if own, is := c.(*conn); is {
		c = own.Conn
	}
	_ = c.Close()
}

// Shutdown stops listening, cuts every connection and waits until all handlers
// have closed theirs, or until the context ends.
func (l *Listener) Shutdown(ctx context.Context) error {
	l.Stop()
	l.mu.Lock()
	if !l.cut {
		l.cut = true
		for c := range l.conns {
			Cut(c)
		}
	}
	l.mu.Unlock()
	select {
	case <-l.empty:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("connections of %s are still open: %w", l.Address(), ctx.Err())
	}
}

func (l *Listener) released(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, open := l.conns[c]; !open {
		return
	}
	delete(l.conns, c)
	if l.closed && len(l.conns) == 0 {
		close(l.empty)
	}
}

// conn is a connection whose handler's Close is noted, and which times out
// when its peer stays silent.
type conn struct {
	net.Conn
	owner *Listener
	idle  time.Duration
}

// Read renews the deadline first: what is limited is silence, not the length
// of a dialogue. Deadlines are waiting budgets in real time, not legal time.
func (c *conn) Read(b []byte) (int, error) {
	if c.idle > 0 {
		if err := c.Conn.SetReadDeadline(time.Now().Add(c.idle)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(b)
}

func (c *conn) Write(b []byte) (int, error) {
	if c.idle > 0 {
		if err := c.Conn.SetWriteDeadline(time.Now().Add(c.idle)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(b)
}

func (c *conn) Close() error {
	err := c.Conn.Close()
	c.owner.released(c)
	return err
}
