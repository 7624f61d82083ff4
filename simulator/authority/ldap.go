package authority

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
	"github.com/hashicorp/go-hclog"
	"github.com/jimlambrt/gldap"

	"github.com/collaudo/collaudo/simulator/history"
	"github.com/collaudo/collaudo/simulator/listen"
)

// ldapServer answers searches in the directory. The protocol is gldap's, which
// starts with the first client, on a port of its own that nobody is told: its
// Stop waits for every client, so clients connect to listeners of this package,
// which can cut them.
type ldapServer struct {
	a          *Authority
	clear, tls *listen.Listener
	config     *tls.Config
	history    *history.Record

	starting sync.Once
	inner    *gldap.Server
	address  string // of inner
	failed   error
	running  sync.WaitGroup
}

// ldapIdle is how long a client may be silent.
const ldapIdle = 2 * time.Minute

func (a *Authority) startLDAP(clear, secure string, config *tls.Config, record *history.Record) (*ldapServer, error) {
	s := &ldapServer{a: a, config: config, history: record}
	var err error
	if s.clear, err = listen.Open(listen.Options{Address: clear, Idle: ldapIdle, MaxConnections: 64}); err != nil {
		return nil, err
	}
	if s.tls, err = listen.Open(listen.Options{Address: secure, Idle: ldapIdle, MaxConnections: 64}); err != nil {
		return nil, errors.Join(err, s.clear.Shutdown(context.Background()))
	}
	s.running.Go(func() { s.accept(s.clear, nil) })
	s.running.Go(func() { s.accept(s.tls, config) })
	return s, nil
}

func (s *ldapServer) accept(l *listen.Listener, config *tls.Config) {
	for {
		c, err := l.Accept()
		if err != nil {
			return // closed
		}
		s.running.Go(func() {
			defer c.Close()
			service := "ldap"
			if config != nil {
				service = "ldaps"
			}
			w := opened(s.history, "ldap", service, c)
			defer w.Close()
			if config != nil {
				secure := tls.Server(c, config)
				if err := secure.Handshake(); err != nil { // silence is limited by the listener
					w.Line(history.Note, "TLS handshake: "+err.Error())
					return
				}
				w.Secured(secure.ConnectionState().Version)
				c = secure
			}
			s.pass(c, w)
		})
	}
}

// pass connects a client with the inner server until either ends.
func (s *ldapServer) pass(client net.Conn, w *history.Writer) {
	s.starting.Do(s.start)
	if s.failed != nil {
		return
	}
	inner, err := net.DialTimeout("tcp", s.address, 5*time.Second)
	if err != nil {
		return
	}
	fromClient, fromServer, end := follow(w, client, inner)
	defer end()
	var both sync.WaitGroup
	both.Go(func() {
		if err := passRequests(inner, fromClient); err != nil {
			w.Line(history.Note, "cut: "+err.Error())
		}
		_ = inner.Close()
	})
	_, _ = io.Copy(client, fromServer)
	_ = client.Close()
	both.Wait()
}

// start runs the inner server on a free port. gldap opens its port itself and
// does not tell which, so one that is free now is tried.
func (s *ldapServer) start() {
	for range 5 {
		if s.failed = s.try(); s.failed == nil {
			return
		}
	}
}

func (s *ldapServer) try() error {
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.address = probe.Addr().String()
	_ = probe.Close()
	server, err := gldap.NewServer(gldap.WithLogger(hclog.NewNullLogger()))
	if err != nil {
		return err
	}
	mux, err := gldap.NewMux()
	if err != nil {
		return err
	}
	if err := errors.Join(mux.Bind(s.bind), mux.Search(s.search),
		mux.Add(refusing(gldap.ApplicationAddResponse)), mux.Modify(refusing(gldap.ApplicationModifyResponse)),
		mux.Delete(refusing(gldap.ApplicationDelResponse)), mux.DefaultRoute(refusing(gldap.ApplicationExtendedResponse)), server.Router(mux)); err != nil {
		return err
	}
	ended := make(chan error, 1)
	s.running.Go(func() { ended <- server.Run(s.address) })
	for {
		select {
		case err := <-ended:
			return fmt.Errorf("LDAP on %s: %w", s.address, err)
		case <-time.After(time.Millisecond):
		}
		c, err := net.DialTimeout("tcp", s.address, time.Second)
		if err == nil {
			_ = c.Close()
			s.inner = server
			return nil
		}
	}
}

// bind lets everybody in: the directory is public (RFC 6109 4.5).
func (s *ldapServer) bind(w *gldap.ResponseWriter, r *gldap.Request) {
	response := r.NewBindResponse(gldap.WithResponseCode(gldap.ResultSuccess))
	if m, err := r.GetSimpleBindMessage(); err != nil || m.Password != "" {
		response.SetResultCode(gldap.ResultInvalidCredentials)
		response.SetDiagnosticMessage("nobody has a password here: bind anonymously")
	}
	_ = w.Write(response) // the client is gone; there is nobody to tell
}

