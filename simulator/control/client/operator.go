package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/provider"
)

// Fields are what an operation is told, by name.
type Fields = map[string]any

// AccountsIn lists the mailboxes of a provider (all for "") that are in a state.
func (c *Client) AccountsIn(ctx context.Context, provider string, state accounts.State) ([]control.Account, error) {
	return get[[]control.Account](ctx, c, "/v1/accounts", parameters("provider", provider, "state", string(state)))
}

// AccountChanges asks what has happened to a mailbox.
func (c *Client) AccountChanges(ctx context.Context, address string) ([]accounts.Change, error) {
	return get[[]accounts.Change](ctx, c, accountPath(address, "/changes"), nil)
}

// AccountLog searches the legal log for a mailbox, as the provider's operator.
func (c *Client) AccountLog(ctx context.Context, address string, q provider.LogQuery) ([]journal.Entry, error) {
	return get[[]journal.Entry](ctx, c, accountPath(address, "/log"), logQuery(q))
}

func logQuery(q provider.LogQuery) url.Values {
	p := parameters("messageId", q.MessageID, "counterparty", q.Counterparty, "event", q.Event, "subject", q.Subject)
	for name, at := range map[string]time.Time{"since": q.Since, "until": q.Until} {
		if !at.IsZero() {
			p.Set(name, at.Format(time.RFC3339Nano))
		}
	}
	if q.Limit > 0 {
		p.Set("limit", strconv.Itoa(q.Limit))
	}
	return p
}

// Policies asks for the policies on the lives of mailboxes.
func (c *Client) Policies(ctx context.Context, provider string) ([]control.LifePolicies, error) {
	return get[[]control.LifePolicies](ctx, c, "/v1/policies", parameters("provider", provider))
}

// SetPolicies replaces those of a provider.
func (c *Client) SetPolicies(ctx context.Context, p control.LifePolicies) (control.LifePolicies, error) {
	return send[control.LifePolicies](ctx, c, http.MethodPut, "/v1/policies", p)
}

// Texts lists the texts that were sent to telephones.
func (c *Client) Texts(ctx context.Context, of string) ([]provider.SMS, error) {
	return get[[]provider.SMS](ctx, c, "/v1/sms", parameters("provider", of))
}
