package provider

import (
	"context"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/smtp"
	"github.com/collaudo/collaudo/simulator/store"
)

// incoming is the incoming point (RFC 6109 3.2): the one door in, for other
// providers and for ordinary mail alike.
type incoming struct{ *Provider }

// Mail takes any reverse path, the null one included.
func (in *incoming) Mail(_ context.Context, t smtp.Transaction, _ int64) error { return in.admits(t) }

// Recipient relays nothing. An unknown mailbox is refused here to ordinary
// senders only: from a certified mail domain an envelope may be coming, for
// which the rules have their own answer (RFC 6109 3.3.3).
func (in *incoming) Recipient(_ context.Context, t smtp.Transaction, address string) error {
	switch {
	case !in.manages(address):
		return smtp.Refuse(550, 5, 7, 1, "<"+address+">: no mail is relayed to other domains")
	case in.owns(address), in.trust.record(domainOf(t.ReversePath)) != nil && t.ReversePath != "":
		return nil
	case in.takesUnknown():
		return nil
	default:
		return smtp.Refuse(550, 5, 1, 1, "<"+address+">: no such mailbox")
	}
}

// Message classifies, refuses what policy refuses, and stores the rest before
// it is answered with 250; it is elaborated right after.
func (in *incoming) Message(ctx context.Context, t smtp.Transaction, octets []byte) error {
	if in.taken.Again(t.ReversePath, t.Recipients, octets) {
		return in.log(journal.Entry{
			At: in.now(), Event: journal.Repeated, Sender: t.ReversePath, Recipients: t.Recipients, Issuer: in.identity.Name,
			Detail: "taken before the restart, and sent again because the 250 was not heard",
		})
	}
	a, err := in.classify(ctx, t, octets, in.now())
	if err != nil {
		in.noteUnlooked(t, err)
		return err
	}
	in.untrusted(a)
	if a.class == ordinary || a.class == flawed && a.found == "" {
		if err := in.admit(a); err != nil {
			return err
		}
	}
	return in.arrivals.add(a) //nolint:contextcheck // it is elaborated when the session may be over
}

// admit decides about what can only be delivered inside an anomaly envelope.
func (in *incoming) admit(a *arrival) error {
	refuse := func(reply *smtp.Reply) error {
		in.note(journal.Entry{At: a.at, Event: journal.Refused, Sender: a.t.ReversePath, Recipients: a.t.Recipients, Detail: reply.Error()})
		return reply
	}
	if a.class == ordinary && a.found != "" { // RFC 6109 3.2.3 speaks of providers' messages only
		return refuse(smtp.Refuse(554, 5, 7, 0, "The message holds a virus ("+a.found+")"))
	}
	if a.class == ordinary && in.c.Policy.Ordinary == RefuseOrdinary {
		return refuse(smtp.Refuse(554, 5, 7, 1, "Ordinary mail is not accepted here"))
	}
	var last *smtp.Reply
	for _, r := range a.t.Recipients {
		if last = in.obstacle(r, int64(len(a.octets))); last == nil || in.takesUnknown() {
			return nil // one mailbox that can take it is enough; the others are told apart later
		}
	}
	if last == nil {
		return nil
	}
	return refuse(last)
}

// obstacle is why a message cannot be put into the mailbox of the address; nil
// when it can.
func (p *Provider) obstacle(address string, size int64) *smtp.Reply {
	account, ok := p.user(address)
	if !ok {
		return smtp.Refuse(550, 5, 1, 1, "<"+address+">: no such mailbox")
	}
	if reply := p.inactive(account.Address, address); reply != nil {
		return reply
	}
	held, quota, err := p.c.Store.Usage(account.Address)
	if err != nil || quota > 0 && held+size > quota {
		return smtp.Refuse(552, 5, 2, 2, "<"+address+">: the mailbox is full")
	}
	return nil
}

// elaborate does what the class of an arrival asks for.
func (p *Provider) elaborate(a *arrival) error {
	if a.found != "" && !p.letsInfectedIn(a) {
		return p.infected(a)
	}
	switch a.class {
	case envelope:
		if err := p.takeInCharge(a); err != nil {
			return err
		}
		return p.deliver(a)
	case flawed:
		if p.dropsFlawed(a) {
			return nil
		}
		return p.anomaly(a)
	case userReceipt:
		return p.passOn(a)
	case providerNotice:
		return p.serviceNotice(a)
	default:
		return p.anomaly(a)
	}
}

