package accounts

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// errQuiet ends an alteration of which nothing is kept and nobody is told.
var errQuiet = errors.New("nothing to keep")

// alter does something to a mailbox: f changes the entry, the change is kept,
// and who wants to know is told. What f returned an error for is undone.
func (d *Directory) alter(address string, f func(e *entry, now time.Time) (*Change, error)) error {
	if d.o.Now == nil {
		return fmt.Errorf("%s: mailboxes of this host have no life", address)
	}
	d.mu.Lock()
	e := d.byName[strings.ToLower(address)]
	if e == nil || e.Account.Service {
		d.mu.Unlock()
		return fmt.Errorf("%w: %s", ErrUnknown, address)
	}
	told, err := d.altered(e, f)
	d.mu.Unlock()
	d.tell(told)
	d.moved()
	return err
}

// altered is alter under the lock.
func (d *Directory) altered(e *entry, f func(e *entry, now time.Time) (*Change, error)) ([]Change, error) {
	now, p := d.now(), d.policy(e)
	told := e.elapse(now, p) // what time has brought about comes first
	before := *e
	c, err := f(e, now)
	switch {
	case errors.Is(err, errQuiet):
		if len(told) == 0 {
			return nil, nil
		}
	case err != nil:
		*e = before
		if len(told) == 0 {
			return nil, err
		}
	case c != nil:
		from := e.State
		e.settle(now, p)
		c.At, c.Address, c.From, c.To = now, e.Account.Address, from, e.State
		if c.From == c.To {
			c.From = ""
		}
		e.changed(*c)
		told = append(told, *c)
	}
	if kept := d.keep(e); kept != nil {
		return told, errors.Join(err, kept)
	}
	if errors.Is(err, errQuiet) {
		err = nil
	}
	return told, err
}

func (d *Directory) moved() {
	if d.o.Moved != nil {
		d.o.Moved()
	}
}

func (d *Directory) tell(list []Change) {
	if d.o.Changed == nil {
		return
	}
	for _, c := range list {
		d.o.Changed(c)
	}
}

// settle names the state that the instants give.
func (l *life) settle(now time.Time, p Policy) {
	if state := l.conditions(now, p)[0]; state != l.State {
		l.State, l.Since = state, now
	}
}

// elapse brings the told state up to what time has made of it.
func (l *life) elapse(now time.Time, p Policy) []Change {
	var told []Change
	note := func(what, text string) {
		from := l.State
		l.settle(now, p)
		c := Change{At: now, Address: l.Account.Address, What: what, From: from, To: l.State, Note: text}
		if c.From == c.To {
			c.From = ""
		}
		l.changed(c)
		told = append(told, c)
	}
	if l.GoneAt.IsZero() && l.AutoRenew && l.hasExpired(now) && l.State != Expired {
		if l.NoPayment {
			note(RenewalFailed, "the means of payment does not work")
		} else {
			for l.hasExpired(now) {
				l.Expires = months(l.Expires, p.TermMonths)
			}
			note(Renewed, "by itself, until "+l.Expires.Format(time.RFC3339))
		}
	}
	if l.Lock != nil && !l.Lock.Until.IsZero() && !now.Before(l.Lock.Until) {
		l.Lock = nil
	}
	state := l.conditions(now, p)[0]
	if state == l.State {
		return told
	}
	switch {
	case state == Deleted:
		l.GoneAt, l.AutoRenew, l.Secret, l.Code = now, false, nil, nil
		note(HasBeenDeleted, fmt.Sprintf("not renewed within %d days", p.GraceDays))
	case state == Expired:
		note(HasExpired, "")
	case state == LockedInactive:
		note(HasBeenLocked, fmt.Sprintf("no sign-in for %d days", p.InactivityDays))
	case state == Active && l.State == InActivation:
		note(Activated, "")
	case l.State.Locked():
		note(Unlocked, "its time was over")
	default:
		l.settle(now, p)
	}
	return told
}

// Elapse brings every mailbox up to what time has made of it, and tells of it.
// What a mailbox may do does not depend on it: it holds from its instant on.
func (d *Directory) Elapse() error {
	if d.o.Now == nil {
		return nil
	}
	var told []Change
	var errs []error
	d.mu.Lock()
	now := d.now()
	for _, name := range d.order {
		e := d.byName[name]
		if e.Account.Service {
			continue
		}
		if list := e.elapse(now, d.policy(e)); len(list) > 0 {
			told = append(told, list...)
			errs = append(errs, d.keep(e))
		}
	}
	d.mu.Unlock()
	d.tell(told)
	d.moved()
	return errors.Join(errs...)
}

// Due is when the next state of some mailbox begins by itself; ok is false when
// none will. One that has begun and was not told yet is due at once.
func (d *Directory) Due() (next time.Time, ok bool) {
	if d.o.Now == nil {
		return next, false
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	now := d.now()
	for _, name := range d.order {
		e := d.byName[name]
		if e.Account.Service {
			continue
		}
		p := d.policy(e)
		at, any := e.due(now, p)
		if e.conditions(now, p)[0] != e.State {
			at, any = now, true
		}
		if any && (!ok || at.Before(next)) {
			next, ok = at, true
		}
	}
	return next, ok
}
