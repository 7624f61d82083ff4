package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBodiesAreCountedAndBounded(t *testing.T) {
	t.Parallel()
	s := NewMemory(10)
	first, err := s.Keep([]byte("12345678"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Keep([]byte("abc")); !errors.Is(err, ErrFull) {
		t.Errorf("above the limit: %v, want ErrFull", err)
	}
	if again, err := s.Keep([]byte("12345678")); err != nil || again != first || s.Held() != 8 {
		t.Errorf("the same octets: %v, %q, %d bytes held", err, again, s.Held())
	}
	s.Drop(first)
	if _, err := s.Octets(first); err != nil {
		t.Errorf("dropped once of twice: %v", err)
	}
	s.Drop(first)
	if _, err := s.Octets(first); !errors.Is(err, ErrNoBody) || s.Held() != 0 {
		t.Errorf("dropped: %v, %d bytes held", err, s.Held())
	}
}

func TestSpoolKeepsItsBodies(t *testing.T) {
	t.Parallel()
	s := NewMemory(0)
	hash, err := s.Keep([]byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"1", "2", "1"} {
		if err := s.PutWork(Work{Queue: "q", ID: id, Body: hash, Data: []byte(id)}); err != nil {
			t.Fatal(err)
		}
	}
	s.Drop(hash)
	if got := len(s.Works("q")); got != 2 {
		t.Errorf("%d works, want 2", got)
	}
	s.DropWork("q", "1")
	if _, err := s.Octets(hash); err != nil {
		t.Errorf("the second work's octets: %v", err)
	}
	s.DropWork("q", "2")
	s.DropWork("q", "2")
	if s.Held() != 0 {
		t.Errorf("%d bytes held by nobody", s.Held())
	}
	if err := s.PutWork(Work{Queue: "q", ID: "3", Body: "none"}); !errors.Is(err, ErrNoBody) {
		t.Errorf("work about octets that are not there: %v, want ErrNoBody", err)
	}
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	s := NewMemory(0)
	if err := s.CreateMailbox("Anna@x.example", 10); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateMailbox("anna@X.example", 10); !errors.Is(err, ErrExists) {
		t.Errorf("the same mailbox: %v, want ErrExists", err)
	}
	before, err := s.Folder("anna@x.example", "inbox")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1, 0)
	for _, tt := range []struct {
		octets string
		force  bool
		want   error
	}{{"12345678", false, nil}, {"abc", false, ErrQuota}, {"abc", true, nil}} {
		if _, err := s.Append("anna@x.example", Inbox, []byte(tt.octets), Message{Received: at}, tt.force); !errors.Is(err, tt.want) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
	select {
	case <-before.Changed:
	default:
		t.Error("the change was not announced")
	}
	if _, err := s.Append("bruno@x.example", Inbox, nil, Message{}, true); !errors.Is(err, ErrNoMailbox) {
		t.Errorf("no mailbox: %v", err)
	}
	if _, err := s.Append("anna@x.example", "Altro", nil, Message{}, true); !errors.Is(err, ErrNoFolder) {
		t.Errorf("no folder: %v", err)
	}
	if err := s.SetFlags("anna@x.example", Inbox, 1, []string{`\Seen`}); err != nil {
		t.Error(err)
	}
	if err := s.Expunge("anna@x.example", Inbox, []uint32{2, 9}); err != nil {
		t.Error(err)
	}
	after, err := s.Folder("anna@x.example", Inbox)
	if err != nil {
		t.Fatal(err)
	}
	want := []Message{{UID: 1, Received: at, Flags: []string{`\Seen`}, Body: Hash([]byte("12345678")), Size: 8}}
	if diff := cmp.Diff(want, after.Messages); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	if after.UIDNext != 3 || after.UIDValidity != before.UIDValidity {
		t.Errorf("UIDNEXT %d, UIDVALIDITY %d, want 3 and %d", after.UIDNext, after.UIDValidity, before.UIDValidity)
	}
	if held, quota, _ := s.Usage("anna@x.example"); held != 8 || quota != 10 {
		t.Errorf("usage %d of %d, want 8 of 10", held, quota)
	}
}

func TestFolders(t *testing.T) {
	t.Parallel()
	s := NewMemory(0)
	if err := s.CreateMailbox("a@x.example", 0); err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		do   func() error
		want error
	}{
		{func() error { return s.CreateFolder("a@x.example", "Uno") }, nil},
		{func() error { return s.CreateFolder("a@x.example", "Uno") }, ErrExists},
		{func() error { return s.CreateFolder("b@x.example", "Uno") }, ErrNoMailbox},
		{func() error { return s.RenameFolder("a@x.example", "Uno", "Due") }, nil},
		{func() error { return s.DeleteFolder("a@x.example", "Uno") }, ErrNoFolder},
	}
	for i, step := range steps {
		if err := step.do(); !errors.Is(err, step.want) {
			t.Errorf("step %d: %v, want %v", i, err, step.want)
		}
	}
	if err := s.DeleteFolder("a@x.example", "inbox"); err == nil {
		t.Error("INBOX was deleted")
	}
	if names, err := s.Folders("a@x.example"); err != nil || !slices.Equal(names, []string{Inbox, "Due"}) {
		t.Errorf("folders %q, %v", names, err)
	}
}

func TestQuarantine(t *testing.T) {
	t.Parallel()
	s := NewMemory(0)
	if err := s.Isolate([]byte("cattivo"), Infected{Found: "x", Where: "access"}); err != nil {
		t.Fatal(err)
	}
	list := s.Isolated()
	if len(list) != 1 || list[0].Found != "x" {
		t.Fatalf("quarantine %+v", list)
	}
	if octets, err := s.Octets(list[0].Body); err != nil || string(octets) != "cattivo" {
		t.Errorf("octets %q, %v", octets, err)
	}
}