// refusing answers whatever is no search: the directory is changed by providers'
// files only.
func refusing(answer int) gldap.HandlerFunc {
	return func(w *gldap.ResponseWriter, r *gldap.Request) {
		response := r.NewResponse(gldap.WithResponseCode(gldap.ResultUnwillingToPerform), gldap.WithApplicationCode(answer))
		response.SetDiagnosticMessage("this directory answers searches only")
		_ = w.Write(response) // the client is gone; there is nobody to tell
	}
}

func (s *ldapServer) search(w *gldap.ResponseWriter, r *gldap.Request) {
	done := r.NewSearchDoneResponse(gldap.WithResponseCode(gldap.ResultSuccess))
	defer func() { _ = w.Write(done) }()
	m, err := r.GetSearchMessage()
	if err != nil {
		done.SetResultCode(gldap.ResultProtocolError)
		return
	}
	filter, err := ldap.CompileFilter(m.Filter)
	if err != nil {
		done.SetResultCode(gldap.ResultProtocolError)
		done.SetDiagnosticMessage(err.Error())
		return
	}
	candidates, code := s.within(m.BaseDN, m.Scope)
	done.SetResultCode(code)
	sent := int64(0)
	for _, e := range candidates {
		if s.a.match(filter, e) != yes {
			continue
		}
		if m.SizeLimit > 0 && sent == m.SizeLimit {
			done.SetResultCode(gldap.ResultSizeLimitExceeded)
			return
		}
		sent++
		answer := r.NewSearchResponseEntry(e.dn)
		for _, g := range selected(e, m.Attributes) {
			if m.TypesOnly {
				g.values = nil
			}
			answer.AddAttribute(g.name, g.values)
		}
		if w.Write(answer) != nil {
			return
		}
	}
}

// within finds what a base and a scope name.
func (s *ldapServer) within(baseDN string, scope gldap.Scope) ([]entry, int) {
	if scope == gldap.BaseObject && strings.TrimSpace(baseDN) == "" {
		return []entry{rootDSE()}, gldap.ResultSuccess
	}
	wanted, err := ldap.ParseDN(baseDN)
	if err != nil {
		return nil, gldap.ResultInvalidDNSyntax
	}
	all := append([]entry{s.a.schema()}, s.a.snapshot()...)
	var found []entry
	known := len(wanted.RDNs) == 0
	for i, e := range all {
		dn, err := ldap.ParseDN(e.dn)
		if err != nil {
			continue
		}
		same := wanted.EqualFold(dn)
		known = known || same
		beneath := wanted.AncestorOfFold(dn) && i > 0 // the subschema is found by its name only
		switch {
		case same && scope != gldap.SingleLevel,
			beneath && scope == gldap.WholeSubtree,
			beneath && scope == gldap.SingleLevel && len(dn.RDNs) == len(wanted.RDNs)+1:
			found = append(found, e)
		}
	}
	if !known {
		return nil, gldap.ResultNoSuchObject
	}
	return found, gldap.ResultSuccess
}

// snapshot is the directory's entries at now.
func (a *Authority) snapshot() []entry {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.entries()
}

func (a *Authority) match(filter *ber.Packet, e entry) truth {
	return matches(filter, e, a.faults.On("directory-search-exact-case"))
}

// group is an attribute with all its values.
type group struct {
	name   string
	values []string
}

// selected are the attributes asked for (RFC 4511 4.5.1.8): all when none is
// named. A name without options also asks for those with options.
func selected(e entry, asked []string) []group {
	var groups []group
	for _, a := range e.attributes {
		if !wants(asked, a.name) {
			continue
		}
		at := slices.IndexFunc(groups, func(g group) bool { return strings.EqualFold(g.name, a.name) })
		if at < 0 {
			groups, at = append(groups, group{name: a.name}), len(groups)
		}
		groups[at].values = append(groups[at].values, a.value)
	}
	return groups
}

func wants(asked []string, name string) bool {
	if len(asked) == 0 {
		return true
	}
	kind, _, _ := strings.Cut(name, ";")
	return slices.ContainsFunc(asked, func(w string) bool {
		if t := typeOf(w); t != nil && !strings.Contains(w, ";") {
			w = t.name
		}
		return w == "*" || w == "+" || strings.EqualFold(w, name) || strings.EqualFold(w, kind) ||
			strings.EqualFold(w, kind+";binary")
	})
}

// close cuts the clients first, so that the inner server has none to wait for.
func (s *ldapServer) close(ctx context.Context) error {
	err := errors.Join(s.clear.Shutdown(ctx), s.tls.Shutdown(ctx))
	s.starting.Do(func() { s.failed = net.ErrClosed })
	if s.inner != nil {
		err = errors.Join(err, s.inner.Stop())
	}
	s.running.Wait()
	return err
}
