package pop3

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/history"
	"github.com/collaudo/collaudo/simulator/store"
	"github.com/google/go-cmp/cmp"
)

const user = "anna@x.example"

// host is a server with its store and what trusts it.
type host struct {
	*Server
	store   *store.Memory
	trust   *tls.Config
	history *history.Record
}

func serve(t *testing.T, stls bool, messages ...string) host {
	t.Helper()
	a, err := authority.New(authority.Config{Keys: authority.NewPool(), Random: rand.Reader, Now: time.Now, Domains: []string{"x.example"}})
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := a.Server("localhost", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	h := host{store: store.NewMemory(0), trust: &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "localhost"}}
	h.trust.RootCAs.AddCert(a.Certificate())
	h.history = history.NewRecord(history.Options{Now: time.Now})
	if err := h.store.CreateMailbox(user, 0); err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if _, err := h.store.Append(user, store.Inbox, []byte(m), store.Message{}, false); err != nil {
			t.Fatal(err)
		}
	}
	h.Server, err = Start(Options{
		TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}, STLS: stls, Store: h.store, Bodies: h.store, History: h.history,
		SignIn: func(_, u, password string) (string, bool) { return user, u == user && password == "segre to" },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := h.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return h
}

// client speaks the protocol by itself, so that nothing is forgiven.
type client struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

func (h host) dial(t *testing.T) *client {
	t.Helper()
	conn, err := net.Dial("tcp", h.Address())
	if err != nil {
		t.Fatal(err)
	}
	if !h.o.STLS {
		conn = tls.Client(conn, h.trust)
	}
	t.Cleanup(func() { _ = conn.Close() })
	c := &client{t: t, conn: conn, r: bufio.NewReader(conn)}
	c.want("", "+OK")
	return c
}

// want says a command and checks how the answer begins; it returns the answer.
func (c *client) want(command, answer string) string {
	c.t.Helper()
	if command != "" {
		if _, err := io.WriteString(c.conn, command+"\r\n"); err != nil {
			c.t.Fatal(err)
		}
	}
	_ = c.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	line, err := c.r.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, answer) || !strings.HasSuffix(line, "\r\n") {
		c.t.Fatalf("%s: %q, %v; want %s", command, line, err, answer)
	}
	return strings.TrimSuffix(line, "\r\n")
}

// text reads what follows up to the final dot, unstuffed.
func (c *client) text() string {
	c.t.Helper()
	var out strings.Builder
	whole := true // the line before ended with CRLF
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			c.t.Fatal(err)
		}
		if whole && line == ".\r\n" {
			return out.String()
		}
		if whole {
			line = strings.TrimPrefix(line, ".")
		}
		out.WriteString(line)
		whole = strings.HasSuffix(line, "\r\n")
	}
}

func (c *client) login() {
	c.t.Helper()
	c.want("USER "+user, "+OK")
	c.want("PASS segre to", "+OK")
}

func TestRetrievalIsByteExact(t *testing.T) {
	t.Parallel()
	messages := []string{
		"Subject: a\r\n\r\n.\r\n..\r\n.b\r\n", ".a\r\n\r\n", "x: y\r\n\r\nbare\nlf\n.\nand\rcr\r\r\n", "x: y\r\n\r\n\x00\xe8\xff\r\n",
		"x: y\r\n\r\n" + strings.Repeat("y", 100_000) + "\r\n" + strings.Repeat(".\r\n", 50_000), "x: y\r\n", "",
	}
	c := serve(t, false, messages...).dial(t)
	c.login()
	for i, m := range messages {
		c.want("RETR "+string(rune('1'+i)), "+OK")
		if diff := cmp.Diff(m, c.text()); diff != "" {
			t.Errorf("message %d (-stored +retrieved):\n%s", i+1, diff)
		}
	}
}

