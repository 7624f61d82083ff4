package simulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/events"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/provider"
	"github.com/collaudo/collaudo/simulator/reserved"
	"github.com/collaudo/collaudo/simulator/store"
)

// Rules returns the rules that are on, with how often they acted.
func (w *World) Rules() []faults.Rule { return w.rules.List() }

// SwitchOn switches a rule on, from now on, and returns it with its id. Its
// provider is told by name or service domain.
func (w *World) SwitchOn(r faults.Rule) (faults.Rule, error) {
	if r.Provider != "" {
		p, err := w.provider(r.Provider)
		if err != nil {
			return faults.Rule{}, err
		}
		r.Provider = p.Config().Identity.Domain
	}
	on, err := w.rules.Add(r)
	if err != nil {
		return faults.Rule{}, fmt.Errorf("%w: %w", control.ErrInvalid, err)
	}
	if err := w.issueVariants(); err != nil {
		return faults.Rule{}, errors.Join(err, w.rules.Remove(on.ID))
	}
	w.happened(events.Event{Type: events.Fault, Provider: on.Provider, Detail: on.ID + " on"})
	return on, nil
}

// issueVariants has the certificates issued that rules ask for, so that nobody
// waits for a key in mid message.
func (w *World) issueVariants() error {
	for _, p := range w.hosts.all() {
		c := p.Config()
		for _, name := range c.Faults.SignerVariants() {
			if _, err := c.Variant(name); err != nil {
				return fmt.Errorf("provider %s: %w", c.Identity.Name, err)
			}
		}
	}
	return nil
}

// SwitchOff switches a rule off. What it holds back stays held back.
func (w *World) SwitchOff(id string) error {
	if err := w.rules.Remove(id); err != nil {
		return fmt.Errorf("%w: %w", control.ErrNotFound, err)
	}
	w.happened(events.Event{Type: events.Fault, Detail: id + " off"})
	return nil
}

// SwitchAllOff switches every rule off.
func (w *World) SwitchAllOff() {
	for _, id := range w.rules.Clear() {
		w.happened(events.Event{Type: events.Fault, Detail: id + " off"})
	}
}

// reserve makes the rules of the world, and has the reserved recipients act
// where they are asked for.
func (w *World) reserve() error {
	w.rules = faults.NewRules()
	if !w.config.Reserved {
		return nil
	}
	hour := w.config.ReservedHour
	switch {
	case hour > 0:
	case w.Steppable():
		hour = time.Hour
	default:
		hour = time.Second
	}
	rules, err := reserved.Rules(hour)
	if err != nil {
		return err
	}
	domains := w.config.userDomains()
	w.reserved = reserved.New(domains)
	return w.rules.Stand(domains, rules, reserved.SenderRules())
}

// userDomains are the domains of the providers' users: reserved recipients are
// in each of them.
func (c Config) userDomains() []string {
	var all []string
	for _, p := range c.Providers {
		all = append(all, p.userDomains()...)
	}
	return all
}

func (c ProviderConfig) userDomains() []string {
	all := slices.Clone(c.Domains)
	for _, u := range c.Units {
		all = append(all, u.Domains...)
	}
	return all
}

// reservedAccounts are the mailboxes that the reserved recipients share, one in
// each domain.
func (c Config) reservedAccounts(p ProviderConfig) []accounts.Account {
	if !c.Reserved {
		return nil
	}
	var list []accounts.Account
	for _, d := range p.userDomains() {
		address := reserved.Mailbox + "@" + d
		if !slices.ContainsFunc(p.Accounts, func(a accounts.Account) bool { return strings.EqualFold(a.Address, address) }) {
			list = append(list, accounts.Account{Address: address, Password: "segreto-" + address})
		}
	}
	return list
}

// Recipients is the table of reserved recipients; empty where they are off.
func (w *World) Recipients() []reserved.Group {
	if w.reserved == nil {
		return []reserved.Group{}
	}
	return reserved.Groups()
}

