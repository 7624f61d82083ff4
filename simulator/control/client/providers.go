package client

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/collaudo/collaudo/simulator/control"
)

// Trust asks for what the authority publishes.
func (c *Client) Trust(ctx context.Context) (control.Trust, error) {
	return get[control.Trust](ctx, c, "/v1/trust", nil)
}

// Revoke puts a certificate, in PEM, on the revocation list.
func (c *Client) Revoke(ctx context.Context, certificate string) error {
	return c.Call(ctx, http.MethodPost, "/v1/authority/revoke", nil, map[string]string{"certificate": certificate}, nil)
}

// Restart stops a provider, by name or service domain, and starts it again.
func (c *Client) Restart(ctx context.Context, provider string) error {
	return c.Call(ctx, http.MethodPost, "/v1/providers/restart", nil, map[string]string{"provider": provider}, nil)
}

// Journal asks for the legal log of a provider, of all for "".
func (c *Client) Journal(ctx context.Context, provider string) ([]control.JournalEntry, error) {
	return get[[]control.JournalEntry](ctx, c, "/v1/journal", parameters("provider", provider))
}

// Search searches the legal logs.
func (c *Client) Search(ctx context.Context, s control.LogSearch) ([]control.JournalEntry, error) {
	q := parameters("provider", s.Provider, "address", s.Address, "counterparty", s.Counterparty, "identifier", s.Identifier,
		"event", s.Event, "subject", s.Subject)
	for name, at := range map[string]time.Time{"from": s.From, "until": s.Until} {
		if !at.IsZero() {
			q.Set(name, at.Format(time.RFC3339Nano))
		}
	}
	if s.Limit > 0 {
		q.Set("limit", strconv.Itoa(s.Limit))
	}
	return get[[]control.JournalEntry](ctx, c, "/v1/search", q)
}

// LogFiles asks for the files in which logs were saved.
func (c *Client) LogFiles(ctx context.Context, provider string) ([]control.LogFile, error) {
	return get[[]control.LogFile](ctx, c, "/v1/log/files", parameters("provider", provider))
}

// LogExtract asks for what a provider hands out to a holder about a message.
func (c *Client) LogExtract(ctx context.Context, provider, address, messageID string) (control.LogExtract, error) {
	return get[control.LogExtract](ctx, c, "/v1/log/extract", parameters("provider", provider, "address", address, "messageId", messageID))
}

// Quarantine asks for the infected messages that a provider keeps.
func (c *Client) Quarantine(ctx context.Context, provider string) ([]control.Quarantined, error) {
	return get[[]control.Quarantined](ctx, c, "/v1/quarantine", parameters("provider", provider))
}

// RelaySessions asks for the SMTP transactions of a host with other hosts.
func (c *Client) RelaySessions(ctx context.Context, provider string) ([]control.Session, error) {
	return get[[]control.Session](ctx, c, "/v1/sessions", parameters("provider", provider))
}
