package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/collaudo/collaudo/reports"
)

// printKill says what became of one fault, in one line when all went well.
func printKill(out io.Writer, s screen, k reports.Kill) {
	state, code := "killed  ", good
	switch {
	case len(k.Breaks) == 0: // through a view that does not see it
		fmt.Fprintf(out, "unseen    %-44s %s\n", k.Fault, k.Error)
		return
	case k.Error != "":
		state, code = "error   ", unclear
	case !k.Killed:
		state, code = "SURVIVED", bad
	case len(k.Misattributed) > 0:
		state, code = "STRAYED ", bad
	}
	fmt.Fprintf(out, "%s  %-44s %s\n", s.paint(code, state), k.Fault, strings.Join(k.Breaks, " "))
	if k.Error != "" {
		fmt.Fprintf(out, "          the harness: %s\n", k.Error)
	}
	if len(k.Survived) > 0 {
		fmt.Fprintf(out, "          not worse than without the fault: %s\n", strings.Join(k.Survived, " "))
	}
	if len(k.Misattributed) > 0 {
		fmt.Fprintf(out, "          failed too, and should not: %s\n", strings.Join(k.Misattributed, " "))
	}
}

// count says how many there are of something.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
