package store

import (
	"cmp"
	"slices"
)

// queue is one queue of the spool.
type queue struct {
	byID map[string]placed
	next int
}

// placed is work with its place in the queue.
type placed struct {
	Work
	place int
}

// Works implements Spool.
func (s *Memory) Works(name string) []Work {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[name]
	if q == nil {
		return nil
	}
	all := make([]placed, 0, len(q.byID))
	for _, w := range q.byID {
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b placed) int { return cmp.Compare(a.place, b.place) })
	works := make([]Work, len(all))
	for i, w := range all {
		works[i] = w.Work
	}
	return works
}

func (s *Memory) applyPut(k *keeping, c *Change) error {
	w := c.Work
	if w.Body != "" {
		if err := s.owned(k, w.Body); err != nil {
			return err
		}
	}
	q := s.queues[w.Queue]
	if q == nil {
		q = &queue{byID: map[string]placed{}}
		s.queues[w.Queue] = q
	}
	old, there := q.byID[w.ID]
	if there {
		q.byID[w.ID] = placed{w, old.place}
		if old.Body != "" {
			k.released = append(k.released, old.Body)
		}
		k.undo = append(k.undo, func() { q.byID[w.ID] = old })
		return nil
	}
	q.byID[w.ID] = placed{w, q.next}
	q.next++
	k.undo = append(k.undo, func() { delete(q.byID, w.ID) })
	return nil
}

func (s *Memory) applyDrop(k *keeping, c *Change) {
	q := s.queues[c.Work.Queue]
	if q == nil {
		return
	}
	old, there := q.byID[c.Work.ID]
	if !there {
		return
	}
	delete(q.byID, c.Work.ID)
	if old.Body != "" {
		k.released = append(k.released, old.Body)
	}
	k.undo = append(k.undo, func() { q.byID[c.Work.ID] = old })
}
