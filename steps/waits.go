package steps

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// Waits tells that legal time passes in a scenario: on a target whose clock
// cannot be moved it takes hours or days.
func Waits(start *evidence.Start) bool {
	return slices.ContainsFunc(start.Steps, func(step string) bool {
		_, text, _ := strings.Cut(step, " ") // its keyword
		return waitingStep.MatchString(text)
	})
}
