package reports

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/rules"
)

// The ways in which known harnesses came out green by accident, and what keeps
// the reports from it: conformance/fail_open.yaml has the list. Removing the guard
// makes the test fail, which test/guards tries.

// readJUnit is junit.xml of a result, as a reader that knows nothing of us sees it.
func readJUnit(t *testing.T, result *rules.Result) junitSuites {
	t.Helper()
	octets, err := renderJUnit(result, loadCatalogue(t), &story{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var root junitSuites
	if err := xml.Unmarshal(octets, &root); err != nil {
		t.Fatal(err)
	}
	return root
}

// 2: a type switch missed the failures: all were written as errors, and the
// counter of failures stayed 0.
func TestMuseum02JUnitCountsFailuresAsFailures(t *testing.T) {
	t.Parallel()
	result := &rules.Result{Verdict: rules.NotConformant, Scenarios: []rules.ScenarioResult{
		{ID: "a", Feature: "F", Verdict: rules.Fail},
		{ID: "b", Feature: "F", Verdict: rules.Fail},
		{ID: "c", Feature: "F", Verdict: rules.Error},
		{ID: "d", Feature: "F", Verdict: rules.Pass},
		{ID: "e", Feature: "F", Verdict: rules.NotExercised},
	}}
	root := readJUnit(t, result)
	if root.Failures != 3 || root.Errors != 1 || root.Skipped != 1 || root.Tests != 6 {
		t.Errorf("%d tests, %d failures, %d errors, %d skipped; want 6 (the verdict is one), 3, 1, 1", root.Tests, root.Failures, root.Errors, root.Skipped)
	}
	if s := root.Suites[0]; s.Failures != 2 || s.Errors != 1 {
		t.Errorf("the suite counts %d failures and %d errors; want 2 and 1", s.Failures, s.Errors)
	}
}

// 4: a case said status="failure" and had no <failure> in it, which is what
// readers look for.
func TestMuseum04EveryFailureIsAnElementWithWords(t *testing.T) {
	t.Parallel()
	broken := rules.Check{Rule: "PEC-AP-005", Scenario: "a", By: "judge", Verdict: rules.Fail, Expected: "a refusal", Seen: "250 ok"}
	for _, row := range []struct {
		verdict rules.Verdict
		element string
	}{{rules.Fail, "failure"}, {rules.Error, "error"}, {rules.Inconclusive, "error"}, {"a verdict of tomorrow", "error"}} {
		broken.Verdict = row.verdict
		result := &rules.Result{Verdict: rules.NotConformant, Scenarios: []rules.ScenarioResult{{ID: "a", Feature: "F", Verdict: row.verdict, Checks: []rules.Check{broken}}}}
		c := readJUnit(t, result).Suites[0].Cases[0]
		if got := stateOf(c); got != row.element {
			t.Errorf("a scenario that is %q: element %s, want %s", row.verdict, got, row.element)
			continue
		}
		if c.Failure != nil && (!strings.Contains(c.Failure.Text, "a refusal") || !strings.Contains(c.Failure.Text, "250 ok")) {
			t.Errorf("the failure does not say what was expected and seen: %q", c.Failure.Text)
		}
	}
	last := readJUnit(t, &rules.Result{Verdict: rules.Inconclusives, Reason: "2 rules could not be concluded"}).Suites
	if got := stateOf(last[len(last)-1].Cases[0]); got != "error" {
		t.Errorf("a run without a bad scenario that is INCONCLUSIVE is written as %s, want error", got)
	}
}

// 5: the names of the states were compared in another case than they were written
// in, and none was ever recognised.
func TestMuseum05WhatIsWrittenIsReadBackAndNothingElse(t *testing.T) {
	t.Parallel()
	result := &rules.Result{Verdict: rules.NotConformant, Profile: rules.Strict, Counts: map[rules.Verdict]int{}}
	for i, v := range rules.Order() {
		id := fmt.Sprintf("s%d", i)
		c := rules.Check{Rule: fmt.Sprintf("PEC-GEN-%03d", i), Scenario: id, By: "judge", Verdict: v}
		result.Rules = append(result.Rules, rules.RuleResult{ID: c.Rule, Verdict: v, Checks: []rules.Check{c}})
		result.Scenarios = append(result.Scenarios, rules.ScenarioResult{ID: id, Verdict: v})
		result.Counts[v]++
	}
	sound, err := encodeResult(result)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	read := func(octets string) (*rules.Result, error) {
		if err := os.WriteFile(filepath.Join(dir, ResultFile), []byte(octets), 0o644); err != nil {
			t.Fatal(err)
		}
		return Read(dir)
	}
	again, err := read(string(sound))
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range rules.Order() {
		if again.Rules[i].Verdict != v || again.Scenarios[i].Verdict != v || again.Scenarios[i].Checks[0].Verdict != v {
			t.Errorf("%q is read back as %q, %q and %q", v, again.Rules[i].Verdict, again.Scenarios[i].Verdict, again.Scenarios[i].Checks[0].Verdict)
		}
	}
	for _, change := range [][2]string{
		{`"verdict":"fail"`, `"verdict":"FAIL"`},
		{`"verdict":"fail"`, `"verdict":""`},
		{`"verdict":"inconclusive"`, `"verdict":"Inconclusive"`},
		{`"verdict": "NOT CONFORMANT"`, `"verdict": "not conformant"`},
	} {
		for n := range max(1, strings.Count(string(sound), change[0])) { // of a scenario, of a rule, of a check
			altered := replaceNth(string(sound), change[0], change[1], n)
			if _, err := read(altered); err == nil || !strings.Contains(err.Error(), "which is no") {
				t.Errorf("%s for %s (the %d.) is read without a word: %v", change[1], change[0], n+1, err)
			}
		}
	}
}

func replaceNth(text, before, after string, n int) string {
	parts := strings.Split(text, before)
	return strings.Join(parts[:n+1], before) + after + strings.Join(parts[n+1:], before)
}

// 13 and 15: a result that says more than was looked at is not taken for one.
func TestMuseum13AResultThatIsBetterThanItsPartsIsRefused(t *testing.T) {
	t.Parallel()
	sound, err := encodeResult(sampleResult())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, old, new, says string }{
		{"green over red", `"verdict": "NOT CONFORMANT"`, `"verdict": "CONFORMANT"`, "it says CONFORMANT although"},
		{"a subset that calls itself full", `"scope": "subset"`, `"scope": "full"`, "altered"},
		{"a rule better than its checks", `"id":"PEC-AP-012","verdict":"fail"`, `"id":"PEC-AP-012","verdict":"pass"`, "although it is"},
		{"counts that nobody counted", `"fail":1`, `"fail":0`, "it counts"},
		{"trouble that is no error", `"verdict":"error","error":"dial`, `"verdict":"pass","error":"dial`, "although the harness failed"},
		{"nothing at all", string(sound), ``, ResultFile},
		{"half a result", string(sound[len(sound)/2:]), ``, ResultFile},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			altered := strings.Replace(string(sound), row.old, row.new, 1)
			if altered == string(sound) {
				t.Fatalf("%q does not occur in run.json", row.old)
			}
			if err := os.WriteFile(filepath.Join(dir, ResultFile), []byte(altered), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), row.says) {
				t.Errorf("Read = %v, want an error with %q", err, row.says)
			}
		})
	}
}

