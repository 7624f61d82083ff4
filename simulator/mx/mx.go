// Package mx finds the hosts that receive mail for a domain, by asking a name
// server for MX records as RFC 5321 5.1 has it: for a simulated world whose
// names are served by a real name server instead of built-in routes.
//
// It asks the one server that it is given and no other, keeps nothing of what it
// heard, and gives no address outside of this machine.
package mx

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// ErrNoHost says that the name server answered, and that nobody receives mail
// for the domain: it does not exist, has neither MX nor address, or refuses mail
// by a null MX (RFC 7505). Every other error may pass.
var ErrNoHost = errors.New("no host receives mail for the domain")

// Bounds of one search. The answers of a name server are what its owner writes.
const (
	maxHosts     = 8               // tried for one domain
	maxAddresses = 4               // of one host
	timeout      = 2 * time.Second // of real time, for one question
	tries        = 2
)

// Resolver asks one name server. It is safe for concurrent use.
type Resolver struct {
	server, port string
}

// New describes a name server by its host:port. Mail goes to the given port of
// the hosts that it names, "" for 25. An address that is not on this machine is
// an error.
func New(server, port string) (*Resolver, error) {
	host, _, err := net.SplitHostPort(server)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("name server %q: want a port on this machine, such as 127.0.0.1:5353", server)
	}
	if port == "" {
		port = "25"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return nil, fmt.Errorf("mail port %q: want a number such as 25", port)
	}
	return &Resolver{server, port}, nil
}

// Host receives mail.
type Host struct {
	Name    string // as the MX record has it, without the last dot, in lower case
	Address string // host:port
}

// Hosts are those that receive mail for a domain, the preferred one first; there
// is at least one. A domain without MX that has an address is its own host.
func (r *Resolver) Hosts(ctx context.Context, domain string) ([]Host, error) {
	names, err := r.exchangers(ctx, domain)
	if err != nil {
		return nil, err
	}
	var hosts []Host
	var last error
	for _, name := range names {
		addresses, err := r.addresses(ctx, name)
		if err != nil {
			if last == nil || errors.Is(last, ErrNoHost) { // what may pass has the say
				last = err
			}
			continue
		}
		for _, a := range addresses {
			hosts = append(hosts, Host{name, net.JoinHostPort(a.String(), r.port)})
		}
	}
	if len(hosts) == 0 {
		return nil, fmt.Errorf("mail hosts of %s: %w", domain, last)
	}
	return hosts, nil
}

// exchangers are the names of the hosts, by preference and then by name, so that
// one world behaves like the next.
func (r *Resolver) exchangers(ctx context.Context, domain string) ([]string, error) {
	answer, err := r.ask(ctx, domain, dns.TypeMX)
	if err != nil {
		return nil, err
	}
	var records []*dns.MX
	for _, rr := range answer {
		if record, ok := rr.(*dns.MX); ok {
			records = append(records, record)
		}
	}
	if len(records) == 0 {
		return []string{plain(domain)}, nil
	}
	slices.SortFunc(records, func(a, b *dns.MX) int {
		return cmp.Or(cmp.Compare(a.Preference, b.Preference), strings.Compare(a.Mx, b.Mx))
	})
	var names []string
	for _, record := range records[:min(len(records), maxHosts)] {
		if record.Mx == "." {
			return nil, fmt.Errorf("%w: %s has a null MX", ErrNoHost, domain)
		}
		names = append(names, plain(record.Mx))
	}
	return names, nil
}

// addresses are those of a host that are on this machine. One elsewhere is told
// and not used: the simulator never sends outside.
func (r *Resolver) addresses(ctx context.Context, name string) ([]net.IP, error) {
	var found []net.IP
	for _, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
		answer, err := r.ask(ctx, name, kind)
		if err != nil {
			return nil, err
		}
		for _, rr := range answer {
			switch record := rr.(type) {
			case *dns.A:
				found = append(found, record.A)
			case *dns.AAAA:
				found = append(found, record.AAAA)
			}
		}
		if len(found) > 0 {
			break
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: %s has no address", ErrNoHost, name)
	}
	near := slices.DeleteFunc(slices.Clone(found), func(ip net.IP) bool { return !ip.IsLoopback() })
	if len(near) == 0 {
		return nil, fmt.Errorf("the address of %s is %s, which is not on this machine: the simulator never sends outside", name, found[0])
	}
	return near[:min(len(near), maxAddresses)], nil
}

// ask puts one question, over UDP and, where the answer did not fit, over TCP.
func (r *Resolver) ask(ctx context.Context, name string, kind uint16) ([]dns.RR, error) {
	question := new(dns.Msg)
	question.SetQuestion(dns.Fqdn(name), kind)
	question.SetEdns0(1232, false)
	answer, err := r.exchange(ctx, question)
	what := dns.TypeToString[kind] + " of " + name
	switch {
	case err != nil:
		return nil, fmt.Errorf("ask the name server on %s for %s: %w", r.server, what, err)
	case answer.Rcode == dns.RcodeNameError:
		return nil, fmt.Errorf("%w: the name server knows no %s", ErrNoHost, name)
	case answer.Rcode != dns.RcodeSuccess:
		return nil, fmt.Errorf("the name server on %s answers %s to %s", r.server, dns.RcodeToString[answer.Rcode], what)
	}
	return answer.Answer, nil
}

func (r *Resolver) exchange(ctx context.Context, question *dns.Msg) (answer *dns.Msg, err error) {
	for range tries {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		client := dns.Client{Timeout: timeout}
		if answer, _, err = client.ExchangeContext(ctx, question, r.server); err == nil && answer.Truncated {
			client.Net = "tcp"
			answer, _, err = client.ExchangeContext(ctx, question, r.server)
		}
		if err == nil {
			return answer, nil
		}
	}
	return nil, err
}

func plain(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }
