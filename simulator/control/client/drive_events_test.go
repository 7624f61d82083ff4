package client_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/control/client"
	"github.com/collaudo/collaudo/simulator/events"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func driveEvents(t *testing.T, w *world) {
	t.Helper()
	page, err := w.Events(t.Context(), client.EventQuery{Filter: events.Filter{Type: events.World}})
	if err != nil || len(page.Events) == 0 || page.Events[0].Detail != simulator.Started {
		t.Errorf("events: %+v, %v: want the start of the world", page, err)
	}
}

// One message, and what its sender waits for: by kind, by token of the wire, by
// log, in any order, each found although the others were asked for first.
func TestWaitForReceipts(t *testing.T) {
	t.Parallel()
	w := start(t)
	mark, err := w.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	go w.send(t, bruno, "In attesa")
	about := strings.Trim(identifier("In attesa"), "<>")
	got := map[string]events.Event{}
	for _, f := range []events.Filter{
		{Kind: "avvenuta-consegna", Reference: about},
		{Kind: "acceptance", Mailbox: strings.ToUpper(anna), Subject: "in attesa"},
		{Kind: "TransportEnvelope", Provider: "gestore.borea.example"},
		{Type: events.Log, Event: "delivery", Provider: borea},
	} {
		e, err := mark.Wait(ctx, f)
		if err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
		got[e.Kind+e.Event] = e
	}
	pecID := got["delivery"].Identifier
	if pecID == "" {
		t.Error("the log's line bears no identifier of the provider")
	}
	want := map[string]events.Event{
		"Delivery":          {Type: events.Message, Provider: aurora, Mailbox: anna, Folder: "INBOX", Kind: "Delivery", Reference: identifier("In attesa"), Identifier: pecID, Sender: anna, Recipients: []string{bruno}, Subject: "CONSEGNA: In attesa"},
		"Acceptance":        {Type: events.Message, Provider: aurora, Mailbox: anna, Folder: "INBOX", Kind: "Acceptance", Reference: identifier("In attesa"), Identifier: pecID, Sender: anna, Recipients: []string{bruno}, Subject: "ACCETTAZIONE: In attesa"},
		"TransportEnvelope": {Type: events.Message, Provider: borea, Mailbox: bruno, Folder: "INBOX", Kind: "TransportEnvelope", Reference: identifier("In attesa"), Identifier: pecID, Sender: anna, Recipients: []string{bruno}, Subject: "POSTA CERTIFICATA: In attesa"},
		"delivery":          {Type: events.Log, Provider: borea, Event: "delivery", MessageID: identifier("In attesa"), Reference: identifier("In attesa"), Identifier: pecID, Sender: anna, Recipients: []string{bruno}, Subject: "In attesa"},
	}
	varying := cmpopts.IgnoreFields(events.Event{}, "Cursor", "At", "UID", "SHA256", "Size", "Detail")
	ownID := cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "MessageID" }, cmp.Comparer(func(a, b string) bool { return a == b || a == "" || b == "" }))
	if diff := cmp.Diff(want, got, varying, ownID); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	for _, e := range got {
		if e.Type != events.Message {
			continue
		}
		if octets, err := w.Message(t.Context(), e.SHA256); err != nil || int64(len(octets)) != e.Size || e.UID == 0 {
			t.Errorf("%s: %d octets (%v), the event says %d, UID %d", e.Kind, len(octets), err, e.Size, e.UID)
		}
	}
}

