package listen_test

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/listen"
)

func TestPrivate(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "::ffff:127.0.0.1": true, "10.1.2.3": true, "172.17.0.2": true, "172.32.0.1": false,
		"192.168.1.1": true, "::ffff:192.168.1.1": true, "fd00::1": true, "fe80::1": true, "169.254.1.1": true,
		"8.8.8.8": false, "192.0.2.1": false, "2001:db8::1": false, "0.0.0.0": false, "::": false,
	} {
		if got := listen.Private(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s private: %v, want %v", address, got, want)
		}
	}
}

func TestHostName(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"aurora": true, "aurora-0": true, "": false, "localhost": false, "Localhost": false, "127.0.0.1": false, "10.0.0.1": false,
		"example.com": false, "au rora": false, "0.0.0.0": false, "::": false, strings.Repeat("a", 64): false,
	} {
		if got := listen.HostName(host); got != want {
			t.Errorf("%q is a host name: %v, want %v", host, got, want)
		}
	}
}

// A host that is said by its name is reached on this machine, and says its name.
func TestListenByName(t *testing.T) {
	t.Parallel()
	l, err := listen.Open(listen.Options{Address: "aurora:0"})
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(l.Address())
	if host != "aurora" || port == "0" {
		t.Errorf("it is reached at %s, want aurora and a port", l.Address())
	}
	go l.Each(func(c net.Conn) {
		_, _ = c.Write([]byte("hello"))
		_ = c.Close()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	c, err := listen.Dialer(time.Second).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		t.Fatal(err)
	}
	heard := make([]byte, 5)
	if _, err := c.Read(heard); err != nil || string(heard) != "hello" {
		t.Errorf("heard %q, error %v", heard, err)
	}
	_ = c.Close()
	if err := l.Shutdown(ctx); err != nil {
		t.Error(err)
	}
}

// Nothing is sent to what is not private, whatever it is called; 192.0.2.0/24 is
// nobody's (RFC 5737).
func TestDialPrivateOnly(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"192.0.2.1:25", "[2001:db8::1]:25"} {
		_, err := listen.Dialer(time.Second).DialContext(t.Context(), "tcp", address)
		if err == nil || !strings.Contains(err.Error(), "the simulator never sends outside") {
			t.Errorf("%s: %v, want a refusal", address, err)
		}
	}
}
