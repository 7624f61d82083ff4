package provider

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/smtp"
	"github.com/collaudo/collaudo/simulator/store"
)

// access is the access point (RFC 6109 3.1): submission by an authenticated
// user, formal checks, virus check; then a notice of non-acceptance, or an
// acceptance and the transport envelope.
type access struct{ *Provider }

// Mail refuses a reverse path that is not the account's: who one is is known
// here, and a notice could go to nobody else (RFC 6109 3.1.1).
func (a *access) Mail(_ context.Context, t smtp.Transaction, _ int64) error {
	if reply := a.mayNotSend(t.Account); reply != nil {
		a.refused(t, reply.Text)
		return reply
	}
	own := t.Account == "" || sameAddress(t.ReversePath, t.Account)
	if !a.c.Faults.About(faults.Matter{Sender: t.ReversePath}).Check("access/account-is-sender", own) {
		a.refused(t, "reverse path is not the account's")
		return smtp.Refuse(550, 5, 7, 1, fmt.Sprintf("Reverse path <%s> is not that of the authenticated account", t.ReversePath))
	}
	return nil
}

// Recipient takes anything that is an address: whether mail can reach it is
// found out later, and the sender is told by the rules' own messages.
func (a *access) Recipient(_ context.Context, _ smtp.Transaction, address string) error {
	if _, err := pec.ParseAddress(address); err != nil {
		return smtp.Refuse(501, 5, 1, 3, fmt.Sprintf("Recipient <%s> is not an address", address))
	}
	return nil
}

func (a *access) refused(t smtp.Transaction, why string) {
	a.note(journal.Entry{
		At: a.now(), Event: journal.Refused, Sender: t.ReversePath, Recipients: t.Recipients,
		Issuer: a.identity.Name, Detail: why,
	})
}

// submission is a message at the access point.
type submission struct {
	t          smtp.Transaction
	octets     []byte
	entity     *rawmime.Entity
	recipients []string // without repeats
	at         time.Time
	facts      compose.Facts
	faults     *faults.Set // that concern it
}

// Message elaborates a submission. All that follows from it, with the same one
// instant, is in the store when it returns, or nothing is. The antivirus is asked
// before: it may take its time, and nobody else's mail should wait for it.
func (a *access) Message(ctx context.Context, t smtp.Transaction, octets []byte) error {
	if len(octets) > large {
		runtime.GC() // what receiving it left behind is as large as the message itself
	}
	entity, err := rawmime.Parse(octets, rawmime.Limits{})
	if err != nil {
		return smtp.Refuse(554, 5, 6, 0, "The message cannot be read: "+err.Error())
	}
	seen := a.look(ctx, octets, entity)
	err = a.together(func(p *Provider) error { return (&access{p}).message(t, octets, entity, seen) })
	a.noteUnlooked(t, err)
	return err
}

func (a *access) message(t smtp.Transaction, octets []byte, entity *rawmime.Entity, seen looked) error {
	var err error
	s := &submission{t: t, octets: octets, entity: entity, at: a.now(), recipients: a.recipientsOf(t)}
	s.facts = compose.FactsOf(octets)
	s.facts.Sender = t.ReversePath
	for _, r := range s.recipients {
		s.facts.Recipients = append(s.facts.Recipients, compose.Recipient{Address: r, Certified: a.certified(r)})
	}
	if s.facts.Identifier, err = a.identifierOf(s); err != nil {
		return err
	}
	s.faults = a.c.Faults.About(faults.Matter{Sender: t.ReversePath, Recipients: s.recipients, Subject: compose.DecodeSubject(s.facts.Subject)})
	if reason, ok := a.formal(s); !ok {
		return a.refuseByNotice(s, reason)
	}
	found, err := a.clean(s.faults, "access", seen)
	switch {
	case err != nil:
		return err
	case found != "":
		return a.refuseInfected(s, found)
	}
	return a.accept(s)
}

// large is a message so large that memory counts more than the time it takes to
// tidy up.
const large = 8 << 20

// refuseByNotice sends the notice of non-acceptance (RFC 6109 3.1.2).
func (a *access) refuseByNotice(s *submission, reason compose.Reason) error {
	own, err := a.identifier(s.at)
	if err != nil {
		return err
	}
	besides, err := a.despiteRefusal(s)
	if err != nil {
		return err
	}
	return a.emit(append(besides, emission{
		draft: compose.NonAcceptance(a.identity, s.facts, s.at, own, reason), facts: s.facts,
		event: journal.NonAcceptance, to: []string{s.t.ReversePath}, deposit: true, detail: reason.Text,
	})...)
}

