package conformance

import (
	"errors"

	"github.com/collaudo/collaudo/rules"
)

// Exit codes of the built binary.
const (
	ExitConformant    = 0
	ExitNotConformant = 1
	ExitUsage         = 2
	ExitInvalid       = 3
	ExitInconclusive  = 4
	ExitBaseline      = 5
	ExitUnreachable   = 6
	ExitEvidence      = 7
	ExitInterrupted   = 130
)

// ErrUnreachable marks a target that could not be reached or that refused the
// harness's login. Exit code 6.
var ErrUnreachable = errors.New("target unreachable")

// ErrInterrupted marks a run that was told to end before its first scenario.
// Exit code 130.
var ErrInterrupted = errors.New("interrupted")

// ErrHarness marks trouble of the harness on the way, such as evidence that
// can no longer be written. Exit code 3.
var ErrHarness = errors.New("harness error")

// ExitCode is the exit code of a verdict. One that is not known fails closed.
func ExitCode(verdict rules.Outcome) int {
	switch verdict {
	case rules.Conformant, rules.ConformantWithWarnings:
		return ExitConformant
	case rules.NotConformant:
		return ExitNotConformant
	case rules.Inconclusives:
		return ExitInconclusive
	case rules.Interrupted:
		return ExitInterrupted
	}
	return ExitInvalid
}

// ExitCodeOf is the exit code of an error that kept a run from its verdict.
func ExitCodeOf(err error) int {
	switch {
	case err == nil:
		return ExitConformant
	case errors.Is(err, ErrInterrupted):
		return ExitInterrupted
	case errors.Is(err, ErrUsage):
		return ExitUsage
	case errors.Is(err, ErrUnreachable):
		return ExitUnreachable
	case errors.Is(err, ErrEvidence):
		return ExitEvidence
	}
	return ExitInvalid
}
