package main

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/conformance"
)

// Whoever mistypes a flag or a command is told what may have been meant, and else
// where to look: never only that it is wrong.
func TestWhatWasMistypedIsSuggested(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ line, want string }{
		{"run --ruel X", "did you mean --rule?"},
		{"run --resum x", "did you mean --resume?"},
		{"run -out x", "did you mean --out?"},
		{"run -ruel=AP", "did you mean --rule?"},
		{"report verify --jsn x", "did you mean --json?"},
		{"run --zzzzzzzz", "collaudo run --help lists the flags"},
		{"run -x", "collaudo run --help lists the flags"},
		{"rnu", "did you mean run?"},
		{"simulate rady", "did you mean ready?"},
		{"report verfy x", "did you mean verify?"},
		{"rules explian PEC-AP-005", "did you mean explain?"},
		{"help rnu", "did you mean run?"},
		{"help report verfy", "did you mean verify?"},
		{"help run AP", `there is no command below "collaudo run", seen "AP"`},
		{"walk", "collaudo --help lists the commands"},
		{"run AP", "it takes flags only"},
		{"version please", "it takes flags only"},
	} {
		t.Run(test.line, func(t *testing.T) {
			t.Parallel()
			var out, trouble strings.Builder
			code := execute(t.Context(), strings.Fields(test.line), &out, &trouble)
			if code != conformance.ExitUsage || out.Len() > 0 {
				t.Errorf("code %d, on standard output %q", code, out.String())
			}
			if !strings.Contains(trouble.String(), test.want) || strings.Count(trouble.String(), "\n") != 1 {
				t.Errorf("it says %q, want one line with %q", trouble.String(), test.want)
			}
		})
	}
}
