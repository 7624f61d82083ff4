package steps

import (
	"errors"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
)

const waitingFeature = `Feature: waiting
  Scenario: waiting
    When Anna sends a plain message to Bruno
    And 12 hours pass
    And Anna sends a plain message to Bruno
    Then Anna receives one delivery receipt about Bruno
`

// later makes the stage's legal time stand at so long after its beginning.
func (s *stage) later(by time.Duration) func() time.Time {
	return func() time.Time { return testNow().Add(by) }
}

func (s *stage) seen(t *testing.T) *evidence.Case {
	t.Helper()
	record, err := evidence.Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	return record.Cases[0]
}

// restored is the scenario of the stage in the hands of a later process.
func (s *stage) restored(t *testing.T, now func() time.Time) *World {
	t.Helper()
	options := Options{Now: now, Random: rand.New(rand.NewSource(2)), Patience: s.world.options.Patience}
	w, err := Restore(s.world.target, s.world.recorder, options, s.seen(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// TestAScenarioWaitsAndGoesOn has the same scenario suspended and gone on with
// by another world, which has only the evidence.
func TestAScenarioWaitsAndGoesOn(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	if code := runFeature(t, s, waitingFeature); code == 0 {
		t.Fatal("the scenario came to its end without its time having passed")
	}
	c := s.seen(t)
	if c.Suspension == nil || len(c.Submissions) != 1 || len(c.Steps) != 1 {
		t.Fatalf("suspension %v, %d submissions, %d steps; want one of each", c.Suspension, len(c.Submissions), len(c.Steps))
	}
	waiting := evidence.Waiting{Until: testNow().Add(12 * time.Hour).UTC(), Latest: testNow().Add(12*time.Hour + 30*time.Minute).UTC(), Step: 1}
	if diff := cmp.Diff(waiting, c.Suspension.Waiting); diff != "" {
		t.Errorf("waiting (-want +got):\n%s", diff)
	}

	// Too early: it waits on, and says nothing more.
	s.world = s.restored(t, s.later(11*time.Hour))
	rest := strings.Replace(waitingFeature, "    When Anna sends a plain message to Bruno\n    And 12", "    When 12", 1)
	if code := runFeature(t, s, rest); code == 0 {
		t.Error("the scenario went on before its time")
	}
	if again := s.seen(t); len(again.Events) != len(c.Events) {
		t.Errorf("%d events, want the %d that there were", len(again.Events), len(c.Events))
	}

	s.world = s.restored(t, s.later(12*time.Hour+time.Minute))
	if code := runFeature(t, s, rest); code != 0 {
		t.Fatalf("godog ended with %d", code)
	}
	c = s.close()
	if diff := cmp.Diff([]evidence.ClockMove{{By: 12*time.Hour + time.Minute, Now: testNow().Add(12*time.Hour + time.Minute).UTC()}}, c.ClockMoves); diff != "" {
		t.Errorf("clock moves (-want +got):\n%s", diff)
	}
	if len(c.Submissions) != 2 || c.Submissions[1].ID != "s2" || c.Submissions[0].Token == c.Submissions[1].Token {
		t.Errorf("submissions %+v", c.Submissions)
	}
	if c.Suspension != nil || len(c.Steps) != 4 {
		t.Errorf("suspension %v, %d steps; want none and 4", c.Suspension, len(c.Steps))
	}
	worlds := 0
	for _, e := range c.Events {
		if e.Type == evidence.WorldSeen {
			worlds++
		}
	}
	if worlds != 1 {
		t.Errorf("the world is in evidence %d times", worlds)
	}
}

func TestWhoComesTooLateConcludesNothing(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	runFeature(t, s, waitingFeature)
	err := s.restored(t, s.later(13*time.Hour)).pass(t.Context(), "12 hours")
	var lacks *LackingError
	if !errors.As(err, &lacks) || !strings.Contains(lacks.Needs[0], "--wait") {
		t.Errorf("error %v, want a need that says what to do", err)
	}
}

// TestMessagesAreReadOnce gives both worlds a message: the second takes only
// its own, and numbers go on.
func TestMessagesAreReadOnce(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	put(t, s.users["anna@aurora.example"], "From: x@y.example\r\nSubject: one\r\n\r\none\r\n")
	runFeature(t, s, waitingFeature)
	put(t, s.users["anna@aurora.example"], "From: x@y.example\r\nSubject: two\r\n\r\ntwo\r\n")
	w := s.restored(t, s.later(12*time.Hour))
	if err := errors.Join(w.begin(t.Context()), w.pass(t.Context(), "12 hours"), w.Finish(t.Context())); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range s.close().Messages {
		ids = append(ids, m.ID+" "+m.Mailbox)
	}
	if diff := cmp.Diff([]string{"m1 anna@aurora.example", "m2 anna@aurora.example"}, ids); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestHowLateIsStillInTime(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]struct {
		late  time.Duration
		exact bool
	}{
		"12 hours":                {30 * time.Minute, false},
		"11 hours and 59 minutes": {50 * time.Second, true},
		"3 days":                  {6 * time.Hour, false},
		"a day less a second":     {time.Second / 2, true},
	} {
		if late, exact := slack(words); late != want.late || exact != want.exact {
			t.Errorf("%s: %v, %v; want %v, %v", words, late, exact, want.late, want.exact)
		}
	}
}

// TestWhatCannotBeWaitedFor: a log is kept for 30 months, which no run stays for.
func TestWhatCannotBeWaitedFor(t *testing.T) {
	t.Parallel()
	texts := []string{"Given Paolo's provider answers nothing", "And 30 months less a day pass", "And the clock reaches 12 hours after the sending"}
	if got := longestSpan(texts); got < 900*24*time.Hour {
		t.Errorf("the longest span is %v, want that of 30 months", got)
	}
	if got := longestSpan([]string{"When the clock reaches 11 hours and 59 minutes after the sending"}); got != 11*time.Hour+59*time.Minute {
		t.Errorf("the longest span is %v", got)
	}
	s := setStage(t, nil)
	var lacks *LackingError
	if err := errors.Join(s.world.begin(t.Context()), s.world.pass(t.Context(), "30 months")); !errors.As(err, &lacks) {
		t.Errorf("error %v, want that a clock is lacking", err)
	}
}

// TestWhoMustStay: the harness may go while a scenario waits only when the
// target has nothing more to bring to a provider that it plays.
func TestWhoMustStay(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	w, ctx := s.world, t.Context()
	if err := w.begin(ctx); err != nil {
		t.Fatal(err)
	}
	stays := func(when string, want bool) {
		t.Helper()
		if got := w.mustStay(); got != want {
			t.Errorf("%s: must stay %v, want %v", when, got, want)
		}
	}
	stays("nothing was sent", false)
	w.number(&sending{record: evidence.Submission{Token: "COL-ABC"}})
	w.handed = append(w.handed, evidence.Submission{
		ID: "s1", DataReply: evidence.Reply{Code: 250},
		Recipients: []evidence.RecipientReply{{Address: "paolo@cirro.example", Reply: evidence.Reply{Code: 250}}},
	})
	stays("an envelope is still to come", true)
	if err := w.behave(ctx, "Paolo", "refuses connections"); err != nil {
		t.Fatal(err)
	}
	stays("who refuses connections is not missed", false)
	if err := w.behave(ctx, "Paolo", "answers nothing"); err != nil {
		t.Fatal(err)
	}
	if _, dot, err := hand(t, s, relayed(t, "COL-ABC"), "paolo@cirro.example"); err != nil || !dot.OK() {
		t.Fatal(dot, err)
	}
	stays("the envelope was taken", false)
}

// TestPeersKnowWhatTheyTook: a receipt can still be written about an envelope
// that an earlier process took in.
func TestPeersKnowWhatTheyTook(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	ctx := t.Context()
	if err := errors.Join(s.world.begin(ctx), s.world.behave(ctx, "Paolo", "refuses for now"), s.world.behave(ctx, "Paolo", "answers nothing")); err != nil {
		t.Fatal(err)
	}
	if err := s.world.submit(ctx, order{actor: Anna, original: "a plain message", to: "Paolo"}); err != nil {
		t.Fatal(err)
	}
	token := s.world.sent[0].token
	if _, dot, err := hand(t, s, relayed(t, token), "paolo@cirro.example"); err != nil || !dot.OK() {
		t.Fatal(dot, err)
	}
	if err := s.world.pass(ctx, "13 hours"); !isSuspended(err) {
		t.Fatalf("error %v, want that the scenario waits", err)
	}
	s.world.Close()
	w := s.restored(t, s.later(13*time.Hour))
	if err := errors.Join(w.begin(ctx), w.pass(ctx, "13 hours")); err != nil {
		t.Fatal(err)
	}
	if err := w.answer(ctx, answerOrder{peer: "Paolo", kind: "delivery receipt"}); err != nil {
		t.Fatal(err)
	}
	c := s.close()
	if len(c.Dispatches) != 1 || c.Dispatches[0].About != "s1" || c.Dispatches[0].Recipient != "paolo@cirro.example" {
		t.Errorf("dispatches %+v", c.Dispatches)
	}
	if len(c.Intakes) != 1 || len(c.Messages) != 1 {
		t.Errorf("%d intakes, %d messages; want one of each", len(c.Intakes), len(c.Messages))
	}
}
