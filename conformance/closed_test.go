package conformance

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// How a run ends that does not go as planned: a panic, a target that hangs, a disk
// that is full, somebody who interrupts. Never in silence, and never green.

// A panic in a step ends that scenario as an error of the harness; the others are
// played all the same, and the run is INVALID.
func TestAPanicInAStepIsTroubleOfThatScenario(t *testing.T) {
	t.Parallel()
	made := prepared(t, "@id:mixed-recipients or @id:complete-transaction")
	var asked atomic.Int64
	made.options.Now = func() time.Time {
		if asked.Add(1) == 12 { // in the middle of what the steps of one scenario do
			panic("the clock fell off the wall")
		}
		return time.Now()
	}
	made.options.Workers = 1
	if err := made.record(t.Context()); err != nil {
		t.Fatal(err)
	}
	result, err := Judge(made.options.Out, "")
	if err != nil {
		t.Fatal(err)
	}
	var well, trouble []string
	for _, s := range result.Scenarios {
		if strings.Contains(s.Error, "the clock fell off the wall") {
			trouble = append(trouble, s.ID)
		} else if s.Verdict == rules.Pass {
			well = append(well, s.ID)
		}
	}
	if result.Verdict != rules.Invalid || len(trouble) != 1 || len(well) != 1 {
		t.Errorf("%s (%s): trouble in %v, well %v; want INVALID and one of each", result.Verdict, result.Reason, trouble, well)
	}
}

// A panic outside a scenario's own steps is an error too, and takes nothing down.
func TestAPanicOfTheHarnessIsAnError(t *testing.T) {
	t.Parallel()
	err := guarded("playing x", func() error { panic("oh") })
	if err == nil || !strings.Contains(err.Error(), "playing x") || !strings.Contains(err.Error(), "oh") {
		t.Errorf("guarded = %v; want what was being done, and the panic", err)
	}
	made := prepared(t, "@id:mixed-recipients")
	made.options.Target, made.endpoint = nil, &endpoint{} // which nobody opened: every scenario asks it for its turn
	if err := made.record(t.Context()); err == nil || !strings.Contains(err.Error(), "panicked") {
		t.Errorf("a panic between two scenarios: %v; want an error that says so", err)
	}
	record, err := evidence.Open(made.options.Out)
	if err != nil || !record.Interrupted {
		t.Errorf("evidence of it: interrupted %v, %v; want that it has no end", record != nil && record.Interrupted, err)
	}
}

// Evidence by a profile that there is not is judged by none.
func TestAnUnknownProfileJudgesNothing(t *testing.T) {
	t.Parallel()
	made := prepared(t, "@id:mixed-recipients")
	made.options.Profile = "lenient"
	if err := made.recorder.Record(evidence.Event{Type: evidence.RunStarted, Run: made.asked()}); err != nil {
		t.Fatal(err)
	}
	if err := made.recorder.Close(); err != nil {
		t.Fatal(err)
	}
	for _, profile := range []rules.Profile{"", "Strict", "lenient"} {
		if result, err := Judge(made.options.Out, profile); err == nil {
			t.Errorf("profile %q: %s; want an error", profile, result.Verdict)
		}
	}
	if _, err := Judge(made.options.Out, rules.Strict); err != nil {
		t.Error(err)
	}
}

// standInTheWay keeps a file of the report from being written: where its first half would
// lie is a folder that cannot go. What a disk does that is full in the middle of a
// file, package evidence tries.
func standInTheWay(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, name+".partial", "kept"), 0o755); err != nil {
		t.Error(err)
	}
}

// A file of the report that cannot be written ends the run with the exit code of a
// harness error. The evidence stays, and is judged when it can be.
func TestAReportThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	for _, name := range []string{reports.ResultFile, reports.JUnitFile, reports.HTMLFile} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Options{Tags: "@id:mixed-recipients", Out: filepath.Join(t.TempDir(), "run"), Now: time.Now, Seed: 1, Version: "test"}
			o.Begun = func(int) { standInTheWay(t, o.Out, name) }
			report, err := tryKeyed(t.Context(), o)
			if report != nil || ExitCodeOf(err) != ExitInvalid || !strings.Contains(err.Error(), name) {
				t.Fatalf("report %v, error %v; want exit code %d and the file", report, err, ExitInvalid)
			}
			if _, err := os.Stat(filepath.Join(o.Out, name)); err == nil {
				t.Errorf("half a %s is there", name)
			}
			if result, err := Judge(o.Out, ""); err != nil || result.Verdict != rules.Conformant && result.Verdict != rules.ConformantWithWarnings {
				t.Errorf("judging what is there: %v, %v", result, err)
			}
		})
	}
}

// A disk that is full from the first is a matter of whoever chose the folder.
func TestAFullDiskAtTheStart(t *testing.T) {
	t.Parallel()
	if err := probe(filepath.Join(t.TempDir(), "nowhere")); !errors.Is(err, ErrUsage) {
		t.Errorf("a folder that is not there: %v; want a usage error", err)
	}
	full := filepath.Join(t.TempDir(), "full")
	if err := os.Mkdir(full, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/full", filepath.Join(full, probeFile)); err != nil { // a file can be made there, and takes nothing
		t.Fatal(err)
	}
	if err := probe(full); !errors.Is(err, ErrUsage) {
		t.Errorf("a full disk: %v; want a usage error", err)
	}
}

// An interruption at any moment leaves a report that says so, and evidence that
// can be gone on with.
func TestAnInterruptionIsNeverAVerdict(t *testing.T) {
	t.Parallel()
	for _, after := range []int{1, 2} {
		ctx, cancel := context.WithCancel(t.Context())
		o := Options{Tags: "@core", Out: filepath.Join(t.TempDir(), "run"), Now: time.Now, Seed: 1, Version: "test", Workers: 1}
		o.Progress = func(p Progress) {
			if p.Done == after {
				cancel()
			}
		}
		report, err := tryKeyed(ctx, o)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if code := ExitCode(report.Result.Verdict); code != ExitInterrupted {
			t.Errorf("interrupted after %d scenarios: %s, exit code %d", after, report.Result.Verdict, code)
		}
		written, err := reports.Read(o.Out)
		if err != nil || written.Verdict != rules.Interrupted {
			t.Errorf("the report that it left: %v, %v", written, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := TryMutants(ctx, MutantTrial{Options: Options{Out: filepath.Join(t.TempDir(), "run"), Now: time.Now}}); ExitCodeOf(err) != ExitInterrupted {
		t.Errorf("mutants, interrupted: %v; want exit code %d", err, ExitInterrupted)
	}
	shard := fakeShard(t, filepath.Join(t.TempDir(), "first"), time.Now(), true, nil)
	if _, err := Merge(ctx, MergeOptions{Out: filepath.Join(t.TempDir(), "whole"), Runs: []string{shard}, Version: "test", Now: time.Now}); ExitCodeOf(err) != ExitInterrupted {
		t.Errorf("a merge, interrupted: %v; want exit code %d", err, ExitInterrupted)
	}
}
