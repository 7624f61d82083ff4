package rules

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
)

func TestAddingUpTakesTheWorst(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		verdicts []Verdict
		want     Verdict
	}{
		{"nothing is not a pass", nil, NotExercised},
		{"a pass among unexercised", []Verdict{NotExercised, Pass, NotExercised}, Pass},
		{"observed is less than a pass", []Verdict{Observed, Pass}, Pass},
		{"one warning", []Verdict{Pass, Warn, Pass}, Warn},
		{"inconclusive outweighs a warning", []Verdict{Warn, Inconclusive}, Inconclusive},
		{"a failure outweighs inconclusive", []Verdict{Inconclusive, Fail, Pass}, Fail},
		{"trouble of the harness outweighs all", []Verdict{Fail, Error, Pass}, Error},
		{"an unknown word never passes", []Verdict{Pass, "fine", Error}, "fine"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, AddUp(test.verdicts...)); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAddingUpOnlyGetsWorse adds random verdicts one by one: whatever comes,
// the sum must never get better.
func TestAddingUpOnlyGetsWorse(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 2_000 {
		var verdicts []Verdict
		sum := AddUp()
		for range random.IntN(12) {
			verdicts = append(verdicts, Order()[random.IntN(len(Order()))])
			next := AddUp(verdicts...)
			if sum.Worse(next) {
				t.Fatalf("%v adds up to %s, better than %s without its last", verdicts, next, sum)
			}
			sum = next
		}
	}
}

// judgeOf is a judge of a real rule that says what the test wants.
func judgeOf(rule string, look func(*View, *Findings), needs ...Need) Judge {
	return Judge{Rule: rule, Looks: "a test", Needs: needs, Look: look}
}

// courtCase is a completed scenario that asks one thing.
func courtCase(change func(*evidence.Case)) *evidence.Case {
	c := evidence.NewCase([]evidence.Event{
		{Type: evidence.ScenarioStarted, Start: &evidence.Start{ID: "s", Rules: []string{"PEC-ACC-001"}}},
		{Type: evidence.SettledSeen},
		{Type: evidence.Expected, Expectation: &evidence.Expectation{ID: "e1", Check: "mailbox-empty", Parameters: map[string]string{"mailbox": "anna@aurora.example"}}},
		{Type: evidence.ScenarioEnded, End: &evidence.End{Completed: true}},
	}, noBlobs{})
	c.World.Mailboxes = []evidence.Mailbox{{Address: "anna@aurora.example", Role: evidence.UserMailbox}}
	if change != nil {
		change(c)
	}
	return c
}

type noBlobs struct{}

func (noBlobs) Blob(hash string) ([]byte, error) {
	return nil, errors.New("no octets with hash " + hash)
}

func TestCourtFailsClosed(t *testing.T) {
	t.Parallel()
	pass := func(_ *View, f *Findings) { f.Holds(Where{}, "well") }
	tests := []struct {
		name    string
		judge   Judge
		change  func(*evidence.Case)
		profile Profile
		want    Verdict
		says    string
	}{
		{name: "a judge that holds", judge: judgeOf("PEC-GEN-001", pass), want: Pass},
		{name: "a judge that says nothing", judge: judgeOf("PEC-GEN-001", func(*View, *Findings) {}), want: NotExercised},
		{name: "a broken rule", judge: judgeOf("PEC-GEN-001", func(_ *View, f *Findings) { f.Broken(Where{}, "two parts", "one") }), want: Fail},
		{name: "one broken among many that hold", judge: judgeOf("PEC-GEN-001", func(_ *View, f *Findings) {
			f.Holds(Where{}, "a")
			f.Broken(Where{}, "x", "y")
			f.Holds(Where{}, "b")
		}), want: Fail},
		{name: "practice forgives what the catalogue says", judge: judgeOf("PEC-GEN-006", func(_ *View, f *Findings) { f.Deviates(Where{}, "ISO-8859-1", "UTF-8") }), want: Warn},
		{name: "the letter does not", profile: Strict, judge: judgeOf("PEC-GEN-006", func(_ *View, f *Findings) { f.Deviates(Where{}, "ISO-8859-1", "UTF-8") }), want: Fail},
		{name: "a judge may not forgive on its own", judge: judgeOf("PEC-GEN-001", func(_ *View, f *Findings) { f.Deviates(Where{}, "x", "y") }), want: Error},
		{name: "what cannot be answered", judge: judgeOf("PEC-GEN-001", func(_ *View, f *Findings) { f.Unable(Where{}, "settling") }), want: Inconclusive},
		{name: "a judge that panics", judge: judgeOf("PEC-GEN-001", func(*View, *Findings) { panic("oh") }), want: Error, says: "panicked"},
		{name: "a judge of no rule", judge: judgeOf("PEC-XYZ-001", pass), want: Error, says: "no rule"},
		{name: "a need that is not met", judge: judgeOf("PEC-GEN-001", pass, NeedJournal), want: NotExercised},
	}
	catalogue, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			profile := test.profile
			if profile == "" {
				profile = Practice
			}
			court := &Court{Catalogue: catalogue, Judges: []Judge{test.judge}, Profile: profile}
			s := court.Scenario(courtCase(test.change))
			var of []Verdict
			said := ""
			for _, c := range s.Checks {
				if c.Rule == test.judge.Rule {
					of, said = append(of, c.Verdict), said+c.Seen
				}
			}
			if diff := cmp.Diff(test.want, AddUp(of...)); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
			if !strings.Contains(said, test.says) {
				t.Errorf("it says %q; want %q in it", said, test.says)
			}
		})
	}
}

func TestSpoiledScenariosAreErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*evidence.Case){
		"interrupted":        func(c *evidence.Case) { c.End = nil },
		"a step that failed": func(c *evidence.Case) { c.End = &evidence.End{Error: "step 3: connection refused"} },
		"not completed":      func(c *evidence.Case) { c.End = &evidence.End{} },
		"nothing asked":      func(c *evidence.Case) { c.Expectations = nil },
		"missing octets":     func(c *evidence.Case) { c.Submissions = []evidence.Submission{{ID: "s1", Blob: "aa"}} },
		"evidence that panics": func(c *evidence.Case) {
			*c = *evidence.NewCase(c.Events, nil)
			c.Submissions = []evidence.Submission{{ID: "s1", Blob: "aa"}}
		},
		"unknown check": func(c *evidence.Case) { c.Expectations[0].Check = "looks-nice" },
	}
	catalogue, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			court := &Court{Catalogue: catalogue, Profile: Practice}
			if s := court.Scenario(courtCase(change)); s.Verdict != Error {
				t.Errorf("verdict %s, checks %+v; want error", s.Verdict, s.Checks)
			}
		})
	}
}

func TestOutcomeOfARun(t *testing.T) {
	t.Parallel()
	says := func(look func(*View, *Findings), needs ...Need) []Judge {
		return []Judge{judgeOf("PEC-GEN-001", look, needs...)}
	}
	holds := func(_ *View, f *Findings) { f.Holds(Where{}, "well") }
	silent := func(*View, *Findings) {}
	only := []string{"PEC-GEN-001"}
	tests := []struct {
		name   string
		judges []Judge
		asked  []string
		change func(*evidence.Record)
		want   Outcome
	}{
		{"all holds", says(holds), only, nil, Conformant},
		{"a warning", says(func(_ *View, f *Findings) { f.Warns(Where{}, "x", "y") }), only, nil, ConformantWithWarnings},
		{"a failure", says(func(_ *View, f *Findings) { f.Broken(Where{}, "x", "y") }), only, nil, NotConformant},
		{"inconclusive", says(func(_ *View, f *Findings) { f.Unable(Where{}, "x") }), only, nil, Inconclusives},
		{"asked and not exercised", says(silent), only, nil, Inconclusives},
		{"a need missing everywhere", says(holds, NeedJournal), only, nil, Inconclusives},
		{"a need missing everywhere, beside what holds", append(says(holds), judgeOf("PEC-GEN-002", holds, NeedJournal)), nil, nil, Inconclusives},
		{"a panic", says(func(*View, *Findings) { panic("oh") }), only, nil, Invalid},
		{"a failure and a panic", append(says(func(_ *View, f *Findings) { f.Broken(Where{}, "x", "y") }), judgeOf("PEC-GEN-002", func(*View, *Findings) { panic("oh") })), nil, nil, Invalid},
		{"cut short", says(holds), only, func(r *evidence.Record) { r.Interrupted = true }, Interrupted},
		{"a scenario that left nothing", says(holds), only, func(r *evidence.Record) { r.Run.Selected = append(r.Run.Selected, "ghost") }, Invalid},
		{"a judge of no rule", append(says(holds), judgeOf("PEC-XYZ-001", holds)), nil, nil, Invalid},
	}
	catalogue, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			record := &evidence.Record{Run: evidence.Run{Selected: []string{"s"}, Rules: test.asked}, Cases: []*evidence.Case{courtCase(nil)}}
			if test.change != nil {
				test.change(record)
			}
			court := &Court{Catalogue: catalogue, Judges: test.judges, Profile: Practice}
			result := court.Run(record)
			if result.Verdict != test.want {
				t.Errorf("verdict %s (%s); want %s", result.Verdict, result.Reason, test.want)
			}
		})
	}
}
