package relay

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/listen"
	"github.com/collaudo/collaudo/simulator/smtp"
	"github.com/collaudo/collaudo/simulator/store"
	"github.com/google/go-cmp/cmp"
)

// host is a mail host whose answers are scripted.
type host struct {
	mu     sync.Mutex
	answer func(address string) error
	octets [][]byte
	to     [][]string
}

func (h *host) Mail(context.Context, smtp.Transaction, int64) error { return nil }
func (h *host) Recipient(_ context.Context, _ smtp.Transaction, address string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.answer == nil {
		return nil
	}
	return h.answer(address)
}

func (h *host) Message(_ context.Context, t smtp.Transaction, octets []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.octets, h.to = append(h.octets, octets), append(h.to, t.Recipients)
	return nil
}

func (h *host) set(answer func(string) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = answer
}

type table map[string]Route

func (t table) Route(domain string) (Route, bool) { r, ok := t[domain]; return r, ok }

// shaky is a store that cannot write now and then.
type shaky struct {
	store.Store
	failing atomic.Int32 // so many times more
}

func (s *shaky) Together(f func(store.Tx) error) error {
	if s.failing.Add(-1) >= 0 {
		return store.ErrFull
	}
	return s.Store.Together(f)
}

type bench struct {
	*Queue
	shaky *shaky
	clock *clock.Offset
	store *store.Memory
	host  *host

	mu       sync.Mutex
	outcomes []Outcome
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{clock: clock.NewOffset(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), store: store.NewMemory(0), host: &host{}}
	server, err := smtp.Start(smtp.Options{Handler: b.host})
	if err != nil {
		t.Fatal(err)
	}
	routes := table{
		"y.example": {Host: "Y", Address: server.Address()}, "z.example": {Host: "Y", Address: server.Address()},
		"giu.example": {Host: "down", Address: "127.0.0.1:1"}, "tls.example": {Host: "T", Address: server.Address(), Provider: true},
	}
	b.shaky = &shaky{Store: b.store}
	b.Queue, err = New(Options{Name: "X", Hello: "x.example", Store: b.shaky, Clock: b.clock, Routes: routes, Outcome: func(_ store.Tx, o Outcome) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.outcomes = append(b.outcomes, o)
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := b.Close(ctx); err != nil {
			t.Error(err)
		}
		if err := server.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bench) quiet(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := listen.Quiet(ctx, func() (int64, int64) { return b.Reading(0) }); err != nil {
		t.Fatal(err)
	}
}

// failed returns the codes of what was given up.
func (b *bench) failed() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	codes := map[string]int{}
	for _, o := range b.outcomes {
		for r, reply := range o.Failed {
			codes[r] = reply.Code
		}
	}
	return codes
}

func TestOneTransactionPerHost(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := b.Submit(Message{ReversePath: "a@x.example", Recipients: []string{"b@y.example", "c@z.example", "d@altrove.example"}, Octets: []byte("m\r\n")}); err != nil {
		t.Fatal(err)
	}
	b.quiet(t)
	if diff := cmp.Diff([][]string{{"b@y.example", "c@z.example"}}, b.host.to); diff != "" {
		t.Errorf("transactions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"d@altrove.example": 550}, b.failed()); diff != "" {
		t.Errorf("given up (-want +got):\n%s", diff)
	}
	if b.store.Held() != 0 || len(b.store.Works(spoolName)) != 0 {
		t.Errorf("%d bytes and %d works are left in the store", b.store.Held(), len(b.store.Works(spoolName)))
	}
	exchanges := b.Exchanges()
	if len(exchanges) != 1 || exchanges[0].To != "Y" || exchanges[0].SHA256 != store.Hash([]byte("m\r\n")) || exchanges[0].Code != 250 {
		t.Errorf("exchanges %+v", exchanges)
	}
}

func TestTemporaryRefusalIsRetried(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.host.set(func(address string) error {
		switch address {
		case "poi@y.example":
			return smtp.Refuse(451, 4, 2, 0, "later")
		case "mai@y.example":
			return smtp.Refuse(550, 5, 1, 1, "never")
		}
		return nil
	})
	if err := b.Submit(Message{ReversePath: "a@x.example", Recipients: []string{"ora@y.example", "poi@y.example", "mai@y.example"}, Octets: []byte("m\r\n")}); err != nil {
		t.Fatal(err)
	}
	b.quiet(t)
	if b.Waiting() != 1 {
		t.Fatalf("%d wait, want 1", b.Waiting())
	}
	b.host.set(nil)
	b.clock.Advance(2 * time.Minute)
	b.quiet(t)
	if diff := cmp.Diff([][]string{{"ora@y.example"}, {"poi@y.example"}}, b.host.to); diff != "" {
		t.Errorf("transactions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"mai@y.example": 550}, b.failed()); diff != "" {
		t.Errorf("given up (-want +got):\n%s", diff)
	}
}

// What the store could not keep of an attempt is made good by another: nothing
// waits for the next start.
func TestAttemptThatCannotBeKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := b.Submit(Message{ReversePath: "a@x.example", Recipients: []string{"b@y.example"}, Octets: []byte("uno\r\n"), After: time.Minute}); err != nil {
		t.Fatal(err)
	}
	b.shaky.failing.Store(2)
	for range 4 {
		b.clock.Advance(time.Minute)
		b.quiet(t)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.host.mu.Lock()
	defer b.host.mu.Unlock()
	if len(b.outcomes) != 1 || len(b.host.octets) != 3 || len(b.store.Works(spoolName)) != 0 {
		t.Errorf("%d outcomes, %d transactions, %d items in the spool; want 1, 3, 0", len(b.outcomes), len(b.host.octets), len(b.store.Works(spoolName)))
	}
}

func TestGivenUpAfterADay(t *testing.T) {
	t.Parallel()
	for _, domain := range []string{"giu.example", "tls.example"} { // refuses connections; does not offer TLS
		b := newBench(t)
		if err := b.Submit(Message{ReversePath: "a@x.example", Recipients: []string{"b@" + domain}, Octets: []byte("m\r\n")}); err != nil {
			t.Fatal(err)
		}
		for hours := 0; hours < 23; hours++ {
			b.quiet(t)
			b.clock.Advance(time.Hour)
		}
		b.quiet(t)
		if got := b.failed(); len(got) != 0 {
			t.Errorf("%s: given up before a day: %v", domain, got)
		}
		b.clock.Advance(time.Hour)
		b.quiet(t)
		if diff := cmp.Diff(map[string]int{"b@" + domain: 554}, b.failed()); diff != "" {
			t.Errorf("%s: given up (-want +got):\n%s", domain, diff)
		}
		if len(b.store.Works(spoolName)) != 0 {
			t.Errorf("%s: work is left in the spool", domain)
		}
	}
}
