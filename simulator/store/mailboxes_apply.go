package store

import (
	"fmt"
	"slices"
)

// applyMailbox carries out what changes the list of mailboxes.
func (s *Memory) applyMailbox(k *keeping, c *Change) error {
	name := key(c.Mailbox)
	b := s.mailboxes[name]
	if c.Verb == MakeMailbox {
		if b != nil {
			return fmt.Errorf("mailbox %s: %w", c.Mailbox, ErrExists)
		}
		tag, again := s.retired[name]
		if c.UIDValidity == 0 {
			c.UIDValidity = max(tag, 1)
		}
		s.mailboxes[name] = &mailbox{quota: c.Quota, nextTag: c.UIDValidity}
		delete(s.retired, name)
		k.undo = append(k.undo, func() {
			delete(s.mailboxes, name)
			if again {
				s.retired[name] = tag
			}
		})
		return nil
	}
	if b == nil {
		return fmt.Errorf("%w: %s", ErrNoMailbox, c.Mailbox)
	}
	if c.Verb == SetQuota {
		old := b.quota
		b.quota = c.Quota
		k.undo = append(k.undo, func() { b.quota = old })
		return nil
	}
	delete(s.mailboxes, name)
	s.retired[name] = b.nextTag
	c.UIDValidity = b.nextTag
	for _, f := range b.folders {
		k.let(f, f.messages)
	}
	k.undo = append(k.undo, func() {
		s.mailboxes[name] = b
		delete(s.retired, name)
	})
	return nil
}

// let notes that messages of a folder go.
func (k *keeping) let(f *folder, messages []Message) {
	for _, m := range messages {
		k.released = append(k.released, m.Body)
	}
	if !slices.Contains(k.changed, f) {
		k.changed = append(k.changed, f)
	}
}

// applyFolder carries out what changes the folders of a mailbox and what they
// hold.
func (s *Memory) applyFolder(k *keeping, c *Change) error {
	b, f, err := s.folder(c.Mailbox, c.Folder)
	if c.Verb == MakeFolder {
		switch {
		case b == nil:
			return err
		case f != nil:
			return fmt.Errorf("folder %s: %w", c.Folder, ErrExists)
		}
		s.makeFolder(k, c, b)
		return nil
	}
	if err != nil {
		return err
	}
	c.UIDValidity = f.uidValidity
	switch c.Verb {
	case RemoveFolder:
		return s.removeFolder(k, b, f)
	case RenameFolder:
		switch {
		case f.name == Inbox:
			return fmt.Errorf("folder %s cannot be renamed: every mailbox has one", Inbox)
		case b.find(c.To) != nil:
			return fmt.Errorf("folder %s: %w", c.To, ErrExists)
		}
		old := f.name
		f.name = c.To
		k.undo = append(k.undo, func() { f.name = old })
	case AddMessage:
		return s.addMessage(k, c, b, f)
	case SetFlags:
		setFlags(k, c, f)
	case RemoveMessages:
		removeMessages(k, c, b, f)
	default:
		return fmt.Errorf("the store knows no change %d", c.Verb)
	}
	return nil
}

func (s *Memory) makeFolder(k *keeping, c *Change, b *mailbox) {
	if c.UIDValidity == 0 {
		c.UIDValidity = b.nextTag
	}
	c.UIDNext = max(c.UIDNext, 1)
	tag := b.nextTag
	b.nextTag = max(b.nextTag, c.UIDValidity+1)
	b.folders = append(b.folders, &folder{name: c.Folder, uidValidity: c.UIDValidity, uidNext: c.UIDNext, changed: make(chan struct{})})
	k.undo = append(k.undo, func() { b.folders, b.nextTag = b.folders[:len(b.folders)-1], tag })
}

func (s *Memory) removeFolder(k *keeping, b *mailbox, f *folder) error {
	if f.name == Inbox {
		return fmt.Errorf("folder %s cannot be deleted: every mailbox has one", Inbox)
	}
	old, held := b.folders, b.held
	for _, m := range f.messages {
		b.held -= m.Size
	}
	k.let(f, f.messages)
	b.folders = slices.DeleteFunc(slices.Clone(old), func(other *folder) bool { return other == f })
	k.undo = append(k.undo, func() { b.folders, b.held = old, held })
	return nil
}

func (s *Memory) addMessage(k *keeping, c *Change, b *mailbox, f *folder) error {
	m := &c.Message
	if err := s.owned(k, m.Body); err != nil {
		return err
	}
	next := f.uidNext
	if m.UID == 0 {
		m.UID = next
	}
	f.uidNext = max(next, m.UID+1)
	f.messages = append(f.messages, *m)
	b.held += m.Size
	if !k.restoring {
		k.changed, k.added = append(k.changed, f), append(k.added, c)
	}
	k.undo = append(k.undo, func() {
		b.held -= m.Size
		f.messages, f.uidNext = f.messages[:len(f.messages)-1], next
	})
	return nil
}

// setFlags passes over a message that is gone.
func setFlags(k *keeping, c *Change, f *folder) {
	for i := range f.messages {
		if f.messages[i].UID != c.UIDs[0] {
			continue
		}
		old := f.messages[i].Flags
		f.messages[i].Flags = c.Message.Flags
		k.let(f, nil)
		k.undo = append(k.undo, func() { f.messages[i].Flags = old })
		return
	}
}

// removeMessages passes over messages that are gone.
func removeMessages(k *keeping, c *Change, b *mailbox, f *folder) {
	old, held := f.messages, b.held
	var gone, left []Message
	for _, m := range old {
		if slices.Contains(c.UIDs, m.UID) {
			gone = append(gone, m)
			b.held -= m.Size
			continue
		}
		left = append(left, m)
	}
	if len(gone) == 0 {
		return
	}
	f.messages = left
	k.let(f, gone)
	k.undo = append(k.undo, func() { f.messages, b.held = old, held })
}
