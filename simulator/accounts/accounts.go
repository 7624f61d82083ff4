// Package accounts knows the mailboxes of a simulated host: who may sign in,
// with which password, and where each mailbox stands in its life: active,
// locked, expired, gone. It counts wrong passwords, notices far-away sign-ins
// and long absences, and lets a holder who lost a password set a new one.
//
// It holds no mail and sends none: what follows from a change is done by who is
// told of it. It keeps no password, only what tells whether one is right.
package accounts

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/store"
)

// Account is one user of a host, as it is configured.
type Account struct {
	Address  string `json:"address"` // also the user name
	Password string `json:"-"`
	Actor    string `json:"actor,omitempty"`   // who it is in the scenarios: Anna, Bruno …; may be empty
	Quota    int64  `json:"quota,omitempty"`   // bytes; 0 for none
	Service  bool   `json:"service,omitempty"` // the service mailbox of a provider: reads, never sends, has no life of its own

	Holder    Holder    `json:"holder,omitzero"`
	Expires   time.Time `json:"expires,omitzero"`    // zero: never
	AutoRenew bool      `json:"autoRenew,omitempty"` // when it expires
}

// Options of a directory.
type Options struct {
	Accounts []Account
	Policies Policies
	Now      func() time.Time // legal time
	Random   io.Reader        // salts, links and codes; safe for concurrent use
	Ledgers  store.Ledgers    // where lives are kept, so that they outlast a restart
	// Changed is told of each change after it has been kept. It may call the
	// directory. nil: nobody is told.
	Changed func(Change)
	// Moved is called after whatever may have moved the instant that Due tells.
	// nil: nobody is.
	Moved func()
}

// Directory is the list of accounts of one host. Safe for concurrent use.
type Directory struct {
	o Options

	mu     sync.RWMutex
	byName map[string]*entry
	order  []string
}

type entry struct {
	life
	seen    [sha256.Size]byte // digest of the password, once it was seen to be right
	hasSeen bool
}

// ledger is where lives are kept, by address.
const ledger = "accounts"

// New returns a directory whose mailboxes have no life: they are active for
// ever, and nothing is kept. Two accounts with the same address are an error.
func New(list ...Account) (*Directory, error) { return Open(Options{Accounts: list}) }

// Open returns a directory with the configured accounts, and with what the
// ledgers tell of an earlier life of it.
func Open(o Options) (*Directory, error) {
	d := &Directory{o: o, byName: map[string]*entry{}}
	if err := o.Policies.Check(); err != nil {
		return nil, err
	}
	for _, a := range o.Accounts {
		if err := d.configure(a); err != nil {
			return nil, err
		}
	}
	if err := d.restore(); err != nil {
		return nil, err
	}
	return d, d.begin()
}

// configure puts an account of the configuration into the directory.
func (d *Directory) configure(a Account) error {
	name, err := nameOf(a.Address)
	if err != nil {
		return err
	}
	if d.byName[name] != nil {
		return fmt.Errorf("account %s is listed twice", a.Address)
	}
	d.byName[name] = newEntry(a)
	d.order = append(d.order, name)
	return nil
}

// newEntry is the entry of an account whose life begins.
func newEntry(a Account) *entry {
	e := &entry{seen: digest(a.Password), hasSeen: true}
	a.Password = ""
	if !a.Expires.IsZero() {
		a.Expires = clock.Legal(a.Expires)
	}
	e.life = life{Account: a, State: Active, Expires: a.Expires, AutoRenew: a.AutoRenew, Incarnation: 1}
	return e
}

func nameOf(address string) (string, error) {
	name := strings.ToLower(address)
	if at := strings.LastIndexByte(name, '@'); at < 1 || at == len(name)-1 {
		return "", fmt.Errorf("%w: account %q: want an address such as anna@aurora.example", ErrAsked, address)
	}
	return name, nil
}

