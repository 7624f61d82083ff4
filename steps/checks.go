package steps

import (
	"fmt"
	"slices"

	"github.com/collaudo/collaudo/evidence"
)

// Names of the checks that a Then may ask for. They are evaluated from the
// evidence, elsewhere.
const (
	checkRefused        = "refused"
	checkAccepted       = "accepted"
	checkReceives       = "receives"
	checkNothingMore    = "nothing-more"
	checkComplete       = "complete"
	checkLabel          = "label"
	checkReceiptContent = "receipt-content"
	checkOriginalIntact = "original-intact"
	checkProbe          = "probe"
	checkMailboxEmpty   = "mailbox-empty"
	checkReading        = "reading"
)

// Checks lists every check that a step can ask for: the closed vocabulary of
// expectations.
func Checks() []string {
	return slices.Concat([]string{
		checkRefused, checkAccepted, checkReceives, checkNothingMore, checkComplete, checkLabel,
		checkReceiptContent, checkOriginalIntact, checkProbe, checkMailboxEmpty, checkReading,
	}, clientChecks(), lifeChecks())
}

// expect records one expectation; submission is "" where none is meant.
func (w *World) expect(check, submission string, parameters map[string]string) error {
	if !slices.Contains(Checks(), check) {
		return fmt.Errorf("a step asks for the check %q, which is not in the closed list", check)
	}
	w.mu.Lock()
	w.expectations++
	id := fmt.Sprintf("e%d", w.expectations)
	text := w.stepText
	w.mu.Unlock()
	return w.recorder.Record(evidence.Event{Type: evidence.Expected, Expectation: &evidence.Expectation{
		ID: id, Text: text, Check: check, Submission: submission, Parameters: parameters,
	}})
}

// expectOfEach records an expectation about every submission of the last
// sending step.
func (w *World) expectOfEach(check string, parameters map[string]string) error {
	if len(w.latest) == 0 {
		return fmt.Errorf("the step speaks of a submission, but nothing has been sent in this scenario")
	}
	for _, id := range w.latest {
		if err := w.expect(check, id, parameters); err != nil {
			return err
		}
	}
	return nil
}
