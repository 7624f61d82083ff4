package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// The ledger of what the harness sent in the role of a provider: what the
// target owes for a correct envelope, a correct receipt, a message of a wrong
// form and one that no provider vouches for (RFC 6109 2.2.2, 3.2, 3.3). It adds
// to that of submissions in lifecycle_flaws.go.

// rounds returns how many times the message was handed over for the recipient:
// once, unless the harness sent it once more.
func (l *ledger) rounds(recipient string) int {
	if l.t.Dispatch == nil {
		return 1
	}
	p := l.v.Case.ProviderOf(recipient)
	if p == nil {
		return 1
	}
	return max(1, l.t.handedTo(p.Name, recipient))
}

func (l *ledger) dispatched() {
	d := l.t.Dispatch
	if d.Infected != "" && l.v.infectedAt(d) && l.v.receptionOf(d).class != correctEnvelope {
		l.infected()
		return
	}
	switch l.v.receptionOf(d).class {
	case untrusted:
		l.ordinary()
	case faulty:
		l.passedOn()
	case correctReceipt:
		l.receipt()
	case correctEnvelope:
		if !l.t.Accepted() {
			l.refuse(ofTarget(l.t.Messages), "", "nothing: the envelope was refused by SMTP")
			return
		}
		for _, due := range l.v.dues(l.t) {
			l.envelope(due)
			l.outcome(due)
			l.takenInCharge(due)
		}
		l.outsiders()
	case openClass:
	}
}

// passedOn: a message that a provider signed must reach its recipients, inside
// an anomaly envelope, and nothing certifies that.
func (l *ledger) passedOn() {
	if !l.t.Accepted() {
		l.add(flawMissing, pec.AnomalyEnvelope, "", l.t.Where("SMTP"), "the message passed on in an anomaly envelope: a provider signed it", "refused by SMTP: "+refusal(l.t))
		return
	}
	l.ordinary()
	l.list = append(l.list, l.v.unwrapped(l.t, "an anomaly envelope around the message")...)
}

// receipt: a correct receipt reaches whom it is addressed to as it is, once for
// each time it was sent, and nothing answers it.
func (l *ledger) receipt() {
	t := l.t
	l.refuse(ofTarget(t.Messages), "", "nothing in answer to a receipt")
	kind := t.Dispatch.meantAs()
	if !t.Accepted() {
		l.add(flawMissing, kind, "", t.Where("SMTP"), "a correct receipt taken", "refused by SMTP: "+refusal(t))
		return
	}
	for _, address := range t.handed() {
		if l.v.Case.Mailbox(address) == nil {
			continue
		}
		came := within(ofHarness(t.Messages), address)
		l.count(kind, address, address, came, tokenOf(kind)+" in "+address)
		for _, m := range came {
			for _, p := range intactProblems(t.Dispatch, m) {
				l.add(flawContradictory, kind, address, m.Where(p.part), p.expected, p.seen)
			}
		}
	}
}

// infected: whatever else it is, an infected message reaches nobody.
func (l *ledger) infected() {
	for _, d := range l.v.dues(l.t) {
		came := slices.DeleteFunc(within(l.t.Messages, d.Address), func(m *Message) bool { return m.Role != evidence.UserMailbox })
		l.refuse(came, d.Address, "nothing in "+d.Address+": the message carries the virus "+l.t.Infected)
	}
}

// infectedAt tells that the scanner of the provider that was handed the message
// is told to know its virus.
func (v *View) infectedAt(d *Dispatch) bool { return d.Journey.infectedFor(v.provider(d.Host)) }

func ofTarget(messages []*Message) []*Message {
	return slices.DeleteFunc(slices.Clone(messages), func(m *Message) bool { return m.Emitter == evidence.Harness })
}

func ofHarness(messages []*Message) []*Message {
	return slices.DeleteFunc(slices.Clone(messages), func(m *Message) bool { return m.Emitter != evidence.Harness })
}

