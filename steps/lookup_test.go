package steps

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jimlambrt/gldap"
	"github.com/miekg/dns"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/directory"
)

// looking is a world whose directory services are the test's.
func looking(t *testing.T, service DirectoryService) (*World, *recorded) {
	t.Helper()
	f := startInside(t, testNow())
	return insideWorld(t, f, func(target *Target) {
		target.TLS.Authorities = testPair("file server", "").Certificate
		target.Directory = service
	})
}

// httpsServer hands out a file to whoever shows a certificate, as ask says.
func httpsServer(t *testing.T, ask tls.ClientAuthType, handler http.Handler) string {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	pair := testPair("file server", "")
	config, err := pair.config()
	if err != nil {
		t.Fatal(err)
	}
	config.ClientAuth = ask
	server.TLS, server.Config.ErrorLog = config, log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func TestReadingOverHTTPS(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if len(r.TLS.PeerCertificates) == 0 {
			http.Error(rw, "who are you?", http.StatusForbidden)
			return
		}
		rw.Header().Set("Content-Type", "application/pkcs7-mime; smime-type=signed-data")
		_, _ = rw.Write([]byte("the file"))
	})
	table := []struct {
		name    string
		ask     tls.ClientAuthType
		without string
		want    evidence.DirectoryReading
	}{
		{"with a certificate", tls.RequireAnyClientCert, "", evidence.DirectoryReading{
			Shown: "Cirro", Status: 200, Type: "application/pkcs7-mime; smime-type=signed-data", FileName: "igpec.ldif.p7m",
		}},
		{"without, refused by HTTP", tls.RequestClientCert, " without a certificate", evidence.DirectoryReading{
			Refused: true, Status: 403, Type: "text/plain; charset=utf-8", FileName: "igpec.ldif.p7m",
		}},
		{"without, refused by TLS", tls.RequireAnyClientCert, " without a certificate", evidence.DirectoryReading{Refused: true}},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w, r := looking(t, DirectoryService{URL: httpsServer(t, row.ask, handler) + "/igpec.ldif.p7m"})
			if err := w.readCentral(t.Context(), row.without); err != nil {
				t.Fatal(err)
			}
			c := r.read(t)
			got := c.DirectoryReads[0]
			if got.Refused == (got.Note == "") {
				t.Errorf("refused %v, note %q", got.Refused, got.Note)
			}
			if chain, err := c.Blob(got.Server); err != nil || string(chain) != testPair("file server", "").Certificate {
				t.Errorf("the server's certificate in evidence is another one (%v)", err)
			}
			if !got.Refused {
				if octets, err := c.Blob(got.Blob); err != nil || string(octets) != "the file" {
					t.Errorf("kept %q (%v)", octets, err)
				}
			}
			got.Note, got.Server, got.Blob, got.Address, got.At = "", "", "", "", time.Time{}
			row.want.ID, row.want.What, row.want.TLS, row.want.Emitter = "q1", "central-file", true, evidence.Target
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("reading (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAServerThatDoesNotVerifyIsNotRead(t *testing.T) {
	t.Parallel()
	url := httpsServer(t, tls.NoClientCert, http.NotFoundHandler())
	w, r := looking(t, DirectoryService{URL: url})
	w.target.TLS.Authorities = testPair("somebody else", "").Certificate
	if err := w.readCentral(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if got := r.read(t).DirectoryReads[0]; !got.Refused || !strings.Contains(got.Note, "certificate") {
		t.Errorf("reading %+v", got)
	}
}

func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	w, r := looking(t, DirectoryService{URL: "https://" + address + "/x", LDAP: "ldap://" + address, Revocation: "http://" + address + "/x"})
	ctx := t.Context()
	if err := w.begin(ctx); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{"HTTPS": w.readCentral(ctx, ""), "LDAP": w.readLDAP(ctx), "CRL": w.readRevocation(ctx)} {
		if err == nil || !strings.Contains(err.Error(), ErrUnreachable.Error()) {
			t.Errorf("%s: got %v, want ErrUnreachable", name, err)
		}
	}
	if n := len(r.read(t).DirectoryReads); n != 0 {
		t.Errorf("%d readings in evidence, want none", n)
	}
}

// startLDAP serves one provider's entry and a schema.
func startLDAP(t *testing.T, location string, certificate []byte) string {
	t.Helper()
	server, err := gldap.NewServer()
	if err != nil {
		t.Fatal(err)
	}
	mux, err := gldap.NewMux()
	if err != nil {
		t.Fatal(err)
	}
	err = mux.Search(func(rw *gldap.ResponseWriter, r *gldap.Request) {
		done := r.NewSearchDoneResponse(gldap.WithResponseCode(gldap.ResultSuccess))
		defer func() { _ = rw.Write(done) }()
		m, err := r.GetSearchMessage()
		if err != nil {
			return
		}
		switch {
		case m.BaseDN == "":
			_ = rw.Write(r.NewSearchResponseEntry("", gldap.WithAttributes(map[string][]string{"subschemaSubentry": {"cn=schema"}})))
		case m.BaseDN == "cn=schema":
			_ = rw.Write(r.NewSearchResponseEntry("cn=schema", gldap.WithAttributes(map[string][]string{"objectClasses": {"( 1.2.3 NAME 'provider' )"}})))
		case strings.Contains(m.Filter, "NOBODY"):
		case m.BaseDN == "o=postacert":
			_ = rw.Write(r.NewSearchResponseEntry("providerName=Aurora,o=postacert", gldap.WithAttributes(map[string][]string{
				"objectClass": {"top", "provider"}, "providerName": {"Aurora"}, "LDIFLocationURL": {location},
				"providerCertificate;binary": {string(certificate)}, "managedDomains": {"aurora.example"}, "description": {"perché"},
			})))
		default:
			done.SetResultCode(gldap.ResultNoSuchObject)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Router(mux); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	ready := make(chan struct{})
	go func() { close(ready); _ = server.Run(address) }()
	<-ready
	t.Cleanup(func() { go func() { _ = server.Stop() }() }) // it waits for clients that are gone already
	for range 200 {
		if conn, err := net.Dial("tcp", address); err == nil {
			_ = conn.Close()
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	return "ldap://" + address
}

func TestReadingOverLDAP(t *testing.T) {
	t.Parallel()
	pair, err := testPeers()[0].Signers[0].pair()
	if err != nil {
		t.Fatal(err)
	}
	file := httpsServer(t, tls.RequestClientCert, http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte("own file")) }))
	w, r := looking(t, DirectoryService{LDAP: startLDAP(t, file+"/aurora.ldif.p7m", pair.Leaf.Raw)})
	ctx := t.Context()
	for _, step := range []func(context.Context) error{
		w.readLDAP,
		func(ctx context.Context) error { return w.searchLDAP(ctx, "Anna", "domain") },
		func(ctx context.Context) error { return w.searchLDAP(ctx, "Anna", "provider") },
		func(ctx context.Context) error { return w.readOwnFile(ctx, "Anna") },
	} {
		if err := step(ctx); err != nil {
			t.Fatal(err)
		}
	}
	c := r.read(t)
	var seen []string
	for _, read := range c.DirectoryReads {
		_, query, _ := strings.Cut(read.Address, "o=postacert")
		seen = append(seen, read.ID+" "+read.What+" "+read.Provider+query)
	}
	want := []string{
		"q1 ldap ??sub?(objectClass=*)", "q2 schema ", "q3 ldap-search ??sub?(managedDomains=AURORA.EXAMPLE)",
		"q4 ldap-search ??sub?(providerName=AURORA)", "q5 provider-file Aurora",
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("readings (-want +got):\n%s", diff)
	}
	octets, err := c.Blob(c.DirectoryReads[0].Blob)
	if err != nil {
		t.Fatal(err)
	}
	d, err := directory.ReadLDIF(bytes.NewReader(octets))
	if err != nil {
		t.Fatal(err)
	}
	record := d.RecordOfDomain("aurora.example")
	if record == nil || len(record.Certificates) != 1 || !record.Certificates[0].Equal(pair.Leaf) || record.Attributes["description"][0] != "perché" {
		t.Errorf("record %+v", record)
	}
	if len(record.Attributes["providercertificate;binary"]) != 1 {
		t.Error("the option ;binary is lost")
	}
}

func TestMailHosts(t *testing.T) {
	t.Parallel()
	listener, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{PacketConn: listener, Handler: dns.HandlerFunc(func(rw dns.ResponseWriter, m *dns.Msg) {
		answer := new(dns.Msg).SetReply(m)
		if m.Question[0].Name == "borea.example." {
			record, _ := dns.NewRR("borea.example. 60 IN MX 10 mx.borea.example.")
			answer.Answer = append(answer.Answer, record)
		} else {
			answer.Rcode = dns.RcodeNameError
		}
		_ = rw.WriteMsg(answer)
	})}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = server.Shutdown() })
	w, r := looking(t, DirectoryService{DNS: listener.LocalAddr().String()})
	for _, party := range []string{"Bruno", "Anna"} {
		if err := w.lookUpHosts(t.Context(), party); err != nil {
			t.Fatal(err)
		}
	}
	want := []evidence.Resolution{
		{Name: "borea.example", Type: "MX", Answers: []string{"10 mx.borea.example."}},
		{Name: "aurora.example", Type: "MX", Answers: []string{}, Error: "NXDOMAIN"},
	}
	if diff := cmp.Diff(want, r.read(t).Resolutions); diff != "" {
		t.Errorf("resolutions (-want +got):\n%s", diff)
	}
}

// A certificate list of the wrong world is no reason not to look.
func TestKeepChainOfNothing(t *testing.T) {
	t.Parallel()
	w, _ := looking(t, DirectoryService{})
	if blob, err := w.keepChain([]*x509.Certificate{}); blob != "" || err != nil {
		t.Errorf("got %q, %v", blob, err)
	}
}
