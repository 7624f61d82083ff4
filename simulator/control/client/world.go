package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/collaudo/collaudo/simulator/control"
)

// Health returns nil when the world is up.
func (c *Client) Health(ctx context.Context) error {
	return c.Call(ctx, http.MethodGet, "/v1/health", nil, nil, nil)
}

// World asks for all that is needed to use the world, and reads it into a
// *simulator.Description, or into a struct with what is wanted of one.
func (c *Client) World(ctx context.Context, into any) error {
	return c.Call(ctx, http.MethodGet, "/v1/world", nil, nil, into)
}

// Document returns the OpenAPI document, as JSON or, with yaml, as YAML.
func (c *Client) Document(ctx context.Context, yaml bool) ([]byte, error) {
	if yaml {
		return c.octets(ctx, "/openapi.yaml")
	}
	return c.octets(ctx, "/openapi.json")
}

// Idle waits until nothing moves in the world, for at most that long.
func (c *Client) Idle(ctx context.Context, wait time.Duration) error {
	return c.Call(ctx, http.MethodGet, "/v1/idle", parameters("wait", wait.String()), nil, nil)
}

// Clock asks for legal time.
func (c *Client) Clock(ctx context.Context) (control.Clock, error) {
	return get[control.Clock](ctx, c, "/v1/clock", nil)
}

// Advance moves legal time on; what fell due on the way has happened when it
// returns.
func (c *Client) Advance(ctx context.Context, by time.Duration) (control.Clock, error) {
	return c.move(ctx, "/v1/clock/advance", map[string]string{"by": by.String()})
}

// MoveTo moves legal time on to an instant, as Advance does.
func (c *Client) MoveTo(ctx context.Context, at time.Time) (control.Clock, error) {
	return c.move(ctx, "/v1/clock", map[string]string{"at": at.Format(time.RFC3339Nano)})
}

func (c *Client) move(ctx context.Context, path string, body any) (control.Clock, error) {
	var now control.Clock
	err := c.Call(ctx, http.MethodPost, path, nil, body, &now)
	return now, err
}

// Reset brings the world back to its configuration.
func (c *Client) Reset(ctx context.Context) error {
	return c.Call(ctx, http.MethodPost, "/v1/reset", nil, nil, nil)
}

// Export returns all that the world holds as a tar archive, to be closed by the
// caller.
func (c *Client) Export(ctx context.Context) (io.ReadCloser, error) {
	return c.open(ctx, http.MethodGet, "/v1/export", nil, nil)
}

// Seed puts messages into mailboxes and submits others.
func (c *Client) Seed(ctx context.Context, s control.Seed) (control.Seeded, error) {
	var done control.Seeded
	err := c.Call(ctx, http.MethodPost, "/v1/seed", nil, s, &done)
	return done, err
}

// Mailboxes lists the mailboxes of a host by name or service domain, of all for
// "".
func (c *Client) Mailboxes(ctx context.Context, provider string) ([]control.Mailbox, error) {
	return get[[]control.Mailbox](ctx, c, "/v1/mailboxes", parameters("provider", provider))
}

// Messages lists what a mailbox holds.
func (c *Client) Messages(ctx context.Context, address string, choice control.MessageChoice) ([]control.MailboxMessage, error) {
	q := parameters("folder", choice.Folder, "kind", choice.Kind, "reference", choice.Reference, "subject", choice.Subject)
	if choice.After > 0 {
		q.Set("after", strconv.FormatUint(uint64(choice.After), 10))
	}
	if choice.Limit > 0 {
		q.Set("limit", strconv.Itoa(choice.Limit))
	}
	return get[[]control.MailboxMessage](ctx, c, "/v1/mailboxes/"+url.PathEscape(address)+"/messages", q)
}

// Message returns the octets of a message by their SHA-256.
func (c *Client) Message(ctx context.Context, sha256 string) ([]byte, error) {
	return c.octets(ctx, "/v1/messages/"+url.PathEscape(sha256))
}
