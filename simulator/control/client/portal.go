package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/provider"
)

// What users and holders do themselves. The first six ask for a mailbox's own
// password, see Client.As; the others are for who has lost it.

// PortalStatus asks where the user's own mailbox stands.
func (c *Client) PortalStatus(ctx context.Context) (control.Account, error) {
	return get[control.Account](ctx, c, "/v1/portal/status", nil)
}

// PortalLog searches the legal log for the user's own mailbox.
func (c *Client) PortalLog(ctx context.Context, q provider.LogQuery) ([]journal.Entry, error) {
	return get[[]journal.Entry](ctx, c, "/v1/portal/log", logQuery(q))
}

// PortalExtract asks for the extract of the log about a message.
func (c *Client) PortalExtract(ctx context.Context, messageID string) (control.LogExtract, error) {
	return get[control.LogExtract](ctx, c, "/v1/portal/log/extract", parameters("messageId", messageID))
}

// PortalPassword changes the user's own password.
func (c *Client) PortalPassword(ctx context.Context, password string) error {
	return c.Call(ctx, http.MethodPost, "/v1/portal/password", nil, Fields{"password": password}, nil)
}

// PostmasterAccounts lists the mailboxes that the user looks after.
func (c *Client) PostmasterAccounts(ctx context.Context) ([]control.Account, error) {
	return get[[]control.Account](ctx, c, "/v1/portal/postmaster/accounts", nil)
}

// PostmasterPassword sets the password of a mailbox that the user looks after.
func (c *Client) PostmasterPassword(ctx context.Context, address, password string) error {
	return c.Call(ctx, http.MethodPost, "/v1/portal/postmaster/password", nil, Fields{"address": address, "password": password}, nil)
}

// message is the answer to whoever asks for help, whatever is true of the
// address.
type message struct {
	Message string `json:"message"`
}

// AskRecovery asks for a link or a code. The answer says nothing of the address.
func (c *Client) AskRecovery(ctx context.Context, address, taxCode string, channel accounts.Channel) (string, error) {
	said, err := send[message](ctx, c, http.MethodPost, "/v1/portal/recovery", Fields{"address": address, "taxCode": taxCode, "channel": channel})
	return said.Message, err
}

// Redeem sets a password by the token of a mailed link.
func (c *Client) Redeem(ctx context.Context, token, password string) error {
	return c.Call(ctx, http.MethodPost, "/v1/portal/recovery/"+url.PathEscape(token), nil, Fields{"password": password}, nil)
}

// RedeemCode sets a password by a code that was sent to a telephone.
func (c *Client) RedeemCode(ctx context.Context, address, code, password string) error {
	return c.Call(ctx, http.MethodPost, "/v1/portal/code", nil, Fields{"address": address, "code": code, "password": password}, nil)
}

// Question asks for the secret question of an address.
func (c *Client) Question(ctx context.Context, address string) (string, error) {
	said, err := get[struct {
		Question string `json:"question"`
	}](ctx, c, "/v1/portal/question", parameters("address", address))
	return said.Question, err
}

// Answer answers it, for a token as a mailed link bears it.
func (c *Client) Answer(ctx context.Context, address, taxCode, answer string) (token string, err error) {
	said, err := send[struct {
		Token string `json:"token"`
	}](ctx, c, http.MethodPost, "/v1/portal/answer", Fields{"address": address, "taxCode": taxCode, "answer": answer})
	return said.Token, err
}

// RecoverByHand asks for help by hand. The answer says nothing of the address.
func (c *Client) RecoverByHand(ctx context.Context, address, reporter, note string) (string, error) {
	said, err := send[message](ctx, c, http.MethodPost, "/v1/portal/manual", Fields{"address": address, "reporter": reporter, "note": note})
	return said.Message, err
}