// restore takes up what the ledgers hold.
func (d *Directory) restore() error {
	if d.o.Ledgers == nil {
		return nil
	}
	for _, r := range d.o.Ledgers.Records(ledger) {
		var l *life
		if err := json.Unmarshal(r.Data, &l); err != nil {
			return fmt.Errorf("account %s in the ledger: %w", r.Key, err)
		}
		e := d.byName[r.Key]
		switch {
		case l == nil: // it was reset to what is configured
		case e == nil && l.Added:
			d.byName[r.Key] = &entry{life: *l}
			d.order = append(d.order, r.Key)
		case e != nil:
			configured := e.Account
			if l.Told {
				configured.Holder = l.Account.Holder
			}
			l.Account = configured
			e.life = *l
			if l.Secret != nil { // the configured password is not the one any more
				e.hasSeen = false
			}
		}
	}
	return nil
}

// begin counts the absence of those who have never signed in from now.
func (d *Directory) begin() error {
	if d.o.Now == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range d.order {
		e := d.byName[name]
		if d.policy(e).InactivityDays == 0 || !e.LastAccess.IsZero() || e.Account.Service {
			continue
		}
		e.LastAccess = d.now()
		if err := d.keep(e); err != nil {
			return err
		}
	}
	return nil
}

// keep writes a life down. The lock is held.
func (d *Directory) keep(e *entry) error {
	if d.o.Ledgers == nil {
		return nil
	}
	l := e.life
	l.Account.Holder.Answer = "" // told ones are in Answer, the others in the configuration
	data, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("account %s: %w", e.Account.Address, err)
	}
	if err := d.o.Ledgers.Record(ledger, strings.ToLower(e.Account.Address), data); err != nil {
		return fmt.Errorf("account %s: %w", e.Account.Address, err)
	}
	return nil
}

func (d *Directory) now() time.Time { return clock.Legal(d.o.Now()) }

func (d *Directory) policy(e *entry) Policy { return d.o.Policies.Of(domainOf(e.Account.Address)) }

// Policies are those by which the directory goes.
func (d *Directory) Policies() Policies {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.o.Policies
}

// Lookup returns the account with that address, in any letter case and in any
// state, also when the mailbox is gone.
func (d *Directory) Lookup(address string) (Account, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	e := d.byName[strings.ToLower(address)]
	if e == nil {
		return Account{}, false
	}
	return e.Account, true
}

// List returns the accounts in the order in which they were added, in any state.
func (d *Directory) List() []Account {
	d.mu.RLock()
	defer d.mu.RUnlock()
	list := make([]Account, len(d.order))
	for i, name := range d.order {
		list[i] = d.byName[name].Account
	}
	return list
}

// Authenticate returns the account if the password is right and nothing in its
// life forbids to sign in. Whatever is wrong looks the same.
func (d *Directory) Authenticate(user, password string) (Account, bool) {
	return d.SignIn(user, password, "")
}

// matches compares a password. The first time a right one takes as long as a
// wrong one; an unknown user and a wrong password take the same path.
func (d *Directory) matches(user, password string) bool {
	given := digest(password)
	d.mu.RLock()
	e, secret := d.byName[strings.ToLower(user)], nobody()
	known := e != nil
	quick := known && e.hasSeen && subtle.ConstantTimeCompare(given[:], e.seen[:]) == 1
	if known && !e.hasSeen && e.Secret != nil {
		secret = *e.Secret
	}
	d.mu.RUnlock()
	if quick {
		return true
	}
	if !secret.matches(password) {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if known && e.Secret != nil && string(e.Secret.Key) == string(secret.Key) {
		e.seen, e.hasSeen = given, true
		return true
	}
	return false
}

// Errors about a mailbox; test with errors.Is.
var (
	ErrUnknown = errors.New("no such mailbox")
	ErrState   = errors.New("the state of the mailbox does not allow it")
	ErrAsked   = errors.New("it cannot be meant")
	ErrHolder  = errors.New("only the holder of the mailbox may do that")
)
