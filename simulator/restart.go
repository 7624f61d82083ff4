package simulator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/events"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/provider"
)

// hosts are the providers of a world, one of which may be stopped and started
// while somebody looks.
type hosts struct {
	mu   sync.RWMutex
	list []*provider.Provider
}

func (h *hosts) all() []*provider.Provider {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Clone(h.list)
}

func (h *hosts) add(p *provider.Provider) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = append(h.list, p)
}

func (h *hosts) replace(old, fresh *provider.Provider) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i := slices.Index(h.list, old); i >= 0 {
		h.list[i] = fresh
	}
}

// provider finds a provider by its name or service domain.
func (w *World) provider(name string) (*provider.Provider, error) {
	for _, p := range w.hosts.all() {
		if c := p.Config(); name != "" && (name == c.Identity.Name || name == c.Identity.Domain) {
			return p, nil
		}
	}
	return nil, w.known(false, name)
}

// Restart stops a provider, by its name or service domain, and starts it again
// on the same ports with what its store holds. It returns when the provider is
// up; legal time stands still meanwhile, but for its own ticking. When it cannot
// be started again the error says why, and the provider stays down.
func (w *World) Restart(ctx context.Context, name string) error {
	w.advancing.Lock()
	defer w.advancing.Unlock()
	old, err := w.provider(name)
	if err != nil {
		return err
	}
	c := old.Config()
	c.Ports = old.Addresses()
	if err := old.Close(ctx); err != nil {
		return fmt.Errorf("stop %s: %w", c.Identity.Name, err)
	}
	c.Earlier = old.Exchanges()
	fresh, err := startAgain(ctx, c)
	if err != nil {
		return fmt.Errorf("start %s again: %w", c.Identity.Name, err)
	}
	w.hosts.replace(old, fresh)
	if err := fresh.Resume(); err != nil { //nolint:contextcheck // it outlives the restart
		return fmt.Errorf("start %s again: %w", c.Identity.Name, err)
	}
	w.happened(events.Event{Type: events.World, Provider: c.Identity.Name, Detail: ProviderStarted})
	return nil
}

// startAgain waits for ports that somebody else got hold of for a moment: a free
// port is anybody's until it is listened on.
func startAgain(ctx context.Context, c provider.Config) (*provider.Provider, error) {
	return again(ctx, func() (*provider.Provider, error) { return provider.Start(c) }) //nolint:contextcheck // it outlives the restart
}

func again[T any](ctx context.Context, start func() (T, error)) (T, error) {
	const pause = 10 * time.Millisecond
	for deadline := time.Now().Add(5 * time.Second); ; { // a waiting budget, in real time
		p, err := start()
		if !errors.Is(err, syscall.EADDRINUSE) || time.Now().After(deadline) {
			return p, err
		}
		select {
		case <-ctx.Done():
			return p, errors.Join(err, ctx.Err())
		case <-time.After(pause):
		}
	}
}

// stamps are the time stamps of the saved logs. The certificate for them is
// issued when the first file is saved: most worlds end before.
type stamps struct {
	once    sync.Once
	stamper journal.Stamper
	err     error
}

func (w *World) stamp(octets []byte, at time.Time) ([]byte, error) {
	s := &w.stamps
	s.once.Do(func() { s.stamper.Certificate, s.stamper.Key, s.err = w.authority.TimeStamping() })
	if s.err != nil {
		return nil, s.err
	}
	return s.stamper.Stamp(octets, at)
}

// LogFiles returns the files in which providers saved their logs, of one by name
// or service domain, of all for "".
func (w *World) LogFiles(name string) ([]control.LogFile, error) {
	all := []control.LogFile{}
	found := name == ""
	for _, p := range w.hosts.all() {
		c := p.Config()
		if !w.named(c.Identity.Name, c.Identity.Domain, name) {
			continue
		}
		found = true
		files, err := p.LogFiles()
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			all = append(all, control.LogFile{Provider: c.Identity.Name, File: f})
		}
	}
	return all, w.known(found, name)
}

// LogExtract returns what a provider hands out to the holder of an address who
// asks for the trace of a message. Without a provider the one of that address
// is asked.
func (w *World) LogExtract(name, address, messageID string) (control.LogExtract, error) {
	found := name == ""
	for _, p := range w.hosts.all() {
		c := p.Config()
		if !w.named(c.Identity.Name, c.Identity.Domain, name) {
			continue
		}
		found = true
		e, ok, err := p.LogExtract(address, messageID)
		if err != nil {
			return control.LogExtract{}, err
		}
		if ok {
			return control.LogExtract{
				Provider: c.Identity.Name, Address: address, MessageID: messageID,
				Entries: append([]journal.Entry{}, e.Entries...), Octets: e.Octets,
			}, nil
		}
	}
	if err := w.known(found, name); err != nil {
		return control.LogExtract{}, err
	}
	return control.LogExtract{}, fmt.Errorf("%w: no holder of %s; ask with the address of a user of that provider", control.ErrNotFound, address)
}
