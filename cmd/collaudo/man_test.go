package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
)

func manual(t *testing.T) map[string]string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "man1")
	var out, trouble strings.Builder
	if code := execute(t.Context(), []string{"man", dir, "--date", "2026-01-31"}, &out, &trouble); code != conformance.ExitConformant {
		t.Fatalf("code %d: %s", code, trouble.String())
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{}
	for _, e := range entries {
		octets, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		pages[e.Name()] = string(octets)
	}
	return pages
}

// request is a line that a formatter obeys; the pages use these and no others.
var request = regexp.MustCompile(`^\.(TH|SH|PP|TP|BR|nf|fi)\b`)

func TestManual(t *testing.T) {
	t.Parallel()
	pages := manual(t)
	everyCommand(commandTree(), func(command *cobra.Command) {
		name := pageName(command) + ".1"
		page, is := pages[name]
		if !is {
			t.Errorf("there is no page %s", name)
			return
		}
		plain := strings.NewReplacer(`\-`, "-", `\e`, `\`, `\&`, "", `\[u2026]`, "…", `\[u2019]`, "’").Replace(page)
		for _, want := range []string{command.Short, ".SH SYNOPSIS", ".SH OPTIONS", ".SH EXAMPLES", "--help", "2026-01-31", strings.TrimSpace(strings.Split(command.Example, "\n")[0])} {
			if !strings.Contains(plain, want) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
		for i, line := range strings.Split(page, "\n") {
			if (strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'")) && !request.MatchString(line) {
				t.Errorf("%s:%d: a line of text would be obeyed: %q", name, i+1, line)
			}
		}
		delete(pages, name)
	})
	if len(pages) > 0 {
		t.Errorf("pages of no command: %d", len(pages))
	}
	if diff := cmp.Diff(manual(t), manual(t)); diff != "" {
		t.Errorf("the same program writes other pages:\n%s", diff)
	}
}

func TestManualKeepsTextFromBeingObeyed(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	command := &cobra.Command{Use: "x", Short: "Says -x", Long: "First.\n\n.so /etc/passwd\n'x\nback\\slash", Example: "  .x --y"}
	writePage(&b, command, "")
	for _, want := range []string{"\n\\&.so /etc/passwd\n", "\n\\&'x\n", `back\eslash`, `Says \-x`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not write %q:\n%s", want, b.String())
		}
	}
}

func TestManualThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, nil)
	var out, trouble strings.Builder
	if code := execute(t.Context(), []string{"man", filepath.Join(file, "man1")}, &out, &trouble); code != conformance.ExitUsage || !strings.Contains(trouble.String(), "cannot be made") {
		t.Errorf("code %d, want %d: %s", code, conformance.ExitUsage, trouble.String())
	}
}
