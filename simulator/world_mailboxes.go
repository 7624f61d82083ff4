package simulator

import (
	"errors"
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/store"
	"github.com/collaudo/collaudo/simulator/summary"
)

// box is a mailbox and where it is kept.
type box struct {
	address, host, domain string
	service               bool
	store                 store.Store
}

// boxes lists the mailboxes of the hosts, providers first.
func (w *World) boxes() []box {
	var all []box
	for _, p := range w.hosts.all() {
		c := p.Config()
		for _, a := range p.Accounts() {
			if c.Store.HasMailbox(a.Address) { // a mailbox can be deleted, and its account remembered
				all = append(all, box{a.Address, c.Identity.Name, c.Identity.Domain, a.Service, c.Store})
			}
		}
	}
	if h := w.ordinaryHost(); h != nil {
		domain := w.config.Ordinary.Domain
		s := w.keep(domain, domain)
		for _, a := range w.config.Ordinary.Accounts {
			all = append(all, box{a.Address, domain, domain, false, s})
		}
	}
	return all
}

// box finds a mailbox by its address.
func (w *World) box(address string) (box, error) {
	for _, b := range w.boxes() {
		if strings.EqualFold(b.address, address) {
			return b, nil
		}
	}
	return box{}, fmt.Errorf("%w: no mailbox %s; GET /v1/mailboxes lists them", control.ErrNotFound, address)
}

// Mailboxes lists the mailboxes of a host by name or domain, of all for "".
func (w *World) Mailboxes(host string) ([]control.Mailbox, error) {
	all := []control.Mailbox{}
	found := host == ""
	for _, b := range w.boxes() {
		if !w.named(b.host, b.domain, host) {
			continue
		}
		found = true
		m := control.Mailbox{Address: b.address, Provider: b.host, Service: b.service, Folders: []control.Folder{}}
		var err error
		if m.Bytes, m.Quota, err = b.store.Usage(b.address); err != nil {
			return nil, missing(err)
		}
		folders, err := b.folders("")
		if err != nil {
			return nil, err
		}
		for _, f := range folders {
			m.Folders = append(m.Folders, control.Folder{Name: f.Name, UIDValidity: f.UIDValidity, UIDNext: f.UIDNext, Messages: len(f.Messages)})
		}
		all = append(all, m)
	}
	return all, w.known(found, host)
}

// folders returns one folder of the mailbox, or all of them for "".
func (b box) folders(name string) ([]store.Folder, error) {
	names := []string{name}
	if name == "" {
		var err error
		if names, err = b.store.Folders(b.address); err != nil {
			return nil, missing(err)
		}
	}
	var all []store.Folder
	for _, n := range names {
		f, err := b.store.Folder(b.address, n)
		if err != nil {
			return nil, missing(err)
		}
		all = append(all, f)
	}
	return all, nil
}

// missing marks errors of a store about what is not there.
func missing(err error) error {
	if errors.Is(err, store.ErrNoMailbox) || errors.Is(err, store.ErrNoFolder) || errors.Is(err, store.ErrNoBody) {
		return fmt.Errorf("%w: %w", control.ErrNotFound, err)
	}
	return err
}

// Folders returns the folders of a mailbox with what is in them.
func (w *World) Folders(mailbox string) ([]store.Folder, error) {
	b, err := w.box(mailbox)
	if err != nil {
		return nil, err
	}
	return b.folders("")
}

// Messages lists what a mailbox holds, oldest first in each folder.
func (w *World) Messages(address string, choice control.MessageChoice) ([]control.MailboxMessage, error) {
	b, err := w.box(address)
	if err != nil {
		return nil, err
	}
	folders, err := b.folders(choice.Folder)
	if err != nil {
		return nil, err
	}
	all := []control.MailboxMessage{}
	for _, f := range folders {
		for _, m := range f.Messages {
			if m.UID <= choice.After {
				continue
			}
			octets, err := b.store.Octets(m.Body)
			if errors.Is(err, store.ErrNoBody) {
				continue // it was removed while we looked
			}
			if err != nil {
				return nil, err
			}
			if s := summary.Of(octets); wanted(choice, s) {
				all = append(all, control.MailboxMessage{
					Mailbox: b.address, Folder: f.Name, UIDValidity: f.UIDValidity, UID: m.UID, Received: m.Received,
					Flags: append([]string{}, m.Flags...), SHA256: m.Body, Size: m.Size,
					ReversePath: m.Trace.ReversePath, Recipient: m.Trace.Recipient, Summary: s,
				})
			}
		}
	}
	if choice.Limit > 0 && len(all) > choice.Limit {
		all = all[len(all)-choice.Limit:]
	}
	return all, nil
}

// wanted is to messages what events.Filter is to events.
func wanted(c control.MessageChoice, s summary.Summary) bool {
	bare := func(id string) string { return strings.Trim(id, "<>") }
	return (c.Kind == "" || strings.EqualFold(summary.Kind(c.Kind), s.Kind)) &&
		(c.Reference == "" || bare(c.Reference) == bare(s.Reference) || bare(c.Reference) == bare(s.MessageID)) &&
		strings.Contains(strings.ToLower(s.Subject), strings.ToLower(c.Subject))
}

// Message returns the octets that some host of the world keeps under that
// SHA-256 in hexadecimal; not to be changed.
func (w *World) Message(sha256 string) ([]byte, error) {
	for _, s := range w.stores.all() {
		if octets, err := s.Octets(sha256); !errors.Is(err, store.ErrNoBody) {
			return octets, err
		}
	}
	return nil, fmt.Errorf("%w: no host keeps octets with the SHA-256 %s", control.ErrNotFound, sha256)
}
