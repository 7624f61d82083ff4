//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/conformance"
)

// reached is how each exit code of the built binary is reached, by a real
// invocation, and what it then says. TestExitCodes has many more.
func reached() map[int]func(t *testing.T) (a answer, says []string) {
	return map[int]func(*testing.T) (answer, []string){
		conformance.ExitConformant: func(t *testing.T) (answer, []string) {
			return carriedOut(t, "run", "--rule", "PEC-AP-005"), []string{"CONFORMANT", "1 rule exercised", "Report:"}
		},
		conformance.ExitNotConformant: func(t *testing.T) (answer, []string) {
			return carriedOut(t, failing()...), []string{
				"NOT CONFORMANT", "PEC-ACC-003  The subject of an acceptance", `expected  "ACCETTAZIONE: `, `seen      "Accettazione: `,
				"where     scenario complete-transaction", "source    RFC 6109 3.1.4", "matters   The acceptance is the sender's proof",
				"next      collaudo rules explain PEC-ACC-003", "Report:",
			}
		},
		conformance.ExitUsage: func(t *testing.T) (answer, []string) {
			return collaudo(t, "run", "--rule", "PEC-AP-0055"), []string{"PEC-AP-0055", "did you mean"}
		},
		conformance.ExitInvalid: func(t *testing.T) (answer, []string) {
			return fullDisk(t), []string{"the output cannot be written", "no space left"}
		},
		conformance.ExitInconclusive: func(t *testing.T) (answer, []string) {
			return carriedOut(t, "run", "--rule", "PEC-SIG-010", "--tags", "@id:complete-transaction"), []string{"INCONCLUSIVE", "PEC-SIG-010"}
		},
		conformance.ExitBaseline:    stale,
		conformance.ExitUnreachable: unreachable,
		conformance.ExitEvidence:    altered,
		conformance.ExitInterrupted: interrupted,
	}
}

// Every exit code that there is is reached, and says what it is about.
func TestEveryExitCodeIsReached(t *testing.T) {
	t.Parallel()
	ways := reached()
	if diff := cmp.Diff(exitCodes(t), slices.Sorted(maps.Keys(ways))); diff != "" {
		t.Errorf("exit codes that conformance has, and those that this test reaches (-want +got):\n%s", diff)
	}
	for code, way := range ways {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			t.Parallel()
			a, says := way(t)
			if a.code != code {
				t.Errorf("exit code %d, want %d", a.code, code)
			}
			for _, want := range says {
				if !strings.Contains(a.out+a.err, want) {
					t.Errorf("it does not say %q", want)
				}
			}
			if t.Failed() {
				t.Logf("standard output:\n%s\nstandard error:\n%s", a.out, a.err)
			}
		})
	}
}

// exitCodes are those of the constants of conformance, read from its source, so
// that none is forgotten here.
func exitCodes(t *testing.T) []int {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../conformance/exit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []int
	ast.Inspect(file, func(n ast.Node) bool {
		spec, is := n.(*ast.ValueSpec)
		if !is || !strings.HasPrefix(spec.Names[0].Name, "Exit") || len(spec.Values) != 1 {
			return true
		}
		value, is := spec.Values[0].(*ast.BasicLit)
		if !is {
			return true
		}
		code, err := strconv.Atoi(value.Value)
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, code)
		return true
	})
	slices.Sort(codes)
	return codes
}

// fullDisk is a run whose words go to a disk without room.
func fullDisk(t *testing.T) answer {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	command := exec.CommandContext(t.Context(), path, "run", "--rule", "PEC-AP-005")
	command.Dir, command.Stdout = t.TempDir(), full
	return ended(t, command, nil)
}

// ended runs a command to its end. during, if there is one, is called while it
// runs.
func ended(t *testing.T, command *exec.Cmd, during func(*os.Process)) answer {
	t.Helper()
	var out, trouble bytes.Buffer
	if command.Stdout == nil {
		command.Stdout = &out
	}
	command.Stderr = &trouble
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if during != nil {
		during(command.Process)
	}
	err := command.Wait()
	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) {
		t.Fatal(err)
	}
	return answer{command.ProcessState.ExitCode(), out.String(), trouble.String()}
}

