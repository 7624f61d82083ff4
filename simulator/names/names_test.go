package names_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/names"
)

func TestNames(t *testing.T) {
	t.Parallel()
	s, err := names.Start(names.Options{
		Hosts: func(domain string) (string, bool) {
			host, ok := map[string]string{"aurora.example": "gestore.aurora.example", "gestore.aurora.example": "gestore.aurora.example"}[domain]
			return host, ok
		},
		Names: []string{"indice.autorita.example"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, network := range []string{"udp", "tcp"} {
		resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, s.Address())
		}}
		mx, err := resolver.LookupMX(t.Context(), "Aurora.example.")
		if err != nil || len(mx) != 1 || mx[0].Host != "gestore.aurora.example." || mx[0].Pref != 10 {
			t.Errorf("%s: MX %v, %v", network, mx, err)
		}
		for name, want := range map[string]bool{
			"gestore.aurora.example.": true, "indice.autorita.example.": true, "aurora.example.": false, "altro.example.": false,
		} {
			addresses, err := resolver.LookupIP(t.Context(), "ip4", name)
			if got := err == nil && len(addresses) == 1 && addresses[0].IsLoopback(); got != want {
				t.Errorf("%s: address of %s: %v, %v", network, name, addresses, err)
			}
		}
		if mx, err := resolver.LookupMX(t.Context(), "sconosciuto.example."); err == nil {
			t.Errorf("%s: MX of an unknown domain: %v", network, mx)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Error(err)
	}
	if _, err := names.Start(names.Options{Address: "0.0.0.0:0"}); err == nil {
		t.Error("it listens outside loopback")
	}
}
