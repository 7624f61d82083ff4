package rules

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// The ways in which known harnesses came out green by accident, and what keeps
// this one from it: conformance/fail_open.yaml has the list. Removing the guard
// makes the test fail, which test/guards tries.

// museumCourt judges with these judges, by the whole catalogue.
func museumCourt(t *testing.T, judges ...Judge) *Court {
	t.Helper()
	catalogue, err := museumCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	return &Court{Catalogue: catalogue, Judges: judges, Profile: Practice}
}

// museumCatalogue is read once: the drawn runs are judged by it hundreds of times.
var museumCatalogue = sync.OnceValues(LoadCatalogue)

// museumRecord is a finished run of scenarios that each asked one thing.
func museumRecord(asked []string, ids ...string) *evidence.Record {
	record := &evidence.Record{Run: evidence.Run{Rules: asked}}
	for _, id := range ids {
		record.Run.Selected = append(record.Run.Selected, id)
		record.Cases = append(record.Cases, courtCase(func(c *evidence.Case) { c.Start.ID = id }))
	}
	return record
}

// holdsAlways and breaksAlways are judges of a rule that have made up their mind.
func holdsAlways(rule string) Judge {
	return judgeOf(rule, func(_ *View, f *Findings) { f.Holds(Where{}, "well") })
}

func breaksAlways(rule string) Judge {
	return judgeOf(rule, func(_ *View, f *Findings) { f.Broken(Where{}, "this", "that") })
}

// optionalRule is a rule of a capability that a provider need not have.
func optionalRule(t *testing.T, c *Catalogue) string {
	t.Helper()
	for _, law := range c.Rules {
		if law.Capability != "" && law.Weight(Practice, false) == Fail && law.Excluded == nil {
			return law.ID
		}
	}
	t.Fatal("the catalogue marks no rule as optional that can fail")
	return ""
}

// 7: a test that failed against every server was rewritten to "unsupported".
func TestMuseum07WhatFailsEverywhereIsNotInapplicable(t *testing.T) {
	t.Parallel()
	court := museumCourt(t)
	rule := optionalRule(t, court.Catalogue)
	court.Judges = []Judge{breaksAlways(rule)}
	result := court.Run(museumRecord(nil, "a", "b", "c"))
	if got := ruleOf(result, rule); got.Verdict != Fail || result.Verdict != NotConformant {
		t.Errorf("%s, broken in every scenario by a target that does not claim it: %s (%s), run %s; want fail and NOT CONFORMANT", rule, got.Verdict, got.Reason, result.Verdict)
	}
	court.Judges = []Judge{judgeOf(rule, func(*View, *Findings) { panic("oh") })}
	if got := ruleOf(court.Run(museumRecord(nil, "a")), rule); got.Verdict != Error {
		t.Errorf("%s, where the judge panics: %s; want error", rule, got.Verdict)
	}
}

// 8: the flag that a test failed was never set in the loop over the tests.
func TestMuseum08OneFailureAmongManyIsKept(t *testing.T) {
	t.Parallel()
	for position := range 5 {
		bad := fmt.Sprintf("s%d", position)
		court := museumCourt(t, judgeOf("PEC-GEN-001", func(v *View, f *Findings) {
			if v.Case.Start.ID == bad {
				f.Broken(Where{}, "this", "that")
				return
			}
			f.Holds(Where{}, "well")
		}))
		result := court.Run(museumRecord(nil, "s0", "s1", "s2", "s3", "s4"))
		if result.Verdict != NotConformant || ruleOf(result, "PEC-GEN-001").Verdict != Fail {
			t.Errorf("the failure in %s of five scenarios is lost: run %s, rule %s", bad, result.Verdict, ruleOf(result, "PEC-GEN-001").Verdict)
		}
	}
}

