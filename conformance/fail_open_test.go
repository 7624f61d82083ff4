package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// The ways in which known harnesses came out green by accident, and what keeps
// this one from it: fail_open.yaml has the list. Removing the guard makes the test
// fail, which test/guards tries.

// 1: what matches nothing was "No matched tests found.", and a success.
func TestMuseum01NothingSelectedIsNoSuccess(t *testing.T) {
	t.Parallel()
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name  string
		rules []string
		tags  string
	}{
		{"a rule and a tag that have nothing in common", []string{"PEC-AP-005"}, "@core"},
		{"a tag and its opposite", nil, "@topic and not @topic"},
	} {
		if chosen, err := choose(sample(t), catalogue, row.rules, row.tags); !errors.Is(err, ErrUsage) || ExitCodeOf(err) != ExitUsage {
			t.Errorf("%s: %d scenarios, error %v; want a usage error", row.name, len(chosen.Scenarios), err)
		}
	}
	if _, err := choose(nil, catalogue, nil, ""); !errors.Is(err, ErrUsage) {
		t.Errorf("no scenarios at all: error %v; want a usage error", err)
	}
	if _, err := (Selection{Scenarios: sample(t)}).shard(Shard{1, 50}); !errors.Is(err, ErrUsage) {
		t.Errorf("more shards than scenarios: error %v; want a usage error", err)
	}
}

// 3: "failed to load config" and "failed to setup test" returned with exit code 0.
func TestMuseum03TroubleBeforeTheFirstScenarioIsNoSuccess(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		ErrUsage, ErrUnreachable, ErrEvidence, ErrHarness, ErrInterrupted, context.Canceled, os.ErrPermission,
		errors.New("of a kind that nobody thought of"), fmt.Errorf("%w: %w", ErrHarness, os.ErrNotExist),
	} {
		if code := ExitCodeOf(err); code == ExitConformant || code == ExitNotConformant {
			t.Errorf("the error %q has exit code %d", err, code)
		}
	}
	for _, verdict := range []rules.Outcome{"", "conformant", "GREEN", rules.Invalid} {
		if code := ExitCode(verdict); code != ExitInvalid {
			t.Errorf("the verdict %q has exit code %d; want %d", verdict, code, ExitInvalid)
		}
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]Options{
		"a folder that cannot be":         {Out: filepath.Join(blocked, "run")},
		"a profile that there is not":     {Profile: "lenient"},
		"a fault that there is not":       {Faults: []string{"acceptance-subject-prefx"}},
		"a personality that there is not": {Personality: "nobody"},
	} {
		if o.Out == "" {
			o.Out = filepath.Join(t.TempDir(), "run")
		}
		o.Now, o.Tags = time.Now, "@core"
		report, err := tryKeyed(t.Context(), o)
		if report != nil || ExitCodeOf(err) != ExitUsage {
			t.Errorf("%s: report %v, error %v; want no report and a usage error", name, report, err)
		}
	}
	var o Options
	if err := o.ReadTarget("nowhere.yaml"); ExitCodeOf(err) != ExitUsage {
		t.Errorf("a target file that is not there: %v; want a usage error", err)
	}
}

// 6: the exit code was the number of failures, which is 0 for 256; and an unknown
// test ended with 0.
func TestMuseum06ExitCodesDoNotCount(t *testing.T) {
	t.Parallel()
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	var judges []rules.Judge
	for _, law := range catalogue.Rules {
		if len(judges) < 256 && law.Weight(rules.Practice, false) == rules.Fail {
			judges = append(judges, rules.Judge{Rule: law.ID, Look: func(_ *rules.View, f *rules.Findings) { f.Broken(rules.Where{}, "this", "that") }})
		}
	}
	c := evidence.NewCase([]evidence.Event{
		{Type: evidence.ScenarioStarted, Start: &evidence.Start{ID: "s", Rules: []string{judges[0].Rule}}},
		{Type: evidence.SettledSeen},
		{Type: evidence.Expected, Expectation: &evidence.Expectation{ID: "e1", Check: "mailbox-empty", Parameters: map[string]string{"mailbox": "anna@aurora.example"}}},
		{Type: evidence.ScenarioEnded, End: &evidence.End{Completed: true}},
	}, nil)
	c.World.Mailboxes = []evidence.Mailbox{{Address: "anna@aurora.example", Role: evidence.UserMailbox}}
	court := &rules.Court{Catalogue: catalogue, Judges: judges, Profile: rules.Practice}
	result := court.Run(&evidence.Record{Run: evidence.Run{Selected: []string{"s"}}, Cases: []*evidence.Case{c}})
	if result.Counts[rules.Fail] != 256 {
		t.Fatalf("%d rules are broken; the test wants 256 (%s)", result.Counts[rules.Fail], result.Reason)
	}
	if code := ExitCode(result.Verdict); code != ExitNotConformant {
		t.Errorf("256 broken rules end with exit code %d", code)
	}
	for _, unknown := range []string{"PEC-AP-999", "ZZ", ""} {
		if _, err := choose(sample(t), catalogue, []string{unknown}, ""); ExitCodeOf(err) != ExitUsage {
			t.Errorf("the unknown rule %q: %v; want a usage error", unknown, err)
		}
	}
}

