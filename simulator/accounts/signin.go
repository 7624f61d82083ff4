package accounts

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// SignIn is Authenticate for a client at an address (host:port or bare; empty
// when it is not known). Wrong passwords are counted over all protocols
// together, and a right one is looked at for where it comes from.
func (d *Directory) SignIn(user, password, peer string) (Account, bool) {
	right := d.matches(user, password)
	d.mu.RLock()
	e := d.byName[strings.ToLower(user)]
	if e == nil {
		d.mu.RUnlock()
		return Account{}, false
	}
	account := e.Account
	if d.o.Now == nil || account.Service {
		d.mu.RUnlock()
		return account, right
	}
	p := d.policy(e)
	may := e.rights(d.now(), p).SignIn
	d.mu.RUnlock()
	watched := p.LockAttempts > 0 || p.FarAwayKmh > 0 || p.InactivityDays > 0
	switch {
	case !may:
		return Account{}, false
	case !watched:
		return account, right
	case !right:
		_ = d.alter(user, func(e *entry, now time.Time) (*Change, error) { return wrong(e, now, p), nil })
		return Account{}, false
	}
	allowed := false
	err := d.alter(user, func(e *entry, now time.Time) (*Change, error) {
		if !e.rights(now, p).SignIn { // it changed while the password was being compared
			return nil, errQuiet
		}
		c := far(e, now, p, peer)
		allowed = c == nil
		if allowed && !enter(e, now, peer) {
			return nil, errQuiet
		}
		return c, nil
	})
	_ = err // a store that takes nothing keeps nobody out
	return account, allowed
}

// wrong counts a wrong password, and locks the mailbox when it was one too many.
func wrong(e *entry, now time.Time, p Policy) *Change {
	if p.LockAttempts == 0 {
		return nil
	}
	since := now.Add(-minutes(p.LockWindowMinutes))
	e.Wrong = append(slices.DeleteFunc(e.Wrong, func(at time.Time) bool { return at.Before(since) }), now)
	if len(e.Wrong) < p.LockAttempts {
		return nil
	}
	note := fmt.Sprintf("%d wrong passwords within %d minutes", len(e.Wrong), p.LockWindowMinutes)
	e.Wrong = nil
	e.Lock = &Lock{State: LockedPassword, Since: now}
	if p.LockMinutes > 0 {
		e.Lock.Until = now.Add(minutes(p.LockMinutes))
	}
	return &Change{What: HasBeenLocked, Note: note}
}

// far locks the mailbox when nobody can have come from where it was last used.
func far(e *entry, now time.Time, p Policy, peer string) *Change {
	here, known := placeOf(peer)
	before, was := placeNamed(e.LastPlace)
	if p.FarAwayKmh == 0 || !known || !was {
		return nil
	}
	km, hours := before.kilometres(here), now.Sub(e.LastAccess).Hours()
	if km < float64(p.FarAwayKm) || km <= hours*float64(p.FarAwayKmh) {
		return nil
	}
	e.Lock = &Lock{State: LockedFarAway, Since: now}
	return &Change{What: HasBeenLocked, Note: fmt.Sprintf("sign-in from %s, %.0f minutes after one from %s, %.0f km away", here.name, hours*60, before.name, km)}
}

// enter notes a sign-in. It is worth writing down when it says something new:
// an absence is counted in days.
func enter(e *entry, now time.Time, peer string) bool {
	news := now.Sub(e.LastAccess) > time.Hour || len(e.Wrong) > 0
	e.LastAccess, e.Wrong = now, nil
	if here, known := placeOf(peer); known && here.name != e.LastPlace {
		e.LastPlace, news = here.name, true
	}
	return news
}
