package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLedgers(t *testing.T) {
	t.Parallel()
	s := NewMemory(0)
	for _, r := range []Record{{"a", []byte("1")}, {"b", []byte("2")}, {"c", []byte("3")}, {"b", []byte("4")}} {
		if err := s.Record("uno", r.Key, r.Data); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]Record{{"a", []byte("1")}, {"b", []byte("4")}, {"c", []byte("3")}}, s.Records("uno")); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	s.Forget("uno", "nessuno")
	s.Forget("altro", "a")
	s.Forget("uno", "b")
	if err := s.Record("uno", "b", []byte("5")); err != nil {
		t.Fatal(err)
	}
	if err := s.Record("uno", "a", []byte("6")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Record{{"b", []byte("5")}, {"c", []byte("3")}, {"a", []byte("6")}}, s.Records("uno")); diff != "" {
		t.Errorf("records after forgetting (-want +got):\n%s", diff)
	}
	if data, ok := s.Recorded("uno", "c"); !ok || string(data) != "3" {
		t.Errorf("c is %q, %v", data, ok)
	}
	for _, at := range [][2]string{{"uno", "d"}, {"altro", "a"}} {
		if _, ok := s.Recorded(at[0], at[1]); ok {
			t.Errorf("%v is there", at)
		}
	}
	if len(s.Records("altro")) != 0 {
		t.Error("a ledger that nobody wrote has records")
	}
}
