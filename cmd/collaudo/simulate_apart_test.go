package main

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/simulator"
)

// A world whose hosts are said by their names does not call itself one of this
// machine only.
func TestSimulateSaysWhereItIs(t *testing.T) {
	t.Parallel()
	const one, several = "on this machine only", "on private networks only"
	for name, test := range map[string]struct {
		apart *simulator.Apart
		want  string
	}{
		"one process":       {nil, one},
		"several, loopback": {&simulator.Apart{Hosts: map[string]string{simulator.AuthorityPart: "127.0.0.2"}}, one},
		"several, by name":  {&simulator.Apart{Hosts: map[string]string{simulator.AuthorityPart: "127.0.0.2", "gestore.aurora.example": "aurora"}}, several},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			if err := languages["en"].about(simulator.Config{Apart: test.apart}).print(&out, readiness{}); err != nil {
				t.Fatal(err)
			}
			for _, says := range []string{one, several} {
				if got := strings.Contains(out.String(), says); got != (says == test.want) {
					t.Errorf("it says %q: %v, want only %q; it said:\n%s", says, got, test.want, out.String())
				}
			}
			if italian := languages["it"].about(simulator.Config{Apart: test.apart}); strings.Contains(italian.warning, "questa macchina") != (test.want == one) {
				t.Errorf("in Italian it says %q", italian.warning)
			}
		})
	}
}
