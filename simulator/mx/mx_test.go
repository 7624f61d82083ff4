package mx_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/collaudo/collaudo/simulator/mx"
)

// zone is what the name server of the test knows.
const zone = `
alba.example. 60 IN MX 20 second.alba.example.
alba.example. 60 IN MX 10 First.Alba.example.
first.alba.example. 60 IN A 127.0.0.2
second.alba.example. 60 IN A 192.0.2.1
second.alba.example. 60 IN A 127.0.0.3
bora.example. 60 IN A 127.0.0.4
sei.example. 60 IN AAAA ::1
muta.example. 60 IN MX 0 .
vuota.example. 60 IN TXT "niente"
fuori.example. 60 IN MX 10 mail.fuori.example.
mail.fuori.example. 60 IN A 192.0.2.1
orfana.example. 60 IN MX 10 nessuno.example.
`

// server answers from the zone; names beneath guasta.example fail.
func server(t *testing.T) string {
	t.Helper()
	var records []dns.RR
	parser := dns.NewZoneParser(strings.NewReader(zone), "", "")
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		records = append(records, rr)
	}
	if err := parser.Err(); err != nil {
		t.Fatal(err)
	}
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &dns.Server{PacketConn: socket, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, question *dns.Msg) {
		m := new(dns.Msg)
		m.SetRcode(question, dns.RcodeNameError)
		name := question.Question[0].Name
		for _, rr := range records {
			if strings.EqualFold(rr.Header().Name, name) {
				m.Rcode = dns.RcodeSuccess
				if rr.Header().Rrtype == question.Question[0].Qtype {
					m.Answer = append(m.Answer, rr)
				}
			}
		}
		if name == "guasta.example." {
			m.Rcode = dns.RcodeServerFailure
		}
		_ = w.WriteMsg(m)
	})}
	began := make(chan struct{})
	s.NotifyStartedFunc = func() { close(began) }
	go func() { _ = s.ActivateAndServe() }()
	<-began
	t.Cleanup(func() { _ = s.Shutdown() })
	return socket.LocalAddr().String()
}

func TestHosts(t *testing.T) {
	t.Parallel()
	r, err := mx.New(server(t), "2525")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		domain string
		want   []mx.Host
		nobody bool
		says   string
	}{
		{domain: "ALBA.example", want: []mx.Host{{"first.alba.example", "127.0.0.2:2525"}, {"second.alba.example", "127.0.0.3:2525"}}},
		{domain: "bora.example", want: []mx.Host{{"bora.example", "127.0.0.4:2525"}}},
		{domain: "sei.example", want: []mx.Host{{"sei.example", "[::1]:2525"}}},
		{domain: "muta.example", nobody: true, says: "null MX"},
		{domain: "vuota.example", nobody: true, says: "has no address"},
		{domain: "altra.example", nobody: true, says: "knows no altra.example"},
		{domain: "orfana.example", nobody: true, says: "knows no nessuno.example"},
		{domain: "fuori.example", says: "never sends outside"},
		{domain: "guasta.example", says: "answers SERVFAIL"},
	}
	for _, test := range tests {
		t.Run(test.domain, func(t *testing.T) {
			t.Parallel()
			got, err := r.Hosts(t.Context(), test.domain)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if errors.Is(err, mx.ErrNoHost) != test.nobody || (err != nil) != (test.says != "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v", err)
			}
		})
	}
}

// A name server that is down says nothing about who receives mail.
func TestDown(t *testing.T) {
	t.Parallel()
	closed, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.LocalAddr().String()
	_ = closed.Close()
	r, err := mx.New(address, "")
	if err != nil {
		t.Fatal(err)
	}
	if hosts, err := r.Hosts(t.Context(), "alba.example"); err == nil || errors.Is(err, mx.ErrNoHost) {
		t.Errorf("%v, %v", hosts, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Hosts(ended, "alba.example"); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, o := range [][2]string{{"", ""}, {"192.0.2.1:53", ""}, {"dns.example:53", ""}, {"127.0.0.1", ""}, {"127.0.0.1:53", "x"}, {"127.0.0.1:53", "70000"}} {
		if _, err := mx.New(o[0], o[1]); err == nil {
			t.Errorf("%q: no error", o)
		}
	}
}
