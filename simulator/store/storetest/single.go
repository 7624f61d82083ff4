package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/store"
	"github.com/google/go-cmp/cmp"
)

func bodies(t *testing.T, open Open) {
	s := open(t, 10)
	first, err := s.Keep([]byte("12345678"))
	check(t, err)
	_, err = s.Keep([]byte("abc"))
	want(t, "above the limit", err, store.ErrFull)
	again, err := s.Keep([]byte("12345678"))
	check(t, err)
	if again != first || first != store.Hash([]byte("12345678")) {
		t.Errorf("the same octets have the names %s and %s", first, again)
	}
	s.Drop(first)
	octets, err := s.Octets(first)
	check(t, err)
	if string(octets) != "12345678" {
		t.Errorf("octets %q", octets)
	}
	s.Drop(first)
	gone(t, s, "12345678")
	_, err = s.Keep([]byte("0123456789"))
	check(t, err)
}

func spool(t *testing.T, open Open) {
	s := open(t, 0)
	hash, err := s.Keep([]byte("x"))
	check(t, err)
	for _, id := range []string{"2", "1", "2"} {
		check(t, s.PutWork(store.Work{Queue: "q", ID: id, Body: hash, Data: []byte(id)}))
	}
	check(t, s.PutWork(store.Work{Queue: "altra", ID: "1"}))
	s.Drop(hash)
	wanted := []store.Work{{Queue: "q", ID: "2", Body: hash, Data: []byte("2")}, {Queue: "q", ID: "1", Body: hash, Data: []byte("1")}}
	if diff := cmp.Diff(wanted, s.Works("q")); diff != "" {
		t.Errorf("works (-want +got):\n%s", diff)
	}
	s.DropWork("q", "1")
	if _, err := s.Octets(hash); err != nil {
		t.Errorf("the other work's octets: %v", err)
	}
	s.DropWork("q", "2")
	s.DropWork("q", "2")
	gone(t, s, "x")
	want(t, "work about octets that are not there", s.PutWork(store.Work{Queue: "q", ID: "3", Body: hash}), store.ErrNoBody)
}

func mailbox(t *testing.T, open Open) {
	s := open(t, 0)
	check(t, s.CreateMailbox("Anna@x.example", 10))
	want(t, "the same mailbox", s.CreateMailbox("anna@X.example", 10), store.ErrExists)
	before, err := s.Folder(address, "inbox")
	check(t, err)
	var told []uint32
	s.Appended(func(mailbox, folder string, m store.Message) {
		if mailbox != address || folder != store.Inbox || m.Body == "" {
			t.Errorf("told of %s, %s, %+v", mailbox, folder, m)
		}
		told = append(told, m.UID)
	})
	at := time.Date(2026, 3, 1, 2, 3, 4, 5000, time.FixedZone("", 3600))
	for _, tt := range []struct {
		octets string
		force  bool
		want   error
	}{{"12345678", false, nil}, {"abc", false, store.ErrQuota}, {"abc", true, nil}} {
		_, err := s.Append(address, store.Inbox, []byte(tt.octets), store.Message{Received: at}, tt.force)
		want(t, tt.octets, err, tt.want)
	}
	select {
	case <-before.Changed:
	default:
		t.Error("the change was not announced")
	}
	_, err = s.Append("bruno@x.example", store.Inbox, nil, store.Message{}, true)
	want(t, "no mailbox", err, store.ErrNoMailbox)
	_, err = s.Append(address, "Altro", nil, store.Message{}, true)
	want(t, "no folder", err, store.ErrNoFolder)
	check(t, s.SetFlags(address, store.Inbox, 1, []string{`$Letto`, `\Seen`}))
	check(t, s.SetFlags(address, store.Inbox, 7, []string{`\Seen`}))
	check(t, s.Expunge(address, store.Inbox, []uint32{2, 9}))
	after, err := s.Folder(address, store.Inbox)
	check(t, err)
	wanted := []store.Message{{UID: 1, Received: at, Flags: []string{`$Letto`, `\Seen`}, Body: store.Hash([]byte("12345678")), Size: 8}}
	if diff := cmp.Diff(wanted, after.Messages); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	if after.UIDNext != 3 || after.UIDValidity != before.UIDValidity {
		t.Errorf("UIDNEXT %d, UIDVALIDITY %d, want 3 and %d", after.UIDNext, after.UIDValidity, before.UIDValidity)
	}
	check(t, s.SetQuota(address, 20))
	want(t, "the quota of nobody", s.SetQuota("bruno@x.example", 1), store.ErrNoMailbox)
	if held, quota, _ := s.Usage(address); held != 8 || quota != 20 {
		t.Errorf("usage %d of %d, want 8 of 20", held, quota)
	}
	if !slices.Equal(told, []uint32{1, 2}) {
		t.Errorf("told of %d, want 1 and 2", told)
	}
	gone(t, s, "abc")
}

