package configfile

import (
	"net"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/listen"
)

// apartYAML is where the parts of a world are that several processes play: the
// service domain of a provider, the domain of the ordinary mail host or the
// authority's own → name of its host, or a loopback address.
type apartYAML map[string]string

func (a apartYAML) apply(c *simulator.Config) {
	if len(a) > 0 {
		c.Apart = &simulator.Apart{Hosts: a}
	}
}

// within keeps mail on this machine, or, in a world that is apart, among hosts
// that are said by their names: those are looked up where the world runs, and only
// private addresses are spoken with.
func within(c simulator.Config, what, address string) error {
	if host, _, err := net.SplitHostPort(address); c.Apart != nil && err == nil && listen.HostName(host) {
		return nil
	}
	return onThisMachine(what, address)
}