// intactProblems compares the copy in a mailbox with what was sent: trace fields
// on top are all that may be new.
func intactProblems(d *Dispatch, m *Message) []problem {
	if d.PEC == nil || sameButTrace(d.PEC.Root, m.PEC.Root) {
		return nil
	}
	return []problem{{expected: "the octets that were sent, with trace fields on top at most", seen: differenceOf(d.PEC.Root, m.PEC.Root)}}
}

// relayedOwn returns the messages of the harness that a provider has to deliver
// as they are.
func (v *View) relayedOwn() []*Message {
	return slices.DeleteFunc(slices.Clone(v.Own), func(m *Message) bool {
		if m.Dispatch == nil {
			return true
		}
		c := v.receptionOf(m.Dispatch).class
		return c != correctEnvelope && c != correctReceipt
	})
}

// whatCame says what became of a dispatched message, for observations.
func (v *View) whatCame(t *Transaction) string {
	if !t.Accepted() {
		return "refused by SMTP: " + refusal(t)
	}
	var seen []string
	for _, m := range t.Messages {
		if m.Emitter == evidence.Harness {
			seen = append(seen, "the message itself in "+m.Mailbox)
		} else {
			seen = append(seen, about(m)+" in "+m.Mailbox)
		}
	}
	if len(seen) == 0 {
		return "accepted, and nothing came of it"
	}
	slices.Sort(seen)
	return strings.Join(slices.Compact(seen), ", ")
}

// peerEnvelopes visits the dispatches that are taken for a correct envelope.
func (v *View) peerEnvelopes(visit func(t *Transaction, d *Dispatch)) {
	for _, d := range v.Dispatches {
		if d.Journey.Dispatch == d && v.receptionOf(d).class == correctEnvelope {
			visit(d.Journey, d)
		}
	}
}

// peerJourneys returns the journeys that began with a correct envelope.
func (v *View) peerJourneys() []*Transaction {
	var all []*Transaction
	v.peerEnvelopes(func(t *Transaction, _ *Dispatch) { all = append(all, t) })
	return all
}

// welcomed answers whether a correct envelope was taken in charge and lies in
// the mailboxes of its recipients. What is certified of that afterwards is for
// the rules of the delivery point.
func (f *Findings) welcomed(v *View, t *Transaction, kept string) {
	var local []string
	for _, d := range v.dues(t) {
		if d.Fate == fateDelivered {
			local = append(local, d.Address)
		}
	}
	if !t.Accepted() && len(local) == 0 {
		local = v.meantFor(t)
	}
	switch {
	case len(local) == 0:
		return
	case !t.Accepted():
		f.Broken(t.Where("SMTP"), "a correct envelope taken for "+shownList(local), "refused by SMTP: "+refusal(t))
		return
	}
	f.flaws(v, t, flawsOf(v.flaws(t), local, pec.TransportEnvelope, pec.AnomalyEnvelope, pec.TakenInCharge), kept+": taken in charge and delivered to "+shownList(local))
}

// meantFor returns the recipients that the target could have taken.
func (v *View) meantFor(t *Transaction) []string {
	var all []string
	for _, r := range t.Recipients {
		address := pec.BareAddress(r.Address)
		p := v.Case.ProviderOf(address)
		if p != nil && p.Emitter == evidence.Target && v.Case.Mailbox(address) != nil {
			all = append(all, address)
		}
	}
	return distinct(all)
}

// flawsOf keeps the flaws of these kinds that concern one of the recipients, or
// all of them.
func flawsOf(list []flaw, recipients []string, kinds ...pec.Kind) []flaw {
	var some []flaw
	for _, x := range list {
		if slices.Contains(kinds, x.kind) && (x.recipient == "" || holdsAddress(recipients, x.recipient)) {
			some = append(some, x)
		}
	}
	return some
}

// sentWhat names a dispatch for a person.
func sentWhat(d *Dispatch) string {
	return fmt.Sprintf("%s %s", tokenOf(d.meantAs()), d.ID)
}
