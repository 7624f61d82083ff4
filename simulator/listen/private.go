package listen

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// Private tells whether an address is one of this machine or of a private network
// (RFC 1918, RFC 4193, link-local): what a simulated host may speak with.
func Private(address netip.Addr) bool {
	address = address.Unmap()
	return address.IsLoopback() || address.IsPrivate() || address.IsLinkLocalUnicast()
}

// Dialer opens connections to private addresses only. A name is looked up first;
// what it leads to counts.
func Dialer(timeout time.Duration) *net.Dialer {
	return &net.Dialer{Timeout: timeout, Control: func(_, address string, _ syscall.RawConn) error {
		if at, err := netip.ParseAddrPort(address); err != nil || !Private(at.Addr()) {
			return fmt.Errorf("%s is neither on this machine nor in a private network: the simulator never sends outside", address)
		}
		return nil
	}}
}

// HostName tells whether a host is said by a name of its own, as the parts of a
// world that several processes play are: one label, such as containers have in
// their networks, and never somebody's domain. A listener of that name is open on
// every private address of its machine: a container learns its addresses late, and
// may be joined to further networks.
func HostName(host string) bool {
	return host != "" && len(host) <= 63 && !strings.EqualFold(host, "localhost") && net.ParseIP(host) == nil &&
		strings.Trim(strings.ToLower(host), "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// both tells whether both ends of a connection are private.
func both(c net.Conn) bool {
	for _, end := range []net.Addr{c.LocalAddr(), c.RemoteAddr()} {
		if at, err := netip.ParseAddrPort(end.String()); err != nil || !Private(at.Addr()) {
			return false
		}
	}
	return true
}
