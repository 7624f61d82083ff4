package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/collaudo/collaudo/simulator/store"
	"github.com/google/go-cmp/cmp"
)

var errOn = errors.New("on purpose")

// write writes something of each sort.
func write(tx store.Tx, name string) error {
	hash, err := tx.Keep([]byte("corpo " + name))
	if err != nil {
		return err
	}
	defer tx.Drop(hash)
	_, appending := tx.Append(address, store.Inbox, []byte("messaggio "+name), store.Message{}, false)
	return errors.Join(
		appending, tx.PutWork(store.Work{Queue: "q", ID: name, Body: hash}),
		tx.Record("uno", name, []byte(name)), tx.Isolate([]byte("infetto "+name), store.Infected{}),
	)
}

// traces are which of these names a store has traces of, sort by sort.
func traces(t *testing.T, s store.Store, names ...string) []string {
	t.Helper()
	var found []string
	for _, name := range names {
		for sort, is := range map[string]bool{
			"message":    slices.Contains(contents(t, s, store.Inbox), "messaggio "+name),
			"work":       slices.ContainsFunc(s.Works("q"), func(w store.Work) bool { return w.ID == name }),
			"record":     slices.ContainsFunc(s.Records("uno"), func(r store.Record) bool { return r.Key == name }),
			"quarantine": slices.ContainsFunc(s.Isolated(), func(i store.Infected) bool { return i.Body == store.Hash([]byte("infetto "+name)) }),
			"body":       !errors.Is(second(s.Octets(store.Hash([]byte("corpo "+name)))), store.ErrNoBody),
		} {
			if is {
				found = append(found, name+" "+sort)
			}
		}
	}
	slices.Sort(found)
	return found
}

func second(_ []byte, err error) error { return err }

var whole = []string{"a body", "a message", "a quarantine", "a record", "a work"}

func together(t *testing.T, open Open) {
	s := withMailbox(t, open, 0)
	want(t, "a transaction that fails", s.Together(func(tx store.Tx) error {
		return errors.Join(write(tx, "a"), errOn)
	}), errOn)
	if diff := cmp.Diff([]string(nil), traces(t, s, "a")); diff != "" {
		t.Errorf("after failing (-want +got):\n%s", diff)
	}
	// What fails at the end takes all with it.
	want(t, "a mailbox that exists", s.Together(func(tx store.Tx) error {
		return errors.Join(write(tx, "a"), tx.CreateMailbox(address, 0))
	}), store.ErrExists)
	if diff := cmp.Diff([]string(nil), traces(t, s, "a")); diff != "" {
		t.Errorf("after failing at the end (-want +got):\n%s", diff)
	}
	check(t, s.Together(func(tx store.Tx) error { return write(tx, "a") }))
	if diff := cmp.Diff(whole, traces(t, s, "a")); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	if f, err := s.Folder(address, store.Inbox); err != nil || f.Messages[0].UID != 1 || f.UIDNext != 2 {
		t.Errorf("folder %+v, %v: want the UID 1 for the first that was kept", f, err)
	}
}

