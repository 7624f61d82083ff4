package disk_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/store"
	"github.com/collaudo/collaudo/simulator/store/disk"
	"github.com/collaudo/collaudo/simulator/store/storetest"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func open(t *testing.T, dir string, o disk.Options) *disk.Store {
	t.Helper()
	s, err := disk.Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDisk(t *testing.T) {
	t.Parallel()
	for name, cache := range map[string]int64{"with a cache": 0, "without": -1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t *testing.T, limit int64) store.Store {
				s := open(t, t.TempDir(), disk.Options{Limit: limit, Cache: cache})
				t.Cleanup(func() {
					if err := s.Close(); err != nil {
						t.Error(err)
					}
				})
				return s
			})
		})
	}
}

// state is all that a store holds.
type state struct {
	Folders  map[string][]store.Folder
	Quota    map[string]int64
	Works    []store.Work
	Records  []store.Record
	Isolated []store.Infected
	Held     int64
}

func stateOf(t *testing.T, s *disk.Store, mailboxes ...string) state {
	t.Helper()
	all := state{
		Folders: map[string][]store.Folder{}, Quota: map[string]int64{},
		Works: s.Works("q"), Records: s.Records("uno"), Isolated: s.Isolated(), Held: s.Held(),
	}
	for _, m := range mailboxes {
		if !s.HasMailbox(m) {
			continue
		}
		_, all.Quota[m], _ = s.Usage(m)
		names, err := s.Folders(m)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			f, err := s.Folder(m, name)
			if err != nil {
				t.Fatal(err)
			}
			all.Folders[m] = append(all.Folders[m], f)
		}
	}
	return all
}

