package rules

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
)

func TestCheckID(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ by, asked, want string }{
		{"judge", "", "PEC-AP-012/judge"},
		{"expectation e2", "refused.2", "PEC-AP-012/refused.2"},
		{"expectation e2", "", "PEC-AP-012/e2"}, // of a run that was judged before there were names
	} {
		if got := (Check{Rule: "PEC-AP-012", By: test.by, Asked: test.asked}).ID(); got != test.want {
			t.Errorf("%s, asked %q: %s, want %s", test.by, test.asked, got, test.want)
		}
	}
}

// Another Then in front of an expectation does not make it another one, as long as
// it asks something else.
func TestAnExpectationKeepsItsName(t *testing.T) {
	t.Parallel()
	names := func(checks ...string) (got []string) {
		var all []evidence.Expectation
		for _, check := range checks {
			all = append(all, evidence.Expectation{Check: check})
		}
		for i := range all {
			got = append(got, askedAs(all, i))
		}
		return got
	}
	for _, test := range []struct{ asks, want []string }{
		{[]string{"refused", "receives"}, []string{"refused", "receives"}},
		{[]string{"receives", "refused"}, []string{"receives", "refused"}},
		{[]string{"receives", "refused", "refused", "receives"}, []string{"receives", "refused", "refused.2", "receives.2"}},
	} {
		if diff := cmp.Diff(test.want, names(test.asks...)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.asks, diff)
		}
	}
}

// What an expectation asks is a name behind a rule's, and no judge's.
func TestExpectationsAreNames(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	for _, name := range ExpectationChecks() {
		if !form.MatchString(name) || name == "judge" || name == "harness" || name == ByClaim || name == selfTested {
			t.Errorf("the check %q cannot be told from a judge, or from its ordinal", name)
		}
	}
}
