package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
)

// completions asks as the script of a shell does, and gives what it would offer,
// without descriptions, and the directive behind it.
func completions(t *testing.T, words ...string) (offered []string, directive string) {
	t.Helper()
	var out, trouble strings.Builder
	if code := execute(t.Context(), append([]string{cobra.ShellCompRequestCmd}, words...), &out, &trouble); code != conformance.ExitConformant {
		t.Fatalf("%q: code %d: %s", words, code, trouble.String())
	}
	for line := range strings.Lines(out.String()) {
		line = strings.TrimSpace(line)
		if after, is := strings.CutPrefix(line, ":"); is {
			return offered, after
		}
		value, _, _ := strings.Cut(line, "\t")
		offered = append(offered, value)
	}
	t.Fatalf("%q: no directive in %q", words, out.String())
	return nil, ""
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		line  string // up to the cursor, words set apart by blanks
		want  []string
		never string // what must not be offered
	}{
		{"ru", []string{"rules", "run"}, "report"},
		{"rules ", []string{"coverage", "explain", "list"}, "run"},
		{"help rules e", []string{"explain"}, "run"},
		{"rules explain PEC-AP-00", []string{"PEC-AP-001", "PEC-AP-005"}, "PEC-AP-010"},
		{"rules explain ap-005", []string{"ap-005"}, ""},
		{"rules explain PEC-AP-005 ", nil, "PEC-AP-005"},
		{"rules list --family T", []string{"TE", "TIM", "TMO"}, "AP"},
		{"run --rule ", []string{"AP", "TE"}, "PEC-AP-005"},
		{"run --rule PEC-NAV", []string{"PEC-NAV-001"}, "PEC-NA-001"},
		{"run --fault acceptance-sub", []string{"acceptance-subject-prefix"}, "acceptance-none"},
		{"simulate --fault acceptance-sub", []string{"acceptance-subject-prefix"}, ""},
		{"mutants --only acceptance-sub", []string{"acceptance-subject-prefix"}, ""},
		{"run --personality ", conformance.Personalities(), ""},
		{"run --profile ", []string{"practice", "strict"}, ""},
		{"run --profile=s", []string{"strict"}, "practice"},
		{"run --tags ", []string{"@virus", "@heavy"}, "@id:hidden-recipient"},
		{"run --tags @id:hidden", []string{"@id:hidden-recipient"}, "@virus"},
		{"run --language ", []string{"en", "it"}, ""},
		{"run --format ", []string{"github", "terminal"}, ""},
		{"report render out/run-1 --format ", []string{"junit", "pdf"}, "github"},
		{"mutants --sample ", []string{"all", "family"}, ""},
		{"simulate --clock ", []string{"real", "stepped"}, ""},
		{"completion ", []string{"bash", "fish", "powershell", "zsh"}, ""},
		{"run --qu", []string{"--quiet"}, ""},
	} {
		words := strings.Split(test.line, " ")
		got, _ := completions(t, words...)
		for _, want := range test.want {
			if !slices.Contains(got, want) {
				t.Errorf("%q: %q is not offered among %d: %.300q", test.line, want, len(got), got)
			}
		}
		if test.never != "" && slices.Contains(got, test.never) {
			t.Errorf("%q: %q is offered", test.line, test.never)
		}
	}
	// A tag expression is one word with blanks in it.
	if got, _ := completions(t, "run", "--tags", "@virus and not (@hea"); !slices.Equal(got, []string{"@virus and not (@heavy"}) {
		t.Errorf("a tag within an expression: %q", got)
	}
}

// What is a folder or a YAML file is completed as such, and nothing else.
func TestCompletionOfFiles(t *testing.T) {
	t.Parallel()
	const onlyFolders, onlyEndings, nothing = "16", "8", "4"
	for line, want := range map[string]string{
		"run --out ": onlyFolders, "run --resume ": onlyFolders, "rules coverage ": onlyFolders, "report merge ": onlyFolders,
		"report merge a ": onlyFolders, "run --target ": onlyEndings, "target check ": onlyEndings, "run --seed ": nothing, "rules list ": nothing,
	} {
		if _, got := completions(t, strings.Split(line, " ")...); got != want {
			t.Errorf("%q: directive %s, want %s", line, got, want)
		}
	}
}

// What is offered for a flag is taken by the command: nothing is completed that
// is then refused.
func TestWhatIsOfferedIsTaken(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"run --rule ", "run --rule pec-te-", "run --rule sig-0", "run --fault acceptance-", "run --personality ", "run --tags ", "run --tags @clock", "run --profile "} {
		words := strings.Split(line, " ")
		offered, _ := completions(t, words...)
		if len(offered) == 0 {
			t.Errorf("%q: nothing is offered", line)
		}
		for _, value := range offered[:min(len(offered), 3)] {
			var out, trouble strings.Builder
			arguments := append(slices.Clone(words[:len(words)-1]), value, "--dry-run")
			if code := execute(t.Context(), arguments, &out, &trouble); code != conformance.ExitConformant {
				t.Errorf("%q is offered and refused: code %d, %s", arguments, code, trouble.String())
			}
		}
	}
}

func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	for shell, mark := range map[string]string{"bash": "complete -o default", "zsh": "#compdef collaudo", "fish": "complete -c collaudo", "powershell": "Register-ArgumentCompleter"} {
		var out, trouble strings.Builder
		code := execute(t.Context(), []string{"completion", shell}, &out, &trouble)
		if code != conformance.ExitConformant || !strings.Contains(out.String(), mark) {
			t.Errorf("%s: code %d, %q is not there: %.200q %s", shell, code, mark, out.String(), trouble.String())
		}
	}
}
