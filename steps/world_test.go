package steps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cucumber/godog"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/google/go-cmp/cmp"

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
	target.Adapter = s.adapter(t)
	if err := target.Check(); err != nil {
		t.Fatal(err)
	}
	recorder, err := evidence.Create(s.dir, testNow)
	if err != nil {
		t.Fatal(err)
	}
	s.world = New(target, recorder.Scenario("test"), Options{Now: testNow, Random: rand.New(rand.NewSource(1))})
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

func TestEachMessageIsTakenOnceAndUnaltered(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	first := "From: \"Per conto di: x\" <posta-certificata@gestore.borea.example>\r\nX-Trasporto: errore\r\n\r\n.a \xe9\xff\r\n  \r\n\r\nend"
	put(t, s.users["bruno@borea.example"], first)
	put(t, s.users["elena@posta.example"], "From: someone@altrove.example\r\n\r\nordinary\r\n")
	s.journal = []evidence.JournalEntry{{Event: "acceptance"}}
	if err := s.world.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.world.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	put(t, s.users["bruno@borea.example"], "From: posta-certificata@gestore.aurora.example\r\n\r\nsecond\r\n")
	s.journal = append(s.journal, evidence.JournalEntry{Event: "envelope"})
	s.world.disturbed()
	if err := s.world.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := s.close()
	var seen []string
	for _, m := range c.Messages {
		seen = append(seen, fmt.Sprintf("%s %s %s %s", m.ID, m.Mailbox, m.Emitter, m.Via))
	}
	want := []string{"m1 bruno@borea.example target imap", "m2 elena@posta.example third-party imap", "m3 bruno@borea.example target imap"}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	octets, err := c.Blob(c.Messages[0].Blob)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, string(octets)); diff != "" {
		t.Errorf("octets (-want +got):\n%s", diff)
	}
	if !c.Messages[0].Delivered.Equal(testNow()) {
		t.Errorf("delivered %v, want the internal date %v", c.Messages[0].Delivered, testNow())
	}
	var events []string
	for _, e := range c.Journal {
		events = append(events, e.Provider+" "+e.Event)
	}
	if diff := cmp.Diff([]string{"Aurora acceptance", "Aurora envelope"}, events); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
	if len(c.Quarantine) != 1 || len(c.Trust) != 2 || !c.HasJournal || c.HasRelay || !c.Settled {
		t.Errorf("quarantine %d, trust %d, journal %v, relay %v, settled %v", len(c.Quarantine), len(c.Trust), c.HasJournal, c.HasRelay, c.Settled)
	}
}

const littleFeature = `Feature: little
  Background:
    Given Anna's well-formed message is accepted

  Scenario: little
    When Anna sends a message with lines that begin with a dot to Bruno, hiding Dario from the header
    Then it is refused by notice
    And Anna receives one delivery receipt about Bruno
`

func runFeature(t *testing.T, s *stage, text string) int {
	t.Helper()
	suite := godog.TestSuite{
		ScenarioInitializer: s.world.Register,
		Options: &godog.Options{
			Strict: true, Format: "progress", Output: &strings.Builder{}, NoColors: true,
			DefaultContext:  t.Context(),
			FeatureContents: []godog.Feature{{Name: "little.feature", Contents: []byte(text)}},
		},
	}
	return suite.Run()
}

func TestAScenarioLeavesItsEvidence(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	if code := runFeature(t, s, littleFeature); code != 0 {
		t.Fatalf("godog ended with %d", code)
	}
	c := s.close()
	var types []evidence.Type
	for _, e := range c.Events {
		types = append(types, e.Type)
	}
	want := []evidence.Type{
		"world", "submission", "step", "submission", "step",
		"trust", "journal", "quarantine", "journal", "quarantine", "settled",
		"expectation", "step", "expectation", "step",
	}
	if diff := cmp.Diff(want, types); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if !c.Submissions[0].Twin || c.Submissions[1].Twin {
		t.Error("the first submission, and only the first, is the twin")
	}
	sub := c.Submissions[1]
	if !sub.Authenticated || !sub.TLS || !sub.Accepted() || len(sub.Recipients) != 2 || sub.Actor != "Anna" || sub.Host != "Aurora" {
		t.Errorf("submission %+v", sub)
	}
	sent, err := c.Blob(sub.Blob)
	if err != nil {
		t.Fatal(err)
	}
	if _, heard := s.submission.heard(); string(heard[1]) != string(sent) {
		t.Error("the octets in evidence are not those that the server heard")
	}
	expected := []evidence.Expectation{
		{ID: "e1", Text: "it is refused by notice", Check: "refused", Submission: "s2", Parameters: map[string]string{"by": "notice"}},
		{
			ID: "e2", Text: "Anna receives one delivery receipt about Bruno", Check: "receives", Submission: "s2",
			Parameters: map[string]string{"mailbox": "anna@aurora.example", "kind": "Delivery", "count": "1", "about": "bruno@borea.example"},
		},
	}
	if diff := cmp.Diff(expected, c.Expectations); diff != "" {
		t.Errorf("expectations (-want +got):\n%s", diff)
	}
	noSecrets(t, s.dir)
}

