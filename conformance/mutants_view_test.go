package conformance

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/fixtures"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/steps"
)

// outside is a target as a real provider describes it, with nobody to play.
func outside() *steps.Target {
	return &steps.Target{
		Name: "outside",
		Providers: []steps.Provider{
			{Name: "Aurora", Judged: true, ServiceAddress: "posta-certificata@gestore.aurora.example", Domains: []string{"aurora.example"}, SubmissionTLS: "127.0.0.1:1", Incoming: "127.0.0.1:1", IMAP: "127.0.0.1:1"},
			{Name: "Borea", Judged: true, ServiceAddress: "posta-certificata@gestore.borea.example", Domains: []string{"borea.example"}, SubmissionTLS: "127.0.0.1:1", Incoming: "127.0.0.1:1", IMAP: "127.0.0.1:1"},
		},
		Mailboxes: []steps.Mailbox{
			{Address: "anna@aurora.example", Actor: "Anna", Role: evidence.UserMailbox, Provider: "Aurora"},
			{Address: "bruno@borea.example", Actor: "Bruno", Role: evidence.UserMailbox, Provider: "Borea"},
		},
		Reach: steps.Reach{Permits: steps.Permits()},
	}
}

func TestWhatAViewCannotSeeIsKnownBeforehand(t *testing.T) {
	t.Parallel()
	all, err := Scenarios()
	if err != nil {
		t.Fatal(err)
	}
	mutants, err := Mutants()
	if err != nil {
		t.Fatal(err)
	}
	s := newSight(outside(), all)
	for fault, want := range map[string]string{
		"acceptance-subject-prefix": "",
		"journal-rewritten":         "white box",
	} {
		i := slices.IndexFunc(mutants, func(m Mutant) bool { return m.Fault == fault })
		if i < 0 {
			t.Fatalf("there is no mutant %s", fault)
		}
		why := s.blindTo(mutants[i])
		if (why == "") != (want == "") || !strings.Contains(why, want) {
			t.Errorf("%s: not seen because of %q, want something about %q", fault, why, want)
		}
	}
	few := onePerFamily(slices.DeleteFunc(mutants, func(m Mutant) bool { return s.blindTo(m) != "" }), s)
	if len(few) < 10 || len(few) > 60 {
		t.Errorf("%d mutants stand for the families, some tens were expected", len(few))
	}
}

func TestWhatTheCleanRunAnsweredFor(t *testing.T) {
	t.Parallel()
	const a, b = "PEC-ACC-003", "PEC-LOG-001"
	j := &judged{
		cases: map[string]rules.ScenarioResult{
			"played": {Checks: []rules.Check{{Rule: a, Verdict: rules.Pass}, {Rule: b, Verdict: rules.NotExercised, Need: "the provider's log"}}},
			"not":    {},
		},
		ends: map[string]*evidence.End{"played": {Completed: true}, "not": {Lacking: []string{"role peer"}}},
	}
	tests := []struct {
		name      string
		breaks    []string
		scenarios []string
		seen      []string
		why       string
	}{
		{"answered for", []string{a}, []string{"played"}, []string{a}, ""},
		{"answered for in part", []string{a, b}, []string{"played", "not"}, []string{a}, "role peer; the provider's log"},
		{"not played", []string{a}, []string{"not"}, nil, "role peer"},
		{"the judge lacks something", []string{b}, []string{"played"}, nil, "the provider's log"},
		{"never brought about", []string{"PEC-TE-001"}, []string{"played"}, nil, "its scenarios bring the case about in no way that this view sees"},
	}
	for _, test := range tests {
		seen, why := j.answers(Mutant{Breaks: test.breaks, Scenarios: test.scenarios})
		if diff := cmp.Diff(test.seen, seen); diff != "" || why != test.why {
			t.Errorf("%s: why %q, want %q; seen (-want +got):\n%s", test.name, why, test.why, diff)
		}
	}
}

func TestWorldsOnFreePorts(t *testing.T) {
	t.Parallel()
	world := fixtures.OpaqueWorld()
	one, err := onFreePorts(world, newPorts())
	if err != nil {
		t.Fatal(err)
	}
	fixed := fixedAddress.FindAll(world, -1)
	free := fixedAddress.FindAll(one, -1)
	if len(fixed) == 0 || len(free) != len(fixed) {
		t.Fatalf("%d addresses became %d", len(fixed), len(free))
	}
	for i := range fixed {
		if bytes.Equal(fixed[i], free[i]) {
			t.Errorf("%s was left", fixed[i])
		}
		for j := range i {
			if bytes.Equal(free[i], free[j]) != bytes.Equal(fixed[i], fixed[j]) {
				t.Errorf("%s and %s became %s and %s", fixed[i], fixed[j], free[i], free[j])
			}
		}
	}
}

// What the clean run calls a pass is no place that the view cannot see: whoever
// survives there survives.
func TestASurvivorIsExcusedOnlyWhereTheViewConcludesNothing(t *testing.T) {
	t.Parallel()
	const open, beside = "PEC-ACC-003", "PEC-SEC-001" // the judge of the second looks at transactions between providers too
	tests := []struct {
		name   string
		rule   string
		partly bool
		clean  rules.Verdict
		want   bool // excused
	}{
		{"its judge looks there too, and the clean run is inconclusive", beside, false, rules.Inconclusive, true},
		{"its judge looks there too, and the clean run passes", beside, false, rules.Pass, false},
		{"its judge looks there too, and the clean run warns", beside, false, rules.Warn, false},
		{"a scenario was not played, and the clean run is inconclusive", open, true, rules.Inconclusive, true},
		{"a scenario was not played, and the clean run passes", open, true, rules.Pass, false},
		{"nothing is lacking", open, false, rules.Inconclusive, false},
	}
	for _, test := range tests {
		k := reports.Kill{Breaks: []string{test.rule}, Survived: []string{test.rule}}
		clean := &rules.Result{Rules: []rules.RuleResult{{ID: test.rule, Verdict: test.clean}}}
		excused(&k, clean, test.partly, "role peer")
		if got := len(k.Breaks) == 0 && len(k.Survived) == 0 && k.Error != ""; got != test.want || k.Killed {
			t.Errorf("%s: excused %v, want %v: %+v", test.name, got, test.want, k)
		}
	}
}
