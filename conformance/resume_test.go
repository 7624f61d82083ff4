package conformance

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// verdictsOf lists what a run came to, rule by rule and scenario by scenario.
func verdictsOf(result *rules.Result) map[string]string {
	all := map[string]string{"run": string(result.Verdict)}
	for _, r := range result.Rules {
		all[r.ID] = string(r.Verdict)
	}
	for _, s := range result.Scenarios {
		all["scenario "+s.ID] = string(s.Verdict)
	}
	return all
}

// interrupt plays a run and has it cut short after so many scenarios.
func interrupt(t *testing.T, o Options, after int) *Report {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.Progress = func(p Progress) {
		if p.Done == after {
			cancel()
		}
	}
	report, err := tryKeyed(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func resume(t *testing.T, dir string, change func(*Options)) (*Report, error) {
	t.Helper()
	o, err := Recall(dir)
	if err != nil {
		return nil, err
	}
	o.Now, o.Workers = time.Now, 4
	if change != nil {
		change(&o)
	}
	return tryKeyed(t.Context(), o)
}

// TestAnInterruptedRunGoesOn cuts a run short three times, once in the middle of
// a line, and compares what it comes to with a run that nobody disturbed.
func TestAnInterruptedRunGoesOn(t *testing.T) {
	t.Parallel()
	whole := shown(t, faultyRun)
	asked := whole.Result.Run
	cut := Options{Tags: asked.Tags, Faults: asked.Faults, Seed: asked.Seed, Workers: 4, Out: filepath.Join(t.TempDir(), "cut"), Now: time.Now}
	report := interrupt(t, cut, 3)
	if report.Result.Verdict != rules.Interrupted || ExitCode(report.Result.Verdict) != ExitInterrupted {
		t.Fatalf("verdict %s, want that it was interrupted", report.Result.Verdict)
	}
	if err := evidence.Unseal(cut.Out); err != nil { // as a kill leaves it
		t.Fatal(err)
	}
	log, err := os.OpenFile(filepath.Join(cut.Out, evidence.EventsFile), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = log.WriteString(`{"seq":12,"scenario":"x`)
	if err := errors.Join(err, log.Close()); err != nil {
		t.Fatal(err)
	}
	again, err := Recall(cut.Out)
	if err != nil {
		t.Fatal(err)
	}
	again.Now, again.Workers = time.Now, 4
	if second := interrupt(t, again, 2); second.Result.Verdict != rules.Interrupted {
		t.Fatalf("verdict %s, want that it was interrupted again", second.Result.Verdict)
	}
	last, err := resume(t, cut.Out, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(verdictsOf(whole.Result), verdictsOf(last.Result)); diff != "" {
		t.Errorf("the run that was interrupted comes to something else (-whole +resumed):\n%s", diff)
	}
	record, err := evidence.Open(cut.Out)
	if err != nil {
		t.Fatal(err)
	}
	if record.Resumed[""] != 2 || len(record.Superseded) == 0 || record.Interrupted {
		t.Errorf("taken up %d times, %d scenarios begun again, interrupted %v; want 2, some, false", record.Resumed[""], len(record.Superseded), record.Interrupted)
	}
	if _, err := resume(t, cut.Out, nil); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "is finished") {
		t.Errorf("a finished run is gone on with: %v", err)
	}
	if sealed, err := evidence.Sealed(cut.Out); err != nil || !sealed {
		t.Errorf("the refusal took the seal off: %t, %v", sealed, err)
	}
}

// What was sealed is gone on with only as it was left, and nobody's signature is
// lost on the way; what was rendered of the run's first half goes.
func TestWhatWasSealedIsGoneOnWithAsItWasLeft(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	interrupt(t, Options{Tags: "@id:unknown-mailbox or @id:mixed-recipients or @id:complete-receipt or @id:complete-transaction", Seed: 7, Workers: 1, Out: dir, Now: time.Now}, 2)
	path := func(name string) string { return filepath.Join(dir, name) }
	write := func(name string, octets []byte) {
		t.Helper()
		if err := os.WriteFile(path(name), octets, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	junit, err := os.ReadFile(path("junit.xml"))
	if err != nil {
		t.Fatal(err)
	}
	write("junit.xml", append(junit, ' '))
	if _, err := resume(t, dir, nil); !errors.Is(err, ErrEvidence) || !strings.Contains(err.Error(), "junit.xml") {
		t.Errorf("an altered folder is gone on with: %v", err)
	}
	write("junit.xml", junit)
	write("report.it.html", []byte("it says INTERROTTO"))
	write(evidence.SignatureFile, []byte("a signature"))
	if _, err := resume(t, dir, nil); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "is signed") {
		t.Errorf("a signed folder is gone on with: %v", err)
	}
	if err := os.Remove(path(evidence.SignatureFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := resume(t, dir, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path("report.it.html")); err == nil {
		t.Error("what was rendered of the interrupted run stands beside the finished one")
	}
}

// TestAnotherRunIsNotGoneOnWith changes one thing after the other that one
// folder cannot hold both ways.
func TestAnotherRunIsNotGoneOnWith(t *testing.T) {
	t.Parallel()
	o := Options{Rules: []string{"PEC-ACC-001"}, Seed: 7, Workers: 2, Out: filepath.Join(t.TempDir(), "run"), Now: time.Now, Version: "v1"}
	interrupt(t, o, 1)
	log := filepath.Join(o.Out, evidence.EventsFile)
	before, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{"version", func(o *Options) { o.Version = "v2" }, "the version of Collaudo was v1 and is now v2"},
		{"seed", func(o *Options) { o.Seed = 8 }, "the seed was 7 and is now 8"},
		{"profile", func(o *Options) { o.Profile = rules.Strict }, "the profile was practice and is now strict"},
		{"rules", func(o *Options) { o.Rules = []string{"PEC-ACC-002"} }, "the rules was PEC-ACC-001"},
		{"tags", func(o *Options) { o.Tags = "not @heavy" }, "the tags was not given and is now not @heavy"},
		{"fault", func(o *Options) { o.Faults = []string{"acceptance-subject-prefix"} }, "the faults was not given"},
		{"shard", func(o *Options) { o.Shard = Shard{1, 1} }, "it is another shard"},
		{"folder", func(o *Options) { o.Out = "elsewhere" }, "leave the other folder elsewhere out"},
	}
	for _, test := range tests {
		_, err := resume(t, o.Out, func(o *Options) {
			if o.Version = "v1"; test.change != nil {
				test.change(o)
			}
		})
		if err == nil || !strings.Contains(err.Error(), test.want) || ExitCodeOf(err) != ExitUsage {
			t.Errorf("%s: error %v (exit code %d), want %q and 2", test.name, err, ExitCodeOf(err), test.want)
		}
	}
	after, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("a run that was refused wrote into the folder")
	}
}

func TestWhatIsNoRunCannotBeRecalled(t *testing.T) {
	t.Parallel()
	altered := filepath.Join(t.TempDir(), "run")
	if err := errors.Join(os.Mkdir(altered, 0o755), os.WriteFile(filepath.Join(altered, evidence.EventsFile), []byte("{}\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{t.TempDir(): "holds no run", altered: "cannot be taken up again"} {
		if _, err := Recall(dir); err == nil || !strings.Contains(err.Error(), want) || ExitCodeOf(err) != ExitUsage {
			t.Errorf("error %v (exit code %d), want %q and 2", err, ExitCodeOf(err), want)
		}
	}
}