// noSecrets looks for passwords in everything that a run leaves behind.
func noSecrets(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		octets, err := os.ReadFile(path)
		if strings.Contains(string(octets), "segreto") || strings.Contains(string(octets), "c2VncmV0by") {
			t.Errorf("%s holds a password", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRefusalsAreRecorded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, at, reply string
		mail, data      int
		recipients      []int
		sent            int
	}{
		{"at MAIL", "MAIL", "530 5.7.0 no", 530, 0, nil, 0},
		{"at every RCPT", "RCPT", "550 5.1.1 no", 250, 0, []int{550}, 0},
		{"at DATA", "DATA", "503 5.5.1 no", 250, 503, []int{250}, 0},
		{"at the final dot", ".", "554 5.6.0 no", 250, 554, []int{250}, 1},
		{"by hanging up", "RCPT", "close", 250, 0, []int{0}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, func(c string) string {
				if strings.HasPrefix(c, test.at) {
					return test.reply
				}
				return ""
			})
			if err := s.world.submit(t.Context(), order{actor: Anna, original: "a plain message", to: "Bruno"}); err != nil {
				t.Fatal(err)
			}
			sub := s.close().Submissions[0]
			var recipients []int
			for _, r := range sub.Recipients {
				recipients = append(recipients, r.Reply.Code)
			}
			if sub.MailReply.Code != test.mail || sub.DataReply.Code != test.data || sub.Accepted() {
				t.Errorf("MAIL %+v, DATA %+v", sub.MailReply, sub.DataReply)
			}
			if diff := cmp.Diff(test.recipients, recipients); diff != "" {
				t.Errorf("RCPT (-want +got):\n%s", diff)
			}
			if _, heard := s.submission.heard(); len(heard) != test.sent {
				t.Errorf("%d messages went out, want %d", len(heard), test.sent)
			}
		})
	}
}

func TestRefusedLoginIsAnError(t *testing.T) {
	t.Parallel()
	s := setStage(t, func(c string) string {
		if strings.HasPrefix(c, "AUTH") {
			return "535 5.7.8 no"
		}
		return ""
	})
	err := s.world.submit(t.Context(), order{actor: Anna, original: "a plain message", to: "Bruno"})
	if !errors.Is(err, ErrLogin) {
		t.Errorf("error %v, want ErrLogin", err)
	}
}

func TestChannels(t *testing.T) {
	t.Parallel()
	tests := []struct {
		actor      Party
		manner     string
		channel    evidence.Channel
		tls, login bool
		first      string // greeting
	}{
		{Anna, "", evidence.SubmissionTLS, true, true, "EHLO cliente.example"},
		{Anna, "over STARTTLS", evidence.SubmissionSTARTTLS, true, true, "EHLO cliente.example"},
		{Anna, "without signing in", evidence.SubmissionTLS, true, false, "EHLO cliente.example"},
		{Anna, "in clear text", evidence.SubmissionClear, false, true, "EHLO cliente.example"},
		{Elena, "", evidence.IncomingPoint, true, false, "EHLO posta.example"},
		{Elena, "in clear text", evidence.IncomingPoint, false, false, "EHLO posta.example"},
		{Elena, "greeting with HELO", evidence.IncomingPoint, false, false, "HELO posta.example"},
	}
	for _, test := range tests {
		t.Run(string(test.actor)+" "+test.manner, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, nil)
			if err := s.world.submit(t.Context(), order{actor: test.actor, original: "a plain message", to: "Bruno", manner: test.manner}); err != nil {
				t.Fatal(err)
			}
			commands, _ := s.submission.heard()
			if test.channel != evidence.SubmissionTLS {
				commands, _ = s.incoming.heard()
			}
			if len(commands) == 0 || commands[0] != test.first {
				t.Errorf("the server heard %q, want %q first", commands, test.first)
			}
			sub := s.close().Submissions[0]
			if sub.Channel != test.channel || sub.TLS != test.tls || sub.Authenticated != test.login || !sub.Accepted() {
				t.Errorf("channel %s, TLS %v, authenticated %v, accepted %v", sub.Channel, sub.TLS, sub.Authenticated, sub.Accepted())
			}
		})
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	if err := s.world.sendMany(t.Context(), "Anna", 12, "Bruno", 4); err != nil {
		t.Fatal(err)
	}
	if err := s.world.expectAccepted(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := s.close()
	ids, tokens := map[string]bool{}, map[string]bool{}
	for _, sub := range c.Submissions {
		ids[sub.ID], tokens[sub.Token] = true, true
	}
	if len(ids) != 12 || len(tokens) != 12 || len(c.Expectations) != 12 {
		t.Errorf("%d ids, %d tokens, %d expectations, want 12 of each", len(ids), len(tokens), len(c.Expectations))
	}
}

