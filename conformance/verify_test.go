package conformance

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports"
)

// runCopy is a copy of a run folder that a test does something to.
type runCopy struct {
	t   *testing.T
	dir string
}

func (a runCopy) path(name string) string { return filepath.Join(a.dir, filepath.FromSlash(name)) }

func (a runCopy) read(name string) string {
	a.t.Helper()
	octets, err := os.ReadFile(a.path(name))
	if err != nil {
		a.t.Fatal(err)
	}
	return string(octets)
}

func (a runCopy) write(name, text string) {
	a.t.Helper()
	if err := os.WriteFile(a.path(name), []byte(text), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

func (a runCopy) remove(names ...string) {
	a.t.Helper()
	for _, name := range names {
		if err := os.RemoveAll(a.path(name)); err != nil {
			a.t.Fatal(err)
		}
	}
}

// edit replaces the first place of a text that must be there.
func (a runCopy) edit(name, old, with string) {
	a.t.Helper()
	whole := a.read(name)
	if !strings.Contains(whole, old) {
		a.t.Fatalf("%s holds no %q", name, old)
	}
	a.write(name, strings.Replace(whole, old, with, 1))
}

// seal makes manifest and sums anew, as somebody would who means to deceive.
func (a runCopy) seal() {
	a.t.Helper()
	own, err := fingerprint(mustCatalogue(a.t))
	if err != nil {
		a.t.Fatal(err)
	}
	a.sealAs(evidence.Judged{Version: "test", Catalogue: own})
}

// sealAs seals whatever lies in the folder.
func (a runCopy) sealAs(by evidence.Judged) {
	a.t.Helper()
	var all []string
	for name := range contents(a.t, a.dir) {
		all = append(all, filepath.ToSlash(name))
	}
	if err := evidence.Seal(a.dir, by, all); err != nil {
		a.t.Fatal(err)
	}
}

// blob is the path of a message that the run received.
func (a runCopy) blob() string {
	a.t.Helper()
	found, err := filepath.Glob(a.path("evidence/received/*.eml.txt"))
	if err != nil || len(found) == 0 {
		a.t.Fatalf("no message was received (%v)", err)
	}
	return "evidence/received/" + filepath.Base(found[0])
}

// page is the path of the page of a message.
func (a runCopy) page() string {
	a.t.Helper()
	return "messages/" + strings.TrimSuffix(filepath.Base(a.blob()), ".eml.txt") + ".html"
}

func (a runCopy) cutLog(lines int) {
	a.t.Helper()
	all := strings.SplitAfter(a.read(evidence.EventsFile), "\n")
	a.write(evidence.EventsFile, strings.Join(all[:lines], ""))
}

func (a runCopy) verify() (*Verified, error) {
	return Verify(a.t.Context(), a.dir, VerifyOptions{Version: "test", Now: time.Now()})
}

func TestVerify(t *testing.T) {
	t.Parallel()
	report := shown(t, smallRun)
	tests := append(unsealed(), []verifyCase{
		{"an untouched folder", func(runCopy) {}, ExitConformant, ""},
		{"a message that was altered", func(a runCopy) { a.edit(a.blob(), "e", "E") }, ExitEvidence, "was altered: its octets hash to"},
		{"a file that was added", func(a runCopy) { a.write("notes.txt", "") }, ExitEvidence, "notes.txt was added"},
		{"a manifest that is missing", func(a runCopy) { a.remove(evidence.ManifestFile) }, ExitEvidence, "manifest.json is missing, and manifest.sha256 is there"},
		{"a log that is missing", func(a runCopy) { a.remove(evidence.EventsFile) }, ExitEvidence, "events.ndjson is missing"},
		{"a result that is missing, sealed anew", func(a runCopy) { a.remove(reports.ResultFile); a.seal() }, ExitEvidence, "run.json is not there"},
		{"a rule's verdict, sealed anew", func(a runCopy) {
			a.edit(reports.ResultFile, `{"id":"PEC-NA-003","verdict":"pass"`, `{"id":"PEC-NA-003","verdict":"warn"`)
			a.seal()
		}, ExitEvidence, "run.json says warn at PEC-NA-003, the evidence says pass"},
		{"a verdict alone", func(a runCopy) {
			a.edit(reports.ResultFile, `{"id":"PEC-NA-003","verdict":"pass"`, `{"id":"PEC-NA-003","verdict":"warn"`)
		}, ExitEvidence, "run.json says warn at PEC-NA-003, the evidence says pass"},
		{"a rule that was taken out, sealed anew", func(a runCopy) {
			whole := a.read(reports.ResultFile)
			from := strings.Index(whole, `{"id":"PEC-NA-003"`)
			a.write(reports.ResultFile, whole[:from]+strings.TrimPrefix(whole[from:], strings.SplitAfter(whole[from:], "\n")[0]))
			a.seal()
		}, ExitEvidence, "run.json says nothing at PEC-NA-003, the evidence says pass"},
		{"a scenario's verdict, sealed anew", func(a runCopy) {
			whole := a.read(reports.ResultFile)
			head, rest, _ := strings.Cut(whole, `"scenarios": [`)
			a.write(reports.ResultFile, head+`"scenarios": [`+strings.Replace(rest, `"verdict":"pass"`, `"verdict":"observed"`, 1))
			a.seal()
		}, ExitEvidence, "run.json says observed at "},
		{"a check, sealed anew", func(a runCopy) {
			whole := a.read(reports.ResultFile)
			head, rest, _ := strings.Cut(whole, `"checks":[`)
			a.write(reports.ResultFile, head+`"checks":[`+strings.Replace(rest, `"verdict":"pass"`, `"verdict":"observed"`, 1))
			a.seal()
		}, ExitEvidence, "run.json says observed at PEC-NA-003 in check 1"},
		{"the run's verdict, sealed anew", func(a runCopy) {
			a.edit(reports.ResultFile, `"verdict": "CONFORMANT"`, `"verdict": "NOT CONFORMANT"`)
			a.seal()
		}, ExitEvidence, "run.json says NOT CONFORMANT of the run, the evidence says CONFORMANT"},
		{"the reason, sealed anew", func(a runCopy) {
			a.edit(reports.ResultFile, `"reason": "`, `"reason": "Well. `)
			a.seal()
		}, ExitEvidence, `run.json says "Well. `},
		{"a blank, sealed anew", func(a runCopy) {
			a.edit(reports.ResultFile, `"verdict": "`, `"verdict":  "`)
			a.seal()
		}, ExitEvidence, "run.json line 3 says the same as the evidence in another form"},
		{"a page, sealed anew", func(a runCopy) { a.edit(reports.HTMLFile, "<h1>CONFORMANT", "<h1>CERTIFIED"); a.seal() }, ExitEvidence, "report.html is not what this version makes of run.json"},
		{"a file for a gate, sealed anew", func(a runCopy) { a.edit(reports.JUnitFile, `failures="0"`, `failures="1"`); a.seal() }, ExitEvidence, "junit.xml is not what this version makes"},
		{"the language of the page, sealed anew", func(a runCopy) { a.edit(reports.HTMLFile, `<html lang="en">`, `<html lang="it">`); a.seal() }, ExitEvidence, "report.html is not what this version makes"},
		{"the dossier, sealed anew", func(a runCopy) { a.edit(reports.DossierItalianFile, "<p", "<P"); a.seal() }, ExitEvidence, "dossier.it.html is not what"},
		{"a page of a message, sealed anew", func(a runCopy) { a.edit(a.page(), "<p", "<P"); a.seal() }, ExitEvidence, ".html is not what this version makes"},
		{"a page of a message that is missing, sealed anew", func(a runCopy) { a.remove(a.page()); a.seal() }, ExitEvidence, "is not there, and is made of every such run"},
		{"the trust data, sealed anew", func(a runCopy) { a.write(reports.AuthorityFile, "another CA"); a.seal() }, ExitEvidence, "trust/ca.pem is not what this version makes"},
		{"a file that was added, sealed anew", func(a runCopy) { a.write("messages/letter.html", "yes"); a.seal() }, ExitEvidence, "messages/letter.html is sealed and is no file of a run"},
		{"a rendering made later, sealed with the run", func(a runCopy) { a.write("report.it.html", "yes"); a.seal() }, ExitEvidence, "report.it.html is sealed and is no file of a run"},
		{"no JSON, sealed anew", func(a runCopy) { a.write(reports.ResultFile, "{"); a.seal() }, ExitEvidence, "run.json cannot be read"},
		{"an event, sealed anew", func(a runCopy) { a.edit(evidence.EventsFile, `"code":250`, `"code":550`); a.seal() }, ExitEvidence, "events.ndjson is not as it was written: the event log does not hold together"},
		{"the end of the log, sealed anew", func(a runCopy) {
			a.cutLog(strings.Count(a.read(evidence.EventsFile), "\n") - 1)
			a.seal()
		}, ExitEvidence, "run.json says CONFORMANT of the run, the evidence says INTERRUPTED"},
		{"octets that events cite, sealed anew", func(a runCopy) { a.remove(a.blob()); a.seal() }, ExitEvidence, "cites octets that are not in the folder"},
		{"octets under another's name, sealed anew", func(a runCopy) { a.write(a.blob(), "x"); a.seal() }, ExitEvidence, "its octets hash to"},
	}...)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := copied(t, report.Dir)
			test.do(a)
			v, err := a.verify()
			if err != nil {
				t.Fatal(err)
			}
			expectSaid(t, v, test.code, test.want)
			if test.code == ExitConformant && (v.Verdict != report.Result.Verdict || v.Events < 40 || v.Octets == 0 || v.Rules != 1 || v.Renderings < 15 || v.Uncompared != "") {
				t.Errorf("recomputed %s from %d events and %d octets, of %d rules; %d files made anew, %s", v.Verdict, v.Events, v.Octets, v.Rules, v.Renderings, v.Uncompared)
			}
		})
	}
	t.Run("the rule is named for programs", func(t *testing.T) {
		t.Parallel()
		octets, err := os.ReadFile(filepath.Join(report.Dir, reports.ResultFile))
		if err != nil {
			t.Fatal(err)
		}
		edited := strings.Replace(string(octets), `{"id":"PEC-NA-003","verdict":"pass"`, `{"id":"PEC-NA-003","verdict":"fail"`, 1)
		want := []Finding{{File: reports.ResultFile, Rule: "PEC-NA-003", What: "says fail at PEC-NA-003, the evidence says pass"}}
		if diff := cmp.Diff(want, compareResults([]byte(edited), octets)); diff != "" {
			t.Errorf("findings (-want +got):\n%s", diff)
		}
	})
}

