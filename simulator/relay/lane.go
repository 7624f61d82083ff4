package relay

import (
	"errors"
	"fmt"
	"slices"

	"github.com/collaudo/collaudo/simulator/smtp"
	"github.com/collaudo/collaudo/simulator/store"
)

// lane carries the items of one destination, with connections that are kept.
type lane struct {
	queue   *Queue
	host    string
	items   []*item // guarded by the queue's lock, as the rest
	workers int
	idle    []*connection
}

// connection is one that is kept, and where it leads.
type connection struct {
	client *smtp.Client
	route  Route
}

func (l *lane) closeIdle() {
	for _, c := range l.idle {
		_ = c.client.Close()
	}
	l.idle = nil
}

// work sends the items of the lane until there are none, then ends: a lane at
// rest has no goroutine, only its open connections.
func (l *lane) work() {
	q := l.queue
	defer q.running.Done()
	for {
		q.mu.Lock()
		if len(l.items) == 0 || q.closed {
			l.workers--
			q.mu.Unlock()
			return
		}
		it := l.items[0]
		l.items = l.items[1:]
		q.mu.Unlock()
		l.attempt(it)
	}
}

// attempt carries out one transaction and settles what becomes of the item.
func (l *lane) attempt(it *item) {
	q := l.queue
	octets, err := q.o.Store.Octets(it.body)
	if err != nil { // the store lost what it had kept: nothing can be sent, and hiding it would be worse
		l.settle(it, nil, smtp.Result{}, fmt.Errorf("the message is gone: %w", err))
		return
	}
	routes, err := Resolve(q.ctx, q.o.Routes, domainOf(it.Recipients[0]))
	if errors.Is(err, ErrNoRoute) {
		result := smtp.Result{Refused: map[string]*smtp.Reply{}}
		for _, r := range it.Recipients {
			result.Refused[r] = noRoute(domainOf(r))
		}
		l.settle(it, octets, result, nil)
		return
	}
	var result smtp.Result
	if err == nil {
		result, err = l.send(routes, it, octets)
	}
	l.settle(it, octets, result, err)
}

// send uses a kept connection if there is one. A kept connection that fails
// says nothing about the host (it may have been cut for idleness), so a fresh
// one is tried before the attempt counts as failed. Where there are several
// routes the next one is tried when no connection could be made.
func (l *lane) send(routes []Route, it *item, octets []byte) (smtp.Result, error) {
	if c := l.kept(routes); c != nil {
		if result, err := l.exchange(c, it, octets); err == nil {
			return result, nil
		}
	}
	var failed error
	for _, route := range routes {
		client, err := l.connect(route)
		if err == nil {
			return l.exchange(&connection{client, route}, it, octets)
		}
		if failed != nil { // the last one decides whether it is tried again
			err = fmt.Errorf("%s; %w", failed.Error(), err)
		}
		failed = err
	}
	return smtp.Result{}, failed
}

// connect opens a connection, over TLS where the route demands it.
func (l *lane) connect(route Route) (*smtp.Client, error) {
	q := l.queue
	options := smtp.ClientOptions{Address: route.Address, Hello: q.o.Hello, RequireTLS: route.Provider, Timeout: q.o.Timeout, History: q.o.Sessions, Host: q.o.Name}
	if q.o.TLS != nil {
		options.TLS = q.o.TLS.Clone()
		options.TLS.ServerName = route.TLSName
	}
	client, err := smtp.Dial(q.ctx, options)
	if err != nil && q.o.FallBack {
		options.TLS, options.RequireTLS = nil, false
		client, err = smtp.Dial(q.ctx, options)
	}
	return client, err
}

func (l *lane) exchange(c *connection, it *item, octets []byte) (smtp.Result, error) {
	q, client := l.queue, c.client
	at := q.o.Clock.Now()
	result, err := client.SendKnown(q.sending, it.ReversePath, it.Recipients, octets, it.body)
	if err != nil {
		_ = client.Close()
		return result, err
	}
	q.note(Exchange{
		From: q.o.Name, To: c.route.Host, At: at, TLS: client.TLS(), ReversePath: it.ReversePath,
		Recipients: append([]string(nil), it.Recipients...), SHA256: it.body, Code: result.Reply.Code,
	})
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(l.idle) >= q.o.Connections {
		_ = client.Close()
	} else {
		l.idle = append(l.idle, c)
	}
	return result, nil
}

// kept takes a kept connection out of the lane that leads where mail goes now;
// nil when there is none. One that leads elsewhere is closed: the domain has
// moved.
func (l *lane) kept(routes []Route) *connection {
	l.queue.mu.Lock()
	defer l.queue.mu.Unlock()
	for len(l.idle) > 0 {
		c := l.idle[len(l.idle)-1]
		l.idle = l.idle[:len(l.idle)-1]
		if slices.Contains(routes, c.route) {
			return c
		}
		_ = c.client.Close()
	}
	return nil
}

// settle tells the owner what became of the recipients, and keeps the item for
// those that are to be tried again. The item's activity ends last, after
// whatever the owner submits in answer has begun.
func (l *lane) settle(it *item, octets []byte, result smtp.Result, failure error) {
	q := l.queue
	end := it.end
	defer func() { end() }()
	closing := q.ctx.Err() != nil
	if closing && (failure != nil || len(result.Accepted) == 0) {
		return // the item stays in the spool as it was
	}
	now := q.o.Clock.Now()
	outcome := Outcome{At: now, Host: l.host, ReversePath: it.ReversePath, Octets: octets, About: it.About, Accepted: result.Accepted, Failed: map[string]*smtp.Reply{}}
	last, later := "", []string(nil)
	for _, r := range it.Recipients {
		reply := result.Refused[r]
		switch {
		case closing && reply != nil: // nothing is told of it: it is tried again, in the next life
			later = append(later, r)
		case failure != nil:
			var answered *smtp.Reply
			if last = failure.Error(); errors.As(failure, &answered) && answered.Code/100 == 5 && !q.o.Stubborn {
				outcome.Failed[r] = answered
				continue
			}
			outcome.Retried = append(outcome.Retried, r)
		case reply != nil && (reply.Temporary() || q.o.Stubborn):
			last = reply.Error()
			outcome.Retried = append(outcome.Retried, r)
		case reply != nil:
			outcome.Failed[r] = reply
		}
	}
	limit := it.Accepted.Add(q.o.Lifetime)
	if octets == nil || !now.Before(limit) {
		for _, r := range outcome.Retried {
			outcome.Failed[r] = expired(q.o.Lifetime, last)
		}
		outcome.Retried = nil
	}
	if len(outcome.Retried) > 0 {
		outcome.Why = last
	}
	later = append(later, outcome.Retried...)
	err := q.o.Store.Together(func(tx store.Tx) error {
		q.o.Outcome(tx, outcome)
		if len(later) == 0 {
			tx.DropWork(spoolName, it.ID)
			return nil
		}
		next := *it
		next.Recipients, next.Attempts, next.end = later, it.Attempts+1, nil
		next.NotBefore = now.Add(delays[min(it.Attempts, len(delays)-1)])
		if next.NotBefore.After(limit) {
			next.NotBefore = limit
		}
		tx.Afterwards(func() { q.schedule(&next) })
		return save(tx, &next)
	})
	if err != nil { // the older state stays in the spool: nothing is lost, at worst something is sent twice
		again := *it
		again.Attempts, again.end = it.Attempts+1, nil
		again.NotBefore = now.Add(delays[min(it.Attempts, len(delays)-1)])
		q.schedule(&again)
	}
}
