package tickets

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/store"
	"github.com/google/go-cmp/cmp"
)

func TestLifeOfATicket(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 12, 9, 0, 0, 0, time.UTC)
	var told []string
	o := Options{Prefix: "AUR", Ledgers: store.NewMemory(0), Now: func() time.Time { return now }, Notify: func(t Ticket) error {
		told = append(told, t.ID+" "+string(t.State))
		return nil
	}}
	open := func() *Desk {
		t.Helper()
		d, err := NewDesk(o)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := open()
	first, err := d.Open(Ticket{Category: "recovery", Subject: "Password persa", Reporter: "elena@posta.example", Mailbox: "anna@x.example"}, "")
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	if _, err := d.Open(Ticket{Category: "finding", Subject: "Ricevuta senza firma", Reporter: "elena@posta.example"}, ""); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		state State
		want  error
	}{{InProgress, nil}, {InProgress, nil}, {"", nil}, {Closed, ErrState}, {Resolved, nil}, {Closed, nil}, {InProgress, ErrState}} {
		if _, err := d.Change(strings.ToLower(first.ID), step.state, "op-1", "Documento d'identità visto"); !errors.Is(err, step.want) {
			t.Errorf("to %q: %v, want %v", step.state, err, step.want)
		}
	}
	if _, err := d.Change("AUR-9", Open, "", ""); !errors.Is(err, ErrUnknown) {
		t.Errorf("an unknown ticket: %v", err)
	}
	if diff := cmp.Diff([]string{"AUR-00001 open", "AUR-00002 open", "AUR-00001 in-progress", "AUR-00001 resolved", "AUR-00001 closed"}, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	d = open()
	for _, tt := range []struct {
		q    Query
		want int
	}{
		{Query{}, 2},
		{Query{Category: "RECOVERY"}, 1},
		{Query{State: Open}, 1},
		{Query{Operator: "op-1"}, 1},
		{Query{Text: "identità"}, 1},
		{Query{Text: "firma", State: Closed}, 0},
		{Query{Mailbox: "anna@x.example"}, 1},
		{Query{Since: now}, 1},
		{Query{Until: now}, 1},
	} {
		if got := d.Search(tt.q); len(got) != tt.want {
			t.Errorf("%+v: %d tickets after a restart, want %d", tt.q, len(got), tt.want)
		}
	}
	again, err := d.Ticket(first.ID)
	if err != nil || len(again.History) != 6 || again.State != Closed {
		t.Errorf("%+v, %v", again, err)
	}
	var text bytes.Buffer
	if err := again.WriteText(&text); err != nil || !strings.Contains(text.String(), "Stato: chiusa\r\n") {
		t.Errorf("%v in %s", err, text.String())
	}
}

func TestTicketsAreChecked(t *testing.T) {
	t.Parallel()
	d, err := NewDesk(Options{Ledgers: store.NewMemory(0), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for _, ticket := range []Ticket{{}, {Category: "x", Subject: "y"}, {Category: "x", Subject: strings.Repeat("y", maxText), Reporter: "z"}} {
		if _, err := d.Open(ticket, ""); err == nil {
			t.Errorf("%.40v was opened", ticket)
		}
	}
}

func TestWorkingDays(t *testing.T) {
	t.Parallel()
	friday := time.Date(2026, 6, 12, 9, 0, 0, 0, time.UTC)
	for n, want := range map[int]string{0: "2026-06-12", 1: "2026-06-15", 3: "2026-06-17", 5: "2026-06-19", 6: "2026-06-22"} {
		if got := WorkingDays(friday, n).Format(time.DateOnly); got != want {
			t.Errorf("%d working days later: %s, want %s", n, got, want)
		}
	}
}
