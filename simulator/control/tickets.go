package control

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/collaudo/collaudo/simulator/tickets"
)

// NewTicket is a request or finding to follow.
type NewTicket struct {
	Provider string `json:"provider"`
	Category string `json:"category"`
	Subject  string `json:"subject"`
	Reporter string `json:"reporter"`
	Mailbox  string `json:"mailbox,omitempty"`
	Note     string `json:"note,omitempty"`
}

// TicketChange moves a ticket, or notes something about it.
type TicketChange struct {
	State    tickets.State `json:"state,omitempty"` // as it is when empty
	Operator string        `json:"operator,omitempty"`
	Note     string        `json:"note,omitempty"`
}

// Ticket is one with the provider that holds it.
type Ticket struct {
	Provider string `json:"provider"`
	tickets.Ticket
}

func (h *handler) ticketRoutes() []route {
	return []route{
		{"GET /v1/tickets", h.searchTickets},
		{"POST /v1/tickets", h.openTicket},
		{"GET /v1/tickets/{id}", h.ticket},
		{"POST /v1/tickets/{id}", h.changeTicket},
		{"POST /v1/tickets/{id}/grant", h.grantTicket},
	}
}

func (h *handler) searchTickets(rw http.ResponseWriter, r *http.Request) {
	q := asking(r, "provider", "since", "until", "category", "operator", "text", "mailbox", "state")
	query := tickets.Query{
		Since: q.instant("since"), Until: q.instant("until"), Category: q.text("category"), Operator: q.text("operator"),
		Text: q.text("text"), Mailbox: q.text("mailbox"), State: tickets.State(q.text("state")),
	}
	if q.err != nil {
		fail(rw, http.StatusBadRequest, q.err)
		return
	}
	lives, err := h.world.Lives(q.text("provider"))
	if err != nil {
		failLife(rw, err)
		return
	}
	list := []Ticket{}
	for _, l := range lives {
		for _, t := range l.Desk().Search(query) {
			list = append(list, Ticket{l.Name(), t})
		}
	}
	write(rw, http.StatusOK, list)
}

// one finds the one provider that is asked for.
func (h *handler) one(name string) (Life, error) {
	lives, err := h.world.Lives(name)
	switch {
	case err != nil:
		return nil, err
	case name == "" || len(lives) != 1:
		return nil, fmt.Errorf("%w: name the provider, of which this world has %d", ErrInvalid, len(lives))
	}
	return lives[0], nil
}

func (h *handler) openTicket(rw http.ResponseWriter, r *http.Request) {
	var asked NewTicket
	if !decode(rw, r, maxBody, &asked, `{"provider", "category", "subject", "reporter", …}`) {
		return
	}
	l, err := h.one(asked.Provider)
	if err != nil {
		failLife(rw, err)
		return
	}
	t, err := l.Desk().Open(tickets.Ticket{Category: asked.Category, Subject: asked.Subject, Reporter: asked.Reporter, Mailbox: asked.Mailbox}, asked.Note)
	if err != nil {
		failLife(rw, err)
		return
	}
	write(rw, http.StatusCreated, Ticket{l.Name(), t})
}

// ofTicket finds the ticket that is asked for, and does something to it.
func (h *handler) ofTicket(rw http.ResponseWriter, r *http.Request, do func(l Life, id string) (tickets.Ticket, error)) {
	lives, err := h.world.Lives(asked(r))
	id := r.PathValue("id")
	if err == nil {
		err = fmt.Errorf("%w: %q", tickets.ErrUnknown, id)
	}
	for _, l := range lives {
		if _, unknown := l.Desk().Ticket(id); errors.Is(unknown, tickets.ErrUnknown) {
			continue
		}
		t, err := do(l, id)
		if err != nil {
			failLife(rw, err)
			return
		}
		write(rw, http.StatusOK, Ticket{l.Name(), t})
		return
	}
	failLife(rw, err)
}

func (h *handler) ticket(rw http.ResponseWriter, r *http.Request) {
	h.ofTicket(rw, r, func(l Life, id string) (tickets.Ticket, error) { return l.Desk().Ticket(id) })
}

func (h *handler) changeTicket(rw http.ResponseWriter, r *http.Request) {
	var asked TicketChange
	if !decode(rw, r, maxBody, &asked, `{"state", "operator", "note"}`) {
		return
	}
	h.ofTicket(rw, r, func(l Life, id string) (tickets.Ticket, error) {
		return l.Desk().Change(id, asked.State, asked.Operator, asked.Note)
	})
}

// grantTicket sends the holder of the mailbox a link.
func (h *handler) grantTicket(rw http.ResponseWriter, r *http.Request) {
	var asked TicketChange
	if !decode(rw, r, maxBody, &asked, `{"operator": "…"}`) {
		return
	}
	h.ofTicket(rw, r, func(l Life, id string) (tickets.Ticket, error) { return l.GrantRecovery(id, asked.Operator) })
}
