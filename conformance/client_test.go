package conformance

import (
	"testing"
	"time"

	"github.com/collaudo/collaudo/rules"
)

// clientOptions are those of a run against a client, into a folder of the test.
func clientOptions(t *testing.T) Options {
	t.Helper()
	return Options{
		Out: t.TempDir() + "/run", Profile: rules.Practice, Seed: 1, Version: "test", Now: time.Now,
	}
}

// clientVerdicts is a verdict for every rule that binds clients: pass, or what
// is said otherwise.
func clientVerdicts(otherwise map[string]rules.Verdict) map[string]rules.Verdict {
	all := map[string]rules.Verdict{}
	for _, id := range []string{"001", "002", "003", "004", "005", "006", "007", "008", "009", "010"} {
		all["PEC-CLI-"+id] = rules.Pass
	}
	for id, verdict := range otherwise {
		all[id] = verdict
	}
	return all
}

// judgeClient runs a client and returns the verdicts of the rules; whatever is
// no pass is told in the test's log.
func judgeClient(t *testing.T, o Options) map[string]rules.Verdict {
	t.Helper()
	report, err := tryKeyed(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %s (%s)", report.Result.Verdict, report.Result.Reason, report.Took.Round(time.Millisecond))
	got := map[string]rules.Verdict{}
	for _, rule := range report.Result.Rules {
		got[rule.ID] = rule.Verdict
		for _, c := range rule.Checks {
			if c.Verdict != rules.Pass {
				t.Logf("%s in %s: %s: expected %s, seen %s %s", c.Rule, c.Scenario, c.Verdict, c.Expected, c.Seen, c.Need)
			}
		}
	}
	return got
}
