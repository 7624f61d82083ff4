// Package store keeps what a simulated mail host has taken responsibility for:
// mailboxes, work that was answered with 250 and is not finished, and messages
// in quarantine. Octets are immutable and addressed by their SHA-256; envelope
// and trace lie beside them, never inside.
//
// It knows nothing of certified e-mail. Each host has a store of its own, and
// no host is handed another's.
package store

import (
	"errors"
	"time"
)

// Errors that a store reports; test with errors.Is.
var (
	ErrFull      = errors.New("the store has reached its limit of bytes")
	ErrQuota     = errors.New("the mailbox is full")
	ErrNoMailbox = errors.New("no such mailbox")
	ErrNoFolder  = errors.New("no such folder")
	ErrNoBody    = errors.New("no such octets in the store")
	ErrExists    = errors.New("it exists already")
)

// Inbox is the folder that every mailbox has.
const Inbox = "INBOX"

// Store is everything that a host keeps. Implementations are safe for
// concurrent use, and what a call has returned without error is kept.
type Store interface {
	Bodies
	Mailboxes
	Spool
	Ledgers
	Quarantine
	// Together runs f and keeps all that it wrote through tx, or, when f or the
	// keeping returns an error, nothing of it. Nothing is locked while f runs, so
	// that it may take its time (a signature); two of them that touch the same
	// record have to be kept apart by their owner. Of a Tx, Together is a part that
	// can fail alone: what it wrote is left out, the rest goes on.
	Together(f func(tx Tx) error) error
	// Wipe forgets everything, of a Tx at its end. Nobody else may be writing.
	// Mailboxes that are created later have UIDVALIDITY values that their names
	// have never had.
	Wipe() error
}

// Tx is a store whose writes are kept together at the end. It is used by one
// goroutine, and not after f has returned.
//
// Spool and ledgers show what the transaction itself wrote; mailboxes and
// quarantine are shown as they stand outside. Quota and room are taken at once
// and given back when nothing is kept. Append gives the UID 0: which one it is
// is decided when the message is kept, so that UIDs rise in the order in which
// messages appear. What else stands against a change of mailboxes and folders
// (ErrExists, ErrNoMailbox …) is told at the end, by Together.
type Tx interface {
	Store
	// Afterwards has f run once all is kept, in the order of the calls and, of
	// several transactions, in the order in which they were kept. It has to be
	// short, and must write to no store.
	Afterwards(f func())
	// Finally has f run at the very end, kept or not: for giving back a lock.
	Finally(f func())
}

// Bodies holds octets by hash. Whoever keeps a body must drop it once; mailboxes,
// spool and quarantine do so for what they hold.
type Bodies interface {
	// Keep stores octets, which the caller must not change any more, and
	// returns their SHA-256 in hex. ErrFull when the limit would be passed.
	Keep(octets []byte) (hash string, err error)
	// KeepAs is Keep for octets whose SHA-256 the caller knows, in hex: it is not
	// worked out again.
	KeepAs(hash string, octets []byte) error
	// Octets returns what was kept under the hash; not to be changed. ErrNoBody.
	Octets(hash string) ([]byte, error)
	// Drop gives up one Keep; octets that nobody keeps are forgotten.
	Drop(hash string)
}

// Message is one message in a folder.
type Message struct {
	UID      uint32
	Received time.Time // INTERNALDATE, legal time
	Flags    []string  // canonical case, sorted; not to be changed in place
	Body     string    // hash
	Size     int64
	Trace    Trace
}

// Trace is how a message came to a mailbox.
type Trace struct {
	ReversePath string
	Recipient   string
}

// Folder is a folder as it stood when it was asked for.
type Folder struct {
	Name        string
	UIDValidity uint32
	UIDNext     uint32
	Messages    []Message       // by UID
	Changed     <-chan struct{} // closed at the next change
}

