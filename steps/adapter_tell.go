package steps

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// maxComplaint bounds what is read of an answer that says no.
const maxComplaint = 4 << 10

// tell has the adapter do something, and reads the answer into into unless it
// is nil. errNotOffered says that the adapter cannot.
func (w *World) tell(ctx context.Context, path string, what, into any) error {
	if w.target.Adapter == "" {
		return errNotOffered
	}
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.target.Adapter+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("tell the adapter: %w", err)
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusNotFound, response.StatusCode == http.StatusConflict, response.StatusCode == http.StatusNotImplemented:
		complaint, _ := io.ReadAll(io.LimitReader(response.Body, maxComplaint))
		return fmt.Errorf("%w: POST %s was answered with %s: %s", errNotOffered, path, response.Status, bytes.TrimSpace(complaint))
	case !statusOK(response.StatusCode):
		complaint, _ := io.ReadAll(io.LimitReader(response.Body, maxComplaint))
		return fmt.Errorf("tell the adapter: POST %s was answered with %s, expected 200 or 204: %s", path, response.Status, bytes.TrimSpace(complaint))
	case into == nil:
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(into); err != nil {
		return fmt.Errorf("tell the adapter: the answer to %s does not read as JSON: %w", path, err)
	}
	return nil
}
