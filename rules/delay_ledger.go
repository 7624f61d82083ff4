package rules

import (
	"slices"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// The ledger of time: what a sender's provider waits for after it dispatched a
// message, recipient by recipient, and what it told the sender meanwhile (RFC
// 6109 2.1.1.1.2, 3.1.6). All instants are legal time. It is worked out from
// octets and instants alone; what a rule demands of it is said by the judges.

// The limits of RFC 6109 3.1.6, counted from the dispatch.
const (
	firstAfter     = 12 * time.Hour // without any receipt: the first notice
	secondNotUntil = 22 * time.Hour // the second notice, no earlier
	secondBy       = 24 * time.Hour // the second notice, no later; 2.2.2: mail that cannot be handed over is given up
)

// wait is what the sender's provider waits for about one certified recipient
// of another provider.
type wait struct {
	due
	t    *Transaction
	home *evidence.Provider // the sender's: it waits

	Dispatched time.Time // when the message was accepted for dispatch, whole seconds
	Handed     time.Time // when the recipient's provider took the envelope; zero: it was never seen there

	Answers []answerSeen // of the recipient's provider and, to the sender, of the sender's own
	Notices []notice     // delay notices about this recipient, in order of time
}

// answerSeen is a receipt or notice about the recipient that reached, or was
// given to, the sender's provider.
type answerSeen struct {
	Kind     pec.Kind
	At       time.Time
	Standing standing
	Message  *Message  // of the target; nil when the harness sent it
	Dispatch *Dispatch // of the harness; nil when the target sent it
}

// Where points at the answer.
func (a *answerSeen) Where() Where {
	if a.Dispatch != nil {
		return a.Dispatch.Where("")
	}
	return a.Message.Where("")
}

// waits returns the ledger of the scenario: accepted messages of judged
// providers, each certified recipient of another provider.
func (v *View) waits() []*wait {
	return v.waited.or(func() []*wait {
		var all []*wait
		for _, t := range v.Transactions {
			all = append(all, v.waitsOf(t)...)
		}
		return all
	})
}

func (v *View) waitsOf(t *Transaction) []*wait {
	home := v.Case.ProviderOf(t.sender())
	if home == nil || !v.judged(home.Name) || !t.accepted() {
		return nil
	}
	dispatched, known := t.dispatchedAt()
	if !known {
		return nil
	}
	var all []*wait
	for _, d := range v.dues(t) {
		if !d.Certified || v.sameProvider(t, d.Address) {
			continue
		}
		w := &wait{due: d, t: t, home: home, Dispatched: dispatched}
		w.Handed = v.handedOver(w)
		w.Answers = v.answersAbout(w)
		w.Notices = noticesAbout(w)
		all = append(all, w)
	}
	return all
}

// plausibly is how far the instant that an acceptance states may lie from the
// submission as the harness saw it: beyond that its clock is judged, not used.
const plausibly = 10 * time.Minute

// dispatchedAt returns the instant of dispatch: that of the acceptance, else of
// the envelope, else the end of the submission; false when nothing tells.
func (t *Transaction) dispatchedAt() (time.Time, bool) {
	for _, kind := range []pec.Kind{pec.Acceptance, pec.TransportEnvelope} {
		for _, m := range natured(t.Messages, kind) {
			if at, stated := instantOf(m); stated && (t.Ended.IsZero() || at.Sub(t.Ended).Abs() < plausibly) {
				return at, true
			}
		}
	}
	return t.Ended.Truncate(time.Second), !t.Ended.IsZero()
}

// handedOver returns when the envelope came to the recipient's provider, zero
// when it was not seen there.
func (v *View) handedOver(w *wait) time.Time {
	for _, m := range within(w.t.Messages, w.Address) {
		if k := nature(m); k != pec.TransportEnvelope && k != pec.AnomalyEnvelope {
			continue
		}
		for _, i := range v.Case.Intakes {
			if i.SHA256 != "" && i.SHA256 == m.Blob {
				return i.At
			}
		}
		if m.Delivered.IsZero() {
			return w.Dispatched
		}
		return m.Delivered
	}
	return time.Time{}
}

// answersAbout collects what was said about the recipient.
func (v *View) answersAbout(w *wait) []answerSeen {
	var all []answerSeen
	for _, m := range natured(w.t.Messages, answerKinds...) {
		if !answers(m, w.t, w.Address) {
			continue
		}
		at, stated := instantOf(m)
		if !stated {
			at = m.Delivered
		}
		all = append(all, answerSeen{Kind: nature(m), At: at, Standing: v.standingOf(m, at), Message: m})
	}
	for _, d := range v.Dispatches {
		if d.PEC == nil || !d.answersTo(w.t) {
			continue
		}
		m := &Message{PEC: d.PEC, Message: evidence.Message{Blob: d.Blob, Delivered: d.Ended}, Transaction: w.t}
		if !slices.Contains(answerKinds, nature(m)) || !answers(m, w.t, w.Address) && !d.meant(m, w.Address) {
			continue
		}
		at := d.Ended
		if at.IsZero() {
			at = d.Started
		}
		seen := answerSeen{Kind: nature(m), At: at, Standing: v.standingOf(m, at), Dispatch: d}
		switch { // what was refused told nothing to the waiting provider, but it was shown
		case seen.Standing == unsound:
		case !d.Accepted():
			continue
		case !w.mayAnswer(v, m):
			seen.Standing = doubtful
		}
		all = append(all, seen)
	}
	slices.SortStableFunc(all, func(a, b answerSeen) int { return a.At.Compare(b.At) })
	return all
}

// answerKinds are the kinds by which a waiting provider learns what became of a
// message.
var answerKinds = []pec.Kind{pec.TakenInCharge, pec.Delivery, pec.NonDelivery, pec.VirusDetection}

// answers tells that the receipt is about the recipient: ricezione lists
// whom a presa-in-carico covers, consegna names the one of the others.
func answers(m *Message, t *Transaction, recipient string) bool {
	if nature(m) == pec.TakenInCharge {
		return m.PEC.Certification != nil && holdsAddress(m.PEC.Certification.Reception, recipient)
	}
	return pec.SameAddress(t.recipientOf(m), recipient)
}

// answersTo tells that the dispatch was sent about the submission, and carries
// its identifier where it carries one.
func (d *Dispatch) answersTo(t *Transaction) bool {
	ids := t.envelopeIdentifiers()
	c := d.PEC.Certification
	if c == nil || c.Identifier == "" || len(ids) == 0 {
		return d.About == t.ID
	}
	return slices.Contains(ids, bareID(c.Identifier))
}

// meant tells that a dispatch whose certification data cannot be read was meant
// to be about the recipient.
func (d *Dispatch) meant(m *Message, recipient string) bool {
	return m.PEC.Certification == nil && pec.SameAddress(d.Recipient, recipient)
}

// mayAnswer tells that the answer comes from the recipient's provider, and that
// certification data and header agree on what it is.
func (w *wait) mayAnswer(v *View, m *Message) bool {
	c := m.PEC.Certification
	from := v.Case.ProviderOf(addressOf(m.PEC.Root.Value("From")))
	return c != nil && c.Type == tokenOf(m.PEC.Kind) && from != nil && w.Provider != nil && from.Name == w.Provider.Name
}
