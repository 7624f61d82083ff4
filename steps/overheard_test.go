package steps

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
)

// dialogueWith is the only one in evidence with that mailbox, and its text.
func dialogueWith(t *testing.T, c *evidence.Case, address string) (evidence.Dialogue, string) {
	t.Helper()
	i := slices.IndexFunc(c.Dialogues, func(d evidence.Dialogue) bool { return d.Mailbox == address })
	if i < 0 {
		t.Fatalf("no dialogue with %s among %+v", address, c.Dialogues)
	}
	octets, err := c.Blob(c.Dialogues[i].Transcript)
	if err != nil {
		t.Fatal(err)
	}
	return c.Dialogues[i], string(octets)
}

func TestWhatIsSaidToReadAMailboxIsKept(t *testing.T) {
	t.Parallel()
	const address = "bruno@borea.example"
	s := setStage(t, nil)
	put(t, s.users[address], mail("one", ""))
	for range 4 {
		if err := s.world.readMailboxes(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.world.KeepDialogues(); err != nil {
		t.Fatal(err)
	}
	if err := s.world.KeepDialogues(); err != nil { // what is kept already is not kept twice
		t.Fatal(err)
	}
	c := s.close()
	if len(c.Dialogues) != len(s.world.target.Mailboxes) {
		t.Errorf("%d dialogues, want one for each of the %d mailboxes", len(c.Dialogues), len(s.world.target.Mailboxes))
	}
	about, text := dialogueWith(t, c, address)
	about.Transcript = ""
	want := evidence.Dialogue{Protocol: "imap", Mailbox: address, Provider: "Borea", Address: s.world.target.Providers[0].IMAP, Sessions: 4}
	if diff := cmp.Diff(want, about); diff != "" {
		t.Errorf("what is said of it (-want +got):\n%s", diff)
	}
	for _, part := range []string{
		"(session 1)\n   (TLS 1.3)\nS: * OK ", `C: T1 LOGIN "` + address + `" [removed]` + "\nS: T1 OK", "EXAMINE", " BODY.PEEK[])",
		fmt.Sprintf("BODY[] {%d}\nS: [%d octets, SHA-256 %s]", c.Messages[0].Size, c.Messages[0].Size, c.Messages[0].Blob),
		"LOGOUT", "(session 2)", "(sessions 3 to 4 went alike)",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("the dialogue does not hold %q:\n%s", part, text)
		}
	}
	if strings.Contains(text, "Subject") {
		t.Errorf("it holds content of the message:\n%s", text)
	}
	noSecrets(t, s.dir)
}

// Of a mailbox that scenarios share each keeps what was said for it, and of
// messages of others not even a hash.
func TestWhatIsSaidInASharedMailboxIsKept(t *testing.T) {
	t.Parallel()
	const address = "bruno@borea.example"
	s := setStage(t, nil)
	m := room(t, s)
	s.world.addWord("BBBBBBBBBB")
	bruno := s.users[address]
	put(t, bruno, mail("prova COL-BBBBBBBBBB", ""))
	put(t, bruno, mail("holidays of others", ""))
	for range 4 {
		time.Sleep(2 * m.pause)
		if err := s.world.readMailboxes(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.world.KeepDialogues(); err != nil {
		t.Fatal(err)
	}
	c := s.close()
	about, text := dialogueWith(t, c, address)
	if !about.Shared || about.Sessions != 4 {
		t.Errorf("shared %v, looked at %d times, want 4 looks over a connection that is shared", about.Shared, about.Sessions)
	}
	for _, part := range []string{"scenarios share the connection", "(look 1)\n", "[removed]", "SHA-256 " + c.Messages[0].Blob, "went alike)"} {
		if !strings.Contains(text, part) {
			t.Errorf("the dialogue does not hold %q:\n%s", part, text)
		}
	}
	if n := strings.Count(text, "SHA-256"); n != 1 {
		t.Errorf("%d hashes, want that of the scenario's own message alone:\n%s", n, text)
	}
	if strings.Contains(text, "holidays") {
		t.Errorf("it holds what others wrote:\n%s", text)
	}
	noSecrets(t, s.dir)
}

// A server that lets nobody in is heard too, and so is one that is not there.
func TestWhatARefusalSaysIsKept(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	box := s.world.target.Mailboxes[3]
	box.Password = "segreto, but another"
	s.world.target.Mailboxes[4].Provider = "Borea"
	if _, err := s.world.fetch(t.Context(), &box); err == nil {
		t.Fatal("a wrong password opened the mailbox")
	}
	gone := s.world.target.Mailboxes[4]
	for i := range s.world.target.Providers {
		s.world.target.Providers[i].IMAP = freeAddress(t)
	}
	if _, err := s.world.fetch(t.Context(), &gone); err == nil {
		t.Fatal("nobody listens, and the mailbox was read")
	}
	if err := s.world.KeepDialogues(); err != nil {
		t.Fatal(err)
	}
	c := s.close()
	if _, text := dialogueWith(t, c, box.Address); !strings.Contains(text, "S: T1 NO ") {
		t.Errorf("the refusal is not there:\n%s", text)
	}
	if _, text := dialogueWith(t, c, gone.Address); !strings.Contains(text, "refused") {
		t.Errorf("why nothing was said is not there:\n%s", text)
	}
	noSecrets(t, s.dir)
}

func TestADialogueIsBounded(t *testing.T) {
	t.Parallel()
	d := &dialogue{Dialogue: evidence.Dialogue{Protocol: "imap"}}
	for i := range 20 {
		d.add(fmt.Sprintf("S: session number %d %s\n", i+1, strings.Repeat("x", 40<<10)), 0)
	}
	text := d.text()
	if len(text) > maxDialogue+1<<10 {
		t.Errorf("%d octets, want no more than %d", len(text), maxDialogue)
	}
	for _, part := range []string{"session number 1 ", "session number 20 ", " to 19 are not kept"} {
		if !strings.Contains(text, part) {
			t.Errorf("it does not hold %q", part)
		}
	}
	if d.Sessions != 20 || d.Cut < 10*40<<10 {
		t.Errorf("%d sessions, %d octets left out; want 20, and what is missing", d.Sessions, d.Cut)
	}
}

// It is said which sessions are not kept, and where they were.
func TestSessionsThatAreLeftOutAreNamedInTheirPlace(t *testing.T) {
	t.Parallel()
	large := func(n int) []int { return slices.Repeat([]int{60 << 10}, n) }
	left := func(what string) string {
		return fmt.Sprintf("(%s not kept: of a dialogue %d octets are)", what, maxDialogue)
	}
	for _, row := range []struct {
		name  string
		sizes []int
		want  []string
	}{
		{"none", large(4), []string{"(session 1)", "(session 2)", "(session 3)", "(session 4)"}},
		{"one", large(5), []string{"(session 1)", "(session 2)", "(session 3)", left("session 4 is"), "(session 5)"}},
		{"many", large(7), []string{"(session 1)", "(session 2)", "(session 3)", left("sessions 4 to 6 are"), "(session 7)"}},
		{"small ones follow", append(large(6), 10, 11), []string{"(session 1)", "(session 2)", "(session 3)", left("sessions 4 to 5 are"), "(session 6)", "(session 7)", "(session 8)"}},
		{"a large one after small ones", append(large(6), 10, 11, 60<<10), []string{"(session 1)", "(session 2)", "(session 3)", left("sessions 4 to 8 are"), "(session 9)"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d := &dialogue{}
			for i, size := range row.sizes {
				d.add(fmt.Sprintf("S: %d %s\n", i, strings.Repeat("x", size)), 0)
			}
			var got []string
			for line := range strings.Lines(d.text()) {
				if said, is := strings.CutPrefix(line, saidByNobody); is {
					got = append(got, strings.TrimSpace(said))
				}
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestASessionIsBounded(t *testing.T) {
	t.Parallel()
	log := newSessionTranscript("", "")
	for i := range 10_000 {
		log.server(fmt.Sprintf("line %d", i+1))
	}
	text, cut := log.take()
	if len(text) > sessionHead+sessionTail+200 || cut == 0 {
		t.Errorf("%d octets are kept and %d left out, want no more than %d", len(text), cut, sessionHead+sessionTail)
	}
	for _, part := range []string{"S: line 1\n", "S: line 10000\n", "are not kept"} {
		if !strings.Contains(text, part) {
			t.Errorf("it does not hold %q", part)
		}
	}
	if text, cut := log.take(); text != "" || cut != 0 {
		t.Errorf("what was taken is still there: %q, %d", text, cut)
	}
}

func TestSessionsThatGoAlikeAreCounted(t *testing.T) {
	t.Parallel()
	table := []struct {
		name  string
		given []string
		want  string
	}{
		{"one", []string{"C: T1 NOOP\n"}, "   (session 1)\nC: T1 NOOP\n"},
		{"two", []string{"S: a\n", "S: a\n"}, "   (session 1)\nS: a\n   (session 2 went alike)\n"},
		{"other tags", []string{"C: T1 NOOP\nS: T1 OK\n", "C: T12 NOOP\nS: T12 OK\n", "C: T13 NOOP\nS: T13 OK\n"}, "   (session 1)\nC: T1 NOOP\nS: T1 OK\n   (sessions 2 to 3 went alike)\n"},
		{"other answers", []string{"S: T1 OK\n", "S: T1 NO\n", "S: T1 OK\n"}, "   (session 1)\nS: T1 OK\n\n   (session 2)\nS: T1 NO\n\n   (session 3)\nS: T1 OK\n"},
		{"two, and another", []string{"S: a\n", "S: a\n", "S: b\n"}, "   (session 1)\nS: a\n   (session 2 went alike)\n\n   (session 3)\nS: b\n"},
		{"other numbers that are no tags", []string{"S: * 1 EXISTS\n", "S: * 2 EXISTS\n"}, "   (session 1)\nS: * 1 EXISTS\n\n   (session 2)\nS: * 2 EXISTS\n"},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d := &dialogue{}
			for _, text := range row.given {
				d.add(text, 0)
			}
			if diff := cmp.Diff(row.want, d.text()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What is tried with a mailbox as its user would is heard as well.
func TestWhatIsSaidToTryAMailboxIsKept(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	box := s.world.target.Mailboxes[3]
	tryBox(t, s, &box)
	c := s.close()
	for i, want := range []struct{ protocol, said string }{{"imap", "C: T2 EXAMINE"}, {"smtp", "C: QUIT"}} {
		if i >= len(c.Dialogues) || c.Dialogues[i].Protocol != want.protocol {
			t.Fatalf("dialogues %+v, want one over IMAP and one over SMTP", c.Dialogues)
		}
		text, err := c.Blob(c.Dialogues[i].Transcript)
		if err != nil || !strings.Contains(string(text), want.said) || !strings.Contains(string(text), removed) {
			t.Errorf("over %s was said (%v):\n%s\nwant %q, and a password that was removed", want.protocol, err, text, want.said)
		}
	}
	noSecrets(t, s.dir)
}

// tryBox tries a mailbox over both protocols, and keeps what was said.
func tryBox(t *testing.T, s *stage, box *Mailbox) {
	t.Helper()
	err := errors.Join(s.world.trySMTP(t.Context(), box, false), s.world.tryIMAP(t.Context(), box, false), s.world.KeepDialogues())
	if err != nil {
		t.Error(err)
	}
}
