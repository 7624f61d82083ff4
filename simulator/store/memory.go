package store

import (
	"fmt"
	"strings"
	"sync"
)

// DefaultLimit is how many bytes of octets a store holds by default: enough for
// a handful of 30 MB messages with their envelopes and receipts.
const DefaultLimit = 1 << 30

// Memory is a Store whose state is in memory. With a Backing it is the working
// copy of what the backing keeps, and octets are in the backing only; without,
// it lives as long as the process.
type Memory struct {
	limit   int64
	backing Backing // nil: everything is here

	// writing is held by the one transaction that is being kept, until it has told
	// its owners (Afterwards); telling while the hook is called. They are taken in
	// this order, and before mu.
	writing, telling sync.Mutex

	mu        sync.Mutex
	appended  func(mailbox, folder string, m Message)
	held      int64
	bodies    map[string]*body
	mailboxes map[string]*mailbox
	retired   map[string]uint32 // by mailbox that was removed: its next UIDVALIDITY
	queues    map[string]*queue
	ledgers   map[string]*ledger
	infected  []Infected
}

// NewMemory returns an empty store that holds at most limit bytes of octets
// (0: DefaultLimit).
func NewMemory(limit int64) *Memory {
	if limit <= 0 {
		limit = DefaultLimit
	}
	return &Memory{
		limit: limit, bodies: map[string]*body{}, mailboxes: map[string]*mailbox{},
		retired: map[string]uint32{}, queues: map[string]*queue{}, ledgers: map[string]*ledger{},
	}
}

// Restore returns a store with what a backing has written down: the sizes of
// the octets that are there, by hash, and the changes that lead to its state.
// Octets that nothing speaks of are removed; a change that speaks of octets
// that are not there is an error, as something was lost.
func Restore(limit int64, backing Backing, sizes map[string]int64, changes func(yield func(*Change) error) error) (*Memory, error) {
	s := NewMemory(limit)
	s.backing = backing
	for hash, size := range sizes {
		s.bodies[hash] = &body{size: size}
		s.held += size
	}
	restoring := &keeping{restoring: true}
	if err := changes(func(c *Change) error { return s.apply(restoring, c) }); err != nil {
		return nil, fmt.Errorf("take up a store: %w", err)
	}
	for hash, b := range s.bodies {
		if b.keeps == 0 {
			s.forget(hash, b)
		}
	}
	return s, nil
}

// Together implements Store.
func (s *Memory) Together(f func(Tx) error) error {
	t := &transaction{Memory: s}
	defer t.end()
	if err := f(t); err != nil {
		return err
	}
	return t.keepAll()
}

// alone keeps what f writes by itself.
func (s *Memory) alone(f func(t *transaction) error) error {
	return s.Together(func(tx Tx) error { return f(tx.(*transaction)) })
}

// keeping is what goes on while changes are applied.
type keeping struct {
	restoring bool     // what the changes speak of is not held by anybody yet
	undo      []func() // from the last to the first
	released  []string // hashes to be dropped once all is kept
	changed   []*folder
	added     []*Change
}

func (k *keeping) undone() {
	for i := len(k.undo) - 1; i >= 0; i-- {
		k.undo[i]()
	}
}

// keep applies the changes, has them written down and undoes them when that
// fails. The lock is held.
func (s *Memory) keep(changes []*Change) (*keeping, error) {
	k := &keeping{}
	for _, c := range changes {
		if err := s.apply(k, c); err != nil {
			k.undone()
			return nil, err
		}
	}
	if s.backing != nil && len(changes) > 0 {
		if err := s.backing.Write(changes); err != nil {
			k.undone()
			return nil, fmt.Errorf("write to the store: %w", err)
		}
	}
	for _, hash := range k.released {
		s.drop(hash)
	}
	for _, f := range k.changed {
		f.announce()
	}
	return k, nil
}

// apply carries out one change. The lock is held, or nobody else knows the
// store yet.
func (s *Memory) apply(k *keeping, c *Change) error {
	switch c.Verb {
	case PutWork:
		return s.applyPut(k, c)
	case DropWork:
		s.applyDrop(k, c)
		return nil
	case PutRecord:
		s.applyRecord(k, c)
		return nil
	case ForgetRecords:
		s.applyForget(k, c)
		return nil
	case AddInfected:
		if err := s.owned(k, c.Infected.Body); err != nil {
			return fmt.Errorf("quarantine: %w", err)
		}
		s.infected = append(s.infected, c.Infected)
		k.undo = append(k.undo, func() { s.infected = s.infected[:len(s.infected)-1] })
		return nil
	case Wipe:
		s.applyWipe(k)
		return nil
	case MakeMailbox, RemoveMailbox, SetQuota:
		return s.applyMailbox(k, c)
	default:
		return s.applyFolder(k, c)
	}
}

func key(name string) string { return strings.ToLower(name) }
