package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/reserved"
)

// Rules lists the rules that are on.
func (c *Client) Rules(ctx context.Context) ([]faults.Rule, error) {
	return get[[]faults.Rule](ctx, c, "/v1/faults", nil)
}

// SwitchOn switches a fault or a script on, for what the rule matches, and
// returns it with its id.
func (c *Client) SwitchOn(ctx context.Context, r faults.Rule) (faults.Rule, error) {
	var on faults.Rule
	err := c.Call(ctx, http.MethodPost, "/v1/faults", nil, r, &on)
	return on, err
}

// SwitchOff switches a rule off.
func (c *Client) SwitchOff(ctx context.Context, id string) error {
	return c.Call(ctx, http.MethodDelete, "/v1/faults/"+url.PathEscape(id), nil, nil, nil)
}

// SwitchAllOff switches every rule off.
func (c *Client) SwitchAllOff(ctx context.Context) error {
	return c.Call(ctx, http.MethodDelete, "/v1/faults", nil, nil, nil)
}

// Faults asks for what a rule may name.
func (c *Client) Faults(ctx context.Context) (control.FaultCatalogue, error) {
	return get[control.FaultCatalogue](ctx, c, "/v1/faults/catalogue", nil)
}

// Inject puts a message of any kind into the world.
func (c *Client) Inject(ctx context.Context, i control.Injection) (control.Injected, error) {
	var made control.Injected
	err := c.Call(ctx, http.MethodPost, "/v1/inject", nil, i, &made)
	return made, err
}

// Recipients asks for the table of reserved recipients.
func (c *Client) Recipients(ctx context.Context) ([]reserved.Group, error) {
	return get[[]reserved.Group](ctx, c, "/v1/recipients", nil)
}
