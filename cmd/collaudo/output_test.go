package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/conformance"
)

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestLostWordsFailTheCommand(t *testing.T) {
	t.Parallel()
	for _, arguments := range []string{"version", "rules list", "rules explain PEC-GEN-024", "mutants --list"} {
		t.Run(arguments, func(t *testing.T) {
			t.Parallel()
			var trouble strings.Builder
			code := execute(t.Context(), strings.Fields(arguments), full{}, &trouble)
			if code != conformance.ExitInvalid || !strings.Contains(trouble.String(), "no space left") {
				t.Errorf("code %d, want %d, and the reason: %q", code, conformance.ExitInvalid, trouble.String())
			}
		})
	}
}
