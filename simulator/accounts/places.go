package accounts

import (
	"math"
	"net/netip"
)

// place is where sign-ins from a range of loopback addresses are taken to come
// from: a client that binds to 127.81.0.1 before it connects writes from Tokyo.
type place struct {
	prefix    netip.Prefix
	name      string
	lat, long float64 // degrees
}

// places divide the loopback network; what is in none of them is nowhere, and
// says nothing.
func places() []place {
	at := func(prefix, name string, lat, long float64) place {
		return place{netip.MustParsePrefix(prefix), name, lat, long}
	}
	return []place{
		at("127.0.0.0/16", "Roma", 41.90, 12.50),
		at("127.2.0.0/16", "Milano", 45.46, 9.19),
		at("127.44.0.0/16", "London", 51.51, -0.13),
		at("127.55.0.0/16", "São Paulo", -23.55, -46.63),
		at("127.61.0.0/16", "Sydney", -33.87, 151.21),
		at("127.81.0.0/16", "Tokyo", 35.68, 139.69),
	}
}

// placeOf finds the place of host:port or of a bare address.
func placeOf(peer string) (place, bool) {
	ip, err := netip.ParseAddr(peer)
	if err != nil {
		both, err := netip.ParseAddrPort(peer)
		if err != nil {
			return place{}, false
		}
		ip = both.Addr()
	}
	for _, p := range places() {
		if p.prefix.Contains(ip.Unmap()) {
			return p, true
		}
	}
	return place{}, false
}

func placeNamed(name string) (place, bool) {
	for _, p := range places() {
		if p.name == name {
			return p, true
		}
	}
	return place{}, false
}

// kilometres between two places, along the surface of the Earth.
func (p place) kilometres(to place) float64 {
	rad := func(degrees float64) float64 { return degrees * math.Pi / 180 }
	sin := func(x float64) float64 { return math.Pow(math.Sin(x/2), 2) }
	h := sin(rad(to.lat-p.lat)) + math.Cos(rad(p.lat))*math.Cos(rad(to.lat))*sin(rad(to.long-p.long))
	return 2 * 6371 * math.Asin(math.Sqrt(h))
}
