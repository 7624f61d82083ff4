package store

import "maps"

// Wipe implements Store.
func (s *Memory) Wipe() error {
	return s.alone(func(t *transaction) error { return t.Wipe() })
}

// applyWipe lets go of everything but the UIDVALIDITY values that were used. The
// lock is held.
func (s *Memory) applyWipe(k *keeping) {
	mailboxes, retired, queues, ledgers, infected := s.mailboxes, s.retired, s.queues, s.ledgers, s.infected
	k.undo = append(k.undo, func() {
		s.mailboxes, s.retired, s.queues, s.ledgers, s.infected = mailboxes, retired, queues, ledgers, infected
	})
	s.mailboxes, s.retired, s.queues, s.ledgers, s.infected = map[string]*mailbox{}, maps.Clone(retired), map[string]*queue{}, map[string]*ledger{}, nil
	for name, b := range mailboxes {
		s.retired[name] = b.nextTag
		for _, f := range b.folders {
			k.let(f, f.messages)
		}
	}
	for _, q := range queues {
		for _, w := range q.byID {
			if w.Body != "" {
				k.released = append(k.released, w.Body)
			}
		}
	}
	for _, i := range infected {
		k.released = append(k.released, i.Body)
	}
}
