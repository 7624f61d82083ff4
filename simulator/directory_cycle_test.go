package simulator_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator"
)

// fileServer is a directory server that the test plays.
type fileServer struct {
	listener net.Listener

	mu      sync.Mutex
	served  []byte
	clients []*x509.Certificate // of the requests; nil for none shown
}

func newFileServer(t testing.TB) *fileServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &fileServer{listener: l}
	t.Cleanup(func() { _ = l.Close() })
	return s
}

func (s *fileServer) url() string { return "https://" + s.listener.Addr().String() + "/file.ldif.p7m" }

// begin serves with a certificate, once the world has told which.
func (s *fileServer) begin(certificate tls.Certificate, now func() time.Time) {
	inner := tls.NewListener(s.listener, &tls.Config{
		Certificates: []tls.Certificate{certificate}, ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12, Time: now,
	})
	go func() { _ = http.Serve(inner, s) }() //nolint:gosec // ends with its listener, at the end of the test
}

func (s *fileServer) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var shown *x509.Certificate
	if len(r.TLS.PeerCertificates) > 0 {
		shown = r.TLS.PeerCertificates[0]
	}
	s.clients = append(s.clients, shown)
	if s.served == nil {
		http.Error(rw, "down", http.StatusServiceUnavailable)
		return
	}
	_, _ = rw.Write(s.served)
}

func (s *fileServer) serve(der []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served = der
}

func (s *fileServer) requests() []*x509.Certificate {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clients
}

// cirroFile is the peer's own file, with one more domain when there is one.
func cirroFile(t testing.TB, w *world, s *smime.Signer, at time.Time, domain string) []byte {
	t.Helper()
	trust, err := w.World.Trust()
	if err != nil {
		t.Fatal(err)
	}
	var own []string
	for _, e := range strings.Split(trust.Directory, "\n\n") {
		if strings.HasPrefix(e, "dn: providerName=Cirro PEC") || strings.HasPrefix(e, "dn: providerUnit=Ambiente secondario,providerName=Cirro PEC") {
			own = append(own, strings.TrimRight(e, "\n"))
		}
	}
	if domain != "" {
		own[0] += "\nmanagedDomains: " + domain
	}
	der, err := s.Enclose([]byte(strings.Join(own, "\n\n")+"\n"), at)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestCentralDirectoryCollects(t *testing.T) {
	t.Parallel()
	server := newFileServer(t)
	w := start(t, onNovember22, withPeers(server.url()))
	server.begin(keyPair(t, w.Peers[0].TLS), w.Now)
	cirro, delta := signerFrom(t, w.Peers[0].Signers[0].KeyPair), signerFrom(t, w.Peers[1].Signers[0].KeyPair)
	renewed := signerFrom(t, w.Peers[0].Signers[1].KeyPair)
	first := cirroFile(t, w, cirro, w.Now(), "primo.example")
	altered := append([]byte(nil), cirroFile(t, w, cirro, w.Now().Add(time.Minute), "altro.example")...)
	altered[strings.Index(string(altered), "altro.example")] = 'A'
	foreign := cirroFile(t, w, cirro, w.Now().Add(time.Hour), "")
	content := strings.Replace(string(directory.OpenFile(foreign).Content), "providerName=Cirro PEC S.r.l.,o", "providerName=Delta PEC S.p.A.,o", 1)
	foreign, err := cirro.Enclose([]byte(content), w.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name   string
		served []byte
		want   map[string]bool
	}{
		{"down", nil, map[string]bool{"primo.example": false, "cirro.example": true}},
		{"new", first, map[string]bool{"primo.example": true, "cirro.example": true, "secondario-cirro.example": true, "delta.example": true}},
		{"tampered", altered, map[string]bool{"primo.example": true, "altro.example": false}},
		{"truncated", first[:len(first)/2], map[string]bool{"primo.example": true}},
		{"no LDIF", []byte("<html>"), map[string]bool{"primo.example": true}},
		{"another's record", foreign, map[string]bool{"primo.example": true, "delta.example": true}},
		{"signed by a stranger", cirroFile(t, w, delta, w.Now().Add(2*time.Hour), "estraneo.example"), map[string]bool{"estraneo.example": false}},
		{"signed with the renewed certificate", cirroFile(t, w, renewed, w.Now().Add(24*time.Hour), "secondo.example"), map[string]bool{"secondo.example": true}},
		{"rolled back", first, map[string]bool{"secondo.example": true}},
	} {
		server.serve(step.served)
		letPass(t, w, 7*time.Hour)
		d := published(t, w)
		for domain, want := range step.want {
			if got := d.RecordOfDomain(domain) != nil; got != want {
				t.Errorf("%s: %s is in the directory: %v", step.name, domain, got)
			}
		}
	}
	if got := len(server.requests()); got < 9 {
		t.Errorf("%d requests", got)
	}
}

func TestProvidersCopyFromThePlayedDirectory(t *testing.T) {
	t.Parallel()
	server := newFileServer(t)
	w := start(t, onNovember22, func(c *simulator.Config) { c.Directory = &simulator.DirectorySource{URL: server.url()} })
	played := w.Description.Directory.Played
	if played == nil || played.URL != server.url() {
		t.Fatalf("described as %+v", played)
	}
	server.begin(keyPair(t, played.TLS), w.Now)
	certified := func(subject string) bool {
		t.Helper()
		if err := w.submit(t, mail{from: anna, to: []string{"nessuno@nuovo.example"}, subject: subject}); err != nil {
			t.Fatal(err)
		}
		w.settle(t)
		for _, m := range w.fetch(t, anna) {
			if m.Kind != pec.Acceptance {
				continue
			}
			data, err := m.CertificationParts[0].Decoded()
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(data), subject) {
				return strings.Contains(string(data), `tipo="certificato">nessuno@nuovo.example`)
			}
		}
		t.Fatalf("no acceptance of %s", subject)
		return false
	}
	if certified("Prima") {
		t.Error("an unknown domain is certified")
	}
	trust, err := w.World.Trust()
	if err != nil {
		t.Fatal(err)
	}
	with := strings.Replace(trust.Directory, "managedDomains: borea.example\n", "managedDomains: borea.example\nmanagedDomains: nuovo.example\n", 1)
	der, err := signerFrom(t, played.Signer).Enclose([]byte(with), w.Now())
	if err != nil {
		t.Fatal(err)
	}
	server.serve(der)
	letPass(t, w, 12*time.Hour)
	if !certified("Dopo") {
		t.Error("the new domain is not known")
	}
	d := published(t, w)
	shown := map[string]bool{}
	for _, c := range server.requests() {
		for _, r := range d.RecordsOfCertificate(c) {
			shown[r.ProviderName] = true
		}
	}
	if len(shown) != 2 {
		t.Errorf("certificates shown: %v", shown)
	}
}

