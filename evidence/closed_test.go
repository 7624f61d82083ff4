package evidence

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A disk that is full in the middle of a run: the first event that cannot be
// written is the last that was tried, so that half a line stays the end of the log
// and what was written before it can be read; and closing the log tells of it,
// whoever kept it to himself.
func TestAFullDiskEndsTheLog(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	r, err := Create(dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Record(Event{Type: RunStarted, Run: &Run{Tool: "collaudo"}}); err != nil {
		t.Fatal(err)
	}
	log := r.file
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	r.file = full
	s := r.Scenario("s")
	if err := s.Record(Event{Type: ScenarioStarted, Start: &Start{ID: "s"}}); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("Record on a full disk = %v", err)
	}
	if _, err := log.WriteString(`{"sequence":2,"half a`); err != nil { // what a disk takes before it is full
		t.Fatal(err)
	}
	r.file = log // there is room again
	if err := r.Record(Event{Type: RunEnded, End: &End{Completed: true}}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Record after it = %v; want the trouble from before: the log has a hole", err)
	}
	if err := r.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Close = %v; want the trouble from before", err)
	}
	full.Close()
	record, err := Open(dir)
	if err != nil || !record.Interrupted || !record.Truncated || record.lines != 1 {
		t.Errorf("what is left: %+v, %v; want one line, half a line, and no end", record, err)
	}
}

// Octets that do not fit on the disk leave nothing behind under their hash.
func TestAFullDiskKeepsNoHalfOctets(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	r, err := Create(dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	octets := []byte("Subject: too large\r\n\r\n")
	drawer := filepath.Join(dir, "evidence", string(Received))
	if err := os.RemoveAll(drawer); err != nil { // no room for a file, for whoever tests as root too
		t.Fatal(err)
	}
	if err := os.WriteFile(drawer, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if hash, err := r.Keep(Received, octets, false); err == nil {
		t.Fatalf("octets were kept as %s where there is no room", hash)
	}
	if err := errors.Join(os.Remove(drawer), os.Mkdir(drawer, 0o755)); err != nil {
		t.Fatal(err)
	}
	hash, err := r.Keep(Received, octets, false)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := folder(dir).Blob(hash)
	if err != nil || !strings.HasPrefix(string(kept), "Subject: too large") {
		t.Errorf("kept when there was room again: %q, %v", kept, err)
	}
}