func folders(t *testing.T, open Open) {
	s := withMailbox(t, open, 0)
	for i, step := range []struct {
		do   func() error
		want error
	}{
		{func() error { return s.CreateFolder(address, "Uno") }, nil},
		{func() error { return s.CreateFolder(address, "Uno") }, store.ErrExists},
		{func() error { return s.CreateFolder("b@x.example", "Uno") }, store.ErrNoMailbox},
		{func() error { _, err := s.Append(address, "Uno", []byte("m"), store.Message{}, false); return err }, nil},
		{func() error { return s.RenameFolder(address, "Uno", "Due") }, nil},
		{func() error { return s.DeleteFolder(address, "Uno") }, store.ErrNoFolder},
		{func() error { return s.RenameFolder(address, "Due", store.Inbox) }, store.ErrExists},
	} {
		if err := step.do(); step.want == nil && err != nil || step.want != nil {
			want(t, "step "+string(rune('0'+i)), err, step.want)
		}
	}
	if s.DeleteFolder(address, "inbox") == nil || s.RenameFolder(address, store.Inbox, "Tre") == nil {
		t.Error("INBOX was deleted, or renamed")
	}
	names, err := s.Folders(address)
	check(t, err)
	if !slices.Equal(names, []string{store.Inbox, "Due"}) {
		t.Errorf("folders %q", names)
	}
	first, err := s.Folder(address, "Due")
	check(t, err)
	check(t, s.DeleteFolder(address, "Due"))
	gone(t, s, "m")
	check(t, s.CreateFolder(address, "Due"))
	second, err := s.Folder(address, "Due")
	check(t, err)
	if second.UIDValidity <= first.UIDValidity || len(second.Messages) != 0 {
		t.Errorf("the folder made again has UIDVALIDITY %d after %d and %d messages", second.UIDValidity, first.UIDValidity, len(second.Messages))
	}
}

func removed(t *testing.T, open Open) {
	s := withMailbox(t, open, 100)
	seen := map[uint32]bool{}
	for range 3 {
		check(t, s.CreateFolder(address, "Altro"))
		add(t, s, "m")
		for _, name := range []string{store.Inbox, "Altro"} {
			f, err := s.Folder(address, name)
			check(t, err)
			if seen[f.UIDValidity] {
				t.Errorf("UIDVALIDITY %d comes again", f.UIDValidity)
			}
			seen[f.UIDValidity] = true
		}
		check(t, s.RemoveMailbox(address))
		want(t, "a mailbox that is gone", s.RemoveMailbox(address), store.ErrNoMailbox)
		gone(t, s, "m")
		if s.HasMailbox(address) {
			t.Error("it is still there")
		}
		check(t, s.CreateMailbox(address, 5))
		if held, quota, err := s.Usage(address); held != 0 || quota != 5 || err != nil {
			t.Errorf("usage %d of %d, %v", held, quota, err)
		}
	}
}

func ledgers(t *testing.T, open Open) {
	s := open(t, 0)
	for _, r := range []store.Record{{Key: "a", Data: []byte("1")}, {Key: "b", Data: []byte("2")}, {Key: "c", Data: []byte("3")}, {Key: "b", Data: []byte("4")}} {
		check(t, s.Record("uno", r.Key, r.Data))
	}
	s.Forget("uno", "nessuno")
	s.Forget("altro", "a")
	s.Forget("uno", "b")
	check(t, s.Record("uno", "b", []byte("5")))
	check(t, s.Record("uno", "a", []byte("6")))
	wanted := []store.Record{{Key: "b", Data: []byte("5")}, {Key: "c", Data: []byte("3")}, {Key: "a", Data: []byte("6")}}
	if diff := cmp.Diff(wanted, s.Records("uno")); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if data, ok := s.Recorded("uno", "c"); !ok || string(data) != "3" {
		t.Errorf("c is %q, %v", data, ok)
	}
	if _, ok := s.Recorded("altro", "a"); ok || len(s.Records("altro")) != 0 {
		t.Error("a ledger that nobody wrote has records")
	}
}

func quarantine(t *testing.T, open Open) {
	s := open(t, 0)
	i := store.Infected{At: time.Unix(5, 0).UTC(), Found: "x", Where: "access", Trace: store.Trace{ReversePath: "a", Recipient: "b"}}
	check(t, s.Isolate([]byte("cattivo"), i))
	i.Body = store.Hash([]byte("cattivo"))
	if diff := cmp.Diff([]store.Infected{i}, s.Isolated()); diff != "" {
		t.Errorf("quarantine (-want +got):\n%s", diff)
	}
	octets, err := s.Octets(i.Body)
	check(t, err)
	if string(octets) != "cattivo" {
		t.Errorf("octets %q", octets)
	}
}

func wiped(t *testing.T, open Open) {
	s := withMailbox(t, open, 0)
	before, err := s.Folder(address, store.Inbox)
	check(t, err)
	add(t, s, "m")
	check(t, s.Record("uno", "a", nil))
	check(t, s.PutWork(store.Work{Queue: "q", ID: "1", Body: store.Hash([]byte("m"))}))
	check(t, s.Isolate([]byte("i"), store.Infected{}))
	check(t, s.Wipe())
	gone(t, s, "m")
	gone(t, s, "i")
	if s.HasMailbox(address) || len(s.Works("q")) != 0 || len(s.Records("uno")) != 0 || len(s.Isolated()) != 0 {
		t.Error("something is left")
	}
	check(t, s.CreateMailbox(address, 0))
	after, err := s.Folder(address, store.Inbox)
	check(t, err)
	if after.UIDValidity <= before.UIDValidity {
		t.Errorf("UIDVALIDITY %d after %d", after.UIDValidity, before.UIDValidity)
	}
}
