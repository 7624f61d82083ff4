// Package disk is a store that outlives the process: a store.Memory that is
// backed by a directory, with one SQLite database for everything but large
// bodies, each of which is in a file called by its hash.
//
// What a call has returned is safe from the death of the process at any
// moment, a kill -9 included: a transaction of the store is one of the database,
// in which the small bodies that it speaks of come along; files of large ones
// are there before anything speaks of them. It is not meant to
// survive the loss of power: nothing is forced out of the machine's caches,
// which would cost a simulator most of its speed.
//
// One process at a time may have a directory open.
package disk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/collaudo/collaudo/simulator/store"
	_ "modernc.org/sqlite" // the driver called sqlite
)

// Options of a store.
type Options struct {
	Limit int64 // bytes of octets that it holds; default store.DefaultLimit
	Cache int64 // bytes of octets that are kept in memory besides; default 8 MiB, none when negative
}

// Store is a store in a directory.
type Store struct {
	*store.Memory
	backing *backing
}

var _ store.Store = (*Store)(nil)

// databaseName is the file of the database in the directory.
const databaseName = "store.sqlite"

// Open opens the store in a directory, or makes one. ctx limits the opening
// only.
func Open(ctx context.Context, dir string, o Options) (*Store, error) {
	if o.Cache == 0 {
		o.Cache = 8 << 20
	}
	bodies, err := openFiles(filepath.Join(dir, "bodies"), o.Cache)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", dir, err)
	}
	d, err := openDatabase(ctx, filepath.Join(dir, databaseName))
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", dir, err)
	}
	b := &backing{database: d, files: bodies, pending: map[string][]byte{}, inside: map[string]struct{}{}}
	sizes, err := b.sizes(ctx)
	if err == nil {
		var memory *store.Memory
		memory, err = store.Restore(o.Limit, b, sizes, func(yield func(*store.Change) error) error { return d.read(ctx, yield) })
		if err == nil {
			return &Store{Memory: memory, backing: b}, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("store %s: %w", dir, err), d.close())
}

// Close ends the use of the directory. Nobody may write any more.
func (s *Store) Close() error { return errors.Join(s.backing.Write(nil), s.backing.database.close()) }

// openDatabase opens the database for this process alone.
func openDatabase(ctx context.Context, file string) (*database, error) {
	// synchronous=NORMAL: see the package's words on the loss of power. Exclusive
	// locking keeps a second process out and spares the shared memory file.
	pool, err := sql.Open("sqlite", "file:"+escape(file)+"?_pragma=locking_mode(EXCLUSIVE)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=busy_timeout(1000)")
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	d := &database{pool: pool}
	if err := d.prepare(ctx); err != nil {
		_ = pool.Close()
		if strings.Contains(err.Error(), "SQLITE_BUSY") || strings.Contains(err.Error(), "locked") {
			err = fmt.Errorf("%s is in use by another process; end that one first, or use another directory: %w", file, err)
		}
		return nil, err
	}
	if err := os.Chmod(file, 0o600); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// escape makes a path fit for a file: URI of SQLite.
func escape(file string) string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(file)
}
