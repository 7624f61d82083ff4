package store

import "slices"

// ledger is one ledger of a memory store: the records in order, and where each
// stands.
type ledger struct {
	records []Record
	index   map[string]int // of the key, counted from the first record ever
	gone    int            // records forgotten
}

// Record implements Ledgers.
func (s *Memory) Record(name, key string, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.ledgers[name]
	if l == nil {
		l = &ledger{index: map[string]int{}}
		s.ledgers[name] = l
	}
	if at, there := l.index[key]; there {
		l.records[at-l.gone].Data = slices.Clone(data)
		return nil
	}
	l.index[key] = l.gone + len(l.records)
	l.records = append(l.records, Record{Key: key, Data: slices.Clone(data)})
	return nil
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

// Forget implements Ledgers.
func (s *Memory) Forget(name, before string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.ledgers[name]
	if l == nil {
		return
	}
	at, there := l.index[before]
	if !there {
		return
	}
	n := at - l.gone
	for _, r := range l.records[:n] {
		delete(l.index, r.Key)
	}
	l.records = slices.Delete(l.records, 0, n)
	l.gone += n
}
