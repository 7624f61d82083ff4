package client

import (
	"context"
	"net/http"
	"strconv"

	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/history"
)

// History lists protocol sessions without their lines.
func (c *Client) History(ctx context.Context, f history.Filter) (control.HistoryPage, error) {
	q := parameters("host", f.Host, "protocol", f.Protocol, "account", f.Account)
	if f.After > 0 {
		q.Set("after", strconv.FormatInt(f.After, 10))
	}
	if f.Limit > 0 {
		q.Set("limit", strconv.Itoa(f.Limit))
	}
	return get[control.HistoryPage](ctx, c, "/v1/history", q)
}

// Session asks for one protocol session, with every line that was said.
func (c *Client) Session(ctx context.Context, id int64) (history.Session, error) {
	return get[history.Session](ctx, c, "/v1/history/"+strconv.FormatInt(id, 10), nil)
}

// ClearHistory forgets the sessions that have ended.
func (c *Client) ClearHistory(ctx context.Context) error {
	return c.Call(ctx, http.MethodDelete, "/v1/history", nil, nil, nil)
}
