package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/tickets"
)

// Tickets searches the tickets of a provider, of all for "".
func (c *Client) Tickets(ctx context.Context, provider string, q tickets.Query) ([]control.Ticket, error) {
	p := parameters("provider", provider, "category", q.Category, "operator", q.Operator, "text", q.Text, "mailbox", q.Mailbox, "state", string(q.State))
	for name, at := range map[string]time.Time{"since": q.Since, "until": q.Until} {
		if !at.IsZero() {
			p.Set(name, at.Format(time.RFC3339Nano))
		}
	}
	return get[[]control.Ticket](ctx, c, "/v1/tickets", p)
}

// OpenTicket opens one.
func (c *Client) OpenTicket(ctx context.Context, t control.NewTicket) (control.Ticket, error) {
	return send[control.Ticket](ctx, c, http.MethodPost, "/v1/tickets", t)
}

// Ticket asks for one.
func (c *Client) Ticket(ctx context.Context, id string) (control.Ticket, error) {
	return get[control.Ticket](ctx, c, "/v1/tickets/"+url.PathEscape(id), nil)
}

// ChangeTicket moves a ticket, or notes something about it.
func (c *Client) ChangeTicket(ctx context.Context, id string, change control.TicketChange) (control.Ticket, error) {
	return send[control.Ticket](ctx, c, http.MethodPost, "/v1/tickets/"+url.PathEscape(id), change)
}

// GrantTicket sends the holder of the mailbox that a ticket is about a link.
func (c *Client) GrantTicket(ctx context.Context, id, operator string) (control.Ticket, error) {
	return send[control.Ticket](ctx, c, http.MethodPost, "/v1/tickets/"+url.PathEscape(id)+"/grant", control.TicketChange{Operator: operator})
}
