package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/listen"
	"github.com/collaudo/collaudo/simulator/smtp"
	"github.com/collaudo/collaudo/simulator/store"
)

// arrivalsQueue is the name of the queue in the store's spool.
const arrivalsQueue = "arrivals"

// arrivals holds what the incoming point answered with 250 until it has been
// elaborated. Workers exist only while there is work.
type arrivals struct {
	p        *Provider
	max      int
	activity listen.Activity
	running  sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	sequence int
	list     []*arrival
	ends     map[*arrival]func()
	workers  int
}

// spooled is what a restart needs of an arrival; the rest is read again.
type spooled struct {
	At         time.Time `json:"at"`
	Hello      string    `json:"hello"`
	TLS        bool      `json:"tls"`
	ReverseP   string    `json:"reversePath"`
	Recipients []string  `json:"recipients"`
}

func newArrivals(p *Provider, workers int) *arrivals {
	return &arrivals{p: p, max: workers, ends: map[*arrival]func(){}}
}

// add stores an arrival and has it elaborated.
func (q *arrivals) add(a *arrival) error {
	q.mu.Lock()
	q.sequence++
	a.id = strconv.Itoa(q.sequence)
	q.mu.Unlock()
	data, err := json.Marshal(spooled{At: a.at, Hello: a.t.Hello, TLS: a.t.TLS, ReverseP: a.t.ReversePath, Recipients: a.t.Recipients})
	if err != nil {
		return err
	}
	hash, err := q.p.c.Store.Keep(a.octets)
	if err != nil {
		return smtp.Refuse(452, 4, 3, 1, "No room: "+err.Error())
	}
	defer q.p.c.Store.Drop(hash)
	if err := q.p.c.Store.PutWork(store.Work{Queue: arrivalsQueue, ID: a.id, Body: hash, Data: data}); err != nil {
		return err
	}
	q.start(a)
	return nil
}

func (q *arrivals) start(a *arrival) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return // it stays in the spool
	}
	q.ends[a] = q.activity.Begin()
	q.list = append(q.list, a)
	if q.workers < q.max {
		q.workers++
		q.running.Add(1)
		go q.work()
	}
}

// resume takes up what the spool of an earlier life holds.
func (q *arrivals) resume() error {
	for _, w := range q.p.c.Store.Works(arrivalsQueue) {
		var s spooled
		if err := json.Unmarshal(w.Data, &s); err != nil {
			return fmt.Errorf("arrivals spool %s: %w", w.ID, err)
		}
		octets, err := q.p.c.Store.Octets(w.Body)
		if err != nil {
			return fmt.Errorf("arrivals spool %s: %w", w.ID, err)
		}
		t := smtp.Transaction{Peer: smtp.Peer{Hello: s.Hello, TLS: s.TLS}, ReversePath: s.ReverseP, Recipients: s.Recipients}
		a, err := q.p.classify(t, octets, s.At)
		if err != nil {
			return fmt.Errorf("arrivals spool %s: %w", w.ID, err)
		}
		a.id = w.ID
		q.mu.Lock()
		if n, err := strconv.Atoi(w.ID); err == nil && n > q.sequence {
			q.sequence = n
		}
		q.mu.Unlock()
		q.start(a)
	}
	return nil
}

func (q *arrivals) work() {
	defer q.running.Done()
	for {
		q.mu.Lock()
		if len(q.list) == 0 || q.closed {
			q.workers--
			q.mu.Unlock()
			return
		}
		a := q.list[0]
		q.list = q.list[1:]
		end := q.ends[a]
		delete(q.ends, a)
		q.mu.Unlock()
		q.one(a)
		end()
	}
}

// one elaborates an arrival. What fails (a store that is full) is noted: the
// sender's watch over the deadlines will tell the user.
func (q *arrivals) one(a *arrival) {
	if err := q.p.elaborate(a); err != nil {
		q.p.note(journal.Entry{
			At: a.at, Event: journal.Discarded, Sender: a.t.ReversePath, Recipients: a.t.Recipients,
			Issuer: a.issuer(), Detail: err.Error(),
		})
	}
	q.p.c.Store.DropWork(arrivalsQueue, a.id)
}

// Reading implements what settling asks for; see listen.Activity.
func (q *arrivals) Reading() (under, starts int64) { return q.activity.Reading() }

// close waits for what is being elaborated; the rest stays in the spool.
func (q *arrivals) close(ctx context.Context) error {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	done := make(chan struct{})
	go func() { q.running.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("provider %s: still elaborating: %w", q.p.identity.Name, ctx.Err())
	}
}