func TestWhatCannotBeVerified(t *testing.T) {
	t.Parallel()
	report := shown(t, smallRun)
	t.Run("a run that was judged by other rules", func(t *testing.T) {
		t.Parallel()
		a := copied(t, report.Dir)
		a.sealAs(evidence.Judged{Version: "v0.1", Catalogue: "0123456789abcdef"})
		_, err := a.verify()
		if !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "version v0.1") || !strings.Contains(err.Error(), "report rejudge") {
			t.Errorf("error %v", err)
		}
		v, err := Verify(t.Context(), a.dir, VerifyOptions{Version: "test", Evidence: true})
		if err != nil || v.Code() != ExitConformant || v.Verdict != "" {
			t.Errorf("its evidence alone: %+v, %v", v, err)
		}
	})
	t.Run("a folder that holds no run", func(t *testing.T) {
		t.Parallel()
		if _, err := (runCopy{t, t.TempDir()}).verify(); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "is no run folder") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a run that is still going on", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		r, err := evidence.Create(dir, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = r.Close() })
		if _, err := (runCopy{t, dir}).verify(); !errors.Is(err, ErrUsage) || !errors.Is(err, evidence.ErrBusy) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a folder, when told to end", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Verify(ctx, report.Dir, VerifyOptions{Version: "test"}); !errors.Is(err, ErrInterrupted) {
			t.Errorf("error %v", err)
		}
	})
}

// expectSaid holds what verifying ended with against its code, and against what a
// finding or a note has to say.
func expectSaid(t *testing.T, v *Verified, code int, want string) {
	t.Helper()
	said := strings.Join(v.Notes, "\n")
	for _, f := range v.Findings {
		said += "\n" + f.String()
	}
	if v.Code() != code || !strings.Contains(said, want) {
		t.Errorf("exit code %d, want %d, saying %q: %s", v.Code(), code, want, said)
	}
}
