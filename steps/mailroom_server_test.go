package steps

import (
	"bytes"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
)

// wrapping is a listener whose connections somebody stands between.
type wrapping struct {
	net.Listener
	wrap func(net.Conn) net.Conn
}

func (l *wrapping) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.wrap(conn), nil
}

// serveMailboxes has the mailboxes of a stage on another server.
func serveMailboxes(t *testing.T, s *stage, wrap func(net.Conn) net.Conn) {
	t.Helper()
	certificate, authorities := testCertificate(t)
	target := s.world.target
	var address string
	address, s.users = startIMAP(t, certificate, target.Mailboxes, wrap)
	target.TLS.Authorities, target.Ordinary.IMAP = authorities, address
	for i := range target.Providers {
		target.Providers[i].IMAP = address
	}
}

// reordering is a server that names header fields in another order than it was
// asked for.
type reordering struct{ net.Conn }

func (c reordering) Write(octets []byte) (int, error) {
	fields := regexp.MustCompile(`(?i)(HEADER\.FIELDS \()("?SUBJECT"?) ("?MESSAGE-ID"?)`)
	if _, err := c.Conn.Write(fields.ReplaceAll(octets, []byte("$1$3 $2"))); err != nil {
		return 0, err
	}
	return len(octets), nil
}

func TestAServerMayNameTheFieldsInAnotherOrder(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	serveMailboxes(t, s, func(conn net.Conn) net.Conn { return reordering{conn} })
	m := room(t, s)
	put(t, s.users["bruno@borea.example"], mail("prova COL-BBBBBBBBBB", ""))
	s.world.addWord("BBBBBBBBBB")
	time.Sleep(2 * m.pause)
	if err := s.world.readMailboxes(t.Context()); err != nil {
		t.Fatal(err)
	}
	if seen := s.world.seen(); seen != 1 {
		t.Errorf("%d messages, want the one", seen)
	}
}

// tapped keeps what clients say.
type tapped struct {
	net.Conn
	said *heardCommands
}

type heardCommands struct {
	mu     sync.Mutex
	octets bytes.Buffer
}

func (c tapped) Read(octets []byte) (int, error) {
	n, err := c.Conn.Read(octets)
	c.said.mu.Lock()
	defer c.said.mu.Unlock()
	c.said.octets.Write(octets[:n])
	return n, err
}

// Reading leaves no trace: neither where scenarios share the mailboxes nor where
// one has them to itself.
func TestReadingLeavesNoTrace(t *testing.T) {
	t.Parallel()
	for name, shared := range map[string]bool{"shared": true, "own": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, nil)
			said := &heardCommands{}
			serveMailboxes(t, s, func(conn net.Conn) net.Conn { return tapped{conn, said} })
			if shared {
				room(t, s)
			}
			bruno := s.users["bruno@borea.example"]
			s.world.addWord("BBBBBBBBBB")
			put(t, bruno, mail("prova COL-BBBBBBBBBB", ""))                        // read whole
			put(t, bruno, mail("holidays", ""))                                    // of others
			put(t, bruno, mail("Undelivered Mail", "")+"COL-BBBBBBBBBB sent back") // its body is searched
			time.Sleep(100 * time.Millisecond)
			if err := s.world.readMailboxes(t.Context()); err != nil {
				t.Fatal(err)
			}
			status, err := bruno.Status("INBOX", &imap.StatusOptions{NumUnseen: true})
			if err != nil {
				t.Fatal(err)
			}
			if *status.NumUnseen != 3 {
				t.Errorf("%d messages are unseen, want all 3: reading marked the others", *status.NumUnseen)
			}
			said.mu.Lock()
			commands := strings.ToUpper(said.octets.String())
			said.mu.Unlock()
			if !regexp.MustCompile(`(?m)^\S+ EXAMINE "?INBOX`).MatchString(commands) || !strings.Contains(commands, "BODY.PEEK[") {
				t.Errorf("no EXAMINE or no peek in what was said:\n%s", commands)
			}
			if trace := regexp.MustCompile(`(?m)^.*(?: SELECT |BODY\[|RFC822(?:\s|\.TEXT)| STORE | EXPUNGE| APPEND | COPY | MOVE ).*$`).FindString(commands); trace != "" {
				t.Errorf("the harness said %q, which leaves a trace", trace)
			}
			if s.world.seen() == 0 {
				t.Error("nothing was read")
			}
		})
	}
}

// The index of a server may lag behind its mailbox: a "no" is not for ever.
func TestABodyIsSearchedAgainAtTheNextLook(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	m := room(t, s)
	s.world.addWord("BBBBBBBBBB")
	put(t, s.users["bruno@borea.example"], mail("Undelivered Mail", "")+"COL-BBBBBBBBBB\r\n")
	p := m.boxes["bruno@borea.example"]
	if err := p.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.heads[0].asked = []string{"COL-BBBBBBBBBB"} // and the server said no
	p.leave()
	time.Sleep(2 * m.pause)
	if err := s.world.readMailboxes(t.Context()); err != nil {
		t.Fatal(err)
	}
	if seen := s.world.seen(); seen != 1 {
		t.Errorf("%d messages, want the one that the server found later", seen)
	}
}

func TestHeadsAreReadInEveryCharset(t *testing.T) {
	t.Parallel()
	for _, subject := range []string{
		"=?windows-1252?Q?perch=E9_COL=2DBBBBBBBBBB?=",
		"=?ISO-8859-15?B?Q09MLUJCQkJCQkJCQkI=?=",
		"=?utf-8?Q?CO?=\r\n =?windows-1252?Q?L=2DBBBBBBBBBB?=",
		"=?x-unheard-of?Q?x?= COL-BBBBBBBBBB",
		"COL-BBBBBB\r\n BBBB COL-BBBBBBBBBB",
	} {
		if text := headText([]byte("Subject: " + subject + "\r\n\r\n")); !strings.Contains(text, "COL-BBBBBBBBBB") {
			t.Errorf("%q: got %q", subject, text)
		}
	}
}
