package console

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/simulator/journal"
)

// exchange is one message and all that came of it, as the logs of the providers
// and the mailboxes tell it.
type exchange struct {
	Key        string // in addresses of pages
	Subject    string
	Sender     string
	Recipients []string
	Began      time.Time
	Last       time.Time
	State      string // see the states

	lines  []LogLine // of each provider in its order
	strays []placed  // messages that no log knows
	ended  outcomes
}

// States of an exchange.
const (
	stateRefused   = "refused"   // not accepted at all
	stateWaiting   = "waiting"   // somebody's outcome is open
	stateLate      = "late"      // open, and the sender was told that it is late
	stateDelivered = "delivered" // to everybody
	statePartly    = "partly"    // to some
	stateFailed    = "failed"    // to nobody
	stateUntold    = "untold"    // to everybody, and the sender has no receipt of somebody
	stateAnomaly   = "anomaly"   // came in as something that is no certified mail
	statePlain     = "plain"     // mail that no provider certified
)

// gather puts the lines of all logs together by message, newest first, and adds
// the messages that no log knows.
func gather(s *snapshot, lines []LogLine) []*exchange {
	byName := map[string]*exchange{}
	var all []*exchange
	logged := map[string]bool{}
	find := func(name string, at time.Time) *exchange {
		if e := byName[name]; e != nil {
			return e
		}
		sum := sha256.Sum256([]byte(name))
		e := &exchange{Key: hex.EncodeToString(sum[:8]), Began: at}
		byName[name], all = e, append(all, e)
		return e
	}
	for _, l := range lines {
		name := cmp.Or(l.Identifier, l.MessageID)
		if name == "" { // refused at SMTP level: nothing is known but who and when
			name = l.At.String() + l.Event + l.Sender + strings.Join(l.Recipients, ",")
		}
		e := find(name, l.At)
		e.lines = append(e.lines, l)
		for _, id := range l.Related {
			logged[id] = true
		}
	}
	for _, m := range s.messages {
		if m.MessageID != "" && logged[m.MessageID] {
			continue
		}
		e := find("message "+cmp.Or(m.MessageID, m.SHA256), m.Received)
		e.strays = append(e.strays, m)
	}
	for _, e := range all {
		e.describe(s)
	}
	slices.Reverse(all) // of the same second, those that were logged last are the newest
	slices.SortStableFunc(all, func(a, b *exchange) int { return b.Began.Compare(a.Began) })
	return all
}

// describe works out what the list of exchanges shows.
func (e *exchange) describe(s *snapshot) {
	for _, l := range e.lines {
		if l.At.Before(e.Began) {
			e.Began = l.At
		}
		if l.At.After(e.Last) {
			e.Last = l.At
		}
		e.Subject, e.Sender = cmp.Or(e.Subject, l.Subject), cmp.Or(e.Sender, l.Sender)
		if e.ended.note(s, l) && len(l.Recipients) > len(e.Recipients) {
			e.Recipients = l.Recipients
		}
	}
	for _, m := range e.strays {
		e.Subject, e.Sender = cmp.Or(e.Subject, m.Subject), cmp.Or(e.Sender, addressIn(m.From))
		e.Recipients = appendNew(e.Recipients, m.Mailbox)
		if m.Received.After(e.Last) {
			e.Last = m.Received
		}
	}
	if len(e.Recipients) == 0 && len(e.lines) > 0 {
		e.Recipients = e.lines[0].Recipients
	}
	if h := s.host(e.Sender); h != nil {
		e.ended.home = h.Name
	}
	e.State = e.ended.state(e)
}

// outcomes are what became of an exchange.
type outcomes struct {
	accepted, refused, late, anomaly bool
	done, failed                     map[string]bool // recipients, lower case
	home                             string          // name of the sender's host
}

// note takes in a line; it tells whether the line names the recipients of the
// message itself.
func (o *outcomes) note(s *snapshot, l LogLine) bool {
	if o.done == nil {
		o.done, o.failed = map[string]bool{}, map[string]bool{}
	}
	mark := func(in map[string]bool, list []string) {
		for _, r := range list {
			in[strings.ToLower(r)] = true
		}
	}
	switch l.Event {
	case journal.Acceptance, journal.Envelope, journal.TakenInCharge:
		o.accepted = true
		return true
	case journal.NonAcceptance, journal.Refused:
		o.refused = true
		return true
	case journal.Delay:
		o.late = true
	case journal.Anomaly:
		o.anomaly = true
		return true
	case journal.Delivery:
		mark(o.done, l.Recipients)
	case journal.NonDelivery:
		mark(o.failed, l.Recipients)
	case journal.Relayed:
		if h := s.named(l.Detail); h != nil && !h.Provider { // certified mail ends here: nobody answers for more
			mark(o.done, l.Recipients)
		}
	}
	return false
}

func (o *outcomes) state(e *exchange) string {
	switch {
	case len(e.lines) == 0:
		return statePlain
	case o.anomaly && !o.accepted:
		return stateAnomaly
	case o.refused && !o.accepted:
		return stateRefused
	}
	done, failed := 0, 0
	for _, r := range e.Recipients {
		switch r = strings.ToLower(r); {
		case o.done[r]:
			done++
		case o.failed[r]:
			failed++
		}
	}
	switch total := len(e.Recipients); {
	case done+failed < total && o.late:
		return stateLate
	case done+failed < total:
		return stateWaiting
	case failed == 0 && o.untold(e):
		return stateUntold
	case failed == 0:
		return stateDelivered
	case done == 0:
		return stateFailed
	}
	return statePartly
}

// untold tells that a delivery receipt was made elsewhere, and never reached
// the sender's provider.
func (o *outcomes) untold(e *exchange) bool {
	arrived := map[string]bool{}
	for _, l := range e.lines {
		if l.Event == journal.ReceiptArrived || l.Event == journal.Stored {
			arrived[first(l.Related)] = true
		}
	}
	return slices.ContainsFunc(e.lines, func(l LogLine) bool {
		return l.Event == journal.Delivery && l.Provider != o.home && !arrived[first(l.Related)]
	})
}

// addressIn finds the address in a From field, well enough for a picture.
func addressIn(from string) string {
	if open := strings.LastIndexByte(from, '<'); open >= 0 {
		inner, _, _ := strings.Cut(from[open+1:], ">")
		return strings.TrimSpace(inner)
	}
	return strings.TrimSpace(from)
}

func appendNew(list []string, text string) []string {
	if text == "" || slices.ContainsFunc(list, func(t string) bool { return strings.EqualFold(t, text) }) {
		return list
	}
	return append(list, text)
}