// Mailboxes holds the mailboxes of a host. Names of mailboxes are addresses,
// compared without regard to case.
type Mailboxes interface {
	// CreateMailbox makes a mailbox with an INBOX. quota is its limit in bytes,
	// 0 for none. ErrExists.
	CreateMailbox(mailbox string, quota int64) error
	// RemoveMailbox makes a mailbox and all that it holds disappear. One that is
	// created under the same name later is empty, and its folders have UIDVALIDITY
	// values that the name has never had. ErrNoMailbox.
	RemoveMailbox(mailbox string) error
	// SetQuota gives a mailbox another limit in bytes, 0 for none. What it holds
	// stays. ErrNoMailbox.
	SetQuota(mailbox string, bytes int64) error
	// Appended has hook called after each message that was put into a folder is
	// kept, in that order; it replaces an earlier hook, and nil ends the calls.
	// The hook may read the store and must not write to it.
	Appended(hook func(mailbox, folder string, m Message))
	// HasMailbox tells whether there is such a mailbox.
	HasMailbox(mailbox string) bool
	// Usage returns the bytes held by a mailbox and its quota (0: none).
	Usage(mailbox string) (bytes, quota int64, err error)
	// Append adds a message to a folder and returns its UID. With force the
	// quota is not looked at. m.Body, when the caller knows it, is the hash of the
	// octets, which is not worked out again then. ErrNoMailbox, ErrNoFolder, ErrQuota, ErrFull.
	Append(mailbox, folder string, octets []byte, m Message, force bool) (uid uint32, err error)
	// Folder returns a folder as it is now.
	Folder(mailbox, folder string) (Folder, error)
	// Folders lists the names of the folders, INBOX first.
	Folders(mailbox string) ([]string, error)
	// CreateFolder, DeleteFolder and RenameFolder change the list of folders.
	CreateFolder(mailbox, folder string) error
	DeleteFolder(mailbox, folder string) error
	RenameFolder(mailbox, from, to string) error
	// SetFlags replaces the flags of one message.
	SetFlags(mailbox, folder string, uid uint32, flags []string) error
	// Expunge removes messages.
	Expunge(mailbox, folder string, uids []uint32) error
}

// Work is something that was answered with 250 and is still to be done.
type Work struct {
	Queue string // whose work it is, e.g. "arrivals", "relay"
	ID    string // unique within the queue
	Body  string // hash of the octets that it is about; empty for none
	Data  []byte // what its owner needs to take it up again, JSON
}

// Spool holds work until it is done, so that a restart can take it up.
type Spool interface {
	// PutWork stores work, or replaces that of the same queue and ID. The
	// body must have been kept; the spool keeps it once more.
	PutWork(Work) error
	// DropWork forgets it, and its body.
	DropWork(queue, id string)
	// Works returns what a queue holds, in the order in which it was first put.
	Works(queue string) []Work
}

// Record is a line of a ledger.
type Record struct {
	Key  string
	Data []byte // its owner's, JSON
}

// Ledgers hold what outlasts the work that it is about: the log, and what was
// delivered to whom.
type Ledgers interface {
	// Record stores a record, or replaces that of the same ledger and key.
	Record(ledger, key string, data []byte) error
	// Recorded returns the record of that key; ok is false when there is none.
	Recorded(ledger, key string) (data []byte, ok bool)
	// Records returns a ledger, in the order in which its keys were first put.
	Records(ledger string) []Record
	// Forget drops the records that came before the key of the ledger, so that
	// the one named becomes the first. A key that is not there changes nothing.
	Forget(ledger, before string)
}

// Infected is a message that was found to hold a virus.
type Infected struct {
	At    time.Time
	Found string // what the scanner said
	Where string // "access" or "incoming"
	Body  string // hash
	Trace Trace
}

// Quarantine is the special store for infected messages (RFC 6109 3.1.7, 3.2.3).
type Quarantine interface {
	// Isolate stores an infected message as it came.
	Isolate(octets []byte, i Infected) error
	// Isolated lists the quarantine, oldest first.
	Isolated() []Infected
}
