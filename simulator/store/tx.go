package store

import "slices"

// transaction is a Tx: the changes, until they are kept. What it does not
// override shows the store as it stands.
type transaction struct {
	*Memory
	changes    []*Change
	holds      []*hold
	dropped    []string // keeps of others that are given up with the transaction
	released   []func() // how to give back room in mailboxes
	afterwards []func()
	finally    []func()
	kept       bool
}

// hold is a body that the transaction keeps. It outlives the transaction when
// a change, or the caller, takes it over.
type hold struct {
	hash     string
	explicit bool // by Keep, and not dropped again
	change   bool // for a change
}

// Together implements Tx: a part that can fail alone.
func (t *transaction) Together(f func(Tx) error) error {
	changes, holds, dropped, afterwards := len(t.changes), len(t.holds), len(t.dropped), len(t.afterwards)
	err := f(t)
	if err != nil {
		t.changes, t.dropped, t.afterwards = t.changes[:changes], t.dropped[:dropped], t.afterwards[:afterwards]
		for _, h := range t.holds[holds:] {
			h.explicit, h.change = false, false // given back at the end
		}
	}
	return err
}

// Afterwards implements Tx.
func (t *transaction) Afterwards(f func()) { t.afterwards = append(t.afterwards, f) }

// Finally implements Tx.
func (t *transaction) Finally(f func()) { t.finally = append(t.finally, f) }

func (t *transaction) add(c Change) *Change {
	t.changes = append(t.changes, &c)
	return &c
}

// keepAll keeps what was written and tells those who wait for it.
func (t *transaction) keepAll() error {
	s := t.Memory
	s.writing.Lock()
	s.mu.Lock()
	done, err := s.keep(t.changes)
	if err == nil {
		for _, hash := range t.dropped {
			s.drop(hash)
		}
	}
	hook := s.appended
	s.mu.Unlock()
	if err != nil {
		s.writing.Unlock()
		return err
	}
	t.kept = true
	for _, f := range t.afterwards {
		f()
	}
	if hook == nil || len(done.added) == 0 {
		s.writing.Unlock()
		return nil
	}
	s.telling.Lock()
	s.writing.Unlock()
	defer s.telling.Unlock()
	for _, c := range done.added {
		hook(c.Mailbox, c.Folder, c.Message)
	}
	return nil
}

// end gives back what the transaction held and nobody took over.
func (t *transaction) end() {
	for _, release := range t.released {
		release()
	}
	for _, h := range t.holds {
		if !t.kept || !h.explicit && !h.change {
			t.Memory.Drop(h.hash)
		}
	}
	for i := len(t.finally) - 1; i >= 0; i-- {
		t.finally[i]()
	}
}

// Keep implements Bodies: the octets are there at once, and given up when the
// transaction is not kept.
func (t *transaction) Keep(octets []byte) (string, error) {
	hash := Hash(octets)
	return hash, t.hold(&hold{hash: hash, explicit: true}, octets)
}

// KeepAs implements Bodies.
func (t *transaction) KeepAs(hash string, octets []byte) error {
	return t.hold(&hold{hash: hash, explicit: true}, octets)
}

func (t *transaction) hold(h *hold, octets []byte) error {
	if err := t.take(h.hash, octets); err != nil {
		return err
	}
	t.holds = append(t.holds, h)
	return nil
}

// Drop implements Bodies.
func (t *transaction) Drop(hash string) {
	for _, h := range t.holds {
		if h.hash == hash && h.explicit {
			h.explicit = false
			return
		}
	}
	t.dropped = append(t.dropped, hash)
}

// PutWork implements Spool.
func (t *transaction) PutWork(w Work) error {
	if w.Body != "" {
		if err := t.again(w.Body); err != nil {
			return err
		}
		t.holds = append(t.holds, &hold{hash: w.Body, change: true})
	}
	t.add(Change{Verb: PutWork, Work: w})
	return nil
}

// DropWork implements Spool.
func (t *transaction) DropWork(queue, id string) {
	t.add(Change{Verb: DropWork, Work: Work{Queue: queue, ID: id}})
}

// Works implements Spool.
func (t *transaction) Works(queue string) []Work {
	works := t.Memory.Works(queue)
	for _, c := range t.changes {
		if c.Work.Queue != queue || c.Verb != PutWork && c.Verb != DropWork {
			continue
		}
		i := slices.IndexFunc(works, func(w Work) bool { return w.ID == c.Work.ID })
		switch {
		case c.Verb == DropWork && i >= 0:
			works = slices.Delete(works, i, i+1)
		case c.Verb == PutWork && i >= 0:
			works[i] = c.Work
		case c.Verb == PutWork:
			works = append(works, c.Work)
		}
	}
	return works
}

// Record implements Ledgers.
func (t *transaction) Record(ledger, key string, data []byte) error {
	t.add(Change{Verb: PutRecord, Ledger: ledger, Record: Record{Key: key, Data: slices.Clone(data)}})
	return nil
}

// Forget implements Ledgers.
func (t *transaction) Forget(ledger, before string) {
	t.add(Change{Verb: ForgetRecords, Ledger: ledger, Record: Record{Key: before}})
}

// Recorded implements Ledgers.
func (t *transaction) Recorded(ledger, key string) ([]byte, bool) {
	for i := len(t.changes) - 1; i >= 0; i-- {
		c := t.changes[i]
		switch {
		case c.Ledger != ledger:
		case c.Verb == PutRecord && c.Record.Key == key:
			return slices.Clone(c.Record.Data), true
		case c.Verb == ForgetRecords: // rare enough to be worked out in full
			for _, r := range t.Records(ledger) {
				if r.Key == key {
					return slices.Clone(r.Data), true
				}
			}
			return nil, false
		}
	}
	return t.Memory.Recorded(ledger, key)
}

// Records implements Ledgers.
func (t *transaction) Records(ledger string) []Record {
	records := t.Memory.Records(ledger)
	for _, c := range t.changes {
		if c.Ledger != ledger {
			continue
		}
		i := slices.IndexFunc(records, func(r Record) bool { return r.Key == c.Record.Key })
		switch {
		case c.Verb == ForgetRecords && i >= 0:
			records = records[i:]
		case c.Verb == PutRecord && i >= 0:
			records[i] = c.Record
		case c.Verb == PutRecord:
			records = append(records, c.Record)
		}
	}
	return records
}

// Isolate implements Quarantine.
func (t *transaction) Isolate(octets []byte, i Infected) error {
	i.Body = Hash(octets)
	if err := t.hold(&hold{hash: i.Body, change: true}, octets); err != nil {
		return err
	}
	t.add(Change{Verb: AddInfected, Infected: i})
	return nil
}