// stale is a run with a baseline whose failure is none any more: the one that a
// run with a fault wrote, filled in, and then the fault is gone.
func stale(t *testing.T) (answer, []string) {
	known := filepath.Join(t.TempDir(), "known.yaml")
	run, a := runOf(t, failing("--quiet")...)
	if a.code != conformance.ExitNotConformant {
		t.Fatalf("%s%s", a.out, a.err)
	}
	if a := collaudo(t, "report", "baseline", run, "--out", known); a.code != conformance.ExitConformant {
		t.Fatalf("%s%s", a.out, a.err)
	}
	octets, err := os.ReadFile(known)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range [][2]string{{"owner", "Anna"}, {"reason", "the old gateway writes it so"}, {"expires", time.Now().AddDate(0, 6, 0).Format(time.DateOnly)}} {
		octets = regexp.MustCompile(`(?m)^(\s*`+field[0]+`:).*$`).ReplaceAll(octets, []byte("$1 "+strconv.Quote(field[1])))
	}
	write(t, known, octets)
	if a := collaudo(t, failing("--baseline", known)...); a.code != conformance.ExitConformant || !strings.Contains(a.out, "NOT CONFORMANT") {
		t.Errorf("with the fault: exit code %d, want 0 and a verdict that stays:\n%s%s", a.code, a.out, a.err)
	}
	return collaudo(t, "run", "--rule", "PEC-ACC-003", "--tags", "@id:complete-transaction", "--baseline", known),
		[]string{"CONFORMANT", "exit code 5", "fails no more", "PEC-ACC-003", "complete-transaction"}
}

// altered is a finished run in whose evidence one octet was changed.
func altered(t *testing.T) (answer, []string) {
	kept, a := runOf(t, "run", "--rule", "PEC-AP-005", "-q")
	if a.code != conformance.ExitConformant {
		t.Fatalf("%s%s", a.out, a.err)
	}
	run := copied(t, kept)
	if a := collaudo(t, "report", "verify", run); a.code != conformance.ExitConformant || !strings.Contains(a.out, "VERIFIES") {
		t.Errorf("before: exit code %d:\n%s%s", a.code, a.out, a.err)
	}
	sent, err := filepath.Glob(filepath.Join(run, "evidence", "sent", "*"))
	if err != nil || len(sent) == 0 {
		t.Fatalf("nothing was sent: %v", err)
	}
	octets, err := os.ReadFile(sent[0])
	if err != nil {
		t.Fatal(err)
	}
	octets[len(octets)/2] ^= 1
	write(t, sent[0], octets)
	return collaudo(t, "report", "verify", run), []string{"DOES NOT VERIFY", filepath.Base(sent[0])}
}

// unreachable is a run against a target of which one service does not listen.
func unreachable(t *testing.T) (answer, []string) {
	dir := t.TempDir()
	w := simulated(t)
	ready, file := filepath.Join(dir, "ready.json"), filepath.Join(dir, "target.yaml")
	if err := w.write(ready); err != nil {
		t.Fatal(err)
	}
	if a := collaudo(t, "simulate", "target", "--ready-file", ready, "--out", file, "--roles", "user"); a.code != 0 {
		t.Fatalf("%s%s", a.out, a.err)
	}
	octets, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, bytes.ReplaceAll(octets, []byte(w.Providers[0].Hosts.SubmissionTLS), []byte(closedPort)))
	return collaudo(t, "run", "--target", file, "--tags", "@id:complete-transaction", "--yes"), []string{"nobody listens at", closedPort}
}

// interrupted is a run that is told to end, as Ctrl-C does, once it plays.
func interrupted(t *testing.T) (answer, []string) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, path, "run", "--out", "run", "--workers", "1")
	command.Dir = dir
	a := ended(t, command, func(p *os.Process) {
		for ctx.Err() == nil {
			// A scenario has ended, so that there is something to report.
			octets, err := os.ReadFile(filepath.Join(dir, "run", "events.ndjson"))
			if err == nil && bytes.Contains(octets, []byte(`"type":"scenario-ended"`)) {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if err := p.Signal(syscall.SIGINT); err != nil {
			t.Error(err)
		}
	})
	for _, name := range []string{"run.json", "report.html"} {
		if _, err := os.Stat(filepath.Join(dir, "run", name)); err != nil {
			t.Errorf("the report up to there is not written: %v", err)
		}
	}
	return a, []string{"INTERRUPTED", "collaudo run --resume run"}
}
