package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

type body struct {
	octets  []byte // nil where a backing has them
	size    int64
	keeps   int
	written chan struct{} // closed when the backing has them; nil: long since
	failed  error         // why it has not; set before written is closed
}

// Hash returns the address that a store gives to octets.
func Hash(octets []byte) string {
	sum := sha256.Sum256(octets)
	return hex.EncodeToString(sum[:])
}

// Keep implements Bodies.
func (s *Memory) Keep(octets []byte) (string, error) {
	hash := Hash(octets) // outside the lock: it is the long part
	return hash, s.take(hash, octets)
}

// KeepAs implements Bodies.
func (s *Memory) KeepAs(hash string, octets []byte) error { return s.take(hash, octets) }

// take keeps octets once more. Whoever comes while they are being written waits.
func (s *Memory) take(hash string, octets []byte) error {
	s.mu.Lock()
	b := s.bodies[hash]
	if b != nil {
		b.keeps++
		s.mu.Unlock()
		if b.written != nil {
			<-b.written
		}
		return b.failed // who wrote has forgotten the body then, with all keeps
	}
	size := int64(len(octets))
	if s.held+size > s.limit {
		defer s.mu.Unlock()
		return fmt.Errorf("%w: %d of %d bytes held, %d more asked", ErrFull, s.held, s.limit, size)
	}
	s.held += size
	b = &body{size: size, keeps: 1}
	s.bodies[hash] = b
	if s.backing == nil {
		b.octets = octets
		s.mu.Unlock()
		return nil
	}
	b.written = make(chan struct{})
	s.mu.Unlock()
	err := s.backing.Put(hash, octets)
	if err != nil {
		err = fmt.Errorf("write octets to the store: %w", err)
		s.mu.Lock()
		s.forget(hash, b)
		s.mu.Unlock()
	}
	b.failed = err
	close(b.written)
	return err
}

// again keeps octets once more that are kept already.
func (s *Memory) again(hash string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bodies[hash]
	if b == nil {
		return fmt.Errorf("%w: %s", ErrNoBody, hash)
	}
	b.keeps++
	return nil
}

// owned sees to it that what a change speaks of is kept: a transaction took it
// before, a store that is being restored has it on the backing. The lock is held.
func (s *Memory) owned(k *keeping, hash string) error {
	if !k.restoring {
		return nil
	}
	b := s.bodies[hash]
	if b == nil {
		return fmt.Errorf("%w: %s", ErrNoBody, hash)
	}
	b.keeps++
	return nil
}

// Octets implements Bodies.
func (s *Memory) Octets(hash string) ([]byte, error) {
	s.mu.Lock()
	b := s.bodies[hash]
	s.mu.Unlock()
	switch {
	case b == nil:
		return nil, fmt.Errorf("%w: %s", ErrNoBody, hash)
	case s.backing == nil:
		return b.octets, nil
	}
	if b.written != nil {
		<-b.written
	}
	octets, err := s.backing.Octets(hash)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrNoBody, hash, err)
	}
	return octets, nil
}

// Drop implements Bodies.
func (s *Memory) Drop(hash string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(hash)
}

func (s *Memory) drop(hash string) {
	b := s.bodies[hash]
	if b == nil {
		return
	}
	if b.keeps--; b.keeps <= 0 {
		s.forget(hash, b)
	}
}

func (s *Memory) forget(hash string, b *body) {
	if s.bodies[hash] != b {
		return
	}
	s.held -= b.size
	delete(s.bodies, hash)
	if s.backing != nil {
		s.backing.Remove(hash)
	}
}

// Held returns how many bytes of octets the store holds.
func (s *Memory) Held() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held
}
