package reach

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"time"
)

// ErrNoRoom marks a connection that was not even begun, because as many were
// open as there may be until the context ended. It says nothing of the target.
var ErrNoRoom = errors.New("no connection is free")

// Options say how far and how fast the harness may go.
type Options struct {
	// Allow names what may be reached beside this machine: host, host:port, an
	// address, or a range (CIDR).
	Allow []string
	// MessagesPerMinute bounds the messages that begin in any minute, to
	// whichever host, this machine included; 0 is no bound.
	MessagesPerMinute int
	// Connections bounds those open at a time, likewise; 0 is no bound.
	Connections int
}

// Door opens connections. It serves one run and all that goes on in it at a
// time. A nil Door is one that leads to this machine only, without bounds.
type Door struct {
	places []place
	slots  chan struct{} // one per connection that may be open; nil: no bound
	pace   time.Duration // between two messages; 0: no bound

	mu   sync.Mutex
	next time.Time // when the next message may begin
}

// New checks the options. An error names every entry that makes no sense.
func New(o Options) (*Door, error) {
	d := &Door{}
	var wrong []error
	for _, entry := range o.Allow {
		p, err := parsePlace(entry)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		d.places = append(d.places, p)
	}
	if o.MessagesPerMinute < 0 || o.Connections < 0 {
		wrong = append(wrong, errors.New("reach.messagesPerMinute and reach.connections are counts: give a number above zero, or none for no bound"))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	if o.MessagesPerMinute > 0 {
		d.pace = time.Minute / time.Duration(o.MessagesPerMinute)
	}
	if o.Connections > 0 {
		d.slots = make(chan struct{}, o.Connections)
	}
	return d, nil
}

// Connections is how many connections may be open at a time; 0 is no bound. It
// lets whoever keeps some of them leave room for others.
func (d *Door) Connections() int {
	if d == nil {
		return 0
	}
	return cap(d.slots)
}

// Check says which of the addresses may not be reached, each as host:port or
// URL; empty ones are passed over. The error is ErrNotAllowed, or says what is
// no address at all.
func (d *Door) Check(addresses ...string) error {
	var wrong []error
	seen := map[string]bool{}
	for _, address := range addresses {
		if address == "" || seen[address] {
			continue
		}
		seen[address] = true
		host, port, err := split(address)
		if err == nil {
			err = d.check(host, port)
		}
		wrong = append(wrong, err)
	}
	return errors.Join(wrong...)
}

func (d *Door) check(host, port string) error {
	if isLoopback(host) {
		return nil
	}
	ranges := false
	if d != nil {
		for _, p := range d.places {
			if p.allows(host, port) {
				return nil
			}
			ranges = ranges || p.host == "" && !p.prefix.IsSingleIP()
		}
	}
	where := net.JoinHostPort(host, port)
	hint := ""
	if _, err := netip.ParseAddr(host); err != nil && ranges {
		hint = ", since a range of addresses allows no names"
	}
	return fmt.Errorf("%w: %s is not on this machine, and reach.allow of the target file does not name it: add %q there if you may test it%s", ErrNotAllowed, where, where, hint)
}

// dialBudget bounds one attempt to connect, where the context has no limit
// that ends before.
const dialBudget = 20 * time.Second

// DialContext connects as net.Dialer does. What is not allowed is refused with
// ErrNotAllowed before a name is looked up. Where connections are bounded it
// waits for one to be closed.
func (d *Door) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" {
		return nil, fmt.Errorf("connect: %q is no host:port", address)
	}
	if err := d.check(host, port); err != nil {
		return nil, err
	}
	release, counts := func() {}, d != nil && d.slots != nil && strings.HasPrefix(network, "tcp")
	if counts {
		if release, err = d.slot(ctx, address); err != nil {
			return nil, err
		}
	}
	dialer := net.Dialer{Timeout: dialBudget}
	if isLoopback(host) && (d == nil || !d.named(host, port)) {
		dialer.ControlContext = onlyLoopback
	}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		release()
		return nil, err
	}
	if !counts {
		return conn, nil // what reads datagrams must see what kind of connection it is
	}
	return &counted{Conn: conn, release: release}, nil
}

// named tells that the allow-list names this, so that it need not be loopback.
func (d *Door) named(host, port string) bool {
	for _, p := range d.places {
		if p.allows(host, port) {
			return true
		}
	}
	return false
}

// onlyLoopback refuses a localhost that a name server says lies elsewhere.
func onlyLoopback(_ context.Context, _, address string, _ syscall.RawConn) error {
	if host, _, err := net.SplitHostPort(address); err != nil || !isLoopback(host) {
		return fmt.Errorf("%w: localhost stands for %s here, which is not on this machine", ErrNotAllowed, address)
	}
	return nil
}

// slot waits for room among the connections, for one to an address, and returns
// what gives it back.
func (d *Door) slot(ctx context.Context, address string) (release func(), err error) {
	select {
	case d.slots <- struct{}{}:
		return sync.OnceFunc(func() { <-d.slots }), nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: wait for one of the %d connections that reach.connections allows, to connect to %s: %w", ErrNoRoom, cap(d.slots), address, ctx.Err())
	}
}

// counted gives its room back when it is closed.
type counted struct {
	net.Conn
	release func()
}

func (c *counted) Close() error {
	defer c.release()
	return c.Conn.Close()
}

// HTTP is a client that goes through the door, redirects included, and obeys no
// proxy of the environment, which would be another way out. config may be nil.
// The caller closes its idle connections.
func (d *Door) HTTP(config *tls.Config) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: d.DialContext, TLSClientConfig: config, Proxy: nil,
		TLSHandshakeTimeout: dialBudget, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 4,
		// A connection kept for later would hold room that others wait for.
		DisableKeepAlives: d != nil && d.slots != nil,
	}}
}

// Message waits until the rate lets one more message begin. When the context
// would end before, it says so at once and leaves the turn to others.
func (d *Door) Message(ctx context.Context) error {
	if d == nil || d.pace == 0 {
		return nil
	}
	// In real time: it bounds what the target has to bear.
	now := time.Now()
	d.mu.Lock()
	turn := d.next
	if turn.Before(now) {
		turn = now
	}
	if end, bounded := ctx.Deadline(); bounded && turn.After(end) {
		d.mu.Unlock()
		return fmt.Errorf("the rate of one message each %s leaves this one no turn before the scenario's time is over: raise reach.messagesPerMinute, or play fewer scenarios at a time", d.pace)
	}
	d.next = turn.Add(d.pace)
	d.mu.Unlock()
	timer := time.NewTimer(turn.Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the turn of a message: %w", ctx.Err())
	}
}
