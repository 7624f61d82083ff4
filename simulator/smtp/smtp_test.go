package smtp

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// box is a handler that keeps what it is given.
type box struct {
	mu     sync.Mutex
	taken  []Transaction
	octets [][]byte
	refuse func(step, argument string) error
}

func (b *box) ask(step, argument string) error {
	if b.refuse == nil {
		return nil
	}
	return b.refuse(step, argument)
}

func (b *box) Mail(_ context.Context, t Transaction, _ int64) error {
	return b.ask("mail", t.ReversePath)
}

func (b *box) Recipient(_ context.Context, _ Transaction, address string) error {
	return b.ask("rcpt", address)
}

func (b *box) Message(_ context.Context, t Transaction, octets []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken, b.octets = append(b.taken, t), append(b.octets, octets)
	return b.ask("message", "")
}

func serve(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return s
}

func connect(t *testing.T, s *Server) *Client {
	t.Helper()
	c, err := Dial(t.Context(), ClientOptions{Address: s.Address(), Hello: "client.example", Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// What arrives is what was sent, whichever way it goes.
func TestOctetsAreNotAltered(t *testing.T) {
	t.Parallel()
	messages := map[string]string{
		"dots":            "a\r\n.\r\n..\r\n.b\r\n",
		"first dot":       ".a\r\n",
		"bare LF":         "a\nb\n.\nc\r\n",
		"bare CR":         "a\rb\r\n",
		"CR CR LF":        "a\r\r\nb\r\n",
		"8 bit and NUL":   "caff\xe8\x00\r\n",
		"long line":       strings.Repeat("x", 100_000) + "\r\n",
		"trailing blanks": "a \t\r\n\r\n\r\n",
	}
	for _, chunking := range []bool{true, false} {
		for name, message := range messages {
			b := &box{}
			c := connect(t, serve(t, Options{Handler: b}))
			if !chunking {
				delete(c.extensions, "CHUNKING")
			}
			result, err := c.Send(t.Context(), "a@x.example", []string{"b@y.example"}, []byte(message))
			if err != nil || result.Reply.Code != 250 {
				t.Fatalf("%s: %+v, %v", name, result, err)
			}
			if diff := cmp.Diff(message, string(b.octets[0])); diff != "" {
				t.Errorf("%s, chunking %v (-sent +taken):\n%s", name, chunking, diff)
			}
		}
	}
}

func TestSendSeveralOnOneConnection(t *testing.T) {
	t.Parallel()
	b := &box{refuse: func(step, argument string) error {
		switch {
		case step == "rcpt" && argument == "no@y.example":
			return Refuse(550, 5, 1, 1, "no such mailbox")
		case step == "rcpt" && argument == "later@y.example":
			return Refuse(451, 4, 2, 0, "later")
		case step == "mail" && argument == "bad@x.example":
			return Refuse(553, 5, 1, 8, "not you")
		}
		return nil
	}}
	c := connect(t, serve(t, Options{Handler: b}))
	for _, tt := range []struct {
		from     string
		to       []string
		accepted []string
		refused  map[string]int
	}{
		{"a@x.example", []string{"b@y.example", "no@y.example", "later@y.example"}, []string{"b@y.example"}, map[string]int{"no@y.example": 550, "later@y.example": 451}},
		{"a@x.example", []string{"no@y.example"}, nil, map[string]int{"no@y.example": 550}},
		{"bad@x.example", []string{"b@y.example"}, nil, map[string]int{"b@y.example": 553}},
		{"", []string{"b@y.example"}, []string{"b@y.example"}, map[string]int{}},
	} {
		result, err := c.Send(t.Context(), tt.from, tt.to, []byte("x\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		refused := map[string]int{}
		for r, reply := range result.Refused {
			refused[r] = reply.Code
		}
		if diff := cmp.Diff(tt.accepted, result.Accepted); diff != "" {
			t.Errorf("%s accepted (-want +got):\n%s", tt.from, diff)
		}
		if diff := cmp.Diff(tt.refused, refused); diff != "" {
			t.Errorf("%s refused (-want +got):\n%s", tt.from, diff)
		}
	}
	if err := c.Quit(); err != nil {
		t.Error(err)
	}
}

func TestAddressesDoNotBreakOut(t *testing.T) {
	t.Parallel()
	c := connect(t, serve(t, Options{Handler: &box{}}))
	if _, err := c.Send(t.Context(), "a@x.example>\r\nRSET", []string{"b@y.example"}, nil); err == nil {
		t.Error("an address with a line end was sent")
	}
}

func TestMessageLimitIsInclusive(t *testing.T) {
	t.Parallel()
	for _, chunking := range []bool{true, false} {
		for size, want := range map[int]int{20: 250, 21: 552} {
			c := connect(t, serve(t, Options{Handler: &box{}, MaxBytes: 20}))
			delete(c.extensions, "SIZE") // or MAIL would be refused already
			if !chunking {
				delete(c.extensions, "CHUNKING")
			}
			result, err := c.Send(t.Context(), "a@x.example", []string{"b@y.example"}, bytes.Repeat([]byte("\r\n"), 11)[22-size:])
			if err != nil || result.Reply.Code != want {
				t.Errorf("%d octets, chunking %v: %+v, %v; want %d", size, chunking, result.Reply, err, want)
			}
		}
	}
}

func TestTLSRequiredAndNotOffered(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{Handler: &box{}})
	_, err := Dial(t.Context(), ClientOptions{Address: s.Address(), Hello: "x", RequireTLS: true})
	if err == nil || !strings.Contains(err.Error(), "TLS") {
		t.Errorf("got %v, want an error about TLS", err)
	}
}

// Close waits for a message that is being elaborated.
func TestCloseWaitsForHandlers(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	done := false
	b := &box{refuse: func(step, _ string) error {
		if step == "message" {
			close(entered)
			<-leave
			done = true
		}
		return nil
	}}
	s, err := Start(Options{Handler: b})
	if err != nil {
		t.Fatal(err)
	}
	c := connect(t, s)
	sent := make(chan error, 1)
	go func() {
		_, err := c.Send(context.Background(), "a@x.example", []string{"b@y.example"}, []byte("x\r\n"))
		sent <- err
	}()
	<-entered
	if under, _ := s.Activity().Reading(); under != 1 {
		t.Errorf("%d messages under way, want 1", under)
	}
	short, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := s.Close(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Close while a message is elaborated: %v, want the deadline", err)
	}
	close(leave)
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if !done {
		t.Error("Close returned before the handler had ended")
	}
	t.Logf("the sender, cut off or answered: %v", <-sent)
}

func TestStuffed(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":          "\r\n.\r\n",
		"a":         "a\r\n.\r\n",
		".":         "..\r\n.\r\n",
		"a\r\n.b":   "a\r\n..b\r\n.\r\n",
		"a\n.b\r\n": "a\n.b\r\n.\r\n",
	} {
		if got := string(Stuffed([]byte(in))); got != want {
			t.Errorf("Stuffed(%q) = %q, want %q", in, got, want)
		}
	}
}
