package client_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/control/client"
	"github.com/collaudo/collaudo/simulator/events"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/history"
	"github.com/google/go-cmp/cmp"
)

func driveWorld(t *testing.T, w *world) {
	t.Helper()
	if err := w.Health(t.Context()); err != nil {
		t.Error(err)
	}
	var d simulator.Description
	if err := w.World(t.Context(), &d); err != nil || len(d.Providers) != 2 || d.Ordinary == nil || d.Providers[0].Hosts.SubmissionTLS == "" {
		t.Errorf("world: %+v, %v: want two providers and an ordinary host", d, err)
	}
	for _, yaml := range []bool{false, true} {
		if octets, err := w.Document(t.Context(), yaml); err != nil || !bytes.Contains(octets, []byte("/v1/events")) {
			t.Errorf("document (YAML %t): %d bytes, %v: want one that describes /v1/events", yaml, len(octets), err)
		}
	}
	before, err := w.Clock(t.Context())
	if err != nil || !before.Steppable {
		t.Fatalf("clock: %+v, %v: want one that can be moved", before, err)
	}
	after, err := w.Advance(t.Context(), time.Hour)
	if gone := after.Now.Sub(before.Now); err != nil || gone < time.Hour || gone > time.Hour+patience {
		t.Errorf("an hour later it is %v after %v (%v)", after.Now, before.Now, err)
	}
	at := after.Now.Add(30 * time.Minute)
	if moved, err := w.MoveTo(t.Context(), at); err != nil || moved.Now.Before(at) || moved.Now.After(at.Add(patience)) {
		t.Errorf("moved to %v: it is %v, %v", at, moved.Now, err)
	}
	w.send(t, bruno, "Da esportare")
	w.settle(t)
	files := w.exported(t)
	for _, name := range []string{"mailboxes.json", "journal.json", "quarantine.json", "relay.json", "events.json", "history.json", "trust/ca.pem", "trust/crl.pem", "trust/directory.ldif"} {
		if len(files[name]) == 0 {
			t.Errorf("%s is missing in the export", name)
		}
	}
	if err := w.Reset(t.Context()); err != nil {
		t.Error(err)
	}
}

