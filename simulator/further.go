package simulator

import (
	"crypto/x509"
	"fmt"
	"net"

	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/listen"
	"github.com/collaudo/collaudo/simulator/relay"
)

// Further is another world whose providers this one knows: its directory, and
// the CA that its certificates are of. Where their mail goes is said by Routes.
type Further struct {
	Authorities []*x509.Certificate
	Revocation  []*x509.RevocationList // of these CAs, as of now; may be empty
	Directory   []byte                 // LDIF
}

// RouteConfig says where mail for domains goes that no host of this world
// serves: to a server on this machine that the caller runs.
type RouteConfig struct {
	Name      string // of the host, as exchanges with it name it; default: the first domain
	Domains   []string
	Address   string // host:port on loopback; in a world that is apart also of a host that is said by its name
	TLSName   string // that its certificate must bear; default: the first domain
	Certified bool   // a provider of certified mail: TLS is required (RFC 6109 5.3)
}

// connect makes the further worlds and the routes of the configuration known.
// The world's own providers are registered already.
func (w *World) connect(roots *x509.CertPool) error {
	for _, f := range w.config.Further {
		if err := w.authority.Include(f.Directory); err != nil {
			return err
		}
		for _, ca := range f.Authorities {
			roots.AddCert(ca)
		}
	}
	for _, r := range w.config.Routes {
		if err := r.check(w.config.Apart != nil); err != nil {
			return err
		}
		name := r.TLSName
		if name == "" {
			name = r.Domains[0]
		}
		for _, d := range r.Domains {
			w.routes.add(d, relay.Route{Host: or(r.Name, r.Domains[0]), Address: r.Address, TLSName: name, Provider: r.Certified})
		}
	}
	return nil
}

// check keeps mail on this machine.
func (r RouteConfig) check(apart bool) error {
	if len(r.Domains) == 0 {
		return fmt.Errorf("route to %s: say for which domains", r.Address)
	}
	host, _, err := net.SplitHostPort(r.Address)
	if err != nil {
		return fmt.Errorf("route for %s: want an address such as 127.0.0.1:2500: %w", r.Domains[0], err)
	}
	if apart && listen.HostName(host) {
		return nil
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("route for %s: %s is not on this machine: the simulator never sends outside; want an address such as 127.0.0.1:2500", r.Domains[0], r.Address)
	}
	return nil
}

// furtherTrust is what a provider believes besides its own authority.
func (c Config) furtherTrust() (authorities []*x509.Certificate, revocation []*x509.RevocationList) {
	for _, f := range c.Further {
		authorities = append(authorities, f.Authorities...)
		revocation = append(revocation, f.Revocation...)
	}
	return authorities, revocation
}

// Root is a CA that was given instead of invented.
type Root = authority.Root
