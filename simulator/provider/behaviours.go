package provider

import (
	"bytes"
	"context"
	"crypto/tls"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/relay"
)

// The named behaviours: what a faulty provider does that no alteration of a
// message can express. Each is one method here that the flow goes through;
// without faults it gives back what it was given.

// certified is the label of a recipient: whether its domain is in the directory.
func (p *Provider) certified(address string) bool {
	return p.c.Faults.On("label-all-certified") || p.listed(address)
}

// returnPath is the reverse path of an emission: the service address for
// receipts and notices.
func (p *Provider) returnPath(e emission) string {
	switch {
	case e.draft.Kind == pec.TransportEnvelope && p.c.Faults.On("envelope-reverse-path-service"):
		return p.identity.ServiceAddress
	case e.reversePath == "" && p.c.Faults.On("receipts-reverse-path-of-user"):
		return e.facts.Sender
	case e.reversePath == "":
		return p.identity.ServiceAddress
	}
	return e.reversePath
}

// despiteRefusal is what leaves although the access point refused: nothing.
func (a *access) despiteRefusal(s *submission) ([]emission, error) {
	var list []emission
	if a.c.Faults.On("acceptance-despite-refusal") {
		acceptance, err := a.acceptance(s)
		if err != nil {
			return nil, err
		}
		list = append(list, acceptance)
	}
	if a.c.Faults.On("envelope-despite-refusal") {
		envelopes, err := a.envelopes(s)
		if err != nil {
			return nil, err
		}
		list = append(list, envelopes...)
	}
	return list, nil
}

// addressees are the SMTP recipients of the envelope: all of the submission's.
func (a *access) addressees(s *submission) []string {
	if !a.c.Faults.On("envelope-not-to-ordinary") {
		return s.recipients
	}
	var certified []string
	for _, r := range s.facts.Recipients {
		if r.Certified {
			certified = append(certified, r.Address)
		}
	}
	return certified
}

// split says how the recipients share envelopes: all have the same one.
func (a *access) split(recipients []string) [][]string {
	if len(recipients) == 0 {
		return nil
	}
	if !a.c.Faults.On("envelope-per-recipient") {
		return [][]string{recipients}
	}
	var each [][]string
	for _, r := range recipients {
		each = append(each, []string{r})
	}
	return each
}

// transport is how the relay reaches other hosts: over TLS, always to providers.
func (p *Provider) transport(o relay.Options) relay.Options {
	switch {
	case p.c.Faults.On("relay-in-clear"):
		o.TLS, o.Routes = nil, clearRoutes{o.Routes}
	case p.c.Faults.On("relay-falls-back-to-clear"):
		o.FallBack = true
	case p.c.Faults.On("relay-gives-up-at-once"):
		o.Lifetime = time.Nanosecond
	case p.c.Faults.On("relay-gives-up-after-an-hour"):
		o.Lifetime = time.Hour
	case p.c.Faults.On("relay-retries-for-ever"):
		o.Lifetime = 365 * 24 * time.Hour
	case p.c.Faults.On("relay-retries-refusals"):
		o.Stubborn = true
	}
	return o
}

// wantsAccount and takesClearPasswords are what the access point asks of a
// client: a login, and that over TLS only.
func (p *Provider) wantsAccount() bool        { return !p.c.Faults.On("accept-unauthenticated") }
func (p *Provider) takesClearPasswords() bool { return p.c.Faults.On("accept-clear-auth") }

type clearRoutes struct{ relay.Routes }

func (c clearRoutes) Route(domain string) (relay.Route, bool) {
	route, ok := c.Routes.Route(domain)
	route.Provider = false
	return route, ok
}

// Resolve implements relay.Asking, whichever sort the routes are of.
func (c clearRoutes) Resolve(ctx context.Context, domain string) ([]relay.Route, error) {
	found, err := relay.Resolve(ctx, c.Routes, domain)
	for i := range found {
		found[i].Provider = false
	}
	return found, err
}

