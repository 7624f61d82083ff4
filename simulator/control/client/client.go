// Package client asks a simulated world by its control API, from Go. It is what
// the project's own tests use, and is meant for those of integrators:
//
//	world := client.New("http://127.0.0.1:6100")
//	before, err := world.Mark(ctx)
//	// … send a message by SMTP …
//	receipt, err := before.Wait(ctx, events.Filter{Kind: "Delivery", Reference: messageID})
//	octets, err := world.Message(ctx, receipt.SHA256)
//
// It starts no world and speaks none of the mail protocols.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Client asks one world. Safe for concurrent use.
type Client struct {
	base           string
	http           *http.Client
	user, password string // of a mailbox, for the portal
}

// Option changes how a client asks.
type Option func(*Client)

// Over has the client ask over that HTTP client instead of one of its own. It
// must have no timeout below the longest wait: contexts limit the calls.
func Over(h *http.Client) Option { return func(c *Client) { c.http = h } }

// New returns a client of the API at that base, such as http://127.0.0.1:6100.
func New(base string, options ...Option) *Client {
	c := &Client{base: strings.TrimSuffix(base, "/"), http: &http.Client{}}
	for _, o := range options {
		o(c)
	}
	return c
}

// As returns the same client, signed in as the user of a mailbox: what the portal
// asks for, and nothing else does.
func (c *Client) As(user, password string) *Client {
	signed := *c
	signed.user, signed.password = user, password
	return &signed
}

// Error is an answer that is no success.
type Error struct {
	Status int    // of HTTP
	Text   string // what the world says about it
	// Epoch and Oldest are where to begin again when events are gone (410).
	Epoch  string
	Oldest int64
}

func (e *Error) Error() string {
	return fmt.Sprintf("the world answers %d %s: %s", e.Status, http.StatusText(e.Status), e.Text)
}

// maxAnswer is how much of an answer is read into memory.
const maxAnswer = 1 << 30

// Call asks for any operation: method, path and query parameters (nil: none); a
// body as JSON unless it is nil, and the answer read from JSON into a pointer
// unless that is nil. An answer that is no success is an *Error.
func (c *Client) Call(ctx context.Context, method, path string, query url.Values, body, into any) error {
	answer, err := c.open(ctx, method, path, query, body)
	if err != nil {
		return err
	}
	defer answer.Close()
	if into == nil {
		_, err = io.Copy(io.Discard, io.LimitReader(answer, maxAnswer))
		return err
	}
	if err := json.NewDecoder(io.LimitReader(answer, maxAnswer)).Decode(into); err != nil {
		return fmt.Errorf("%s %s: the answer cannot be read: %w", method, path, err)
	}
	return nil
}

// open asks and returns the body of a successful answer.
func (c *Client) open(ctx context.Context, method, path string, query url.Values, body any) (io.ReadCloser, error) {
	var octets io.Reader
	if body != nil {
		written, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		octets = bytes.NewReader(written)
	}
	address := c.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, address, octets)
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.user != "" {
		request.SetBasicAuth(c.user, c.password)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the world: %w", err)
	}
	if answer.StatusCode/100 == 2 {
		return answer.Body, nil
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %d, and the answer breaks off: %w", method, path, answer.StatusCode, err)
	}
	problem := struct {
		Error  string `json:"error"`
		Epoch  string `json:"epoch"`
		Oldest int64  `json:"oldest"`
	}{}
	if json.Unmarshal(said, &problem) != nil || problem.Error == "" {
		problem.Error = strings.TrimSpace(string(said))
	}
	return nil, &Error{Status: answer.StatusCode, Text: problem.Error, Epoch: problem.Epoch, Oldest: problem.Oldest}
}

// get asks for a value.
func get[T any](ctx context.Context, c *Client, path string, query url.Values) (T, error) {
	var v T
	err := c.Call(ctx, http.MethodGet, path, query, nil, &v)
	return v, err
}

// send asks for something to be done, with a body, and reads the answer.
func send[T any](ctx context.Context, c *Client, method, path string, body any) (T, error) {
	var v T
	err := c.Call(ctx, method, path, nil, body, &v)
	return v, err
}

// parameters are those of name, value, name, value … that have a value.
func parameters(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}

// octets asks for something that is no JSON.
func (c *Client) octets(ctx context.Context, path string) ([]byte, error) {
	answer, err := c.open(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	read, err := io.ReadAll(io.LimitReader(answer, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("GET %s: the answer breaks off: %w", path, err)
	}
	return read, nil
}
