package accounts

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Close ends a mailbox at its holder's request: its contents are given up.
func (d *Directory) Close(address, taxCode string) error {
	return d.alter(address, func(e *entry, now time.Time) (*Change, error) {
		if err := errors.Join(e.exists("closed"), e.heldBy(taxCode)); err != nil {
			return nil, err
		}
		e.GoneAt, e.ByHolder, e.AutoRenew, e.Secret, e.Code = now, true, false, nil, nil
		return &Change{What: HasBeenClosed, Note: "at the holder's request"}, nil
	})
}

// heldBy wants the holder, whom the tax code tells.
func (e *entry) heldBy(taxCode string) error {
	if own := e.Account.Holder.TaxCode; own == "" || !strings.EqualFold(own, strings.TrimSpace(taxCode)) {
		return fmt.Errorf("%w: %s, and its tax code is another", ErrHolder, e.Account.Address)
	}
	return nil
}

// Repurchase gives a mailbox that is gone to its former holder again: the same
// address, empty, with another password.
func (d *Directory) Repurchase(address, taxCode, password string, term int) error {
	secret, err := d.secret(password)
	if err != nil {
		return err
	}
	return d.alter(address, func(e *entry, now time.Time) (*Change, error) {
		if !e.State.Gone() {
			return nil, fmt.Errorf("%w: %s is %s: only a mailbox that is gone is bought again", ErrState, address, e.State)
		}
		if err := e.heldBy(taxCode); err != nil {
			return nil, err
		}
		p := d.policy(e)
		if term <= 0 {
			term = p.TermMonths
		}
		old := e.life
		e.life = life{
			Added: old.Added, Account: old.Account, Answer: old.Answer, Told: old.Told, Secret: &secret, State: old.State, Since: old.Since,
			Expires: months(now, term), Incarnation: old.Incarnation + 1, Plan: old.Plan, Changes: old.Changes,
		}
		if p.ActivationMinutes > 0 {
			e.Activates = now.Add(minutes(p.ActivationMinutes))
		}
		if p.InactivityDays > 0 {
			e.LastAccess = now
		}
		e.hasSeen = false
		return &Change{What: Repurchased, Note: fmt.Sprintf("for the %d. time, by the same holder", e.Incarnation-1)}, nil
	})
}

// SetHolder says who holds a mailbox. The answer to the secret question is not
// kept, only what tells it.
func (d *Directory) SetHolder(address string, h Holder) error {
	if h.Question != "" && !slices.Contains(Questions(), h.Question) {
		return fmt.Errorf("%w: question %q: want one of %q, or none", ErrAsked, h.Question, Questions())
	}
	return d.alter(address, func(e *entry, _ time.Time) (*Change, error) {
		e.Account.Holder, e.Told = h, true
		return &Change{What: HolderChanged}, d.answer(e)
	})
}
