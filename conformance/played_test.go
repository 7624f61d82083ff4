package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence/evidencetest"
)

// Runs that several tests look at are played once. Who does something to one does
// it to a copy.

// faultyRun brings about every kind of message, with a fault on, so that there are
// failures in it.
var faultyRun = playedOnce("faulty", Options{Tags: coreTag, Faults: []string{"acceptance-subject-prefix"}})

// smallRun is of one rule, in a scenario that asks for it and two that do not.
var smallRun = playedOnce("small", Options{
	Rules: []string{"PEC-NA-003"}, Tags: "@id:notice-of-non-acceptance or @id:mixed-recipients or @id:complete-transaction",
})

// shelf is where they lie.
var shelf = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "collaudo-played-") })

// playedOnce is a run that the first test to ask for it plays.
func playedOnce(name string, o Options) func() (*Report, error) {
	return sync.OnceValues(func() (*Report, error) {
		dir, err := shelf()
		if err != nil {
			return nil, err
		}
		o.Out, o.Now, o.Seed, o.Version = filepath.Join(dir, name), time.Now, 1, "test"
		return tryKeyed(context.Background(), o) // it outlives the test that asked first
	})
}

// shown is such a run, to be looked at only.
func shown(t *testing.T, run func() (*Report, error)) *Report {
	t.Helper()
	report, err := run()
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// copied is a copy of a run folder, of which the test may make what it likes.
func copied(t *testing.T, dir string) runCopy {
	t.Helper()
	c := runCopy{t, filepath.Join(t.TempDir(), "run")}
	if err := os.CopyFS(c.dir, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestMain gives the collector less to do: with the little that lives at any time here
// it took a quarter of all computing. With more, large messages above all, it works
// as ever.
func TestMain(m *testing.M) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(1 << 30)
	}
	code := m.Run()
	if err := clearShelf(); err != nil {
		fmt.Fprintln(os.Stderr, "the runs that tests shared:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// clearShelf removes the shared runs, and sees that they are as they were played.
func clearShelf() error {
	dir, err := shelf()
	if err != nil {
		return err
	}
	return errors.Join(evidencetest.AsSealed(dir), os.RemoveAll(dir))
}
