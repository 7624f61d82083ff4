package listen

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

func TestLoopbackOnly(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", ":0", "example.com:25", "192.0.2.1:25", "127.0.0.1"} {
		if l, err := Open(Options{Address: address}); err == nil {
			_ = l.Shutdown(t.Context())
			t.Errorf("listening on %q was allowed", address)
		}
	}
}

func TestShutdownWaitsForHandlers(t *testing.T) {
	t.Parallel()
	l, err := Open(Options{MaxConnections: 1})
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	client, err := net.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	held := <-accepted
	second, err := net.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if _, err := second.Read(make([]byte, 1)); err == nil {
		t.Error("a connection above the limit was served")
	}
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := l.Shutdown(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown with a connection held: %v, want the deadline", err)
	}
	if _, err := held.Read(make([]byte, 1)); err == nil {
		t.Error("the connection was not cut")
	}
	_ = held.Close()
	if err := l.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSilenceIsCut(t *testing.T) {
	t.Parallel()
	l, err := Open(Options{Idle: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Shutdown(context.Background()) }()
	client, err := net.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read from a silent peer: %v, want a timeout", err)
	}
}

func TestQuiet(t *testing.T) {
	t.Parallel()
	var a, b Activity
	read := func() (under, starts int64) {
		ua, sa := a.Reading()
		ub, sb := b.Reading()
		return ua + ub, sa + sb
	}
	end := a.Begin()
	short, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	if err := Quiet(short, read); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with work under way: %v, want the deadline", err)
	}
	go func() { // one component hands over to the other, and back
		for range 50 {
			next := b.Begin()
			end()
			end()
			end = a.Begin()
			next()
		}
		end()
	}()
	if err := Quiet(t.Context(), read); err != nil {
		t.Fatal(err)
	}
	if under, starts := read(); under != 0 || starts != 101 {
		t.Errorf("quiet with %d under way and %d begun, want 0 and 101", under, starts)
	}
}
