// Package reserved holds the reserved recipients: local parts that mean an
// outcome in every simulated PEC domain, so that a plain mail client gets a
// notice of non-delivery, a duplicated receipt or a hostile document with no
// configuration at all. There is one table (table.yaml), and documentation is
// written from it.
//
// What a reserved recipient does, it does through rules of package faults and
// through answers that its provider submits as a user would. Nothing here sends
// or receives mail, and nothing is on unless a world asks for it.
package reserved

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/faults"
	"go.yaml.in/yaml/v3"
)

//go:embed table.yaml
var tableFile []byte

// Mailbox is the local part of the mailbox that the reserved recipients of a
// domain share.
const Mailbox = "riservati"

// Labels: where the behaviour of a recipient comes from.
const (
	Rule   = "rule"   // the rules of certified mail have it so
	Field  = "field"  // seen in the field
	Attack = "attack" // nobody does so by mistake
)

// Answers that a reserved recipient may send.
const (
	SendReply    = "reply"    // a plain message, submitted at the access point
	SendNested   = "nested"   // the envelope that came, in a message submitted at the access point
	SendOrdinary = "ordinary" // an unsigned message
	SendStatus   = "status"   // a delivery status notification of ordinary mail
	SendTampered = "tampered" // an envelope that was altered after it was signed
	SendOrphan   = "orphan"   // a delivery receipt about a message that was never sent
	SendService  = "service"  // a service message of the sender's provider, put into the mailbox as it is
)

// When an answer is sent.
const (
	AfterEnvelope = "envelope" // when the recipient has the envelope, by its provider
	AfterReceipt  = "receipt"  // when the sender has the delivery receipt, by the sender's provider
)

// AnswerDelay is for how long, of legal time, an answer is kept back, so that the
// receipts of what it answers come first.
const AnswerDelay = 500 * time.Millisecond

// Group is a part of the table.
type Group struct {
	Group   string  `yaml:"group" json:"group"`
	Title   Text    `yaml:"title" json:"title"`
	Entries []Entry `yaml:"entries" json:"entries"`
}

// Text is a text in both languages.
type Text struct {
	English string `yaml:"en" json:"en"`
	Italian string `yaml:"it" json:"it"`
}

// Entry is a reserved recipient.
type Entry struct {
	Local   string `yaml:"local" json:"local"` // local part
	Label   string `yaml:"label" json:"label"` // Rule, Field or Attack
	Text    `yaml:",inline"`
	Arrives []string `yaml:"arrives" json:"arrives"` // in the sender's mailbox, in order
	// Error is what the certification data of the notice say in errore, and
	// ExtendedError a part of their errore-esteso; empty where no notice comes.
	Error         string `yaml:"error" json:"error,omitempty"`
	ExtendedError string `yaml:"extended" json:"extendedError,omitempty"`
	// ReceiptType is the type (ricevuta@tipo) of the delivery receipt about what
	// was sent, where nothing else is asked for; empty where none comes.
	ReceiptType string `yaml:"receipt" json:"receiptType,omitempty"`
	// Unreadable says that the certification data of the acceptance are no XML
	// that the rules allow, or are not there: a careful reader refuses them.
	Unreadable bool `yaml:"unreadable" json:"unreadable"`
	Slow       bool `yaml:"slow" json:"slow"` // it takes legal hours
	// NoMailbox is "none" when there is no mailbox behind it.
	NoMailbox string   `yaml:"mailbox" json:"-"`
	Rules     []act    `yaml:"rules" json:"-"`
	Answers   []Answer `yaml:"answers" json:"-"`
}

// act is what one of the providers does otherwise, limited to kinds of messages.
type act struct {
	Kind string       `yaml:"kind"`
	Act  faults.Act   `yaml:"act"`
	Then []faults.Act `yaml:"then"`
}

// Answer is a message that comes back by itself.
type Answer struct {
	After string `yaml:"after"`
	Send  string `yaml:"send"`
}

