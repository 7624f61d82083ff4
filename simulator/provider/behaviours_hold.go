package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/relay"
	"github.com/collaudo/collaudo/simulator/store"
)

// heldQueue is the name in the store's spool of what a rule holds back.
const heldQueue = "held"

// held is a finished message that a rule holds back until another one went to
// the same mailbox. It stays in the spool meanwhile, so that a restart loses
// nothing; when no other message follows it stays there.
type held struct {
	ID          string    `json:"id"`
	Until       string    `json:"until"` // faults.UntilMessage or faults.UntilMailbox
	To          []string  `json:"to"`
	ReversePath string    `json:"reversePath"`
	About       []byte    `json:"about"`
	Deposit     bool      `json:"deposit"`
	Identifier  string    `json:"identifier"` // of what it is about
	At          time.Time `json:"at"`

	body string // hash
}

// holding is what a provider holds back.
type holding struct {
	mu       sync.Mutex
	sequence int
	list     []held
}

func (p *Provider) hold(h held, octets []byte) error {
	q := p.held
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sequence++
	h.ID = strconv.Itoa(q.sequence)
	data, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if h.body, err = p.c.Store.Keep(octets); err != nil {
		return err
	}
	defer p.c.Store.Drop(h.body) // the spool keeps it on its own account
	if err := p.c.Store.PutWork(store.Work{Queue: heldQueue, ID: h.ID, Body: h.body, Data: data}); err != nil {
		return err
	}
	q.list = append(q.list, h)
	return nil
}

// resumeHeld takes up what the spool of an earlier life holds.
func (p *Provider) resumeHeld() error {
	q := p.held
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, w := range p.c.Store.Works(heldQueue) {
		h := held{body: w.Body}
		if err := json.Unmarshal(w.Data, &h); err != nil {
			return fmt.Errorf("held spool %s: %w", w.ID, err)
		}
		if n, err := strconv.Atoi(w.ID); err == nil && n > q.sequence {
			q.sequence = n
		}
		q.list = append(q.list, h)
	}
	return nil
}

// followed sends what waited for a message about an original to go to some
// addresses.
func (p *Provider) followed(identifier string, to []string) error {
	q := p.held
	q.mu.Lock()
	defer q.mu.Unlock()
	var first error
	q.list = slices.DeleteFunc(q.list, func(h held) bool {
		if h.Until == faults.UntilMessage && h.Identifier != identifier || !p.sameMailbox(h.To, to) {
			return false
		}
		if err := p.letGo(h); err != nil {
			if first == nil {
				first = err
			}
			return false
		}
		return true
	})
	return first
}

func (p *Provider) letGo(h held) error {
	octets, err := p.c.Store.Octets(h.body)
	if errors.Is(err, store.ErrNoBody) {
		return nil // the elaboration that held it was not kept
	}
	if err != nil {
		return err
	}
	if h.Deposit {
		for _, address := range h.To {
			m := store.Message{Received: p.now(), Trace: store.Trace{ReversePath: h.ReversePath, Recipient: address}}
			if _, err := p.c.Store.Append(p.mailboxOf(address), store.Inbox, octets, m, true); err != nil {
				return err
			}
		}
	} else if err := p.relay.Submit(relay.Message{ReversePath: h.ReversePath, Recipients: h.To, Octets: octets, About: h.About}); err != nil {
		return err
	}
	p.c.Store.DropWork(heldQueue, h.ID)
	return nil
}

// followedOutside is followed for what another host has taken. What went to a
// mailbox of this provider has only arrived at its incoming point by now, and is
// followed when it is there.
func (p *Provider) followedOutside(identifier string, to []string) {
	outside := slices.DeleteFunc(slices.Clone(to), p.owns)
	if err := p.followed(identifier, outside); err != nil {
		p.note(journal.Entry{
			At: p.now(), Event: journal.Discarded, Recipients: outside, Identifier: identifier,
			Issuer: p.identity.Name, Detail: "what was held back: " + err.Error(),
		})
	}
}
