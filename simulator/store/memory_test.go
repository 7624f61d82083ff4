package store_test

import (
	"testing"

	"github.com/collaudo/collaudo/simulator/store"
	"github.com/collaudo/collaudo/simulator/store/storetest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(_ *testing.T, limit int64) store.Store { return store.NewMemory(limit) })
}

func TestHeldCountsOctetsOnce(t *testing.T) {
	t.Parallel()
	s := store.NewMemory(0)
	for range 2 {
		if _, err := s.Keep([]byte("12345678")); err != nil {
			t.Fatal(err)
		}
	}
	if s.Held() != 8 {
		t.Errorf("%d bytes held, want 8", s.Held())
	}
}
