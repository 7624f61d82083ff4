package client_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/simulator/control"
)

func driveNetwork(t *testing.T, w *world) {
	t.Helper()
	for _, cut := range []bool{true, false} {
		if _, err := w.Cut(t.Context(), "aurora.example", "borea.example", cut); err != nil {
			t.Error(err)
		}
		if now, err := w.Network(t.Context()); err != nil || len(now.Cuts) == 1 != cut {
			t.Errorf("cut %t: %+v, error %v", cut, now, err)
		}
	}
}

// While the network is cut mail waits, also mail that comes meanwhile; when it
// heals, what waits goes at its next attempt.
func TestNetwork(t *testing.T) {
	t.Parallel()
	w := start(t)
	between := [2]string{"Aurora PEC S.p.A.", "Borea PEC S.r.l."}
	w.send(t, bruno, "Prima del taglio") // a connection is kept, and must not serve later
	w.settle(t)
	now, err := w.Cut(t.Context(), "aurora.example", between[1], true)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(control.Network{Cuts: []control.Cut{{Between: between}}}, now); diff != "" {
		t.Errorf("the network (-want +got):\n%s", diff)
	}
	w.send(t, bruno, "Durante il taglio")
	w.settle(t)
	received := func() int {
		t.Helper()
		list, err := w.Messages(t.Context(), bruno, control.MessageChoice{})
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if n := received(); n != 1 {
		t.Errorf("Bruno has %d messages while the network is cut, want the one from before", n)
	}
	if now, err = w.Cut(t.Context(), between[0], "gestore.borea.example", false); err != nil || len(now.Cuts) != 0 {
		t.Errorf("healed: %+v, error %v", now, err)
	}
	if _, err := w.Advance(t.Context(), 2*time.Hour); err != nil {
		t.Fatal(err)
	}
	if n := received(); n != 2 {
		t.Errorf("Bruno has %d messages after the network has healed, want 2", n)
	}
	for name, pair := range map[string][2]string{"nobody": {"aurora.example", "nessuno.example"}, "one host": {"aurora.example", "studio-aurora.example"}, "no name": {"", "borea.example"}} {
		if _, err := w.Cut(t.Context(), pair[0], pair[1], true); err == nil {
			t.Errorf("%s: a cut between %q was taken", name, pair)
		}
	}
}
