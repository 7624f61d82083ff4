// Package storetest is what every store has to do, as tests: each
// implementation of store.Store runs them on itself.
//
// It tests no more than the interface says; what an implementation promises
// besides (that it outlives the process) is tested beside it.
package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/store"
)

// Open makes an empty store that holds at most limit bytes (0: its default).
type Open func(t *testing.T, limit int64) store.Store

// Address of the mailbox that the tests use.
const address = "anna@x.example"

// Run runs every test on stores of its own.
func Run(t *testing.T, open Open) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, open Open)
	}{
		{"bodies are counted and bounded", bodies},
		{"the spool keeps its bodies", spool},
		{"mailbox", mailbox},
		{"folders", folders},
		{"a removed mailbox comes back empty", removed},
		{"ledgers", ledgers},
		{"quarantine", quarantine},
		{"together or not at all", together},
		{"a part can fail alone", part},
		{"what a transaction sees", sees},
		{"the end of a transaction", ends},
		{"room is taken at once", room},
		{"everything is wiped", wiped},
		{"many at the same time", many},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, open)
		})
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, what string, err, wanted error) {
	t.Helper()
	if !errors.Is(err, wanted) {
		t.Errorf("%s: %v, want %v", what, err, wanted)
	}
}

func withMailbox(t *testing.T, open Open, quota int64) store.Store {
	t.Helper()
	s := open(t, 0)
	check(t, s.CreateMailbox(address, quota))
	return s
}

func add(t *testing.T, s store.Store, octets string) uint32 {
	t.Helper()
	uid, err := s.Append(address, store.Inbox, []byte(octets), store.Message{Received: time.Unix(1, 0).UTC()}, false)
	check(t, err)
	return uid
}

// contents are the octets in a folder, in order.
func contents(t *testing.T, s store.Store, folder string) []string {
	t.Helper()
	f, err := s.Folder(address, folder)
	check(t, err)
	var all []string
	for _, m := range f.Messages {
		octets, err := s.Octets(m.Body)
		check(t, err)
		all = append(all, string(octets))
	}
	return all
}

func gone(t *testing.T, s store.Store, octets string) {
	t.Helper()
	if _, err := s.Octets(store.Hash([]byte(octets))); !errors.Is(err, store.ErrNoBody) {
		t.Errorf("octets %q that nobody keeps: %v, want ErrNoBody", octets, err)
	}
}
