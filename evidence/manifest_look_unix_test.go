//go:build unix

package evidence

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
)

// TestHalfAFileIsNone has a process write over a file and lets it have room for half
// of that only: the file is as it was before, and nothing is beside it. The room is
// that of a whole process, so another one is started.
func TestHalfAFileIsNone(t *testing.T) {
	t.Parallel()
	const folder, room = "TEST_HALF_A_FILE_IN", 1000
	if dir := os.Getenv(folder); dir != "" {
		signal.Ignore(syscall.SIGXFSZ) // the system's word for it, which would end the process
		limit := syscall.Rlimit{Cur: room, Max: room}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		if err := WriteWhole(filepath.Join(dir, "file"), make([]byte, 2*room)); err == nil {
			t.Error("there is no error")
		}
		return
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), "as it was")
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHalfAFileIsNone$")
	command.Env = append(os.Environ(), folder+"="+dir)
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("the process: %v\n%s", err, out)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "file" || read(t, filepath.Join(dir, "file")) != "as it was" {
		t.Errorf("left are %v (%v); want the file as it was", entries, err)
	}
}
