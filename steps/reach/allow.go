package reach

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// ErrNotAllowed marks an address that is neither on this machine nor named by
// the allow-list. Nothing was sent to it, and no name was looked up.
var ErrNotAllowed = errors.New("not allowed")

// place is one entry of the allow-list.
type place struct {
	host   string       // a name in lower case, without its last dot; "" for addresses
	prefix netip.Prefix // of addresses; the zero value for a name
	port   string       // "" for every port
}

// widest are the shortest prefixes, by the length of the address in bits, that
// an allow-list may name outside private networks: what is wider belongs to
// many, and a slip of one figure must not open the whole Internet.
var widest = map[int]int{32: 16, 128: 32}

// parsePlace reads host, host:port, an IP address, or a range (CIDR).
func parsePlace(entry string) (place, error) {
	text := strings.TrimSpace(entry)
	switch {
	case text == "":
		return place{}, errors.New("reach.allow holds an empty entry: write a host, host:port, or a range such as 192.0.2.0/28")
	case strings.Contains(text, "://"):
		return place{}, fmt.Errorf("reach.allow: %q is a URL: write only its host, or host:port", entry)
	case strings.Contains(text, "*"):
		return place{}, fmt.Errorf("reach.allow: %q holds a wildcard: name each host, since a test must not reach a machine that nobody thought of", entry)
	case strings.Contains(text, "/"):
		return parseRange(text)
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		host, port = strings.Trim(text, "[]"), "" // no port: a name, or an address of IPv6
	} else if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return place{}, fmt.Errorf("reach.allow: %q: port %q is no number from 1 to 65535", entry, port)
	}
	if address, err := netip.ParseAddr(host); err == nil {
		address = address.Unmap().WithZone("")
		return place{prefix: netip.PrefixFrom(address, address.BitLen()), port: port}, nil
	}
	if !isName(host) {
		return place{}, fmt.Errorf("reach.allow: %q is no host, host:port or range such as 192.0.2.0/28", entry)
	}
	return place{host: canonical(host), port: port}, nil
}

func parseRange(text string) (place, error) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return place{}, fmt.Errorf("reach.allow: %q is no range of addresses: expected one such as 192.0.2.0/28", text)
	}
	prefix = prefix.Masked()
	if least := widest[prefix.Addr().BitLen()]; prefix.Bits() < least && !withinPrivate(prefix) {
		return place{}, fmt.Errorf("reach.allow: %s holds addresses of many others: outside private networks a range may be no wider than /%d", text, least)
	}
	return place{prefix: prefix}, nil
}

// withinPrivate tells a range that lies in a private network as a whole.
func withinPrivate(p netip.Prefix) bool {
	for _, private := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7"} {
		outer := netip.MustParsePrefix(private)
		if outer.Bits() <= p.Bits() && outer.Contains(p.Addr()) {
			return true
		}
	}
	return false
}

// isName tells a host name: letters, digits, hyphens and dots, which is what
// mail servers have; an internationalised one is written in its ASCII form.
func isName(host string) bool {
	if host == "" || len(host) > 253 {
		return false
	}
	for _, c := range []byte(host) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return true
}

func canonical(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

// allows tells that the entry names this host and port. A range allows
// addresses and no names: what a name stands for is not known before it is
// looked up, which is already a packet.
func (p place) allows(host, port string) bool {
	if p.port != "" && p.port != port {
		return false
	}
	if p.host != "" {
		return p.host == canonical(host)
	}
	address, err := netip.ParseAddr(host)
	return err == nil && p.prefix.Contains(address.Unmap().WithZone(""))
}

// split takes host and port out of what a target file names: host:port, or a
// URL, whose port may be that of its scheme.
func split(address string) (host, port string, err error) {
	if strings.Contains(address, "://") {
		u, err := url.Parse(address)
		if err != nil || u.Hostname() == "" {
			return "", "", fmt.Errorf("%q is no URL with a host", address)
		}
		port = u.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443", "ldap": "389", "ldaps": "636"}[u.Scheme]
		}
		return u.Hostname(), port, nil
	}
	host, port, err = net.SplitHostPort(address)
	if err != nil || host == "" {
		return "", "", fmt.Errorf("%q is no host:port", address)
	}
	return host, port, nil
}

// IsLoopback tells an address of this machine, as host:port or URL: 127.0.0.0/8,
// ::1, or the name localhost. Every other name is taken for a foreign one,
// whatever it may stand for. What is no address is not of this machine.
func IsLoopback(address string) bool {
	host, _, err := split(address)
	return err == nil && isLoopback(host)
}

func isLoopback(host string) bool {
	if canonical(host) == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
