package accounts

import (
	"slices"
	"time"
)

// Holder is who bought a mailbox. It is not the mailbox's user: the holder
// renews, closes and recovers it, also when nobody can sign in.
type Holder struct {
	Name     string `json:"name,omitempty"`
	TaxCode  string `json:"taxCode,omitempty"`  // codice fiscale or partita IVA: what only the holder is taken to know
	Email    string `json:"email,omitempty"`    // ordinary address, for links and confirmations
	Phone    string `json:"phone,omitempty"`    // for codes by SMS
	Question string `json:"question,omitempty"` // one of Questions
	Answer   string `json:"answer,omitempty"`
}

// Lock keeps the user out.
type Lock struct {
	State State     `json:"state"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until,omitzero"` // zero: until somebody unlocks it
}

// Change is something that happened in the life of a mailbox.
type Change struct {
	At      time.Time `json:"at"` // legal time
	Address string    `json:"address"`
	What    string    `json:"what"` // one of the Change constants
	From    State     `json:"from,omitempty"`
	To      State     `json:"to"`
	Note    string    `json:"note,omitempty"`
}

// What may happen to a mailbox.
const (
	Created         = "created"
	Activated       = "activated"
	Renewed         = "renewed"
	RenewalFailed   = "renewal-failed"
	HasExpired      = "expired"
	HasBeenDeleted  = "deleted"
	HasBeenClosed   = "closed"
	Repurchased     = "repurchased"
	HasBeenLocked   = "locked"
	Unlocked        = "unlocked"
	IsSuspended     = "suspended"
	Resumed         = "resumed"
	PasswordChanged = "password-changed"
	HolderChanged   = "holder-changed"
	PlanChanged     = "plan-changed"
	RecoveryAsked   = "recovery-asked" // something was sent to the holder
	ExpiryChanged   = "expiry-changed"
)

// maxChanges is how many changes of one mailbox are kept.
const maxChanges = 500

// life is all that is known of a mailbox besides its contents, as it is kept in
// the ledger. What follows from the passing of time is worked out from the
// instants, so that a state holds from its own instant on, whether or not
// somebody has looked.
type life struct {
	Added   bool    `json:"added,omitempty"` // while the world ran: no configuration names it
	Account Account `json:"account"`         // without its password
	Secret  *Secret `json:"secret,omitempty"`
	Answer  *Secret `json:"answer,omitempty"` // to the secret question, when it was set while the world ran
	Told    bool    `json:"told,omitempty"`   // the holder was set while the world ran, not by the configuration

	State       State     `json:"state"` // the last one that was told
	Since       time.Time `json:"since,omitzero"`
	Activates   time.Time `json:"activates,omitzero"`
	Expires     time.Time `json:"expires,omitzero"` // zero: never
	SuspendedAt time.Time `json:"suspendedAt,omitzero"`
	GoneAt      time.Time `json:"goneAt,omitzero"` // deleted or closed
	ByHolder    bool      `json:"byHolder,omitempty"`
	Lock        *Lock     `json:"lock,omitempty"`
	Incarnation int       `json:"incarnation"` // how often it was bought, from 1
	Plan        string    `json:"plan,omitempty"`
	AutoRenew   bool      `json:"autoRenew,omitempty"`
	NoPayment   bool      `json:"noPayment,omitempty"` // the means of payment does not work

	LastAccess time.Time               `json:"lastAccess,omitzero"`
	LastPlace  string                  `json:"lastPlace,omitempty"`
	Wrong      []time.Time             `json:"wrong,omitempty"` // passwords, within the window
	Asked      map[Channel][]time.Time `json:"asked,omitempty"` // recovery, within the hour
	Code       *code                   `json:"code,omitempty"`  // sent by SMS

	Changes []Change `json:"changes,omitempty"`
}

// conditions are all that is in force at an instant, the one that names the
// state first.
func (l *life) conditions(now time.Time, p Policy) []State {
	if gone, state := l.gone(now, p); gone {
		return []State{state}
	}
	var list []State
	if !l.SuspendedAt.IsZero() {
		list = append(list, Suspended)
	}
	if l.hasExpired(now) {
		list = append(list, Expired)
	}
	if now.Before(l.Activates) {
		list = append(list, InActivation)
	}
	if l.Lock != nil && (l.Lock.Until.IsZero() || now.Before(l.Lock.Until)) {
		list = append(list, l.Lock.State)
	} else if due, any := l.inactive(p); any && !now.Before(due) {
		list = append(list, LockedInactive)
	}
	if len(list) == 0 {
		list = append(list, Active)
	}
	return list
}

func (l *life) hasExpired(now time.Time) bool { return !l.Expires.IsZero() && !now.Before(l.Expires) }

func (l *life) gone(now time.Time, p Policy) (bool, State) {
	switch {
	case !l.GoneAt.IsZero() && l.ByHolder:
		return true, Closed
	case !l.GoneAt.IsZero(), !l.Expires.IsZero() && !now.Before(days(l.Expires, p.GraceDays)):
		return true, Deleted
	}
	return false, ""
}

// inactive is when the mailbox is locked for want of a sign-in.
func (l *life) inactive(p Policy) (time.Time, bool) {
	if p.InactivityDays == 0 || l.LastAccess.IsZero() || l.Account.Service {
		return time.Time{}, false
	}
	return days(l.LastAccess, p.InactivityDays), true
}

// rights are those of all conditions together.
func (l *life) rights(now time.Time, p Policy) Rights {
	sum := all()
	for _, s := range l.conditions(now, p) {
		sum = sum.and(p.rights(s))
	}
	return sum
}

// due is when the next state begins by itself.
func (l *life) due(now time.Time, p Policy) (next time.Time, any bool) {
	if gone, _ := l.gone(now, p); gone {
		return next, false
	}
	list := []time.Time{l.Activates}
	if !l.Expires.IsZero() {
		list = append(list, l.Expires, days(l.Expires, p.GraceDays))
	}
	if l.Lock != nil {
		list = append(list, l.Lock.Until)
	} else if at, counts := l.inactive(p); counts {
		list = append(list, at)
	}
	for _, at := range list {
		if at.After(now) && (!any || at.Before(next)) {
			next, any = at, true
		}
	}
	return next, any
}

func (l *life) changed(c Change) {
	l.Changes = append(l.Changes, c)
	if over := len(l.Changes) - maxChanges; over > 0 {
		l.Changes = slices.Delete(l.Changes, 0, over)
	}
}
