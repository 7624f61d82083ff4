package authority

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/cycle"
	"github.com/collaudo/collaudo/simulator/history"
	"github.com/collaudo/collaudo/simulator/listen"
)

// Ports to listen on, host:port on loopback; empty means a free one.
type Ports struct {
	LDAP, LDAPS, Files, Revocation string
}

// ServeOptions say how the authority is served.
type ServeOptions struct {
	Ports Ports
	Clock clock.Clock // of the daily cycle
	// Names are further names in the certificate of its servers.
	Names []string
	// History is where the sessions of the services are written down; nil: nowhere.
	History *history.Record
}

// Addresses are where the services of an authority are.
type Addresses struct {
	LDAP       string // host:port
	LDAPS      string // host:port
	Complete   string // https URL of the complete directory
	Revocation string // http URL of the CRL
}

// Services are the authority's servers and its daily cycle.
type Services struct {
	a          *Authority
	ldap       *ldapServer
	files      *webServer
	revocation *webServer
	cycle      *cycle.Cycle
	collecting sync.Mutex // one collection at a time
	client     *http.Client
	applied    map[string]string // hash of the file last taken over, by URL
}

// hostName is what the certificates of the authority's servers bear, besides
// localhost and 127.0.0.1.
const hostName = "indice." + Domain

// The central directory collects the providers' files every six hours, which
// keeps to the rule (daily) whatever happened to one of them. When nothing has
// been new for a week it takes its time.
const (
	collectFirst    = 5*time.Hour + 50*time.Minute // before providers copy the directory
	collectEvery    = 6 * time.Hour
	collectSeldom   = 20 * time.Hour
	collectPatience = 28
)

// Serve opens the directory over LDAP and HTTPS and the revocation list over
// HTTP, and begins to collect the files of providers that serve their own
// (RFC 6109 4.5). From now on the records say where the files are. Close ends it.
func (a *Authority) Serve(o ServeOptions) (*Services, error) {
	s := &Services{a: a, applied: map[string]string{}}
	if err := s.open(o); err != nil {
		ended, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		return nil, errors.Join(fmt.Errorf("authority: %w", err), s.Close(ended))
	}
	a.Located(s.files.listener.Address())
	roots := x509.NewCertPool()
	roots.AddCert(a.certificate)
	s.client = &http.Client{Timeout: fetchTimeout, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12, Time: a.now}, DisableKeepAlives: true,
		DialContext: listen.Dialer(fetchTimeout).DialContext,
	}}
	s.cycle = cycle.Start(cycle.Options{
		Clock: o.Clock, First: collectFirst, Every: collectEvery, Seldom: collectSeldom, Patience: collectPatience, Do: s.Collect,
	})
	return s, nil
}

func (s *Services) open(o ServeOptions) error {
	certificate, err := s.a.OwnServer(o.Names...)
	if err != nil {
		return err
	}
	secure := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12, Time: s.a.now}
	if s.ldap, err = s.a.startLDAP(o.Ports.LDAP, o.Ports.LDAPS, secure, o.History); err != nil {
		return err
	}
	asking := secure.Clone()
	asking.ClientAuth = tls.RequestClientCert // whose it is is looked up in the directory: see files
	if s.files, err = startWeb(o.Ports.Files, asking, s.a.files(), o.History, "directory"); err != nil {
		return err
	}
	s.revocation, err = startWeb(o.Ports.Revocation, nil, http.HandlerFunc(s.a.serveRevocation), o.History, "revocation")
	return err
}

// OwnServer issues the certificate of the authority's own servers, which bears
// these names too.
func (a *Authority) OwnServer(names ...string) (tls.Certificate, error) {
	return a.Server(append([]string{hostName, "localhost", "127.0.0.1"}, names...)...)
}

// At is where the services of an authority are whose listeners have these
// addresses.
func At(p Ports) Addresses {
	return Addresses{
		LDAP: p.LDAP, LDAPS: p.LDAPS, Complete: "https://" + p.Files + completePath, Revocation: "http://" + p.Revocation + revocationPath,
	}
}

// Located says at which address (host:port) the files are handed out from now on.
func (a *Authority) Located(address string) {
	url := "https://" + address
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.location = url + completePath
	for _, r := range a.records {
		a.host(r, url)
	}
	a.hosting = url
	a.touch()
}

// host says in the record that the world serves the provider's file.
func (a *Authority) host(r *record, url string) {
	if r.provider.Hosted && r.provider.Unit == "" && url != "" {
		r.provider.LDIFAddress = url + filePath + domainOf(r.provider.ServiceAddress) + fileSuffix
	}
}

// Addresses are where the services are.
func (s *Services) Addresses() Addresses {
	return At(Ports{
		LDAP: s.ldap.clear.Address(), LDAPS: s.ldap.tls.Address(),
		Files: s.files.listener.Address(), Revocation: s.revocation.listener.Address(),
	})
}

// Reading tells how much of the daily cycle is under way; see listen.Activity.
func (s *Services) Reading() (under, starts int64) { return s.cycle.Reading() }

// Close ends the services. It returns when every listener is closed and every
// goroutine has ended, or when the context has.
func (s *Services) Close(ctx context.Context) error {
	err := s.cycle.Close(ctx)
	if s.ldap != nil {
		err = errors.Join(err, s.ldap.close(ctx))
	}
	for _, w := range []*webServer{s.files, s.revocation} {
		if w != nil {
			err = errors.Join(err, w.close(ctx))
		}
	}
	return err
}

// webServer is an HTTP server on loopback.
type webServer struct {
	listener *listen.Listener
	inner    *http.Server
	served   chan struct{}
}

func startWeb(address string, config *tls.Config, handler http.Handler, record *history.Record, service string) (*webServer, error) {
	// No idle limit of the listener: it would renew the deadline with which
	// package http wakes its own reader, and leave answered connections open.
	listener, err := listen.Open(listen.Options{Address: address, MaxConnections: 64})
	if err != nil {
		return nil, err
	}
	w := &webServer{listener: listener, served: make(chan struct{}), inner: &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: time.Minute, IdleTimeout: time.Minute,
		MaxHeaderBytes: 1 << 16, ErrorLog: log.New(io.Discard, "", 0),
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}, // HTTP/1.1 only
	}}
	tellOf(w.inner, record, service)
	var inner net.Listener = listener
	if config != nil {
		inner = tls.NewListener(listener, config)
	}
	go func() {
		defer close(w.served)
		_ = w.inner.Serve(inner) // ends when the server is closed
	}()
	return w, nil
}

func (w *webServer) close(ctx context.Context) error {
	err := w.inner.Close()
	<-w.served
	return errors.Join(err, w.listener.Shutdown(ctx))
}
