package steps

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
)

// What the harness sends as a provider, or as a host of the Internet, and what
// may still come of it: an outcome for each recipient, however much else came at
// once. That a step asks for something not to come is a reason to wait for it
// in full.

// awaited is a dispatch that was accepted.
type awaited struct {
	id         string   // of the dispatch that sent these octets first
	token      string   // in its subject, in capitals; "" in an answer
	messageID  []byte   // without brackets
	identifier string   // that receipts about it name
	receipts   bool     // a provider that the harness plays is owed one about each recipient
	recipients []string // that were accepted, in small letters
	ended      time.Time
}

// heard counts what came of a dispatch for one recipient.
type heard struct{ arrivals, receipts int }

// noteDispatch remembers what the harness handed over as a provider.
func (w *World) noteDispatch(d *dispatching) {
	r := &d.record
	if !r.DataReply.OK() {
		return // refused: nothing comes of it
	}
	a := awaited{
		id: cmp.Or(r.Again, r.ID), token: strings.ToUpper(r.Token), messageID: []byte(strings.Trim(r.MessageID, "<> ")),
		identifier: r.Identifier, ended: r.Ended,
	}
	for _, one := range r.Recipients {
		if one.Reply.OK() {
			a.recipients = append(a.recipients, strings.ToLower(one.Address))
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	a.receipts = r.Template == templateEnvelope && w.peers[r.Peer] != nil
	w.awaited = append(w.awaited, a)
}

// templateEnvelope is what transport envelopes are made from.
const templateEnvelope = "transport-envelope"

// hear notes what a message says of the dispatches that it came of; mailbox is
// "" where a peer took it in. message is nil where it cannot be read.
func (w *World) hear(mailbox string, octets []byte, message *pec.Message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.awaited) == 0 {
		return
	}
	mailbox = strings.ToLower(mailbox)
	head := headText(headOf(octets))
	seen := map[string]bool{}
	for _, a := range w.awaited {
		if at := a.key(mailbox); mailbox != "" && !seen[at] && slices.Contains(a.recipients, mailbox) && a.within(head, octets) {
			seen[at] = true
			h := w.heard[at]
			h.arrivals++
			if message != nil && message.Kind == pec.AnomalyEnvelope {
				h.receipts++ // about which nobody is told
			}
			w.noteHeard(at, h)
		}
		if message == nil || message.Certification == nil || message.Kind != pec.Delivery && message.Kind != pec.NonDelivery {
			continue
		}
		c := message.Certification
		if at := a.key(strings.ToLower(strings.TrimSpace(c.Delivery))); a.identifier != "" && !seen[at] && strings.Trim(c.Identifier, "<> ") == strings.Trim(a.identifier, "<> ") {
			seen[at] = true
			h := w.heard[at]
			h.receipts++
			if message.Kind == pec.NonDelivery {
				h.arrivals++ // it is not to come any more
			}
			w.noteHeard(at, h)
		}
	}
}

func (w *World) noteHeard(at string, h heard) {
	if w.heard == nil {
		w.heard = map[string]heard{}
	}
	w.heard[at] = h
}

func (a *awaited) key(recipient string) string { return a.id + " " + recipient }

// within tells that a message is the dispatch, or speaks of it or encloses it.
func (a *awaited) within(head string, octets []byte) bool {
	return a.token != "" && strings.Contains(head, a.token) || len(a.messageID) > 0 && bytes.Contains(octets, a.messageID)
}

// owesDispatches tells that something may still come of what was dispatched; mu
// is held. What was sent twice has its outcome twice.
func (w *World) owesDispatches(now time.Time) bool {
	times := map[string]int{}
	for _, a := range w.awaited {
		over := now.Sub(a.ended) >= w.options.Patience.Delivery
		for _, r := range a.recipients {
			times[a.key(r)]++
			if over {
				continue
			}
			h, want := w.heard[a.key(r)], times[a.key(r)]
			if w.absence || w.readable(r) && h.arrivals < want || a.receipts && h.receipts < want {
				return true
			}
		}
	}
	return false
}

// readable tells that the harness can look into the mailbox of an address.
func (w *World) readable(address string) bool {
	for i := range w.target.Mailboxes {
		box := &w.target.Mailboxes[i]
		if imap, _ := w.target.imapOf(box); pec.SameAddress(box.Address, address) && imap != "" {
			return true
		}
	}
	return false
}

// settledWithout waits as settledThen does, for something that is not to come:
// where only silence says that things have settled, what was dispatched is given
// its whole patience.
func (w *World) settledWithout(ctx context.Context, record func() error) error {
	w.mu.Lock()
	w.absence = true
	if !w.quiet.IsZero() && w.owesDispatches(w.quiet) {
		w.settled = false // the silence of before was too short for this
	}
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.absence = false
	}()
	return w.settledThen(ctx, record)
}
