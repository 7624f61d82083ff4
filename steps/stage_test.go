package steps

import (
	"encoding/json"
	"math/rand"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/collaudo/collaudo/evidence"
)

// stage is a world with fakes on the other side of every protocol.
type stage struct {
	world      *World
	dir        string
	submission *fakeSMTP
	incoming   *fakeSMTP
	users      map[string]*imapmemserver.User
	journal    []evidence.JournalEntry
	close      func() *evidence.Case
}

func setStage(t *testing.T, answer func(string) string) *stage {
	t.Helper()
	s := &stage{dir: filepath.Join(t.TempDir(), "run")}
	certificate, authorities := testCertificate(t)
	target := testTarget()
	target.TLS.Authorities = authorities
	s.submission = startSMTP(t, certificate, true, answer)
	s.incoming = startSMTP(t, certificate, false, answer)
	var address string
	address, s.users = startIMAP(t, certificate, target.Mailboxes)
	for i := range target.Providers {
		target.Providers[i].SubmissionTLS, target.Providers[i].SubmissionSTARTTLS = s.submission.address, s.incoming.address
		target.Providers[i].Incoming, target.Providers[i].IMAP = s.incoming.address, address
	}
	target.Ordinary.IMAP = address
	target.WhiteBox.URL = s.adapter(t)
	if err := target.Check(); err != nil {
		t.Fatal(err)
	}
	recorder, err := evidence.Create(s.dir, testNow)
	if err != nil {
		t.Fatal(err)
	}
	s.world = New(target, recorder.Scenario("test"), Options{Now: testNow, Random: rand.New(rand.NewSource(1))})
	t.Cleanup(s.world.Close)
	s.close = func() *evidence.Case {
		if err := recorder.Close(); err != nil {
			t.Fatal(err)
		}
		record, err := evidence.Open(s.dir)
		if err != nil {
			t.Fatal(err)
		}
		return record.Cases[0]
	}
	return s
}

func (s *stage) adapter(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	write := func(rw http.ResponseWriter, v any) {
		if err := json.NewEncoder(rw).Encode(v); err != nil {
			t.Error(err)
		}
	}
	busy := 2
	mux.HandleFunc("GET /v1/idle", func(rw http.ResponseWriter, _ *http.Request) {
		if busy--; busy >= 0 {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		rw.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /v1/trust", func(rw http.ResponseWriter, _ *http.Request) {
		write(rw, map[string]any{"now": testNow(), "ca": "CA", "crl": "CRL", "directory": "LDIF"})
	})
	mux.HandleFunc("GET /v1/journal", func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("provider") == "Aurora" {
			write(rw, s.journal)
			return
		}
		write(rw, []evidence.JournalEntry{})
	})
	mux.HandleFunc("GET /v1/quarantine", func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("provider") == "Borea" {
			write(rw, []map[string]any{{"at": testNow(), "found": "EICAR", "octets": eicar()}})
			return
		}
		write(rw, []any{})
	})
	// No /v1/sessions: an adapter need not offer everything.
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}
