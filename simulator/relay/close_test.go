package relay

import (
	"context"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/smtp"
	"github.com/collaudo/collaudo/simulator/store"
)

// slowHost keeps a message, and answers when it is let go.
type slowHost struct {
	host
	began, goOn chan struct{}
}

func (h *slowHost) Message(ctx context.Context, t smtp.Transaction, octets []byte) error {
	err := h.host.Message(ctx, t, octets)
	h.began <- struct{}{}
	<-h.goOn
	return err
}

// A queue that is closed while the other side takes a message hears the answer:
// its next life does not send it again. What was refused for now stays.
func TestCloseHearsTheAnswer(t *testing.T) {
	t.Parallel()
	at := &slowHost{began: make(chan struct{}), goOn: make(chan struct{})}
	at.set(func(address string) error {
		if address == "later@y.example" {
			return smtp.Refuse(451, 4, 2, 0, "later")
		}
		return nil
	})
	server, err := smtp.Start(smtp.Options{Handler: at})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close(context.Background()) })
	kept := store.NewMemory(0)
	open := func() *Queue {
		q, err := New(Options{
			Name: "X", Hello: "x.example", Store: kept, Clock: clock.NewOffset(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)),
			Routes: table{"y.example": {Host: "Y", Address: server.Address()}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	first := open()
	if err := first.Submit(Message{ReversePath: "a@x.example", Recipients: []string{"b@y.example", "later@y.example"}, Octets: []byte("x\r\n")}); err != nil {
		t.Fatal(err)
	}
	<-at.began
	closed := make(chan error, 1)
	go func() { closed <- first.Close(t.Context()) }()
	<-first.ctx.Done() // it is closing
	at.goOn <- struct{}{}
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	at.set(nil)
	go func() {
		for range at.began {
			at.goOn <- struct{}{}
		}
	}()
	second := open()
	if err := second.Resume(); err != nil {
		t.Fatal(err)
	}
	second.o.Clock.(*clock.Offset).Advance(time.Hour)
	deadline := time.Now().Add(10 * time.Second)
	for len(kept.Works(spoolName)) > 0 && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
	}
	if err := second.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(at.began)
	times := map[string]int{}
	for _, recipients := range at.to {
		for _, r := range recipients {
			times[r]++
		}
	}
	if times["b@y.example"] != 1 || times["later@y.example"] != 1 {
		t.Errorf("the message was taken for each recipient so many times: %v, want once", times)
	}
}

// An answer that does not come is not waited for longer than it may take.
func TestCloseDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	at := &slowHost{began: make(chan struct{}), goOn: make(chan struct{})}
	server, err := smtp.Start(smtp.Options{Handler: at})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { close(at.goOn); _ = server.Close(context.Background()) })
	q, err := New(Options{
		Name: "X", Hello: "x.example", Store: store.NewMemory(0), Clock: clock.NewOffset(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)),
		Routes: table{"y.example": {Host: "Y", Address: server.Address()}}, Drain: 20 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Submit(Message{ReversePath: "a@x.example", Recipients: []string{"b@y.example"}, Octets: []byte("x\r\n")}); err != nil {
		t.Fatal(err)
	}
	<-at.began
	if err := q.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if n := len(q.o.Store.Works(spoolName)); n != 1 {
		t.Errorf("%d messages in the spool, want the one whose answer was not heard", n)
	}
}
