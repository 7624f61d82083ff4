package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/rules"
)

// What is brief holds the verdict and every failure, and nothing else.
func TestSummaryInBrief(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Summary(&b, sampleResult(), SummaryOptions{Width: 100, Brief: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(b.String(), "NOT CONFORMANT ") {
		t.Errorf("it does not begin with the verdict:\n%s", b.String())
	}
	for _, want := range []string{headingError + " (1)", headingFail + " (1)", "PEC-AP-012", "expected", "seen", "where", "matters", "harness-trouble"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, b.String())
		}
	}
	for _, never := range []string{"Rules:", "Scenarios:", "Not concluded", "Warnings", "Next:", "PEC-GEN-006"} {
		if strings.Contains(b.String(), never) {
			t.Errorf("it says %q:\n%s", never, b.String())
		}
	}
}

// A mark in the source of a rule is explained, once.
func TestSummaryExplainsItsMarks(t *testing.T) {
	t.Parallel()
	result := sampleResult()
	for _, id := range []string{"PEC-ACC-003", "PEC-ACC-004"} {
		result.Rules = append(result.Rules, rules.RuleResult{ID: id, Verdict: rules.Fail, Checks: []rules.Check{{Rule: id, Verdict: rules.Fail, Seen: "x"}}})
	}
	for _, brief := range []bool{false, true} {
		var b bytes.Buffer
		if err := Summary(&b, result, SummaryOptions{Width: 100, Brief: brief}); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "* Sections of the Italian annex"); n != 1 || !strings.Contains(b.String(), "6.3.3*") {
			t.Errorf("brief %t: a mark is explained %d times, want once:\n%s", brief, n, b.String())
		}
	}
}
