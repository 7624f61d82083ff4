package steps

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// incomingPoint is the incoming point of a peer that the harness plays: an SMTP
// server that keeps every octet, behaves as a scenario tells it to, and ends
// with the scenario.
type incomingPoint struct {
	world    *World // owner; under mu where the point is lent
	peer     *Peer
	listener net.Listener
	config   *tls.Config
	bad      *tls.Config // shows the certificate that does not verify; nil: none
	running  sync.WaitGroup
	lasting  context.Context    // as long as the point is open
	cancel   context.CancelFunc // of that
	house    *PeerHouse         // who lends it; nil: the scenario's own

	mu        sync.Mutex
	answering context.Context    // of the answers under way for the owner
	stop      context.CancelFunc // of these; nil: they end with the point
	changed   *sync.Cond         // something was taken in, or work ended
	manner    string
	sessions  map[net.Conn]bool
	closed    bool
	working   int   // sessions with a message in hand, and answers being sent
	activity  int64 // counts what was begun
	visits    int   // connections to the owner
	held      int64 // octets taken in
	seen      []intake
	taken     []*takenIn
	failed    []error // answers that could not be sent
}

// intake is what a session of the target left, not yet in evidence.
type intake struct {
	record evidence.Intake
	octets []byte // after DATA; nil when none came
	log    *transcript
}

// takenIn is an envelope that the peer took.
type takenIn struct {
	message    *pec.Message
	recipients []string
}

// openPeers opens the incoming point of every peer.
func (w *World) openPeers(ctx context.Context) error {
	w.peers = map[string]*incomingPoint{}
	for i := range w.target.Peers {
		if w.options.Peers != nil {
			if name := w.target.Peers[i].Name; slices.Contains(w.options.Uses, name) {
				w.peers[name] = w.options.Peers.lend(name, w)
			}
			continue
		}
		p, err := w.openPeer(ctx, &w.target.Peers[i])
		if err != nil {
			return fmt.Errorf("play %s: %w", w.target.Peers[i].Name, err)
		}
		w.peers[p.peer.Name] = p
	}
	return nil
}

func (w *World) openPeer(ctx context.Context, peer *Peer) (*incomingPoint, error) {
	p := &incomingPoint{world: w, peer: peer, manner: mannerTakes, sessions: map[net.Conn]bool{}}
	// It outlives the step that opens it, and ends with the scenario.
	ctx, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
	p.lasting, p.answering = ctx, ctx
	p.changed = sync.NewCond(&p.mu)
	var err error
	if p.config, err = peer.TLS.config(); err != nil {
		return nil, err
	}
	if peer.BadTLS != (KeyPair{}) {
		if p.bad, err = peer.BadTLS.config(); err != nil {
			return nil, err
		}
	}
	if p.listener, err = w.listen(peer.Listen); err != nil {
		return nil, err
	}
	p.running.Add(1)
	go p.accept(ctx)
	return p, nil
}

// listen gives the listener that was opened before, or opens one.
func (w *World) listen(address string) (net.Listener, error) {
	if open := w.options.Listeners[address]; open != nil {
		return open, nil
	}
	return net.Listen("tcp", address)
}

func (k KeyPair) config() (*tls.Config, error) {
	pair, err := tls.X509KeyPair([]byte(k.Certificate), []byte(k.Key))
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

func (p *incomingPoint) accept(ctx context.Context) {
	defer p.running.Done()
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			_ = conn.Close()
			return
		}
		p.sessions[conn] = true
		p.activity++
		p.visits++
		manner, owner := p.manner, p.world
		p.running.Add(1)
		p.mu.Unlock()
		go func() {
			defer p.running.Done()
			p.serve(ctx, conn, manner, owner)
			p.mu.Lock()
			delete(p.sessions, conn)
			p.mu.Unlock()
		}()
	}
}

// setManner changes the manner. Sessions that the target keeps open for later
// end: they would go on in the old one.
func (p *incomingPoint) setManner(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if name != p.manner {
		for conn := range p.sessions {
			_ = conn.Close()
		}
	}
	p.manner = name
}

// begins and ends frame work that settling has to wait for.
func (p *incomingPoint) begins() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.working++
	p.activity++
}

func (p *incomingPoint) ends() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.working--
	p.changed.Broadcast()
}

// idle waits until no message is in hand and no answer under way, and tells how
// much was ever begun.
func (p *incomingPoint) idle(ctx context.Context) (int64, error) {
	stop := context.AfterFunc(ctx, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.changed.Broadcast()
	})
	defer stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.working > 0 && ctx.Err() == nil {
		p.changed.Wait()
	}
	if err := errors.Join(p.failed...); err != nil {
		return p.activity, fmt.Errorf("%s answers: %w", p.peer.Name, err)
	}
	return p.activity, ctx.Err()
}

// lastEnvelope is the last envelope taken in, or nil.
func (p *incomingPoint) lastEnvelope() *takenIn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.taken) == 0 {
		return nil
	}
	return p.taken[len(p.taken)-1]
}

// close ends every session and waits for them.
func (p *incomingPoint) close() {
	p.mu.Lock()
	p.closed = true
	_ = p.listener.Close()
	for conn := range p.sessions {
		_ = conn.Close()
	}
	p.mu.Unlock()
	p.cancel()
	p.running.Wait()
}

// sessionPatience ends a session in which the other side says nothing.
const sessionPatience = 30 * time.Second

// Close ends what the harness plays, and makes a network whole again that it left
// cut. It is to be called when the scenario is
// over, after Finish.
func (w *World) Close() {
	w.healNetwork()
	for _, p := range w.peers {
		if p.house != nil {
			p.house.giveBack(p)
			continue
		}
		p.close()
	}
	w.closeRegistries()
	w.web.CloseIdleConnections()
}
