// Package console is the live page of a simulated world, for people: what moves
// between the hosts, what lies in the mailboxes, what was said on the wire, and
// the few things that can be done to a world while it runs.
//
// It is no interface for programs (that is package control), it judges nothing
// by itself (whoever starts it may hand in a judge), and it needs no network:
// pages, style and script are embedded. It shows what others wrote, messages
// above all, and takes every octet of it for hostile.
package console

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/collaudo/collaudo/simulator/events"
	"github.com/collaudo/collaudo/simulator/listen"
)

// Options of a console.
type Options struct {
	Address  string         // host:port on loopback; a free port when empty
	World    World          // what is shown
	Events   *events.Record // what the page follows
	Judge    Judge          // nil: messages are taken apart, and not judged
	Language string         // "en" or "it": for who asks for neither; default "en"
}

// Judge says what the rules say of a message. It is handed in because the
// simulator does not know the rules.
type Judge func(ctx context.Context, octets []byte) (Judgement, error)

// Judgement is what a judge said of one message.
type Judgement struct {
	Kind    string // of the message, as the judge names it
	Verdict string // of all, e.g. "CONFORMANT"
	Signer  string // who signed, and what is thought of it
	Checks  []Check
}

// Check is one rule that was applied to the message.
type Check struct {
	Rule     string // its id
	Title    string // its short title; may be empty
	Verdict  string // pass, warn, fail, inconclusive, observed, error …
	Expected string
	Seen     string
	Where    string
}

// Server is a running console.
type Server struct {
	listener *listen.Listener
	inner    *http.Server
	cancel   context.CancelFunc
	served   chan struct{}
}

// Start listens and serves until Close.
func Start(o Options) (*Server, error) {
	if o.World == nil || o.Events == nil {
		return nil, errors.New("a console needs a world to show and its events to follow")
	}
	listener, err := listen.Open(listen.Options{Address: o.Address})
	if err != nil {
		return nil, err
	}
	handler, err := Handler(o, listener.Address())
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{listener: listener, cancel: cancel, served: make(chan struct{}), inner: &http.Server{
		Handler: handler, BaseContext: func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		MaxHeaderBytes: 1 << 16, ErrorLog: log.New(io.Discard, "", 0),
	}}
	go func() {
		defer close(s.served)
		_ = s.inner.Serve(listener) // ends when the server is closed
	}()
	return s, nil
}

// URL is where a browser finds the console.
func (s *Server) URL() string { return "http://" + s.listener.Address() + "/" }

// Close ends the console and every page that follows the world.
func (s *Server) Close(ctx context.Context) error {
	s.cancel()
	err := s.inner.Close()
	<-s.served
	return errors.Join(err, s.listener.Shutdown(ctx))
}
