package conformance

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// Test is what Run needs of a test; *testing.T is one. That this package does
// not import testing keeps the flags of tests out of programs.
type Test[T any] interface {
	Helper()
	Log(arguments ...any)
	Error(arguments ...any)
	Fatal(arguments ...any)
	Context() context.Context
	ArtifactDir() string
	Run(name string, test func(T)) bool
}

// Run judges a target from the tests of whoever makes it:
//
//	func TestConformance(t *testing.T) {
//		conformance.Run(t, "staging.yaml", func(o *conformance.Options) { o.Rules = []string{"AP"} })
//	}
//
// target is the path of a target file, or BuiltIn for the pair of providers
// that Collaudo brings along. Each rule that was judged is a subtest, and the
// test passes when the run is conformant: what could not be concluded fails as
// what is broken does. Nothing is skipped, and no subtest stands for a rule that was not
// exercised. The report goes to Options.Out; without it to the test's artefact
// folder, which go test keeps where its flag for that is given.
//
// A verdict that go test remembers would say nothing of the target as it is
// today: Run refuses to begin where go test could keep the result. Give
// -count=1.
func Run[T Test[T]](t T, target string, adjust ...func(*Options)) {
	t.Helper()
	if reason := kept(flag.CommandLine, os.Args); reason != "" {
		t.Fatal(reason)
	}
	play(t, target, adjust...)
}

// BuiltIn is the target of Run that is no file: the pair of simulated providers.
const BuiltIn = "built-in"

// kept says why go test may show the result of this test again without running
// it, or "" when it cannot. The go command hands a test the file in which it
// notes what the result depends on only where it is willing to keep the result,
// which it never does with -count. A failure is never kept.
func kept(flags *flag.FlagSet, arguments []string) string {
	for _, a := range arguments {
		if strings.HasPrefix(strings.TrimLeft(a, "-"), "test.count=") {
			return ""
		}
	}
	if note := flags.Lookup("test.testlogfile"); note != nil && note.Value.String() == "" {
		return ""
	}
	return "go test would keep the result of this test and show it again as \"(cached)\", whatever has become of the target: run it with go test -count=1"
}

func play[T Test[T]](t T, target string, adjust ...func(*Options)) {
	t.Helper()
	o := Options{Seed: 1, Now: time.Now, Version: moduleVersion()}
	switch target {
	case BuiltIn:
	case "":
		t.Fatal("no target: give the path of a target file, or conformance.BuiltIn for the pair of simulated providers")
	default:
		if err := o.ReadTarget(target); err != nil {
			t.Fatal(err)
		}
	}
	for _, change := range adjust {
		change(&o)
	}
	if o.Out == "" {
		o.Out = filepath.Join(t.ArtifactDir(), "collaudo")
	}
	report, err := Try(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	tellTest(t, report)
}

// tellTest gives every rule that has a verdict a subtest, and the test itself
// the verdict of the run: a selection of subtests cannot make a run green.
func tellTest[T Test[T]](t T, report *Report) {
	t.Helper()
	result := report.Result
	words := map[string]string{}
	for _, said := range reports.PerRule(result, report.Dir) {
		words[said.Rule] = said.Text
	}
	for _, r := range result.Rules {
		if r.Verdict == rules.NotExercised || r.Verdict == rules.Inapplicable {
			continue
		}
		t.Run(r.ID, func(t T) {
			t.Helper()
			switch text := cmp.Or(words[r.ID], r.Reason); {
			case r.Verdict == rules.Pass:
			case r.Verdict == rules.Observed, r.Verdict == rules.Warn:
				t.Log(text)
			case report.Gate.KnowsRule(&r):
				t.Log("known failure, by the baseline " + report.Gate.Baseline + ": " + text)
			default:
				t.Error(text)
			}
		})
	}
	for _, s := range result.Scenarios {
		if s.Error != "" {
			t.Error("the harness failed in " + s.ID + ": " + s.Error)
		}
	}
	verdict := fmt.Sprintf("%s (profile %s, scope %s): %s\nreport: %s", result.Verdict, result.Profile, result.Run.Scope, result.Reason, filepath.Join(report.Dir, reports.HTMLFile))
	if report.Gate != nil {
		verdict += "\nbaseline: " + report.Gate.Reason
	}
	if report.ExitCode() != ExitConformant {
		t.Error(verdict)
		return
	}
	t.Log(verdict)
}

// moduleVersion is the version of Collaudo that the test was built with.
func moduleVersion() string {
	const path = "github.com/collaudo/collaudo"
	info, known := debug.ReadBuildInfo()
	if !known {
		return "unknown"
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path != path {
			continue
		}
		if m.Replace != nil {
			return cmp.Or(m.Replace.Version, m.Version) + " (replaced by " + m.Replace.Path + ")"
		}
		return cmp.Or(m.Version, "unknown")
	}
	return "unknown"
}
