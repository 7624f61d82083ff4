package rules

import (
	"fmt"
	"slices"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// readDispatches parses what the harness sent in the role of a provider, and
// begins the journeys of it.
func (v *View) readDispatches(c *evidence.Case) error {
	for _, sent := range c.Dispatches {
		d := &Dispatch{Dispatch: sent}
		if sent.Blob != "" {
			octets, err := c.Blob(sent.Blob)
			if err != nil {
				return fmt.Errorf("dispatch %s: %w", sent.ID, err)
			}
			if d.PEC, err = pec.Read(octets); err != nil {
				return fmt.Errorf("dispatch %s: %w", sent.ID, err)
			}
		}
		v.Dispatches = append(v.Dispatches, d)
		if first := v.dispatch(sent.Again); first != nil {
			first.Repeats = append(first.Repeats, d)
			first.Journey.addressed(d)
			d.Journey = first.Journey
			continue
		}
		if err := v.begin(d); err != nil {
			return fmt.Errorf("dispatch %s: %w", sent.ID, err)
		}
	}
	return nil
}

// dispatch returns the dispatch with that id, or nil.
func (v *View) dispatch(id string) *Dispatch {
	for _, d := range v.Dispatches {
		if d.ID == id && id != "" {
			return d
		}
	}
	return nil
}

// own files a message of the harness that lay in a mailbox of the target. It
// tells false of what the target made of it: an anomaly envelope inherits the
// Message-ID of what it encloses (RFC 6109 3.2.2) and is the target's work.
func (v *View) own(m *Message) bool {
	d := v.dispatch(m.Message.Dispatch)
	if d != nil && d.PEC != nil && (d.enclosedIn(m) || m.PEC.Kind == pec.AnomalyEnvelope && d.PEC.Kind != pec.AnomalyEnvelope) {
		return false
	}
	v.Own = append(v.Own, m)
	if d != nil {
		m.Dispatch, m.Transaction = d, d.Journey
		d.Found = append(d.Found, m)
		d.Journey.Messages = append(d.Journey.Messages, m)
	}
	return true
}

// enclosedIn tells that the message encloses the one that was dispatched. The
// identifier alone does not tell: an envelope and its original share it.
func (d *Dispatch) enclosedIn(m *Message) bool {
	inside := m.PEC.Original
	return inside != nil && d.PEC != nil && d.MessageID != "" &&
		bareID(inside.Value("Message-ID")) == bareID(d.MessageID) && subjectOf(inside) == subjectOf(d.PEC.Root)
}

// follow files a message of the target that followed from the dispatch.
func (d *Dispatch) follow(m *Message) {
	m.Dispatch, m.Transaction = d, d.Journey
	d.Messages = append(d.Messages, m)
	d.Journey.Messages = append(d.Journey.Messages, m)
}

// dispatchOf returns the dispatch that a message of the target follows from,
// nil when it follows from none. What was made of a dispatched message encloses
// it; what answers an envelope bears its PEC msgid, the client's msgid, or the
// token in the subject. An answer of the harness about a submission carries that
// submission's identifiers, so what follows from it is the submission's, unless
// it encloses the answer or is about the answer itself.
func (v *View) dispatchOf(m *Message) *Dispatch {
	if d := v.dispatch(m.Message.Dispatch); d != nil {
		return d
	}
	for _, tells := range []func(*Dispatch, *Message) bool{(*Dispatch).enclosedIn, (*Dispatch).identifies, (*Dispatch).tokened} {
		for _, d := range v.Dispatches {
			if d.Again == "" && tells(d, m) {
				return d
			}
		}
	}
	begun := slices.DeleteFunc(slices.Clone(v.Dispatches), func(d *Dispatch) bool { return d.Again != "" || d.About != "" })
	if len(v.Transactions) == 0 && len(begun) == 1 && !enclosesAnother(m.PEC) && !plainMail(m.PEC) {
		return begun[0]
	}
	return nil
}

// identifies tells that an identifier of the message is one of the dispatch.
func (d *Dispatch) identifies(m *Message) bool {
	reference := bareID(m.PEC.Root.Value(pec.HeaderReference))
	about := ""
	if c := m.PEC.Certification; c != nil {
		about = bareID(c.Identifier)
	}
	if own := bareID(d.MessageID); own != "" && (reference == own || about == own) {
		return true
	}
	if d.About != "" || d.PEC == nil {
		return false
	}
	client := bareID(d.PEC.Root.Value(pec.HeaderReference))
	return reference != "" && reference == client || about != "" && about == bareID(d.Identifier)
}

func (d *Dispatch) tokened(m *Message) bool {
	return d.About == "" && d.Token != "" && carriesToken(m.PEC, d.Token)
}

// journeys returns everything that began in the scenario: what was submitted,
// and what the harness sent as a provider or a mail host. Judges of rules that
// speak of whatever reaches an incoming or a delivery point look at all of it.
func (v *View) journeys() []*Transaction {
	all := slices.Clone(v.Transactions)
	for _, d := range v.Dispatches {
		if d.Again == "" || d.Journey.Dispatch == d {
			all = append(all, d.Journey)
		}
	}
	return all
}

// fromProvider is the channel of a journey that began with a correct envelope
// of another provider: it was accepted there, by a provider that is not judged.
const fromProvider evidence.Channel = "provider"

// fromPeer tells that the journey began with a correct envelope of a provider
// that the harness plays.
func (t *Transaction) fromPeer() bool { return t.Channel == fromProvider }

// begin makes the journey of a dispatch. A correct envelope is carried on for
// the user who wrote the original; anything else is a message that came in.
func (v *View) begin(d *Dispatch) error {
	t := &Transaction{Dispatch: d, Submission: evidence.Submission{
		ID: d.ID, Token: d.Token, Actor: d.Peer, Channel: evidence.IncomingPoint, Host: d.Host, TLS: d.TLS,
		ReversePath: d.ReversePath, MailReply: d.MailReply, Recipients: slices.Clone(d.Recipients), DataReply: d.DataReply,
		Blob: d.Blob, Size: d.Size, Infected: d.Infected, KnownTo: d.KnownTo, Started: d.Started, Ended: d.Ended,
	}}
	d.Journey = t
	if d.PEC == nil {
		return nil
	}
	t.Sent = d.PEC.Root
	if v.receptionOf(d).class != correctEnvelope {
		return nil
	}
	return t.carryOn(d.PEC)
}

// carryOn makes the journey that of the original in the envelope, and of the
// user who wrote it.
func (t *Transaction) carryOn(envelope *pec.Message) error {
	t.Channel = fromProvider
	t.listed = []string{}
	for _, r := range envelope.Certification.Recipients {
		t.listed = append(t.listed, pec.BareAddress(r.Address))
	}
	if sender := pec.BareAddress(envelope.Certification.Sender); sender != "" {
		t.ReversePath = sender
	}
	var err error
	t.Sent, err = submittedBefore(envelope)
	return err
}

// carryOnOpen does the same for envelopes of which the rules do not say how
// they have to be taken, where the target took them for correct: what it then
// certifies has to be about the original.
func (v *View) carryOnOpen() error {
	for _, d := range v.Dispatches {
		m := d.PEC
		if d.Journey.Dispatch != d || m == nil || m.Kind != pec.TransportEnvelope || m.Original == nil || m.Certification == nil {
			continue
		}
		if v.receptionOf(d).class != openClass || len(ofKind(d.Messages, []pec.Kind{pec.TakenInCharge, pec.Delivery, pec.NonDelivery})) == 0 {
			continue
		}
		if err := d.Journey.carryOn(m); err != nil {
			return fmt.Errorf("dispatch %s: %w", d.ID, err)
		}
	}
	return nil
}

// addressed adds the recipients of the same message sent once more.
func (t *Transaction) addressed(d *Dispatch) {
	t.Recipients = append(t.Recipients, d.Recipients...)
	if !t.Accepted() {
		t.MailReply, t.DataReply = d.MailReply, d.DataReply
	}
	if d.Ended.After(t.Ended) {
		t.Ended = d.Ended
	}
}

// handedTo tells that the message was handed for the recipient to that provider,
// and how many times it took it.
func (t *Transaction) handedTo(provider, recipient string) (times int) {
	for _, d := range append([]*Dispatch{t.Dispatch}, t.Dispatch.Repeats...) {
		if d.Host == provider && d.Accepted() && slices.ContainsFunc(d.Recipients, func(r evidence.RecipientReply) bool {
			return r.Reply.OK() && pec.SameAddress(r.Address, recipient)
		}) {
			times++
		}
	}
	return times
}

// submittedBefore returns the original that an envelope carries as its user
// submitted it, as far as the envelope tells: the client's identifier in its
// place, and the fields that decide about receipts as the envelope has them
// (RFC 6109 2.2.1, 3.3.2).
func submittedBefore(envelope *pec.Message) (*rawmime.Entity, error) {
	original := envelope.Original
	var head []byte
	if id := envelope.Root.Value(pec.HeaderReference); id != "" {
		head = append(head, "Message-ID: "+fold(id)+"\r\n"...)
	}
	decided := []string{"To", "Cc", pec.HeaderReceiptType}
	for _, field := range envelope.Root.Fields {
		if lists(decided, field.Name) {
			head = append(head, field.Raw()...)
		}
	}
	for _, field := range original.Fields {
		if !lists(append(decided, "Message-ID", pec.HeaderReference), field.Name) {
			head = append(head, field.Raw()...)
		}
	}
	return rawmime.Parse(slices.Concat(head, []byte("\r\n"), original.Body()), rawmime.Limits{})
}
