package steps

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
)

// PeerHouse keeps the incoming points of the peers open for a whole run against
// a real target, which knows them by one address. A scenario borrows those that
// it needs, one scenario at a time; between two scenarios they take whatever the
// target still has for an earlier one, so that it does not wait in a queue, and
// keep nothing of it.
type PeerHouse struct {
	caretaker *World // owner of the points that nobody has borrowed
	points    map[string]*incomingPoint
	late      atomic.Int64
}

// OpenPeerHouse opens the incoming point of every peer of the target.
func OpenPeerHouse(ctx context.Context, target *Target, options Options) (*PeerHouse, error) {
	house := &PeerHouse{caretaker: New(target, nil, options), points: map[string]*incomingPoint{}}
	for i := range target.Peers {
		p, err := house.caretaker.openPeer(ctx, &target.Peers[i])
		if err != nil {
			house.Close()
			return nil, fmt.Errorf("play %s: %w", target.Peers[i].Name, err)
		}
		p.house = house
		house.points[target.Peers[i].Name] = p
	}
	return house, nil
}

// Close ends every session and closes the incoming points.
func (h *PeerHouse) Close() {
	for _, p := range h.points {
		p.close()
	}
	h.caretaker.Close()
}

// Late says how many messages came to a peer when no scenario was there for
// them any more.
func (h *PeerHouse) Late() int64 { return h.late.Load() }

// lend gives a scenario an incoming point, as if it were new.
func (h *PeerHouse) lend(peer string, w *World) *incomingPoint {
	p := h.points[peer]
	if p != nil {
		p.change(w)
	}
	return p
}

// giveBack has the caretaker own what a scenario borrowed.
func (h *PeerHouse) giveBack(p *incomingPoint) { p.change(h.caretaker) }

// change gives the point another owner, who finds it as if it were new. What is
// under way for the former one ends.
func (p *incomingPoint) change(w *World) {
	p.mu.Lock()
	for conn := range p.sessions {
		_ = conn.Close()
	}
	p.world, p.manner, p.held = w, mannerTakes, 0
	p.seen, p.taken, p.failed, p.visits = nil, nil, nil, 0
	if p.stop != nil {
		p.stop()
	}
	p.answering, p.stop = context.WithCancel(p.lasting)
	p.mu.Unlock()
}

// unclaimed counts a message that nobody waits for.
func (p *incomingPoint) unclaimed() {
	if p.house != nil {
		p.house.late.Add(1)
	}
}

// kept tells that the transaction is one of the owner's. The octets that somebody
// else's left are not.
func (s *peerSession) kept(octets []byte) bool {
	if s.owner.options.Peers == nil && s.point.house == nil {
		return true
	}
	if s.owner == s.point.world && s.owner.recorder != nil && (octets == nil || s.owner.belongs(headText(headOf(octets)))) {
		return true
	}
	if octets != nil {
		s.point.unclaimed()
	}
	return false
}

// room tells that what a scenario may make the harness hold is not over yet.
func (s *peerSession) room(size int64) bool {
	p := s.point
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.owner.recorder == nil {
		return true // nothing is held
	}
	p.held += size
	return p.held <= maxPeerHeld
}

// headOf is the header of a message, without looking at the rest.
func headOf(octets []byte) []byte {
	head, _, _ := bytes.Cut(octets, []byte("\r\n\r\n"))
	return head[:min(len(head), maxHeadSize)]
}
