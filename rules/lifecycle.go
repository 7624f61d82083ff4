package rules

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// The life of a message: what a submission lawfully leads to. It is worked out
// from what was submitted, from the directory and from the mailboxes of the
// world alone; what really came is compared with it in lifecycle_flaws.go.

// fate is how a message lawfully ends for one recipient.
type fate int

const (
	fateOpen      fate = iota // the evidence does not decide: any one end will do
	fateOrdinary              // ordinary mail: gets the envelope, no receipt follows
	fateDelivered             // a certified mailbox of the world
	fateFull                  // a certified mailbox of the world that is kept full
	fateUnknown               // a managed domain, where the world has no such mailbox
	fateInfected              // its provider's scanner knows the virus, the sender's does not
	fateEither                // a mailbox that is not active: delivery or non-delivery, as the provider chose, and one of them
)

// due is one recipient and what it is owed.
type due struct {
	Address   string
	Certified bool
	Provider  *evidence.Provider // of the world; nil when none manages the domain
	Fate      fate
}

// fullActors are the actors of mailboxes that the world keeps full.
var fullActors = []string{"Piena", "a full mailbox"}

// dues returns the recipients that the target accepted, each once, in order.
func (v *View) dues(t *Transaction) []due {
	return t.due.or(func() []due {
		var all []due
		for _, address := range t.handed() {
			d := due{Address: address, Certified: v.certifiedFor(t, address), Provider: v.Case.ProviderOf(address)}
			d.Fate = v.fateOf(t, d)
			all = append(all, d)
		}
		return all
	})
}

// addressees returns the accepted recipients, each once. An envelope of another
// provider also has recipients elsewhere.
func (t *Transaction) addressees() []string { return distinct(append(t.recipients(), t.handed()...)) }

// handed returns the recipients that the target answered for, each once.
func (t *Transaction) handed() []string {
	var all []string
	for _, r := range t.Recipients {
		if r.Reply.OK() {
			all = append(all, pec.BareAddress(r.Address))
		}
	}
	return distinct(all)
}

func (v *View) fateOf(t *Transaction, d due) fate {
	mailbox := v.Case.Mailbox(d.Address)
	switch {
	case t.Dispatch != nil && (d.Provider == nil || t.Accepted() && t.handedTo(d.Provider.Name, d.Address) == 0):
		return fateOpen // not for that provider to deliver
	case !d.Certified:
		return fateOrdinary
	case d.Provider == nil || d.Provider.Emitter != evidence.Target:
		return fateOpen
	case pec.SameAddress(d.Address, d.Provider.ServiceAddress), pec.SameAddress(d.Address, d.Provider.ServiceMailbox):
		return fateOpen
	case mailbox == nil && t.infectedFor(d.Provider):
		return fateOpen // the virus and the mailbox are both a reason
	case mailbox == nil:
		return fateUnknown
	case mailbox.Role != evidence.UserMailbox:
		return fateOpen
	case v.atState(t, d.Address) != nil:
		return v.fateByLife(t, d)
	case t.infectedFor(d.Provider):
		return fateInfected
	case lists(fullActors, mailbox.Actor):
		return fateFull
	default:
		return fateDelivered
	}
}

// infectedFor tells that the message carries a virus that this provider's
// scanner is told to know.
func (t *Transaction) infectedFor(p *evidence.Provider) bool {
	return t.Infected != "" && p != nil && (len(t.KnownTo) == 0 || slices.Contains(t.KnownTo, p.Name))
}

// entry is what the access point owes for a submission.
type entry int

const (
	entryOpen         entry = iota // the rules or the evidence do not decide
	entryAccepts                   // a conforming message: it must be accepted
	entryRefuses                   // formally wrong: it must be refused
	entryRefusesVirus              // infected, and the sender's scanner knows it
)

// entryOf returns what the access point owes, with the reason in words.
func (v *View) entryOf(t *Transaction) (entry, string) {
	if t.Dispatch != nil || t.Channel == evidence.IncomingPoint || t.Sent == nil {
		return entryOpen, "not a submission by a user that can be read"
	}
	if !t.Authenticated || t.Channel == evidence.SubmissionClear {
		return entryRefuses, "the sender did not authenticate over a secure channel"
	}
	if l := v.atState(t, t.Account); l != nil && l.State != evidence.MailboxActive {
		return entryOpen, "the sender's mailbox is " + l.State
	}
	owed, why := entryAccepts, "it is conforming"
	for _, b := range breachesOf(v, t) {
		switch {
		case b.grade != firm:
			return entryOpen, b.detail // others may be firm, but which outcome follows is not sure
		case b.rule == "PEC-NAV-001" && owed == entryAccepts:
			owed, why = entryRefusesVirus, b.detail
		default:
			owed, why = entryRefuses, b.detail
		}
	}
	return owed, why
}

