package disk

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// files are those of large octets, called by their hash and spread over folders
// by its first byte. A file appears whole or not at all. They also keep octets
// of any size at hand that were put there a moment ago.
type files struct {
	dir   string
	limit int64 // of the cache, in bytes

	mu     sync.Mutex
	cached map[string][]byte
	order  []string // oldest first; may name what has gone since
	held   int64    // by the cache
}

// partial marks a file that is being written.
const partial = ".partial"

func openFiles(dir string, cache int64) (*files, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for i := range 256 {
		if err := os.MkdirAll(filepath.Join(dir, fmt.Sprintf("%02x", i)), 0o700); err != nil {
			return nil, err
		}
	}
	return &files{dir: dir, limit: cache, cached: map[string][]byte{}}, nil
}

func (b *files) file(hash string) string { return filepath.Join(b.dir, hash[:2], hash) }

// sizes lists what is there, and clears away what was being written when an
// earlier process died.
func (b *files) sizes() (map[string]int64, error) {
	sizes := map[string]int64{}
	err := filepath.WalkDir(b.dir, func(path string, entry fs.DirEntry, err error) error {
		name := entry.Name()
		switch {
		case err != nil || entry.IsDir():
			return err
		case strings.HasSuffix(name, partial):
			return os.Remove(path)
		case !isHash(name):
			return fmt.Errorf("%s is no file of this store; take it away", path)
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		sizes[name] = info.Size()
		return nil
	})
	return sizes, err
}

func isHash(name string) bool {
	octets, err := hex.DecodeString(name)
	return err == nil && len(octets) == 32
}

// Put is described at store.Backing.
func (b *files) Put(hash string, octets []byte) error {
	file := b.file(hash)
	if err := os.WriteFile(file+partial, octets, 0o600); err != nil {
		return errors.Join(err, os.Remove(file+partial))
	}
	if err := os.Rename(file+partial, file); err != nil {
		return err
	}
	b.cache(hash, octets)
	return nil
}

// atHand gives octets without reading any file.
func (b *files) atHand(hash string) ([]byte, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	octets, there := b.cached[hash]
	return octets, there
}

// Octets is described at store.Backing.
func (b *files) Octets(hash string) ([]byte, error) { return os.ReadFile(b.file(hash)) }

// Remove is described at store.Backing. A file that cannot be removed stays
// until the store is opened again, when nothing speaks of it.
func (b *files) Remove(hash string) { _ = os.Remove(b.file(hash)) }

// forget keeps octets at hand no longer.
func (b *files) forget(hash string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held -= int64(len(b.cached[hash]))
	delete(b.cached, hash)
}

// cache keeps small octets at hand: most are read again within moments.
func (b *files) cache(hash string, octets []byte) {
	size := int64(len(octets))
	if size > b.limit/8 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, there := b.cached[hash]; there {
		return
	}
	for b.held+size > b.limit && len(b.order) > 0 {
		b.held -= int64(len(b.cached[b.order[0]]))
		delete(b.cached, b.order[0])
		b.order = b.order[1:]
	}
	b.cached[hash], b.order = octets, append(b.order, hash)
	b.held += size
	if len(b.order) > 2*len(b.cached)+1000 { // names of what has gone
		b.order = slices.DeleteFunc(b.order, func(name string) bool { _, there := b.cached[name]; return !there })
	}
}
