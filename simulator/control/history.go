package control

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/collaudo/collaudo/simulator/history"
)

// HistoryWorld shows what was said in protocol sessions.
type HistoryWorld interface {
	History() *history.Record
}

// HistoryPage are sessions after one that is known.
type HistoryPage struct {
	Sessions []history.Session `json:"sessions"` // in the order in which they began, without their lines
	Next     int64             `json:"next"`     // the ID to go on from
}

// How many sessions a page holds.
const (
	pageSessions = 100
	mostSessions = 10_000
)

func (h *handler) historyRoutes() []route {
	return []route{
		{"GET /v1/history", h.sessionsSaid},
		{"GET /v1/history/{id}", h.sessionSaid},
		{"DELETE /v1/history", func(rw http.ResponseWriter, _ *http.Request) {
			h.world.History().Clear()
			rw.WriteHeader(http.StatusNoContent)
		}},
	}
}

// sessionsSaid answers GET /v1/history.
func (h *handler) sessionsSaid(rw http.ResponseWriter, r *http.Request) {
	q := asking(r, "after", "limit", "host", "protocol", "account")
	f := history.Filter{
		After: q.number("after", 0, 1<<62), Limit: int(q.number("limit", pageSessions, mostSessions)),
		Host: h.world.HostName(q.text("host")), Protocol: q.text("protocol"), Account: q.text("account"),
	}
	if f.Limit == 0 {
		q.err = fmt.Errorf("limit=0: want at least one session")
	}
	if q.err != nil {
		fail(rw, http.StatusBadRequest, q.err)
		return
	}
	page := HistoryPage{Sessions: h.world.History().List(f), Next: f.After}
	if n := len(page.Sessions); n > 0 {
		page.Next = page.Sessions[n-1].ID
	}
	write(rw, http.StatusOK, page)
}

// sessionSaid answers GET /v1/history/{id}; 404 for a session that is not, or
// not any more.
func (h *handler) sessionSaid(rw http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		fail(rw, http.StatusBadRequest, fmt.Errorf("session %q: want its number", r.PathValue("id")))
		return
	}
	s, ok := h.world.History().Get(id)
	if !ok {
		fail(rw, http.StatusNotFound, fmt.Errorf("session %d is not, or not any more, in the history; the newest is %d", id, h.world.History().Last()))
		return
	}
	write(rw, http.StatusOK, s)
}
