// Package names is the name service of a simulated world: MX and A records for
// the domains that its hosts receive mail for, over UDP and TCP on loopback.
//
// It resolves nothing else, forwards nothing, and hosts of the world do not
// depend on it: it is there for who looks from outside (RFC 6109 5.3).
package names

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// Hosts finds the host that receives mail for a domain; ok is false for an
// unknown one. It has to be safe for concurrent use.
type Hosts func(domain string) (host string, ok bool)

// Options of a server.
type Options struct {
	Address string   // host:port on loopback, for UDP and TCP; a free port when empty
	Hosts   Hosts    // mail domain → name of its host
	Names   []string // further names that have an address
}

// Server is a running name service.
type Server struct {
	o       Options
	udp     net.PacketConn
	tcp     net.Listener
	servers []*dns.Server
	running sync.WaitGroup
	closing sync.Once
}

// ttl of every record, in seconds: the world does not last.
const ttl = 60

// Start listens and serves until Close.
func Start(o Options) (*Server, error) {
	if o.Address == "" {
		o.Address = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(o.Address)
	if err != nil {
		return nil, fmt.Errorf("name service address %q: want host:port: %w", o.Address, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("name service address %q is not a loopback address such as 127.0.0.1: the simulator listens on nothing else", o.Address)
	}
	s := &Server{o: o}
	if s.udp, s.tcp, err = listenBoth(o.Address); err != nil {
		return nil, fmt.Errorf("name service: %w", err)
	}
	handler := dns.HandlerFunc(s.answer)
	s.serve(&dns.Server{PacketConn: s.udp, Handler: handler})
	s.serve(&dns.Server{Listener: s.tcp, Handler: handler})
	return s, nil
}

// listenBoth opens the same port for UDP and TCP. A free one for UDP may be
// taken for TCP, so several are tried.
func listenBoth(address string) (net.PacketConn, net.Listener, error) {
	var last error
	for range 10 {
		tcp, err := net.Listen("tcp", address)
		if err != nil {
			return nil, nil, err
		}
		udp, err := net.ListenPacket("udp", tcp.Addr().String())
		if err == nil {
			return udp, tcp, nil
		}
		_ = tcp.Close()
		last = err
	}
	return nil, nil, last
}

// serve runs one of the two servers; it returns when it has begun, so that
// Close finds it running.
func (s *Server) serve(server *dns.Server) {
	began := make(chan struct{})
	server.NotifyStartedFunc = func() { close(began) }
	s.servers = append(s.servers, server)
	failed := make(chan struct{})
	s.running.Go(func() {
		_ = server.ActivateAndServe() // ends when the server is shut down
		close(failed)
	})
	select {
	case <-began:
	case <-failed:
	}
}

// Address is host:port, for UDP and TCP.
func (s *Server) Address() string { return s.udp.LocalAddr().String() }

// Close ends the service. It returns when every goroutine has ended, or when the
// context has.
func (s *Server) Close(ctx context.Context) error {
	var errs []error
	s.closing.Do(func() {
		for _, server := range s.servers {
			errs = append(errs, server.ShutdownContext(ctx))
		}
	})
	ended := make(chan struct{})
	go func() {
		s.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		errs = append(errs, ctx.Err())
	}
	return errors.Join(errs...)
}

func (s *Server) answer(w dns.ResponseWriter, r *dns.Msg) {
	m := new(dns.Msg)
	m.SetReply(r)
	m.Authoritative = true
	if len(r.Question) != 1 || r.Opcode != dns.OpcodeQuery {
		m.Rcode = dns.RcodeFormatError
		_ = w.WriteMsg(m)
		return
	}
	question := r.Question[0]
	name := strings.ToLower(strings.TrimSuffix(question.Name, "."))
	host, isDomain := s.o.Hosts(name)
	switch {
	case isDomain && question.Qtype == dns.TypeMX:
		m.Answer = append(m.Answer, &dns.MX{Hdr: header(question, dns.TypeMX), Preference: 10, Mx: dns.Fqdn(host)})
		m.Extra = append(m.Extra, s.address(dns.Fqdn(host)))
	case s.isHost(name, isDomain, host) && question.Qtype == dns.TypeA:
		m.Answer = append(m.Answer, s.address(question.Name))
	case !isDomain && !s.isHost(name, isDomain, host):
		m.Rcode = dns.RcodeNameError
	}
	_ = w.WriteMsg(m) // the client is gone; there is nobody to tell
}

// isHost tells a name that has an address.
func (s *Server) isHost(name string, isDomain bool, host string) bool {
	if isDomain && strings.EqualFold(host, name) {
		return true
	}
	for _, n := range s.o.Names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

func header(q dns.Question, kind uint16) dns.RR_Header {
	return dns.RR_Header{Name: q.Name, Rrtype: kind, Class: dns.ClassINET, Ttl: ttl}
}

func (s *Server) address(name string) dns.RR {
	return &dns.A{
		Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: ttl}, A: net.IPv4(127, 0, 0, 1),
	}
}
