package smtp

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	nettextproto "net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/history"
)

func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	a, err := authority.New(authority.Config{Keys: authority.NewPool(), Random: rand.Reader, Now: time.Now, Domains: []string{"x.example"}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Server("localhost", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(a.Certificate())
	return &tls.Config{Certificates: []tls.Certificate{c}}, &tls.Config{RootCAs: roots, ServerName: "localhost"}
}

// What a session over the library's server was is written down in clear, from
// both ends the same, whichever way TLS begins and in either version.
func TestHistory(t *testing.T) {
	t.Parallel()
	server, client := certificate(t)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		record := history.NewRecord(history.Options{Now: time.Now})
		s := serve(t, Options{
			Handler: &box{}, TLS: server, History: record, Host: "Aurora", Service: "submission-starttls",
			SignIn: func(_, user, password string) (string, bool) { return user, password == "segreto" },
		})
		trust := client.Clone()
		trust.MaxVersion = version
		c, err := Dial(t.Context(), ClientOptions{Address: s.Address(), Hello: "pc.example", TLS: trust, RequireTLS: true, History: record, Host: "Borea"})
		if err != nil {
			t.Fatal(err)
		}
		message := []byte("Subject: prova\r\n\r\n.\r\n250 ok\r\n")
		for _, chunking := range []bool{true, false} {
			if !chunking {
				delete(c.extensions, "CHUNKING")
			}
			if _, err := c.Send(t.Context(), "a@x.example", []string{"b@y.example"}, message); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Quit(); err != nil {
			t.Fatal(err)
		}
		incoming, outgoing := ended(t, record, 1), ended(t, record, 2)
		if incoming.Service == "outgoing" {
			incoming, outgoing = outgoing, incoming
		}
		want := history.Hash(message)
		for _, got := range []history.Session{incoming, outgoing} {
			if !got.TLS || got.TLSVersion != tls.VersionName(version) || !slices.Equal(got.Messages, []string{want, want}) {
				t.Errorf("%s: %+v", got.Service, got)
			}
		}
		var names []string
		for _, l := range incoming.Lines {
			word, _, _ := strings.Cut(l.Text, " ")
			names = append(names, l.From+" "+word)
		}
		for _, wanted := range []string{"client STARTTLS", "client EHLO", "client MAIL", "client BDAT", "client DATA", "server 354", "client QUIT", "server 221"} {
			if !slices.Contains(names, wanted) {
				t.Errorf("no %q in %q", wanted, names)
			}
		}
		// The order differs where commands were pipelined; what each side said does not.
		if a, b := spoken(incoming), spoken(outgoing); a != b {
			t.Errorf("the ends differ:\n%s\n%s", a, b)
		}
	}
}

func spoken(s history.Session) string {
	var client, server strings.Builder
	for _, l := range s.Lines {
		switch l.From {
		case history.Client:
			client.WriteString(l.Text + "\n")
		case history.Server:
			server.WriteString(l.Text + "\n")
		}
	}
	return client.String() + server.String()
}

// ended waits until a session has ended: the server notices a little later than
// the client.
func ended(t *testing.T, r *history.Record, id int64) history.Session {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		s, ok := r.Get(id)
		if ok && !s.Ended.IsZero() {
			return s
		}
		if time.Now().After(deadline) {
			t.Fatalf("session %d has not ended: %+v", id, s)
		}
	}
}

// Passwords are nowhere, and neither is what looks like them.
func TestHistoryHoldsNoPasswords(t *testing.T) {
	t.Parallel()
	server, client := certificate(t)
	record := history.NewRecord(history.Options{Now: time.Now})
	s := serve(t, Options{
		Handler: &box{}, TLS: server, ImplicitTLS: true, History: record,
		SignIn: func(_, user, password string) (string, bool) { return user, password == "segreto" },
	})
	conn, err := tls.Dial("tcp", s.Address(), client)
	if err != nil {
		t.Fatal(err)
	}
	c := nettextproto.NewConn(conn)
	for _, line := range []string{"", "EHLO pc", "AUTH LOGIN", "YW5uYQ==", "c2JhZ2xpYXRv", "AUTH LOGIN YW5uYQ==", "c2JhZ2xpYXRv", "AUTH PLAIN AGFubmEAc2VncmV0bw==", "QUIT"} {
		if line != "" {
			if err := c.PrintfLine("%s", line); err != nil {
				t.Fatal(err)
			}
		}
		_, _, _ = c.ReadResponse(0)
	}
	_ = c.Close()
	got := ended(t, record, 1)
	if got.Account != "anna" || !got.TLS {
		t.Errorf("account %q, TLS %v", got.Account, got.TLS)
	}
	for _, secret := range []string{"YW5uYQ", "c2JhZ2xpYXRv", "AGFubmEAc2VncmV0bw"} {
		if strings.Contains(spoken(got), secret) {
			t.Errorf("%q is in the history:\n%s", secret, spoken(got))
		}
	}
	if n := strings.Count(spoken(got), history.Removed); n != 5 {
		t.Errorf("%d things removed, want 5:\n%s", n, spoken(got))
	}
}

// A client that does not trust the certificate is on record.
func TestHistoryOfAFailedHandshake(t *testing.T) {
	t.Parallel()
	server, _ := certificate(t)
	record := history.NewRecord(history.Options{Now: time.Now})
	s := serve(t, Options{Handler: &box{}, TLS: server, ImplicitTLS: true, History: record})
	if _, err := tls.Dial("tcp", s.Address(), &tls.Config{ServerName: "localhost", RootCAs: x509.NewCertPool()}); err == nil {
		t.Fatal("an unknown CA was trusted")
	}
	got := ended(t, record, 1)
	if len(got.Lines) == 0 || got.Lines[0].From != history.Note || !strings.Contains(got.Lines[0].Text, "bad certificate") {
		t.Errorf("lines %+v, want a note on the certificate", got.Lines)
	}
}

// Nobody makes the server hold a command that has no end, before or after a
// message that may have lines as long as itself.
func TestEndlessCommand(t *testing.T) {
	t.Parallel()
	record := history.NewRecord(history.Options{Now: time.Now})
	s := serve(t, Options{Handler: &box{}, History: record, MaxBytes: 1 << 20})
	c := connect(t, s)
	if _, err := c.Send(t.Context(), "a@x.example", []string{"b@y.example"}, bytes.Repeat([]byte("x"), 100_000)); err != nil {
		t.Fatal(err)
	}
	for sent := 0; ; sent += 1000 {
		if _, err := c.conn.Write(bytes.Repeat([]byte("A"), 1000)); err != nil {
			break // it was cut
		}
		if sent > 64<<20 {
			t.Fatal("64 MiB of one command were taken")
		}
	}
	session := ended(t, record, 1)
	told := slices.ContainsFunc(session.Lines, func(l history.Line) bool {
		return l.From == history.Note && strings.Contains(l.Text, "a command of more than")
	})
	if session.BytesIn > 1<<20 || !told {
		t.Errorf("%d octets taken; expected a note that the command was too long:\n%s", session.BytesIn, spoken(session))
	}
}
