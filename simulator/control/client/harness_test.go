package client_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/control/client"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// keys serve all worlds of these tests: making them is what takes time.
var keys = authority.NewPool()

// patience is how long a test waits for what has to happen.
const patience = 20 * time.Second

const (
	anna  = "anna@aurora.example"
	bruno = "bruno@borea.example"
	elena = "elena@posta.example"
	full  = "piena@borea.example"

	aurora = "Aurora PEC S.p.A."
	borea  = "Borea PEC S.r.l."
)

// world is a running world with a client, every call of which is held against
// the document that the world itself serves.
type world struct {
	*client.Client
	simulated *simulator.World
	checked   *checking
}

func start(t *testing.T, change ...func(*simulator.Config)) *world {
	t.Helper()
	c := simulator.Pair()
	c.Keys = keys
	c.Clock = clock.NewOffset(time.Date(2026, 3, 28, 9, 0, 0, 0, time.UTC))
	for _, f := range change {
		f(&c)
	}
	simulated, err := simulator.Start(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := simulated.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	d, err := simulated.Describe()
	if err != nil {
		t.Fatal(err)
	}
	checked := newChecking(t, d.ControlURL)
	return &world{client.New(d.ControlURL, client.Over(&http.Client{Transport: checked})), simulated, checked}
}

// mail is a message as Anna's client writes it, with an identifier made of its
// subject.
func mail(to, subject string) control.SeedSubmission {
	return control.SeedSubmission{From: anna, Recipients: []string{to}, Octets: fmt.Appendf(nil,
		"From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: Sat, 28 Mar 2026 10:00:00 +0100\r\nMessage-ID: %s\r\n\r\nBuongiorno.\r\n", anna, to, subject, identifier(subject))}
}

func identifier(subject string) string {
	return "<" + strings.ReplaceAll(subject, " ", ".") + "@client.example>"
}

// send submits a message of Anna's, and reports an error unless it was accepted; from any
// goroutine.
func (w *world) send(t *testing.T, to, subject string) {
	t.Helper()
	done, err := w.Seed(t.Context(), control.Seed{Submissions: []control.SeedSubmission{mail(to, subject)}})
	if err != nil || len(done.Submissions) != 1 || done.Submissions[0].Code != 250 {
		t.Errorf("submission of %q: %+v, %v: want 250", subject, done.Submissions, err)
	}
}

// settle waits until the world is at rest.
func (w *world) settle(t *testing.T) {
	t.Helper()
	if err := w.Idle(t.Context(), patience); err != nil {
		t.Fatal(err)
	}
}

// checking is a transport that holds requests and answers against the document,
// and remembers which operations succeeded.
type checking struct {
	t          *testing.T
	document   *openapi3.T
	next       http.Transport
	operations []operation

	mu     sync.Mutex
	driven map[string]bool // operationIds
}

type operation struct {
	method string
	path   *regexp.Regexp
	names  []string // of its parameters
	route  *routers.Route
}

// newChecking asks the world for its document.
func newChecking(t *testing.T, base string) *checking {
	t.Helper()
	octets, err := client.New(base).Document(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	d, err := openapi3.NewLoader().LoadFromData(octets)
	if err != nil {
		t.Fatalf("the document served is no OpenAPI 3: %v", err)
	}
	c := &checking{t: t, document: d, driven: map[string]bool{}}
	parameter := regexp.MustCompile(`\\\{(\w+)\\\}`)
	for path, item := range d.Paths.Map() {
		quoted := regexp.QuoteMeta(path)
		var names []string
		for _, m := range parameter.FindAllStringSubmatch(quoted, -1) {
			names = append(names, m[1])
		}
		pattern := regexp.MustCompile("^" + parameter.ReplaceAllString(quoted, "([^/]+)") + "$")
		for method, o := range item.Operations() {
			c.operations = append(c.operations, operation{method, pattern, names, &routers.Route{Spec: d, Path: path, PathItem: item, Method: method, Operation: o}})
		}
	}
	return c
}

// signedIn tells whether a request bears what the document asks for.
func signedIn(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	if _, _, ok := in.RequestValidationInput.Request.BasicAuth(); in.SecurityScheme.Scheme != "basic" || !ok {
		return fmt.Errorf("the document asks for %s and the request does not bear it", in.SecuritySchemeName)
	}
	return nil
}

// RoundTrip implements http.RoundTripper.
func (c *checking) RoundTrip(r *http.Request) (*http.Response, error) {
	var o *operation
	values := map[string]string{}
	for i := range c.operations {
		if m := c.operations[i].path.FindStringSubmatch(r.URL.Path); m != nil && c.operations[i].method == r.Method {
			o = &c.operations[i]
			for j, name := range o.names {
				values[name] = m[j+1]
			}
		}
	}
	if o == nil {
		c.t.Errorf("%s %s is not in the document", r.Method, r.URL.Path)
		return c.next.RoundTrip(r)
	}
	asked := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: values, Route: o.route, Options: &openapi3filter.Options{
			IncludeResponseStatus: true, SkipSettingDefaults: true, ExcludeReadOnlyValidations: true, AuthenticationFunc: signedIn,
		},
	}
	refused := openapi3filter.ValidateRequest(r.Context(), asked)
	answer, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if refused != nil && answer.StatusCode/100 == 2 {
		c.t.Errorf("%s %s was answered %d, but the document does not allow to ask so: %v", r.Method, r.URL, answer.StatusCode, refused)
	}
	octets, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(octets))
	input := &openapi3filter.ResponseValidationInput{RequestValidationInput: asked, Status: answer.StatusCode, Header: answer.Header, Options: asked.Options}
	switch kind := answer.Header.Get("Content-Type"); {
	case strings.HasPrefix(kind, "application/json"), len(octets) == 0:
		input.SetBodyBytes(octets)
		if err := openapi3filter.ValidateResponse(r.Context(), input); err != nil {
			c.t.Errorf("%s %s: the answer is not as the document says: %v\n%.2000s", r.Method, r.URL, err, octets)
		}
	default: // no schema to hold it against, but it has to be announced
		if described := o.route.Operation.Responses.Status(answer.StatusCode); described == nil || described.Value.Content.Get(kind) == nil {
			c.t.Errorf("%s %s: an answer of type %s is not in the document", r.Method, r.URL, kind)
		}
	}
	if answer.StatusCode/100 == 2 {
		c.mu.Lock()
		c.driven[o.route.Operation.OperationID] = true
		c.mu.Unlock()
	}
	return answer, nil
}
