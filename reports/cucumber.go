package reports

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	messages "github.com/cucumber/messages/go/v34"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// MessagesFile is the run as Cucumber messages: one JSON object a line, for the
// formatters and services that read those.
const MessagesFile = "messages.ndjson"

// messagesProtocol is the version of the messages that are written.
const messagesProtocol = "34.2.0"

// renderMessages writes a run as Cucumber would have told it, with one
// difference that decides all: what a scenario came to is the verdict of the
// rules. Steps act and record; each scenario therefore ends in a hook, "the
// verdict", whose status is that of the scenario (statusOf), and no step is worse
// than it.
//
// Steps have no duration: a simulated world has a clock of its own, and
// the run's clock is only read at the two ends of a scenario.
func renderMessages(result *rules.Result, catalogue *rules.Catalogue, record *evidence.Record, s *story) ([]byte, error) {
	m := &messenger{catalogue: catalogue, story: s, cases: map[string]*evidence.Case{}}
	m.run, m.verdictHook = m.id(), m.id()
	for _, c := range record.Cases {
		m.cases[c.Start.ID] = c
	}
	run := result.Run
	m.write(&messages.Envelope{Meta: &messages.Meta{
		ProtocolVersion: messagesProtocol,
		Implementation:  &messages.Product{Name: cmp.Or(run.Tool, "collaudo"), Version: run.Version},
		Runtime:         &messages.Product{Name: "go"},
		Os:              &messages.Product{Name: "not recorded"},
		Cpu:             &messages.Product{Name: "not recorded"},
	}})
	pickles, err := m.sources(result)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", MessagesFile, err)
	}
	m.write(&messages.Envelope{Hook: &messages.Hook{
		Id: m.verdictHook, Name: "the verdict", Type: messages.HookType_AFTER_TEST_CASE,
		SourceReference: &messages.SourceReference{Uri: ResultFile},
	}})
	m.write(&messages.Envelope{TestRunStarted: &messages.TestRunStarted{Id: m.run, Timestamp: timestamp(s.Began)}})
	for i := range result.Scenarios {
		if pickle := pickles[result.Scenarios[i].ID]; pickle != nil {
			m.scenario(&result.Scenarios[i], pickle)
		}
	}
	m.write(&messages.Envelope{TestRunFinished: &messages.TestRunFinished{
		TestRunStartedId: m.run, Timestamp: timestamp(s.Ended), Message: string(result.Verdict) + ": " + printable(result.Reason),
		Success: result.Verdict == rules.Conformant || result.Verdict == rules.ConformantWithWarnings,
	}})
	return m.octets.Bytes(), m.err
}

// messenger writes messages, with ids that count up: the same run gives the
// same octets.
type messenger struct {
	catalogue   *rules.Catalogue
	story       *story
	cases       map[string]*evidence.Case
	run         string // id of the run
	verdictHook string
	next        int
	octets      bytes.Buffer
	err         error
}

func (m *messenger) id() string { m.next++; return strconv.Itoa(m.next) }

func (m *messenger) write(e *messages.Envelope) {
	if m.err == nil {
		encoder := json.NewEncoder(&m.octets)
		encoder.SetEscapeHTML(false)
		m.err = encoder.Encode(e)
	}
}

// scenario tells one scenario: what was tested, and what came out.
func (m *messenger) scenario(r *rules.ScenarioResult, pickle *messages.Pickle) {
	test := &messages.TestCase{Id: m.id(), PickleId: pickle.Id, TestRunStartedId: m.run}
	for _, step := range pickle.Steps {
		test.TestSteps = append(test.TestSteps, &messages.TestStep{Id: m.id(), PickleStepId: step.Id})
	}
	last := &messages.TestStep{Id: m.id(), HookId: m.verdictHook}
	test.TestSteps = append(test.TestSteps, last)
	m.write(&messages.Envelope{TestCase: test})

	began, took := time.Time{}, time.Duration(0)
	if e := m.story.Scenarios[r.ID]; e != nil {
		began, took = e.Began, e.Played
	}
	started := m.id()
	m.write(&messages.Envelope{TestCaseStarted: &messages.TestCaseStarted{
		Id: started, TestCaseId: test.Id, Attempt: int64(max(r.Attempts-1, 0)), Timestamp: timestamp(began),
	}})
	taken := stepsOf(m.cases[r.ID], len(pickle.Steps))
	for i, step := range test.TestSteps[:len(pickle.Steps)] {
		m.step(started, step.Id, began, began, 0, stepResult(taken, i, r))
	}
	m.attach(r, started, last.Id)
	m.step(started, last.Id, began, began.Add(took), took, m.verdict(r, m.cases[r.ID]))
	m.write(&messages.Envelope{TestCaseFinished: &messages.TestCaseFinished{TestCaseStartedId: started, Timestamp: timestamp(began.Add(took))}})
}

// step tells one step with what it came to.
func (m *messenger) step(started, id string, from, to time.Time, took time.Duration, r messages.TestStepResult) {
	r.Duration = &messages.Duration{Seconds: int64(took / time.Second), Nanos: int64(took % time.Second)}
	m.write(&messages.Envelope{TestStepStarted: &messages.TestStepStarted{TestCaseStartedId: started, TestStepId: id, Timestamp: timestamp(from)}})
	m.write(&messages.Envelope{TestStepFinished: &messages.TestStepFinished{TestCaseStartedId: started, TestStepId: id, TestStepResult: &r, Timestamp: timestamp(to)}})
}

func timestamp(t time.Time) *messages.Timestamp {
	if t.IsZero() {
		return &messages.Timestamp{}
	}
	return &messages.Timestamp{Seconds: t.Unix(), Nanos: int64(t.Nanosecond())}
}