func TestStuff(t *testing.T) {
	t.Parallel()
	for octets, want := range map[string]string{
		"": ".\r\n", ".": "..\r\n.\r\n", "a": "a\r\n.\r\n", "\r\n.\r\n.": "\r\n..\r\n..\r\n.\r\n", "a\n.b\r\n": "a\n.b\r\n.\r\n", "a\r": "a\r\r\n.\r\n",
	} {
		var b bytes.Buffer
		w := bufio.NewWriter(&b)
		sent, err := stuff(w, []byte(octets))
		_ = w.Flush()
		if b.String() != want || err != nil || sent != b.Len() {
			t.Errorf("%q: %q (%d), %v; want %q", octets, b.String(), sent, err, want)
		}
	}
}

// A dialogue from the login to QUIT, after which what was marked is gone, and
// only then.
func TestDialogue(t *testing.T) {
	t.Parallel()
	h := serve(t, false, "Subject: uno\r\n\r\nprima\r\nseconda\r\nterza\r\n", "Subject: due\r\n\r\n", "Subject: tre\r\n\r\n")
	c := h.dial(t)
	c.login()
	for _, tt := range []struct{ say, want string }{
		{"STAT", "+OK 3 71"},
		{"LIST 2", "+OK 2 16"},
		{"LIST 4", "-ERR"},
		{"LIST x", "-ERR"},
		{"UIDL 3", "+OK 3 1.3"},
		{"NOOP", "+OK"},
		{"DELE 2", "+OK"},
		{"DELE 2", "-ERR"},
		{"RETR 2", "-ERR"},
		{"STAT", "+OK 2 55"},
		{"USER anna", "-ERR"},
		{"XYZZY", "-ERR"},
		{"TOP 1", "-ERR"},
		{"TOP 1 -1", "-ERR"},
	} {
		if got := c.want(tt.say, tt.want); tt.want != "+OK" && tt.want != "-ERR" && got != tt.want {
			t.Errorf("%s: %q, want %q", tt.say, got, tt.want)
		}
	}
	for _, tt := range []struct{ say, want string }{
		{"LIST", "1 39\r\n3 16\r\n"},
		{"UIDL", "1 1.1\r\n3 1.3\r\n"},
		{"TOP 1 0", "Subject: uno\r\n\r\n"},
		{"top 1 2", "Subject: uno\r\n\r\nprima\r\nseconda\r\n"},
		{"TOP 1 999", "Subject: uno\r\n\r\nprima\r\nseconda\r\nterza\r\n"},
	} {
		c.want(tt.say, "+OK")
		if diff := cmp.Diff(tt.want, c.text()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.say, diff)
		}
	}
	c.want("RSET", "+OK 3 messages")
	c.want("DELE 1", "+OK")
	if f, _ := h.store.Folder(user, store.Inbox); len(f.Messages) != 3 {
		t.Errorf("%d messages before QUIT, want 3", len(f.Messages))
	}
	c.want("QUIT", "+OK")
	if f, _ := h.store.Folder(user, store.Inbox); len(f.Messages) != 2 || f.Messages[0].UID != 2 {
		t.Errorf("after QUIT: %+v, want messages 2 and 3", f.Messages)
	}
	c = h.dial(t) // who breaks off deletes nothing
	c.login()
	c.want("DELE 1", "+OK")
	_ = c.conn.Close()
	c = h.dial(t)
	for deadline := time.Now().Add(5 * time.Second); ; {
		c.want("USER "+user, "+OK")
		if got := c.want("PASS segre to", ""); strings.HasPrefix(got, "+OK 2") || time.Now().After(deadline) {
			break // else the server has not noticed yet that the other is gone
		}
		time.Sleep(time.Millisecond)
	}
	c.want("STAT", "+OK 2 ")
}

