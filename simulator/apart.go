package simulator

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/simulator/listen"
	"github.com/collaudo/collaudo/simulator/ordinary"
	"github.com/collaudo/collaudo/simulator/provider"
)

// Apart says that a world is played by several processes, each of which plays some
// of its parts: containers of their own, or processes on loopback addresses of
// their own. One description is for all of them; Part makes the configuration of
// one.
//
// The parts are the service domain of each provider, the domain of the ordinary
// mail host, and AuthorityPart.
type Apart struct {
	// Hosts says by which name, or at which loopback address, the process is
	// reached that plays a part.
	Hosts map[string]string
}

// Named tells whether a host is said by its name: such a world speaks on private
// networks, another on this machine alone.
func (a *Apart) Named() bool {
	for _, host := range a.Hosts {
		if listen.HostName(host) {
			return true
		}
	}
	return false
}

// AuthorityPart is the part of a world that is its authority: CA, revocation list
// and directory.
const AuthorityPart = "autorita.example"

// PartNames names the parts of the world, in the order of its description.
func (c Config) PartNames() []string {
	var all []string
	for _, p := range c.Providers {
		all = append(all, p.ServiceDomain)
	}
	if c.Ordinary.Domain != "" {
		all = append(all, c.Ordinary.Domain)
	}
	return append(all, AuthorityPart)
}

// check says what does not fit in Apart.
func (a *Apart) check(c Config) error {
	names := c.PartNames()
	for _, part := range names {
		host := a.Hosts[part]
		if ip := net.ParseIP(host); !listen.HostName(host) && (ip == nil || !ip.IsLoopback()) {
			return fmt.Errorf("apart: %s is at %q: want the name of the host that plays it, such as aurora, or a loopback address such as 127.0.0.2", part, host)
		}
	}
	for _, part := range slices.Sorted(maps.Keys(a.Hosts)) {
		if !slices.Contains(names, part) {
			return fmt.Errorf("apart: %s is no part of this world; its parts are %s", part, strings.Join(names, ", "))
		}
	}
	return nil
}

// check says what would make a world that is reachable, or sends, where it should
// not, and that a description of several processes is not one process's.
func (c Config) check() error {
	switch {
	case c.Apart == nil:
		return c.onLoopback()
	case len(c.played) == 0:
		return errors.New("this world is apart: make the configuration of one of its processes with Part")
	}
	return nil
}

// onLoopback says which address of a world that one process plays is not on this
// machine: names of hosts are for worlds that are apart.
func (c Config) onLoopback() error {
	a := c.AuthorityPorts
	addresses := append([]*string{&c.ControlAddress, &c.DNSAddress, &a.LDAP, &a.LDAPS, &a.Files, &a.Revocation}, portsOfOrdinary(&c.Ordinary.Ports)...)
	for _, p := range c.Providers {
		addresses = append(addresses, portsOf(&p.Ports)...)
	}
	for _, address := range addresses {
		if host, _, err := net.SplitHostPort(*address); err == nil && listen.HostName(host) {
			return fmt.Errorf("listening address %q is not a loopback address such as 127.0.0.1: names of hosts are for a world that is apart", *address)
		}
	}
	return nil
}

