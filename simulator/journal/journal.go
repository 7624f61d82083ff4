// Package journal is a provider's legal log (RFC 6109 2.3): one line per
// operation on a message, in order, never changed, without any content.
//
// It records; what its lines must hold is judged elsewhere.
package journal

import (
	"slices"
	"sync"
	"time"
)

// Events of the log.
const (
	Acceptance     = "acceptance"
	NonAcceptance  = "non-acceptance"
	Envelope       = "envelope"
	TakenInCharge  = "taken-in-charge"
	Delivery       = "delivery"
	NonDelivery    = "non-delivery"
	Virus          = "virus"
	Anomaly        = "anomaly"
	Delay          = "delay"
	Stored         = "stored"          // a message of a system was put into a mailbox as it came
	Relayed        = "relayed"         // handed to another host
	NotRelayed     = "not-relayed"     // another host refused it, or could not be reached in time
	Refused        = "refused"         // refused at SMTP level
	Discarded      = "discarded"       // not delivered, and nobody is told
	Quarantined    = "quarantined"     // put into the store for infected messages
	ReceiptArrived = "receipt-arrived" // a correct receipt of another provider came in
)

// Entry is one line of the log.
type Entry struct {
	At         time.Time `json:"at"` // legal time: the same instant as in the messages of that operation
	Event      string    `json:"event"`
	MessageID  string    `json:"messageId,omitempty"`  // the client's identifier of the original, with angle brackets
	Identifier string    `json:"identifier,omitempty"` // the PEC msgid, without brackets
	Sender     string    `json:"sender,omitempty"`
	Recipients []string  `json:"recipients,omitempty"`
	Subject    string    `json:"subject,omitempty"`
	Related    []string  `json:"related,omitempty"` // Message-IDs of the messages generated, with angle brackets
	Issuer     string    `json:"issuer,omitempty"`  // the sending provider
	Detail     string    `json:"detail,omitempty"`
}

// Journal is an append-only log. The zero value is ready; safe for concurrent
// use.
type Journal struct {
	mu      sync.Mutex
	entries []Entry
}

// Append adds a line.
func (j *Journal) Append(e Entry) {
	e.Recipients, e.Related = slices.Clone(e.Recipients), slices.Clone(e.Related)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, e)
}

// Entries returns the log, oldest first.
func (j *Journal) Entries() []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.entries)
}
