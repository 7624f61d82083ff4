package simulator

import (
	"slices"
	"sync"

	"github.com/collaudo/collaudo/simulator/store"
)

// stores are those of the hosts of a world, by service domain or host name.
type stores struct {
	mu      sync.Mutex
	domains []string // in the order in which they were opened
	open    map[string]store.Store
}

// of returns the store of a host, opened at the first call.
func (s *stores) of(domain string, open func() store.Store) (st store.Store, opened bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.open[domain]; known != nil {
		return known, false
	}
	if s.open == nil {
		s.open = map[string]store.Store{}
	}
	s.open[domain] = open()
	s.domains = append(s.domains, domain)
	return s.open[domain], true
}

// all are the stores that are open.
func (s *stores) all() []store.Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]store.Store, len(s.domains))
	for i, d := range s.domains {
		list[i] = s.open[d]
	}
	return slices.Clip(list)
}
