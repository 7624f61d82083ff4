//go:build containers

package containers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/control"
)

// conductor is the white box of a world of containers: it asks the host that knows,
// moves all clocks in their order, and cuts the network with Docker's engine.
type conductor struct {
	w   *world
	one sync.Mutex // what changes the world happens one after another

	mu     sync.Mutex
	events []string
}

func (c *conductor) note(event string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = append(c.events, event)
}

// conduct serves the white box where the harness's container reaches it, and
// returns its URL.
func conduct(t *testing.T, w *world) (string, *conductor) {
	t.Helper()
	gateway := docker(t, "network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", w.networks[pairName(authorityHost, harnessHost)].Name)
	listener, err := net.Listen("tcp", net.JoinHostPort(gateway, "0"))
	if err != nil {
		t.Fatal(err)
	}
	c := &conductor{w: w}
	server := &http.Server{Handler: c.handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String(), c
}

func (c *conductor) handler() http.Handler {
	mux := http.NewServeMux()
	at := map[string]string{"Aurora PEC S.p.A.": auroraHost, "Borea PEC S.r.l.": boreaHost, "posta.example": authorityHost}
	passOn := func(rw http.ResponseWriter, r *http.Request, host string) {
		to, err := url.Parse("http://" + c.w.at(r.Context(), host) + ":6100")
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadGateway)
			return
		}
		(&httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(to) }}).ServeHTTP(rw, r)
	}
	for _, path := range []string{"GET /v1/clock", "GET /v1/trust"} {
		mux.HandleFunc(path, func(rw http.ResponseWriter, r *http.Request) { passOn(rw, r, authorityHost) })
	}
	for _, path := range []string{"GET /v1/journal", "GET /v1/quarantine", "GET /v1/sessions"} {
		mux.HandleFunc(path, func(rw http.ResponseWriter, r *http.Request) {
			host, known := at[r.URL.Query().Get("provider")]
			if !known {
				http.NotFound(rw, r)
				return
			}
			passOn(rw, r, host)
		})
	}
	mux.HandleFunc("GET /v1/idle", func(rw http.ResponseWriter, r *http.Request) {
		if err := c.w.settle(r.Context()); err != nil {
			http.Error(rw, err.Error(), http.StatusServiceUnavailable)
			return
		}
		rw.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /v1/clock/advance", c.advance)
	mux.HandleFunc("POST /v1/network", c.network)
	return mux
}

func (c *conductor) advance(rw http.ResponseWriter, r *http.Request) {
	c.one.Lock()
	defer c.one.Unlock()
	var asked struct{ By string }
	err := json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&asked)
	by, wrong := time.ParseDuration(asked.By)
	if err = errors.Join(err, wrong); err == nil {
		if by > 0 {
			c.note("advance " + by.Round(time.Minute).String())
		}
		err = c.w.advance(r.Context(), by)
	}
	var now control.Clock
	if err == nil {
		now, err = c.w.control(r.Context(), authorityHost).Clock(r.Context())
	}
	c.answer(rw, now, err)
}

func (c *conductor) network(rw http.ResponseWriter, r *http.Request) {
	c.one.Lock()
	defer c.one.Unlock()
	var asked struct {
		Between [2]string
		Cut     bool
	}
	err := json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&asked)
	if err == nil {
		c.note(fmt.Sprintf("cut %t", asked.Cut))
		err = c.w.cut(r.Context(), auroraHost, boreaHost, asked.Cut)
	}
	c.answer(rw, map[string]any{}, err)
}

func (c *conductor) answer(rw http.ResponseWriter, v any, err error) {
	if err != nil {
		c.w.t.Logf("conductor: %v", err)
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(rw).Encode(v)
}
