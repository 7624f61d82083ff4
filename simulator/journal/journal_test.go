package journal

import (
	"sync"
	"testing"
)

func TestAppendOnly(t *testing.T) {
	t.Parallel()
	var j Journal
	recipients := []string{"b@y.example"}
	j.Append(Entry{Event: Acceptance, Recipients: recipients})
	recipients[0] = "altered@y.example"
	if got := j.Entries()[0].Recipients[0]; got != "b@y.example" {
		t.Errorf("a line was altered from outside: %s", got)
	}
	var writers sync.WaitGroup
	for range 10 {
		writers.Add(1)
		go func() { defer writers.Done(); j.Append(Entry{Event: Delivery}) }()
	}
	writers.Wait()
	if got := len(j.Entries()); got != 11 {
		t.Errorf("%d lines, want 11", got)
	}
}
