package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/collaudo/collaudo/simulator/console"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/history"
	"github.com/collaudo/collaudo/simulator/provider"
	"github.com/collaudo/collaudo/simulator/store"
)

// Console shows the world to a console, see package console:
//
//	page, err := console.Start(console.Options{World: world.Console(), Events: world.Events(), Judge: judge})
func (w *World) Console() console.World { return shown{w} }

// shown is the world as its console sees it.
type shown struct{ *World }

// absent turns what the world calls missing into what the console does.
func absent(err error) error {
	if errors.Is(err, control.ErrNotFound) || errors.Is(err, faults.ErrNoRule) {
		return fmt.Errorf("%w: %w", console.ErrNotFound, err)
	}
	return err
}

// Hosts implements console.MailWorld.
func (w shown) Hosts() []console.Host {
	var all []console.Host
	for _, p := range w.hosts.all() {
		c := p.Config()
		h := console.Host{Name: c.Identity.Name, Provider: true, Domains: []string{c.Identity.Domain}}
		for _, d := range c.Domains {
			if d != c.Identity.Domain {
				h.Domains = append(h.Domains, d)
			}
		}
		h.Services = services(p.Addresses())
		all = append(all, h)
	}
	if h := w.ordinaryHost(); h != nil {
		at := h.Addresses()
		all = append(all, console.Host{
			Name: w.config.Ordinary.Domain, Domains: []string{w.config.Ordinary.Domain},
			Services: services(provider.Ports{
				SubmissionSTARTTLS: at.Submission, Incoming: at.Incoming, IMAP: at.IMAP,
				IMAPSTARTTLS: at.IMAPSTARTTLS, POP3TLS: at.POP3TLS, POP3STARTTLS: at.POP3STARTTLS,
			}),
		})
	}
	return all
}

func services(at provider.Ports) []console.Service {
	var list []console.Service
	for _, s := range []console.Service{
		{Name: "submission-tls", Address: at.SubmissionTLS},
		{Name: "submission-starttls", Address: at.SubmissionSTARTTLS},
		{Name: "imap-tls", Address: at.IMAP},
		{Name: "imap-starttls", Address: at.IMAPSTARTTLS},
		{Name: "pop3-tls", Address: at.POP3TLS},
		{Name: "pop3-starttls", Address: at.POP3STARTTLS},
		{Name: "incoming", Address: at.Incoming},
	} {
		if s.Address != "" {
			list = append(list, s)
		}
	}
	return list
}

// Folders implements console.MailWorld.
func (w shown) Folders(mailbox string) ([]store.Folder, error) {
	list, err := w.World.Folders(mailbox)
	return list, absent(err)
}

// Message implements console.MailWorld.
func (w shown) Message(sha256 string) ([]byte, error) {
	octets, err := w.World.Message(sha256)
	return octets, absent(err)
}

// Log implements console.MailWorld.
func (w shown) Log() ([]console.LogLine, error) {
	entries, err := w.Journal("")
	if err != nil {
		return nil, err
	}
	list := make([]console.LogLine, len(entries))
	for i, e := range entries {
		list[i] = console.LogLine{Provider: e.Provider, Entry: e.Entry}
	}
	return list, nil
}

// Sessions implements console.TranscriptWorld.
func (w shown) Sessions(f console.SessionFilter) ([]console.Session, error) {
	list := w.history.List(history.Filter{Host: f.Host, Protocol: f.Protocol, Account: f.Account})
	slices.Reverse(list)
	var found []console.Session
	for _, s := range list {
		if f.Before > 0 && s.ID >= f.Before {
			continue
		}
		if found = append(found, sessionOf(s)); f.Limit > 0 && len(found) == f.Limit {
			break
		}
	}
	return found, nil
}

// Session implements console.TranscriptWorld.
func (w shown) Session(id int64) (console.Session, error) {
	s, ok := w.history.Get(id)
	if !ok {
		return console.Session{}, fmt.Errorf("%w: no session %d; the oldest are forgotten first", console.ErrNotFound, id)
	}
	return sessionOf(s), nil
}

func sessionOf(s history.Session) console.Session {
	out := console.Session{
		ID: s.ID, Host: s.Host, Protocol: s.Protocol, Service: s.Service, Peer: s.Peer, Account: s.Account,
		Began: s.Began, Ended: s.Ended, Messages: s.Messages, BytesIn: s.BytesIn, BytesOut: s.BytesOut, Truncated: s.Truncated,
	}
	if s.TLS {
		out.TLS = cmp.Or(s.TLSVersion, "TLS")
	}
	for _, l := range s.Lines {
		out.Lines = append(out.Lines, console.Line{At: l.At, From: l.From, Text: l.Text})
	}
	return out
}

// Faults implements console.ScriptWorld: the catalogue, then the personalities.
func (w shown) Faults() []console.Fault {
	var list []console.Fault
	for _, f := range faults.Catalogue() {
		list = append(list, console.Fault{ID: f.ID, Title: f.Title, Family: f.Family})
	}
	for _, p := range faults.Personalities() {
		list = append(list, console.Fault{ID: faults.PersonalityPrefix + p.ID, Title: p.Title, Family: "personality"})
	}
	return list
}

// Rules implements console.ScriptWorld: what is on since the start, then what
// was switched on.
func (w shown) Rules() []console.Rule {
	var list []console.Rule
	for _, id := range w.config.Faults {
		list = append(list, console.Rule{ID: id, Fault: id, Fixed: true})
	}
	for _, r := range w.World.Rules() {
		list = append(list, console.Rule{
			ID: r.ID, Fault: cmp.Or(r.Fault, r.Act.Operator), Provider: r.Provider, Sender: r.Sender, Recipient: r.Recipient, Subject: r.Subject,
			Kind: r.Kind, Skip: r.Skip, Times: r.Times, Matched: r.Matched, Touched: r.Touched, Restart: r.Restart,
		})
	}
	return list
}

// SwitchOn implements console.ScriptWorld.
func (w shown) SwitchOn(r console.Rule) error {
	_, err := w.World.SwitchOn(faults.Rule{
		Fault: r.Fault, Provider: r.Provider, Sender: r.Sender, Recipient: r.Recipient, Subject: r.Subject,
		Kind: r.Kind, Skip: r.Skip, Times: r.Times,
	})
	if errors.Is(err, control.ErrInvalid) {
		return fmt.Errorf("%w: %w", console.ErrAsked, err)
	}
	return absent(err)
}

// SwitchOff implements console.ScriptWorld.
func (w shown) SwitchOff(id string) error { return absent(w.World.SwitchOff(id)) }

var _ console.World = shown{}