var table = sync.OnceValues(func() ([]Group, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(tableFile))
	decoder.KnownFields(true)
	var groups []Group
	if err := decoder.Decode(&groups); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reserved: table.yaml is no table of recipients: %w", err)
	}
	for _, g := range groups {
		for i, e := range g.Entries {
			if e.ReceiptType == "" && slices.Contains(e.Arrives, pec.Delivery.String()) {
				g.Entries[i].ReceiptType = compose.Complete
			}
		}
	}
	return groups, nil
})

// Groups is the whole table, in the order in which it is shown.
func Groups() []Group {
	groups, err := table()
	if err != nil {
		panic(err) // the embedded file is wrong; a test of this package reads it
	}
	return slices.Clone(groups)
}

// Entries are all reserved recipients, in the order in which they are shown.
func Entries() []Entry {
	var all []Entry
	for _, g := range Groups() {
		all = append(all, g.Entries...)
	}
	return all
}

// Table is the table as it holds in the domains of one world. A nil Table
// reserves nothing.
type Table struct {
	domains map[string]bool
	entries map[string]Entry
}

// New makes the table for these domains.
func New(domains []string) *Table {
	t := &Table{domains: map[string]bool{}, entries: map[string]Entry{}}
	for _, d := range domains {
		t.domains[strings.ToLower(d)] = true
	}
	for _, e := range Entries() {
		t.entries[e.Local] = e
	}
	return t
}

// Lookup finds the entry of an address, in any letter case.
func (t *Table) Lookup(address string) (Entry, bool) {
	at := strings.LastIndexByte(address, '@')
	if t == nil || at < 0 || !t.domains[strings.ToLower(address[at+1:])] {
		return Entry{}, false
	}
	e, ok := t.entries[strings.ToLower(address[:at])]
	return e, ok
}

// MailboxOf is the mailbox that mail for an address goes to: of a reserved
// recipient the one that they share, of any other its own.
func (t *Table) MailboxOf(address string) string {
	e, ok := t.Lookup(address)
	if !ok || e.NoMailbox == "none" {
		return address
	}
	return Mailbox + address[strings.LastIndexByte(address, '@'):]
}

// SenderRules are what the providers do otherwise when the recipients are the
// senders, by local part: their answers leave a moment later.
func SenderRules() map[string][]faults.Rule {
	all := map[string][]faults.Rule{}
	later := faults.Act{At: faults.AtEmission, Operator: "delay", Arguments: map[string]string{"by": AnswerDelay.String()}}
	for _, e := range Entries() {
		if len(e.Answers) > 0 {
			all[e.Local] = []faults.Rule{{ID: "reserved-" + e.Local, Kind: "transport-envelope", Act: later}}
		}
	}
	return all
}

// Rules are what the providers do otherwise for the recipients, by local part.
// hour is how long a legal hour of the table lasts: an hour where the clock is
// stepped, less where somebody waits for it.
func Rules(hour time.Duration) (map[string][]faults.Rule, error) {
	all := map[string][]faults.Rule{}
	for _, e := range Entries() {
		for _, a := range e.Rules {
			r := faults.Rule{ID: "reserved-" + e.Local, Kind: a.Kind, Act: a.Act, Then: a.Then}
			if a.Act.Operator == "delay" {
				by, err := time.ParseDuration(a.Act.Arguments["by"])
				if err != nil {
					return nil, fmt.Errorf("reserved: %s: %w", e.Local, err)
				}
				r.Act.Arguments = map[string]string{"by": time.Duration(by.Hours() * float64(hour)).String()}
			}
			all[e.Local] = append(all[e.Local], r)
		}
		if e.Slow && hour != time.Hour {
			hasten := faults.Act{At: faults.AtDeadline, Operator: "hasten", Arguments: map[string]string{"hour": hour.String()}}
			all[e.Local] = append(all[e.Local], faults.Rule{ID: "reserved-" + e.Local, Act: hasten})
		}
	}
	return all, nil
}
