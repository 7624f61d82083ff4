// Package control is the HTTP interface to a simulated world, on a port of its
// own: for what a harness or a test may ask of the inside, and for the clock.
// All answers are JSON unless they say otherwise; times are RFC 3339, octets
// base64; errors are {"error": "…"}.
//
// What can be asked stands in the OpenAPI document, which the world itself serves
// at /openapi.json and /openapi.yaml: each topic has a table of routes in its
// file here, and a fragment of the document in openapi/. Package client asks from
// Go.
//
// It asks for no credentials, the portal of a mailbox's user excepted: it listens
// on loopback, and answers no web page of another origin. It decides nothing: a
// World does what is asked.
package control

import (
	"context"
	"encoding/json"
	"errors"
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
	EventWorld
	MailboxWorld
	SearchWorld
	ScriptWorld
	StateWorld
	LifeWorld
	HistoryWorld
	NetworkWorld
	Advance(ctx context.Context, d time.Duration) error
	Steppable() bool
	Trust() (Trust, error)
	Journal(provider string) ([]JournalEntry, error)
	Quarantine(provider string) ([]Quarantined, error)
	Sessions(provider string) ([]Session, error)
}

// ErrNotFound is wrapped by errors about what does not exist in the world.
var ErrNotFound = errors.New("no such thing in this world")

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
	// Hosts are names by which it may be asked besides localhost and addresses.
	Hosts []string
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
		Handler: handlerOf(o), BaseContext: func(net.Listener) context.Context { return ctx },
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
	return handlerOf(Options{World: w})
}

func handlerOf(o Options) http.Handler {
	h := &handler{world: o.World}
	mux := http.NewServeMux()
	for _, r := range h.routes() {
		mux.HandleFunc(r.pattern, r.serve)
	}
	return guard(mux, o.Hosts)
}

// route is one operation: method and path, as http.ServeMux writes them.
type route struct {
	pattern string
	serve   http.HandlerFunc
}

// routes are all operations. Each has its place in the OpenAPI document.
func (h *handler) routes() []route {
	return slices.Concat(h.documentRoutes(), h.worldRoutes(), h.authorityRoutes(), h.providerRoutes(),
		h.eventRoutes(), h.mailboxRoutes(), h.searchRoutes(), h.stateRoutes(), h.historyRoutes(), h.scriptRoutes(), h.lifeRoutes(), h.networkRoutes())
}

// worldRoutes are about the world as a whole.
func (h *handler) worldRoutes() []route {
	w := h.world
	return []route{
		{"GET /v1/health", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) }},
		{"GET /v1/idle", h.idle},
		{"GET /v1/clock", h.clock},
		{"POST /v1/clock", h.move},
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

// answer writes a value as JSON, or the error.
func answer(rw http.ResponseWriter) func(any, error) {
	return func(v any, err error) {
		switch {
		case errors.Is(err, ErrInvalid):
			fail(rw, http.StatusBadRequest, err)
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
