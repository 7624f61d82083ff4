package steps

import (
	"strings"
	"testing"
	"time"
)

func TestTheWholePatienceIsNoLessThanItsParts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		given Patience
		want  time.Duration
	}{
		{Patience{}, 92 * time.Second},
		{Patience{Delivery: 10 * time.Minute}, 10*time.Minute + 32*time.Second},
		{Patience{Acceptance: time.Second, Delivery: time.Second, Quiet: time.Second}, time.Minute},
		{Patience{Settle: time.Hour}, time.Hour},
	} {
		if got := c.given.Filled().Settle; got != c.want {
			t.Errorf("%+v: settle %v, want %v", c.given, got, c.want)
		}
	}
	target := testTarget()
	target.Patience = Patience{Delivery: 10 * time.Minute, Settle: time.Minute}
	if err := target.Check(); err == nil || !strings.Contains(err.Error(), "patience.settle is 1m0s") || !strings.Contains(err.Error(), "10m32s") {
		t.Errorf("error %v, want that settle is too short and for what", err)
	}
	target.WhiteBox.URL = "http://127.0.0.1:1"
	if err := target.Check(); err != nil && strings.Contains(err.Error(), "settle") {
		t.Errorf("with a white box, which says when all is done: %v", err)
	}
}

// A patience that is over while something is owed settles nothing.
func TestWhatIsOwedIsNotSettled(t *testing.T) {
	t.Parallel()
	s := patientStage(t, Patience{Acceptance: time.Second, Delivery: 30 * time.Second, Quiet: 50 * time.Millisecond, Settle: 300 * time.Millisecond})
	send(t, s, "Bruno")
	if err := s.world.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.close().Settled {
		t.Error("the evidence says settled")
	}
}

// patientStage is a stage without white box on the clock of this machine.
func patientStage(t *testing.T, patience Patience) *stage {
	t.Helper()
	s := setStage(t, nil)
	began := time.Now()
	s.world.options.Now = func() time.Time { return testNow().Add(time.Since(began)) }
	room(t, s)
	s.world.options.Patience = patience.Filled()
	return s
}

// send has Paolo's provider hand an envelope over, which the target accepts.
func send(t *testing.T, s *stage, to string) *dispatching {
	t.Helper()
	if err := s.world.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.world.dispatch(t.Context(), dispatchOrder{sender: "Paolo", kind: "transport envelope", to: to}); err != nil {
		t.Fatal(err)
	}
	return s.world.lastDispatch
}

const shortDelivery = 1500 * time.Millisecond

func shortPatience() Patience {
	return Patience{Acceptance: shortDelivery, Delivery: shortDelivery, Quiet: 100 * time.Millisecond}
}

// A notice that comes at once ends no patience: the infected mail comes later.
func TestWhatComesAtOnceDoesNotEndThePatience(t *testing.T) {
	t.Parallel()
	s := patientStage(t, shortPatience())
	d := send(t, s, "Bruno")
	put(t, s.users["ricevute@gestore.borea.example"], mail("a notice about "+d.record.Token, ""))
	late := time.AfterFunc(shortDelivery*2/3, func() { put(t, s.users["bruno@borea.example"], string(d.octets)) })
	defer late.Stop()
	if err := s.world.expectMailboxEmpty(t.Context(), "Bruno"); err != nil {
		t.Fatal(err)
	}
	if c := s.close(); len(c.Messages) != 2 || !c.Settled {
		t.Errorf("%d messages, settled %v; want the notice and what came after it, and that it settled", len(c.Messages), c.Settled)
	}
}

// Who has an outcome is waited for no longer, unless a step says that something
// does not come.
func TestAnOutcomeEndsThePatienceAndAnAbsenceDoesNot(t *testing.T) {
	t.Parallel()
	s := patientStage(t, shortPatience())
	began := time.Now()
	d := send(t, s, "Bruno")
	put(t, s.users["bruno@borea.example"], strings.Replace(string(d.octets), "From: ", "X-Anomalia: si\r\nX-Was: ", 1))
	s.world.mu.Lock()
	s.world.awaited[0].receipts = false // an anomaly envelope answers to nobody
	s.world.mu.Unlock()
	if err := s.world.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > shortDelivery {
		t.Errorf("%v for an outcome that was there at once", took)
	}
	late := time.AfterFunc(shortDelivery*2/3-time.Since(began), func() { put(t, s.users["bruno@borea.example"], string(d.octets)) })
	defer late.Stop()
	if err := s.world.expectMailboxEmpty(t.Context(), "Bruno"); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < shortDelivery {
		t.Errorf("an absence was believed after %v", took)
	}
	began = time.Now()
	if err := s.world.expectMailboxEmpty(t.Context(), "Bruno"); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > shortDelivery/2 {
		t.Errorf("the second absence waited again, %v", took)
	}
	if c := s.close(); len(c.Messages) != 2 {
		t.Errorf("%d messages, want the late one too", len(c.Messages))
	}
}