// Nothing is lost between two questions: many messages from several senders at
// the same time, and one who looks on page by page.
func TestNoEventIsLost(t *testing.T) {
	t.Parallel()
	w := start(t)
	const senders, each = 4, 5
	mark, err := w.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var sending sync.WaitGroup
	for s := range senders {
		sending.Go(func() {
			for i := range each {
				w.send(t, bruno, fmt.Sprintf("Serie %d.%d", s, i))
			}
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	seen := map[string]int{}
	for len(seen) < senders*each {
		e, err := mark.Wait(ctx, events.Filter{Type: events.Message, Kind: "Delivery"})
		if err != nil {
			t.Fatalf("after %d receipts: %v", len(seen), err)
		}
		if e.Cursor <= 0 {
			t.Fatalf("cursor %d", e.Cursor)
		}
		seen[e.Reference]++
		mark = mark.Past(e)
	}
	sending.Wait()
	w.settle(t)
	for reference, n := range seen {
		if n != 1 {
			t.Errorf("%s: %d receipts, want 1", reference, n)
		}
	}
	all, err := mark.All(t.Context(), events.Filter{Type: events.Message, Kind: "Delivery"})
	if err != nil || len(all) != 0 {
		t.Errorf("%d more receipts (%v)", len(all), err)
	}
}

// A wait that is over answers with no event and with where to go on; one whose
// caller has gone ends.
func TestWaitIsOver(t *testing.T) {
	t.Parallel()
	w := start(t)
	page, err := w.Events(t.Context(), client.EventQuery{After: "last", Wait: 50 * time.Millisecond, Filter: events.Filter{Kind: "Delivery"}})
	if err != nil || len(page.Events) != 0 || page.Next != page.Last {
		t.Errorf("%+v, %v: want no event, and the last cursor to go on from", page, err)
	}
	mark, err := w.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if e, err := mark.Wait(ctx, events.Filter{Kind: "Delivery"}); !errors.Is(err, client.ErrNoEvent) {
		t.Errorf("%+v, %v: want ErrNoEvent", e, err)
	}
}

// Who comes too late, or from another life of the world, is told, with the place
// to begin again from.
func TestEventsAreGone(t *testing.T) {
	t.Parallel()
	w := start(t, func(c *simulator.Config) { c.EventsKept = 5 })
	first, err := w.Events(t.Context(), client.EventQuery{})
	if err != nil || first.Epoch == "" {
		t.Fatalf("%+v, %v", first, err)
	}
	w.send(t, bruno, "Molti eventi")
	w.send(t, bruno, "Ancora molti")
	w.settle(t)
	_, err = w.Events(t.Context(), client.EventQuery{After: "0"})
	var answer *client.Error
	if !client.Gone(err) || !errors.As(err, &answer) || answer.Oldest < 2 {
		t.Fatalf("%v: want 410 with the oldest cursor", err)
	}
	if page, err := w.Events(t.Context(), client.EventQuery{After: fmt.Sprint(answer.Oldest - 1), Epoch: answer.Epoch}); err != nil || page.Events[0].Cursor != answer.Oldest {
		t.Errorf("from the oldest: %+v, %v", page, err)
	}
	if page, err := w.Events(t.Context(), client.EventQuery{}); err != nil || len(page.Events) < 5 {
		t.Errorf("without a cursor: %d events, %v: want those that are kept", len(page.Events), err)
	}
	if _, err := w.Events(t.Context(), client.EventQuery{After: "3", Epoch: "0123456789abcdef"}); !client.Gone(err) {
		t.Errorf("cursor of another epoch: %v, want 410", err)
	}
}

// What moves the world as a whole is told of too.
func TestEventsAboutTheWorld(t *testing.T) {
	t.Parallel()
	w := start(t)
	mark, err := w.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Advance(t.Context(), 12*time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := w.Restart(t.Context(), borea); err != nil {
		t.Fatal(err)
	}
	w.send(t, bruno, "Dopo la ripresa")
	w.settle(t)
	all, err := mark.All(t.Context(), events.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var last int64
	for _, e := range all {
		seen[strings.TrimSpace(e.Type+" "+e.Kind+e.Detail)] = true
		if e.Cursor != last+1 && last != 0 {
			t.Errorf("cursor %d after %d", e.Cursor, last)
		}
		last = e.Cursor
	}
	for _, want := range []string{"clock 12h0m0s", "world " + simulator.ProviderStarted, "message TransportEnvelope"} {
		if !seen[want] {
			t.Errorf("no event %q among %v", want, seen)
		}
	}
}

// A message of any size is told of with what it is about.
func TestSeededMessageIsTold(t *testing.T) {
	t.Parallel()
	w := start(t)
	mark, err := w.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	octets := []byte("From: Elena <" + elena + ">\r\nTo: " + anna + "\r\nSubject: =?utf-8?q?Citt=C3=A0?=\r\nMessage-ID: <1@client.example>\r\n\r\n" + strings.Repeat("x", 1<<20))
	if _, err := w.Seed(t.Context(), control.Seed{Messages: []control.SeedMessage{{Mailbox: anna, Folder: "Archivio", Octets: octets, Flags: []string{`\Seen`}}}}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	e, err := mark.Wait(ctx, events.Filter{Mailbox: anna})
	if err != nil {
		t.Fatal(err)
	}
	want := events.Event{
		Cursor: e.Cursor, At: e.At, Type: events.Message, Provider: aurora, Mailbox: anna, Folder: "Archivio", UID: 1, Kind: "ordinary",
		MessageID: "<1@client.example>", Sender: elena, Recipients: []string{anna}, Subject: "Città", SHA256: e.SHA256, Size: int64(len(octets)),
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}