// Inject puts a message into the world: of any kind, composed by a provider, or
// octets as they are; into a mailbox, or to an incoming point.
func (w *World) Inject(i control.Injection) (control.Injected, error) {
	if len(i.To) == 0 || i.Kind == "" == (len(i.Octets) == 0) {
		return control.Injected{}, fmt.Errorf("%w: want \"to\", and either a \"kind\" or \"octets\"", control.ErrInvalid)
	}
	var boxes []box
	switch i.Via {
	case "", control.ViaMailbox:
		for _, to := range i.To {
			b, err := w.box(to)
			if err != nil {
				return control.Injected{}, err
			}
			boxes = append(boxes, b)
		}
	case control.ViaIncoming:
	default:
		return control.Injected{}, fmt.Errorf("%w: via %q: want %q or %q", control.ErrInvalid, i.Via, control.ViaMailbox, control.ViaIncoming)
	}
	p, err := w.composer(i)
	if err != nil {
		return control.Injected{}, err
	}
	out := control.Injected{Provider: p.Config().Identity.Name}
	octets, incoming := i.Octets, i.Via == control.ViaIncoming
	switch {
	case i.Kind == "" && incoming:
		err = p.InjectRaw(i.ReversePath, i.To, octets, 0)
	case i.Kind != "":
		var made provider.Injected
		made, err = composed(p, w.injection(i), incoming)
		out.MessageID, out.Identifier, out.Reference, octets = made.MessageID, made.Identifier, made.Reference, made.Octets
	}
	if err != nil {
		return control.Injected{}, fmt.Errorf("%w: %w", control.ErrInvalid, err)
	}
	for _, b := range boxes {
		folder := i.Folder
		if folder == "" {
			folder = store.Inbox
		}
		m := store.Message{Received: w.Now(), Trace: store.Trace{ReversePath: i.ReversePath, Recipient: b.address}}
		uid, err := b.store.Append(b.address, folder, octets, m, true)
		if err != nil {
			return control.Injected{}, missing(err)
		}
		out.Mailboxes = append(out.Mailboxes, control.InjectedInto{Mailbox: b.address, Folder: folder, UID: uid})
	}
	if octets != nil {
		out.SHA256 = store.Hash(octets)
	}
	return out, nil
}

// composed makes one message, and sends it when it is to come in by SMTP.
func composed(p *provider.Provider, i provider.Injection, send bool) (provider.Injected, error) {
	if send {
		return p.Inject(i)
	}
	return p.Compose(i)
}

// composer is the provider asked for; by default that of the first recipient, or
// the first of the world.
func (w *World) composer(i control.Injection) (*provider.Provider, error) {
	if i.Provider != "" {
		return w.provider(i.Provider)
	}
	all := w.hosts.all()
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: this world has no provider", control.ErrNotFound)
	}
	domain := i.To[0][strings.LastIndexByte(i.To[0], '@')+1:]
	for _, p := range all {
		if slices.ContainsFunc(p.Config().Domains, func(d string) bool { return strings.EqualFold(d, domain) }) {
			return p, nil
		}
	}
	return all[0], nil
}

// injection is what was asked for in the words of package provider.
func (w *World) injection(i control.Injection) provider.Injection {
	out := provider.Injection{
		Variant: i.Kind, To: i.To, Sender: i.Sender, Recipient: i.Recipient, Subject: i.Subject, MessageID: i.MessageID,
		Identifier: i.Identifier, ReceiptType: i.ReceiptType, Original: i.Original, Found: i.Found, Acts: i.Acts,
		Failure: compose.Failure{Error: i.Error, Reason: compose.Reason{Code: i.Code, Text: i.Reason}},
	}
	for _, r := range i.Recipients {
		domain := r[strings.LastIndexByte(r, '@')+1:]
		route, _ := w.routes.Route(domain)
		out.Recipients = append(out.Recipients, compose.Recipient{Address: r, Certified: route.Provider})
	}
	return out
}
