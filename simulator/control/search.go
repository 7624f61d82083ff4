package control

import (
	"net/http"
	"time"
)

// SearchWorld searches the legal logs.
type SearchWorld interface {
	Search(s LogSearch) ([]JournalEntry, error)
}

// LogSearch chooses lines of the legal logs. What is empty chooses all.
type LogSearch struct {
	Provider     string    // name or service domain
	Address      string    // sender or recipient
	Counterparty string    // the other of the two
	Identifier   string    // the client's or the provider's, or that of a message generated; with or without brackets
	Event        string    // see journal
	Subject      string    // part of it
	From, Until  time.Time // From included, Until not
	Limit        int       // the newest so many; 0 for all
}

func (h *handler) searchRoutes() []route {
	return []route{{"GET /v1/search", h.search}}
}

func (h *handler) search(rw http.ResponseWriter, r *http.Request) {
	q := asking(r, "provider", "address", "counterparty", "identifier", "event", "subject", "from", "until", "limit")
	s := LogSearch{
		Provider: q.text("provider"), Address: q.text("address"), Counterparty: q.text("counterparty"), Identifier: q.text("identifier"),
		Event: q.text("event"), Subject: q.text("subject"), From: q.instant("from"), Until: q.instant("until"), Limit: int(q.number("limit", 0, 1<<20)),
	}
	if q.err != nil {
		fail(rw, http.StatusBadRequest, q.err)
		return
	}
	answer(rw)(untyped(h.world.Search(s)))
}
