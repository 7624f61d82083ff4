package provider

import (
	"errors"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/store"
)

// Reasons for a failed delivery (RFC 6109 3.3.3).
var (
	unknownMailbox = compose.Failure{Error: "no-dest", Reason: compose.Reason{Code: "5.1.1", Text: "indirizzo non valido"}}
	fullMailbox    = compose.Failure{Error: "altro", Reason: compose.Reason{Code: "5.2.2", Text: "la casella del destinatario è piena"}}
	otherFailure   = compose.Failure{Error: "altro", Reason: compose.Reason{Code: "5.3.0", Text: "la casella del destinatario non può ricevere il messaggio"}}
)

// deliver is the delivery point (RFC 6109 3.3) for a correct envelope: into
// the mailbox unaltered, then the receipt; or the notice that it could not be.
// Receipts go to the reverse path, never to Reply-To.
func (p *Provider) deliver(a *arrival) error {
	facts := p.receiptType(a, a.facts())
	sender := a.t.ReversePath
	if sender == "" {
		sender = facts.Sender
	}
	var errs []error
	told := map[string]bool{}
	for _, r := range p.some("delivery-first-recipient-only", distinct(a.t.Recipients)) {
		told[r] = true
	}
	for _, r := range distinct(a.t.Recipients) {
		draft, event, err := p.deliverTo(a, facts, r)
		if err == nil && (told[r] || event != journal.Delivery) {
			err = p.emit(emission{draft: draft, facts: facts, event: event, to: []string{sender}, issuer: a.issuer()})
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// deliverTo puts the envelope into one mailbox and composes what the sender is
// told of it, with one instant for both.
func (p *Provider) deliverTo(a *arrival, facts compose.Facts, recipient string) (*compose.Draft, string, error) {
	at := p.now()
	id, err := p.identifier(at)
	if err != nil {
		return nil, "", err
	}
	fail := func(f compose.Failure) (*compose.Draft, string, error) {
		return compose.NonDelivery(p.identity, facts, at, id, recipient, f), journal.NonDelivery, nil
	}
	account, ok := p.user(recipient)
	if !ok {
		return fail(unknownMailbox)
	}
	m := store.Message{Received: at, Trace: store.Trace{ReversePath: a.t.ReversePath, Recipient: recipient}}
	if !p.c.Faults.On("receipt-without-delivery") {
		_, err = p.c.Store.Append(account.Address, store.Inbox, p.intoMailbox(a), m, false)
	}
	switch {
	case errors.Is(err, store.ErrQuota) && p.c.Faults.On("full-mailbox-delivered"):
	case errors.Is(err, store.ErrQuota):
		return fail(fullMailbox)
	case err != nil:
		return fail(otherFailure)
	}
	p.stored(a, account.Address)
	var original []byte
	if a.message.Original != nil {
		original = a.message.Original.Raw()
	}
	primary := p.c.Faults.Check("delivery/primary", compose.Primary(a.octets, recipient))
	draft, err := compose.Delivery(p.identity, facts, at, id, recipient, primary, original)
	return draft, journal.Delivery, err
}

// passOn puts a correct receipt into the user's mailbox as it came, without
// any receipt for it. A full mailbox still takes it: it is the proof that the
// user is waiting for.
func (p *Provider) passOn(a *arrival) error {
	var errs []error
	for _, r := range distinct(a.t.Recipients) {
		account, ok := p.user(r)
		if !ok {
			p.journal.Append(journal.Entry{
				At: a.at, Event: journal.Discarded, Sender: a.t.ReversePath, Recipients: []string{r},
				Identifier: a.message.Certification.Identifier, Issuer: a.issuer(), Detail: a.message.Kind.String() + " for a mailbox that does not exist",
			})
			continue
		}
		m := store.Message{Received: a.at, Trace: store.Trace{ReversePath: a.t.ReversePath, Recipient: r}}
		if _, err := p.c.Store.Append(account.Address, store.Inbox, a.octets, m, true); err != nil {
			errs = append(errs, err)
			continue
		}
		p.stored(a, account.Address)
	}
	errs = append(errs, p.receiptForReceipt(a))
	c := a.message.Certification
	if k := a.message.Kind; k == pec.Delivery || k == pec.NonDelivery {
		errs = append(errs, p.watch.closed(c.Identifier, c.Delivery))
	}
	return errors.Join(errs...)
}
