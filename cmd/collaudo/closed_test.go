//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// How the built binary ends where a run does not go as planned: with the exit code
// of DESIGN, and never in silence.

// begun is a run under way.
type begun struct {
	*exec.Cmd
	dir     string
	trouble *bufio.Reader // standard error
}

// beginRun starts a run and waits until it plays.
func beginRun(t *testing.T) *begun {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	b := &begun{dir: filepath.Join(t.TempDir(), "run")}
	b.Cmd = exec.CommandContext(t.Context(), path, "run", "--out", b.dir, "--workers", "1")
	trouble, err := b.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	b.trouble = bufio.NewReader(trouble)
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		events, err := os.ReadFile(filepath.Join(b.dir, evidence.EventsFile))
		if err == nil && bytes.Contains(events, []byte(evidence.ScenarioEnded)) {
			return b
		}
		if time.Now().After(until) {
			t.Fatalf("the run does not begin to play: %v", err)
		}
	}
}

// tell sends a signal to the run, and to no other process.
func (b *begun) tell(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := b.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// await reads what the run says until a line holds the words.
func (b *begun) await(t *testing.T, words string) {
	t.Helper()
	for {
		line, err := b.trouble.ReadString('\n')
		if strings.Contains(line, words) {
			return
		}
		if err != nil {
			t.Fatalf("it did not say %q: %v", words, err)
		}
	}
}

// ends waits for the run and returns its exit code.
func (b *begun) ends(t *testing.T) int {
	t.Helper()
	var exited *exec.ExitError
	if err := b.Wait(); err != nil && !errors.As(err, &exited) {
		t.Fatal(err)
	}
	return b.ProcessState.ExitCode()
}

// Told to end once, by whatever signal, a run writes the report of what it played.
func TestToldToEndARunReports(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			b := beginRun(t)
			b.tell(t, signal)
			b.await(t, "told to end: finishing")
			if code := b.ends(t); code != conformance.ExitInterrupted {
				t.Errorf("exit code %d; want %d", code, conformance.ExitInterrupted)
			}
			result, err := reports.Read(b.dir)
			if err != nil || result.Verdict != rules.Interrupted {
				t.Errorf("the report: %+v, %v; want INTERRUPTED", result, err)
			}
		})
	}
}

// Told twice, it leaves at once and says so; the evidence is there up to then.
func TestToldTwiceItLeavesAtOnce(t *testing.T) {
	t.Parallel()
	b := beginRun(t)
	b.tell(t, syscall.SIGINT)
	b.await(t, "once more to leave at once")
	b.tell(t, syscall.SIGINT)
	b.await(t, "left at once")
	if code := b.ends(t); code != conformance.ExitInterrupted {
		t.Errorf("exit code %d; want %d", code, conformance.ExitInterrupted)
	}
	if _, err := os.Stat(filepath.Join(b.dir, reports.ResultFile)); err == nil {
		t.Log("it was quick enough to report all the same")
	}
	if record, err := evidence.Open(b.dir); err != nil || len(record.Cases) == 0 {
		t.Errorf("the evidence up to then: %v", err)
	}
}

// A kill leaves evidence that says that the run has no end, and no verdict.
func TestKilledARunHasNoVerdict(t *testing.T) {
	t.Parallel()
	b := beginRun(t)
	b.tell(t, syscall.SIGKILL)
	if code := b.ends(t); code == conformance.ExitConformant {
		t.Error("a run that was killed ended with 0")
	}
	if result, err := reports.Read(b.dir); err == nil {
		t.Errorf("it left a result: %s", result.Verdict)
	}
	record, err := evidence.Open(b.dir)
	if err != nil || !record.Interrupted {
		t.Errorf("evidence: %+v, %v; want that it has no end", record, err)
	}
}

// No room in the middle: the log may grow no larger than the shell allows. That is
// an error of writing, told with its file, and leaves what was written.
func TestNoRoomForTheEvidence(t *testing.T) {
	t.Parallel()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	var trouble bytes.Buffer
	command := exec.CommandContext(t.Context(), "/bin/sh", "-c", `ulimit -f 200; exec "$0" run --tags @core --out "$1"`, path, dir)
	command.Stderr = &trouble
	var exited *exec.ExitError
	if err := command.Run(); !errors.As(err, &exited) || exited.ExitCode() != conformance.ExitInvalid {
		t.Errorf("%v; want exit code %d\n%s", err, conformance.ExitInvalid, trouble.String())
	}
	if !strings.Contains(trouble.String(), "write event") || !strings.Contains(trouble.String(), "file too large") {
		t.Errorf("it does not say what could not be written: %s", trouble.String())
	}
	if _, err := os.Stat(filepath.Join(dir, reports.ResultFile)); err == nil {
		t.Error("it left a result")
	}
	if record, err := evidence.Open(dir); err != nil || !record.Interrupted {
		t.Errorf("what was written cannot be read: %v", err)
	}
}

// Whoever reads what a run prints may go away: the run is finished all the same,
// and does not pass for one that was read.
func TestAReaderWhoGoesAway(t *testing.T) {
	t.Parallel()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	reading, writing, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	reading.Close()
	dir := filepath.Join(t.TempDir(), "run")
	command := exec.CommandContext(t.Context(), path, "run", "--rule", "PEC-AP-005", "--out", dir)
	command.Stdout = writing
	var exited *exec.ExitError
	if err := command.Run(); !errors.As(err, &exited) || exited.ExitCode() != conformance.ExitInvalid {
		t.Errorf("%v; want exit code %d", err, conformance.ExitInvalid)
	}
	writing.Close()
	if _, err := reports.Read(dir); err != nil {
		t.Errorf("the report: %v", err)
	}
}

// panics is where a command may not even print.
type panics struct{}

func (panics) Write([]byte) (int, error) { panic("the printer is on fire") }

// A panic in a command has the exit code of a harness error, and not that of a
// usage error, which is the runtime's.
func TestAPanicInACommandIsAHarnessError(t *testing.T) {
	t.Parallel()
	var trouble bytes.Buffer
	code := execute(t.Context(), []string{"version"}, panics{}, &trouble)
	if code != conformance.ExitInvalid || !strings.Contains(trouble.String(), "the printer is on fire") {
		t.Errorf("exit code %d, saying %q; want %d and the panic", code, trouble.String(), conformance.ExitInvalid)
	}
}