// 14: modules threw, and the run was reported as a success.
func TestMuseum14TroubleOfTheHarnessIsNoSuccess(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		judge  Judge
		change func(*evidence.Case)
		says   string
	}{
		"a judge that panics":           {judge: judgeOf("PEC-GEN-001", func(*View, *Findings) { panic("oh") }), says: "panicked: oh"},
		"a step that failed":            {change: func(c *evidence.Case) { c.End = &evidence.End{Error: "step 3: oh"} }, says: "step 3: oh"},
		"a scenario that did not end":   {change: func(c *evidence.Case) { c.End = nil }, says: CutShort},
		"a last step that did not come": {change: func(c *evidence.Case) { c.End = &evidence.End{} }, says: "last step"},
		"octets that are missing":       {change: func(c *evidence.Case) { c.Submissions = []evidence.Submission{{ID: "s1", Blob: "aa"}} }, says: "cannot be read"},
		"evidence that nobody can read": {change: func(c *evidence.Case) {
			*c = *evidence.NewCase(c.Events, nil)
			c.Submissions = []evidence.Submission{{ID: "s1", Blob: "aa"}}
		}, says: "panicked"},
		"a rule that there is not":       {judge: holdsAlways("PEC-XYZ-001"), says: "no rule"},
		"an expectation that is unknown": {change: func(c *evidence.Case) { c.Expectations[0].Check = "looks-nice" }, says: "looks-nice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if row.judge.Rule == "" {
				row.judge = holdsAlways("PEC-GEN-001")
			}
			record := museumRecord(nil, "good", "bad")
			if row.change != nil {
				row.change(record.Cases[1])
			}
			court := museumCourt(t, row.judge)
			s := court.Scenario(record.Cases[1])
			said := s.Error
			for _, c := range s.Checks {
				said += " " + c.Seen
			}
			result := court.Run(record)
			if result.Verdict != Invalid || s.Verdict != Error || !strings.Contains(said, row.says) {
				t.Errorf("run %s (%s), scenario %s: %q; want INVALID, error and the words %q", result.Verdict, result.Reason, s.Verdict, said, row.says)
			}
		})
	}
}

// 15: "conformant" with tests that were skipped, and tests that could not fail.
func TestMuseum15NothingThatWasLeftOpenIsConformant(t *testing.T) {
	t.Parallel()
	skipped := func(change func(*evidence.Case)) func(*evidence.Record) {
		return func(r *evidence.Record) { change(r.Cases[1]) }
	}
	for name, row := range map[string]struct {
		judges []Judge
		change func(*evidence.Record)
		want   Outcome
	}{
		"a scenario that was not played":      {change: skipped(func(c *evidence.Case) { c.End = &evidence.End{Lacking: []string{"white box: log"}} }), want: Inconclusives},
		"a scenario that waits":               {change: skipped(func(c *evidence.Case) { c.End = &evidence.End{Waiting: &evidence.Waiting{}} }), want: Inconclusives},
		"a scenario that asks for nothing":    {change: skipped(func(c *evidence.Case) { c.Expectations = nil }), want: Invalid},
		"a question left open":                {judges: []Judge{judgeOf("PEC-GEN-002", func(_ *View, f *Findings) { f.Unable(Where{}, "x") })}, want: Inconclusives},
		"a judge that forgives by itself":     {judges: []Judge{judgeOf("PEC-GEN-001", func(_ *View, f *Findings) { f.Deviates(Where{}, "x", "y") })}, want: Invalid},
		"an answer that there is not":         {judges: []Judge{judgeOf("PEC-GEN-002", func(_ *View, f *Findings) { f.list = append(f.list, finding{answer: unable + 1}) })}, want: Invalid},
		"a judge that lacks what it needs":    {judges: []Judge{judgeOf("PEC-GEN-002", func(_ *View, f *Findings) { f.Holds(Where{}, "well") }, NeedJournal)}, want: Inconclusives},
		"a need that nobody knows how to ask": {judges: []Judge{judgeOf("PEC-GEN-002", func(_ *View, f *Findings) { f.Holds(Where{}, "well") }, "a miracle")}, want: Inconclusives},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record := museumRecord(nil, "good", "other")
			if row.change != nil {
				row.change(record)
			}
			result := museumCourt(t, append(row.judges, holdsAlways("PEC-GEN-001"))...).Run(record)
			if result.Verdict != row.want {
				t.Errorf("%s (%s); want %s", result.Verdict, result.Reason, row.want)
			}
		})
	}
}

