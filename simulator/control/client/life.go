package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/collaudo/collaudo/simulator/control"
)

// Accounts asks for the mailboxes of a provider, of all for "", with where they
// stand in their lives.
func (c *Client) Accounts(ctx context.Context, provider string) ([]control.Account, error) {
	return get[[]control.Account](ctx, c, "/v1/accounts", parameters("provider", provider))
}

// Account asks where a mailbox stands in its life.
func (c *Client) Account(ctx context.Context, address string) (control.Account, error) {
	return get[control.Account](ctx, c, accountPath(address, ""), nil)
}

// CreateAccount sells a mailbox.
func (c *Client) CreateAccount(ctx context.Context, a control.NewAccount) (control.Account, error) {
	var made control.Account
	err := c.Call(ctx, http.MethodPost, "/v1/accounts", nil, a, &made)
	return made, err
}

// Act does something to a mailbox: renew, expire, renewal, close, repurchase,
// lock, unlock, suspend, resume, password, holder or plan, each with the fields
// that the document says (nil: none). It returns how the mailbox stands then.
func (c *Client) Act(ctx context.Context, address, act string, fields map[string]any) (control.Account, error) {
	if fields == nil {
		fields = map[string]any{}
	}
	var a control.Account
	err := c.Call(ctx, http.MethodPost, accountPath(address, "/"+act), nil, fields, &a)
	return a, err
}

func accountPath(address, rest string) string {
	return "/v1/accounts/" + url.PathEscape(address) + rest
}
