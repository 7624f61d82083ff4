package client_test

import (
	"bytes"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/control"
)

func driveProviders(t *testing.T, w *world) {
	t.Helper()
	infected := mail(bruno, "Infetta")
	infected.Octets = append(infected.Octets, simulator.BoreaOnlyPattern+"\r\n"...)
	if done, err := w.Seed(t.Context(), control.Seed{Submissions: []control.SeedSubmission{mail(bruno, "Nel registro"), infected}}); err != nil || done.Submissions[1].Code != 250 {
		t.Fatalf("submissions: %+v, %v", done, err)
	}
	w.settle(t)
	if lines, err := w.Journal(t.Context(), aurora); err != nil || len(lines) == 0 || lines[0].Provider != aurora {
		t.Errorf("journal: %d lines, %v: want Aurora's", len(lines), err)
	}
	if lines, err := w.Search(t.Context(), control.LogSearch{Identifier: identifier("Nel registro"), Event: "delivery"}); err != nil || len(lines) != 1 || lines[0].Provider != borea {
		t.Errorf("search: %+v, %v: want Borea's line of the delivery", lines, err)
	}
	if kept, err := w.Quarantine(t.Context(), ""); err != nil || len(kept) != 1 || !bytes.Contains(kept[0].Octets, []byte("Infetta")) {
		t.Errorf("quarantine: %d messages, %v: want the infected one", len(kept), err)
	}
	if sessions, err := w.RelaySessions(t.Context(), aurora); err != nil || len(sessions) != 2 || sessions[0].Code != 250 {
		t.Errorf("sessions: %+v, %v: want Aurora's two envelopes", sessions, err)
	}
	extract, err := w.LogExtract(t.Context(), "", anna, identifier("Nel registro"))
	if err != nil || extract.Provider != aurora || len(extract.Entries) == 0 || !bytes.Contains(extract.Octets, []byte("Nel.registro")) {
		t.Errorf("extract: %+v, %v: want what Aurora did with it", extract, err)
	}
	if _, err := w.Advance(t.Context(), 25*time.Hour); err != nil {
		t.Fatal(err)
	}
	if files, err := w.LogFiles(t.Context(), borea); err != nil || len(files) == 0 || len(files[0].Stamp) == 0 {
		t.Errorf("log files: %d, %v: want that of yesterday with its time stamp", len(files), err)
	}
	if err := w.Restart(t.Context(), "gestore.aurora.example"); err != nil {
		t.Error(err)
	}
}

func driveAuthority(t *testing.T, w *world) {
	t.Helper()
	trust, err := w.Trust(t.Context())
	if block, _ := pem.Decode([]byte(trust.CA)); err != nil || block == nil || !strings.Contains(trust.Directory, "borea.example") {
		t.Errorf("trust: %v: want a CA and a directory with Borea", err)
	}
	var d simulator.Description
	if err := w.World(t.Context(), &d); err != nil {
		t.Fatal(err)
	}
	if err := w.Revoke(t.Context(), d.Directory.Signer); err != nil {
		t.Error(err)
	}
	if after, err := w.Trust(t.Context()); err != nil || after.CRL == trust.CRL {
		t.Errorf("the revocation list is as before (%v)", err)
	}
}

// The legal logs, searched in each of the ways.
func TestSearch(t *testing.T) {
	t.Parallel()
	w := start(t)
	began := w.simulated.Now()
	w.send(t, bruno, "Prima")
	w.send(t, elena, "A Elena")
	w.settle(t)
	if _, err := w.Advance(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	later := w.simulated.Now().Truncate(time.Second)
	w.send(t, bruno, "Seconda")
	w.settle(t)
	all, err := w.Search(t.Context(), control.LogSearch{})
	if err != nil || len(all) < 10 {
		t.Fatalf("%d lines (%v)", len(all), err)
	}
	delivered, err := w.Search(t.Context(), control.LogSearch{Event: "DELIVERY", Identifier: identifier("Prima")})
	if err != nil || len(delivered) != 1 {
		t.Fatalf("%+v, %v: want one line", delivered, err)
	}
	tests := []struct {
		name string
		s    control.LogSearch
		keep func(e control.JournalEntry) bool
	}{
		{"provider", control.LogSearch{Provider: "gestore.borea.example"}, func(e control.JournalEntry) bool { return e.Provider == borea }},
		{"address", control.LogSearch{Address: "BRUNO@borea.example"}, func(e control.JournalEntry) bool { return concerns(e, bruno) }},
		{"counterparty", control.LogSearch{Address: anna, Counterparty: elena}, func(e control.JournalEntry) bool { return concerns(e, anna) && concerns(e, elena) }},
		{"identifier of the provider", control.LogSearch{Identifier: "<" + delivered[0].Identifier + ">"}, func(e control.JournalEntry) bool { return e.Identifier == delivered[0].Identifier }},
		{"subject", control.LogSearch{Subject: "elena"}, func(e control.JournalEntry) bool { return strings.Contains(e.Subject, "Elena") }},
		{"from", control.LogSearch{From: later}, func(e control.JournalEntry) bool { return !e.At.Before(later) }},
		{"until", control.LogSearch{From: began.Add(-time.Minute), Until: later}, func(e control.JournalEntry) bool { return e.At.Before(later) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := 0
			for _, e := range all {
				if tt.keep(e) {
					want++
				}
			}
			got, err := w.Search(t.Context(), tt.s)
			if err != nil || len(got) != want || want == 0 || want == len(all) {
				t.Errorf("%d of %d lines (%v), want %d", len(got), len(all), err, want)
			}
			for _, e := range got {
				if !tt.keep(e) {
					t.Errorf("%+v was not asked for", e)
				}
			}
		})
	}
	newest, err := w.Search(t.Context(), control.LogSearch{Limit: 2})
	if err != nil || len(newest) != 2 || newest[0].At.Before(later) {
		t.Errorf("the newest two: %+v, %v", newest, err)
	}
}

func concerns(e control.JournalEntry, address string) bool {
	for _, r := range e.Recipients {
		if r == address {
			return true
		}
	}
	return e.Sender == address
}
