package provider

import (
	"context"
	"encoding/json"
	"errors"
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
	ctx      context.Context // ends when nothing more is taken up
	cancel   context.CancelFunc

	mu       sync.Mutex
	closed   bool
	sequence int
	list     []*arrival
	ends     map[*arrival]func()
	waiting  map[*arrival]time.Time // until when
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
	q := &arrivals{p: p, max: workers, ends: map[*arrival]func(){}, waiting: map[*arrival]time.Time{}}
	q.ctx, q.cancel = context.WithCancel(context.Background())
	for _, w := range p.c.Store.Works(arrivalsQueue) { // what comes before resume must not take its names
		if n, err := strconv.Atoi(w.ID); err == nil {
			q.sequence = max(q.sequence, n)
		}
	}
	return q
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
	return q.p.together(func(p *Provider) error {
		hash := a.hashOf(a.octets)
		if hash == "" {
			hash = store.Hash(a.octets)
		}
		if err := p.c.Store.KeepAs(hash, a.octets); err != nil {
			return smtp.Refuse(452, 4, 3, 1, "No room: "+err.Error())
		}
		defer p.c.Store.Drop(hash)
		if err := p.taken.Note(p.tx, a.at, a.t.ReversePath, a.t.Recipients, hash); err != nil {
			return err
		}
		p.afterwards(func() { q.start(a) })
		return p.c.Store.PutWork(store.Work{Queue: arrivalsQueue, ID: a.id, Body: hash, Data: data})
	})
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

// resume takes up what the spool of an earlier life holds. It is read when its
// turn comes: there may be much of it.
func (q *arrivals) resume() error {
	for _, w := range q.p.c.Store.Works(arrivalsQueue) {
		var s spooled
		if err := json.Unmarshal(w.Data, &s); err != nil {
			return fmt.Errorf("arrivals spool %s: %w", w.ID, err)
		}
		t := smtp.Transaction{Peer: smtp.Peer{Hello: s.Hello, TLS: s.TLS}, ReversePath: s.ReverseP, Recipients: s.Recipients}
		q.start(&arrival{id: w.ID, t: t, at: s.At, body: w.Body})
	}
	return nil
}

// read makes an arrival of what the spool holds of it.
func (q *arrivals) read(a *arrival) error {
	octets, err := q.p.c.Store.Octets(a.body)
	if err != nil {
		return err
	}
	a.t.SHA256 = a.body
	whole, err := q.p.classify(q.ctx, a.t, octets, a.at)
	if err != nil {
		return err
	}
	whole.id = a.id
	*a = *whole
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

// one elaborates an arrival, and ends its work, in one. What fails (a store that
// is full) is noted, and what was done before stays: the sender's watch over the
// deadlines will tell the user.
func (q *arrivals) one(a *arrival) {
	failed := func(p *Provider, err error) {
		e := journal.Entry{At: a.at, Event: journal.Discarded, Sender: a.t.ReversePath, Recipients: a.t.Recipients, Detail: err.Error()}
		if a.message != nil {
			e.Issuer = a.issuer()
		}
		p.note(e)
	}
	if a.message == nil {
		if err := q.read(a); err != nil { // it stays in the spool: a later life may do better
			failed(q.p, fmt.Errorf("taken up again: %w", err))
			if errors.Is(err, errUnlooked) { // and so may this one, when the antivirus is back
				q.again(a)
			}
			return
		}
	}
	err := q.p.together(func(p *Provider) error {
		p.claim(a.about())
		if err := p.elaborate(a); err != nil {
			failed(p, err)
		}
		p.c.Store.DropWork(arrivalsQueue, a.id)
		return nil
	})
	if err != nil { // nothing was kept: it stays in the spool for the next life
		failed(q.p, err)
		return
	}
	// By itself, so that what it sends leaves after what the arrival brought about.
	err = q.p.together(func(p *Provider) error {
		p.claim(a.about())
		p.afterArrival(a)
		return nil
	})
	if err != nil {
		failed(q.p, err)
	}
}

// unlookedWait is how long an arrival that nobody could look through waits, in
// legal time.
const unlookedWait = time.Minute

// again has an arrival elaborated later.
func (q *arrivals) again(a *arrival) {
	q.mu.Lock()
	q.waiting[a] = q.p.now().Add(unlookedWait)
	q.mu.Unlock()
	due := q.p.c.Clock.After(unlookedWait)
	q.running.Go(func() {
		select {
		case <-due:
			q.start(a)
		case <-q.ctx.Done():
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		delete(q.waiting, a)
	})
}

// Reading implements what settling asks for; see listen.Activity. What is due
// counts as work although nobody has begun with it yet.
func (q *arrivals) Reading() (under, starts int64) {
	under, starts = q.activity.Reading()
	now := q.p.now()
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, due := range q.waiting {
		if !due.After(now) {
			under++
		}
	}
	return under, starts
}

// close waits for what is being elaborated; the rest stays in the spool.
func (q *arrivals) close(ctx context.Context) error {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.cancel()
	done := make(chan struct{})
	go func() { q.running.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("provider %s: still elaborating: %w", q.p.identity.Name, ctx.Err())
	}
}
