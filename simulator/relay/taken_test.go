package relay

import (
	"fmt"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/store"
)

func openTaken(t *testing.T, s store.Store) *Taken {
	t.Helper()
	taken, err := OpenTaken(s)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func (t *Taken) take(tb testing.TB, at time.Time, octets string) {
	tb.Helper()
	err := t.store.Together(func(tx store.Tx) error {
		return t.Note(tx, at, "a@x.example", []string{"b@y.example"}, store.Hash([]byte(octets)))
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func (t *Taken) again(octets string) bool {
	return t.Again("a@x.example", []string{"b@y.example"}, []byte(octets))
}

func TestTakenIsKnownAgainAfterADeath(t *testing.T) {
	t.Parallel()
	s, at := store.NewMemory(0), time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	first := openTaken(t, s)
	first.take(t, at, "vecchio")
	first.take(t, at.Add(10*time.Minute), "uno")
	first.take(t, at.Add(10*time.Minute), "due")
	first.take(t, at.Add(10*time.Minute), "due")
	if first.again("uno") {
		t.Error("known again in the same life")
	}
	for range 2 { // the second death comes before anything was sent again
		second := openTaken(t, s)
		for _, ask := range []struct {
			octets string
			want   bool
		}{{"uno", true}, {"uno", false}, {"due", true}, {"due", true}, {"due", false}, {"tre", false}, {"vecchio", false}} {
			if got := second.again(ask.octets); got != ask.want {
				t.Errorf("%q is known again: %v, want %v", ask.octets, got, ask.want)
			}
		}
	}
	third := openTaken(t, s)
	if third.Again("altro@x.example", []string{"b@y.example"}, []byte("uno")) || third.Again("a@x.example", []string{"c@y.example"}, []byte("uno")) {
		t.Error("another transaction with the same octets is known")
	}
	if err := third.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if fourth := openTaken(t, s); fourth.again("uno") || fourth.again("due") {
			t.Error("known again after an orderly end")
		}
	}
}

func TestTakenForgetsWhatIsOld(t *testing.T) {
	t.Parallel()
	s, at := store.NewMemory(0), time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	taken := openTaken(t, s)
	for i := range 5 * bundle {
		taken.take(t, at.Add(time.Duration(i)*time.Second), fmt.Sprint(i))
	}
	if n := len(s.Records(takenLedger)); n > bundle+1 {
		t.Errorf("%d notes are held", n)
	}
	if again := openTaken(t, s); !again.again(fmt.Sprint(5*bundle-1)) || again.again("0") {
		t.Error("the last one is not known, or the first one is")
	}
}
