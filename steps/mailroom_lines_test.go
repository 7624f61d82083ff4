package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/collaudo/collaudo/steps/reach"
)

// doorOf makes a door with room for so many connections.
func doorOf(t *testing.T, connections int) *reach.Door {
	t.Helper()
	door, err := reach.New(reach.Options{Connections: connections})
	if err != nil {
		t.Fatal(err)
	}
	return door
}

// hold takes all the room that a door has left, for a moment, and says how much
// that was.
func hold(t *testing.T, door *reach.Door, address string) (count int) {
	t.Helper()
	for {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		conn, err := door.DialContext(ctx, "tcp", address)
		cancel()
		if err != nil {
			return count
		}
		count++
		defer conn.Close()
	}
}

// However few connections there may be, every mailbox is read, from its mark,
// and there is room for others meanwhile.
func TestMailboxesTakeTurnsAtFewConnections(t *testing.T) {
	t.Parallel()
	for _, connections := range []int{1, 2, 3, 4, 8, 100} {
		t.Run(fmt.Sprint(connections), func(t *testing.T) {
			t.Parallel()
			s := setStage(t, nil)
			s.world.target.WhiteBox = WhiteBox{}
			s.world.target.Mailboxes = slices.Concat(s.world.target.Mailboxes[:5], s.world.target.Mailboxes[10:])
			if n := len(s.world.target.Mailboxes); n != 6 {
				t.Fatalf("%d mailboxes, expected 6", n)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			put(t, s.users["bruno@borea.example"], mail("prova COL-BBBBBBBBBB of yesterday", ""))
			options := s.world.options
			options.Door, options.Patience = doorOf(t, connections), Patience{Quiet: 100 * time.Millisecond}
			m, err := OpenMailroom(ctx, s.world.target, options)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(m.Close)
			s.world.options.Door, s.world.options.Mailroom = options.Door, m
			s.world.addWord("BBBBBBBBBB")
			for round := range 3 {
				for _, box := range s.world.target.Mailboxes {
					put(t, s.users[box.Address], mail(fmt.Sprintf("prova COL-BBBBBBBBBB %d", round), ""))
				}
				time.Sleep(2 * m.pause)
				var readers sync.WaitGroup
				for range 3 { // scenarios that look at the same time
					readers.Go(func() {
						for _, box := range s.world.target.Mailboxes {
							if _, err := m.fetch(ctx, &box, nil, func(string) bool { return false }, []string{"COL-CCCCCCCCCC"}, nil); err != nil {
								t.Error(err)
							}
						}
					})
				}
				if err := s.world.readMailboxes(ctx); err != nil {
					t.Fatal(err)
				}
				readers.Wait()
			}
			if room, want := hold(t, options.Door, s.submission.address), (connections+1)/2; room < min(want, 50) {
				t.Errorf("while nobody reads there is room for %d of %d connections, expected %d", room, connections, want)
			}
			if c := s.close(); len(c.Messages) != 18 {
				t.Errorf("%d messages, want 3 in each of 6 mailboxes: that of yesterday is none of the run", len(c.Messages))
			}
		})
	}
}

// Who waits for its turn waits no longer than its own time, and says for what.
func TestWaitingForATurnEndsWithTheContext(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	options := s.world.options
	options.Door = doorOf(t, 2)
	m, err := OpenMailroom(t.Context(), s.world.target, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	fetch := func(address string) error {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := m.fetch(ctx, m.boxes[address].box, nil, func(string) bool { return false }, nil, nil)
		return err
	}
	expect := func(err error, says string) {
		t.Helper()
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, expected that the time was over, and %q", err, says)
		}
	}
	p := m.boxes["anna@aurora.example"]
	if err := p.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(fetch("anna@aurora.example"), "read the mailbox anna@aurora.example: wait until another scenario has read it")
	if err := p.sit(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(fetch("bruno@borea.example"), "read the mailbox bruno@borea.example: wait for one of the 1 connections that are for reading mailboxes")
	p.leave()

	for _, p := range m.boxes {
		m.lines.hangUp(p) // whichever kept one: who reads next would have its place
	}
	var taken []interface{ Close() error }
	for range 2 {
		conn, err := options.Door.DialContext(t.Context(), "tcp", s.submission.address)
		if err != nil {
			t.Fatal(err)
		}
		taken = append(taken, conn)
	}
	expect(fetch("bruno@borea.example"), "wait for one of the 2 connections that reach.connections allows, to connect to ")
	for _, conn := range taken {
		_ = conn.Close()
	}
	if err := fetchUntil(t, m, m.boxes["bruno@borea.example"].box); err != nil {
		t.Error(err)
	}
}

func fetchUntil(t *testing.T, m *Mailroom, box *Mailbox) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err := m.fetch(ctx, box, nil, func(string) bool { return false }, nil, nil)
	return err
}

// A mailbox that lost its connection to others is read on only as the same one.
func TestAMailboxThatIsAnotherAfterItsTurn(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	options := s.world.options
	options.Door = doorOf(t, 2)
	m, err := OpenMailroom(t.Context(), s.world.target, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	p := m.boxes["bruno@borea.example"]
	m.lines.hangUp(p)
	p.validity++ // as if the mailbox had been made anew meanwhile
	if err := fetchUntil(t, m, p.box); err == nil || !strings.Contains(err.Error(), "UIDVALIDITY changed") {
		t.Errorf("got %v, expected that UIDVALIDITY changed", err)
	}
}

func TestShareOfTheConnections(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ connections, mailboxes, rounds int }{
		{0, 50, 1}, {1, 1, 1}, {1, 6, 6}, {2, 6, 6}, {4, 6, 3}, {8, 16, 4}, {32, 16, 1}, {5, 5, 3},
	} {
		if got := newLines(tt.connections).rounds(tt.mailboxes); got != tt.rounds {
			t.Errorf("%d connections, %d mailboxes: %d rounds, want %d", tt.connections, tt.mailboxes, got, tt.rounds)
		}
	}
}
