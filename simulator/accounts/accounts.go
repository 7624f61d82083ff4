// Package accounts knows who may log in to a simulated host, and with which
// password.
//
// It holds no mail. States of a mailbox's life (expired, suspended) are not
// its matter yet: an account that is listed may authenticate.
package accounts

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"strings"
	"sync"
)

// Account is one user of a host.
type Account struct {
	Address  string // also the user name
	Password string
	Actor    string // who it is in the scenarios: Anna, Bruno …; may be empty
	Quota    int64  // bytes; 0 for none
	Service  bool   // the service mailbox of a provider: reads, never sends
}

// Directory is the list of accounts of one host. Safe for concurrent use.
type Directory struct {
	mu     sync.RWMutex
	byName map[string]entry
	order  []string
}

type entry struct {
	account Account
	secret  [sha256.Size]byte
}

// New returns a directory with these accounts; two with the same address are
// an error.
func New(list ...Account) (*Directory, error) {
	d := &Directory{byName: map[string]entry{}}
	for _, a := range list {
		if err := d.Add(a); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Add puts an account into the directory.
func (d *Directory) Add(a Account) error {
	name := strings.ToLower(a.Address)
	if at := strings.LastIndexByte(name, '@'); at < 1 || at == len(name)-1 {
		return fmt.Errorf("account %q: want an address such as anna@aurora.example", a.Address)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, exists := d.byName[name]; exists {
		return fmt.Errorf("account %s is listed twice", a.Address)
	}
	d.byName[name] = entry{account: a, secret: sha256.Sum256([]byte(a.Password))}
	d.order = append(d.order, name)
	return nil
}

// Lookup returns the account with that address, in any letter case.
func (d *Directory) Lookup(address string) (Account, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	e, ok := d.byName[strings.ToLower(address)]
	return e.account, ok
}

// Authenticate returns the account if the password is right. An unknown user
// and a wrong password take the same path and look the same.
func (d *Directory) Authenticate(user, password string) (Account, bool) {
	d.mu.RLock()
	e, known := d.byName[strings.ToLower(user)]
	d.mu.RUnlock()
	given := sha256.Sum256([]byte(password))
	if same := subtle.ConstantTimeCompare(given[:], e.secret[:]) == 1; !same || !known {
		return Account{}, false
	}
	return e.account, true
}

// List returns the accounts in the order in which they were added.
func (d *Directory) List() []Account {
	d.mu.RLock()
	defer d.mu.RUnlock()
	list := make([]Account, len(d.order))
	for i, name := range d.order {
		list[i] = d.byName[name].account
	}
	return list
}