// What a store held is what it holds when it is opened again: it was closed, or
// the directory is as a process that was killed left it.
func TestOpenedAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	infected, nobodys := strings.Repeat("infetto", 10_000), strings.Repeat("di nessuno", 10_000) // files
	s := open(t, dir, disk.Options{})
	at := time.Date(2026, 3, 1, 2, 3, 4, 5000, time.FixedZone("", 3600))
	err := s.Together(func(tx store.Tx) error {
		for _, m := range []string{"a@x.example", "b@x.example", "c@x.example"} {
			if err := tx.CreateMailbox(m, 1000); err != nil {
				return err
			}
		}
		return tx.CreateFolder("a@x.example", "Altro")
	})
	steps := []func() error{
		func() error { return err },
		func() error {
			for _, octets := range []string{"uno", "due", "tre"} {
				m := store.Message{Received: at, Flags: []string{`$Pec`, `\Seen`}, Trace: store.Trace{ReversePath: "m@y.example", Recipient: "a@x.example"}}
				if _, err := s.Append("a@x.example", store.Inbox, []byte(octets), m, false); err != nil {
					return err
				}
			}
			return nil
		},
		func() error { return s.SetFlags("a@x.example", store.Inbox, 1, nil) },
		func() error { return s.Expunge("a@x.example", store.Inbox, []uint32{3}) },
		func() error { return s.RenameFolder("a@x.example", "Altro", "Archivio 'x'") },
		func() error { return s.SetQuota("b@x.example", 7) },
		func() error { return s.RemoveMailbox("c@x.example") },
		func() error {
			return s.PutWork(store.Work{Queue: "q", ID: "2", Body: store.Hash([]byte("uno")), Data: []byte("{}")})
		},
		func() error { return s.PutWork(store.Work{Queue: "q", ID: "1", Data: []byte("{}")}) },
		func() error { return s.PutWork(store.Work{Queue: "q", ID: "2", Body: store.Hash([]byte("due"))}) },
		func() error { s.DropWork("q", "3"); return s.Record("uno", "z", []byte("1")) },
		func() error { return s.Record("uno", "a\nb", []byte{0, 255}) },
		func() error { return s.Record("uno", "c", nil) },
		func() error { s.Forget("uno", "a\nb"); return nil },
		func() error { return s.Isolate([]byte(infected), store.Infected{At: at, Found: "x", Where: "access"}) },
		func() error { _, err := s.Keep([]byte(nobodys)); return err }, // kept by the process, which ends
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	mailboxes := []string{"a@x.example", "b@x.example", "c@x.example"}
	before := stateOf(t, s, mailboxes...)
	before.Held -= int64(len(nobodys))
	if err := os.WriteFile(filepath.Join(dir, "bodies", "00", strings.Repeat("0", 64)+".partial"), []byte("met"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Open(t.Context(), dir, disk.Options{}); err == nil || !strings.Contains(err.Error(), "another") {
		t.Errorf("opened twice: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir, disk.Options{})
	defer again.Close()
	options := cmp.Options{cmpopts.IgnoreFields(store.Folder{}, "Changed"), cmpopts.EquateEmpty()}
	if diff := cmp.Diff(before, stateOf(t, again, mailboxes...), options); diff != "" {
		t.Errorf("opened again (-before +after):\n%s", diff)
	}
	for _, octets := range []string{"uno", "due", infected} {
		if got, err := again.Octets(store.Hash([]byte(octets))); err != nil || string(got) != octets {
			t.Errorf("%d octets, %v, want %.10q", len(got), err, octets)
		}
	}
	if err := again.CreateMailbox("c@x.example", 0); err != nil {
		t.Fatal(err)
	}
	if f, err := again.Folder("c@x.example", store.Inbox); err != nil || f.UIDValidity != 2 {
		t.Errorf("the mailbox made again has UIDVALIDITY %d, %v, want 2", f.UIDValidity, err)
	}
	if got := files(t, dir); got != 1 {
		t.Errorf("%d files of octets, want 1: what nobody keeps is cleared away", got)
	}
}

func files(t *testing.T, dir string) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "bodies", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

// Small octets go with the transaction that speaks of them, and may go and come
// back.
func TestSmallOctets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, disk.Options{Cache: -1})
	bodies := []string{"", "uno", "due", strings.Repeat("x", 64<<10)}
	for round := range 2 {
		for i, octets := range bodies {
			id := fmt.Sprint(i)
			hash, err := s.Keep([]byte(octets))
			if err != nil {
				t.Fatal(err)
			}
			for _, queue := range []string{"p", "q"} {
				if err := s.PutWork(store.Work{Queue: queue, ID: id, Body: hash}); err != nil {
					t.Fatal(err)
				}
			}
			s.Drop(hash)
			if got, err := s.Octets(hash); err != nil || string(got) != octets {
				t.Errorf("body %d: %d octets, %v", i, len(got), err)
			}
			s.DropWork("p", id)
			if round == 0 {
				s.DropWork("q", id)
				if _, err := s.Octets(hash); !errors.Is(err, store.ErrNoBody) {
					t.Errorf("body %d, which nobody keeps: %v", i, err)
				}
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir, disk.Options{})
	defer again.Close()
	for i, octets := range bodies {
		if got, err := again.Octets(store.Hash([]byte(octets))); err != nil || string(got) != octets {
			t.Errorf("opened again: body %d: %d octets, %v", i, len(got), err)
		}
	}
	if got := files(t, dir); got != 0 {
		t.Errorf("%d files of octets, want none", got)
	}
}

// A store that lost octets says so instead of going on without.
func TestLostOctets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	infected := bytes.Repeat([]byte("infetto"), 10_000)
	s := open(t, dir, disk.Options{})
	if err := s.Isolate(infected, store.Infected{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	hash := store.Hash(infected)
	if err := os.Remove(filepath.Join(dir, "bodies", hash[:2], hash)); err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Open(t.Context(), dir, disk.Options{}); err == nil || !strings.Contains(err.Error(), hash) {
		t.Errorf("opened without its octets: %v", err)
	}
}
