package steps

import (
	"fmt"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// clientSlow is how far the clock of our users' clients is behind: far enough
// that nobody can take the client's Date for the provider's own.
const clientSlow = 61 * time.Minute

// order is what a step asks for, in the words of the scenario.
type order struct {
	actor    Party
	original string
	receipt  string // complete, brief, concise; "" when nothing is asked
	replyTo  Party
	to, cc   string // lists of parties
	manner   string
	twin     bool
}

// prepare works a submission out.
func (w *World) prepare(o order) (*sending, error) {
	kind, words, err := describe(o.original)
	if err != nil {
		return nil, err
	}
	l := &letter{target: w.target, token: w.token(), date: w.now().Add(-clientSlow)}
	if l.writer, err = w.target.person(o.actor); err != nil {
		return nil, err
	}
	if l.to, err = w.target.people(o.to); err != nil {
		return nil, err
	}
	if l.cc, err = w.target.people(o.cc); err != nil {
		return nil, err
	}
	if l.subject = plainSubject(l.token); words != "" {
		if l.subject, err = subject(words, l.token); err != nil {
			return nil, err
		}
	}
	if l.options, err = w.optionLines(o); err != nil {
		return nil, err
	}
	s := &sending{hello: "EHLO", record: evidence.Submission{Token: l.token, Actor: string(o.actor), Twin: o.twin, ReversePath: l.writer.address}}
	if err := w.channel(s, o, l); err != nil {
		return nil, err
	}
	// Headers show everybody that the step names; the manner may then change
	// who is told to the server.
	s.envelope = addresses(l.to, l.cc)
	if err := w.apply(o.manner, s, l); err != nil {
		return nil, err
	}
	if kind.known {
		p, err := w.patternOnlyOf(Bruno)
		if err != nil {
			return nil, err
		}
		l.pattern, s.planted = p.Octets, []byte(p.Octets)
		s.record.Infected, s.record.KnownTo = p.Name, p.KnownTo
	}
	if kind.virus != "" {
		s.record.Infected, s.planted = kind.virus, eicar()
	}
	if kind.size != nil {
		if l.size, err = kind.size(w.target, max(1, len(s.envelope))); err != nil {
			return nil, err
		}
	}
	if s.octets, err = l.render(kind.template); err != nil {
		return nil, err
	}
	s.record.Size = int64(len(s.octets))
	return s, nil
}

// channel chooses the door: an account's submission service, or for somebody
// with ordinary mail the recipient's incoming point, as another host would.
func (w *World) channel(s *sending, o order, l *letter) error {
	if l.writer.mailbox == nil {
		return fmt.Errorf("%s has no mailbox and cannot write", o.actor)
	}
	if l.writer.mailbox.Role != evidence.OrdinaryMailbox {
		s.account, s.login = l.writer.mailbox, "PLAIN"
		s.provider = w.target.provider(s.account.Provider)
		s.record.Channel, s.record.Account = evidence.SubmissionTLS, s.account.Address
		return nil
	}
	s.record.Channel = evidence.IncomingPoint
	for _, p := range append(append([]person(nil), l.to...), l.cc...) {
		for i := range w.target.Providers {
			for _, domain := range w.target.Providers[i].Domains {
				if strings.EqualFold(domain, domainOf(p.address)) {
					s.provider = &w.target.Providers[i]
					return nil
				}
			}
		}
	}
	return fmt.Errorf("%s writes to nobody whose provider is described in the target", o.actor)
}

func (w *World) optionLines(o order) ([]string, error) {
	var lines []string
	if o.replyTo != "" {
		p, err := w.target.person(o.replyTo)
		if err != nil {
			return nil, err
		}
		lines = append(lines, "Reply-To: "+mailbox(p))
	}
	if o.receipt != "" {
		token := map[string]string{"complete": "completa", "brief": "breve", "concise": "sintetica"}[o.receipt]
		if token == "" {
			return nil, fmt.Errorf("%q is no kind of delivery receipt", o.receipt)
		}
		lines = append(lines, "X-TipoRicevuta: "+token)
	}
	return lines, nil
}

// patternOnlyOf finds a test pattern that the scanner of that party's provider
// knows and Anna's does not.
func (w *World) patternOnlyOf(p Party) (Pattern, error) {
	knows, err := w.target.providerOf(p)
	if err != nil {
		return Pattern{}, err
	}
	for _, pattern := range w.target.Patterns {
		if len(pattern.KnownTo) == 1 && pattern.KnownTo[0] == knows.Name {
			return pattern, nil
		}
	}
	return Pattern{}, fmt.Errorf("the target describes no test pattern that only %s knows: add one under `patterns`", knows.Name)
}

func addresses(lists ...[]person) []string {
	var all []string
	seen := map[string]bool{}
	for _, list := range lists {
		for _, p := range list {
			if !seen[p.address] {
				seen[p.address] = true
				all = append(all, p.address)
			}
		}
	}
	return all
}