// 8: the loop over the tests did not keep that one of them had gone wrong.
func TestMuseum08TroubleOfOneScenarioIsKept(t *testing.T) {
	t.Parallel()
	prepared := prepared(t, "@id:mixed-recipients")
	if err := prepared.recorder.Record(evidence.Event{Type: evidence.RunStarted, Run: prepared.asked()}); err != nil {
		t.Fatal(err)
	}
	if err := prepared.recorder.Close(); err != nil { // from here on no event can be written
		t.Fatal(err)
	}
	jobs, err := prepared.jobs()
	if err != nil {
		t.Fatal(err)
	}
	if err := prepared.playAll(t.Context(), jobs); err == nil {
		t.Error("a scenario whose evidence could not be written went by without a word")
	}
}

// prepared is a trial that could begin.
func prepared(t *testing.T, tags string) *trial {
	t.Helper()
	o := Options{Tags: tags, Out: filepath.Join(t.TempDir(), "run"), Now: time.Now, Seed: 1, Version: "test"}
	made, err := prepare(o, endpointKeys())
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// 9: an unknown tag, or one with "not" before it, selected nothing and passed.
func TestMuseum09TagsAreReadOrRefused(t *testing.T) {
	t.Parallel()
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for tags, want := range map[string]int{
		"@topic": 4, "not @core": 3, "@topic and not @core": 3, "not (@core or @PEC-AP-005)": 2, "topic": 4,
		"@tpoic": -1, "not @tpoic": -1, "@topic and": -1, "~@topic": -1, "@topic,@core": -1, "()": -1, "@topic @core": -1,
	} {
		chosen, err := choose(sample(t), catalogue, nil, tags)
		switch {
		case want < 0 && !errors.Is(err, ErrUsage):
			t.Errorf("%q: %d scenarios, error %v; want a usage error", tags, len(chosen.Scenarios), err)
		case want >= 0 && (err != nil || len(chosen.Scenarios) != want):
			t.Errorf("%q: %d scenarios, error %v; want %d", tags, len(chosen.Scenarios), err, want)
		}
	}
}

// 10: steps that nobody had written, and scenarios without any, ended with 0.
func TestMuseum10AStepThatNobodyWroteIsTrouble(t *testing.T) {
	t.Parallel()
	read := func(steps string) (Scenario, error) {
		all, err := readScenarios(fstest.MapFS{"f.feature": {Data: []byte("Feature: F\n  @id:a @PEC-AP-005\n  Scenario: S\n" + steps)}})
		if err != nil || len(all) == 0 {
			return Scenario{}, err
		}
		return all[0], nil
	}
	s, err := read("    When somebody does what nobody has ever described\n    Then all is well in a way that nobody checks\n")
	if err != nil {
		t.Fatal(err)
	}
	made := prepared(t, "@id:mixed-recipients")
	if err := made.drive(t.Context(), &job{scenario: s}, made.recorder.Scenario(s.ID)); err == nil || !strings.Contains(err.Error(), "undefined") {
		t.Errorf("a scenario of undefined steps: %v; want an error that says so", err)
	}
	for name, text := range map[string]string{
		"a scenario without steps":         "",
		"an outline whose table is empty":  "    Then <x>\n    Examples:\n      | id | x |\n",
		"an outline of which half is gone": "    Then <x>\n    Examples:\n      | id | x |\n      | a | 1 |\n    Examples: more\n      | id | x |\n",
	} {
		if _, err := read(text); err == nil {
			t.Errorf("%s is read without a word", name)
		}
	}
	for name, files := range map[string]fstest.MapFS{
		"no feature files":              {},
		"files, and no feature":         {"notes.txt": {Data: []byte("Feature: F\n")}},
		"a feature without scenarios":   {"f.feature": {Data: []byte("Feature: F\n")}},
		"a rule block without any":      {"f.feature": {Data: []byte("Feature: F\n  @id:a @PEC-AP-005\n  Scenario: S\n    Then x\n  Rule: empty\n")}},
		"a file that cannot be parsed":  {"f.feature": {Data: []byte("Feature: F\n  Scenario: S\n    This is no step\n")}},
		"a file that stands for nobody": {"f.feature": {Data: nil}},
	} {
		if all, err := readScenarios(files); err == nil {
			t.Errorf("%s: %d scenarios and no error", name, len(all))
		}
	}
}

// 11: a skipped scenario was "--- PASS" in go test.
func TestMuseum11WhatWasNotLookedAtIsNoPassOfGoTest(t *testing.T) {
	t.Parallel()
	report := &Report{Dir: "run", Result: &rules.Result{Verdict: rules.Inconclusives, Reason: "of what was asked for, 2 rules never came to be exercised", Rules: []rules.RuleResult{
		{ID: "PEC-AP-005", Verdict: rules.NotExercised, Judged: true},
		{ID: "PEC-AP-006", Verdict: rules.Inapplicable, Judged: true},
		{ID: "PEC-AP-007", Verdict: rules.Inconclusive, Judged: true, Reason: "missing: a log"},
	}}}
	f := watch(t, func(f *fakeTest) { tellTest(f, report) })
	if len(f.ran) != 1 || f.ran[0] != "PEC-AP-007" {
		t.Errorf("subtests %v: want none for a rule that nobody looked at", f.ran)
	}
	if f.failed["PEC-AP-007"] == "" || !strings.Contains(f.failed[""], "INCONCLUSIVE") {
		t.Errorf("failed: %v; want the rule that stayed open, and the test itself", f.failed)
	}
}
