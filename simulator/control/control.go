// Package control is the HTTP interface to a simulated world, on a port of its
// own: for what a harness or a test may ask of the inside, and for the clock.
// All answers are JSON; times are RFC 3339, octets base64.
//
//	GET  /v1/idle?wait=10s        204 when settled, 503 when the wait ran out
//	GET  /v1/clock                {"now": …, "steppable": …}
//	POST /v1/clock/advance        {"by": "12h"} or {"seconds": 43200}; answers as GET /v1/clock once
//	                              all that fell due has happened; 409 when the clock shows real time
//	POST /v1/providers/restart    {"provider": NAME}; 204 when it is up again, on the same ports with its store
//	GET  /v1/log/files?provider=  [{"provider", "name", "from", "until", "octets", "stamp" (RFC 3161 token, DER)}]
//	GET  /v1/log/extract?provider=&address=&messageId=
//	                              {"provider", "address", "messageId", "entries", "octets"}
//	POST /v1/authority/revoke     {"certificate": PEM}; 204, and the CRL is published again at once
//	GET  /v1/trust                {"now", "ca" (PEM), "crl" (PEM), "directory" (LDIF)}
//	GET  /v1/journal?provider=    [{"provider", "at", "event", …}]
//	GET  /v1/quarantine?provider= [{"provider", "at", "found", "octets", …}]
//	GET  /v1/sessions?provider=   [{"from", "to", "at", "tls", "reversePath", "recipients", "sha256", "code"}]
//	GET  /v1/health               204
//
// provider is a provider's name or service domain; without it all are shown.
// Errors are {"error": "…"}. It asks for no credentials: it listens on loopback.
package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/listen"
	"github.com/collaudo/collaudo/simulator/relay"
)

// World is what the interface shows.
type World interface {
	Now() time.Time
	Settle(ctx context.Context) error
	Revoker
	ProviderWorld
	Advance(ctx context.Context, d time.Duration) error
	Steppable() bool
	Trust() (Trust, error)
	Journal(provider string) ([]JournalEntry, error)
	Quarantine(provider string) ([]Quarantined, error)
	Sessions(provider string) ([]Session, error)
}

// ErrNotFound is wrapped by errors about a provider that does not exist.
var ErrNotFound = errors.New("no such provider")

// Clock is the answer about the clock.
type Clock struct {
	Now       time.Time `json:"now"`
	Steppable bool      `json:"steppable"`
}

// Trust is what the authority publishes at an instant.
type Trust struct {
	Now       time.Time `json:"now"`
	CA        string    `json:"ca"`        // PEM
	CRL       string    `json:"crl"`       // PEM
	Directory string    `json:"directory"` // LDIF
}

// JournalEntry is a line of a provider's legal log.
type JournalEntry struct {
	Provider string `json:"provider"`
	journal.Entry
}

// Quarantined is an infected message kept by a provider.
type Quarantined struct {
	Provider    string    `json:"provider"`
	At          time.Time `json:"at"`
	Found       string    `json:"found"`
	Where       string    `json:"where"` // access or incoming
	SHA256      string    `json:"sha256"`
	ReversePath string    `json:"reversePath"`
	Octets      []byte    `json:"octets"` // as stored
}

// Session is an SMTP transaction with another host.
type Session = relay.Exchange

// Limits of the interface.
const (
	maxBody = 1 << 16
	maxWait = 10 * time.Minute
)

// Options of a server.
type Options struct {
	Address string // host:port on loopback; a free port when empty
	World   World
}

// Server is the running interface.
type Server struct {
	listener *listen.Listener
	inner    *http.Server
	cancel   context.CancelFunc
	served   chan struct{}
}

// Start listens and serves until Close.
func Start(o Options) (*Server, error) {
	listener, err := listen.Open(listen.Options{Address: o.Address})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{listener: listener, cancel: cancel, served: make(chan struct{}), inner: &http.Server{
		Handler: Handler(o.World), BaseContext: func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		MaxHeaderBytes: 1 << 16, ErrorLog: log.New(io.Discard, "", 0),
	}}
	go func() {
		defer close(s.served)
		_ = s.inner.Serve(listener) // ends when the server is closed
	}()
	return s, nil
}

// URL is the base of the interface.
func (s *Server) URL() string { return "http://" + s.listener.Address() }

// Close ends the interface and every request under way.
func (s *Server) Close(ctx context.Context) error {
	s.cancel()
	err := s.inner.Close()
	<-s.served
	return errors.Join(err, s.listener.Shutdown(ctx))
}

