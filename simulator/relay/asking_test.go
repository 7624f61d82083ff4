package relay

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/simulator/smtp"
	"github.com/collaudo/collaudo/simulator/store"
)

// still is a clock that never moves on: nothing is tried again.
type still time.Time

func (s still) Now() time.Time                     { return time.Time(s) }
func (still) After(time.Duration) <-chan time.Time { return nil }

// asked are routes that are found out at each attempt.
type asked struct {
	mu    sync.Mutex
	found []Route
	err   error
}

func (a *asked) Route(domain string) (Route, bool) { return Route{Host: domain}, true }
func (a *asked) Resolve(context.Context, string) ([]Route, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.found, a.err
}

func (a *asked) say(err error, found ...Route) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.found, a.err = found, err
}

// Mail goes where the last answer says; without an answer it waits, and it is
// given up only when the answer is that nobody takes it.
func TestAskingRoutes(t *testing.T) {
	t.Parallel()
	hosts := [2]*host{{}, {}}
	var at [2]Route
	for i, h := range hosts {
		server, err := smtp.Start(smtp.Options{Hostname: "mx.borea.example", Address: "127.0.0.1:0", Handler: h})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Close(context.Background()) })
		at[i] = Route{Host: "borea.example", Address: server.Address()}
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := Route{Host: "borea.example", Address: closed.Addr().String()}
	_ = closed.Close()

	routes := &asked{}
	c := still(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	outcomes := make(chan Outcome, 10)
	q, err := New(Options{
		Name: "Aurora", Hello: "aurora.example", Store: store.NewMemory(0), Clock: c, Routes: routes,
		Outcome: func(_ store.Tx, o Outcome) { outcomes <- o },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close(context.Background()) })
	steps := []struct {
		name  string
		err   error
		found []Route
		taken [2]int // in all, by host
		ended string
	}{
		{"the first of two is down", nil, []Route{nobody, at[0]}, [2]int{1, 0}, "accepted"},
		{"a kept connection that still leads there", nil, []Route{at[0], at[1]}, [2]int{2, 0}, "accepted"},
		{"the domain has moved", nil, []Route{at[1]}, [2]int{2, 1}, "accepted"},
		{"no answer", errors.New("the name server is down"), nil, [2]int{2, 1}, "retried"},
		{"nobody is up", nil, []Route{nobody, nobody}, [2]int{2, 1}, "retried"},
		{"nobody receives mail", ErrNoRoute, nil, [2]int{2, 1}, "failed"},
	}
	for _, step := range steps {
		routes.say(step.err, step.found...)
		if err := q.Submit(Message{ReversePath: "anna@aurora.example", Recipients: []string{"bruno@borea.example"}, Octets: []byte("Subject: x\r\n\r\n")}); err != nil {
			t.Fatal(err)
		}
		o := <-outcomes
		ended := map[bool]string{len(o.Accepted) > 0: "accepted", len(o.Retried) > 0: "retried", len(o.Failed) > 0: "failed"}[true]
		var taken [2]int
		for i, h := range hosts {
			h.mu.Lock()
			taken[i] = len(h.octets)
			h.mu.Unlock()
		}
		if ended != step.ended {
			t.Errorf("%s: %s (%+v), want %s", step.name, ended, o, step.ended)
		}
		if diff := cmp.Diff(step.taken, taken); diff != "" {
			t.Errorf("%s: %s", step.name, diff)
		}
	}
}
