package reports

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// waitingFor is a scenario that can go on so many minutes after noon, for so
// long.
func waitingFor(id string, minutes, long int) rules.ScenarioResult {
	until := noon.Add(time.Duration(minutes) * time.Minute)
	return rules.ScenarioResult{ID: id, Name: id, Feature: "Time", File: "time.feature", Verdict: rules.Inconclusive, Rules: []string{"PEC-TMO-001"}, Waiting: &evidence.Waiting{
		Until: until, Latest: until.Add(time.Duration(long) * time.Minute),
	}}
}

// open is an inconclusive rule, with a need in each of these scenarios.
func open(id, need string, scenarios ...string) rules.RuleResult {
	r := rules.RuleResult{ID: id, Verdict: rules.Inconclusive, Judged: true}
	for _, s := range scenarios {
		r.Checks = append(r.Checks, rules.Check{Rule: id, Scenario: s, By: "harness", Verdict: rules.Inconclusive, Need: need})
	}
	return r
}

// endpointResult is a run against a real target that lacked several things.
func endpointResult() *rules.Result {
	lacking := func(id string, needs ...string) rules.ScenarioResult {
		return rules.ScenarioResult{ID: id, Name: id, Feature: "Inside", File: "inside.feature", Verdict: rules.Inconclusive, Rules: []string{"PEC-LOG-001"}, Lacking: needs}
	}
	stays := waitingFor("stays", 800, 30)
	stays.Waiting.Present = true
	r := &rules.Result{
		Verdict: rules.Inconclusives, Reason: "4 rules could not be concluded", Profile: rules.Practice,
		Run: evidence.Run{Tool: "collaudo", Version: "test", Target: "Acme", TargetFile: "acme.yaml", Scope: "full", Seed: 1},
		Scenarios: []rules.ScenarioResult{
			lacking("log-1", "white box: log"), lacking("log-2", "white box: log"), lacking("both", "white box: clock", "white box: log"),
			lacking("spring", "simulated clock: a date before spring"), lacking("peer", "role peer: Paolo"),
			waitingFor("twelve", 720, 30), waitingFor("twelve-too", 740, 30), waitingFor("day", 1440, 1), stays,
		},
		Rules: []rules.RuleResult{
			open("PEC-LOG-001", "white box: log", "log-1", "log-2"),
			open("PEC-LOG-002", "white box: clock; white box: log", "both"),
			open("PEC-TMO-001", "legal time until then", "twelve", "twelve-too", "day", "stays"),
			{ID: "PEC-VIR-008", Verdict: rules.Inconclusive, Reason: "missing: the provider's store of infected messages"},
		},
	}
	r.Regroup()
	return r
}

func TestVisits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		scenarios []rules.ScenarioResult
		want      []string
	}{
		{"none", nil, nil},
		{"one", []rules.ScenarioResult{waitingFor("a", 0, 30)}, []string{"a Mon 2 March, 12:00 to 12:30 CET"}},
		{"together in what they share", []rules.ScenarioResult{waitingFor("b", 10, 30), waitingFor("a", 0, 30)}, []string{"a b Mon 2 March, 12:10 to 12:30 CET"}},
		{"the shortest ends it", []rules.ScenarioResult{waitingFor("a", 0, 60), waitingFor("b", 1, 10), waitingFor("c", 20, 60)}, []string{
			"a b Mon 2 March, 12:01 to 12:11 CET", "c Mon 2 March, 12:20 to 13:20 CET",
		}},
		{"to the second, and over midnight", []rules.ScenarioResult{waitingFor("a", 0, 1), waitingFor("b", 700, 60)}, []string{
			"a Mon 2 March, 12:00:00 to 12:01:00 CET", "b Mon 2 March, 23:40 to Tue 3 March, 00:40 CET",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, v := range visits(test.scenarios) {
				got = append(got, strings.Join(v.Scenarios, " ")+" "+v.When(english()))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Whoever comes when the times say is never too early.
func TestTimesAreRoundedInwards(t *testing.T) {
	t.Parallel()
	from := noon.Add(21*time.Minute + 8*time.Second + 500*time.Millisecond)
	for long, want := range map[time.Duration]string{
		30*time.Minute + 50*time.Second: "Mon 2 March, 12:22 to 12:51 CET",
		50 * time.Second:                "Mon 2 March, 12:21:09 to 12:21:58 CET",
	} {
		if got := betweenWords(english(), from, from.Add(long)); got != want {
			t.Errorf("for %s: %s, want %s", long, got, want)
		}
	}
	if got, want := instantWords(english(), from), "Mon 2 March, 12:22 CET"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// What the summary of a run against a real target says: each want once.
func TestSummaryOfAnEndpoint(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Summary(&b, endpointResult(), SummaryOptions{Width: 110}); err != nil {
		t.Fatal(err)
	}
	golden(t, "endpoint.txt", b.Bytes())
}

func TestWaitsAreToldWithAnyVerdict(t *testing.T) {
	t.Parallel()
	result := endpointResult()
	result.Verdict = rules.NotConformant
	result.Rules = append(result.Rules, rules.RuleResult{ID: "PEC-TE-003", Verdict: rules.Fail})
	var text string
	for _, s := range nextSteps(result, loadCatalogue(t), "out/run") {
		text += s.String() + "\n"
	}
	for _, want := range []string{"collaudo run --resume out/run\n", "collaudo run --resume out/run --wait\n", "Correct the broken rule PEC-TE-003"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
}

func TestPageOfAnEndpoint(t *testing.T) {
	t.Parallel()
	octets, err := renderHTML(endpointResult(), loadCatalogue(t), &story{Dir: "out/run"}, WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(octets)), " ")
	for _, want := range []string{
		`<h2>Waiting for legal time <small>4 scenarios</small></h2>`,
		`<code>collaudo run --resume out/run</code> in each of these times`,
		`<th scope="row">Tue 3 March, 00:20 to 00:30 CET</th><td><a href="#s-twelve">twelve</a>, <a href="#s-twelve-too">twelve-too</a></td>`,
		`<th scope="row">only with --wait, from now on</th><td><a href="#s-stays">stays</a></td>`,
		`<h2>What was missing</h2>`,
		`<th scope="row">a white box that hands over the provider&#39;s log</th><td><b>3</b>: <a href="#s-log-1">log-1</a>`,
		`It was not played. It takes a white box that moves the target&#39;s clock and a white box that hands over the provider&#39;s log, which the target does not give.`,
		`It waits for legal time to pass: it goes on when the run is taken up again on Tue 3 March, 00:00 to 00:30 CET, with collaudo run --resume out/run. Later than that it begins again.`,
		`It could not be judged for want of the provider&#39;s store of infected messages.`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, bad := range []string{"Give the harness what it lacked: ", "missing: ", "white box: ", `class="finding"`} {
		if strings.Contains(text, bad) {
			t.Errorf("the page says %q", bad)
		}
	}
}

// A run that lacked nothing says nothing of it.
func TestPageOfARunThatLackedNothing(t *testing.T) {
	t.Parallel()
	result := sampleResult()
	for i := range result.Rules {
		if result.Rules[i].Verdict == rules.Inconclusive {
			result.Rules[i].Verdict, result.Rules[i].Reason, result.Rules[i].Checks = rules.Pass, "", nil
		}
	}
	octets, err := renderHTML(result, loadCatalogue(t), &story{}, WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{`id="missing"`, `id="waiting"`, "--resume"} {
		if strings.Contains(string(octets), bad) {
			t.Errorf("the page has %q", bad)
		}
	}
}
