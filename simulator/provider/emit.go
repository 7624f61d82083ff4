package provider

import (
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/relay"
	"github.com/collaudo/collaudo/simulator/store"
)

// emission is a system message that is to leave.
type emission struct {
	draft *compose.Draft
	facts compose.Facts
	event string // of the journal

	to          []string // SMTP recipients
	reversePath string   // "" means the service address: receipts and notices
	// deposit puts it into the mailboxes of our own users at once: what the
	// access point and the deadlines tell their user. Everything else goes by
	// SMTP, also to ourselves, and comes in by the one door in.
	deposit bool

	faults  *faults.Set // that concern this message; emit finds them unless they are there
	issuer  string      // the sending provider of the transaction; ourselves when empty
	related []string    // further Message-IDs for the journal
	detail  string
}

// emit is the one door out: it composes, signs, journals and queues system
// messages, and faults act here. The messages of one call belong to one
// elaboration: all are sealed before the first leaves, and all of them leave or
// none; those that go by SMTP come before those that are put into mailboxes.
func (p *Provider) emit(list ...emission) error {
	sealed := make([][]byte, len(list))
	for i := range list {
		var err error
		list[i].faults = p.faultsOf(list[i])
		if sealed[i], err = p.seal(list[i].draft, list[i].faults); err != nil {
			return fmt.Errorf("compose a message (%s): %w", list[i].draft.Variant(), err)
		}
	}
	order := make([]int, 0, len(list))
	for _, deposits := range []bool{false, true} {
		for i := range list {
			if list[i].deposit == deposits {
				order = append(order, i)
			}
		}
	}
	return p.together(func(p *Provider) error {
		for _, i := range order {
			if err := p.record(list[i]); err != nil {
				return fmt.Errorf("note a message (%s): %w", list[i].draft.Variant(), err)
			}
			if err := p.dispatch(list[i], sealed[i]); err != nil {
				return fmt.Errorf("send a message (%s): %w", list[i].draft.Variant(), err)
			}
		}
		return nil
	})
}

// seal renders and signs a draft.
func (p *Provider) seal(d *compose.Draft, set *faults.Set) ([]byte, error) {
	if err := set.Draft(d); err != nil {
		return nil, err
	}
	content, err := d.Render()
	if err != nil {
		return nil, err
	}
	if len(content) > large { // the original is in there now: nobody needs it twice
		d.Original = nil
		runtime.GC()
	}
	content = set.Content(d, content)
	signer, err := set.Signer(d, p.c.Signer, p.variant)
	if err != nil {
		return nil, err
	}
	octets, err := d.Seal(content, signer)
	if err != nil {
		return nil, err
	}
	return set.Sealed(d, octets), nil
}

func (p *Provider) variant(name string) (*smime.Signer, error) {
	if p.c.Variant == nil {
		return nil, errors.New("this provider has no other signers")
	}
	return p.c.Variant(name)
}

// record writes the line of the journal.
func (p *Provider) record(e emission) error {
	issuer := e.issuer
	if issuer == "" {
		issuer = p.identity.Name
	}
	related := e.related
	if id := e.draft.Value("Message-ID"); id != "" {
		related = append([]string{id}, related...)
	}
	recipients := addresses(e.facts.Recipients)
	if e.draft.Recipient != "" {
		recipients = []string{e.draft.Recipient}
	}
	return p.log(journal.Entry{
		At: e.draft.At, Event: e.event, MessageID: e.facts.ClientMessageID,
		Identifier: e.facts.Identifier, Sender: e.facts.Sender, Recipients: recipients,
		Subject: rawmime.DecodeWords(e.facts.Subject), Related: related, Issuer: issuer, Detail: e.detail,
	})
}

// dispatch queues a sealed message as often, and to whom, as it is to go.
func (p *Provider) dispatch(e emission, octets []byte) error {
	plan := e.faults.Emission(e.draft)
	reversePath := p.returnPath(e)
	to, deposit := e.to, e.deposit && p.ownsAll(e.to) // a fault may have let a stranger in
	if other := p.named(plan.To, e.draft); other != "" {
		to, deposit = []string{other}, deposit && p.owns(other)
	}
	about, err := aboutOf(e)
	if err != nil {
		return err
	}
	if plan.Hold != "" && plan.Copies > 0 {
		return p.hold(held{Until: plan.Hold, To: to, ReversePath: reversePath, About: about, Deposit: deposit, Identifier: e.facts.Identifier, At: e.draft.At}, octets)
	}
	for range plan.Copies {
		if deposit && plan.Delay <= 0 {
			if err := p.deposit(to, reversePath, octets, e); err != nil {
				return err
			}
			continue
		}
		if err := p.relay.Submit(relay.Message{ReversePath: reversePath, Recipients: to, Octets: octets, About: about, After: plan.Delay}); err != nil {
			return err
		}
	}
	if deposit && plan.Copies > 0 && plan.Delay <= 0 {
		if err := p.followed(e.facts.Identifier, to); err != nil {
			return err
		}
	}
	if other := p.named(plan.Also, e.draft); other != "" {
		return p.relay.Submit(relay.Message{ReversePath: reversePath, Recipients: []string{other}, Octets: octets, About: about})
	}
	return nil
}

// named resolves a destination of a fault's plan; "" when the message has no
// such address.
func (p *Provider) named(name string, d *compose.Draft) string {
	switch name {
	case faults.ToReplyTo:
		if list, err := pec.ParseAddressList(d.ReplyTo); err == nil && len(list) > 0 {
			return list[0].String()
		}
	case faults.ToSender:
		return d.Sender
	case faults.ToRecipient:
		return d.Recipient
	case faults.ToService:
		return p.c.ServiceMailbox
	}
	return ""
}

// deposit puts a message into mailboxes of our own users. A full mailbox still
// takes what the provider itself has to tell.
func (p *Provider) deposit(to []string, reversePath string, octets []byte, e emission) error {
	for _, address := range to {
		m := store.Message{Received: e.draft.At, Trace: store.Trace{ReversePath: reversePath, Recipient: address}}
		if _, err := p.c.Store.Append(p.mailboxOf(address), store.Inbox, octets, m, true); err != nil {
			return err
		}
	}
	return nil
}

func (p *Provider) ownsAll(list []string) bool {
	return !slices.ContainsFunc(list, func(address string) bool { return !p.owns(address) })
}

// owns tells whether the address has a mailbox here.
func (p *Provider) owns(address string) bool {
	return p.exists(p.mailboxOf(address))
}

func addresses(recipients []compose.Recipient) []string {
	list := make([]string, len(recipients))
	for i, r := range recipients {
		list[i] = r.Address
	}
	return slices.Clip(list)
}
