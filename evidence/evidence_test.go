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

var instant = time.Date(2026, 3, 29, 0, 59, 59, 0, time.UTC)

// record writes a small run and returns its folder and the hash of its one
// message.
func record(t *testing.T, finish bool) (dir, hash string) {
	t.Helper()
	dir = t.TempDir()
	r, err := Create(dir, func() time.Time { return instant })
	if err != nil {
		t.Fatal(err)
	}
	hash, err = r.Keep(Received, []byte("From: <a@b.example>\r\n\r\nè\x00\r\n"), false)
	if err != nil {
		t.Fatal(err)
	}
	s := r.Scenario("one")
	events := []Event{
		{Type: ScenarioStarted, Start: &Start{ID: "one", Name: "One <message>", Rules: []string{"PEC-ACC-001"}}},
		{Type: Submitted, Submission: &Submission{ID: "s1", Token: "t-1", DataReply: Reply{Code: 250}}},
		{Type: MessageSeen, Message: &Message{ID: "m1", Mailbox: "anna@aurora.example", Emitter: Target, Blob: hash, Delivered: instant}},
		{Type: SettledSeen},
		{Type: Expected, Expectation: &Expectation{ID: "e1", Check: "accepted", Submission: "s1"}},
		{Type: JournalRead},
		{Type: ScenarioEnded, End: &End{Completed: true}},
	}
	if err := r.Record(Event{Type: RunStarted, Run: &Run{Tool: "collaudo", Selected: []string{"one"}}}); err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if err := s.Record(e); err != nil {
			t.Fatal(err)
		}
	}
	if finish {
		if err := r.Record(Event{Type: RunEnded, End: &End{Completed: true}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, hash
}

func TestWhatWasWrittenIsReadBack(t *testing.T) {
	t.Parallel()
	dir, hash := record(t, true)
	rec, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(rec.Cases) != 1 || rec.Interrupted || rec.Truncated {
		t.Fatalf("cases %d, interrupted %v, truncated %v; want 1, false, false", len(rec.Cases), rec.Interrupted, rec.Truncated)
	}
	c := rec.Cases[0]
	want := []Message{{ID: "m1", Mailbox: "anna@aurora.example", Emitter: Target, Blob: hash, Delivered: instant}}
	if diff := cmp.Diff(want, c.Messages); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	if !c.Settled || !c.HasJournal || c.HasQuarantine || c.End == nil || !c.End.Completed || !c.Submissions[0].Accepted() {
		t.Errorf("settled %v, journal %v, quarantine %v, end %v", c.Settled, c.HasJournal, c.HasQuarantine, c.End)
	}
	octets, err := c.Blob(hash)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("From: <a@b.example>\r\n\r\nè\x00\r\n", string(octets)); diff != "" {
		t.Errorf("octets (-want +got):\n%s", diff)
	}
}

func TestSubmittingAgainUnsettles(t *testing.T) {
	t.Parallel()
	c := NewCase([]Event{{Type: SettledSeen}, {Type: Submitted, Submission: &Submission{ID: "s2"}}}, nil)
	if c.Settled {
		t.Error("a case counts as settled although something was submitted after it had settled")
	}
}

func TestAlteredEvidenceIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		alter func(t *testing.T, dir, hash string)
		want  string // in the error of Open, or of Blob
	}{
		{"an event is edited", func(t *testing.T, dir, _ string) {
			edit(t, filepath.Join(dir, EventsFile), `"code":250`, `"code":550`)
		}, "does not hold together"},
		{"an event is taken out", func(t *testing.T, dir, _ string) {
			path := filepath.Join(dir, EventsFile)
			lines := strings.SplitAfter(read(t, path), "\n")
			write(t, path, strings.Join(append(lines[:3:3], lines[4:]...), ""))
		}, "does not hold together"},
		{"a message is edited", func(t *testing.T, dir, hash string) {
			edit(t, filepath.Join(dir, "evidence", "received", hash+".eml.txt"), "From", "Frim")
		}, "was altered"},
		{"a message is missing", func(t *testing.T, dir, hash string) {
			if err := os.Remove(filepath.Join(dir, "evidence", "received", hash+".eml.txt")); err != nil {
				t.Fatal(err)
			}
		}, "is missing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir, hash := record(t, true)
			test.alter(t, dir, hash)
			rec, err := Open(dir)
			if err == nil {
				_, err = rec.Cases[0].Blob(hash)
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v; want one that says %q", err, test.want)
			}
		})
	}
}

func TestBrokenChainIsErrChain(t *testing.T) {
	t.Parallel()
	dir, _ := record(t, true)
	edit(t, filepath.Join(dir, EventsFile), `"code":250`, `"code":450`)
	if _, err := Open(dir); !errors.Is(err, ErrChain) {
		t.Errorf("error %v; want ErrChain", err)
	}
}

func TestAKilledRunIsReadUpToThere(t *testing.T) {
	t.Parallel()
	dir, _ := record(t, false)
	path := filepath.Join(dir, EventsFile)
	whole := read(t, path)
	write(t, path, whole[:len(whole)-10]) // in the middle of the last line
	rec, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !rec.Interrupted || !rec.Truncated || len(rec.Cases) != 1 || rec.Cases[0].End != nil {
		t.Errorf("interrupted %v, truncated %v, cases %d; want true, true, 1 without its end", rec.Interrupted, rec.Truncated, len(rec.Cases))
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	dir, _ := record(t, false)
	began, ended, err := Span(dir)
	if err != nil || !began.Equal(instant) || !ended.Equal(instant) {
		t.Errorf("%v to %v, %v; want both at %v", began, ended, err, instant)
	}
	write(t, filepath.Join(dir, EventsFile), "")
	if began, ended, err := Span(dir); err != nil || !began.IsZero() || !ended.IsZero() {
		t.Errorf("of an empty log %v to %v, %v", began, ended, err)
	}
	if _, _, err := Span(t.TempDir()); err == nil {
		t.Error("a folder without a log has a span")
	}
}

func TestInfectedOctetsAreNotInClearOnDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r, err := Create(dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	hash, err := r.Keep(Sent, []byte("pretend this is a virus"), true)
	if err != nil {
		t.Fatal(err)
	}
	if onDisk := read(t, filepath.Join(dir, "evidence", "sent", hash+".b64.txt")); strings.Contains(onDisk, "virus") {
		t.Errorf("the octets lie in clear: %q", onDisk)
	}
	octets, err := folder(dir).Blob(hash)
	if err != nil || string(octets) != "pretend this is a virus" {
		t.Errorf("read back %q, %v", octets, err)
	}
}

func TestEventsThatCarryNothingAreRefused(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		`{"seq":1,"type":"run-started","prev":""}`, `{"seq":1,"type":"message","scenario":"a","prev":""}`,
		`{"seq":1,"type":"dreamt","prev":""}`, `{}`, `null`,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, filepath.Join(dir, EventsFile), line+"\n")
			if _, err := Open(dir); err == nil {
				t.Error("read as evidence")
			}
		})
	}
}

func TestARunIsNotWrittenOverAnother(t *testing.T) {
	t.Parallel()
	dir, _ := record(t, true)
	if _, err := Create(dir, time.Now); err == nil {
		t.Error("a second run was started in the folder of the first")
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func edit(t *testing.T, path, from, to string) {
	t.Helper()
	before := read(t, path)
	if !strings.Contains(before, from) {
		t.Fatalf("%s holds no %q to edit", path, from)
	}
	write(t, path, strings.Replace(before, from, to, 1))
}