// takeInCharge sends the one receipt for this SMTP transaction to the provider
// whose certificate signed the envelope (RFC 6109 3.2.1). An envelope that
// comes again has one again: each transaction that was answered with 250 has its
// receipt, and the sender may not have had the first.
func (p *Provider) takeInCharge(a *arrival) error {
	if !p.charges(a) {
		return nil
	}
	id, err := p.identifier(a.at)
	if err != nil {
		return err
	}
	facts := a.facts()
	return p.emit(emission{
		draft: compose.TakenInCharge(p.identity, facts, a.at, id, distinct(a.t.Recipients), a.mailReceipt()),
		facts: facts, event: journal.TakenInCharge, to: []string{a.mailReceipt()}, issuer: a.issuer(),
	})
}

// mailReceipt is the service mailbox of the provider that signed. It is only
// missing where a fault let an unknown signer pass.
func (a *arrival) mailReceipt() string {
	if a.signer != nil && a.signer.MailReceipt != "" {
		return a.signer.MailReceipt
	}
	return a.from()
}

// issuer is the sending provider's name.
func (a *arrival) issuer() string {
	switch {
	case a.message.Certification != nil && a.class != ordinary:
		return a.message.Certification.Issuer
	case a.signer != nil:
		return a.signer.ProviderName
	}
	return ""
}

// serviceNotice takes what another provider tells this one. It is kept in the
// service mailbox and never reaches a user, whatever address it came to.
func (p *Provider) serviceNotice(a *arrival) error {
	if err := p.keep(a); err != nil {
		return err
	}
	c := a.certification()
	if a.message.Kind == pec.TakenInCharge {
		return p.watch.taken(c.Identifier, p.answered(a, c.Reception))
	}
	return p.tellVirus(a)
}

// anomaly delivers what is not certified mail inside an anomaly envelope
// (RFC 6109 3.2.2). There are no receipts; a mailbox that cannot take it is
// reported as ordinary mail is, to the reverse path.
func (p *Provider) anomaly(a *arrival) error {
	facts := a.facts()
	if a.class == flawed { // its data prove nothing: what is told is what SMTP and the header say
		plain := *a
		plain.class, plain.known = ordinary, nil
		facts = plain.facts()
	}
	var to []string
	failed := map[string]*smtp.Reply{}
	for _, r := range distinct(a.t.Recipients) {
		if reply := p.obstacle(r, int64(len(a.octets))); reply != nil {
			told, err := p.noticeForOrdinary(a, facts, r, failureOf(reply))
			if err != nil {
				return err
			}
			if !told {
				failed[r] = reply
			}
			continue
		}
		to = append(to, r)
	}
	to = p.some("anomaly-first-recipient-only", to)
	if len(failed) > 0 {
		if err := p.bounce(a.t.ReversePath, a.octets, failed, a.at); err != nil {
			return err
		}
	}
	if len(to) == 0 {
		return nil
	}
	if err := p.besidesAnomaly(a, facts, to); err != nil {
		return err
	}
	if p.wrapsNothing() {
		return p.unwrapped(a, to)
	}
	draft := compose.AnomalyEnvelope(p.identity, facts, a.at, a.octets, compose.Inherited(a.octets, true), a.reason)
	if draft.Value("Message-ID") == "" {
		id, err := p.identifier(a.at)
		if err != nil {
			return err
		}
		draft.Add("Message-ID", "<"+id+">")
	}
	return p.emit(emission{
		draft: draft, facts: facts, event: journal.Anomaly, to: to, reversePath: a.t.ReversePath,
		deposit: true, issuer: a.issuer(), detail: a.reason,
	})
}

// unwrapped puts ordinary mail into mailboxes as it came.
func (p *Provider) unwrapped(a *arrival, to []string) error {
	for _, r := range to {
		m := store.Message{Received: a.at, Trace: store.Trace{ReversePath: a.t.ReversePath, Recipient: r}}
		if _, err := p.c.Store.Append(r, store.Inbox, a.octets, m, true); err != nil {
			return err
		}
	}
	return nil
}

// stored notes in the journal that a message was put into a mailbox as it came.
func (p *Provider) stored(a *arrival, mailbox string) { p.storedAt(a, mailbox, a.at) }

func (p *Provider) storedAt(a *arrival, mailbox string, at time.Time) {
	facts := a.facts()
	event := journal.Stored
	if a.class != envelope {
		event = journal.ReceiptArrived
	}
	p.note(journal.Entry{
		At: at, Event: event, MessageID: facts.ClientMessageID, Identifier: facts.Identifier,
		Sender: facts.Sender, Recipients: []string{mailbox}, Subject: rawmime.DecodeWords(facts.Subject),
		Related: []string{a.message.Root.Value("Message-ID")}, Issuer: a.issuer(), Detail: a.message.Kind.String(),
	})
}
