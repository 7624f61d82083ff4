package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/collaudo/collaudo/simulator/events"
)

// Limits of the streams to pages, in real time.
const (
	maxStreams = 64
	heartbeat  = 15 * time.Second
	together   = 60 * time.Millisecond // what happens together is told together
	batch      = 500
)

// live tells open pages that something has happened. It tells no more than what
// kind of thing: the page then fetches itself anew, so that there is one way to
// draw it.
type live struct {
	events *events.Record
	free   chan struct{} // a place for each stream
}

// serve streams to one page as server-sent events: "happened" with the types of
// what happened, "gone" when some of it is not known any more. It goes on from
// the cursor in Last-Event-ID, or in ?after.
func (l *live) serve(rw http.ResponseWriter, r *http.Request) {
	select {
	case l.free <- struct{}{}:
		defer func() { <-l.free }()
	default:
		http.Error(rw, fmt.Sprintf("%d pages follow this world already; close some of them", maxStreams), http.StatusServiceUnavailable)
		return
	}
	cursor := l.start(r)
	stream := http.NewResponseController(rw)
	rw.Header().Set("Content-Type", "text/event-stream")
	send := func(format string, operands ...any) bool {
		if _, err := fmt.Fprintf(rw, format, operands...); err != nil {
			return false
		}
		return stream.Flush() == nil
	}
	if !send("retry: 1000\nid: %d\nevent: hello\ndata: {}\n\n", cursor) {
		return
	}
	for r.Context().Err() == nil {
		wait, cancel := context.WithTimeout(r.Context(), heartbeat)
		list, next, err := l.events.Wait(wait, cursor, events.Filter{}, batch)
		cancel()
		if err != nil {
			cursor = l.events.Last()
			if !send("id: %d\nevent: gone\ndata: {}\n\n", cursor) {
				return
			}
			continue
		}
		if len(list) == 0 {
			if !send(": still here\n\n") {
				return
			}
			continue
		}
		if cursor, list, err = l.rest(r.Context(), next, list); err != nil {
			return
		}
		if !send("id: %d\nevent: happened\ndata: %s\n\n", cursor, typesOf(list)) {
			return
		}
	}
}

// start is the cursor that the page asks to go on from, or now.
func (l *live) start(r *http.Request) int64 {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("after")
	}
	cursor, err := strconv.ParseInt(text, 10, 64)
	if last := l.events.Last(); err != nil || cursor < 0 || cursor > last {
		return last
	}
	return cursor
}

// rest waits a moment for what happens at the same time.
func (l *live) rest(ctx context.Context, cursor int64, list []events.Event) (int64, []events.Event, error) {
	select {
	case <-time.After(together):
	case <-ctx.Done():
		return cursor, list, ctx.Err()
	}
	more, next, err := l.events.After(cursor, events.Filter{}, batch)
	var gone *events.GoneError
	if errors.As(err, &gone) {
		return l.events.Last(), list, nil
	}
	if err != nil {
		return cursor, list, err
	}
	return next, append(list, more...), nil
}

// typesOf writes the types of events, each once, as a JSON list. They are words
// of this program, and nothing from a message.
func typesOf(list []events.Event) string {
	seen := map[string]bool{}
	text := ""
	for _, e := range list {
		if seen[e.Type] {
			continue
		}
		seen[e.Type] = true
		if text != "" {
			text += ","
		}
		text += strconv.Quote(e.Type)
	}
	return "[" + text + "]"
}