func part(t *testing.T, open Open) {
	s := withMailbox(t, open, 0)
	check(t, s.Together(func(tx store.Tx) error {
		check(t, write(tx, "a"))
		want(t, "the part", tx.Together(func(tx store.Tx) error {
			tx.Afterwards(func() { t.Error("of a part that failed something was done afterwards") })
			return errors.Join(write(tx, "b"), errOn)
		}), errOn)
		return tx.Together(func(tx store.Tx) error { return write(tx, "c") })
	}))
	wanted := append(slices.Clone(whole), "c body", "c message", "c quarantine", "c record", "c work")
	if diff := cmp.Diff(wanted, traces(t, s, "a", "b", "c")); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

func sees(t *testing.T, open Open) {
	s := withMailbox(t, open, 0)
	check(t, s.Record("uno", "a", []byte("1")))
	check(t, s.PutWork(store.Work{Queue: "q", ID: "1"}))
	check(t, s.Together(func(tx store.Tx) error {
		check(t, tx.Record("uno", "b", []byte("2")))
		check(t, tx.Record("uno", "a", []byte("3")))
		check(t, tx.PutWork(store.Work{Queue: "q", ID: "2"}))
		tx.DropWork("q", "1")
		inside := []store.Record{{Key: "a", Data: []byte("3")}, {Key: "b", Data: []byte("2")}}
		if diff := cmp.Diff(inside, tx.Records("uno")); diff != "" {
			t.Errorf("records inside (-want +got):\n%s", diff)
		}
		if data, ok := tx.Recorded("uno", "a"); !ok || string(data) != "3" {
			t.Errorf("a inside is %q, %v", data, ok)
		}
		tx.Forget("uno", "b")
		if _, ok := tx.Recorded("uno", "a"); ok {
			t.Error("what was forgotten inside is there")
		}
		if diff := cmp.Diff([]store.Work{{Queue: "q", ID: "2"}}, tx.Works("q")); diff != "" {
			t.Errorf("works inside (-want +got):\n%s", diff)
		}
		if data, ok := s.Recorded("uno", "a"); !ok || string(data) != "1" || len(s.Works("q")) != 1 || s.Works("q")[0].ID != "1" {
			t.Errorf("outside something is seen before its time: %q, %v, %+v", data, ok, s.Works("q"))
		}
		return nil
	}))
	if diff := cmp.Diff([]store.Record{{Key: "b", Data: []byte("2")}}, s.Records("uno")); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	// A mailbox can be made and used in one.
	check(t, s.Together(func(tx store.Tx) error {
		_, appending := tx.Append(address, store.Inbox, []byte("prima"), store.Message{}, false)
		making := errors.Join(tx.RemoveMailbox(address), tx.CreateMailbox(address, 10), tx.CreateFolder(address, "Altro"))
		_, again := tx.Append(address, "Altro", []byte("dopo"), store.Message{}, false)
		return errors.Join(appending, making, again)
	}))
	if inbox, other := contents(t, s, store.Inbox), contents(t, s, "Altro"); len(inbox) != 0 || !slices.Equal(other, []string{"dopo"}) {
		t.Errorf("INBOX %q, Altro %q", inbox, other)
	}
	gone(t, s, "prima")
}

func ends(t *testing.T, open Open) {
	s := withMailbox(t, open, 0)
	var order []string
	note := func(what string) func() { return func() { order = append(order, what) } }
	s.Appended(func(_, _ string, m store.Message) {
		octets, err := s.Octets(m.Body) // the store may be read
		check(t, err)
		note(string(octets))()
	})
	check(t, s.Together(func(tx store.Tx) error {
		tx.Finally(note("finally 1"))
		tx.Finally(note("finally 2"))
		tx.Afterwards(func() {
			if len(contents(t, s, store.Inbox)) != 1 {
				t.Error("it is not kept yet")
			}
			note("afterwards 1")()
		})
		tx.Afterwards(note("afterwards 2"))
		uid, err := tx.Append(address, store.Inbox, []byte("m"), store.Message{}, false)
		if uid != 0 {
			t.Errorf("the UID %d was given before its time", uid)
		}
		return err
	}))
	_ = s.Together(func(tx store.Tx) error {
		tx.Afterwards(note("never"))
		tx.Finally(note("finally 3"))
		return errOn
	})
	wanted := []string{"afterwards 1", "afterwards 2", "m", "finally 2", "finally 1", "finally 3"}
	if diff := cmp.Diff(wanted, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	s.Appended(nil)
	add(t, s, "n")
	if len(order) != len(wanted) {
		t.Error("the hook was called after it was taken away")
	}
}

func room(t *testing.T, open Open) {
	s := withMailbox(t, open, 10)
	message := func(tx store.Store) error {
		_, err := tx.Append(address, store.Inbox, []byte("12345678"), store.Message{}, false)
		return err
	}
	check(t, s.Together(func(tx store.Tx) error {
		check(t, message(tx))
		want(t, "a second one", message(tx), store.ErrQuota)
		want(t, "another one after it", message(s), store.ErrQuota)
		return nil
	}))
	_ = s.Expunge(address, store.Inbox, []uint32{1})
	_ = s.Together(func(tx store.Tx) error { check(t, message(tx)); return errOn })
	check(t, message(s))
}

func many(t *testing.T, open Open) {
	s := withMailbox(t, open, 0)
	const writers, rounds = 8, 25
	var under sync.WaitGroup
	for w := range writers {
		under.Go(func() {
			for i := range rounds {
				err := s.Together(func(tx store.Tx) error {
					name := fmt.Sprintf("%d-%d", w, i)
					if err := write(tx, name); err != nil {
						return err
					}
					_, err := tx.Append(address, store.Inbox, []byte("sempre lo stesso"), store.Message{}, false)
					if i%2 == 1 {
						return errors.Join(err, errOn)
					}
					return err
				})
				if i%2 == 0 && err != nil {
					t.Error(err)
				}
			}
		})
	}
	under.Wait()
	const wanted = writers * (rounds/2 + 1)
	f, err := s.Folder(address, store.Inbox)
	check(t, err)
	if len(f.Messages) != 2*wanted || len(s.Works("q")) != wanted || len(s.Records("uno")) != wanted || len(s.Isolated()) != wanted {
		t.Errorf("%d messages, %d works, %d records, %d isolated; want %d each, of messages twice as many",
			len(f.Messages), len(s.Works("q")), len(s.Records("uno")), len(s.Isolated()), wanted)
	}
	for i, m := range f.Messages {
		if m.UID != uint32(i+1) {
			t.Fatalf("message %d has UID %d", i, m.UID)
		}
	}
	gone(t, s, "messaggio 0-1")
}
