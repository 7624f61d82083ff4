package configfile

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/accounts"
)

// reservedNames are the top-level domains that resolve nowhere (RFC 2606).
var reservedNames = []string{"example", "test", "invalid", "localhost"}

// checker finds what would make a world that surprises.
type checker struct {
	owners    map[string]string // domain → whose
	addresses map[string]bool
}

// check says what does not fit in a configuration, in the words of its file.
func check(c simulator.Config) error {
	if len(c.Providers) == 0 {
		return errors.New("no provider: describe one under providers, or say pair: true for the built-in two")
	}
	k := checker{owners: map[string]string{}, addresses: map[string]bool{}}
	for _, p := range c.Providers {
		if p.Name == "" || len(p.Domains) == 0 {
			return fmt.Errorf("a provider needs a name and domains, found %q with %v", p.Name, p.Domains)
		}
		domains := append([]string{p.ServiceDomain}, p.Domains...)
		for _, u := range p.Units {
			domains = append(domains, u.Domains...)
			if u.ServiceDomain != "" {
				domains = append(domains, u.ServiceDomain)
			}
		}
		if err := k.host(p.Name, domains, p.Accounts); err != nil {
			return err
		}
		for domain, postmaster := range p.Life.Own {
			if !slices.ContainsFunc(p.Accounts, func(a accounts.Account) bool { return strings.EqualFold(a.Address, postmaster) }) {
				return fmt.Errorf("provider %s: own domain %s: its postmaster %s has no account: list it under accounts", p.Name, domain, postmaster)
			}
		}
	}
	if o := c.Ordinary; o.Domain != "" || len(o.Accounts) > 0 {
		if err := k.host("ordinary", []string{o.Domain}, o.Accounts); err != nil {
			return err
		}
	}
	for _, p := range c.Peers {
		if p.Name == "" || p.ServiceDomain == "" {
			return fmt.Errorf("a peer needs a name and a serviceDomain, found %q with %q", p.Name, p.ServiceDomain)
		}
		if err := k.host(p.Name, append([]string{p.ServiceDomain}, p.Domains...), nil); err != nil {
			return err
		}
		if err := within(c, "peer "+p.Name+": incoming", p.Incoming); err != nil {
			return err
		}
	}
	for _, r := range c.Routes {
		if len(r.Domains) == 0 {
			return fmt.Errorf("routes: a route to %q for no domains", r.Address)
		}
		if err := k.host("the route to "+r.Address, r.Domains, nil); err != nil {
			return err
		}
		if err := within(c, "route for "+r.Domains[0]+": address", r.Address); err != nil {
			return err
		}
	}
	return c.CheckFaults()
}

func (k checker) host(name string, domains []string, list []accounts.Account) error {
	for _, d := range domains {
		if err := reservedName(d); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if other, taken := k.owners[strings.ToLower(d)]; taken {
			return fmt.Errorf("%s: the domain %s is %s's already", name, d, other)
		}
		k.owners[strings.ToLower(d)] = name
	}
	for _, a := range list {
		local, domain, ok := strings.Cut(strings.ToLower(a.Address), "@")
		if !ok || local == "" || k.owners[domain] != name {
			return fmt.Errorf("%s: the account %q is in none of its domains %v", name, a.Address, domains)
		}
		if k.addresses[strings.ToLower(a.Address)] {
			return fmt.Errorf("%s: the account %s is listed twice", name, a.Address)
		}
		k.addresses[strings.ToLower(a.Address)] = true
	}
	return nil
}

// reservedName keeps real names out: what the simulator signs must never look
// like somebody's mail.
func reservedName(domain string) error {
	top := domain[strings.LastIndexByte(domain, '.')+1:]
	if !strings.Contains(domain, ".") || !slices.Contains(reservedNames, strings.ToLower(top)) {
		return fmt.Errorf("the domain %q could be somebody's: simulated ones end in .%s", domain, strings.Join(reservedNames, ", ."))
	}
	for _, label := range strings.Split(domain, ".") {
		if label == "" || len(label) > 63 || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return fmt.Errorf("the domain %q has a label %q: want letters, digits and hyphens", domain, label)
		}
	}
	return nil
}

func onThisMachine(what, address string) error {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%s is %q: want a port on this machine, such as 127.0.0.1:2500; the simulator never sends outside", what, address)
	}
	return nil
}