func TestProbesTellGoodFromBad(t *testing.T) {
	t.Parallel()
	inOrder := func(c string) string {
		switch {
		case strings.HasPrefix(c, "RCPT"), c == "DATA":
			return "503 5.5.1 not now"
		case c == "INVENTATO":
			return "500 5.5.2 what"
		}
		return ""
	}
	tests := []struct {
		words   string
		answer  func(string) string
		refused bool
		version string
	}{
		{"to sign in without TLS", nil, false, ""},
		{"to sign in without TLS", func(c string) string {
			if strings.HasPrefix(c, "AUTH") {
				return "523 5.7.10 TLS first"
			}
			return ""
		}, true, ""},
		{"to sign in with a wrong password on submission", nil, false, ""},
		{"to sign in with a wrong password on IMAP", nil, true, ""},
		{"to read mail without TLS", nil, true, ""},
		{"STARTTLS on the incoming point", nil, false, "TLS 1.3"},
		{"STARTTLS on the incoming point", func(c string) string {
			if strings.HasPrefix(c, "EHLO") {
				return "250 fake"
			}
			return ""
		}, true, ""},
		{"TLS 1.1 on submission", nil, true, ""},
		{"TLS 1.2 on submission", nil, false, "TLS 1.2"},
		{"commands out of order on the incoming point", inOrder, true, ""},
		{"commands out of order on the incoming point", func(c string) string {
			if c == "DATA" {
				return "250 as you like"
			}
			return ""
		}, false, ""},
		{"RSET and NOOP on the incoming point", nil, false, ""},
		{"RSET and NOOP on the incoming point", func(c string) string {
			if c == "NOOP" {
				return "502 5.5.1 never heard"
			}
			return ""
		}, true, ""},
	}
	for _, test := range tests {
		t.Run(test.words, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, test.answer)
			if err := s.world.try(t.Context(), test.words, Bruno); err != nil {
				t.Fatal(err)
			}
			if err := s.world.expectProbe(t.Context(), "refused"); err != nil {
				t.Fatal(err)
			}
			found := s.close().Probes[0]
			if found.Refused != test.refused || found.TLSVersion != test.version || found.Transcript == "" {
				t.Errorf("refused %v (want %v), TLS %q (want %q): %+v", found.Refused, test.refused, found.TLSVersion, test.version, found.Replies)
			}
			noSecrets(t, s.dir)
		})
	}
}

func TestWithoutAdapterTheHarnessWaitsForQuiet(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	s.world.target.Adapter = ""
	s.world.options.Patience = Patience{Settle: 5 * time.Second, Quiet: 300 * time.Millisecond}
	put(t, s.users["bruno@borea.example"], "From: a@b.example\r\n\r\nx\r\n")
	if err := s.world.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := s.close(); len(c.Messages) != 1 || !c.Settled || c.HasJournal {
		t.Errorf("%d messages, settled %v, journal %v", len(c.Messages), c.Settled, c.HasJournal)
	}
}

func TestATargetThatNeverSettlesIsNotSettled(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/idle" {
			time.Sleep(20 * time.Millisecond)
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		http.NotFound(rw, r)
	}))
	defer server.Close()
	s.world.target.Adapter = server.URL
	s.world.options.Patience.Settle = 100 * time.Millisecond
	if err := s.world.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.close().Settled {
		t.Error("the evidence says settled")
	}
}

func TestFinishEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.world.Finish(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

func TestThenBeforeWhenIsAnError(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	if err := s.world.expectAccepted(t.Context()); err == nil {
		t.Error("an expectation about nothing was recorded")
	}
	if err := s.world.expectProbe(t.Context(), "refused"); err == nil {
		t.Error("an expectation about no probe was recorded")
	}
	if err := s.world.expect("invented", "", nil); err == nil {
		t.Error("a check outside the closed list was recorded")
	}
}
