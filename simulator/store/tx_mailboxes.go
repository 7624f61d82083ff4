package store

import (
	"slices"
	"strings"
)

// made tells whether the transaction itself makes the mailbox, or the folder:
// then nothing is known of it yet outside.
func (t *transaction) made(mailbox, folder string) bool {
	return slices.ContainsFunc(t.changes, func(c *Change) bool {
		return strings.EqualFold(c.Mailbox, mailbox) &&
			(c.Verb == MakeMailbox || c.Verb == MakeFolder && c.Folder == folder || c.Verb == RenameFolder && c.To == folder)
	})
}

// CreateMailbox implements Mailboxes.
func (t *transaction) CreateMailbox(name string, quota int64) error {
	t.add(Change{Verb: MakeMailbox, Mailbox: key(name), Quota: quota})
	t.add(Change{Verb: MakeFolder, Mailbox: key(name), Folder: Inbox})
	return nil
}

// RemoveMailbox implements Mailboxes.
func (t *transaction) RemoveMailbox(name string) error {
	t.add(Change{Verb: RemoveMailbox, Mailbox: key(name)})
	return nil
}

// SetQuota implements Mailboxes.
func (t *transaction) SetQuota(name string, quota int64) error {
	t.add(Change{Verb: SetQuota, Mailbox: key(name), Quota: quota})
	return nil
}

// Append implements Mailboxes. The UID is 0 until the message is kept.
func (t *transaction) Append(mailbox, folder string, octets []byte, m Message, force bool) (uint32, error) {
	_, err := t.append(mailbox, folder, octets, m, force)
	return 0, err
}

func (t *transaction) append(mailbox, folder string, octets []byte, m Message, force bool) (*Change, error) {
	m.UID, m.Size, m.Flags = 0, int64(len(octets)), slices.Clone(m.Flags)
	if !t.made(mailbox, folder) {
		release, err := t.reserve(mailbox, folder, m.Size, force)
		if err != nil {
			return nil, err
		}
		t.released = append(t.released, release)
	}
	if m.Body == "" {
		m.Body = Hash(octets)
	}
	if err := t.hold(&hold{hash: m.Body, change: true}, octets); err != nil {
		return nil, err
	}
	return t.add(Change{Verb: AddMessage, Mailbox: key(mailbox), Folder: folder, Message: m}), nil
}

// CreateFolder implements Mailboxes.
func (t *transaction) CreateFolder(mailbox, folder string) error {
	t.add(Change{Verb: MakeFolder, Mailbox: key(mailbox), Folder: folder})
	return nil
}

// DeleteFolder implements Mailboxes. INBOX cannot be deleted.
func (t *transaction) DeleteFolder(mailbox, folder string) error {
	t.add(Change{Verb: RemoveFolder, Mailbox: key(mailbox), Folder: folder})
	return nil
}

// RenameFolder implements Mailboxes. INBOX cannot be renamed.
func (t *transaction) RenameFolder(mailbox, from, to string) error {
	t.add(Change{Verb: RenameFolder, Mailbox: key(mailbox), Folder: from, To: to})
	return nil
}

// SetFlags implements Mailboxes. A message that is gone is passed over.
func (t *transaction) SetFlags(mailbox, folder string, uid uint32, flags []string) error {
	t.add(Change{Verb: SetFlags, Mailbox: key(mailbox), Folder: folder, UIDs: []uint32{uid}, Message: Message{Flags: slices.Clone(flags)}})
	return nil
}

// Expunge implements Mailboxes. Messages that are gone are passed over.
func (t *transaction) Expunge(mailbox, folder string, uids []uint32) error {
	t.add(Change{Verb: RemoveMessages, Mailbox: key(mailbox), Folder: folder, UIDs: slices.Clone(uids)})
	return nil
}

// Wipe implements Store.
func (t *transaction) Wipe() error {
	t.add(Change{Verb: Wipe})
	return nil
}
