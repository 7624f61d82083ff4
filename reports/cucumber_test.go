package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	messages "github.com/cucumber/messages/go/v34"
	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// envelopes decodes messages with the official types, strictly.
func envelopes(t *testing.T, octets []byte) []messages.Envelope {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(octets))
	decoder.DisallowUnknownFields()
	var list []messages.Envelope
	for {
		var e messages.Envelope
		if err := decoder.Decode(&e); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatalf("message %d: %v", len(list)+1, err)
		}
		list = append(list, e)
	}
}

// severity orders statuses as Cucumber's readers do.
func severity(s messages.TestStepResultStatus) int {
	return slices.Index([]messages.TestStepResultStatus{
		messages.TestStepResultStatus_UNKNOWN, messages.TestStepResultStatus_PASSED, messages.TestStepResultStatus_SKIPPED,
		messages.TestStepResultStatus_PENDING, messages.TestStepResultStatus_UNDEFINED, messages.TestStepResultStatus_AMBIGUOUS,
		messages.TestStepResultStatus_FAILED,
	}, s)
}

// outcomes adds the steps of each scenario up as Cucumber's readers do: the most
// severe of them. The id of a scenario is the last tag of that form.
func outcomes(t *testing.T, octets []byte) map[string]messages.TestStepResultStatus {
	t.Helper()
	pickles, cases, started := map[string]*messages.Pickle{}, map[string]*messages.Pickle{}, map[string]*messages.Pickle{}
	found := map[string]messages.TestStepResultStatus{}
	for _, e := range envelopes(t, octets) {
		switch {
		case e.Pickle != nil:
			pickles[e.Pickle.Id] = e.Pickle
		case e.TestCase != nil:
			cases[e.TestCase.Id] = pickles[e.TestCase.PickleId]
		case e.TestCaseStarted != nil:
			started[e.TestCaseStarted.Id] = cases[e.TestCaseStarted.TestCaseId]
		case e.TestStepFinished != nil:
			pickle := started[e.TestStepFinished.TestCaseStartedId]
			if pickle == nil {
				t.Fatalf("a step of a scenario that was not told before: %+v", e.TestStepFinished)
			}
			if s := e.TestStepFinished.TestStepResult.Status; severity(s) > severity(found[pickle.Name]) {
				found[pickle.Name] = s
			}
		}
	}
	return found
}

// What a scenario came to is the rules' verdict, and what was not decided never
// passed.
func TestMessagesAreNeverGreenByAccident(t *testing.T) {
	t.Parallel()
	told := sampleTelling(t)
	const name = "Anna writes to Bruno"
	for verdict, want := range map[rules.Verdict]messages.TestStepResultStatus{
		rules.Pass: messages.TestStepResultStatus_PASSED, rules.Warn: messages.TestStepResultStatus_PASSED,
		rules.Fail: messages.TestStepResultStatus_FAILED, rules.Error: messages.TestStepResultStatus_FAILED,
		rules.Inconclusive: messages.TestStepResultStatus_PENDING, rules.Observed: messages.TestStepResultStatus_SKIPPED,
		rules.Inapplicable: messages.TestStepResultStatus_SKIPPED, rules.NotExercised: messages.TestStepResultStatus_SKIPPED,
		"": messages.TestStepResultStatus_FAILED, "new": messages.TestStepResultStatus_FAILED,
	} {
		result := sampleResult()
		result.Scenarios[0].Verdict, result.Scenarios[0].Checks = verdict, nil
		octets, err := renderMessages(result, told.catalogue, told.record, told.story)
		if err != nil {
			t.Fatal(err)
		}
		if got := outcomes(t, octets)[name]; got != want {
			t.Errorf("a scenario that is %q is told as %s, want %s", verdict, got, want)
		}
	}
	for outcome, want := range map[rules.Outcome]bool{
		rules.Conformant: true, rules.ConformantWithWarnings: true, rules.NotConformant: false, rules.Inconclusives: false,
		rules.Invalid: false, rules.Interrupted: false, "": false,
	} {
		result := sampleResult()
		result.Verdict = outcome
		octets, err := renderMessages(result, told.catalogue, told.record, told.story)
		if err != nil {
			t.Fatal(err)
		}
		list := envelopes(t, octets)
		if last := list[len(list)-1].TestRunFinished; last == nil || last.Success != want {
			t.Errorf("%q: the last message is %+v, want success %v", outcome, last, want)
		}
	}
}