// Handler serves the API of a world.
func Handler(w World) http.Handler {
	h := &handler{world: w}
	mux := http.NewServeMux()
	for _, r := range h.routes() {
		mux.HandleFunc(r.pattern, r.serve)
	}
	return mux
}

// route is one operation: method and path, as http.ServeMux writes them.
type route struct {
	pattern string
	serve   http.HandlerFunc
}

// routes are all operations. Each has its place in the OpenAPI document.
func (h *handler) routes() []route {
	return slices.Concat(h.worldRoutes(), h.authorityRoutes(), h.providerRoutes())
}

// worldRoutes are about the world as a whole.
func (h *handler) worldRoutes() []route {
	w := h.world
	return []route{
		{"GET /v1/health", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) }},
		{"GET /v1/idle", h.idle},
		{"GET /v1/clock", h.clock},
		{"POST /v1/clock/advance", h.advance},
		{"GET /v1/trust", func(rw http.ResponseWriter, _ *http.Request) { answer(rw)(untyped(w.Trust())) }},
		{"GET /v1/journal", func(rw http.ResponseWriter, r *http.Request) { answer(rw)(untyped(w.Journal(asked(r)))) }},
		{"GET /v1/quarantine", func(rw http.ResponseWriter, r *http.Request) { answer(rw)(untyped(w.Quarantine(asked(r)))) }},
		{"GET /v1/sessions", func(rw http.ResponseWriter, r *http.Request) { answer(rw)(untyped(w.Sessions(asked(r)))) }},
	}
}

func asked(r *http.Request) string { return r.URL.Query().Get("provider") }

func untyped[T any](v T, err error) (any, error) { return v, err }

// handler answers. Requests that wait end with the client or with the server,
// from whose context theirs descends.
type handler struct {
	world World
}

func (h *handler) idle(rw http.ResponseWriter, r *http.Request) {
	wait := 10 * time.Second
	if text := r.URL.Query().Get("wait"); text != "" {
		var err error
		if wait, err = time.ParseDuration(text); err != nil || wait < 0 || wait > maxWait {
			fail(rw, http.StatusBadRequest, fmt.Errorf("wait=%q: want a duration such as 10s, at most %v", text, maxWait))
			return
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	if err := h.world.Settle(ctx); err != nil {
		fail(rw, http.StatusServiceUnavailable, err)
		return
	}
	rw.WriteHeader(http.StatusNoContent)
}

func (h *handler) clock(rw http.ResponseWriter, _ *http.Request) {
	answer(rw)(Clock{Now: h.world.Now(), Steppable: h.world.Steppable()}, nil)
}

func (h *handler) advance(rw http.ResponseWriter, r *http.Request) {
	var asked struct {
		By      string  `json:"by"`
		Seconds float64 `json:"seconds"`
	}
	decoder := json.NewDecoder(http.MaxBytesReader(rw, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&asked); err != nil {
		fail(rw, http.StatusBadRequest, fmt.Errorf(`want {"by": "12h"} or {"seconds": 43200}: %w`, err))
		return
	}
	by := time.Duration(asked.Seconds * float64(time.Second))
	if asked.By != "" {
		var err error
		if by, err = time.ParseDuration(asked.By); err != nil {
			fail(rw, http.StatusBadRequest, err)
			return
		}
	}
	if by < 0 {
		fail(rw, http.StatusBadRequest, errors.New("legal time does not go back"))
		return
	}
	if !h.world.Steppable() {
		fail(rw, http.StatusConflict, errors.New("the clock of this world shows real time and cannot be advanced"))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), maxWait)
	defer cancel()
	if err := h.world.Advance(ctx, by); err != nil {
		fail(rw, http.StatusServiceUnavailable, err)
		return
	}
	h.clock(rw, r)
}

// answer writes a value as JSON, or the error.
func answer(rw http.ResponseWriter) func(any, error) {
	return func(v any, err error) {
		switch {
		case errors.Is(err, ErrNotFound):
			fail(rw, http.StatusNotFound, err)
		case err != nil:
			fail(rw, http.StatusInternalServerError, err)
		default:
			write(rw, http.StatusOK, v)
		}
	}
}

func fail(rw http.ResponseWriter, status int, err error) {
	write(rw, status, map[string]string{"error": err.Error()})
}

func write(rw http.ResponseWriter, status int, v any) {
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(status)
	encoder := json.NewEncoder(rw)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // the client is gone; there is nobody to tell
}
