package simulator

import (
	"context"
	"sync"
)

// PrepareKeys makes the keys that a world of this configuration will ask for,
// several at a time: making RSA keys is what a first start takes its time for.
// Keys that the source has already cost nothing. A key that cannot be made is
// reported by the start of the world; nothing is lost by not asking here.
func (c Config) PrepareKeys(ctx context.Context) {
	if c.Keys == nil {
		return
	}
	names := []string{"authority"}
	for _, p := range c.Providers {
		names = append(names, "provider/"+p.serviceAddress())
		for _, u := range p.Units {
			if u.ServiceDomain != "" {
				names = append(names, "provider/"+serviceAddress(u.ServiceDomain))
			}
		}
	}
	for _, p := range c.Peers {
		names = append(names, "provider/"+p.serviceAddress())
	}
	var wg sync.WaitGroup
	for _, name := range names {
		wg.Go(func() {
			if ctx.Err() == nil {
				_, _ = c.Keys.Signing(name) // see above
			}
		})
	}
	wg.Wait()
}