// exported reads an export.
func (w *world) exported(t *testing.T) map[string][]byte {
	t.Helper()
	archive, err := w.Export(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	files := map[string][]byte{}
	for r := tar.NewReader(archive); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[header.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

// An export holds every message that lies in a mailbox, octet by octet.
func TestExport(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.send(t, bruno, "Da portare via")
	w.settle(t)
	files := w.exported(t)
	var boxes []struct {
		Address  string                   `json:"address"`
		Contents []control.MailboxMessage `json:"contents"`
	}
	if err := json.Unmarshal(files["mailboxes.json"], &boxes); err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, b := range boxes {
		for _, m := range b.Contents {
			found[b.Address] = append(found[b.Address], m.Kind)
			octets, err := w.Message(t.Context(), m.SHA256)
			if err != nil || !bytes.Equal(octets, files["messages/"+m.SHA256+".eml"]) || int64(len(octets)) != m.Size {
				t.Errorf("%s of %s: %d octets in the archive, %d in the world, %d announced (%v)", m.Kind, b.Address, len(files["messages/"+m.SHA256+".eml"]), len(octets), m.Size, err)
			}
		}
	}
	slices.Sort(found[anna])
	want := map[string][]string{anna: {"Acceptance", "Delivery"}, bruno: {"TransportEnvelope"}, "ricevute@gestore.aurora.example": {"TakenInCharge"}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("mailboxes (-want +exported):\n%s", diff)
	}
}

// After a reset the world is as it was at the beginning, on the same ports, and
// works.
func TestReset(t *testing.T) {
	t.Parallel()
	w := start(t)
	var before, after simulator.Description
	if err := w.World(t.Context(), &before); err != nil {
		t.Fatal(err)
	}
	w.send(t, bruno, "Prima")
	w.send(t, elena, "Prima a Elena")
	w.settle(t)
	if _, err := w.SwitchOn(t.Context(), faults.Rule{Fault: "delivery-none"}); err != nil {
		t.Fatal(err)
	}
	validity := w.validity(t, bruno)
	mark, err := w.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e, err := mark.Wait(t.Context(), events.Filter{Type: events.World}); err != nil || e.Detail != simulator.WasReset {
		t.Errorf("event %+v, %v: want that of the reset", e, err)
	}
	lines, err := w.Journal(t.Context(), "")
	sessions, err2 := w.RelaySessions(t.Context(), "")
	if errors.Join(err, err2) != nil || len(lines) != 0 || len(sessions) != 0 {
		t.Errorf("after the reset: %d lines in the logs, %d sessions (%v)", len(lines), len(sessions), errors.Join(err, err2))
	}
	if said, err := w.History(t.Context(), history.Filter{}); err != nil || len(said.Sessions) != 0 {
		t.Errorf("after the reset: %d sessions in the history (%v)", len(said.Sessions), err)
	}
	if rules, err := w.Rules(t.Context()); err != nil || len(rules) != 0 {
		t.Errorf("after the reset: rules %+v (%v)", rules, err)
	}
	boxes, err := w.Mailboxes(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range boxes {
		if b.Bytes != 0 || b.Folders[0].Messages != 0 {
			t.Errorf("after the reset %s holds %d bytes", b.Address, b.Bytes)
		}
	}
	if now := w.validity(t, bruno); now <= validity {
		t.Errorf("UIDVALIDITY %d after %d: a client would take old messages for new ones", now, validity)
	}
	if err := w.World(t.Context(), &after); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before.Providers, after.Providers); diff != "" {
		t.Errorf("providers (-before +after the reset):\n%s", diff)
	}
	w.send(t, bruno, "Dopo")
	w.send(t, elena, "Dopo a Elena")
	w.settle(t)
	for address, want := range map[string]int{anna: 3, bruno: 1, elena: 1} {
		if got, err := w.Messages(t.Context(), address, control.MessageChoice{}); err != nil || len(got) != want {
			t.Errorf("%s has %d messages of after the reset (%v), want %d", address, len(got), err, want)
		}
	}
}

func (w *world) validity(t *testing.T, address string) uint32 {
	t.Helper()
	boxes, err := w.Mailboxes(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range boxes {
		if b.Address == address {
			return b.Folders[0].UIDValidity
		}
	}
	t.Fatalf("no mailbox %s", address)
	return 0
}

// The interface refuses what it does not understand, and says what it wants.
func TestRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	real := start(t, func(c *simulator.Config) { c.Clock = nil })
	tests := []struct {
		name, method, path string
		body               any
		of                 *world
		status             int
		says               string
	}{
		{name: "neither by nor at", method: "POST", path: "/v1/clock", body: map[string]string{}, status: 400, says: `want one of {"by": "12h"}`},
		{name: "both", method: "POST", path: "/v1/clock", body: map[string]string{"by": "1h", "at": "2030-01-01T00:00:00Z"}, status: 400, says: "want one of"},
		{name: "backwards", method: "POST", path: "/v1/clock", body: map[string]string{"at": "2020-01-01T00:00:00Z"}, status: 400, says: "does not go back"},
		{name: "more than a century", method: "POST", path: "/v1/clock", body: map[string]string{"by": "900000h"}, status: 400, says: "at most"},
		{name: "unknown field", method: "POST", path: "/v1/clock", body: map[string]string{"bye": "1h"}, status: 400, says: `unknown field "bye"`},
		{name: "real time", method: "POST", path: "/v1/clock", body: map[string]string{"by": "1h"}, of: real, status: 409, says: "shows real time"},
		{name: "unknown provider", method: "GET", path: "/v1/journal?provider=nessuno", status: 404, says: `"nessuno"`},
		{name: "unknown mailbox", method: "GET", path: "/v1/mailboxes/nessuno@aurora.example/messages", status: 404, says: "no mailbox nessuno@aurora.example"},
		{name: "unknown folder", method: "GET", path: "/v1/mailboxes/" + anna + "/messages?folder=Altro", status: 404, says: "no such folder"},
		{name: "unknown message", method: "GET", path: "/v1/messages/" + strings.Repeat("0", 64), status: 404, says: "no host keeps"},
		{name: "no hash", method: "GET", path: "/v1/messages/pippo", status: 400, says: "64 hexadecimal digits"},
		{name: "misspelt filter", method: "GET", path: "/v1/events?kinds=Delivery", status: 400, says: `parameter "kinds"`},
		{name: "no such kind", method: "GET", path: "/v1/events?kind=Deliverry", status: 400, says: "avvenuta-consegna"},
		{name: "no such type", method: "GET", path: "/v1/events?type=messagge", status: 400, says: "want one of message"},
		{name: "a cursor of the future", method: "GET", path: "/v1/events?after=999999", status: 400, says: "never given out"},
		{name: "no instant", method: "GET", path: "/v1/search?from=ieri", status: 400, says: `from="ieri"`},
		{name: "an empty seed", method: "POST", path: "/v1/seed", body: map[string]string{}, status: 400, says: `want "messages"`},
		{name: "a message for nobody", method: "POST", path: "/v1/seed", body: control.Seed{Messages: []control.SeedMessage{{Mailbox: "x@y.example", Octets: []byte("a")}}}, status: 404, says: "message 1: "},
		{name: "a full mailbox", method: "POST", path: "/v1/seed", body: control.Seed{Messages: []control.SeedMessage{{Mailbox: full, Octets: []byte("ab")}}}, status: 400, says: "the mailbox is full"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			of := tt.of
			if of == nil {
				of = w
			}
			path, query, _ := strings.Cut(tt.path, "?")
			if query != "" {
				path += "?" + query
			}
			err := of.Call(t.Context(), tt.method, path, nil, tt.body, nil)
			var answer *client.Error
			if !errors.As(err, &answer) || answer.Status != tt.status || !strings.Contains(answer.Text, tt.says) {
				t.Errorf("%v, want %d with %q", err, tt.status, tt.says)
			}
		})
	}
}

// A page in a browser on this machine can neither post to the interface nor read
// it under a name of its own.
func TestGuard(t *testing.T) {
	t.Parallel()
	w := start(t)
	var d simulator.Description
	if err := w.World(t.Context(), &d); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, host, origin string
		want               int
	}{
		{"by address", "", "", 204},
		{"as localhost", "localhost:6100", "", 204},
		{"as IPv6", "[::1]:6100", "", 204},
		{"under a name that was rebound", "attacker.example", "", 403},
		{"from another page", "", "https://attacker.example", 403},
		{"from its own page", "localhost:6100", "http://localhost:6100", 204},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.ControlURL+"/v1/health", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = tt.host
			if tt.origin != "" {
				r.Header.Set("Origin", tt.origin)
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if answer.StatusCode != tt.want {
				t.Errorf("%d, want %d", answer.StatusCode, tt.want)
			}
		})
	}
}
