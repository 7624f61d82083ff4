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

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// cutShort writes what a run leaves that was killed in its first scenario. The
// recorder is closed unless it is to stay at work.
func cutShort(t *testing.T, at bool) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	recorder, err := evidence.Create(dir, func() time.Time { return time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	run := &evidence.Run{Tool: "collaudo", Version: "test", Target: "pair", Profile: "practice", Scope: "subset", Rules: []string{"PEC-AP-012"}, Selected: []string{"hidden-recipient", "bcc-only-recipient"}}
	start := &evidence.Start{ID: "hidden-recipient", Name: "A hidden recipient", Feature: "Formal checks", File: "3.1.1_formal_checks.feature", Rules: []string{"PEC-AP-012"}, Steps: []string{"When Anna sends"}}
	if err := errors.Join(
		recorder.Record(evidence.Event{Type: evidence.RunStarted, Run: run}),
		recorder.Scenario(start.ID).Record(evidence.Event{Type: evidence.ScenarioStarted, Start: start}),
	); err != nil {
		t.Fatal(err)
	}
	if at {
		t.Cleanup(func() {
			if err := recorder.Close(); err != nil {
				t.Error(err)
			}
		})
		return dir
	}
	if err := recorder.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A run that was cut short is judged by what it left, says so, and is sealed:
// from then on its folder is read and left alone.
func TestRenderInterrupted(t *testing.T) {
	t.Parallel()
	dir := cutShort(t, false)
	rendered, err := Render(context.Background(), dir, reports.RenderOptions{WriteOptions: reports.WriteOptions{Version: "test"}})
	if err != nil {
		t.Fatal(err)
	}
	if !rendered.Judged || rendered.Result.Verdict != rules.Interrupted || ExitCode(rendered.Result.Verdict) != ExitInterrupted {
		t.Errorf("judged %v, %s: %s", rendered.Judged, rendered.Result.Verdict, rendered.Result.Reason)
	}
	for _, name := range []string{reports.ResultFile, reports.HTMLFile, reports.JUnitFile, reports.MessagesFile, reports.EARLFile, reports.TraceabilityFile, reports.MarkdownFile, evidence.ManifestFile} {
		octets, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || len(octets) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	octets, err := os.ReadFile(filepath.Join(dir, reports.JUnitFile))
	if err != nil || !bytes.Contains(octets, []byte(`<error message="the run was cut short`)) {
		t.Errorf("junit.xml does not say that the run was cut short (%v)", err)
	}
	again, err := Render(context.Background(), dir, reports.RenderOptions{Out: filepath.Join(t.TempDir(), "more"), Formats: []string{"junit"}})
	if err != nil || again.Judged || len(again.Files) != 1 || again.Result.Verdict != rules.Interrupted {
		t.Errorf("rendered again: %+v, %v", again, err)
	}
}

func TestRenderRefuses(t *testing.T) {
	t.Parallel()
	alter := func(dir, name, from, to string) {
		path := filepath.Join(dir, name)
		octets, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		changed := bytes.Replace(octets, []byte(from), []byte(to), 1)
		if bytes.Equal(octets, changed) {
			t.Fatalf("%s holds no %s", name, from)
		}
		if err := os.WriteFile(path, changed, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sealed := func(t *testing.T) string {
		dir := cutShort(t, false)
		if _, err := Render(context.Background(), dir, reports.RenderOptions{}); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	for _, test := range []struct {
		name string
		dir  func(t *testing.T) string
		o    reports.RenderOptions
		code int
		says string
	}{
		{"a folder without a run", func(t *testing.T) string { return t.TempDir() }, reports.RenderOptions{}, ExitUsage, "no run folder"},
		{"a run that is still going on", func(t *testing.T) string { return cutShort(t, true) }, reports.RenderOptions{}, ExitUsage, "wait until it ends"},
		{"a log that was altered", func(t *testing.T) string {
			dir := cutShort(t, false)
			alter(dir, evidence.EventsFile, `"target":"pair"`, `"target":"peer"`)
			return dir
		}, reports.RenderOptions{}, ExitEvidence, "does not hold together"},
		{"a verdict that was edited", func(t *testing.T) string {
			dir := sealed(t)
			alter(dir, reports.ResultFile, `"verdict": "INTERRUPTED"`, `"verdict": "INVALID"`)
			return dir
		}, reports.RenderOptions{Out: "elsewhere"}, ExitEvidence, reports.ResultFile},
		{"a run that was signed and has no manifest any more", func(t *testing.T) string {
			dir := sealed(t)
			if err := errors.Join(os.WriteFile(filepath.Join(dir, evidence.SignatureFile), []byte("signature"), 0o644), os.Remove(filepath.Join(dir, evidence.ManifestFile))); err != nil {
				t.Fatal(err)
			}
			return dir
		}, reports.RenderOptions{}, ExitEvidence, "bring that back"},
		{"a folder that cannot be made", sealed, reports.RenderOptions{Out: "render_test.go/out"}, ExitUsage, "cannot be made"},
		{"a format that belongs to the run", sealed, reports.RenderOptions{Formats: []string{"csv"}}, ExitUsage, "--out DIR"},
		{"a format that is none", sealed, reports.RenderOptions{Formats: []string{"word"}}, ExitUsage, "expected one of"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rendered, err := Render(context.Background(), test.dir(t), test.o)
			if err == nil || ExitCodeOf(err) != test.code || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%+v, %v: exit code %d, want %d and %q", rendered, err, ExitCodeOf(err), test.code, test.says)
			}
		})
	}
}