// starttls is the TLS configuration that the incoming point announces.
func (p *Provider) starttls(c *tls.Config) *tls.Config {
	if p.c.Faults.On("no-starttls") {
		return nil
	}
	return c
}

// some is whom something is done for: every recipient, unless the behaviour
// stops at the first.
func (p *Provider) some(behaviour string, recipients []string) []string {
	if len(recipients) > 1 && p.c.Faults.On(behaviour) {
		return recipients[:1]
	}
	return recipients
}

// intoMailbox are the octets that the delivery point stores: those received.
func (p *Provider) intoMailbox(a *arrival) []byte {
	if !p.c.Faults.On("alter-on-delivery") {
		return a.octets
	}
	body := a.message.Root.BodyStart
	altered := bytes.Clone(a.octets[:body:body])
	return append(altered, bytes.Replace(a.octets[body:], []byte("messaggio"), []byte("Messaggio"), 1)...)
}

// receiptType is the type of receipt asked for: what the envelope says.
func (p *Provider) receiptType(a *arrival, facts compose.Facts) compose.Facts {
	if p.c.Faults.On("receipt-type-of-original") && a.message.Original != nil {
		facts.ReceiptType = compose.FactsOf(a.message.Original.Raw()).ReceiptType
	}
	return facts
}

// receiptForReceipt answers a receipt that was passed on: never.
func (p *Provider) receiptForReceipt(a *arrival) error {
	if !p.c.Faults.On("receipt-for-receipt") {
		return nil
	}
	facts := a.facts()
	id, err := p.identifier(a.at)
	if err != nil || !p.owns(facts.Sender) {
		return err
	}
	draft, err := compose.Delivery(p.identity, facts, a.at, id, facts.Sender, false, nil)
	if err != nil {
		return err
	}
	// Put down directly: sent by SMTP it would be answered again, for ever.
	return p.emit(emission{draft: draft, facts: facts, event: journal.Delivery, to: []string{facts.Sender}, deposit: true})
}

// besidesAnomaly is what a provider sends besides an anomaly envelope: nothing.
func (p *Provider) besidesAnomaly(a *arrival, facts compose.Facts, delivered []string) error {
	charge, receipt := p.c.Faults.On("taken-in-charge-of-anomaly"), p.c.Faults.On("receipt-for-anomaly")
	if !charge && !receipt || len(delivered) == 0 || facts.Sender == "" {
		return nil
	}
	var err error
	if facts.Identifier, err = p.identifier(a.at); err != nil {
		return err
	}
	var list []emission
	if charge {
		id, err := p.identifier(a.at)
		if err != nil {
			return err
		}
		list = append(list, emission{
			draft: compose.TakenInCharge(p.identity, facts, a.at, id, delivered, a.mailReceipt()),
			facts: facts, event: journal.TakenInCharge, to: []string{a.mailReceipt()},
		})
	}
	if receipt {
		id, err := p.identifier(a.at)
		if err != nil {
			return err
		}
		draft, err := compose.Delivery(p.identity, facts, a.at, id, delivered[0], false, nil)
		if err != nil {
			return err
		}
		list = append(list, emission{draft: draft, facts: facts, event: journal.Delivery, to: []string{facts.Sender}})
	}
	return p.emit(list...)
}

// noticeForOrdinary tells the sender of ordinary mail by a notice of certified
// mail that it could not be delivered. It reports whether it did: ordinary
// senders are told as ordinary mail does.
func (p *Provider) noticeForOrdinary(a *arrival, facts compose.Facts, recipient string, failure compose.Failure) (bool, error) {
	if !p.c.Faults.On("non-delivery-of-ordinary") || facts.Sender == "" {
		return false, nil
	}
	var err error
	if facts.Identifier, err = p.identifier(a.at); err != nil {
		return false, err
	}
	id, err := p.identifier(a.at)
	if err != nil {
		return false, err
	}
	return true, p.emit(emission{
		draft: compose.NonDelivery(p.identity, facts, a.at, id, recipient, failure),
		facts: facts, event: journal.NonDelivery, to: []string{facts.Sender},
	})
}
