package evidence

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func now() time.Time { return instant }

// start is the beginning of a scenario, as evidence has it.
func start(id string) Event {
	return Event{Type: ScenarioStarted, Start: &Start{ID: id, Rules: []string{"PEC-ACC-001"}}}
}

func mustRecord(t *testing.T, s *Scenario, events ...Event) {
	t.Helper()
	for _, e := range events {
		if err := s.Record(e); err != nil {
			t.Fatal(err)
		}
	}
}

func mustAppend(t *testing.T, dir string) (*Recorder, *Record) {
	t.Helper()
	r, rec, err := Append(dir, "v2", now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r, rec
}

func mustOpen(t *testing.T, dir string) *Record {
	t.Helper()
	rec, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestALogIsTakenUpWhereItEnds(t *testing.T) {
	t.Parallel()
	dir, hash := record(t, false)
	log, err := os.OpenFile(filepath.Join(dir, EventsFile), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	half := `{"seq":99,"at":"` + strings.Repeat("2", 5000-16) // longer than what comes after
	_, err = log.WriteString(half)                            // as a kill leaves it
	if err := errors.Join(err, log.Close()); err != nil {
		t.Fatal(err)
	}
	r, before := mustAppend(t, dir)
	if !before.Truncated || !before.Interrupted || len(before.Cases) != 1 {
		t.Errorf("truncated %v, interrupted %v, %d cases; want true, true, 1", before.Truncated, before.Interrupted, len(before.Cases))
	}
	mustRecord(t, r.Scenario("two"), start("two"), Event{Type: ScenarioEnded, End: &End{Completed: true}})
	if err := errors.Join(r.Record(Event{Type: RunEnded, End: &End{Completed: true}}), r.Close()); err != nil {
		t.Fatal(err)
	}
	rec := mustOpen(t, dir) // which checks the chain
	if rec.Interrupted || rec.Truncated || len(rec.Cases) != 2 || rec.Resumed[""] != 1 {
		t.Errorf("interrupted %v, truncated %v, %d cases, resumed %v", rec.Interrupted, rec.Truncated, len(rec.Cases), rec.Resumed)
	}
	octets := read(t, filepath.Join(dir, EventsFile))
	for _, want := range []string{`"dropped":5000`, `"seq":9,`, `"version":"v2"`} {
		if !strings.Contains(octets, want) {
			t.Errorf("the log holds no %s:\n%s", want, octets)
		}
	}
	if _, err := rec.Cases[0].Blob(hash); err != nil {
		t.Error(err)
	}
}

func TestAFinishedRunThatIsTakenUpIsUnfinishedAgain(t *testing.T) {
	t.Parallel()
	dir, _ := record(t, true)
	r, _ := mustAppend(t, dir)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if rec := mustOpen(t, dir); !rec.Interrupted {
		t.Error("the run counts as ended although it was taken up and did not end again")
	}
}

func TestWhatCannotBeTakenUp(t *testing.T) {
	t.Parallel()
	t.Run("a run that is still going on", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		r, err := Create(dir, now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = r.Close() })
		if err := r.Record(Event{Type: RunStarted, Run: &Run{Tool: "collaudo"}}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Append(dir, "v2", now); !errors.Is(err, ErrBusy) {
			t.Errorf("error %v, want ErrBusy", err)
		}
	})
	t.Run("an altered log", func(t *testing.T) {
		t.Parallel()
		dir, _ := record(t, false)
		edit(t, filepath.Join(dir, EventsFile), `"code":250`, `"code":550`)
		if _, _, err := Append(dir, "v2", now); !errors.Is(err, ErrChain) {
			t.Errorf("error %v, want ErrChain", err)
		}
	})
	t.Run("an empty log", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		write(t, filepath.Join(dir, EventsFile), "")
		if _, _, err := Append(dir, "v2", now); err == nil || !strings.Contains(err.Error(), "holds no run") {
			t.Errorf("error %v, want that it holds no run", err)
		}
	})
}

func TestHalfWrittenOctetsAreWrittenAgain(t *testing.T) {
	t.Parallel()
	dir, hash := record(t, false)
	path := filepath.Join(dir, "evidence", "received", hash+".eml.txt")
	write(t, path, "From: <a@b")
	r, _ := mustAppend(t, dir)
	if _, err := r.Keep(Received, []byte("From: <a@b.example>\r\n\r\nè\x00\r\n"), false); err != nil {
		t.Fatal(err)
	}
	if got := read(t, path); !strings.HasSuffix(got, "è\x00\r\n") {
		t.Errorf("the octets are %q", got)
	}
}

// TestStandings goes through the life of a scenario that waits and is taken up
// again, event by event.
func TestStandings(t *testing.T) {
	t.Parallel()
	waits := Event{Type: ScenarioWaits, Suspension: &Suspension{Waiting: Waiting{Until: instant.Add(12 * time.Hour), Step: 2}}}
	life := []struct {
		event Event
		want  Standing
	}{
		{start("one"), Cut},
		{Event{Type: Submitted, Submission: &Submission{ID: "s1"}}, Cut},
		{waits, Suspended},
		{Event{Type: ScenarioEnded, End: &End{Waiting: &waits.Suspension.Waiting}}, Suspended},
		{Event{Type: ScenarioResumed, Resumption: &Resumption{}}, Suspended},
		{Event{Type: ClockMoved, Clock: &ClockMove{By: 12 * time.Hour}}, Cut},
		{waits, Suspended},
		{Event{Type: ScenarioResumed, Resumption: &Resumption{}}, Suspended},
		{Event{Type: ClockMoved, Clock: &ClockMove{By: 12 * time.Hour}}, Cut},
		{Event{Type: ScenarioEnded, End: &End{Completed: true}}, Ended},
		{Event{Type: ScenarioAgain, Superseded: &Superseded{Reason: "late"}}, NotBegun},
		{start("one"), Cut},
	}
	dir := t.TempDir()
	r, err := Create(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	s := r.Scenario("one")
	for i, step := range life {
		mustRecord(t, s, step.event)
		got := NotBegun
		rec := mustOpen(t, dir)
		if len(rec.Cases) > 0 {
			got = rec.Cases[0].Standing()
		}
		if got != step.want {
			t.Errorf("after event %d (%s): %s, want %s", i+1, step.event.Type, got, step.want)
		}
	}
	rec := mustOpen(t, dir)
	if diff := cmp.Diff(map[string]int{"one": 1}, rec.Superseded); diff != "" {
		t.Errorf("superseded (-want +got):\n%s", diff)
	}
	if earlier := rec.Cases[0].Earlier; len(earlier) != 1 || len(earlier[0].Submissions) != 1 || earlier[0].Start.ID != "one" {
		t.Errorf("earlier attempts %+v; want the one, with its submission", earlier)
	}
	if n := len(rec.Cases[0].Submissions); n != 0 {
		t.Errorf("%d submissions of what was superseded count", n)
	}
}
