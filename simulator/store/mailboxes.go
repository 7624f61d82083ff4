package store

import (
	"fmt"
	"slices"
	"strings"
)

type mailbox struct {
	quota    int64
	held     int64
	reserved int64 // asked for by transactions that are not kept yet
	folders  []*folder
	nextTag  uint32 // UIDVALIDITY of the next folder
}

type folder struct {
	name        string
	uidValidity uint32
	uidNext     uint32
	messages    []Message
	changed     chan struct{}
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

// reserve takes room in a mailbox for a message that is to be kept, and returns
// how to give it back. It says at once what stands against the message.
func (s *Memory) reserve(mailboxName, folderName string, size int64, force bool) (release func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, _, err := s.folder(mailboxName, folderName)
	if err != nil {
		return nil, err
	}
	if held := b.held + b.reserved; !force && b.quota > 0 && held+size > b.quota {
		return nil, fmt.Errorf("%w: %s holds %d of %d bytes, %d more came", ErrQuota, mailboxName, held, b.quota, size)
	}
	b.reserved += size
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		b.reserved -= size
	}, nil
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

// Appended implements Mailboxes.
func (s *Memory) Appended(hook func(mailbox, folder string, m Message)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.appended = hook
}
