package steps

import (
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"
)

// What a mail host sends back names the message only in its body: the server is
// asked which of the silent messages hold a word, and of no other.
func TestMessagesThatSayItInTheirBodyOnly(t *testing.T) {
	t.Parallel()
	const own, other = "BBBBBBBBBB", "CCCCCCCCCC"
	report := func(words string) string {
		return "From: MAILER-DAEMON@posta.example\r\nSubject: Undelivered Mail\r\n\r\nSubject: prova " + words + "\r\n"
	}
	s := setStage(t, nil)
	bruno := s.users["bruno@borea.example"]
	put(t, bruno, report(tokenMark+own+" yesterday"))
	m := room(t, s)
	s.world.addWord(own)
	s.world.addWord("one@gestore.example") // an identifier is looked for in heads, never in bodies
	for _, text := range []string{
		report(tokenMark + own),                                  // 2: ours
		report(tokenMark + other),                                // 3: of another scenario
		report("holidays"),                                       // 4: of nobody here
		report("one@gestore.example"),                            // 5: names it in its body only
		mail("prova "+tokenMark+other, "") + tokenMark + own,     // 6: says itself whose it is
		mail("prova "+tokenMark+own, "") + "more " + tokenMark,   // 7: ours by its head
		"Subject: x\r\n\r\n" + own + " without what goes before", // 8: letters that happen to be there
	} {
		put(t, bruno, text)
	}
	look := func() (taken []int, asked map[int][]string) {
		t.Helper()
		time.Sleep(2 * m.pause)
		if err := s.world.readMailboxes(t.Context()); err != nil {
			t.Fatal(err)
		}
		asked = map[int][]string{}
		for _, h := range m.boxes["bruno@borea.example"].heads {
			if h.taken {
				taken = append(taken, int(h.uid))
			}
			if h.asked != nil {
				asked[int(h.uid)] = h.asked
			}
		}
		return taken, asked
	}
	once := []string{tokenMark + own}
	for range 2 { // the second time nothing is asked again
		taken, asked := look()
		if diff := cmp.Diff([]int{2, 7}, taken); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
		want := map[int][]string{2: once, 3: once, 4: once, 5: once, 8: once}
		if diff := cmp.Diff(want, asked); diff != "" {
			t.Errorf("asked of the server (-want +got):\n%s", diff)
		}
	}
	s.world.addWord(other)
	taken, asked := look()
	if diff := cmp.Diff([]int{2, 3, 6, 7}, taken); diff != "" {
		t.Errorf("taken with a second word (-want +got):\n%s", diff)
	}
	both := []string{tokenMark + own, tokenMark + other}
	if diff := cmp.Diff(map[int][]string{2: once, 3: both, 4: both, 5: both, 8: both}, asked); diff != "" {
		t.Errorf("asked with a second word (-want +got):\n%s", diff)
	}
	if c := s.close(); len(c.Messages) != 4 {
		t.Errorf("%d messages in evidence, want 4", len(c.Messages))
	}
}

// A connection that was lost before the search is opened again, and a search
// that fails is trouble of the harness, never an answer.
func TestSearchOfBodiesThatFails(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	m := room(t, s)
	put(t, s.users["bruno@borea.example"], mail("Undelivered Mail", ""))
	p := m.boxes["bruno@borea.example"]
	if err := p.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	_ = p.client.Close()
	if err := p.searchBodies(t.Context(), []string{"COL-BBBBBBBBBB"}); err == nil {
		t.Error("a search over a connection that is closed brought an answer")
	}
	if p.heads[0].asked != nil {
		t.Error("what was not answered counts as asked")
	}
	if err := p.searchBodies(t.Context(), []string{"COL-BBBBBBBBBB"}); err != nil {
		t.Errorf("the connection was not opened again: %v", err)
	}
	if len(p.heads[0].asked) != 1 {
		t.Error("what was answered does not count as asked")
	}
}

// What was there before the run is not even searched.
func TestSearchOfBodiesIsAmongThoseOfTheRun(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	for range 2 {
		put(t, s.users["bruno@borea.example"], mail("Undelivered Mail", "")+"COL-BBBBBBBBBB\r\n")
	}
	p := room(t, s).boxes["bruno@borea.example"]
	holding, err := p.holding(t.Context(), imap.UIDSetNum(2), "COL-BBBBBBBBBB")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]imap.UID{2}, holding); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
