package client

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/events"
)

// EventQuery asks for events.
type EventQuery struct {
	events.Filter
	After string        // a cursor, "last", or "" for the oldest that is kept
	Epoch string        // of the answer that the cursor comes from
	Limit int           // how many at most; 0: 100
	Wait  time.Duration // for how long to wait when there is none; at most 10 minutes
}

// Events asks for a page of events.
func (c *Client) Events(ctx context.Context, q EventQuery) (control.EventPage, error) {
	p := parameters("after", q.After, "epoch", q.Epoch, "type", q.Type, "provider", q.Provider, "mailbox", q.Mailbox,
		"kind", q.Kind, "event", q.Event, "reference", q.Reference, "subject", q.Subject)
	if q.Limit > 0 {
		p.Set("limit", strconv.Itoa(q.Limit))
	}
	if q.Wait > 0 {
		p.Set("wait", q.Wait.String())
	}
	return get[control.EventPage](ctx, c, "/v1/events", p)
}

// Mark is a place in the log of events: between what had happened when it was
// set and what happened since.
type Mark struct {
	client *Client
	epoch  string
	after  int64
}

// Mark sets a mark at what has happened up to now.
func (c *Client) Mark(ctx context.Context) (Mark, error) {
	page, err := c.Events(ctx, EventQuery{After: "last"})
	return Mark{client: c, epoch: page.Epoch, after: page.Next}, err
}

// Past returns the mark that lies just behind an event.
func (m Mark) Past(e events.Event) Mark {
	m.after = e.Cursor
	return m
}

// Wait returns the first event behind the mark that the filter chooses, and
// waits for it until the context ends. The mark stays where it is, so that the
// next call, with another filter, misses nothing; for the event after this one
// ask the mark past it.
func (m Mark) Wait(ctx context.Context, filter events.Filter) (events.Event, error) {
	const turn = 20 * time.Second // so that a connection that died unseen is noticed
	for after := m.after; ; {
		page, err := m.client.Events(ctx, EventQuery{Filter: filter, After: strconv.FormatInt(after, 10), Epoch: m.epoch, Limit: 1, Wait: turn})
		switch {
		case err != nil && ctx.Err() != nil:
			return events.Event{}, errors.Join(ErrNoEvent, ctx.Err())
		case err != nil:
			return events.Event{}, err
		case len(page.Events) > 0:
			return page.Events[0], nil
		}
		after = page.Next
	}
}

// All returns every event behind the mark that the filter chooses, without
// waiting.
func (m Mark) All(ctx context.Context, filter events.Filter) ([]events.Event, error) {
	var all []events.Event
	for after := m.after; ; {
		page, err := m.client.Events(ctx, EventQuery{Filter: filter, After: strconv.FormatInt(after, 10), Epoch: m.epoch, Limit: 1000})
		if err != nil {
			return nil, err
		}
		all = append(all, page.Events...)
		if after = page.Next; after >= page.Last {
			return all, nil
		}
	}
}

// ErrNoEvent says that the time was over before an event came.
var ErrNoEvent = errors.New("no such event happened in time")

// Gone tells whether an error means that events are not kept any more.
func Gone(err error) bool {
	var answer *Error
	return errors.As(err, &answer) && answer.Status == http.StatusGone
}
