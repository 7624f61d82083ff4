package evidence

import "time"

// States of a mailbox as evidence names them, whatever the target calls them
// further.
const (
	MailboxActive  = "active"
	MailboxExpired = "expired"
	MailboxDeleted = "deleted" // by the provider, when its grace was over
	MailboxClosed  = "closed"  // at its holder's request
)

// MailboxLife is where a mailbox stood at an instant, as the target claims it.
type MailboxLife struct {
	Mailbox     string    `json:"mailbox"` // address
	Provider    string    `json:"provider"`
	At          time.Time `json:"at"` // legal time
	State       string    `json:"state"`
	Incarnation int       `json:"incarnation,omitempty"` // the how manieth mailbox of that address it is
	Expires     time.Time `json:"expires,omitzero"`      // zero: never
	Bytes       int64     `json:"bytes"`
	Quota       int64     `json:"quota,omitempty"` // 0: none
}

// Gone tells that there is no mailbox any more.
func (l MailboxLife) Gone() bool { return l.State == MailboxDeleted || l.State == MailboxClosed }

// What was tried with a mailbox.
const (
	MailboxSignIn = "sign in"
	MailboxSend   = "send" // up to the recipient: no message was given
	MailboxRead   = "read"
)

// MailboxUse is one thing that somebody tried with a mailbox.
type MailboxUse struct {
	Mailbox  string    `json:"mailbox"`
	Provider string    `json:"provider"`
	At       time.Time `json:"at"`
	Protocol string    `json:"protocol"` // smtp, imap
	What     string    `json:"what"`
	Wrong    bool      `json:"wrong,omitempty"` // with a wrong password, on purpose
	Allowed  bool      `json:"allowed"`
	Answer   string    `json:"answer,omitempty"`
	// Of a mailbox that was read: how many messages lie in it, and its UIDVALIDITY
	// (RFC 9051 2.3.1.1).
	Messages int    `json:"messages,omitempty"`
	Validity uint32 `json:"validity,omitempty"`
}

// MailboxRecovery is what somebody was told who asked for the password of a
// mailbox that exists, and what somebody was told about one that does not.
type MailboxRecovery struct {
	At      time.Time      `json:"at"`
	Known   RecoveryAnswer `json:"known"`
	Unknown RecoveryAnswer `json:"unknown"`
}

// RecoveryAnswer is one of the two answers.
type RecoveryAnswer struct {
	Mailbox string `json:"mailbox"`
	Status  int    `json:"status"` // of HTTP
	Text    string `json:"text"`
}