// Part is the configuration of the process that plays these parts of a world that
// is apart, all of whose ports are fixed (WithDefaultPorts). The other parts are
// where Apart says.
func (c Config) Part(parts ...string) (Config, error) {
	if c.Apart == nil {
		return c, errors.New("this world is not apart: its description does not say at which host each part is")
	}
	if err := c.Apart.check(c); err != nil {
		return c, err
	}
	if len(parts) == 0 {
		return c, fmt.Errorf("a process of this world plays at least one of its parts: %s", strings.Join(c.PartNames(), ", "))
	}
	for _, part := range parts {
		if !slices.Contains(c.PartNames(), part) {
			return c, fmt.Errorf("%s is no part of this world; its parts are %s", part, strings.Join(c.PartNames(), ", "))
		}
		if host, other := c.Apart.Hosts[part], c.Apart.Hosts[parts[0]]; host != other {
			return c, fmt.Errorf("one process is at one host, and %s is at %s, %s at %s", part, host, parts[0], other)
		}
	}
	c = c.placed()
	c.names = c.hostNames() // before there are fewer
	whole := c
	c.Providers, c.played = nil, parts
	for _, p := range whole.Providers {
		if slices.Contains(parts, p.ServiceDomain) {
			c.Providers = append(c.Providers, p)
			continue
		}
		c.registered = append(c.registered, p)
		c.Routes = append(c.Routes, RouteConfig{Name: p.Name, Domains: append([]string{p.ServiceDomain}, without(p.every(), p.ServiceDomain)...), Address: p.Ports.Incoming, TLSName: p.ServiceDomain, Certified: true})
	}
	if o := whole.Ordinary; o.Domain != "" && !slices.Contains(parts, o.Domain) {
		c.Ordinary = OrdinaryConfig{}
		c.further = append(c.further, o.Domain)
		c.Routes = append(c.Routes, RouteConfig{Name: o.Domain, Domains: []string{o.Domain}, Address: o.Ports.Incoming, TLSName: o.Domain})
	}
	for _, route := range c.Routes {
		if route.Address == "" {
			return c, fmt.Errorf("the port of %s is not said: the processes of a world can find one another at fixed ports only", route.Domains[0])
		}
	}
	c.ControlAddress = c.Beside(or(c.ControlAddress, "127.0.0.1:0"))
	return c, nil
}

// Beside puts a further service of this process, such as its console, where its
// part is: the port stays, the host is that of the part.
func (c Config) Beside(address string) string {
	if len(c.played) > 0 {
		place(&address, c.Apart.Hosts[c.played[0]])
	}
	return address
}

func without(list []string, one string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == one })
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// playsAuthority tells whether this process plays the authority.
func (c Config) playsAuthority() bool {
	return c.Apart == nil || slices.Contains(c.played, AuthorityPart)
}

// placed puts every port at the host of its part.
func (c Config) placed() Config {
	c.Providers = slices.Clone(c.Providers)
	for i, p := range c.Providers {
		c.Providers[i].Ports = placedProvider(p.Ports, c.Apart.Hosts[p.ServiceDomain])
	}
	c.Ordinary.Ports = placedOrdinary(c.Ordinary.Ports, c.Apart.Hosts[c.Ordinary.Domain])
	a, host := &c.AuthorityPorts, c.Apart.Hosts[AuthorityPart]
	for _, address := range []*string{&a.LDAP, &a.LDAPS, &a.Files, &a.Revocation} {
		place(address, host)
	}
	return c
}

func placedProvider(p provider.Ports, host string) provider.Ports {
	for _, address := range portsOf(&p) {
		place(address, host)
	}
	return p
}

func placedOrdinary(p ordinary.Ports, host string) ordinary.Ports {
	for _, address := range portsOfOrdinary(&p) {
		place(address, host)
	}
	return p
}

func portsOf(p *provider.Ports) []*string {
	return []*string{&p.SubmissionTLS, &p.SubmissionSTARTTLS, &p.Incoming, &p.IMAP, &p.IMAPSTARTTLS, &p.POP3TLS, &p.POP3STARTTLS}
}

func portsOfOrdinary(p *ordinary.Ports) []*string {
	return []*string{&p.Incoming, &p.Submission, &p.IMAP, &p.IMAPSTARTTLS, &p.POP3TLS, &p.POP3STARTTLS}
}

// place keeps the port of an address and puts it at a host. Without a port it
// stays as it is.
func place(address *string, host string) {
	if _, port, err := net.SplitHostPort(*address); err == nil {
		*address = net.JoinHostPort(host, port)
	}
}

// hostNames are the names of all hosts of a world that is apart: the CA has to be
// allowed to speak for them.
func (c Config) hostNames() []string {
	var all []string
	for _, host := range c.Apart.Hosts {
		if listen.HostName(host) && !slices.Contains(all, host) {
			all = append(all, host)
		}
	}
	slices.Sort(all)
	return all
}

// serverNames are what the certificate of a host's servers bears: the name that
// mail programs and other hosts expect, and where it is reached.
func (c Config) serverNames(part string) []string {
	all := []string{part, "localhost", "127.0.0.1"}
	if c.Apart != nil {
		if host := c.Apart.Hosts[part]; host != "" && !slices.Contains(all, host) {
			all = append(all, host)
		}
	}
	return all
}
