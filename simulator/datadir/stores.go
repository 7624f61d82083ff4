package datadir

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/provider"
	"github.com/collaudo/collaudo/simulator/store"
	"github.com/collaudo/collaudo/simulator/store/disk"
)

// openStores opens the store of each host of the configuration, several at a
// time, and hands them to it.
func (d *Dir) openStores(ctx context.Context, c *simulator.Config) error {
	hosts := make([]string, 0, len(c.Providers)+1)
	for _, p := range c.Providers {
		hosts = append(hosts, p.ServiceDomain)
	}
	if c.Ordinary.Domain != "" {
		hosts = append(hosts, c.Ordinary.Domain)
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	var errs []error
	byHost := map[string]store.Store{}
	for _, host := range hosts {
		wg.Go(func() {
			opened, err := d.openStore(ctx, host, c.StoreBytes)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, fmt.Errorf("the store of %s: %w", host, err))
				return
			}
			byHost[host] = opened
			d.stores = append(d.stores, opened)
		})
	}
	wg.Wait()
	c.Stores = func(host string) store.Store { return byHost[host] }
	return errors.Join(errs...)
}

func (d *Dir) openStore(ctx context.Context, host string, limit int64) (*disk.Store, error) {
	path := filepath.Join(d.path, "hosts", strings.ToLower(host))
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	opened, err := disk.Open(ctx, path, disk.Options{Limit: limit})
	if err != nil {
		return nil, err
	}
	// The copy of the directory is of a world that had other ports, and perhaps
	// other providers.
	provider.ForgetDirectory(opened)
	return opened, nil
}

func (d *Dir) closeStores() error {
	var errs []error
	for _, s := range d.stores {
		errs = append(errs, s.Close())
	}
	d.stores = nil
	return errors.Join(errs...)
}
