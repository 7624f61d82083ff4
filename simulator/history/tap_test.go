package history

import (
	"io"
	"net"
	"testing"
)

// writes is a connection that notes each write.
type writes struct {
	net.Conn
	all []string
}

func (w *writes) Write(b []byte) (int, error) { w.all = append(w.all, string(b)); return len(b), nil }
func (w *writes) Read([]byte) (int, error)    { return 0, io.EOF }
func (w *writes) Close() error                { return nil }

// Replies of an SMTP server leave when it listens again or closes, and before
// there are many; those of an IMAP server at once.
func TestTapGathers(t *testing.T) {
	t.Parallel()
	say := func(tap *Tap, all ...string) {
		for _, b := range all {
			if n, err := tap.Write([]byte(b)); n != len(b) || err != nil {
				t.Fatalf("write: %d, %v", n, err)
			}
		}
	}
	conn := &writes{}
	tap := NewSMTP(conn, nil)
	say(tap, "250 one\r\n", "250 two\r\n")
	if len(conn.all) != 0 {
		t.Fatalf("%q left before the server listened", conn.all)
	}
	_, _ = tap.Read(nil)
	if len(conn.all) != 1 || conn.all[0] != "250 one\r\n250 two\r\n" {
		t.Fatalf("left: %q", conn.all)
	}
	_, _ = tap.Read(nil)
	say(tap, "421 bye\r\n")
	if err := tap.Close(); err != nil || len(conn.all) != 2 || conn.all[1] != "421 bye\r\n" {
		t.Fatalf("left at the end: %q, %v", conn.all, err)
	}
	say(tap, string(make([]byte, gathered)))
	if len(conn.all) != 3 {
		t.Errorf("%d octets wait", len(tap.late))
	}

	conn = &writes{}
	tap = NewIMAP(conn, nil)
	say(tap, "* OK one\r\n", "* OK two\r\n")
	if len(conn.all) != 2 {
		t.Errorf("an IMAP server's words wait: %q left", conn.all)
	}
}
