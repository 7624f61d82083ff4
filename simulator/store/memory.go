package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// DefaultLimit is how many bytes of octets a memory store holds by default:
// enough for a handful of 30 MB messages with their envelopes and receipts.
const DefaultLimit = 1 << 30

// Memory is a Store that lives as long as the process.
type Memory struct {
	limit int64

	mu        sync.Mutex
	held      int64
	bodies    map[string]*body
	mailboxes map[string]*mailbox
	works     map[string][]Work // by queue
	ledgers   map[string]*ledger
	infected  []Infected
}

type body struct {
	octets []byte
	keeps  int
}

type mailbox struct {
	quota   int64
	held    int64
	folders []*folder
	nextTag uint32 // UIDVALIDITY of the next folder
}

type folder struct {
	name        string
	uidValidity uint32
	uidNext     uint32
	messages    []Message
	changed     chan struct{}
}

// NewMemory returns an empty store that holds at most limit bytes of octets
// (0: DefaultLimit).
func NewMemory(limit int64) *Memory {
	if limit <= 0 {
		limit = DefaultLimit
	}
	return &Memory{limit: limit, bodies: map[string]*body{}, mailboxes: map[string]*mailbox{}, works: map[string][]Work{}, ledgers: map[string]*ledger{}}
}

// Hash returns the address that a store gives to octets.
func Hash(octets []byte) string {
	sum := sha256.Sum256(octets)
	return hex.EncodeToString(sum[:])
}

// Keep implements Bodies.
func (s *Memory) Keep(octets []byte) (string, error) {
	hash := Hash(octets)
	s.mu.Lock()
	defer s.mu.Unlock()
	return hash, s.keep(hash, octets)
}

func (s *Memory) keep(hash string, octets []byte) error {
	if b := s.bodies[hash]; b != nil {
		b.keeps++
		return nil
	}
	if s.held+int64(len(octets)) > s.limit {
		return fmt.Errorf("%w: %d of %d bytes held, %d more asked", ErrFull, s.held, s.limit, len(octets))
	}
	s.held += int64(len(octets))
	s.bodies[hash] = &body{octets: octets, keeps: 1}
	return nil
}

// Octets implements Bodies.
func (s *Memory) Octets(hash string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.bodies[hash]; b != nil {
		return b.octets, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrNoBody, hash)
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
	if b.keeps--; b.keeps == 0 {
		s.held -= int64(len(b.octets))
		delete(s.bodies, hash)
	}
}

// Held returns how many bytes of octets the store holds.
func (s *Memory) Held() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held
}

// PutWork implements Spool.
func (s *Memory) PutWork(w Work) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.Body != "" && s.bodies[w.Body] == nil {
		return fmt.Errorf("spool %s/%s: %w: %s", w.Queue, w.ID, ErrNoBody, w.Body)
	}
	if w.Body != "" {
		s.bodies[w.Body].keeps++
	}
	for i, old := range s.works[w.Queue] {
		if old.ID == w.ID {
			s.works[w.Queue][i] = w
			s.drop(old.Body)
			return nil
		}
	}
	s.works[w.Queue] = append(s.works[w.Queue], w)
	return nil
}

// DropWork implements Spool.
func (s *Memory) DropWork(queue, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.works[queue]
	for i, w := range list {
		if w.ID == id {
			s.drop(w.Body)
			s.works[queue] = slices.Delete(list, i, i+1)
			return
		}
	}
}

// Works implements Spool.
func (s *Memory) Works(queue string) []Work {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.works[queue])
}

// Isolate implements Quarantine.
func (s *Memory) Isolate(octets []byte, i Infected) error {
	i.Body = Hash(octets)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.keep(i.Body, octets); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	s.infected = append(s.infected, i)
	return nil
}

// Isolated implements Quarantine.
func (s *Memory) Isolated() []Infected {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.infected)
}

func key(name string) string { return strings.ToLower(name) }
