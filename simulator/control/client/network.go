package client

import (
	"context"
	"net/http"

	"github.com/collaudo/collaudo/simulator/control"
)

// Network asks which hosts cannot reach each other.
func (c *Client) Network(ctx context.Context) (control.Network, error) {
	return get[control.Network](ctx, c, "/v1/network", nil)
}

// Cut cuts the network between two hosts, each by its name or a domain of its own,
// or heals it.
func (c *Client) Cut(ctx context.Context, a, b string, cut bool) (control.Network, error) {
	var now control.Network
	err := c.Call(ctx, http.MethodPost, "/v1/network", nil, map[string]any{"between": []string{a, b}, "cut": cut}, &now)
	return now, err
}