// 16: "can deploy" for a version of which nothing had been verified.
func TestMuseum16WhatNobodyVerifiedIsNoPass(t *testing.T) {
	t.Parallel()
	silent := judgeOf("PEC-GEN-001", func(*View, *Findings) {})
	for name, row := range map[string]struct {
		judges []Judge
		record *evidence.Record
	}{
		"no scenario":                         {[]Judge{holdsAlways("PEC-GEN-001")}, museumRecord(nil)},
		"no judge":                            {nil, museumRecord([]string{"PEC-GEN-001"}, "a")},
		"judges that say nothing":             {[]Judge{silent}, museumRecord([]string{"PEC-GEN-001"}, "a")},
		"of two rules asked for, one is seen": {[]Judge{holdsAlways("PEC-GEN-001")}, museumRecord([]string{"PEC-GEN-001", "PEC-GEN-002"}, "a")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, c := range row.record.Cases { // its own Then stays out of it
				c.Start.Rules = []string{"PEC-GEN-003"}
			}
			if result := museumCourt(t, row.judges...).Run(row.record); result.Verdict != Inconclusives {
				t.Errorf("%s (%s); want INCONCLUSIVE", result.Verdict, result.Reason)
			}
		})
	}
	result := museumCourt(t).Run(museumRecord([]string{"PEC-SIG-010"}))
	if got := ruleOf(result, "PEC-SIG-010").Verdict; got != NotExercised {
		t.Errorf("a rule that nobody looked at is %s", got)
	}
}

// 17: a stream of tests whose runner did not start was left out in silence.
func TestMuseum17AScenarioThatLeftNothingIsMissed(t *testing.T) {
	t.Parallel()
	court := museumCourt(t, holdsAlways("PEC-GEN-001"))
	if whole := court.Run(museumRecord(nil, "a", "b")); whole.Verdict != Conformant {
		t.Fatalf("the whole run is %s (%s)", whole.Verdict, whole.Reason)
	}
	record := museumRecord(nil, "a", "b")
	record.Cases = record.Cases[:1]
	if result := court.Run(record); result.Verdict != Invalid || !strings.Contains(result.Reason, "b was selected") {
		t.Errorf("%s (%s); want INVALID, and the scenario named", result.Verdict, result.Reason)
	}
	record.Interrupted = true
	if result := court.Run(record); result.Verdict != Interrupted {
		t.Errorf("%s (%s); want INTERRUPTED", result.Verdict, result.Reason)
	}
}

// A judge that a profile nobody knows would weigh by is not one of the 17; an
// unknown word for a verdict is not counted by anybody either.
func TestAnUnknownVerdictIsInvalid(t *testing.T) {
	t.Parallel()
	court := museumCourt(t, holdsAlways("PEC-GEN-001"))
	record := museumRecord(nil, "a")
	sound := court.Run(record)
	for name, change := range map[string]func(*Result){
		"of a rule":     func(r *Result) { r.Rules[0].Verdict = "fine" },
		"of a scenario": func(r *Result) { r.Scenarios[0].Verdict = "" },
	} {
		r := *sound
		r.Rules, r.Scenarios = append([]RuleResult{}, sound.Rules...), append([]ScenarioResult{}, sound.Scenarios...)
		change(&r)
		if verdict, why := court.conclude(&r, record, nil); verdict != Invalid {
			t.Errorf("an unknown verdict %s makes the run %s (%s); want INVALID", name, verdict, why)
		}
	}
}

// What the harness itself sent wrongly counts also where nobody asked for the
// rule at which it is wrong: the answer was to another question.
func TestOwnMistakesCountAtRulesNobodyAskedFor(t *testing.T) {
	t.Parallel()
	sent := order{what: "envelope", edit: []string{"POSTA CERTIFICATA: ", "POSTA RACCOMANDATA: "}} // which PEC-GEN-024 forbids
	for _, asked := range []string{"PEC-GEN-001", "PEC-GEN-024"} {
		built := newCase(t)
		handedOver(sent)(built)
		c := built.view().Case
		c.Start.Rules, c.End = []string{"PEC-GEN-001"}, &evidence.End{Completed: true}
		c.Settled = true
		c.Expectations = courtCase(nil).Expectations
		record := &evidence.Record{Run: evidence.Run{Rules: []string{asked}, Selected: []string{c.Start.ID}}, Cases: []*evidence.Case{c}}
		result := museumCourt(t, Judges()...).Run(record)
		if result.Verdict != Invalid || result.Scenarios[0].Verdict != Error {
			t.Errorf("asked for %s: run %s (%s), scenario %s; want INVALID and error", asked, result.Verdict, result.Reason, result.Scenarios[0].Verdict)
		}
		if asked == "PEC-GEN-001" && !strings.Contains(result.Scenarios[0].Error, "the harness sent d1") {
			t.Errorf("the scenario does not say what is wrong: %q", result.Scenarios[0].Error)
		}
	}
}

func ruleOf(r *Result, id string) RuleResult {
	for _, rr := range r.Rules {
		if rr.ID == id {
			return rr
		}
	}
	return RuleResult{}
}
