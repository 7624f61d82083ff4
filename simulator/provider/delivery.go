package provider

import (
	"errors"
	"time"

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
	var errs []error
	told := map[string]bool{}
	for _, r := range p.some("delivery-first-recipient-only", distinct(a.t.Recipients)) {
		told[r] = true
	}
	for _, r := range distinct(a.t.Recipients) {
		errs = append(errs, p.together(func(p *Provider) error { return p.deliverOnce(a, facts, r, told[r]) }))
	}
	return errors.Join(errs...)
}

// deliverOnce delivers to one recipient and tells the sender, unless that was
// done before: the same envelope may come again, when the sender did not hear
// our 250 or when work is taken up again. Half of it is then completed, with the
// instant of the delivery itself.
func (p *Provider) deliverOnce(a *arrival, facts compose.Facts, recipient string, tell bool) error {
	key := outcomeKey(a, outcomeDelivery, recipient)
	known, err := p.outcome(key)
	if err != nil {
		return err
	}
	if known != nil && known.Told {
		p.note(journal.Entry{
			At: a.at, Event: journal.Repeated, MessageID: facts.ClientMessageID, Identifier: facts.Identifier,
			Sender: facts.Sender, Recipients: []string{recipient}, Issuer: a.issuer(),
		})
		if !p.repeatsReceipts() {
			return nil
		}
	}
	done := outcome{At: p.now()}
	if known != nil {
		done = *known
	}
	failure, err := p.intoMailboxOf(a, key, recipient, &done)
	if err != nil {
		return err
	}
	e, err := p.receiptFor(a, facts, recipient, failure, done.At)
	if err == nil && (tell || e.event != journal.Delivery) {
		err = p.emit(e)
	}
	if err != nil {
		return err
	}
	done.Told = true
	return p.keepOutcome(key, done)
}

// receiptFor is what the sender is told of a delivery, or of its failure.
func (p *Provider) receiptFor(a *arrival, facts compose.Facts, recipient string, failure *compose.Failure, at time.Time) (emission, error) {
	e := emission{facts: facts, to: []string{a.t.ReversePath}, issuer: a.issuer()}
	if a.t.ReversePath == "" {
		e.to = []string{facts.Sender}
	}
	id, err := p.identifier(at)
	if err != nil {
		return e, err
	}
	if failure != nil {
		e.draft, e.event = compose.NonDelivery(p.identity, facts, at, id, recipient, *failure), journal.NonDelivery
		return e, nil
	}
	var original []byte
	if a.message.Original != nil {
		original = a.message.Original.Raw()
	}
	e.event = journal.Delivery
	e.draft, err = compose.Delivery(p.identity, facts, at, id, recipient, p.primary(a, recipient), original)
	return e, err
}

// intoMailboxOf puts the envelope into one mailbox, unless it is there already,
// and keeps that it is. It returns why it cannot be delivered, nil when it was.
func (p *Provider) intoMailboxOf(a *arrival, key, recipient string, done *outcome) (*compose.Failure, error) {
	if done.Stored {
		return nil, nil
	}
	account, ok := p.user(recipient)
	if !ok {
		return &unknownMailbox, nil
	}
	if failure := p.hindrance(a, recipient); failure != nil {
		return failure, nil
	}
	if failure := p.cannotReceive(account.Address); failure != nil {
		return failure, nil
	}
	octets := p.intoMailbox(a)
	m := store.Message{Received: done.At, Body: a.hashOf(octets), Trace: store.Trace{ReversePath: a.t.ReversePath, Recipient: recipient}}
	switch err := p.putDown(account.Address, octets, m); {
	case errors.Is(err, store.ErrQuota):
		return &fullMailbox, nil
	case err != nil:
		return &otherFailure, nil //nolint:nilerr // the sender is told, which is what can be done
	}
	done.Stored = true
	p.storedAt(a, account.Address, done.At)
	return nil, p.keepOutcome(key, *done)
}

// passOn puts a correct receipt into the user's mailbox as it came, without
// any receipt for it, whether we know what it is about or not. A full mailbox
// still takes it: it is the proof that the user is waiting for.
func (p *Provider) passOn(a *arrival) error {
	var errs []error
	c := a.certification()
	for _, r := range distinct(a.t.Recipients) {
		account, ok := p.user(r)
		if !ok || p.dropsReceipt(c.Identifier, a.at) {
			p.note(journal.Entry{
				At: a.at, Event: journal.Discarded, Sender: a.t.ReversePath, Recipients: []string{r},
				Identifier: c.Identifier, Issuer: a.issuer(), Detail: a.message.Kind.String() + " for a mailbox that does not exist",
			})
			continue
		}
		octets := p.passedOn(a)
		m := store.Message{Received: a.at, Body: a.hashOf(octets), Trace: store.Trace{ReversePath: a.t.ReversePath, Recipient: r}}
		if _, err := p.c.Store.Append(account.Address, store.Inbox, octets, m, true); err != nil {
			errs = append(errs, err)
			continue
		}
		p.stored(a, account.Address)
	}
	errs = append(errs, p.receiptForReceipt(a), p.besidesReceipt(a))
	if k := a.message.Kind; k == pec.Delivery || k == pec.NonDelivery {
		errs = append(errs, p.close(a, c.Delivery))
	}
	return errors.Join(errs...)
}

// close ends the wait for a recipient, on the word of a correct receipt.
func (p *Provider) close(a *arrival, recipient string) error {
	if len(p.answered(a, []string{recipient})) == 0 {
		return nil
	}
	return p.watch.closed(a.certification().Identifier, recipient, a.message.Kind)
}

// answered are those of the recipients for whom the provider that signed can
// answer: those of its own domains. Of a domain that has left the directory
// anybody's word is taken.
func (p *Provider) answered(a *arrival, recipients []string) []string {
	var own []string
	for _, r := range recipients {
		record := p.trust.record(domainOf(r))
		if a.signer == nil || record == nil || record.ProviderName == a.signer.ProviderName {
			own = append(own, r)
		}
	}
	return own
}
