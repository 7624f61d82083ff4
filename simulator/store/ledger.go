package store

import "slices"

// ledger is one ledger of a memory store: the records in order, and where each
// stands.
type ledger struct {
	records []Record
	index   map[string]int // of the key, counted from the first record ever
	gone    int            // records forgotten
}

// Recorded implements Ledgers.
func (s *Memory) Recorded(name, key string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.ledgers[name]
	if l == nil {
		return nil, false
	}
	at, there := l.index[key]
	if !there {
		return nil, false
	}
	return slices.Clone(l.records[at-l.gone].Data), true
}

// Records implements Ledgers.
func (s *Memory) Records(name string) []Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.ledgers[name]; l != nil {
		return slices.Clone(l.records)
	}
	return nil
}

func (s *Memory) applyRecord(k *keeping, c *Change) {
	l := s.ledgers[c.Ledger]
	if l == nil {
		l = &ledger{index: map[string]int{}}
		s.ledgers[c.Ledger] = l
	}
	if at, there := l.index[c.Record.Key]; there {
		r := &l.records[at-l.gone]
		old := r.Data
		r.Data = c.Record.Data
		k.undo = append(k.undo, func() { l.records[at-l.gone].Data = old })
		return
	}
	l.index[c.Record.Key] = l.gone + len(l.records)
	l.records = append(l.records, c.Record)
	k.undo = append(k.undo, func() {
		delete(l.index, c.Record.Key)
		l.records = l.records[:len(l.records)-1]
	})
}

func (s *Memory) applyForget(k *keeping, c *Change) {
	l := s.ledgers[c.Ledger]
	if l == nil {
		return
	}
	at, there := l.index[c.Record.Key]
	if !there || at == l.gone {
		return
	}
	n := at - l.gone
	old := l.records
	for _, r := range old[:n] {
		delete(l.index, r.Key)
	}
	l.records = slices.Clone(old[n:])
	l.gone += n
	k.undo = append(k.undo, func() {
		l.gone -= n
		l.records = append(old[:n:n], l.records...)
		for i, r := range old[:n] {
			l.index[r.Key] = l.gone + i
		}
	})
}