// A scenario that was cut short passed nothing, whatever was seen until then.
func TestMessagesOfACutScenario(t *testing.T) {
	t.Parallel()
	told := sampleTelling(t)
	c := told.record.Cases[0]
	c.End = nil
	for _, text := range c.Start.Steps { // all were carried out, and then the run was killed
		c.Events = append(c.Events, evidence.Event{Type: evidence.StepTaken, Step: &evidence.Step{Text: text}})
	}
	result := sampleResult()
	result.Scenarios[0].Verdict, result.Scenarios[0].Checks = rules.Pass, nil
	octets, err := renderMessages(result, told.catalogue, told.record, told.story)
	if err != nil {
		t.Fatal(err)
	}
	if got := outcomes(t, octets)["Anna writes to Bruno"]; got != messages.TestStepResultStatus_SKIPPED {
		t.Errorf("told as %s", got)
	}
}

const keptFeature = `Feature: Kept

  Background:
    Given a provider

  @id:rows @PEC-AP-005
  Scenario Outline: row <id>
    When Anna sends
      | part | <part> |
    Then it is refused

    Examples:
      | id  | part |
      | one | text |
      | two | html |
`

// The feature file that was kept is told as it was, with its tables and the
// row that was played; a step whose expectation is not met says so itself.
func TestMessagesTellTheKeptSource(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/run"
	recorder, err := evidence.Create(dir, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	source, err := recorder.Keep(evidence.Features, []byte(keptFeature), false)
	if err != nil {
		t.Fatal(err)
	}
	run := evidence.Run{Tool: "collaudo", Version: "test", Scope: "subset", Selected: []string{"rows-two"}}
	s := recorder.Scenario("rows-two")
	for _, err := range []error{
		recorder.Record(evidence.Event{Type: evidence.RunStarted, Run: &run}),
		s.Record(evidence.Event{Type: evidence.ScenarioStarted, Start: &evidence.Start{ID: "rows-two", Name: "row two", Feature: "Kept", File: "kept.feature", Source: source, Line: 15}}),
		s.Record(evidence.Event{Type: evidence.StepTaken, Step: &evidence.Step{Text: "a provider"}}),
		s.Record(evidence.Event{Type: evidence.StepTaken, Step: &evidence.Step{Text: "Anna sends"}}),
		s.Record(evidence.Event{Type: evidence.Expected, Expectation: &evidence.Expectation{ID: "e1", Text: "it is refused", Check: "refused"}}),
		s.Record(evidence.Event{Type: evidence.StepTaken, Step: &evidence.Step{Text: "it is refused"}}),
		s.Record(evidence.Event{Type: evidence.ScenarioEnded, End: &evidence.End{Completed: true}}),
		recorder.Record(evidence.Event{Type: evidence.RunEnded, End: &evidence.End{Completed: true}}),
		recorder.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	record, err := evidence.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	broken := rules.Check{Rule: "PEC-AP-005", Scenario: "rows-two", By: "expectation e1", Verdict: rules.Fail, Expected: "a refusal", Seen: "250"}
	result := &rules.Result{
		Verdict: rules.NotConformant, Run: run,
		Scenarios: []rules.ScenarioResult{{ID: "rows-two", Verdict: rules.Fail}},
		Rules:     []rules.RuleResult{{ID: "PEC-AP-005", Verdict: rules.Fail, Checks: []rules.Check{broken}}},
	}
	result.Regroup()
	octets, err := renderMessages(result, loadCatalogue(t), record, tell(record))
	if err != nil {
		t.Fatal(err)
	}
	var statuses []messages.TestStepResultStatus
	pickles, sources := 0, 0
	for _, e := range envelopes(t, octets) {
		switch {
		case e.Source != nil:
			sources++
			if diff := cmp.Diff(keptFeature, e.Source.Data); diff != "" {
				t.Errorf("the source (-kept +told):\n%s", diff)
			}
		case e.Pickle != nil:
			pickles++
			if got := e.Pickle.Steps[1].Argument.DataTable.Rows[0].Cells[1].Value; got != "html" || e.Pickle.Name != "row two" {
				t.Errorf("the pickle is %q with %q", e.Pickle.Name, got)
			}
		case e.TestStepFinished != nil:
			statuses = append(statuses, e.TestStepFinished.TestStepResult.Status)
		}
	}
	want := []messages.TestStepResultStatus{
		messages.TestStepResultStatus_PASSED, messages.TestStepResultStatus_PASSED, messages.TestStepResultStatus_FAILED, messages.TestStepResultStatus_FAILED,
	}
	if diff := cmp.Diff(want, statuses); diff != "" || sources != 1 || pickles != 1 {
		t.Errorf("%d sources, %d pickles, statuses (-want +got):\n%s", sources, pickles, diff)
	}
}

// The version that the messages bear is that of the types they are written with.
func TestMessagesProtocol(t *testing.T) {
	t.Parallel()
	module, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if want := "github.com/cucumber/messages/go/v34 v" + messagesProtocol + "\n"; !strings.Contains(string(module), want) {
		t.Errorf("go.mod does not require %s", want)
	}
}
