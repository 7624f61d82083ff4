package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	"github.com/collaudo/collaudo/conformance"
)

// moves is text that moves a terminal's cursor, clears its screen or turns the
// direction of what follows.
const moves = "\x1b[2J\u009b1A\u202egnihton\r\x07"

func visibleText(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Fatalf("%U was printed: %q", r, text)
		}
	}
	if !strings.Contains(text, "gnihton") {
		t.Errorf("the rest was not printed: %q", text)
	}
}

func TestAnErrorMovesNoCursor(t *testing.T) {
	t.Parallel()
	for _, arguments := range [][]string{{"report", "verify", moves}, {moves}, {"run", "--target", moves}} {
		var out, trouble bytes.Buffer
		if code := execute(t.Context(), arguments, &out, &trouble); code != conformance.ExitUsage {
			t.Errorf("%q: exit code %d", arguments, code)
		}
		visibleText(t, trouble.String())
	}
	if got := visibleLines("one\ntwo\x1b"); got != "one\ntwo\uFFFD" {
		t.Errorf("lines of an error: %q", got)
	}
}

func TestWhatAFolderSaysMovesNoCursor(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]*conformance.Verified{
		"folder":    {Dir: moves},
		"signer":    {Sealed: true, Signature: moves},
		"stamp":     {Sealed: true, Timestamp: moves},
		"note":      {Sealed: true, Notes: []string{moves}},
		"finding":   {Sealed: true, Findings: []conformance.Finding{{File: moves, What: moves}}},
		"unsigned ": {Dir: moves, Interrupted: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if err := tellVerified(&out, v, false); err != nil {
				t.Fatal(err)
			}
			visibleText(t, out.String())
		})
	}
}
