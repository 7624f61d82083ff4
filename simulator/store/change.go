package store

// Verb says what a change does.
type Verb int

// The changes of a store's state. Octets are no part of it: they lie where
// their hash finds them before a change speaks of them.
const (
	MakeMailbox Verb = iota + 1
	RemoveMailbox
	SetQuota
	MakeFolder
	RemoveFolder
	RenameFolder
	AddMessage
	SetFlags
	RemoveMessages
	PutWork
	DropWork
	PutRecord
	ForgetRecords
	AddInfected
	Wipe // everything; UIDVALIDITY values stay used
)

// Change is one step of a store's state, as data, so that a Backing can write
// it down and give it back. Which fields count depends on the verb.
type Change struct {
	Verb    Verb
	Mailbox string // lower case
	Folder  string
	To      string // RenameFolder
	Quota   int64  // MakeMailbox, SetQuota

	// UIDValidity tells folders of a mailbox apart. With MakeMailbox it is that of
	// the next folder; 0 leaves the choice to the store.
	UIDValidity uint32
	UIDNext     uint32   // MakeFolder; 0 means 1
	UIDs        []uint32 // SetFlags (one), RemoveMessages

	Message  Message // AddMessage; of SetFlags only the flags
	Work     Work    // PutWork; of DropWork queue and ID
	Ledger   string
	Record   Record // PutRecord; of ForgetRecords the key that becomes the first
	Infected Infected
}

// Backing is where a store writes what has to outlive the process.
type Backing interface {
	// Write writes changes down, all or none of them. It is called by one
	// goroutine at a time, in order.
	Write(changes []*Change) error
	// Put writes octets down, Octets reads them, Remove forgets them. Put and
	// Octets are called by several goroutines, never for one hash together with
	// Remove.
	Put(hash string, octets []byte) error
	Octets(hash string) ([]byte, error)
	Remove(hash string)
}
