package steps

import (
	"errors"
	"testing"
	"time"
)

// room opens the mailboxes of a stage for scenarios that share them.
func room(t *testing.T, s *stage) *Mailroom {
	t.Helper()
	s.world.target.WhiteBox = WhiteBox{}
	options := s.world.options
	options.Patience = Patience{Quiet: 100 * time.Millisecond}
	m, err := OpenMailroom(t.Context(), s.world.target, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	s.world.options.Mailroom = m
	return m
}

func mail(subject, more string) string {
	return "From: a@b.example\r\nSubject: " + subject + "\r\n" + more + "\r\nx\r\n"
}

func TestSharedMailboxes(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	bruno := s.users["bruno@borea.example"]
	put(t, bruno, mail("prova COL-BBBBBBBBBB of yesterday", ""))
	m := room(t, s)
	s.world.addWord("BBBBBBBBBB")
	for _, text := range []string{
		mail("Re: holidays", "Message-ID: <private@elsewhere.example>\r\n"),
		mail("=?UTF-8?B?Q09MLUJCQkJCQkJCQkI=?=", "Message-ID: <one@gestore.example>\r\n"),
		mail("ACCETTAZIONE: prova COL-CCCCCCCCCC", ""),
		mail("nothing", "X-Riferimento-Message-ID: <colbbbbbbbbbb.1@gestore.example>\r\n"),
		mail("nothing", "References: <one@gestore.example>\r\n"),
	} {
		put(t, bruno, text)
	}
	for range 2 { // the second look knows by what the first one found the rest is spoken of
		time.Sleep(2 * m.pause)
		if err := s.world.readMailboxes(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c := s.close()
	if len(c.Messages) != 3 {
		t.Errorf("%d messages in evidence, want 3: that of yesterday and those of others are none of ours", len(c.Messages))
	}
	for _, one := range m.Counts() {
		if one.Address == "bruno@borea.example" && (one.Taken != 3 || one.Others != 2) {
			t.Errorf("counted %+v, want 3 taken and 2 others", one)
		}
	}
	if mark := m.Begins()["bruno@borea.example"]; mark.Next != 2 || mark.Validity == 0 {
		t.Errorf("begins at %+v, want UID 2", mark)
	}
}

func TestSharedMailboxesOfARunThatGoesOn(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	first := room(t, s)
	begins := first.Begins()
	put(t, s.users["bruno@borea.example"], mail("prova COL-BBBBBBBBBB", ""))
	options := s.world.options
	options.Begins = begins
	again, err := OpenMailroom(t.Context(), s.world.target, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(again.Close)
	s.world.options.Mailroom = again
	s.world.addWord("BBBBBBBBBB")
	if err := s.world.readMailboxes(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := s.close(); len(c.Messages) != 1 {
		t.Errorf("%d messages, want the one that came between the two", len(c.Messages))
	}
	mark := begins["bruno@borea.example"]
	mark.Validity++
	options.Begins = map[string]MailboxMark{"bruno@borea.example": mark}
	if _, err := OpenMailroom(t.Context(), s.world.target, options); err == nil {
		t.Error("a mailbox with another UIDVALIDITY was taken for the same")
	}
}

func TestALostConnectionIsOpenedAgain(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	m := room(t, s)
	p := m.boxes["bruno@borea.example"]
	_ = p.client.Close()
	put(t, s.users["bruno@borea.example"], mail("prova COL-BBBBBBBBBB", ""))
	s.world.addWord("BBBBBBBBBB")
	time.Sleep(2 * m.pause)
	if err := s.world.readMailboxes(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := s.close(); len(c.Messages) != 1 {
		t.Errorf("%d messages, want 1", len(c.Messages))
	}
}

func TestMailroomThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	s.world.target.Mailboxes[0].Password = "wrong"
	if _, err := OpenMailroom(t.Context(), s.world.target, s.world.options); !errors.Is(err, ErrLogin) {
		t.Errorf("got %v, want ErrLogin", err)
	}
	s.world.target.Providers[0].IMAP = freeAddress(t)
	if _, err := OpenMailroom(t.Context(), s.world.target, s.world.options); !errors.Is(err, ErrUnreachable) {
		t.Errorf("got %v, want ErrUnreachable", err)
	}
}
