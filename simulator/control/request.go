package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// decode reads a JSON body into a value; unknown fields are errors, so that a
// slip of the pen does not pass for "nothing asked". want shows how a body
// looks. When it returns false the answer has been written.
func decode(rw http.ResponseWriter, r *http.Request, limit int64, into any, want string) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(rw, r.Body, limit))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		fail(rw, http.StatusRequestEntityTooLarge, fmt.Errorf("the body is larger than the %d bytes that this operation takes", large.Limit))
	case err != nil:
		fail(rw, http.StatusBadRequest, fmt.Errorf("want %s: %w", want, err))
	case decoder.More():
		fail(rw, http.StatusBadRequest, fmt.Errorf("want one %s, and something follows it", want))
	default:
		return true
	}
	return false
}

// query reads the parameters of a request. The first one that cannot be read is
// remembered in err.
type query struct {
	values url.Values
	err    error
}

// asking reads the query of a request that may bear these parameters only: a
// filter with a misspelt name would choose everything.
func asking(r *http.Request, known ...string) *query {
	q := &query{values: r.URL.Query()}
	for name := range q.values {
		if !slices.Contains(known, name) {
			q.err = fmt.Errorf("parameter %q: this operation knows %s", name, strings.Join(known, ", "))
		}
	}
	return q
}

func (q *query) text(name string) string { return q.values.Get(name) }

// oneOf sees that a parameter that is given has one of these values.
func (q *query) oneOf(name string, values ...string) {
	if text := q.values.Get(name); text != "" && !slices.Contains(values, text) {
		q.err = fmt.Errorf("%s=%q: want one of %s", name, text, strings.Join(values, ", "))
	}
}

// number reads a number between 0 and most.
func (q *query) number(name string, otherwise, most int64) int64 {
	text := q.values.Get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > most {
		q.err = fmt.Errorf("%s=%q: want a number between 0 and %d", name, text, most)
	}
	return n
}

// instant reads an instant; the zero time when there is none.
func (q *query) instant(name string) time.Time {
	text := q.values.Get(name)
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		q.err = fmt.Errorf("%s=%q: want an instant such as 2026-03-28T10:00:00+01:00", name, text)
	}
	return at
}

// wait reads for how long to wait at most.
func (q *query) wait(name string, otherwise time.Duration) time.Duration {
	text := q.values.Get(name)
	if text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > maxWait {
		q.err = fmt.Errorf("%s=%q: want a duration such as 10s, at most %v", name, text, maxWait)
	}
	return d
}

// unhurried lifts the server's limit on the reading of requests from one that has
// been read and waits for something: the limit would end it sooner.
func unhurried(rw http.ResponseWriter) {
	_ = http.NewResponseController(rw).SetReadDeadline(time.Time{}) // not every writer has one to lift
}

// guard keeps web pages away. The interface asks for no credentials, so a page
// in a browser on this machine must neither post to it (Origin) nor read it
// under a name of its own that resolves to loopback (Host).
func guard(next http.Handler, hosts []string) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		bare := strings.Trim(host, "[]")
		if net.ParseIP(bare) == nil && !strings.EqualFold(bare, "localhost") && !slices.Contains(hosts, bare) {
			fail(rw, http.StatusForbidden, fmt.Errorf("host %q: ask by IP address or as localhost; a page that calls this machine by another name is not answered", r.Host))
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
			fail(rw, http.StatusForbidden, fmt.Errorf("origin %q: pages of other origins are not answered", origin))
			return
		}
		next.ServeHTTP(rw, r)
	})
}