// A rendering that panics ends the report with an error that names it.
func TestAPanicInARenderingIsAnError(t *testing.T) {
	t.Parallel()
	octets, err := rendering{file: HTMLFile, render: func(*telling) ([]byte, error) { panic("oh") }}.make(&telling{})
	if err == nil || !strings.Contains(err.Error(), HTMLFile) || !strings.Contains(err.Error(), "oh") || octets != nil {
		t.Errorf("a rendering that panics gives %q and %v; want nothing, and an error that names it", octets, err)
	}
	dir := sampleRun(t)
	err = Write(dir, sampleResult(), nil, WriteOptions{}) // without a catalogue there is nothing to write by
	if err == nil {
		t.Error("a report was written without a catalogue")
	}
}

// Any file of the report that cannot be written is an error that names the file, and
// leaves nothing that looks like it.
func TestAFileOfTheReportThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := sampleRun(t)
	if err := Write(dir, sampleResult(), loadCatalogue(t), WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	files := []string{ResultFile, AuthorityFile}
	for _, r := range renderings() {
		files = append(files, r.file)
	}
	for _, name := range append(files, "manifest.json", "manifest.sha256") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Fatalf("the sound report has no such file: %v", err)
			}
			dir := sampleRun(t)
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(filepath.Join(path+".partial", "x"), 0o755); err != nil { // where it is written first, nothing can be
				t.Fatal(err)
			}
			err := Write(dir, sampleResult(), loadCatalogue(t), WriteOptions{})
			if err == nil || !strings.Contains(err.Error(), filepath.Base(name)) {
				t.Errorf("Write = %v; want an error about %s", err, name)
			}
			if _, err := os.Stat(path); err == nil {
				t.Errorf("%s is there all the same", name)
			}
		})
	}
}
