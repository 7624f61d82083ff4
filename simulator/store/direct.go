package store

// What is written outside of a transaction is one of its own.

// CreateMailbox implements Mailboxes.
func (s *Memory) CreateMailbox(name string, quota int64) error {
	return s.alone(func(t *transaction) error { return t.CreateMailbox(name, quota) })
}

// RemoveMailbox implements Mailboxes.
func (s *Memory) RemoveMailbox(name string) error {
	return s.alone(func(t *transaction) error { return t.RemoveMailbox(name) })
}

// SetQuota implements Mailboxes.
func (s *Memory) SetQuota(name string, quota int64) error {
	return s.alone(func(t *transaction) error { return t.SetQuota(name, quota) })
}

// Append implements Mailboxes.
func (s *Memory) Append(mailbox, folder string, octets []byte, m Message, force bool) (uint32, error) {
	var c *Change
	err := s.alone(func(t *transaction) (err error) {
		c, err = t.append(mailbox, folder, octets, m, force)
		return err
	})
	if err != nil {
		return 0, err
	}
	return c.Message.UID, nil
}

// CreateFolder implements Mailboxes.
func (s *Memory) CreateFolder(mailbox, folder string) error {
	return s.alone(func(t *transaction) error { return t.CreateFolder(mailbox, folder) })
}

// DeleteFolder implements Mailboxes. INBOX cannot be deleted.
func (s *Memory) DeleteFolder(mailbox, folder string) error {
	return s.alone(func(t *transaction) error { return t.DeleteFolder(mailbox, folder) })
}

// RenameFolder implements Mailboxes. INBOX cannot be renamed.
func (s *Memory) RenameFolder(mailbox, from, to string) error {
	return s.alone(func(t *transaction) error { return t.RenameFolder(mailbox, from, to) })
}

// SetFlags implements Mailboxes. A message that is gone is passed over.
func (s *Memory) SetFlags(mailbox, folder string, uid uint32, flags []string) error {
	return s.alone(func(t *transaction) error { return t.SetFlags(mailbox, folder, uid, flags) })
}

// Expunge implements Mailboxes. Messages that are gone are passed over.
func (s *Memory) Expunge(mailbox, folder string, uids []uint32) error {
	return s.alone(func(t *transaction) error { return t.Expunge(mailbox, folder, uids) })
}

// PutWork implements Spool.
func (s *Memory) PutWork(w Work) error {
	return s.alone(func(t *transaction) error { return t.PutWork(w) })
}

// DropWork implements Spool. When it cannot be written down the work is done
// once more in the next life, which is what its owner has to be ready for.
func (s *Memory) DropWork(queue, id string) {
	_ = s.alone(func(t *transaction) error { t.DropWork(queue, id); return nil })
}

// Record implements Ledgers.
func (s *Memory) Record(ledger, key string, data []byte) error {
	return s.alone(func(t *transaction) error { return t.Record(ledger, key, data) })
}

// Forget implements Ledgers. What cannot be forgotten now is at the next call.
func (s *Memory) Forget(ledger, before string) {
	_ = s.alone(func(t *transaction) error { t.Forget(ledger, before); return nil })
}

// Isolate implements Quarantine.
func (s *Memory) Isolate(octets []byte, i Infected) error {
	return s.alone(func(t *transaction) error { return t.Isolate(octets, i) })
}

// Isolated implements Quarantine.
func (s *Memory) Isolated() []Infected {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Infected(nil), s.infected...)
}