// Faulty central directories take over what they should not, or nothing.
func TestCentralDirectoryFaults(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]map[string]bool{
		"central-applies-tampered":    {"estraneo.example": true, "primo.example": false},
		"central-applies-rolled-back": {"primo.example": true, "secondo.example": false},
		"central-never-applies":       {"primo.example": false, "secondo.example": false},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			server := newFileServer(t)
			w := start(t, onNovember22, withPeers(server.url()), faulty(fault))
			server.begin(keyPair(t, w.Peers[0].TLS), w.Now)
			cirro, delta := signerFrom(t, w.Peers[0].Signers[0].KeyPair), signerFrom(t, w.Peers[1].Signers[0].KeyPair)
			files := [][]byte{
				cirroFile(t, w, cirro, w.Now(), "primo.example"), cirroFile(t, w, cirro, w.Now().Add(time.Hour), "secondo.example"),
				cirroFile(t, w, cirro, w.Now(), "primo.example"),
			}
			if fault == "central-applies-tampered" {
				files = append(files, cirroFile(t, w, delta, w.Now().Add(2*time.Hour), "estraneo.example"))
			}
			for _, der := range files {
				server.serve(der)
				letPass(t, w, 7*time.Hour)
			}
			d := published(t, w)
			for domain, want := range want {
				if got := d.RecordOfDomain(domain) != nil; got != want {
					t.Errorf("%s is in the directory: %v", domain, got)
				}
			}
		})
	}
}

// A year passes in a moment: what has not changed is not fetched again.
func TestLongAdvance(t *testing.T) {
	t.Parallel()
	w := start(t, onNovember22)
	began := time.Now()
	letPass(t, w, 365*24*time.Hour)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("a year took %v", took)
	}
}
