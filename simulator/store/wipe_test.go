package store

import (
	"testing"
	"time"
)

func TestWipe(t *testing.T) {
	t.Parallel()
	s := NewMemory(0)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.CreateMailbox("anna@aurora.example", 0))
	_, err := s.Append("anna@aurora.example", Inbox, []byte("uno"), Message{Received: time.Unix(0, 0)}, false)
	must(err)
	before, err := s.Folder("anna@aurora.example", Inbox)
	must(err)
	hash, err := s.Keep([]byte("due"))
	must(err)
	must(s.PutWork(Work{Queue: "relay", ID: "1", Body: hash}))
	s.Drop(hash)
	must(s.Record("log-lines", "0", []byte("{}")))
	must(s.Isolate([]byte("tre"), Infected{Found: "prova"}))

	must(s.Wipe())

	if s.Held() != 0 || s.HasMailbox("anna@aurora.example") || len(s.Works("relay")) > 0 || len(s.Records("log-lines")) > 0 || len(s.Isolated()) > 0 {
		t.Errorf("after Wipe: %d bytes, mailbox %t, works %v, records %v, quarantine %v: want nothing",
			s.Held(), s.HasMailbox("anna@aurora.example"), s.Works("relay"), s.Records("log-lines"), s.Isolated())
	}
	must(s.CreateMailbox("anna@aurora.example", 0))
	after, err := s.Folder("anna@aurora.example", Inbox)
	must(err)
	if len(after.Messages) != 0 || after.UIDValidity <= before.UIDValidity {
		t.Errorf("INBOX made again: %d messages, UIDVALIDITY %d after %d: want none, and a value never used", len(after.Messages), after.UIDValidity, before.UIDValidity)
	}
}
