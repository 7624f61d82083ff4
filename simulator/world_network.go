package simulator

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/relay"
)

// network is which hosts cannot reach each other at the moment.
type network struct {
	mu   sync.RWMutex
	cuts map[[2]string]bool // names of two hosts, in order
}

func pairNamed(a, b string) [2]string {
	if b < a {
		a, b = b, a
	}
	return [2]string{a, b}
}

func (n *network) cut(a, b string) bool {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.cuts[pairNamed(a, b)]
}

func (n *network) set(a, b string, cut bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cuts == nil {
		n.cuts = map[[2]string]bool{}
	}
	if cut {
		n.cuts[pairNamed(a, b)] = true
	} else {
		delete(n.cuts, pairNamed(a, b))
	}
}

// severable are the routes of a host, over a network that can be cut: what cannot
// be reached is tried again, as any host that is down.
type severable struct {
	relay.Routes
	from  string  // name of the host whose routes they are
	world *routes // names of the hosts of all domains
	net   *network
}

// routesFrom are the routes of a host over the network as it is.
func (w *World) routesFrom(host string, by relay.Routes) relay.Routes {
	return severable{Routes: by, from: host, world: w.routes, net: &w.network}
}

// Resolve implements relay.Asking.
func (s severable) Resolve(ctx context.Context, domain string) ([]relay.Route, error) {
	if to, known := s.world.Route(domain); known && s.net.cut(s.from, to.Host) {
		return nil, fmt.Errorf("connect to %s: the network between %s and %s is cut", to.Address, s.from, to.Host)
	}
	return relay.Resolve(ctx, s.Routes, domain)
}

// Network says which hosts cannot reach each other.
func (w *World) Network() control.Network {
	w.network.mu.RLock()
	defer w.network.mu.RUnlock()
	n := control.Network{Cuts: []control.Cut{}}
	for between := range w.network.cuts {
		n.Cuts = append(n.Cuts, control.Cut{Between: between})
	}
	slices.SortFunc(n.Cuts, func(a, b control.Cut) int { return slices.Compare(a.Between[:], b.Between[:]) })
	return n
}

// Cut cuts the network between two hosts, each by its name or a domain of its own,
// or heals it. Mail between them waits as it does for a host that is down; what is
// under way is not stopped. In a world that is apart it is about what the hosts of
// this process send.
func (w *World) Cut(a, b string, cut bool) error {
	var hosts [2]string
	for i, asked := range []string{a, b} {
		host, known := w.routes.host(asked)
		if !known {
			return fmt.Errorf("%w: no host %q; want the name of a provider or peer, or a domain of this world", control.ErrNotFound, asked)
		}
		hosts[i] = host
	}
	if hosts[0] == hosts[1] {
		return fmt.Errorf("%w: %q and %q are one host, want two", control.ErrInvalid, a, b)
	}
	w.network.set(hosts[0], hosts[1], cut)
	return nil
}

// host finds the name of a host by it or by one of its domains.
func (r *routes) host(asked string) (string, bool) {
	if route, known := r.Route(asked); known {
		return route.Host, true
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, route := range r.byDomain {
		if asked != "" && strings.EqualFold(route.Host, asked) {
			return route.Host, true
		}
	}
	return "", false
}
