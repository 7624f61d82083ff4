package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/rules"
)

// A worse verdict of the run is worse, whatever the rules say: every pair.
func TestAWorseOutcomeIsWorse(t *testing.T) {
	t.Parallel()
	outcomes := []rules.Outcome{
		rules.Conformant, rules.ConformantWithWarnings, rules.Inconclusives, rules.NotConformant,
		rules.Interrupted, rules.Invalid, "", "NEW",
	}
	const conclusions = 4 // the first of them, from good to bad
	for i, was := range outcomes {
		for j, is := range outcomes {
			want := i != j && (j >= conclusions || i < conclusions && j > i)
			earlier, later := before(t), before(t)
			earlier.Verdict, later.Verdict = was, is
			c := Compare(earlier, later, "a", "b")
			if c.GotWorse != want || c.VerdictWorse != want {
				t.Errorf("%q → %q: worse %v, by the verdict %v; want %v", was, is, c.GotWorse, c.VerdictWorse, want)
			}
			if was == "" || is == "" || was == "NEW" || is == "NEW" {
				continue
			}
			var b bytes.Buffer
			if err := c.Text(&b, DiffOptions{Width: 200}); err != nil {
				t.Fatal(err)
			}
			if told := strings.Contains(b.String(), "Something got worse. The verdict was "); told != want {
				t.Errorf("%q → %q: told %v, want %v:\n%s", was, is, told, want, b.String())
			}
			if i != j && strings.Contains(b.String(), "Nothing changed") {
				t.Errorf("%q → %q is told as nothing:\n%s", was, is, b.String())
			}
		}
	}
}

// What was played and is not any more is worse, as long as one of its rules was
// asked for; what was not played before is not missed.
func TestALostScenarioIsWorse(t *testing.T) {
	t.Parallel()
	lose := map[string]func(r *rules.Result, at int){
		scenarioNotSelected: func(r *rules.Result, at int) {
			r.Run.Selected = append(r.Run.Selected[:at:at], r.Run.Selected[at+1:]...)
			r.Scenarios = append(r.Scenarios[:at:at], r.Scenarios[at+1:]...)
		},
		scenarioMissing: func(r *rules.Result, at int) { r.Scenarios = append(r.Scenarios[:at:at], r.Scenarios[at+1:]...) },
		scenarioFailed:  func(r *rules.Result, at int) { r.Scenarios[at].Error = "the harness stumbled" },
		scenarioLacking: func(r *rules.Result, at int) { r.Scenarios[at].Lacking = []string{"a peer"} },
	}
	for state, change := range lose {
		for _, rule := range []string{"PEC-AP-012", "PEC-AP-005"} {
			earlier, later := before(t), before(t)
			for _, r := range []*rules.Result{earlier, later} {
				r.Scenarios[0].Error, r.Scenarios[0].Lacking, r.Scenarios[0].Waiting = "", nil, nil
				r.Scenarios[0].Rules = []string{"PEC-AP-012"}
				r.Rules = nil
			}
			later.Run.Rules = []string{rule}
			change(later, 0)
			c := Compare(earlier, later, "a", "b")
			if want := rule == "PEC-AP-012"; c.GotWorse != want || c.VerdictWorse || len(c.Scenarios) != 1 || c.Scenarios[0].GotWorse != want || c.Scenarios[0].After.Key != state {
				t.Errorf("%s, asked for %s: worse %v, %+v; want %v", state, rule, c.GotWorse, c.Scenarios, want)
			}
			if c := Compare(later, earlier, "b", "a"); c.GotWorse {
				t.Errorf("%s before, and played now: worse %+v", state, c.Scenarios)
			}
			var b bytes.Buffer
			if err := c.Text(&b, DiffOptions{Width: 200}); err != nil {
				t.Fatal(err)
			}
			if told := strings.Contains(b.String(), "1 scenario that was played is not any more."); told != c.GotWorse || strings.Contains(b.String(), "Nothing changed") {
				t.Errorf("%s, asked for %s: worse %v, told %v:\n%s", state, rule, c.GotWorse, told, b.String())
			}
		}
	}
}
