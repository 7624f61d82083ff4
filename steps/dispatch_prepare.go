package steps

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/fixtures"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// prepareDispatch works a message out that answers nothing.
func (w *World) prepareDispatch(o dispatchOrder) (*dispatching, error) {
	kind, err := dispatchKindOf(o.kind)
	if err != nil {
		return nil, err
	}
	damage, err := damageOf(o.damage, kind)
	if err != nil {
		return nil, err
	}
	peer, user, err := w.speaker(o.sender)
	if err != nil {
		return nil, err
	}
	to, err := w.target.people(o.to)
	if err != nil {
		return nil, err
	}
	cc, err := w.target.people(o.cc)
	if err != nil {
		return nil, err
	}
	at := w.now().Truncate(time.Second)
	b := &blueprint{template: kind.template, damage: damage, encloses: kind.encloses, at: at}
	f := &b.facts
	f.setPeer(peer)
	f.setTime(at)
	f.identifiers(w.token(), at)
	f.setSubject("prova " + f.Token)
	if kind.envelope {
		err = w.envelopeFacts(f, user, to, cc, damage)
	} else {
		err = w.strangerFacts(f, kind, user, to)
	}
	if err != nil {
		return nil, err
	}
	d, err := w.finishDispatch(b, kind, peer)
	if err != nil {
		return nil, err
	}
	d.record.Token = f.Token
	if o.sender == "" {
		d.record.Peer, d.hello = "", w.target.hostName()
	}
	if d.envelope = addresses(to, cc); len(d.envelope) == 0 {
		return nil, errors.New("a message is sent to nobody")
	}
	return d, nil
}

// speaker is the peer of a user, and the user. The ordinary host speaks in the
// name of the first peer: what it sends is a look-alike.
func (w *World) speaker(actor string) (*Peer, *PeerUser, error) {
	if actor != "" {
		peer, user := w.target.peerUser(actor)
		if peer == nil {
			return nil, nil, fmt.Errorf("the target gives the harness no provider to play with a user %q: add one under `peers`", actor)
		}
		return peer, user, nil
	}
	if len(w.target.Peers) == 0 || len(w.target.Peers[0].Users) == 0 {
		return nil, nil, errors.New("the target gives the harness no provider to play: add one under `peers`")
	}
	return &w.target.Peers[0], &w.target.Peers[0].Users[0], nil
}

// envelopeFacts are those of a message that a user of the peer sends.
func (w *World) envelopeFacts(f *facts, user *PeerUser, to, cc []person, damage fixtures.Damage) error {
	writer := person{address: user.Address, name: displayName(Party(user.Actor), &Mailbox{})}
	f.Sender, f.ReplyTo, f.Writer = user.Address, user.Address, mailbox(writer)
	f.ReceiptType, f.InnerReceiptType = damage.Receipts.Outer, damage.Receipts.Inner
	if damage.Listed != "" {
		listed, err := w.target.people(damage.Listed)
		if err != nil {
			return err
		}
		to, cc = listed, nil
	}
	f.To, f.Cc = mailboxes(to), mailboxes(cc)
	f.Recipients = w.target.labels(addresses(to, cc))
	if damage.Address != "" {
		// Expanded here, not by the template: the original has it too.
		f.To, f.Cc = strings.ReplaceAll(damage.Address, "{{.Host}}", f.Host), ""
	}
	f.OriginalTo = f.To
	return nil
}

// strangerFacts are those of a receipt or notice about a message that the
// target has never seen: written by whom it goes to, for the peer's user.
func (w *World) strangerFacts(f *facts, kind dispatchKind, user *PeerUser, to []person) error {
	if len(to) != 1 {
		return fmt.Errorf("a %s is sent to one recipient, not to %d", kind.words, len(to))
	}
	writer := to[0]
	if kind.service && writer.mailbox != nil && writer.mailbox.Role == evidence.ServiceMailbox {
		i := slices.IndexFunc(w.target.Mailboxes, func(m Mailbox) bool {
			return m.Provider == writer.mailbox.Provider && m.Role == evidence.UserMailbox
		})
		if i < 0 {
			return fmt.Errorf("the target names no user of %s", writer.mailbox.Provider)
		}
		writer = person{address: w.target.Mailboxes[i].Address}
	}
	f.Sender, f.ReplyTo, f.Writer = writer.address, writer.address, mailbox(writer)
	f.Identifier = "mai-visto." + f.Identifier[:strings.IndexByte(f.Identifier, '@')+1] + domainOf(writer.address)
	f.Recipients = w.target.labels([]string{user.Address})
	f.About, f.Covered, f.OriginalTo = user.Address, []string{user.Address}, user.Address
	f.To = to[0].address
	return nil
}

// finishDispatch makes the octets and what evidence says of them.
func (w *World) finishDispatch(b *blueprint, kind dispatchKind, peer *Peer) (*dispatching, error) {
	var err error
	if b.signer, err = w.signerFor(peer, b.damage.Signer); err != nil {
		return nil, err
	}
	d := &dispatching{hello: domainOf(peer.ServiceAddress), infected: strings.HasPrefix(b.damage.Body, "infected")}
	if d.octets, err = b.make(); err != nil {
		return nil, err
	}
	f := &b.facts
	d.record = evidence.Dispatch{
		Peer: peer.Name, Template: kind.template, Damage: b.damage.ID,
		Intent:     w.intentOf(b.damage, b.signer),
		Identifier: f.Identifier, ReversePath: f.Service, Recipient: f.About,
	}
	if kind.envelope {
		d.record.ReversePath = f.Sender
	}
	if d.infected {
		d.record.Infected = "EICAR"
	}
	switch kind.template {
	case "delivery-status":
		d.record.ReversePath, d.record.Identifier = "", ""
	case "signed-mail":
		d.record.Identifier, d.record.Recipient = "", ""
	}
	entity, err := rawmime.Parse(d.octets, rawmime.Limits{})
	if err != nil {
		return nil, fmt.Errorf("peer template %s does not read: %w", kind.template, err)
	}
	d.record.MessageID, d.from = entity.Value("Message-ID"), entity.Value("From")
	if b.encloses && f.Original != "" && (len(b.damage.Parts) == 0 || slices.Contains(b.damage.Parts, partOriginal)) {
		if d.record.Original, err = w.recorder.Keep(evidence.Sent, []byte(f.Original), d.infected); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// signerFor finds whose certificate signs; "other" is the correct one of
// another peer.
func (w *World) signerFor(peer *Peer, name string) (*PeerSigner, error) {
	switch name {
	case "":
		name = correctSigner
	case "other":
		i := slices.IndexFunc(w.target.Peers, func(p Peer) bool { return p.Name != peer.Name })
		if i < 0 {
			return nil, errors.New("the target gives the harness one provider only: there is no other to sign with")
		}
		peer, name = &w.target.Peers[i], correctSigner
	}
	signer, err := peer.signer(name)
	return &signer, err
}
