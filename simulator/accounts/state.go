package accounts

import "slices"

// State is where a mailbox stands in its life.
type State string

// States of a mailbox. Locks leave the mailbox whole and keep its user out;
// deleted and closed mailboxes are empty, and only their holder may have the
// address again.
const (
	InActivation   State = "in-activation"   // bought, not usable yet
	Active         State = "active"          //
	LockedPassword State = "locked-password" // wrong passwords, several times
	LockedFarAway  State = "locked-far-away" // signed in from places too far apart
	LockedInactive State = "locked-inactive" // nobody has signed in for long
	Expired        State = "expired"         // not renewed; its grace is running
	Suspended      State = "suspended"       // by the provider
	Deleted        State = "deleted"         // its grace is over
	Closed         State = "closed"          // at its holder's request
)

// States lists all states, worst last.
func States() []State {
	return []State{Active, InActivation, LockedInactive, LockedFarAway, LockedPassword, Expired, Suspended, Deleted, Closed}
}

// Gone tells that the mailbox does not exist any more: to a sender it is as if
// it had never been.
func (s State) Gone() bool { return s == Deleted || s == Closed }

// Locked tells one of the locks.
func (s State) Locked() bool {
	return s == LockedPassword || s == LockedFarAway || s == LockedInactive
}

// Sending is what becomes of a message that a user submits.
type Sending string

// Ways to treat a submission, from the freest to the least.
const (
	MaySend      Sending = "yes"
	SendByNotice Sending = "notice"  // taken, and answered by a notice of non-acceptance
	SendRefused  Sending = "refused" // refused by SMTP
)

// Rights are what a state lets happen.
type Rights struct {
	SignIn  bool    `json:"signIn"`
	Send    Sending `json:"send"`
	Read    bool    `json:"read"`
	Change  bool    `json:"change"`  // add, remove and move messages and folders; marks follow Read
	Receive bool    `json:"receive"` // from anybody; receipts reach whoever exists
	// Refusal is the errore of the certification data that a sender gets who
	// cannot be served: "altro" or "no-dest" (RFC 6109 4.4).
	Refusal string `json:"refusal,omitempty"`
}

// all is what an active mailbox may do.
func all() Rights {
	return Rights{SignIn: true, Send: MaySend, Read: true, Change: true, Receive: true}
}

// usual are the rights of a state where the policy says nothing of it. The
// rules are silent; this is what providers are seen to do.
func usual(s State) Rights {
	switch s {
	case Active:
		return all()
	case LockedPassword, LockedFarAway, LockedInactive: // legal delivery does not depend on access
		return Rights{Send: SendRefused, Receive: true}
	case Expired: // old mail can be read, new mail arrives, nothing leaves
		return Rights{SignIn: true, Send: SendRefused, Read: true, Receive: true}
	case Deleted, Closed:
		return Rights{Send: SendRefused, Refusal: "no-dest"}
	default:
		return Rights{Send: SendRefused, Refusal: "altro"}
	}
}

// and is what is allowed when both are in force: an expired mailbox that is
// locked besides is not opened by having expired.
func (r Rights) and(other Rights) Rights {
	order := []Sending{MaySend, SendByNotice, SendRefused}
	worst := r.Send
	if slices.Index(order, other.Send) > slices.Index(order, r.Send) {
		worst = other.Send
	}
	refusal := r.Refusal
	if refusal == "" || r.Receive {
		refusal = other.Refusal
	}
	return Rights{
		SignIn: r.SignIn && other.SignIn, Send: worst, Read: r.Read && other.Read,
		Change: r.Change && other.Change, Receive: r.Receive && other.Receive, Refusal: refusal,
	}
}
