package provider

import (
	"fmt"

	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/store"
)

// guarded are the mailboxes as their users may use them: each operation asks
// for the rights of that moment, so that a session which was opened before a
// lock or an expiry goes no further than a new one would.
func (p *Provider) guarded() store.Mailboxes { return guarded{p.c.Store, p} }

type guarded struct {
	store.Mailboxes
	p *Provider
}

// may wants a right.
func (g guarded) may(mailbox string, has func(accounts.Rights) bool) error {
	r, exists := g.p.accounts.RightsOf(mailbox)
	switch {
	case !exists:
		return fmt.Errorf("%w: %s", store.ErrNoMailbox, mailbox)
	case !has(r):
		return fmt.Errorf("%s: %w", mailbox, accounts.ErrState)
	}
	return nil
}

func reads(r accounts.Rights) bool   { return r.Read }
func changes(r accounts.Rights) bool { return r.Change }

// Folder implements store.Mailboxes.
func (g guarded) Folder(mailbox, folder string) (store.Folder, error) {
	if err := g.may(mailbox, reads); err != nil {
		return store.Folder{}, err
	}
	return g.Mailboxes.Folder(mailbox, folder)
}

// Folders implements store.Mailboxes.
func (g guarded) Folders(mailbox string) ([]string, error) {
	if err := g.may(mailbox, reads); err != nil {
		return nil, err
	}
	return g.Mailboxes.Folders(mailbox)
}

// SetFlags implements store.Mailboxes: whoever may read may mark what was read.
func (g guarded) SetFlags(mailbox, folder string, uid uint32, flags []string) error {
	if err := g.may(mailbox, reads); err != nil {
		return err
	}
	return g.Mailboxes.SetFlags(mailbox, folder, uid, flags)
}

// Append implements store.Mailboxes.
func (g guarded) Append(mailbox, folder string, octets []byte, m store.Message, force bool) (uint32, error) {
	if err := g.may(mailbox, changes); err != nil {
		return 0, err
	}
	return g.Mailboxes.Append(mailbox, folder, octets, m, force)
}

// CreateFolder implements store.Mailboxes.
func (g guarded) CreateFolder(mailbox, folder string) error {
	if err := g.may(mailbox, changes); err != nil {
		return err
	}
	return g.Mailboxes.CreateFolder(mailbox, folder)
}

// DeleteFolder implements store.Mailboxes.
func (g guarded) DeleteFolder(mailbox, folder string) error {
	if err := g.may(mailbox, changes); err != nil {
		return err
	}
	return g.Mailboxes.DeleteFolder(mailbox, folder)
}

// RenameFolder implements store.Mailboxes.
func (g guarded) RenameFolder(mailbox, from, to string) error {
	if err := g.may(mailbox, changes); err != nil {
		return err
	}
	return g.Mailboxes.RenameFolder(mailbox, from, to)
}

// Expunge implements store.Mailboxes.
func (g guarded) Expunge(mailbox, folder string, uids []uint32) error {
	if err := g.may(mailbox, changes); err != nil {
		return err
	}
	return g.Mailboxes.Expunge(mailbox, folder, uids)
}