func TestLogin(t *testing.T) {
	t.Parallel()
	h := serve(t, false, "Subject: uno\r\n\r\n")
	encoded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	c := h.dial(t)
	c.want("STAT", "-ERR")
	c.want("PASS x", "-ERR")
	c.want("USER nessuno@x.example", "+OK")
	unknown := c.want("PASS segre to", "-ERR [AUTH]")
	c.want("USER "+user, "+OK")
	if wrong := c.want("PASS x", "-ERR [AUTH]"); wrong != unknown {
		t.Errorf("a wrong password gets %q, an unknown user %q", wrong, unknown)
	}
	c.want("AUTH PLAIN", "+ ")
	c.want("*", "-ERR")
	c.want("AUTH PLAIN !!", "-ERR")
	c.want("AUTH CRAM-MD5", "-ERR")
	c.want("AUTH PLAIN "+encoded("bruno\x00"+user+"\x00segre to"), "-ERR [AUTH]")
	c.want("AUTH LOGIN", "+ ")
	c.want(encoded(user), "+ ")
	c.want(encoded("segre to"), "+OK 1 messages")
	other := h.dial(t)
	other.want("AUTH PLAIN "+encoded("\x00"+user+"\x00segre to"), "-ERR [IN-USE]")
	c.want("QUIT", "+OK")
	other.want("AUTH PLAIN "+encoded("\x00"+user+"\x00segre to"), "+OK 1 messages")
	guess := h.dial(t)
	for range maxRefusals {
		guess.want("USER x", "+OK")
		guess.want("PASS x", "-ERR")
	}
	if _, err := guess.r.ReadByte(); err == nil {
		t.Error("one may go on guessing")
	}
}

func TestSTLS(t *testing.T) {
	t.Parallel()
	h := serve(t, true, "Subject: uno\r\n\r\n")
	c := h.dial(t)
	c.want("CAPA", "+OK")
	if got := c.text(); !strings.Contains(got, "STLS\r\n") || strings.Contains(got, "SASL") || strings.Contains(got, "USER") {
		t.Errorf("capabilities in clear:\n%s", got)
	}
	c.want("USER "+user, "-ERR")
	c.want("AUTH PLAIN", "-ERR")
	c.want("STLS", "+OK")
	secure := tls.Client(c.conn, h.trust)
	c.conn, c.r = secure, bufio.NewReader(secure)
	c.want("CAPA", "+OK")
	if got := c.text(); strings.Contains(got, "STLS\r\n") || !strings.Contains(got, "SASL PLAIN LOGIN\r\n") {
		t.Errorf("capabilities over TLS:\n%s", got)
	}
	c.want("STLS", "-ERR")
	c.login()
	// What was said in clear after STLS must not count as said over TLS.
	c = h.dial(t)
	c.want("STLS\r\nUSER "+user, "-ERR")
	if _, err := c.r.ReadByte(); err == nil {
		t.Error("the session goes on after an injected command")
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	h := serve(t, false)
	c := h.dial(t)
	c.want("USER "+strings.Repeat("x", 300), "-ERR")
	if _, err := c.r.ReadByte(); err == nil {
		t.Error("the session goes on after an overlong line")
	}
	c = h.dial(t)
	for range maxFaults {
		c.want("XYZZY", "-ERR")
	}
	if _, err := c.r.ReadByte(); err == nil {
		t.Error("the session goes on after so much nonsense")
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	h := serve(t, false, "Subject: uno\r\n\r\n")
	c := h.dial(t)
	c.want("USER "+user, "+OK")
	c.want("PASS sbagliata", "-ERR")
	c.want("PA SS sbagliata", "-ERR")
	c.want("AUTH LOGIN "+base64.StdEncoding.EncodeToString([]byte(user)), "+")
	c.want(base64.StdEncoding.EncodeToString([]byte("segre to")), "+OK")
	c.want("RETR 1", "+OK")
	c.text()
	c.want("QUIT", "+OK")
	s, _ := h.history.Get(1)
	var lines []string
	for _, l := range s.Lines {
		if l.From == history.Client {
			lines = append(lines, l.Text)
		}
	}
	want := []string{"USER " + user, "PASS [removed]", "PA [removed]", "AUTH LOGIN [removed]", "[removed]", "RETR 1", "QUIT"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !s.TLS || s.Account != user || !slices.Equal(s.Messages, []string{history.Hash([]byte("Subject: uno\r\n\r\n"))}) {
		t.Errorf("session %+v", s)
	}
}
