package disk

import (
	"context"
	"fmt"
	"sync"

	"github.com/collaudo/collaudo/simulator/store"
)

// small is up to what size octets go into the database: a row costs less than a
// file that is made, given its name and removed a moment later.
const small = 64 << 10

// backing is what store.Memory writes to: the database, and files of large
// octets. Small octets wait in memory for the first transaction that speaks of
// them; what nothing ever spoke of needs to outlive nothing.
type backing struct {
	database *database
	files    *files

	mu      sync.Mutex
	pending map[string][]byte   // small octets that are in no database yet
	inside  map[string]struct{} // hashes of those in the database
	gone    []string            // hashes whose rows go with the next transaction
}

// sizes lists the octets that are there.
func (b *backing) sizes(ctx context.Context) (map[string]int64, error) {
	sizes, err := b.files.sizes()
	if err != nil {
		return nil, err
	}
	return sizes, b.database.bodies(ctx, func(hash string, size int64) {
		if _, file := sizes[hash]; !file {
			sizes[hash], b.inside[hash] = size, struct{}{}
		}
	})
}

// Put implements store.Backing.
func (b *backing) Put(hash string, octets []byte) error {
	if len(octets) > small {
		return b.files.Put(hash, octets)
	}
	b.mu.Lock()
	b.pending[hash] = octets
	b.mu.Unlock()
	return nil
}

// Octets implements store.Backing.
func (b *backing) Octets(hash string) ([]byte, error) {
	if octets, there := b.files.atHand(hash); there {
		return octets, nil
	}
	b.mu.Lock()
	octets, waits := b.pending[hash]
	_, inside := b.inside[hash]
	b.mu.Unlock()
	switch {
	case waits:
		return octets, nil
	case inside:
		return b.database.octets(hash)
	}
	return b.files.Octets(hash)
}

// Remove implements store.Backing.
func (b *backing) Remove(hash string) {
	b.files.forget(hash)
	b.mu.Lock()
	_, waits := b.pending[hash]
	_, inside := b.inside[hash]
	delete(b.pending, hash)
	delete(b.inside, hash)
	if inside {
		b.gone = append(b.gone, hash)
	}
	b.mu.Unlock()
	if !waits && !inside {
		b.files.Remove(hash)
	}
}

// Write implements store.Backing. Rows that nothing speaks of any more go first:
// the same octets may have come back.
func (b *backing) Write(changes []*store.Change) error {
	b.mu.Lock()
	gone := b.gone
	b.mu.Unlock()
	var came []string
	err := b.database.together(func() error {
		for _, hash := range gone {
			if err := b.database.do("DELETE FROM bodies WHERE hash = ?", hash); err != nil {
				return err
			}
		}
		for _, c := range changes {
			if hash := spokenOf(c); hash != "" {
				b.mu.Lock()
				octets, waits := b.pending[hash]
				b.mu.Unlock()
				if waits {
					if octets == nil {
						octets = []byte{} // nil is NULL to the driver
					}
					// It may be there: more than one change may speak of it.
					if err := b.database.do("INSERT INTO bodies (hash, octets) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING", hash, octets); err != nil {
						return fmt.Errorf("octets %s: %w", hash, err)
					}
					came = append(came, hash)
				}
			}
			if err := b.database.write(c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gone = append([]string(nil), b.gone[len(gone):]...)
	for _, hash := range came {
		octets, waits := b.pending[hash]
		if !waits {
			continue
		}
		delete(b.pending, hash)
		b.inside[hash] = struct{}{}
		b.files.cache(hash, octets)
	}
	return nil
}

// spokenOf is the hash of the octets that have to be there from a change on; ""
// when there are none.
func spokenOf(c *store.Change) string {
	switch c.Verb {
	case store.PutWork:
		return c.Work.Body
	case store.AddMessage:
		return c.Message.Body
	case store.AddInfected:
		return c.Infected.Body
	}
	return ""
}
