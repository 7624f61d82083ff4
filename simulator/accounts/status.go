package accounts

import (
	"slices"
	"strings"
	"time"
)

// Status is a mailbox as its holder sees it in the customer area.
type Status struct {
	Address     string    `json:"address"`
	Actor       string    `json:"actor,omitempty"`
	State       State     `json:"state"`
	Also        []State   `json:"also,omitempty"` // what is in force besides
	Since       time.Time `json:"since,omitzero"` // when that state was last told
	Rights      Rights    `json:"rights"`
	Activates   time.Time `json:"activates,omitzero"`
	Expires     time.Time `json:"expires,omitzero"`
	Deletion    time.Time `json:"deletion,omitzero"` // end of the grace: until then it can be renewed
	Lock        *Lock     `json:"lock,omitempty"`
	Incarnation int       `json:"incarnation"`
	Plan        string    `json:"plan,omitempty"`
	AutoRenew   bool      `json:"autoRenew,omitempty"`
	LastAccess  time.Time `json:"lastAccess,omitzero"`
	LastPlace   string    `json:"lastPlace,omitempty"`
	Holder      string    `json:"holder,omitempty"` // name only
	OwnDomain   bool      `json:"ownDomain,omitempty"`
	Postmaster  string    `json:"postmaster,omitempty"`
}

// Status returns where a mailbox stands now.
func (d *Directory) Status(address string) (Status, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	e := d.byName[strings.ToLower(address)]
	if e == nil || e.Account.Service {
		return Status{}, false
	}
	return d.status(e), true
}

// Statuses returns all, in the order in which they were added.
func (d *Directory) Statuses() []Status {
	d.mu.RLock()
	defer d.mu.RUnlock()
	list := []Status{}
	for _, name := range d.order {
		if e := d.byName[name]; !e.Account.Service {
			list = append(list, d.status(e))
		}
	}
	return list
}

func (d *Directory) status(e *entry) Status {
	p := d.policy(e)
	postmaster := d.o.Policies.Postmaster(domainOf(e.Account.Address))
	s := Status{
		Address: e.Account.Address, Actor: e.Account.Actor, State: e.State, Since: e.Since, Rights: all(), Activates: e.Activates,
		Expires: e.Expires, Incarnation: e.Incarnation, Plan: e.Plan, AutoRenew: e.AutoRenew,
		LastAccess: e.LastAccess, LastPlace: e.LastPlace, Holder: e.Account.Holder.Name,
		OwnDomain: postmaster != "", Postmaster: postmaster,
	}
	if d.o.Now == nil {
		return s
	}
	now := d.now()
	conditions := e.conditions(now, p)
	s.State, s.Also, s.Rights = conditions[0], conditions[1:], e.rights(now, p)
	if !e.Expires.IsZero() {
		s.Deletion = days(e.Expires, p.GraceDays)
	}
	if l := e.Lock; l != nil && slices.Contains(conditions, l.State) {
		shown := *l
		s.Lock = &shown
	}
	return s
}

// RightsOf is what a mailbox may do now; ok is false when there is none, or it
// is gone. A service mailbox has no life: it may do everything.
func (d *Directory) RightsOf(address string) (r Rights, ok bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	e := d.byName[strings.ToLower(address)]
	switch {
	case e == nil:
		return usual(Deleted), false
	case d.o.Now == nil || e.Account.Service:
		return all(), true
	}
	now, p := d.now(), d.policy(e)
	gone, _ := e.gone(now, p)
	return e.rights(now, p), !gone
}

// Changes is the history of a mailbox, oldest first, over all its incarnations.
func (d *Directory) Changes(address string) ([]Change, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	e := d.byName[strings.ToLower(address)]
	if e == nil {
		return nil, false
	}
	return append([]Change{}, e.Changes...), true
}

// Under lists the mailboxes that a postmaster looks after: those of the own
// domain that names the address as its postmaster.
func (d *Directory) Under(postmaster string) []Status {
	list := []Status{}
	for _, s := range d.Statuses() {
		if s.Postmaster != "" && strings.EqualFold(s.Postmaster, postmaster) {
			list = append(list, s)
		}
	}
	return list
}
