package simulator

import (
	"errors"
	"fmt"

	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/store"
)

// furnish makes the further folders of all mailboxes of the configuration, after
// everything was forgotten.
func (w *World) furnish() error {
	for _, p := range w.config.Providers {
		if err := createFolders(w.keep(p.Name, p.ServiceDomain), p.Accounts, p.Folders); err != nil {
			return err
		}
	}
	o := w.config.Ordinary
	if o.Domain == "" {
		return nil
	}
	return createFolders(w.keep(o.Domain, o.Domain), o.Accounts, o.Folders)
}

// createFolders makes the further folders of mailboxes that are new. A mailbox
// that is there already keeps the folders that its user left.
func createFolders(kept store.Store, list []accounts.Account, folders map[string][]string) error {
	for _, a := range list {
		names := folders[a.Address]
		if len(names) == 0 || kept.HasMailbox(a.Address) {
			continue
		}
		if err := kept.CreateMailbox(a.Address, a.Quota); err != nil {
			return err
		}
		for _, name := range names {
			if err := kept.CreateFolder(a.Address, name); err != nil && !errors.Is(err, store.ErrExists) {
				return fmt.Errorf("folder %q of %s: %w", name, a.Address, err)
			}
		}
	}
	return nil
}