// refuseInfected keeps the infected message and sends the notice (RFC 6109 3.1.3).
func (a *access) refuseInfected(s *submission, found string) error {
	own, err := a.identifier(s.at)
	if err != nil {
		return err
	}
	if err := a.isolate(s.octets, store.Infected{
		At: s.at, Found: found, Where: "access",
		Trace: store.Trace{ReversePath: s.t.ReversePath, Recipient: strings.Join(s.recipients, ", ")},
	}, s.facts); err != nil {
		return err
	}
	return a.emit(emission{
		draft: compose.NonAcceptanceVirus(a.identity, s.facts, s.at, own, found), facts: s.facts,
		event: journal.NonAcceptance, to: []string{s.t.ReversePath}, deposit: true, detail: "virus: " + found,
	})
}

// accept sends the acceptance and the envelope, with one instant.
func (a *access) accept(s *submission) error {
	acceptance, err := a.acceptance(s)
	if err != nil {
		return err
	}
	envelopes, err := a.envelopes(s)
	if err != nil {
		return err
	}
	// The watch begins before the envelope leaves: a receipt may be quick.
	if err := a.watch.begin(s.facts, s.at); err != nil {
		return err
	}
	return a.emit(append(envelopes, acceptance)...)
}

func (a *access) acceptance(s *submission) (emission, error) {
	own, err := a.identifier(s.at)
	return emission{
		draft: compose.Acceptance(a.identity, s.facts, s.at, own),
		facts: s.facts, event: journal.Acceptance, to: []string{s.t.ReversePath}, deposit: true,
		related: []string{"<" + s.facts.Identifier + ">"},
	}, err
}

// envelopes are the transport envelopes of a submission: one, for all.
func (a *access) envelopes(s *submission) ([]emission, error) {
	var list []emission
	for i, to := range a.split(a.addressees(s)) {
		facts := s.facts
		if i > 0 {
			var err error
			if facts.Identifier, err = a.identifier(s.at); err != nil {
				return nil, err
			}
		}
		original := compose.RewriteTraced(a.trace(s), s.octets, facts.Identifier)
		list = append(list, emission{
			draft: compose.TransportEnvelope(a.identity, facts, s.at, original, compose.Inherited(original, false)),
			facts: facts, event: journal.Envelope, to: to, reversePath: s.t.ReversePath,
		})
	}
	return list, nil
}

// trace is what the access point writes on top of the submitted message:
// Return-Path and Received, and a Date where the user gave none (RFC 6409 8.2).
func (a *access) trace(s *submission) []byte {
	protocol := "ESMTPA"
	if s.t.TLS {
		protocol = "ESMTPSA"
	}
	host := s.t.Peer.Address
	if i := strings.LastIndexByte(host, ':'); i > 0 {
		host = host[:i]
	}
	var out bytes.Buffer
	date := clockDate(s.at)
	fmt.Fprintf(&out, "Return-Path: <%s>\r\n", s.t.ReversePath)
	fmt.Fprintf(&out, "Received: from %s ([%s])\r\n\tby %s with %s;\r\n\t%s\r\n", helloName(s.t.Hello), host, a.c.Hostname, protocol, date)
	if !s.entity.Has("Date") {
		fmt.Fprintf(&out, "Date: %s\r\n", date)
	}
	return out.Bytes()
}

// clockDate is a date in the form of RFC 5322, in legal time.
func clockDate(at time.Time) string {
	return at.In(pec.Zone()).Format("Mon, 02 Jan 2006 15:04:05 -0700")
}

// helloName is what a client called itself, made fit for a header: it is the
// client's word and may be anything.
func helloName(name string) string {
	fit := strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7F && !strings.ContainsRune("()<>;\\\"", r) {
			return r
		}
		return -1
	}, name)
	if fit == "" {
		return "unknown"
	}
	return fit[:min(len(fit), 255)]
}

// distinct leaves out repeated addresses: RCPT TO may name one twice.
func distinct(list []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, address := range list {
		if key := strings.ToLower(address); !seen[key] {
			seen[key] = true
			out = append(out, address)
		}
	}
	return out
}

// isolate puts an infected message into the special store (RFC 6109 3.1.3, 3.2.3).
func (p *Provider) isolate(octets []byte, i store.Infected, facts compose.Facts) error {
	if p.throwsAway() {
		return nil
	}
	if err := p.c.Store.Isolate(p.kept(octets), i); err != nil {
		return err
	}
	return p.log(journal.Entry{
		At: i.At, Event: journal.Quarantined, MessageID: facts.ClientMessageID, Identifier: facts.Identifier,
		Sender: facts.Sender, Recipients: addresses(facts.Recipients), Subject: rawmime.DecodeWords(facts.Subject), Issuer: p.identity.Name, Detail: i.Found,
	})
}
