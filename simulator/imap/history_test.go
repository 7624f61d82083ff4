package imap

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/history"
	imap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

// What was said is written down, whichever way TLS begins: no password, and
// messages by name.
func TestHistory(t *testing.T) {
	t.Parallel()
	message := "Subject: uno\r\n\r\n* OK finto\r\n" + strings.Repeat("riga\r\n", 5000)
	for _, starttls := range []bool{false, true} {
		record := history.NewRecord(history.Options{Now: time.Now})
		_, dial := serveWith(t, func(o *Options) { o.STARTTLS, o.History, o.Host = starttls, record, "Aurora" }, message)
		c := dial(nil)
		if err := c.Authenticate(sasl.NewPlainClient("", user, "sbagliata")); err == nil {
			t.Fatal("a wrong password was accepted")
		}
		open(t, c)
		if _, err := c.Fetch(imap.SeqSetNum(1), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{}}}).Collect(); err != nil {
			t.Fatal(err)
		}
		idle, err := c.Idle()
		if err != nil {
			t.Fatal(err)
		}
		if err := idle.Close(); err != nil {
			t.Fatal(err)
		}
		add := c.Append("INBOX", int64(len(message)), nil)
		if _, err := add.Write([]byte(message)); err != nil {
			t.Fatal(err)
		}
		if err := add.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := add.Wait(); err != nil {
			t.Fatal(err)
		}
		if err := c.Logout().Wait(); err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
		var s history.Session
		for deadline := time.Now().Add(5 * time.Second); s.Ended.IsZero() && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
			s, _ = record.Get(1)
		}
		var all []string
		for _, l := range s.Lines {
			all = append(all, l.From+" "+l.Text)
		}
		text := strings.Join(all, "\n")
		if !s.TLS || s.Account != user || s.Ended.IsZero() || s.BytesOut < int64(len(message)) || s.BytesIn < int64(len(message)) {
			t.Errorf("session %+v", s)
		}
		if want := history.Hash([]byte(message)); !slices.Equal(s.Messages, []string{want, want}) {
			t.Errorf("messages %q, want %s twice", s.Messages, want)
		}
		for _, want := range []string{" LOGIN \"" + user + "\" [removed]", "AUTHENTICATE PLAIN", "client DONE", "+ idling", "server * BYE", "FETCH"} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
		if strings.Contains(text, "riga") || strings.Contains(text, "\"x\"") || strings.Contains(text, "finto") {
			t.Errorf("a password or a message is in the history:\n%s", text)
		}
		if got := strings.Count(text, "STARTTLS"); (got > 0) != starttls {
			t.Errorf("STARTTLS %d times in\n%s", got, text)
		}
	}
}

// Over STARTTLS nobody signs in before TLS is there.
func TestNoLoginInClear(t *testing.T) {
	t.Parallel()
	s, _ := serveServer(t, func(o *Options) { o.STARTTLS = true })
	c, err := imapclient.DialInsecure(s.Address(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(user, "x").Wait(); err == nil {
		t.Error("a login in clear text was accepted")
	}
}

func TestSpecialUse(t *testing.T) {
	t.Parallel()
	s, dial := serve(t)
	for _, name := range []string{"Posta inviata", "bozze", "Archivio", "Archivio/2026", "Pratiche"} {
		if err := s.CreateFolder(user, name); err != nil {
			t.Fatal(err)
		}
	}
	c := dial(nil)
	open(t, c)
	if !c.Caps().Has(imap.CapSpecialUse) || !c.Caps().Has(imap.CapLiteralPlus) {
		t.Errorf("capabilities %v", c.Caps())
	}
	list, err := c.List("", "*", &imap.ListOptions{ReturnSpecialUse: true}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]imap.MailboxAttr{
		"INBOX": {imap.MailboxAttrHasNoChildren}, "Posta inviata": {imap.MailboxAttrHasNoChildren, imap.MailboxAttrSent},
		"bozze": {imap.MailboxAttrHasNoChildren, imap.MailboxAttrDrafts}, "Archivio": {imap.MailboxAttrHasChildren, imap.MailboxAttrArchive},
		"Archivio/2026": {imap.MailboxAttrHasNoChildren}, "Pratiche": {imap.MailboxAttrHasNoChildren},
	}
	if len(list) != len(want) {
		t.Errorf("%d folders, want %d", len(list), len(want))
	}
	for _, l := range list {
		if !slices.Equal(l.Attrs, want[l.Mailbox]) {
			t.Errorf("%s: %v, want %v", l.Mailbox, l.Attrs, want[l.Mailbox])
		}
	}
	only, err := c.List("", "*", &imap.ListOptions{SelectSpecialUse: true}).Collect()
	if err != nil || len(only) != 3 {
		t.Errorf("folders of special use: %v, %v", only, err)
	}
}
