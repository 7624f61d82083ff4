package steps

import (
	"strings"
	"sync"
	"testing"
)

// TestATargetWithoutOrdinaryHost: the harness speaks as a mail host all the
// same, and says a name.
func TestATargetWithoutOrdinaryHost(t *testing.T) {
	t.Parallel()
	var asking sync.Mutex
	var said []string
	s := setStage(t, func(command string) string {
		asking.Lock()
		defer asking.Unlock()
		said = append(said, command)
		if command == "DATA" {
			return "503 5.5.1 not now"
		}
		return ""
	})
	s.world.target.Ordinary.Name = ""
	for _, words := range []string{"STARTTLS on the incoming point", "commands out of order on the incoming point", "RSET and NOOP on the incoming point"} {
		if err := s.world.try(t.Context(), words, Bruno); err != nil {
			t.Fatal(err)
		}
	}
	asking.Lock()
	defer asking.Unlock()
	for _, command := range said {
		if bare := strings.TrimSpace(command); bare == "EHLO" || strings.Contains(bare, "@>") {
			t.Errorf("it says %q", command)
		}
	}
	if len(said) == 0 {
		t.Error("nothing was asked")
	}
	w, dispatched := testWorld(t, testTarget()), 0
	w.target.Ordinary.Name = ""
	for _, o := range dispatchOrders(t) {
		if o.sender != "" {
			continue
		}
		dispatched++
		if d, err := w.prepareDispatch(o); err != nil || d.hello == "" {
			t.Errorf("%+v: it says no name, or %v", o, err)
		}
	}
	if dispatched == 0 {
		t.Error("the ordinary host dispatches nothing")
	}
}
