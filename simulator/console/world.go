package console

import (
	"context"
	"errors"
	"time"

	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/store"
)

// Errors that a world reports; test with errors.Is.
var (
	// ErrNone says that this world has nothing of the kind that was asked for,
	// such as transcripts or scripts.
	ErrNone = errors.New("this world has none of it")
	// ErrNotFound says that there is no mailbox, message or session of that name.
	ErrNotFound = errors.New("there is no such thing in this world")
	// ErrAsked says that what was asked cannot be meant.
	ErrAsked = errors.New("this cannot be done")
)

// World is what the console shows, and what it may do.
type World interface {
	ClockWorld
	MailWorld
	TranscriptWorld
	ScriptWorld
	AccountWorld
}

// ClockWorld is the legal clock of the world.
type ClockWorld interface {
	Now() time.Time
	// Steppable tells whether the clock can be advanced.
	Steppable() bool
	// Advance moves legal time on, and returns when all that fell due has
	// happened.
	Advance(ctx context.Context, by time.Duration) error
}

// MailWorld is the hosts of the world and what they keep.
type MailWorld interface {
	// Hosts lists the hosts, providers first.
	Hosts() []Host
	// Folders returns a mailbox's folders with what is in them. ErrNotFound.
	Folders(mailbox string) ([]store.Folder, error)
	// Message returns a message that some host keeps, by its SHA-256 in
	// hexadecimal; not to be changed. ErrNotFound.
	Message(sha256 string) ([]byte, error)
	// Log returns the legal logs of all providers, each oldest first.
	Log() ([]LogLine, error)
}

// Host is a host of the world.
type Host struct {
	Name     string // of the provider, or the host name
	Provider bool   // of certified mail
	Domains  []string
	Services []Service
}

// Service is a door of a host.
type Service struct {
	Name    string // as users know it: "SMTP, TLS" …
	Address string // host:port
}

// LogLine is a line of a provider's legal log.
type LogLine struct {
	Provider string
	journal.Entry
}

// TranscriptWorld is what was said on the protocols.
type TranscriptWorld interface {
	// Sessions lists sessions, newest first, without their lines. ErrNone.
	Sessions(SessionFilter) ([]Session, error)
	// Session returns one with its lines. ErrNone, ErrNotFound.
	Session(id int64) (Session, error)
}

// SessionFilter chooses sessions. Empty fields choose all.
type SessionFilter struct {
	Host, Protocol, Account string
	Before                  int64 // sessions with a smaller ID
	Limit                   int
}

// Session is one connection, from its beginning to its end.
type Session struct {
	ID                int64
	Host              string
	Protocol          string // smtp, imap, pop3, ldap, https …
	Service           string
	Peer              string
	TLS               string // version; empty in clear
	Account           string
	Began, Ended      time.Time // Ended is zero while it is open
	Lines             []Line
	Messages          []string // SHA-256 of those that were carried
	BytesIn, BytesOut int64
	Truncated         bool // not all of it was kept
}

// Line is something that one side said.
type Line struct {
	At   time.Time
	From string // client, server or note
	Text string
}

// ScriptWorld is how providers deviate on purpose.
type ScriptWorld interface {
	// Faults lists what can be switched on.
	Faults() []Fault
	// Rules lists what is on.
	Rules() []Rule
	// SwitchOn switches a rule on. ErrNone where that is not possible.
	SwitchOn(Rule) error
	// SwitchOff switches one off by its ID. ErrNone, ErrNotFound.
	SwitchOff(id string) error
}

// Fault is a deviation that can be switched on.
type Fault struct {
	ID, Title, Family string
}

// Rule is a deviation that is on, and for which messages.
type Rule struct {
	ID        string // given when it is switched on
	Fault     string
	Provider  string // name or service domain; empty: every one
	Sender    string
	Recipient string
	Subject   string // a part of it
	Kind      string
	Skip      int  // so many messages before it begins
	Times     int  // then for so many; 0: all
	Fixed     bool // since the start; cannot be switched off
	Matched   int  // messages that it was for
	Touched   int  // those of them that it changed
	Restart   bool // it acts from the provider's next start on
}

// AccountWorld is the accounts of the world and their states.
type AccountWorld interface {
	// Accounts lists the accounts of all hosts.
	Accounts() ([]Account, error)
	// Act does one of an account's Actions to it. ErrNone, ErrNotFound.
	Act(ctx context.Context, address, action string) error
}

// Account is a mailbox and who may use it.
type Account struct {
	Address  string
	Host     string
	Actor    string // who it is in the scenarios; may be empty
	User     string
	Password string // of a simulated user, shown to whoever tries the world
	Service  bool   // a provider's own mailbox
	State    string // active, expired, locked …
	Why      string // of the state, in words; may be empty
	Since    time.Time
	Expires  time.Time // zero: never
	Messages int
	Bytes    int64
	Quota    int64    // 0: none
	Actions  []string // that may be done to it now: suspend, resume, expire, renew …
}
