package client_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/control"
	"github.com/google/go-cmp/cmp"
)

func driveMailboxes(t *testing.T, w *world) {
	t.Helper()
	boxes, err := w.Mailboxes(t.Context(), "gestore.borea.example")
	if err != nil || len(boxes) != 6 || boxes[0].Provider != borea || len(boxes[0].Folders) == 0 {
		t.Fatalf("mailboxes of Borea: %+v, %v: want six with their folders", boxes, err)
	}
	octets := []byte("Subject: x\r\n\r\n")
	if _, err := w.Seed(t.Context(), control.Seed{Messages: []control.SeedMessage{{Mailbox: bruno, Octets: octets}}}); err != nil {
		t.Fatal(err)
	}
	list, err := w.Messages(t.Context(), bruno, control.MessageChoice{})
	if err != nil || len(list) != 1 {
		t.Fatalf("messages: %+v, %v: want one", list, err)
	}
	if got, err := w.Message(t.Context(), list[0].SHA256); err != nil || !bytes.Equal(got, octets) {
		t.Errorf("message: %q, %v: want %q", got, err, octets)
	}
}

// Messages of a mailbox, chosen in each of the ways.
func TestMessagesAreChosen(t *testing.T) {
	t.Parallel()
	w := start(t)
	received := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	seeded, err := w.Seed(t.Context(), control.Seed{
		Messages: []control.SeedMessage{{Mailbox: anna, Folder: "Archivio", Octets: []byte("Subject: Vecchia\r\n\r\n"), Flags: []string{`\Seen`, `\Flagged`}, Received: received}},
		Submissions: []control.SeedSubmission{
			mail(bruno, "Prima"), mail(bruno, "Seconda"),
			{From: anna, Recipients: []string{bruno}, Octets: []byte("x"), Password: "sbagliata"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if codes := []int{seeded.Submissions[0].Code, seeded.Submissions[1].Code, seeded.Submissions[2].Code}; !cmp.Equal(codes, []int{250, 250, 535}) {
		t.Errorf("submissions were answered %v, want 250, 250, 535", codes)
	}
	w.settle(t)
	tests := []struct {
		name   string
		choice control.MessageChoice
		want   int
	}{
		{"all", control.MessageChoice{}, 5},
		{"a folder", control.MessageChoice{Folder: "inbox"}, 4},
		{"another folder", control.MessageChoice{Folder: "Archivio"}, 1},
		{"a kind", control.MessageChoice{Kind: "delivery"}, 2},
		{"its token", control.MessageChoice{Kind: "accettazione"}, 2},
		{"a message", control.MessageChoice{Reference: identifier("Prima")}, 2},
		{"a receipt", control.MessageChoice{Reference: "Prima@client.example", Kind: "Delivery"}, 1},
		{"a subject", control.MessageChoice{Subject: "vecchia"}, 1},
		{"after a UID", control.MessageChoice{Folder: "INBOX", After: 3}, 1},
		{"the newest", control.MessageChoice{Limit: 2}, 2},
		{"no such kind", control.MessageChoice{Kind: "Ricevuta"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := w.Messages(t.Context(), anna, tt.choice); err != nil || len(got) != tt.want {
				t.Errorf("%d messages (%v), want %d", len(got), err, tt.want)
			}
		})
	}
	old, err := w.Messages(t.Context(), anna, control.MessageChoice{Folder: "Archivio"})
	if err != nil || len(old) != 1 || !old[0].Received.Equal(received) || !cmp.Equal(old[0].Flags, []string{`\Flagged`, `\Seen`}) {
		t.Errorf("seeded: %+v, %v: want it as it was given", old, err)
	}
}
