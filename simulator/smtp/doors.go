package smtp

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/collaudo/collaudo/simulator/history"
	"github.com/collaudo/collaudo/simulator/listen"
)

// doors knows which connections of a server are open and in which of them a
// message is being taken, so that a server that is closed ends each at a good
// moment: one at rest at once, the others when their reply has left.
type doors struct {
	hostname string

	mu      sync.Mutex
	closing bool
	visits  map[*visit]struct{}
	under   int           // messages that have begun and are not answered
	handed  int           // those of which all has come: they may have been kept
	quiet   chan struct{} // closed when the server is closing and there are none
	unheard bool          // one was cut off when it may have been kept already
}

func newDoors(hostname string) *doors {
	return &doors{hostname: hostname, visits: map[*visit]struct{}{}, quiet: make(chan struct{})}
}

// visit is one connection, from its beginning to its end. It lies below the tap,
// which gathers replies, and below TLS.
type visit struct {
	net.Conn
	doors *doors

	// Guarded by the lock of the doors.
	tap   *history.Tap
	says  net.Conn // where the session's replies go, in clear; nil while there is no session
	under int      // messages that have begun and are not answered
}

// taking is a message from its beginning until its reply was given.
type taking struct {
	visit  *visit
	over   bool
	handed bool
}

// open notes a connection; nil when the server is closing.
func (d *doors) open(conn net.Conn) *visit {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return nil
	}
	v := &visit{Conn: conn, doors: d}
	d.visits[v] = struct{}{}
	return v
}

// Close implements net.Conn: the session's end.
func (v *visit) Close() error {
	v.doors.mu.Lock()
	delete(v.doors.visits, v)
	v.doors.mu.Unlock()
	return v.Conn.Close()
}

// through notes the tap that lies on the connection.
func (v *visit) through(tap *history.Tap) {
	v.doors.mu.Lock()
	defer v.doors.mu.Unlock()
	v.tap = tap
}

// speaks notes where a session's replies go.
func (v *visit) speaks(to net.Conn) {
	v.doors.mu.Lock()
	defer v.doors.mu.Unlock()
	v.says = to
}

// begin notes a message, and adds one to who handles it; nil when the server is
// closing.
func (v *visit) begin(handlers *sync.WaitGroup) *taking {
	d := v.doors
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return nil
	}
	handlers.Add(1)
	d.under++
	v.under++
	return &taking{visit: v}
}

// whole says that all of the message has come.
func (m *taking) whole() {
	d := m.visit.doors
	d.mu.Lock()
	defer d.mu.Unlock()
	if !m.over {
		m.handed = true
		d.handed++
	}
}

// end says that the message was answered, or that nothing is owed. A second call
// does nothing.
func (m *taking) end() {
	if m == nil {
		return
	}
	v := m.visit
	d := v.doors
	d.mu.Lock()
	if m.over {
		d.mu.Unlock()
		return
	}
	m.over = true
	v.under--
	last := d.closing && v.under == 0
	d.mu.Unlock()
	if last {
		v.dismiss() // with it the reply leaves, which waits in the tap
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if m.handed {
		d.handed--
	}
	if d.under--; d.under == 0 && d.closing {
		close(d.quiet)
	}
}

// dismiss tells the client that the host goes down (RFC 5321 3.8) and cuts the
// connection; what waited to be sent leaves first.
func (v *visit) dismiss() {
	v.doors.mu.Lock()
	says, tap := v.says, v.tap
	v.doors.mu.Unlock()
	if says != nil {
		line := "421 4.3.2 " + v.doors.hostname + " is shutting down"
		if _, err := says.Write([]byte(line + "\r\n")); err == nil {
			tap.Writer().Line(history.Server, line)
		}
	}
	if tap != nil {
		_ = tap.Flush()
	}
	listen.Cut(v.Conn)
}

// farewell is how long clients at rest have to take their 421: one that does not
// read must not keep the host up.
const farewell = 200 * time.Millisecond

// close ends what is at rest at once, and waits as long as the context and drain
// allow for the rest.
func (d *doors) close(ctx context.Context, stop func(), drain time.Duration) {
	d.mu.Lock()
	again := d.closing
	d.closing = true
	var rest []*visit
	for v := range d.visits {
		if v.under == 0 {
			rest = append(rest, v)
		}
	}
	if d.under == 0 && !again {
		close(d.quiet)
	}
	d.mu.Unlock()
	stop()
	if deadline, has := ctx.Deadline(); has { // the rest of an orderly end wants its time too
		drain = min(drain, time.Until(deadline)/2)
	}
	timer := time.NewTimer(drain)
	defer timer.Stop()
	dismissed(rest)
	select {
	case <-d.quiet:
		return
	case <-timer.C:
	case <-ctx.Done():
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unheard = d.unheard || d.handed > 0
}

// dismissed dismisses them, side by side.
func dismissed(visits []*visit) {
	if len(visits) == 0 {
		return
	}
	var all sync.WaitGroup
	for _, v := range visits {
		all.Go(v.dismiss)
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	timer := time.NewTimer(farewell)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C: // those that are left are cut with the listener
	}
}

func (d *doors) cutShort() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.unheard
}

// CloseAll closes the servers of one host side by side, so that none waits for the
// messages of another; nil ones are passed over.
func CloseAll(ctx context.Context, servers ...*Server) []error {
	errs := make([]error, len(servers))
	var all sync.WaitGroup
	for i, s := range servers {
		if s != nil {
			all.Go(func() { errs[i] = s.Close(ctx) })
		}
	}
	all.Wait()
	return errs
}
