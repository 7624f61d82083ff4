package smtp

import (
	"context"
	"errors"
	"testing"
	"time"
)

// slow is a handler that keeps a message, and answers when it is let go.
type slow struct {
	box
	began chan struct{}
	goOn  chan struct{}
}

func newSlow() *slow { return &slow{began: make(chan struct{}), goOn: make(chan struct{})} }

func (s *slow) Message(ctx context.Context, t Transaction, octets []byte) error {
	err := s.box.Message(ctx, t, octets)
	close(s.began)
	select {
	case <-s.goOn:
	case <-ctx.Done():
	}
	return err
}

type sent struct {
	result Result
	err    error
}

// sending has a client send a message, and returns when it has been kept.
func sending(t *testing.T, c *Client, s *slow) <-chan sent {
	t.Helper()
	done := make(chan sent, 1)
	go func() {
		result, err := c.Send(t.Context(), "a@x.example", []string{"b@y.example"}, []byte("x\r\n"))
		done <- sent{result, err}
	}()
	<-s.began
	return done
}

// A message that was kept when its server is closed is answered: who sent it
// would send it again otherwise.
func TestCloseLetsTheReplyLeave(t *testing.T) {
	t.Parallel()
	for name, chunking := range map[string]bool{"BDAT": true, "DATA": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newSlow()
			s := serve(t, Options{Handler: b})
			c, idle := connect(t, s), connect(t, s)
			if !chunking {
				delete(c.extensions, "CHUNKING")
			}
			done := sending(t, c, b)
			closed := make(chan error, 1)
			go func() { closed <- s.Close(t.Context()) }()
			if reply, err := idle.reply(); err != nil || reply.Code != 421 {
				t.Errorf("an idle session, while a message is being taken: %+v, %v, want 421", reply, err)
			}
			if _, err := Dial(t.Context(), ClientOptions{Address: s.Address(), Hello: "late.example"}); err == nil {
				t.Error("a server that is closing took a further connection")
			}
			close(b.goOn)
			if got := <-done; got.err != nil || got.result.Reply.Code != 250 {
				t.Errorf("the message that was kept: %+v, %v, want 250", got.result, got.err)
			}
			if err := <-closed; err != nil {
				t.Error(err)
			}
			if s.Unheard() {
				t.Error("a reply is said to be unheard, and it was heard")
			}
			if reply, err := c.reply(); err != nil || reply.Code != 421 {
				t.Errorf("after the reply: %+v, %v, want 421", reply, err)
			}
		})
	}
}

// What takes too long is cut, and told of.
func TestCloseDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	b := newSlow()
	s := serve(t, Options{Handler: b, Drain: 20 * time.Millisecond})
	done := sending(t, connect(t, s), b)
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if got := <-done; got.err == nil {
		t.Errorf("a message that was cut off was answered %+v", got.result.Reply)
	}
	if !s.Unheard() {
		t.Error("the server does not say that a reply went unheard")
	}
}

// A message of which a part has come is not waited for longer than others, and
// nothing of it was kept.
func TestCloseInTheMiddleOfAMessage(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{Handler: &box{}, Drain: 20 * time.Millisecond})
	c := connect(t, s)
	for _, said := range []struct {
		line  string
		class int
	}{{"MAIL FROM:<a@x.example>", 2}, {"RCPT TO:<b@y.example>", 2}, {"DATA", 3}, {"Subject: half", 0}} {
		if said.class == 0 {
			if _, err := c.conn.Write([]byte(said.line + "\r\n")); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if _, err := c.command(said.class, said.line); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if s.Unheard() {
		t.Error("nothing was kept, and a reply is said to be unheard")
	}
}

// Idle sessions are told and cut at once, those over TLS too, and those that have
// not said anything.
func TestCloseOfIdleSessions(t *testing.T) {
	t.Parallel()
	secure, roots := certificate(t)
	s, err := Start(Options{Hostname: "server.example", Handler: &box{}, TLS: secure})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Dial(t.Context(), ClientOptions{Address: s.Address(), Hello: "client.example", TLS: roots})
	if err != nil || !c.TLS() {
		t.Fatalf("no session over TLS: %v", err)
	}
	defer c.Close()
	silent, err := Dial(t.Context(), ClientOptions{Address: s.Address(), Hello: "client.example"})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	began := time.Now()
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("closing a server that was idle took %v", took)
	}
	for _, client := range []*Client{c, silent} {
		if reply, err := client.reply(); err != nil || reply.Code != 421 {
			t.Errorf("%+v, %v, want 421", reply, err)
		}
		if _, err := client.reply(); err == nil || errors.As(err, new(*Reply)) {
			t.Errorf("after 421: %v, want the end", err)
		}
	}
}
