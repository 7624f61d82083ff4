package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/simulator/listen"
	"github.com/collaudo/collaudo/simulator/store"
)

// spoolName is the queue's name in the store's spool.
const spoolName = "relay"

// ErrClosed says that the queue takes nothing any more.
var ErrClosed = errors.New("the relay queue is closed")

// Queue is an outbound queue. Safe for concurrent use.
type Queue struct {
	o        Options
	ctx      context.Context // ends when the queue is closed
	cancel   context.CancelFunc
	sending  context.Context // ends when nothing is waited for any more
	cutOff   context.CancelFunc
	running  sync.WaitGroup
	activity listen.Activity

	mu        sync.Mutex
	closed    bool
	sequence  int
	lanes     map[string]*lane // by destination
	waiting   map[*item]time.Time
	exchanges []Exchange
}

// item is a message for the recipients of one destination.
type item struct {
	ID          string    `json:"id"`
	ReversePath string    `json:"reversePath"`
	Recipients  []string  `json:"recipients"`
	Accepted    time.Time `json:"accepted"`
	NotBefore   time.Time `json:"notBefore"`
	Attempts    int       `json:"attempts"`
	About       []byte    `json:"about,omitempty"`

	body string // hash
	end  func() // of its activity; nil while it waits
}

// New opens a queue and takes up what the spool holds.
func New(o Options) (*Queue, error) {
	if o.Lifetime <= 0 {
		o.Lifetime = 24 * time.Hour
	}
	if o.Connections <= 0 {
		o.Connections = 2
	}
	if o.History <= 0 {
		o.History = 10_000
	}
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	if o.Drain <= 0 {
		o.Drain = 3 * time.Second
	}
	if o.Outcome == nil {
		o.Outcome = func(store.Tx, Outcome) {}
	}
	q := &Queue{o: o, lanes: map[string]*lane{}, waiting: map[*item]time.Time{}}
	q.ctx, q.cancel = context.WithCancel(context.Background())
	q.sending, q.cutOff = context.WithCancel(context.Background())
	for _, w := range o.Store.Works(spoolName) { // what comes before Resume must not take its names
		q.sequence = max(q.sequence, number(w.ID))
	}
	return q, nil
}

// number is what an item's ID counts; 0 for another host's.
func number(id string) int {
	n, _ := strconv.Atoi(id)
	return n
}

// Resume takes up what the spool of an earlier life holds. It is called once,
// when the owner is ready to be told outcomes.
func (q *Queue) Resume() error {
	for _, w := range q.o.Store.Works(spoolName) {
		it := &item{body: w.Body}
		if err := json.Unmarshal(w.Data, it); err != nil {
			return fmt.Errorf("relay spool %s: %w", w.ID, err)
		}
		q.schedule(it)
	}
	return nil
}

// Submit stores a message and sends it on its way: one item per destination,
// all with the same octets. When it returns nil the queue is responsible.
func (q *Queue) Submit(m Message) error {
	return q.o.Store.Together(func(tx store.Tx) error { return q.In(tx).Submit(m) })
}

// Within is a queue as a transaction sees it.
type Within struct {
	queue *Queue
	tx    store.Tx
}

// In gives the queue within a transaction of its store.
func (q *Queue) In(tx store.Tx) Within { return Within{q, tx} }

// Submit is Queue.Submit within the transaction: the message is sent on its way
// when the transaction has been kept.
func (w Within) Submit(m Message) error {
	q := w.queue
	byHost := map[string][]string{}
	var hosts []string
	for _, r := range m.Recipients {
		host := q.host(r)
		if _, seen := byHost[host]; !seen {
			hosts = append(hosts, host)
		}
		byHost[host] = append(byHost[host], r)
	}
	hash, err := w.tx.Keep(m.Octets)
	if err != nil {
		return fmt.Errorf("queue a message: %w", err)
	}
	defer w.tx.Drop(hash) // the spool keeps it on its own account
	now := q.o.Clock.Now()
	for _, host := range hosts {
		q.mu.Lock()
		if q.closed {
			q.mu.Unlock()
			return ErrClosed
		}
		q.sequence++
		id := strconv.Itoa(q.sequence)
		q.mu.Unlock()
		it := &item{ID: id, ReversePath: m.ReversePath, Recipients: byHost[host], Accepted: now, NotBefore: now.Add(m.After), About: m.About, body: hash}
		if err := save(w.tx, it); err != nil {
			return fmt.Errorf("queue a message: %w", err)
		}
		w.tx.Afterwards(func() { q.schedule(it) })
	}
	return nil
}

func save(tx store.Tx, it *item) error {
	data, err := json.Marshal(it)
	if err != nil {
		return err
	}
	return tx.PutWork(store.Work{Queue: spoolName, ID: it.ID, Body: it.body, Data: data})
}

// host names the destination of an address; "" when there is none.
func (q *Queue) host(address string) string {
	route, _ := q.o.Routes.Route(domainOf(address))
	return route.Host
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

// schedule hands the item to its lane now, or when its time has come.
func (q *Queue) schedule(it *item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	delay := it.NotBefore.Sub(q.o.Clock.Now())
	if delay <= 0 {
		q.ready(it)
		return
	}
	q.waiting[it] = it.NotBefore
	due := q.o.Clock.After(delay)
	q.running.Add(1)
	go func() {
		defer q.running.Done()
		select {
		case <-due:
		case <-q.ctx.Done():
			return
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		q.ready(it)
		delete(q.waiting, it)
	}()
}

// ready puts an item into its lane. The lock is held.
func (q *Queue) ready(it *item) {
	it.end = q.activity.Begin()
	host := q.host(it.Recipients[0])
	l := q.lanes[host]
	if l == nil {
		l = &lane{queue: q, host: host}
		q.lanes[host] = l
	}
	l.items = append(l.items, it)
	if l.workers < q.o.Connections && !q.closed {
		l.workers++
		q.running.Add(1)
		go l.work()
	}
}

// Reading tells how much is under way (being sent, or due within soon of legal
// time) and how much ever began; see listen.Activity.
func (q *Queue) Reading(soon time.Duration) (under, starts int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	under, starts = q.activity.Reading()
	limit := q.o.Clock.Now().Add(soon)
	for _, due := range q.waiting {
		if !due.After(limit) {
			under++
		}
	}
	return under, starts
}

// Waiting returns how many messages wait for a later attempt.
func (q *Queue) Waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

// Exchanges returns the transactions carried out, oldest first.
func (q *Queue) Exchanges() []Exchange {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.exchanges)
}

func (q *Queue) note(e Exchange) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.exchanges) >= q.o.History {
		q.exchanges = slices.Delete(q.exchanges, 0, len(q.exchanges)/10+1)
	}
	q.exchanges = append(q.exchanges, e)
}

// Close stops sending; what is queued stays in the spool. A transaction that is
// under way has Options.Drain to end, or half of what the context leaves: a
// message that was taken, and whose 250 nobody hears, is sent again.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.cancel()
	done := make(chan struct{})
	go func() { q.running.Wait(); close(done) }()
	drain := q.o.Drain
	if deadline, has := ctx.Deadline(); has {
		drain = min(drain, time.Until(deadline)/2)
	}
	timer := time.AfterFunc(drain, q.cutOff)
	defer timer.Stop()
	defer q.cutOff()
	defer context.AfterFunc(ctx, q.cutOff)()
	select {
	case <-done:
	case <-ctx.Done():
		return fmt.Errorf("relay of %s: still sending: %w", q.o.Name, ctx.Err())
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, l := range q.lanes {
		l.closeIdle()
	}
	return nil
}
