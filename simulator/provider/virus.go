package provider

import (
	"strings"

	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/store"
)

// infected keeps the message and tells the provider that signed it, recipient
// by recipient. Nothing is delivered (RFC 6109 3.2.3).
func (p *Provider) infected(a *arrival) error {
	facts := a.facts()
	if a.class != envelope { // it is about itself: what it says of another message has gone nowhere
		said := facts
		facts = a.headerFacts()
		if said.Identifier != "" {
			facts.Identifier, facts.ClientMessageID = said.Identifier, said.ClientMessageID
		}
	}
	err := p.isolate(a.octets, store.Infected{
		At: a.at, Found: a.found, Where: "incoming",
		Trace: store.Trace{ReversePath: a.t.ReversePath, Recipient: strings.Join(a.t.Recipients, ", ")},
	}, facts)
	if err != nil {
		return err
	}
	if facts.Identifier == "" { // not even that: it gets a name of ours
		if facts.Identifier, err = p.identifier(a.at); err != nil {
			return err
		}
	}
	var notices []emission
	for _, r := range p.some("virus-detection-first-only", distinct(a.t.Recipients)) {
		if told, err := p.once(a, outcomeVirus, r); told || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		id, err := p.identifier(a.at)
		if err != nil {
			return err
		}
		notices = append(notices, emission{
			draft: compose.VirusDetection(p.identity, facts, a.at, id, r, a.found, a.mailReceipt()),
			facts: facts, event: journal.Virus, to: []string{a.mailReceipt()}, issuer: a.issuer(), detail: a.found,
		})
	}
	return p.emit(notices...)
}

// tellVirus turns another provider's virus detection into the notice for our
// user (RFC 6109 3.2.4): once, also when it is told twice.
func (p *Provider) tellVirus(a *arrival) error {
	facts := a.facts()
	c := a.certification()
	sender, ok := p.user(facts.Sender)
	if !ok {
		return nil // it speaks of nobody here: the service mailbox holds it
	}
	if told, err := p.once(a, outcomeVirusTold, c.Delivery); told || err != nil {
		return err
	}
	if err := p.close(a, c.Delivery); err != nil {
		return err
	}
	id, err := p.identifier(a.at)
	if err != nil {
		return err
	}
	return p.emit(emission{
		draft: compose.NonDeliveryVirus(p.identity, facts, a.at, id, c.Delivery, foundIn(c.ExtendedError)),
		facts: facts, event: journal.NonDelivery, to: []string{sender.Address}, deposit: true, detail: c.ExtendedError,
	})
}

// foundIn reads the name of a virus out of the words in which the simulated
// providers put it; other words are passed on whole.
func foundIn(extended string) string {
	_, rest, ok := strings.Cut(extended, "presenza di un virus (")
	if !ok || !strings.HasSuffix(rest, ")") {
		return extended
	}
	return strings.TrimSuffix(rest, ")")
}
