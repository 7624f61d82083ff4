package conformance

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/steps"
)

// schemaGuard stands between the harness and a white box, and holds what is
// asked and answered against the published schema.
type schemaGuard struct {
	t        *testing.T
	base     string
	document *openapi3.T
	asked    *sync.Map // operationIds that were answered well
}

var pathParameter = regexp.MustCompile(`\\\{(\w+)\\\}`)

// route finds the operation of a request.
func (g *schemaGuard) route(r *http.Request) (*routers.Route, map[string]string) {
	for path, item := range g.document.Paths.Map() {
		quoted := regexp.QuoteMeta(path)
		match := regexp.MustCompile("^" + pathParameter.ReplaceAllString(quoted, "([^/]+)") + "$").FindStringSubmatch(r.URL.Path)
		operation := item.GetOperation(r.Method)
		if match == nil || operation == nil {
			continue
		}
		values := map[string]string{}
		for i, name := range pathParameter.FindAllStringSubmatch(quoted, -1) {
			values[name[1]] = match[i+1]
		}
		return &routers.Route{Spec: g.document, Path: path, PathItem: item, Method: r.Method, Operation: operation}, values
	}
	return nil, nil
}

// ServeHTTP passes one question on.
func (g *schemaGuard) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	route, values := g.route(r)
	if route == nil {
		g.t.Errorf("%s %s is asked, and the schema does not have it", r.Method, r.URL)
		http.NotFound(rw, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		g.t.Error(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	question := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: values, Route: route,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, SkipSettingDefaults: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if err := openapi3filter.ValidateRequest(r.Context(), question); err != nil {
		g.t.Errorf("%s %s is not asked as the schema says: %v\n%s", r.Method, r.URL, err, body)
	}
	onward, err := http.NewRequestWithContext(r.Context(), r.Method, g.base+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		g.t.Error(err)
		return
	}
	onward.Header = r.Header.Clone()
	answer, err := http.DefaultClient.Do(onward)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadGateway) // the run has ended
		return
	}
	defer answer.Body.Close()
	octets, err := io.ReadAll(answer.Body)
	if err != nil {
		g.t.Error(err)
	}
	said := &openapi3filter.ResponseValidationInput{RequestValidationInput: question, Status: answer.StatusCode, Header: answer.Header, Options: question.Options}
	said.SetBodyBytes(octets)
	if err := openapi3filter.ValidateResponse(r.Context(), said); err != nil {
		g.t.Errorf("%s %s is not answered as the schema says: %v\n%.500s", r.Method, r.URL, err, octets)
	}
	if answer.StatusCode < 300 {
		g.asked.Store(route.Operation.OperationID, true)
	}
	for name, all := range answer.Header {
		rw.Header()[name] = all
	}
	rw.WriteHeader(answer.StatusCode)
	_, _ = rw.Write(octets)
}

// What the harness asks of a white box is what the published schema says, no
// more and no less, and the simulated world answers so.
func TestWhiteBoxSchema(t *testing.T) {
	t.Parallel()
	document, err := openapi3.NewLoader().LoadFromFile(filepath.Join("..", "fixtures", "targets", "white-box.openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := document.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	asked := &sync.Map{}
	t.Run("played", func(t *testing.T) { //nolint:paralleltest // its scenarios take turns
		for _, id := range []string{
			"complete-transaction", "trace-of-a-delivered-message", "log-saved-over-a-restart", "network-cut-for-two-hours", "revoked-certificate",
			"mailbox-renewed", "mailbox-suspended", "mailbox-unlocked", "mailbox-without-room", "mailbox-grace-own-domain-29", "mailbox-bought-again", "recovery-tells-nothing",
		} {
			t.Run(id, func(t *testing.T) { //nolint:paralleltest // one after the other: a port that one gives free is the next one's
				playInside(t, document, asked, id)
			})
		}
	})
	for _, item := range document.Paths.Map() {
		for _, operation := range item.Operations() {
			// Sessions of clients are asked for only where a mail client is judged.
			id := operation.OperationID
			if _, was := asked.Load(id); !was && !slices.Contains([]string{"listHistory", "getSession"}, id) {
				t.Errorf("the schema has %s, and nobody asks for it", id)
			}
		}
	}
}

// playInside plays one scenario in a world of its own, whose inside is asked
// through the guard.
func playInside(t *testing.T, document *openapi3.T, asked *sync.Map, id string) {
	t.Helper()
	w, target := realEndpoint(t)
	server := httptest.NewServer(&schemaGuard{t: t, base: w.target.WhiteBox.URL, document: document, asked: asked})
	t.Cleanup(server.Close)
	target.WhiteBox, target.OneScenario = steps.WhiteBox{URL: server.URL}, true
	report, err := tryEndpoint(t, target, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range report.Result.Scenarios {
		if s.Verdict != rules.Pass && s.Verdict != rules.Observed {
			t.Errorf("%s: %s %s %q", s.ID, s.Verdict, s.Error, s.Lacking)
		}
	}
}
