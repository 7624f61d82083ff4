package store

import (
	"fmt"
	"slices"
	"strings"
)

// CreateMailbox implements Mailboxes.
func (s *Memory) CreateMailbox(name string, quota int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mailboxes[key(name)] != nil {
		return fmt.Errorf("mailbox %s: %w", name, ErrExists)
	}
	b := &mailbox{quota: quota, nextTag: 1}
	b.create(Inbox)
	s.mailboxes[key(name)] = b
	return nil
}

func (b *mailbox) create(name string) {
	b.folders = append(b.folders, &folder{name: name, uidValidity: b.nextTag, uidNext: 1, changed: make(chan struct{})})
	b.nextTag++
}

// find returns a folder; INBOX is found in any letter case (RFC 3501 5.1).
func (b *mailbox) find(name string) *folder {
	for _, f := range b.folders {
		if f.name == name || f.name == Inbox && strings.EqualFold(name, Inbox) {
			return f
		}
	}
	return nil
}

func (f *folder) announce() {
	close(f.changed)
	f.changed = make(chan struct{})
}

func (s *Memory) folder(mailboxName, folderName string) (*mailbox, *folder, error) {
	b := s.mailboxes[key(mailboxName)]
	if b == nil {
		return nil, nil, fmt.Errorf("%w: %s", ErrNoMailbox, mailboxName)
	}
	f := b.find(folderName)
	if f == nil {
		return b, nil, fmt.Errorf("%w: %s of %s", ErrNoFolder, folderName, mailboxName)
	}
	return b, f, nil
}

// HasMailbox implements Mailboxes.
func (s *Memory) HasMailbox(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mailboxes[key(name)] != nil
}

// Usage implements Mailboxes.
func (s *Memory) Usage(name string) (bytes, quota int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.mailboxes[key(name)]
	if b == nil {
		return 0, 0, fmt.Errorf("%w: %s", ErrNoMailbox, name)
	}
	return b.held, b.quota, nil
}

// Append implements Mailboxes.
func (s *Memory) Append(mailboxName, folderName string, octets []byte, m Message, force bool) (uint32, error) {
	hash := Hash(octets) // outside the lock: it is the long part
	s.mu.Lock()
	defer s.mu.Unlock()
	b, f, err := s.folder(mailboxName, folderName)
	if err != nil {
		return 0, err
	}
	size := int64(len(octets))
	if !force && b.quota > 0 && b.held+size > b.quota {
		return 0, fmt.Errorf("%w: %s holds %d of %d bytes, %d more came", ErrQuota, mailboxName, b.held, b.quota, size)
	}
	if err := s.keep(hash, octets); err != nil {
		return 0, err
	}
	m.UID, m.Body, m.Size = f.uidNext, hash, size
	m.Flags = slices.Clone(m.Flags)
	f.uidNext++
	b.held += size
	f.messages = append(f.messages, m)
	f.announce()
	return m.UID, nil
}

// Folder implements Mailboxes.
func (s *Memory) Folder(mailboxName, folderName string) (Folder, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, f, err := s.folder(mailboxName, folderName)
	if err != nil {
		return Folder{}, err
	}
	return Folder{
		Name: f.name, UIDValidity: f.uidValidity, UIDNext: f.uidNext,
		Messages: slices.Clone(f.messages), Changed: f.changed,
	}, nil
}

// Folders implements Mailboxes.
func (s *Memory) Folders(mailboxName string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.mailboxes[key(mailboxName)]
	if b == nil {
		return nil, fmt.Errorf("%w: %s", ErrNoMailbox, mailboxName)
	}
	names := make([]string, len(b.folders))
	for i, f := range b.folders {
		names[i] = f.name
	}
	return names, nil
}

// CreateFolder implements Mailboxes.
func (s *Memory) CreateFolder(mailboxName, folderName string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, f, err := s.folder(mailboxName, folderName)
	switch {
	case b == nil:
		return err
	case f != nil:
		return fmt.Errorf("folder %s: %w", folderName, ErrExists)
	}
	b.create(folderName)
	return nil
}

// DeleteFolder implements Mailboxes. INBOX cannot be deleted.
func (s *Memory) DeleteFolder(mailboxName, folderName string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, f, err := s.folder(mailboxName, folderName)
	if err != nil {
		return err
	}
	if f.name == Inbox {
		return fmt.Errorf("folder %s cannot be deleted: every mailbox has one", Inbox)
	}
	for _, m := range f.messages {
		b.held -= m.Size
		s.drop(m.Body)
	}
	b.folders = slices.DeleteFunc(b.folders, func(other *folder) bool { return other == f })
	f.announce()
	return nil
}

// RenameFolder implements Mailboxes. INBOX cannot be renamed.
func (s *Memory) RenameFolder(mailboxName, from, to string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, f, err := s.folder(mailboxName, from)
	switch {
	case err != nil:
		return err
	case f.name == Inbox:
		return fmt.Errorf("folder %s cannot be renamed: every mailbox has one", Inbox)
	case b.find(to) != nil:
		return fmt.Errorf("folder %s: %w", to, ErrExists)
	}
	f.name = to
	return nil
}

// SetFlags implements Mailboxes. A message that is gone is passed over.
func (s *Memory) SetFlags(mailboxName, folderName string, uid uint32, flags []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, f, err := s.folder(mailboxName, folderName)
	if err != nil {
		return err
	}
	for i := range f.messages {
		if f.messages[i].UID == uid {
			f.messages[i].Flags = slices.Clone(flags)
			f.announce()
			return nil
		}
	}
	return nil
}

// Expunge implements Mailboxes. Messages that are gone are passed over.
func (s *Memory) Expunge(mailboxName, folderName string, uids []uint32) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, f, err := s.folder(mailboxName, folderName)
	if err != nil {
		return err
	}
	before := len(f.messages)
	f.messages = slices.DeleteFunc(f.messages, func(m Message) bool {
		if !slices.Contains(uids, m.UID) {
			return false
		}
		b.held -= m.Size
		s.drop(m.Body)
		return true
	})
	if len(f.messages) != before {
		f.announce()
	}
	return nil
}
