package client_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/events"
	"github.com/google/go-cmp/cmp"
)

// Every line of the logs and every message in a mailbox is an event, once, and no
// other line or message is told of.
func TestEventsAreComplete(t *testing.T) {
	t.Parallel()
	w := start(t)
	mark, err := w.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, to := range []string{bruno, elena, "sconosciuto@borea.example", full, bruno} {
		w.send(t, to, fmt.Sprintf("Completo %d", i))
	}
	w.settle(t)

	told := func(filter events.Filter, name func(events.Event) string) []string {
		t.Helper()
		all, err := mark.All(t.Context(), filter)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range all {
			names = append(names, name(e))
		}
		slices.Sort(names)
		return names
	}

	lines, err := w.Journal(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, l := range lines {
		want = append(want, fmt.Sprint(l.Provider, l.Event, l.At.Unix(), l.MessageID, l.Identifier, l.Recipients, l.Detail))
	}
	slices.Sort(want)
	got := told(events.Filter{Type: events.Log}, func(e events.Event) string {
		return fmt.Sprint(e.Provider, e.Event, e.At.Unix(), e.MessageID, e.Identifier, e.Recipients, e.Detail)
	})
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 20 {
		t.Errorf("%d lines of the logs (-in the logs +told):\n%s", len(want), diff)
	}

	boxes, err := w.Mailboxes(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	want = nil
	for _, b := range boxes {
		list, err := w.Messages(t.Context(), b.Address, control.MessageChoice{})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			want = append(want, fmt.Sprint(b.Provider, m.Mailbox, m.Folder, m.UID, m.Kind, m.SHA256, m.Size, m.Subject))
		}
	}
	slices.Sort(want)
	got = told(events.Filter{Type: events.Message}, func(e events.Event) string {
		return fmt.Sprint(e.Provider, e.Mailbox, e.Folder, e.UID, e.Kind, e.SHA256, e.Size, e.Subject)
	})
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 15 {
		t.Errorf("%d messages (-in the mailboxes +told):\n%s", len(want), diff)
	}
}
