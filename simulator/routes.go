package simulator

import (
	"strings"
	"sync"

	"github.com/collaudo/collaudo/simulator/relay"
)

// routes are the simulated MX records of the world.
type routes struct {
	mu       sync.RWMutex
	byDomain map[string]relay.Route
}

func newRoutes() *routes { return &routes{byDomain: map[string]relay.Route{}} }

func (r *routes) add(domain string, route relay.Route) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byDomain[strings.ToLower(domain)] = route
}

// Route implements relay.Routes.
func (r *routes) Route(domain string) (relay.Route, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	route, ok := r.byDomain[strings.ToLower(domain)]
	return route, ok
}
