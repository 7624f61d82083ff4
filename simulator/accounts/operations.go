package accounts

import (
	"fmt"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
)

// minPassword is the shortest password that somebody may set.
const minPassword = 8

// Create adds a mailbox while the world runs. term is the months until it
// expires; 0: never, unless a.Expires says when.
func (d *Directory) Create(a Account, term int) error {
	name, err := nameOf(a.Address)
	if err != nil {
		return err
	}
	secret, err := d.secret(a.Password)
	if err != nil {
		return err
	}
	d.mu.Lock()
	if d.byName[name] != nil {
		d.mu.Unlock()
		return fmt.Errorf("%w: account %s is there already; one that is gone is bought again by its holder", ErrState, a.Address)
	}
	e := newEntry(a)
	now, p := d.now(), d.policy(e)
	e.hasSeen, e.Secret, e.Added, e.Told, e.Since = false, &secret, true, true, now
	if p.ActivationMinutes > 0 {
		e.Activates = now.Add(minutes(p.ActivationMinutes))
	}
	if term > 0 {
		e.Expires = months(now, term)
	}
	if p.InactivityDays > 0 {
		e.LastAccess = now
	}
	err = d.answer(e)
	if err == nil {
		d.byName[name] = e
		d.order = append(d.order, name)
	}
	d.mu.Unlock()
	if err != nil {
		return err
	}
	return d.alter(name, func(*entry, time.Time) (*Change, error) { return &Change{What: Created}, nil })
}

func (d *Directory) secret(password string) (Secret, error) {
	if err := longEnough(password); err != nil {
		return Secret{}, err
	}
	return newSecret(d.o.Random, password)
}

func longEnough(password string) error {
	if len(password) < minPassword {
		return fmt.Errorf("%w: it has %d characters, want at least %d", ErrPassword, len(password), minPassword)
	}
	return nil
}

// answer replaces the answer to the secret question by what tells it.
func (d *Directory) answer(e *entry) error {
	e.Answer = nil
	if e.Account.Holder.Answer == "" {
		return nil
	}
	s, err := newSecret(d.o.Random, plainAnswer(e.Account.Holder.Answer))
	e.Answer, e.Account.Holder.Answer = &s, ""
	return err
}

// exists wants a mailbox that is not gone.
func (e *entry) exists(what string) error {
	if e.State.Gone() {
		return fmt.Errorf("%w: %s is %s, and cannot be %s", ErrState, e.Account.Address, e.State, what)
	}
	return nil
}

// Renew lets a mailbox go on for so many months (0: a term of the policy) from
// its expiry, with all that it holds, or from now where it has none. Once its
// grace is over it cannot be renewed any more.
func (d *Directory) Renew(address string, term int) error {
	return d.alter(address, func(e *entry, now time.Time) (*Change, error) {
		if err := e.exists("renewed"); err != nil {
			return nil, err
		}
		if term <= 0 {
			term = d.policy(e).TermMonths
		}
		from := e.Expires
		if from.IsZero() {
			from = now
		}
		e.Expires = months(from, term)
		return &Change{What: Renewed, Note: "until " + e.Expires.Format(time.RFC3339)}, nil
	})
}

// SetExpiry says when a mailbox expires; the zero instant: never.
func (d *Directory) SetExpiry(address string, at time.Time) error {
	return d.alter(address, func(e *entry, _ time.Time) (*Change, error) {
		if err := e.exists("given another expiry"); err != nil {
			return nil, err
		}
		note := "never"
		if e.Expires = at; !at.IsZero() {
			e.Expires = clock.Legal(at)
			note = e.Expires.Format(time.RFC3339)
		}
		return &Change{What: ExpiryChanged, Note: note}, nil
	})
}

// SetRenewal says whether a mailbox renews itself when it expires, and whether
// the means of payment works.
func (d *Directory) SetRenewal(address string, auto, pays bool) error {
	return d.alter(address, func(e *entry, _ time.Time) (*Change, error) {
		if err := e.exists("renewed"); err != nil {
			return nil, err
		}
		e.AutoRenew, e.NoPayment = auto, !pays
		return nil, nil
	})
}

// Lock keeps the user out until Unlock. state is one of the locks.
func (d *Directory) Lock(address string, state State) error {
	return d.alter(address, func(e *entry, now time.Time) (*Change, error) {
		if !state.Locked() {
			return nil, fmt.Errorf("%w: lock %s as %q: want locked-password, locked-far-away or locked-inactive", ErrAsked, address, state)
		}
		if err := e.exists("locked"); err != nil {
			return nil, err
		}
		e.Lock = &Lock{State: state, Since: now}
		return &Change{What: HasBeenLocked, Note: "by the provider"}, nil
	})
}

// Unlock lifts every lock.
func (d *Directory) Unlock(address string) error {
	return d.alter(address, func(e *entry, now time.Time) (*Change, error) {
		if err := e.exists("unlocked"); err != nil {
			return nil, err
		}
		e.unlock(now)
		return &Change{What: Unlocked, Note: "by the provider"}, nil
	})
}

func (e *entry) unlock(now time.Time) {
	e.Lock, e.Wrong, e.LastPlace = nil, nil, ""
	if !e.LastAccess.IsZero() {
		e.LastAccess = now
	}
}

// Suspend takes a mailbox out of service; Resume puts it back.
func (d *Directory) Suspend(address, note string) error {
	return d.alter(address, func(e *entry, now time.Time) (*Change, error) {
		if err := e.exists("suspended"); err != nil {
			return nil, err
		}
		e.SuspendedAt = now
		return &Change{What: IsSuspended, Note: note}, nil
	})
}

// Resume ends a suspension.
func (d *Directory) Resume(address string) error {
	return d.alter(address, func(e *entry, _ time.Time) (*Change, error) {
		if e.SuspendedAt.IsZero() {
			return nil, fmt.Errorf("%w: %s is %s, not suspended", ErrState, address, e.State)
		}
		e.SuspendedAt = time.Time{}
		return &Change{What: Resumed}, nil
	})
}

// SetPassword replaces a password. by is told in the note.
func (d *Directory) SetPassword(address, password, by string) error {
	secret, err := d.secret(password)
	if err != nil {
		return err
	}
	return d.alter(address, func(e *entry, now time.Time) (*Change, error) {
		if err := e.exists("given another password"); err != nil {
			return nil, err
		}
		e.Secret, e.hasSeen, e.Code = &secret, false, nil
		if l := e.Lock; l != nil && l.State == LockedPassword && !d.policy(e).ResetKeepsLock {
			e.unlock(now)
		}
		return &Change{What: PasswordChanged, Note: by}, nil
	})
}

// SetPlan changes the plan and returns the quota that it gives.
func (d *Directory) SetPlan(address, plan string) (quota int64, err error) {
	err = d.alter(address, func(e *entry, _ time.Time) (*Change, error) {
		if err := e.exists("given another plan"); err != nil {
			return nil, err
		}
		plans := d.policy(e).plans()
		q, ok := plans[plan]
		if !ok {
			return nil, fmt.Errorf("%w: plan %q: want one of %v", ErrAsked, plan, plans)
		}
		quota, e.Plan = q, plan
		return &Change{What: PlanChanged, Note: plan}, nil
	})
	return quota, err
}

// SetPolicies replaces the policies from now on; what has happened stays.
func (d *Directory) SetPolicies(p Policies) error {
	if err := p.Check(); err != nil {
		return err
	}
	d.mu.Lock()
	d.o.Policies = p
	d.mu.Unlock()
	if err := d.begin(); err != nil {
		return err
	}
	return d.Elapse()
}
