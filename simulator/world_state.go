package simulator

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/collaudo/collaudo/simulator/events"
	"github.com/collaudo/collaudo/simulator/ordinary"
	"github.com/collaudo/collaudo/simulator/provider"
)

// Description is what Describe says, for who only passes it on.
func (w *World) Description() (any, error) { return w.Describe() }

// ordinaryHost is the ordinary mail host; nil when there is none.
func (w *World) ordinaryHost() *ordinary.Host {
	w.hosts.mu.RLock()
	defer w.hosts.mu.RUnlock()
	return w.ordinary
}

// Reset brings the world back to its configuration, on the same ports: mailboxes
// and logs are empty, nothing is queued, accounts are as configured, and what was
// switched on is off. Legal time goes on, and so do the cursors of events; what
// the authority published stays published, a revoked certificate revoked.
//
// What is under way is cut off, so a client that is just sending does not get its
// 250. When a host cannot be started again the error says so, and it stays down.
func (w *World) Reset(ctx context.Context) error {
	w.advancing.Lock()
	defer w.advancing.Unlock()
	old, host := w.hosts.all(), w.ordinaryHost()
	if err := stopAll(ctx, old, host); err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	if err := w.forget(); err != nil {
		return err
	}
	var fresh []*provider.Provider
	for _, o := range old {
		c := o.Config()
		c.Ports, c.Earlier = o.Addresses(), nil
		f, err := startAgain(ctx, c)
		if err != nil {
			return fmt.Errorf("reset: start %s again: %w", c.Identity.Name, err)
		}
		w.hosts.replace(o, f)
		fresh = append(fresh, f)
	}
	if host != nil {
		if err := w.ordinaryAgain(ctx, host.Addresses()); err != nil {
			return fmt.Errorf("reset: %w", err)
		}
	}
	for _, f := range fresh {
		if err := f.Resume(); err != nil { //nolint:contextcheck // it outlives the reset
			return fmt.Errorf("reset: start %s again: %w", f.Config().Identity.Name, err)
		}
	}
	w.happened(events.Event{Type: events.World, Detail: WasReset})
	return nil
}

// stopAll stops the hosts, all at the same time: one that were still up would
// get mail from one that is not empty yet.
func stopAll(ctx context.Context, providers []*provider.Provider, host *ordinary.Host) error {
	closing := []func(context.Context) error{}
	for _, p := range providers {
		closing = append(closing, p.Close)
	}
	if host != nil {
		closing = append(closing, host.Close)
	}
	errs := make([]error, len(closing))
	var under sync.WaitGroup
	for i, end := range closing {
		under.Go(func() { errs[i] = end(ctx) })
	}
	under.Wait()
	return errors.Join(errs...)
}

// forget empties the stores and switches off what was switched on. The hosts are
// down.
func (w *World) forget() error {
	for _, s := range w.stores.all() {
		if err := s.Wipe(); err != nil {
			return fmt.Errorf("reset: empty a store: %w", err)
		}
	}
	w.SwitchAllOff()
	w.history.Clear()
	if err := w.furnish(); err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	return nil
}

// ordinaryAgain starts the ordinary mail host on those ports.
func (w *World) ordinaryAgain(ctx context.Context, at ordinary.Ports) error {
	c := w.ordinaryConfig
	c.Ports = at
	h, err := again(ctx, func() (*ordinary.Host, error) { return ordinary.Start(c) }) //nolint:contextcheck // it outlives the reset
	if err != nil {
		return fmt.Errorf("start %s again: %w", c.Domain, err)
	}
	w.hosts.mu.Lock()
	w.ordinary = h
	w.hosts.mu.Unlock()
	return h.Resume()
}
