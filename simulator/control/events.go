package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/simulator/events"
	"github.com/collaudo/collaudo/simulator/summary"
)

// EventWorld tells what happens.
type EventWorld interface {
	Events() *events.Record
	// Epoch names this life of the world: cursors of another one mean nothing.
	Epoch() string
	// HostName is the name that events bear of the host that is asked for by that
	// name or by its domain; what is asked when there is no such host.
	HostName(asked string) string
}

// EventPage are events after a cursor.
type EventPage struct {
	Epoch  string         `json:"epoch"`  // the life of the world in which the cursors were given out
	Events []events.Event `json:"events"` // in order; none when the wait ran out
	Next   int64          `json:"next"`   // the cursor to go on from
	Last   int64          `json:"last"`   // the newest event there was before the answer
}

// Gone is the answer when events that were asked for are not kept any more.
type Gone struct {
	Error  string `json:"error"`
	Epoch  string `json:"epoch"`
	Oldest int64  `json:"oldest"` // the first event that is still there
}

// How many events a page holds.
const (
	pageEvents = 100
	mostEvents = 10_000
)

func (h *handler) eventRoutes() []route {
	return []route{{"GET /v1/events", h.events}}
}

// events answers GET /v1/events: at once when something chosen is there, and
// otherwise when it happens or when the wait is over.
func (h *handler) events(rw http.ResponseWriter, r *http.Request) {
	q := asking(r, "after", "epoch", "limit", "wait", "type", "provider", "mailbox", "kind", "event", "reference", "subject")
	record, epoch := h.world.Events(), h.world.Epoch()
	limit, wait := q.number("limit", pageEvents, mostEvents), q.wait("wait", 0)
	var after int64
	switch text := q.text("after"); text {
	case "last":
		after = record.Last()
	case "": // from the oldest that is kept
		after = record.Oldest() - 1
	default:
		after = q.number("after", 0, 1<<62)
	}
	if limit == 0 {
		q.err = errors.New("limit=0: want at least one event")
	}
	q.oneOf("type", events.Types()...)
	kind := summary.Kind(q.text("kind"))
	if kind != "" && !slices.ContainsFunc(summary.Kinds(), func(k string) bool { return strings.EqualFold(k, kind) }) {
		q.err = fmt.Errorf("kind=%q: no message is of that kind; there are %s, or their tokens on the wire, such as avvenuta-consegna", q.text("kind"), strings.Join(summary.Kinds(), ", "))
	}
	if q.err != nil {
		fail(rw, http.StatusBadRequest, q.err)
		return
	}
	if asked := q.text("epoch"); asked != "" && asked != epoch {
		write(rw, http.StatusGone, Gone{
			Error: fmt.Sprintf("epoch %s is over: the world was started again, and cursors begin anew; begin without a cursor", asked),
			Epoch: epoch, Oldest: record.Oldest(),
		})
		return
	}
	filter := events.Filter{
		Type: q.text("type"), Provider: h.world.HostName(q.text("provider")), Mailbox: q.text("mailbox"), Kind: kind,
		Event: q.text("event"), Reference: q.text("reference"), Subject: q.text("subject"),
	}
	unhurried(rw)
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	last := record.Last()
	list, next, err := record.Wait(ctx, after, filter, int(limit))
	var gone *events.GoneError
	switch {
	case errors.As(err, &gone):
		write(rw, http.StatusGone, Gone{Error: err.Error(), Epoch: epoch, Oldest: gone.Oldest})
	case err != nil:
		fail(rw, http.StatusBadRequest, err)
	default:
		write(rw, http.StatusOK, EventPage{Epoch: epoch, Events: list, Next: next, Last: max(last, next)})
	}
}