// nature is what a message is meant as: its kind by the header or, where the
// header says nothing that is known, by its certification data. A judge of a
// kind must still see the message whose header was damaged.
func nature(m *Message) pec.Kind {
	if c := m.PEC.Certification; c != nil && (m.PEC.Kind == pec.Unclear || m.PEC.Kind == pec.Ordinary) {
		for _, k := range certifiedKinds {
			if strings.EqualFold(c.Type, tokenOf(k)) {
				return k
			}
		}
	}
	return m.PEC.Kind
}

// natured picks the messages of these natures.
func natured(messages []*Message, kinds ...pec.Kind) []*Message {
	var of []*Message
	for _, m := range messages {
		if slices.Contains(kinds, nature(m)) {
			of = append(of, m)
		}
	}
	return of
}

// within picks the messages that lie in the mailbox.
func within(messages []*Message, mailbox string) []*Message {
	var in []*Message
	for _, m := range messages {
		if strings.EqualFold(m.Mailbox, mailbox) {
			in = append(in, m)
		}
	}
	return in
}

// virusNotice tells the virus variant of a notice by its header or, where that
// is damaged, by its certification data.
func virusNotice(m *Message) bool {
	return m.PEC.Virus || m.PEC.Certification != nil && m.PEC.Certification.Error == "virus"
}

// concernOf returns the recipient that a receipt or notice is about, by its own
// certification data where its transaction is not known.
func concernOf(m *Message) string {
	if m.Transaction != nil {
		return m.Transaction.recipientOf(m)
	}
	if c := m.PEC.Certification; c != nil && c.HasDelivery {
		return pec.BareAddress(c.Delivery)
	}
	return ""
}

// recipientOf returns the recipient that a receipt or notice is about: the one
// in consegna or, where that is none of the transaction's, the only one that
// the readable text names; "" when neither tells.
func (t *Transaction) recipientOf(m *Message) string {
	return m.recipient.or(func() string { return t.readRecipient(m) })
}

func (t *Transaction) readRecipient(m *Message) string {
	if c := m.PEC.Certification; c != nil && c.HasDelivery {
		for _, a := range t.addressees() {
			if pec.SameAddress(a, fold(c.Delivery)) {
				return a
			}
		}
	}
	var named []string
	for _, r := range readables(m.PEC) {
		for _, a := range t.addressees() {
			if saysAddress(r.Text, a) && !holdsAddress(named, a) {
				named = append(named, a)
			}
		}
	}
	others := slices.DeleteFunc(slices.Clone(named), func(a string) bool { return pec.SameAddress(a, t.sender()) })
	switch {
	case len(others) == 1:
		return others[0]
	case len(others) == 0 && len(named) == 1:
		return named[0]
	default:
		return ""
	}
}

// concerning picks the messages of a nature that are about the recipient.
func (t *Transaction) concerning(recipient string, kinds ...pec.Kind) []*Message {
	var of []*Message
	for _, m := range natured(t.Messages, kinds...) {
		if pec.SameAddress(t.recipientOf(m), recipient) {
			of = append(of, m)
		}
	}
	return of
}

// accepted tells that the target accepted the submission as certified e-mail:
// it said so to the sender. What another provider hands over was accepted there.
func (t *Transaction) accepted() bool {
	if t.fromPeer() {
		return t.Accepted()
	}
	return t.Channel != evidence.IncomingPoint && len(natured(t.Messages, pec.Acceptance)) > 0
}

// sameProvider tells that the world's provider of the sender also manages the
// address.
func (v *View) sameProvider(t *Transaction, address string) bool {
	p, q := v.Case.ProviderOf(t.sender()), v.Case.ProviderOf(address)
	return p != nil && q != nil && p.Name == q.Name
}

// watches tells that the harness reads the mailbox, so that what is not in it
// did not come.
func (v *View) watches(mailbox string) bool {
	return mailbox != "" && v.Case.Mailbox(mailbox) != nil && !v.outOfSight(mailbox)
}

// share is what one provider has of the recipients.
type share struct {
	provider   string
	recipients []string
}

// abroad returns the recipients with this fate at providers other than the
// sender's, in the order of RCPT.
func (v *View) abroad(t *Transaction, fates ...fate) []share {
	var all []share
	for _, d := range v.dues(t) {
		if d.Provider == nil || !slices.Contains(fates, d.Fate) || v.sameProvider(t, d.Address) {
			continue
		}
		i := slices.IndexFunc(all, func(s share) bool { return s.provider == d.Provider.Name })
		if i < 0 {
			i = len(all)
			all = append(all, share{provider: d.Provider.Name})
		}
		all[i].recipients = append(all[i].recipients, d.Address)
	}
	return all
}

// shareOf returns the recipients of one provider.
func shareOf(shares []share, provider string) []string {
	for _, s := range shares {
		if s.provider == provider {
			return s.recipients
		}
	}
	return nil
}
