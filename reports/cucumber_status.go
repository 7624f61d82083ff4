package reports

import (
	"cmp"
	"slices"
	"strings"

	messages "github.com/cucumber/messages/go/v34"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// statusOf is the status by which Cucumber's readers know a verdict. Those that
// are strict, as all are today, take pending for a failure and skipped for
// neither: what was not decided is pending where a decision was due and skipped
// where none was, and never passed.
func statusOf(v rules.Verdict) messages.TestStepResultStatus {
	switch v {
	case rules.Pass, rules.Warn:
		return messages.TestStepResultStatus_PASSED
	case rules.Inconclusive:
		return messages.TestStepResultStatus_PENDING
	case rules.Observed, rules.Inapplicable, rules.NotExercised:
		return messages.TestStepResultStatus_SKIPPED
	}
	return messages.TestStepResultStatus_FAILED // fail, error, and a verdict that is not known
}

// verdict is the result of the hook that ends a scenario.
func (m *messenger) verdict(r *rules.ScenarioResult, c *evidence.Case) messages.TestStepResult {
	told := messages.TestStepResult{Status: statusOf(r.Verdict)}
	if told.Status == messages.TestStepResultStatus_PASSED && (c == nil || c.End == nil) {
		told.Status = messages.TestStepResultStatus_SKIPPED // cut short: what was seen so far is not all
	}
	var lines []string
	if r.Error != "" {
		lines = append(lines, "the harness: "+r.Error)
	}
	if len(r.Lacking) > 0 {
		lines = append(lines, "not played, for want of "+strings.Join(r.Lacking, ", "))
	}
	if r.Waiting != nil {
		lines = append(lines, "waits until "+r.Waiting.Until.UTC().Format("2006-01-02T15:04:05Z"))
	}
	kind := ""
	for _, check := range r.Checks {
		if check.Verdict != r.Verdict || !check.Verdict.Worse(rules.Pass) || len(lines) >= mostListed {
			continue
		}
		if kind == "" {
			kind = check.Rule
		}
		lines = append(lines, checkLines(check, m.catalogue, m.story.Scenarios[r.ID]))
	}
	told.Message = strings.TrimSpace(printableLines(strings.Join(lines, "\n")))
	if told.Message == "" {
		told.Message = string(r.Verdict)
	}
	if told.Status == messages.TestStepResultStatus_FAILED {
		told.Exception = &messages.Exception{Type: cmp.Or(kind, string(r.Verdict)), Message: told.Message}
	}
	return told
}

// takenStep is a step that was carried out, with the expectations it recorded.
type takenStep struct {
	trouble string
	asked   []string // ids of expectations
}

// stepsOf lists the steps that were carried out, of so many. An expectation is
// recorded while its step is carried out, and the step when it is over; a scenario
// that ended as it should had no other step.
func stepsOf(c *evidence.Case, all int) []takenStep {
	if c == nil {
		return nil
	}
	var list []takenStep
	var asked []string
	for _, e := range c.Events {
		switch e.Type {
		case evidence.Expected:
			asked = append(asked, e.Expectation.ID)
		case evidence.StepTaken:
			list = append(list, takenStep{e.Step.Error, asked})
			asked = nil
		}
	}
	for c.End != nil && c.End.Completed && len(list) < all {
		list = append(list, takenStep{})
	}
	return list
}

// stepResult says what a step came to: passed means that it was carried out. One
// whose expectation was not met, or could not be concluded, says so itself.
func stepResult(taken []takenStep, i int, r *rules.ScenarioResult) messages.TestStepResult {
	if i >= len(taken) {
		return messages.TestStepResult{Status: messages.TestStepResultStatus_SKIPPED, Message: "not carried out"}
	}
	step := taken[i]
	if step.trouble != "" {
		if r.Verdict != rules.Error { // what it lacks or waits for is no failure of the harness
			return messages.TestStepResult{Status: messages.TestStepResultStatus_SKIPPED, Message: printable(step.trouble)}
		}
		return messages.TestStepResult{Status: messages.TestStepResultStatus_FAILED, Message: printable(step.trouble), Exception: &messages.Exception{Type: "harness", Message: printable(step.trouble)}}
	}
	worst := rules.Check{Verdict: rules.NotExercised}
	for _, c := range r.Checks {
		if id, is := strings.CutPrefix(c.By, "expectation "); is && slices.Contains(step.asked, id) && c.Verdict.Worse(worst.Verdict) {
			worst = c
		}
	}
	if worst.Verdict.Worse(rules.Warn) && !worst.Verdict.Worse(r.Verdict) {
		return messages.TestStepResult{
			Status: statusOf(worst.Verdict), Exception: exceptionOf(worst),
			Message: printable(worst.Rule + ": expected " + cmp.Or(worst.Expected, worst.Need) + "; seen " + cmp.Or(worst.Seen, "nothing")),
		}
	}
	return messages.TestStepResult{Status: messages.TestStepResultStatus_PASSED}
}

func exceptionOf(c rules.Check) *messages.Exception {
	if statusOf(c.Verdict) != messages.TestStepResultStatus_FAILED {
		return nil
	}
	return &messages.Exception{Type: c.Rule, Message: printable(c.Seen)}
}

// attach links the octets that the checks which are not in order speak of.
func (m *messenger) attach(r *rules.ScenarioResult, started, step string) {
	var told []string
	for _, c := range r.Checks {
		_, file := whereWords(c.Where, m.story.Scenarios[r.ID])
		if file == "" || !c.Verdict.Worse(rules.Pass) || slices.Contains(told, file) || len(told) == mostListed {
			continue
		}
		told = append(told, file)
		m.write(&messages.Envelope{ExternalAttachment: &messages.ExternalAttachment{
			Url: file, MediaType: "text/plain", TestCaseStartedId: started, TestStepId: step,
		}})
	}
}

// printableLines is printable, and leaves the line ends.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n")
}
