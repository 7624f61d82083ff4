package simulator

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/events"
	"github.com/collaudo/collaudo/simulator/provider"
)

// lifeChanged tells of changes in the lives of a provider's mailboxes.
func (w *World) lifeChanged(provider string) func(accounts.Change) {
	return func(c accounts.Change) {
		w.happened(events.Event{
			At: c.At, Type: events.Account, Provider: provider, Mailbox: c.Address, Event: c.What, Detail: string(c.To),
		})
	}
}

// recoveryLink is where a token from a mailed link is taken to.
func (w *World) recoveryLink(token string) string {
	return w.control.URL() + "/v1/portal/recovery/" + url.PathEscape(token)
}

// Lives returns the providers, by name or service domain, all of them for "", as
// those who look after the lives of mailboxes.
func (w *World) Lives(name string) ([]control.Life, error) {
	list := []control.Life{}
	for _, p := range w.hosts.all() {
		if c := p.Config(); w.named(c.Identity.Name, c.Identity.Domain, name) {
			list = append(list, life{p})
		}
	}
	return list, w.known(len(list) > 0 || name == "", name)
}

// LifeOf returns the provider that manages the domain of an address, whether or
// not it has such a mailbox.
func (w *World) LifeOf(address string) (control.Life, error) {
	domain := address[strings.LastIndexByte(address, '@')+1:]
	for _, p := range w.hosts.all() {
		if slices.ContainsFunc(p.Config().Domains, func(d string) bool { return strings.EqualFold(d, domain) }) {
			return life{p}, nil
		}
	}
	return nil, fmt.Errorf("%w: no provider here manages the domain of %q", control.ErrNotFound, address)
}

// life is a provider with its name.
type life struct{ *provider.Provider }

func (l life) Name() string { return l.Config().Identity.Name }

// Usage is how much a mailbox holds, and may hold; nothing when it is gone.
func (l life) Usage(address string) (bytes, quota int64) {
	bytes, quota, _ = l.Config().Store.Usage(address) // the state says that it is gone
	return bytes, quota
}
