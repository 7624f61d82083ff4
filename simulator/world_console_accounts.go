package simulator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/console"
	"github.com/collaudo/collaudo/simulator/provider"
	"github.com/collaudo/collaudo/simulator/store"
)

// Accounts implements console.AccountWorld.
func (w shown) Accounts() ([]console.Account, error) {
	var all []console.Account
	for _, p := range w.hosts.all() {
		c := p.Config()
		passwords := w.configured(p)
		for _, a := range p.Accounts() {
			shown := console.Account{
				Address: a.Address, Host: c.Identity.Name, Actor: a.Actor, User: a.Address,
				Password: passwords[strings.ToLower(a.Address)], Service: a.Service,
			}
			if err := w.use(c.Store, &shown); err != nil {
				return nil, err
			}
			if status, ok := p.Lives().Status(a.Address); ok {
				shown.State, shown.Since, shown.Expires = string(status.State), status.Since, status.Expires
				shown.Actions = actions(status, a.Holder.TaxCode != "")
			}
			all = append(all, shown)
		}
	}
	if w.ordinaryHost() == nil {
		return all, nil
	}
	domain := w.config.Ordinary.Domain
	for _, a := range w.config.Ordinary.Accounts {
		shown := console.Account{Address: a.Address, Host: domain, Actor: a.Actor, User: a.Address, Password: a.Password}
		if err := w.use(w.keep(domain, domain), &shown); err != nil {
			return nil, err
		}
		all = append(all, shown)
	}
	return all, nil
}

// use fills in what the mailbox takes. One that was deleted takes nothing.
func (w shown) use(s store.Store, a *console.Account) error {
	bytes, quota, err := s.Usage(a.Address)
	if err != nil && !errors.Is(err, store.ErrNoMailbox) {
		return err
	}
	a.Bytes, a.Quota, a.State = bytes, quota, "active"
	return nil
}

// What can be done to a mailbox from a console: a few things of what the control
// API offers, each without anything to fill in.
const (
	renewIt    = "renew"
	expireIt   = "expire"
	suspendIt  = "suspend"
	resumeIt   = "resume"
	lockIt     = "lock"
	unlockIt   = "unlock"
	closeIt    = "close"
	buyItAgain = "repurchase"
)

// actions are what can be done to a mailbox as it stands. Who its holder is has
// to be known for some.
func actions(s accounts.Status, held bool) []string {
	if s.State.Gone() {
		if held {
			return []string{buyItAgain}
		}
		return nil
	}
	in := func(state func(accounts.State) bool) bool {
		return state(s.State) || slices.ContainsFunc(s.Also, state)
	}
	var list []string
	choose := func(is bool, then, otherwise string) {
		if is {
			list = append(list, then)
		} else {
			list = append(list, otherwise)
		}
	}
	choose(in(func(state accounts.State) bool { return state == accounts.Expired }), renewIt, expireIt)
	choose(in(func(state accounts.State) bool { return state == accounts.Suspended }), resumeIt, suspendIt)
	choose(in(accounts.State.Locked), unlockIt, lockIt)
	if held {
		list = append(list, closeIt)
	}
	return list
}

// Act implements console.AccountWorld.
func (w shown) Act(_ context.Context, address, action string) error {
	if _, err := w.box(address); err != nil && action != buyItAgain {
		return absent(err)
	}
	for _, p := range w.hosts.all() {
		for _, a := range p.Accounts() {
			if strings.EqualFold(a.Address, address) && !a.Service {
				return w.actOn(p, a, action)
			}
		}
	}
	return fmt.Errorf("%w: %s has no life that could be changed", console.ErrNotFound, address)
}

func (w shown) actOn(p *provider.Provider, a accounts.Account, action string) error {
	lives := p.Lives()
	var err error
	switch action {
	case renewIt:
		err = lives.Renew(a.Address, 0)
	case expireIt:
		err = lives.SetExpiry(a.Address, w.Now())
	case suspendIt:
		err = lives.Suspend(a.Address, "from the console")
	case resumeIt:
		err = lives.Resume(a.Address)
	case lockIt:
		err = lives.Lock(a.Address, accounts.LockedPassword)
	case unlockIt:
		err = lives.Unlock(a.Address)
	case closeIt:
		err = lives.Close(a.Address, a.Holder.TaxCode)
	case buyItAgain:
		err = lives.Repurchase(a.Address, a.Holder.TaxCode, w.configured(p)[strings.ToLower(a.Address)], 0)
	default:
		err = accounts.ErrAsked
	}
	switch {
	case errors.Is(err, accounts.ErrUnknown):
		return fmt.Errorf("%w: %w", console.ErrNotFound, err)
	case err != nil:
		return fmt.Errorf("%w: %s of %s: %w", console.ErrAsked, action, a.Address, err)
	}
	return nil
}

// configured are the passwords that a provider was started with, by address in
// lower case: it keeps none that could be shown.
func (shown) configured(p *provider.Provider) map[string]string {
	passwords := map[string]string{}
	for _, a := range p.Config().Accounts {
		passwords[strings.ToLower(a.Address)] = a.Password
	}
	return passwords
}
