package evidence

import "time"

// Waiting is a scenario that waits for legal time to pass where the target's
// clock cannot be moved on. Until it has gone on, nothing is concluded of it.
type Waiting struct {
	Until  time.Time `json:"until"`  // legal time from which it can go on
	Latest time.Time `json:"latest"` // later than this it says something else than it was meant to
	Step   int       `json:"step"`   // which of its steps waits, from 0
	// Present says that a provider which the harness plays must be there all the
	// time: the target may come back to it while the scenario waits.
	Present bool `json:"present,omitempty"`
}

// Suspension is where a scenario stands while it waits: what its other events do
// not say and whoever goes on with it needs to know.
type Suspension struct {
	Waiting Waiting       `json:"waiting"`
	Since   time.Time     `json:"since"`           // legal time
	Latest  []string      `json:"it,omitempty"`    // submissions or dispatches that "it" means
	Sent    LastSent      `json:"sent,omitzero"`   // what "the sending" and "the message" mean
	Last    string        `json:"last,omitempty"`  // dispatch that "the same" means
	Asked   string        `json:"asked,omitempty"` // protocol question that "that" means
	Reading string        `json:"reading,omitempty"`
	Revoked []string      `json:"revoked,omitempty"` // blobs: certificates that the scenario had revoked, PEM
	Peers   []PeerManner  `json:"peers,omitempty"`
	Read    []MailboxMark `json:"read,omitempty"`
	Lists   []ListRead    `json:"lists,omitempty"`
	Shut    []string      `json:"shut,omitempty"` // mailboxes that refused the last look
}

// LastSent is the last transaction that a user carried out.
type LastSent struct {
	Ended     time.Time `json:"ended"` // legal time of the reply to the final dot
	Account   string    `json:"account,omitempty"`
	Provider  string    `json:"provider,omitempty"`
	MessageID string    `json:"messageId,omitempty"` // with its brackets
}

// PeerManner is how a provider behaves that the harness plays.
type PeerManner struct {
	Peer   string `json:"peer"`
	Manner string `json:"manner"`
}

// MailboxMark is what of a mailbox has been looked at: messages are known by
// UIDVALIDITY/UID.
type MailboxMark struct {
	Mailbox  string   `json:"mailbox"`
	Messages []string `json:"messages,omitempty"` // those that are in evidence, or were left where they are
	Validity uint32   `json:"validity,omitempty"` // UIDVALIDITY of a mailbox that the scenarios of a run share
	Next     uint32   `json:"next,omitempty"`     // first UID that may be looked at: what was there before the run lies below
}

// ListRead is how far a list of the white box has been read.
type ListRead struct {
	List  string `json:"list"`
	Count int    `json:"count"`
	Last  string `json:"last,omitempty"` // SHA-256 of the last entry
}

// Resumption says how a run, or a scenario, was taken up again.
type Resumption struct {
	Version string `json:"version,omitempty"` // of the tool that goes on
	// Dropped is how many bytes of a half-written last line were taken off.
	Dropped int64 `json:"dropped,omitempty"`
}

// Superseded says why a scenario is played again from its first step. What it has
// in evidence up to here is an earlier attempt, of which only the messages count.
type Superseded struct {
	Reason string `json:"reason"`
}

// Standing is how far a scenario of an interrupted or waiting run has come.
type Standing string

// Standings of a scenario.
const (
	Ended     Standing = "ended"       // to its last step, or with trouble of the harness: it is not played again
	Cut       Standing = "cut"         // in the middle of a step: it is played again from the first
	Suspended Standing = "suspended"   // it waits for legal time, and goes on from there
	NotBegun  Standing = "not-started" // nothing of it is in evidence
)

// Standing tells how far the scenario has come.
func (c *Case) Standing() Standing {
	switch {
	case len(c.Events) == 0:
		return NotBegun
	case c.Suspension != nil && (c.End == nil || c.End.Waiting != nil):
		return Suspended
	case c.End != nil:
		return Ended
	}
	return Cut
}
