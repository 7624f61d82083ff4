package provider

import (
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/simulator/journal"
)

// LogQuery chooses lines of the legal log about one mailbox; empty fields choose
// all.
type LogQuery struct {
	Since, Until time.Time // Until excluded
	MessageID    string    // the client's, the PEC msgid, or that of a receipt; with or without brackets
	Counterparty string    // address of the other side
	Event        string    // of the journal
	Subject      string    // a part of it
	Limit        int       // the newest so many; 0: all
}

// SearchLog is the panel in which a user looks for traces: the lines in which
// the address had a part as sender or recipient, and no other mailbox's. They
// hold no contents, and last for the months of the log, also when the mailbox
// does not; whoever asks for one that is gone asks through the provider. ok is
// false when there never was such a user.
func (p *Provider) SearchLog(address string, q LogQuery) (found []journal.Entry, ok bool, err error) {
	if !p.hadUser(address) {
		return nil, false, nil
	}
	entries, err := p.Journal()
	if err != nil {
		return nil, true, err
	}
	if q.MessageID != "" {
		entries = journal.Extract(entries, address, q.MessageID)
	}
	found = []journal.Entry{}
	for _, e := range entries {
		if has(e, address) && q.matches(e, address) {
			found = append(found, shownTo(e, address))
		}
	}
	if q.Limit > 0 && len(found) > q.Limit {
		found = found[len(found)-q.Limit:]
	}
	return found, true, nil
}

// hadUser tells whether the provider has a user of that address, or had one.
func (p *Provider) hadUser(address string) bool {
	a, known := p.accounts.Lookup(address)
	return known && !a.Service
}

func has(e journal.Entry, address string) bool {
	return sameAddress(e.Sender, address) || slices.ContainsFunc(e.Recipients, func(r string) bool { return sameAddress(r, address) })
}

// shownTo leaves out what is between the sender and others: who only received
// learns of no other recipient from here, and of no host's words to the sender.
func shownTo(e journal.Entry, address string) journal.Entry {
	if !sameAddress(e.Sender, address) {
		e.Recipients = slices.DeleteFunc(slices.Clone(e.Recipients), func(r string) bool { return !sameAddress(r, address) })
		if e.Event == journal.Relayed || e.Event == journal.Deferred || e.Event == journal.NotRelayed {
			e.Detail = ""
		}
	}
	return e
}

func (q LogQuery) matches(e journal.Entry, address string) bool {
	other := q.Counterparty == ""
	if !other {
		other = !sameAddress(q.Counterparty, address) && has(shownTo(e, address), q.Counterparty)
	}
	return other && (q.Event == "" || strings.EqualFold(q.Event, e.Event)) &&
		strings.Contains(strings.ToLower(e.Subject), strings.ToLower(q.Subject)) &&
		(q.Since.IsZero() || !e.At.Before(q.Since)) && (q.Until.IsZero() || e.At.Before(q.Until))
}
