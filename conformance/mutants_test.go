package conformance

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/collaudo/collaudo/rules"
)

// sample is a handful of faults, one of each way in which a fault acts: on a
// header, on the certification data, after signing, on who signs, on what is
// sent, on a check.
var sampleFaults = map[string]bool{
	"acceptance-subject-prefix": true, "daticert-zone-with-colon": true, "acceptance-changed-after-signing": true,
	"acceptance-certificate-unlisted": true, "acceptance-none": true, "skip-hidden-recipient-check": true,
}

func TestMutantsAreKilledAtTheirRule(t *testing.T) {
	t.Parallel()
	all, err := Mutants()
	if err != nil {
		t.Fatal(err)
	}
	var sample []Mutant
	for _, m := range all {
		if sampleFaults[m.Fault] {
			sample = append(sample, m)
		}
	}
	if len(sample) != len(sampleFaults) {
		t.Fatalf("%d of the %d faults of the sample are mutants", len(sample), len(sampleFaults))
	}
	o := Options{Out: filepath.Join(t.TempDir(), "mutants"), Now: time.Now, Seed: 1, Version: "test", keys: endpointKeys()}
	matrix, err := TryMutants(t.Context(), MutantTrial{Options: o, Mutants: sample})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range matrix.Kills {
		if !k.Good() {
			t.Errorf("%s: killed %v, survived %v, misattributed %v, error %q", k.Fault, k.Killed, k.Survived, k.Misattributed, k.Error)
		}
	}
}

func TestAMutantThatShowsNothingSurvives(t *testing.T) {
	t.Parallel()
	verdict := func(v rules.Verdict) []rules.RuleResult {
		return []rules.RuleResult{{ID: "PEC-ACC-003", Verdict: v, Checks: []rules.Check{{Rule: "PEC-ACC-003", Verdict: v}}}}
	}
	clean := map[string]rules.Verdict{"PEC-ACC-003": rules.Pass}
	tests := []struct {
		name          string
		breaks        string
		got           rules.Verdict
		killed        bool
		misattributed int
	}{
		{"it fails at its rule", "PEC-ACC-003", rules.Fail, true, 0},
		{"it warns at its rule", "PEC-ACC-003", rules.Warn, true, 0},
		{"it is not seen", "PEC-ACC-003", rules.Pass, false, 0},
		{"it only silences the judge", "PEC-ACC-003", rules.NotExercised, false, 0},
		{"it only leaves the judge without an answer", "PEC-ACC-003", rules.Inconclusive, false, 0},
		{"it only breaks the harness", "PEC-ACC-003", rules.Error, false, 0},
		{"it fails elsewhere", "PEC-ACC-002", rules.Fail, false, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			k := newKill(Mutant{Breaks: []string{test.breaks}})
			compare(&k, clean, &rules.Result{Rules: verdict(test.got)}, nil)
			if k.Killed != test.killed || len(k.Misattributed) != test.misattributed {
				t.Errorf("killed %v, misattributed %v; want %v, %d", k.Killed, k.Misattributed, test.killed, test.misattributed)
			}
		})
	}
}
