// Package datadir is the folder in which a simulated world lasts: its keys and
// CA, and what each of its hosts keeps. A world that is started on it again is
// the same world, however the last one ended.
//
//	DIR/lock             held by the process whose world it is
//	DIR/ca.pem           the CA that clients trust; crl.pem and directory.ldif as of the last start
//	DIR/ready.json       how to reach the running world, while there is one
//	DIR/passwords/       of each mailbox; DIR/peers/ certificates and keys of providers that are played from outside
//	DIR/clock            how far legal time was moved on, of a stepped clock
//	DIR/authority/       keys and certificates
//	DIR/hosts/DOMAIN/    what the host of that service domain keeps
//
// It starts no world and knows nothing of what lies in a store.
package datadir

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/store/disk"
)

// Dir is a folder that this process holds.
type Dir struct {
	path   string
	lock   *os.File
	stores []*disk.Store
	report func(error)
}

// ErrBusy says that another process holds the folder.
var ErrBusy = errors.New("another collaudo is running on this folder; end it, or choose another folder")

// Open makes the folder if it is not there, and holds it until Close. report is
// told of what goes wrong later on, where nobody waits for an answer.
func Open(path string, report func(error)) (*Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder cannot be made: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the data folder cannot be used: %w", err)
	}
	if err := hold(lock); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &Dir{path: path, lock: lock, report: report}, nil
}

// Path is the folder, absolute.
func (d *Dir) Path() string { return d.path }

// ReadyFile is where the running world says how to reach it.
func (d *Dir) ReadyFile() string { return ReadyFile(d.path) }

// ReadyFile is where the world in a folder says how to reach it.
func ReadyFile(path string) string { return filepath.Join(path, "ready.json") }

// Apply makes the world of a configuration one that lasts: its keys and
// certificates, and the stores of its hosts, are those of the folder. ctx limits
// the opening of the stores.
func (d *Dir) Apply(ctx context.Context, c *simulator.Config) error {
	keys, err := authority.OpenFolder(filepath.Join(d.path, "authority"))
	if err != nil {
		return err
	}
	c.Keys = keys
	return d.openStores(ctx, c)
}

// Close lets go of the folder. The world must have ended.
func (d *Dir) Close() error {
	return errors.Join(d.closeStores(), d.lock.Close())
}
