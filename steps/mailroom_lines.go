package steps

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
)

// lines are the connections of a mailroom, where the target file bounds all
// that the harness may have open: half of them read mailboxes, and the rest is
// for what is sent and asked meanwhile. A mailbox that is being read has one;
// the others keep theirs as long as nobody is in need of it.
type lines struct {
	seats chan struct{} // one for each mailbox that is being read; nil: no bound
	keep  bool          // a mailbox that is not being read may keep its connection

	mu   sync.Mutex
	busy int        // mailboxes being read
	idle []*postbox // that keep a connection; together with busy no more than seats
}

// newLines shares out a number of connections; 0 is no bound. Of a single one
// nothing can be kept: what is sent needs it too.
func newLines(connections int) *lines {
	if connections == 0 {
		return &lines{keep: true}
	}
	return &lines{seats: make(chan struct{}, max(1, connections/2)), keep: connections > 1}
}

// rounds is how many times all lines are needed to look at so many mailboxes.
func (l *lines) rounds(mailboxes int) int {
	if l.seats == nil || mailboxes <= cap(l.seats) {
		return 1
	}
	return (mailboxes + cap(l.seats) - 1) / cap(l.seats)
}

// take waits for a line for a mailbox. Whoever has one waits for nobody else's,
// so that each comes back in the time that its owner has.
func (l *lines) take(ctx context.Context, p *postbox) error {
	if l.seats == nil {
		return nil
	}
	select {
	case l.seats <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("wait for one of the %d connections that are for reading mailboxes, of those that reach.connections allows: %w", cap(l.seats), ctx.Err())
	}
	l.mu.Lock()
	l.busy++
	l.forget(p)
	var spare *imapclient.Client
	if l.busy+len(l.idle) > cap(l.seats) {
		// Mailboxes are looked at in turn, so what was used last is needed last.
		last := l.idle[len(l.idle)-1]
		l.forget(last)
		spare, last.client = last.client, nil
	}
	l.mu.Unlock()
	signOut(spare)
	return nil
}

// give returns the line of a mailbox, which keeps its connection for now.
func (l *lines) give(p *postbox) {
	if l.seats == nil {
		return
	}
	l.mu.Lock()
	l.busy--
	var spare *imapclient.Client
	switch {
	case p.client == nil:
	case l.keep:
		l.idle = append(l.idle, p)
	default:
		spare, p.client = p.client, nil
	}
	l.mu.Unlock()
	signOut(spare)
	<-l.seats
}

// hangUp ends the connection that a mailbox keeps; nobody reads it.
func (l *lines) hangUp(p *postbox) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(p)
	p.hangUp()
}

// forget strikes a mailbox from those that keep a connection; mu is held.
func (l *lines) forget(p *postbox) {
	if at := slices.Index(l.idle, p); at >= 0 {
		l.idle = slices.Delete(l.idle, at, at+1)
	}
}

// signOutWait bounds how long a server may take to let the harness go.
const signOutWait = 2 * time.Second

// signOut leaves a server as it wants to be left, so that it does not count a
// session that goes on.
func signOut(client *imapclient.Client) {
	if client == nil {
		return
	}
	timer := time.AfterFunc(signOutWait, func() { _ = client.Close() })
	defer timer.Stop()
	_ = client.Logout().Wait()
	_ = client.Close()
}
