package steps

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Bounds of what a white box answers: quarantined messages are inside.
const (
	maxAnswer    = 256 << 20
	maxComplaint = 4 << 10 // of an answer that says no
)

// errNotOffered marks what the white box does not have: the view then lacks it,
// and judges say so.
var errNotOffered = errors.New("the white box does not offer it")

// question is one operation of the white box.
type question struct {
	method string
	path   string
	query  url.Values
	body   []byte // JSON; nil: none
}

func (q question) String() string {
	if len(q.query) == 0 {
		return q.method + " " + q.path
	}
	return q.method + " " + q.path + "?" + q.query.Encode()
}

// insideAnswer is what the white box said; status is that of HTTP.
type insideAnswer struct {
	status int
	octets []byte
}

// notOffered tells an answer by which the white box says that it has no such
// operation, or that it cannot carry it out in this world.
func (a insideAnswer) notOffered() bool {
	switch a.status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusConflict, http.StatusNotImplemented:
		return true
	}
	return false
}

// complaint is the beginning of what it said instead.
func (a insideAnswer) complaint() []byte {
	return bytes.TrimSpace(a.octets[:min(len(a.octets), maxComplaint)])
}

// ask gets one document from the white box.
func (w *World) ask(ctx context.Context, path string, query url.Values, into any) error {
	q := question{method: http.MethodGet, path: path, query: query}
	answer, err := w.inside(ctx, q)
	switch {
	case err != nil:
		return err
	case answer.notOffered():
		return errNotOffered
	case answer.status != http.StatusOK:
		return fmt.Errorf("ask the white box: %s was answered with %d, expected 200: %s", q, answer.status, answer.complaint())
	}
	if err := json.Unmarshal(answer.octets, into); err != nil {
		return fmt.Errorf("ask the white box: the answer to %s does not read as JSON: %w", q, err)
	}
	return nil
}

// tell has the white box do something, and reads the answer into into unless it
// is nil. errNotOffered says that it cannot.
func (w *World) tell(ctx context.Context, path string, what, into any) error {
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	q := question{method: http.MethodPost, path: path, body: body}
	answer, err := w.inside(ctx, q)
	switch {
	case err != nil:
		return err
	case answer.notOffered():
		return fmt.Errorf("%w: %s was answered with %d: %s", errNotOffered, q, answer.status, answer.complaint())
	case !statusOK(answer.status):
		return fmt.Errorf("tell the white box: %s was answered with %d, expected 200 or 204: %s", q, answer.status, answer.complaint())
	case into == nil:
		return nil
	}
	if err := json.Unmarshal(answer.octets, into); err != nil {
		return fmt.Errorf("tell the white box: the answer to %s does not read as JSON: %w", q, err)
	}
	return nil
}

// post asks the white box for something whose answer matters whatever its
// status.
func (w *World) post(ctx context.Context, method, path string, what any) (status int, text string, err error) {
	body, err := json.Marshal(what)
	if err != nil {
		return 0, "", err
	}
	answer, err := w.inside(ctx, question{method: method, path: path, body: body})
	return answer.status, string(answer.complaint()), err
}

// inside puts one question to the white box, whichever form it has.
func (w *World) inside(ctx context.Context, q question) (insideAnswer, error) {
	box := &w.target.WhiteBox
	switch {
	case box.URL != "":
		return w.insideOver(ctx, box.URL, q)
	case len(box.Command) > 0:
		return w.insideBy(ctx, box.Command, q)
	case len(box.Hosts) > 0:
		return w.insideOf(ctx, box.Hosts, q)
	}
	return insideAnswer{}, errNotOffered
}

// insideOver asks over HTTP.
func (w *World) insideOver(ctx context.Context, base string, q question) (insideAnswer, error) {
	address := base + q.path
	if len(q.query) > 0 {
		address += "?" + q.query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, q.method, address, bytes.NewReader(q.body))
	if err != nil {
		return insideAnswer{}, err
	}
	if q.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if token := w.target.WhiteBox.Token; token != "" {
		request.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	response, err := w.web.Do(request)
	if err != nil {
		return insideAnswer{}, fmt.Errorf("ask the white box: %w", err)
	}
	defer response.Body.Close()
	octets, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err == nil && len(octets) > maxAnswer {
		err = fmt.Errorf("the answer to %s is longer than %d octets", q, maxAnswer)
	}
	if err != nil {
		return insideAnswer{}, fmt.Errorf("ask the white box: %w", err)
	}
	return insideAnswer{response.StatusCode, octets}, nil
}
