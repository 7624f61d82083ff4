package simulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/simulator/antivirus"
	"github.com/collaudo/collaudo/simulator/mx"
	"github.com/collaudo/collaudo/simulator/relay"
)

// Parts are real programs beside the world, in place of what is built in. Empty
// ones are not there. All of them run on this machine.
type Parts struct {
	// Clamd is the ClamAV daemon of every provider that has none of its own:
	// host:port or unix:/path. With it nothing passes that clamd has not looked at:
	// while it is down, messages are refused for now (451). See antivirus.Clamd for
	// the settings that it needs.
	Clamd string
	// DNS is the name server that is asked for MX records, host:port. Where it
	// sends mail is where it goes, to the port MailPort (default 25).
	DNS, MailPort string
	// RelayHost takes all mail of the providers for other hosts, whoever it is for,
	// and is not asked who that is.
	RelayHost RelayHost
}

// RelayHost is a mail server that passes mail on.
type RelayHost struct {
	Address string // host:port
	TLSName string // that its certificate must bear; default: the host of Address
}

// mailSearch bounds one search for the hosts of a domain, in real time.
const mailSearch = 20 * time.Second

// engine is what a provider has its messages looked through by. With a daemon
// the embedded scanner finds no virus any more: it is left the patterns that the
// provider was given, so that two providers can still know different ones.
func (c Config) engine(p ProviderConfig) (antivirus.Engine, error) {
	address := p.Clamd
	if address == "" {
		address = c.Parts.Clamd
	}
	if address == "" {
		return antivirus.New(p.Patterns...), nil
	}
	daemon, err := antivirus.NewClamd(address, antivirus.ClamdOptions{})
	if err != nil {
		return nil, fmt.Errorf("provider %s: %w", p.Name, err)
	}
	return antivirus.All{daemon, antivirus.Patterns(p.Patterns...)}, nil
}

// openParts checks what is said of the parts, and makes the routes that ask for
// them.
func (w *World) openParts() error {
	p := w.config.Parts
	if p.DNS != "" {
		resolver, err := mx.New(p.DNS, p.MailPort)
		if err != nil {
			return fmt.Errorf("dns: %w", err)
		}
		w.resolver = resolver
	}
	if p.RelayHost.Address == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(p.RelayHost.Address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("relayHost %q: want a port on this machine, such as 127.0.0.1:2525; the simulator never sends outside", p.RelayHost.Address)
	}
	return nil
}

// routesOf are the routes of a host's outgoing mail. Its own domains it knows by
// itself; others it hands to the relay host where there is one and the host is a
// provider, or finds by MX where there is a name server.
func (w *World) routesOf(own []string, certified bool) relay.Routes {
	switch {
	case certified && w.config.Parts.RelayHost.Address != "":
		return relayed{local{w.routes, own}, w.config.Parts.RelayHost}
	case w.resolver != nil:
		return &exchanged{local{w.routes, own}, w.resolver, w.certified}
	}
	return w.routes
}

// local are the domains that a host receives mail for itself.
type local struct {
	*routes
	own []string
}

func (l local) has(domain string) bool {
	return slices.ContainsFunc(l.own, func(d string) bool { return strings.EqualFold(d, domain) })
}

// relayed routes lead to the relay host. Between providers TLS is required (RFC
// 6109 5.3), on this part of the way too.
type relayed struct {
	local
	host RelayHost
}

// Route implements relay.Routes.
func (r relayed) Route(domain string) (relay.Route, bool) {
	if r.has(domain) {
		return r.local.Route(domain)
	}
	name := r.host.TLSName
	if name == "" {
		name, _, _ = net.SplitHostPort(r.host.Address)
	}
	return relay.Route{Host: "relay host " + r.host.Address, Address: r.host.Address, TLSName: name, Provider: true}, true
}

// exchanged routes are MX records. The name server says where mail goes; that
// the domain is a provider's, so that TLS is required, is said by the directory.
type exchanged struct {
	local
	resolver  *mx.Resolver
	certified func(domain string) bool
}

// Route implements relay.Routes: mail goes by domain, wherever that is.
func (e *exchanged) Route(domain string) (relay.Route, bool) {
	if e.has(domain) {
		return e.local.Route(domain)
	}
	return relay.Route{Host: strings.ToLower(domain)}, true
}

// Resolve implements relay.Asking.
func (e *exchanged) Resolve(ctx context.Context, domain string) ([]relay.Route, error) {
	if e.has(domain) {
		if route, known := e.local.Route(domain); known {
			return []relay.Route{route}, nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, mailSearch)
	defer cancel()
	hosts, err := e.resolver.Hosts(ctx, domain)
	switch {
	case errors.Is(err, mx.ErrNoHost):
		return nil, fmt.Errorf("%w: %w", relay.ErrNoRoute, err)
	case err != nil:
		return nil, err
	}
	certified := e.certified(domain)
	var found []relay.Route
	for _, h := range hosts {
		found = append(found, relay.Route{Host: h.Name, Address: h.Address, TLSName: h.Name, Provider: certified})
	}
	return found, nil
}

// certified tells whether a domain is a provider's, by the directory and by the
// routes of the configuration.
func (w *World) certified(domain string) bool {
	if route, known := w.routes.Route(domain); known {
		return route.Provider
	}
	return w.authority.Manages(domain)
}
