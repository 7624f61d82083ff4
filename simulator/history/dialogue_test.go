package history

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A step is what one side says. "C" and "S" are the octets of the client and of
// the server, "M" a message that the server took.
type step struct{ who, octets string }

// play holds a dialogue over a tap, in pieces of a size, and returns the lines.
func play(t *testing.T, protocol string, size int, steps []step) Session {
	t.Helper()
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	r := NewRecord(Options{Now: func() time.Time { return now }})
	one, other := net.Pipe()
	defer other.Close()
	go func() { // whatever is really written is read
		b := make([]byte, 4096)
		for {
			if _, err := other.Read(b); err != nil {
				return
			}
		}
	}()
	w := r.Open(Opening{Host: "Aurora", Protocol: protocol})
	tap := NewSMTP(one, w)
	if protocol == "imap" {
		tap = NewIMAP(one, w)
	}
	for _, s := range steps {
		if s.who == "M" {
			tap.Message([]byte(s.octets))
			continue
		}
		for rest := s.octets; rest != ""; {
			n := len(rest)
			if s.who == "C" || protocol == "imap" { // an SMTP server's replies leave line by line
				n = min(n, size)
			}
			piece := []byte(rest[:n])
			rest = rest[n:]
			if s.who == "S" {
				if _, err := tap.Write(piece); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := tap.Shown().Write(piece); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := tap.Close(); err != nil {
		t.Fatal(err)
	}
	s, _ := r.Get(1)
	return s
}

func said(s Session) []string {
	var out []string
	for _, l := range s.Lines {
		out = append(out, l.From[:1]+" "+l.Text)
	}
	return out
}

// sizes of pieces: what is said does not depend on how it arrives.
var sizes = []int{1, 2, 3, 7, 64, 4096}

func TestDialogues(t *testing.T) {
	t.Parallel()
	body := "Subject: prova\r\n\r\n250 finto\r\n..\r\nfine\r\n"
	name := Named(Hash([]byte(body)), int64(len(body)))
	upload := "Subject: bozza\r\n\r\n* OK finto\r\na9 LOGIN x y\r\n"
	uploaded := Named(Hash([]byte(upload)), int64(len(upload)))
	for _, tt := range []struct {
		name, protocol string
		steps          []step
		want           []string
		messages       []string
	}{
		{"a message with DATA", "smtp", []step{
			{"S", "220 aurora ESMTP\r\n"},
			{"C", "EHLO pc\r\n"},
			{"S", "250-Hello\r\n"},
			{"S", "250 8BITMIME\r\n"},
			{"C", "MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n"},
			{"S", "250 ok\r\n"},
			{"S", "250 ok\r\n"},
			{"S", "354 go\r\n"},
			{"C", "Subject: prova\r\n\r\n250 finto\r\n...\r\nfine\r\n.\r\nQUIT\r\n"},
			{"M", body},
			{"S", "250 taken\r\n"},
			{"S", "221 bye\r\n"},
		}, []string{
			"s 220 aurora ESMTP", "c EHLO pc", "s 250-Hello", "s 250 8BITMIME",
			"c MAIL FROM:<a@x.example>", "c RCPT TO:<b@y.example>", "c DATA", "s 250 ok", "s 250 ok", "s 354 go",
			"c " + name, "c QUIT", "s 250 taken", "s 221 bye",
		}, []string{Hash([]byte(body))}},
		{"DATA refused, with a message after it unasked", "smtp", []step{
			{"C", "DATA\r\nRSET\r\n"}, {"S", "503 no recipients\r\n"}, {"S", "250 ok\r\n"},
		}, []string{"c DATA", "s 503 no recipients", "c RSET", "s 250 ok"}, nil},
		{"an empty message", "smtp", []step{
			{"C", "DATA\r\n"}, {"S", "354 go\r\n"}, {"C", ".\r\nQUIT\r\n"}, {"M", ""}, {"S", "250 ok\r\n"},
		}, []string{"c DATA", "s 354 go", "c " + Named(Hash(nil), 0), "c QUIT", "s 250 ok"}, []string{Hash(nil)}},
		{"chunks", "smtp", []step{
			{"C", "BDAT 6\r\nuno\r\n\r"}, {"S", "250 ok\r\n"}, {"C", "BDAT 5 LAST\r\ndue\r\nQUIT\r\n"}, {"M", body}, {"S", "250 ok\r\n"},
		}, []string{"c BDAT 6", "s 250 ok", "c BDAT 5 LAST", "c " + name, "c QUIT", "s 250 ok"}, []string{Hash([]byte(body))}},
		{"a chunk refused", "smtp", []step{
			{"C", "BDAT 5 LAST\r\nAUTH "}, {"S", "503 no\r\n"},
		}, []string{"c BDAT 5 LAST", "c [5 octets of a message that was not taken]", "s 503 no"}, nil},
		{"credentials", "smtp", []step{
			{"C", "AUTH PLAIN AGEAYg==\r\n"},
			{"S", "535 no\r\n"},
			{"C", "auth login\r\n"},
			{"S", "334 VXNlcm5hbWU6\r\n"},
			{"C", "YW5uYQ==\r\n"},
			{"S", "334 UGFzc3dvcmQ6\r\n"},
			{"C", "c2VncmV0bw==\r\n"},
			{"S", "235 ok\r\n"},
			{"C", "NOOP\r\n"},
			{"S", "250 ok\r\n"},
		}, []string{
			"c AUTH PLAIN [removed]", "s 535 no", "c auth login", "s 334 VXNlcm5hbWU6", "c [removed]", "s 334 UGFzc3dvcmQ6", "c [removed]", "s 235 ok",
			"c NOOP", "s 250 ok",
		}, nil},
		{"a client that speaks like a server", "smtp", []step{
			{"C", "250 ok\r\n"}, {"S", "500 what\r\n"},
		}, []string{"c 250 ok", "s 500 what"}, nil},
		{"logins", "imap", []step{
			{"S", "* OK ready\r\n"},
			{"C", "a1 LOGIN anna@x.example segreto\r\n"},
			{"S", "a1 NO wrong\r\n"},
			{"C", `a2 login "anna \"x" "se greto"` + "\r\n"},
			{"S", "a2 NO wrong\r\n"},
			{"C", "a3 LOGIN {4}\r\n"},
			{"S", "+ go\r\n"},
			{"C", "anna {7}\r\n"},
			{"S", "+ go\r\n"},
			{"C", "segreto\r\n"},
			{"S", "a3 OK in\r\n"},
			{"C", "a4 LOGIN anna {7+}\r\nsegreto\r\n"},
			{"S", "a4 OK in\r\n"},
			{"C", "a5 AUTHENTICATE PLAIN\r\n"},
			{"S", "+ \r\n"},
			{"C", "AGEAYg==\r\n"},
			{"S", "a5 OK in\r\n"},
			{"C", "a6 AUTHENTICATE PLAIN AGEAYg==\r\n"},
			{"S", "a6 OK in\r\n"},
			{"C", "a7 SEARCH HEADER X-Riferimento {3}\r\n"},
			{"S", "+ go\r\n"},
			{"C", "abc\r\n"},
			{"S", "* SEARCH 1\r\na7 OK done\r\n"},
		}, []string{
			"s * OK ready", "c a1 LOGIN anna@x.example [removed]", "s a1 NO wrong", `c a2 login "anna \"x" [removed]`, "s a2 NO wrong",
			"c a3 LOGIN {4}", "s + go", "c [4 octets] {7}", "s + go", "c [removed]", "s a3 OK in",
			"c a4 LOGIN anna {7+}", "c [removed]", "s a4 OK in",
			"c a5 AUTHENTICATE PLAIN", "s + ", "c [removed]", "s a5 OK in", "c a6 AUTHENTICATE PLAIN [removed]", "s a6 OK in",
			"c a7 SEARCH HEADER X-Riferimento {3}", "s + go", "c abc", "s * SEARCH 1", "s a7 OK done",
		}, nil},
		{"a login without a tag", "imap", []step{
			{"C", "LOGIN anna segreto\r\n"}, {"S", "LOGIN BAD unknown command\r\n"}, {"C", "a1 UID SEARCH ALL\r\n"}, {"S", "a1 OK done\r\n"},
		}, []string{"c LOGIN [removed]", "s LOGIN BAD unknown command", "c a1 UID SEARCH ALL", "s a1 OK done"}, nil},
		{"messages up and down", "imap", []step{
			{"C", fmt.Sprintf("a1 APPEND Inviata (\\Seen) {%d+}\r\n%s\r\n", len(upload), upload)},
			{"S", "a1 OK done\r\n"},
			{"C", "a2 UID FETCH 1 (BODY.PEEK[])\r\n"},
			{"S", fmt.Sprintf("* 1 FETCH (UID 1 BODY[] {%d}\r\n%s)\r\na2 OK done\r\n", len(body), body)},
			{"C", "a3 FETCH 1 BODY.PEEK[HEADER]\r\n"},
			{"S", "* 1 FETCH (BODY[HEADER] {5}\r\na3 OK)\r\na3 OK done\r\n"},
		}, []string{
			fmt.Sprintf("c a1 APPEND Inviata (\\Seen) {%d+}", len(upload)), "c " + uploaded, "s a1 OK done",
			"c a2 UID FETCH 1 (BODY.PEEK[])", fmt.Sprintf("s * 1 FETCH (UID 1 BODY[] {%d}", len(body)), "s " + name + ")", "s a2 OK done",
			"c a3 FETCH 1 BODY.PEEK[HEADER]", "s * 1 FETCH (BODY[HEADER] {5}", "s [5 octets])", "s a3 OK done",
		}, []string{Hash([]byte(upload)), Hash([]byte(body))}},
	} {
		for _, size := range sizes {
			if tt.protocol == "imap" && size < 4096 {
				// A server's first piece must show whose it is: it writes whole lines, or
				// 4096 octets of a long one. What comes after may be cut anywhere.
				size = max(size, 64)
			}
			s := play(t, tt.protocol, size, tt.steps)
			if diff := cmp.Diff(tt.want, said(s)); diff != "" {
				t.Errorf("%s, in pieces of %d (-want +got):\n%s", tt.name, size, diff)
			}
			if diff := cmp.Diff(tt.messages, s.Messages); diff != "" {
				t.Errorf("%s, in pieces of %d: messages (-want +got):\n%s", tt.name, size, diff)
			}
		}
	}
}

// While a client idles, its DONE may be read between a real write of the server
// and the moment when that is shown.
func TestIdleRace(t *testing.T) {
	t.Parallel()
	r := NewRecord(Options{Now: time.Now})
	one, other := net.Pipe()
	defer other.Close()
	go func() {
		b := make([]byte, 64)
		for {
			if _, err := other.Read(b); err != nil {
				return
			}
		}
	}()
	tap := NewIMAP(one, r.Open(Opening{}))
	show := func(text string) { _, _ = tap.Shown().Write([]byte(text)) }
	if _, err := tap.Write([]byte("* 3 EXISTS\r\n")); err != nil {
		t.Fatal(err)
	}
	show("DONE\r\n")
	show("* 3 EXISTS\r\n")
	s, _ := r.Get(1)
	if diff := cmp.Diff([]string{"c DONE", "s * 3 EXISTS"}, said(s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What no client says ends the session, and the record says why: the library
// reports it only when the session is over.
func TestWhatEndsASessionIsWrittenDown(t *testing.T) {
	t.Parallel()
	r := NewRecord(Options{Now: time.Now})
	one, other := net.Pipe()
	defer other.Close()
	tap := NewSMTP(one, r.Open(Opening{Host: "Aurora", Protocol: "smtp"}))
	var err error
	for range 1 << 20 {
		if _, err = tap.Shown().Write([]byte("never a line's end ")); err != nil {
			break
		}
	}
	if err == nil {
		t.Fatal("a line without an end is read for ever")
	}
	_ = tap.Close()
	s, _ := r.Get(1)
	if n := len(s.Lines); n == 0 || s.Lines[n-1].From != Note || s.Lines[n-1].Text != err.Error() {
		t.Errorf("lines %v, want the note %q at the end", s.Lines, err)
	}
}
