package conformance

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

func mustCatalogue(t *testing.T) *rules.Catalogue {
	t.Helper()
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	return catalogue
}

// judgedAs makes a judgement of checks: "PEC-AP-005/judge hidden-recipient fail".
// Scenarios get their worst verdict, rules and the run theirs.
func judgedAs(t *testing.T, lines ...string) *rules.Result {
	t.Helper()
	r := &rules.Result{Profile: rules.Practice, Run: evidence.Run{Scope: "full"}, Counts: map[rules.Verdict]int{}}
	for _, line := range lines {
		var id, scenario, verdict string
		if _, err := fmt.Sscan(line, &id, &scenario, &verdict); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		rule, by, _ := strings.Cut(id, "/")
		asked := ""
		if by != byJudge {
			by, asked = "expectation e7", by
		}
		c := rules.Check{Rule: rule, Scenario: scenario, By: by, Asked: asked, Verdict: rules.Verdict(verdict), Count: 1}
		if verdict == "-" { // the scenario was played, and nobody made the check
			c.Verdict = rules.NotExercised
		}
		i := len(r.Rules) - 1
		if i < 0 || r.Rules[i].ID != rule {
			r.Rules, i = append(r.Rules, rules.RuleResult{ID: rule, Verdict: rules.NotExercised, Judged: true}), i+1
		}
		if c.Verdict != rules.NotExercised {
			r.Rules[i].Checks = append(r.Rules[i].Checks, c)
		}
		r.Rules[i].Verdict = rules.AddUp(r.Rules[i].Verdict, c.Verdict)
		at := -1
		for n := range r.Scenarios {
			if r.Scenarios[n].ID == scenario {
				at = n
			}
		}
		if at < 0 {
			r.Scenarios, at = append(r.Scenarios, rules.ScenarioResult{ID: scenario, Verdict: rules.Pass}), len(r.Scenarios)
		}
		r.Scenarios[at].Verdict = rules.AddUp(r.Scenarios[at].Verdict, c.Verdict)
	}
	for _, rr := range r.Rules {
		r.Counts[rr.Verdict]++
	}
	switch {
	case r.Counts[rules.Error] > 0:
		r.Verdict = rules.Invalid
	case r.Counts[rules.Fail] > 0:
		r.Verdict = rules.NotConformant
	case r.Counts[rules.Inconclusive] > 0:
		r.Verdict = rules.Inconclusives
	case r.Counts[rules.Warn] > 0:
		r.Verdict = rules.ConformantWithWarnings
	default:
		r.Verdict = rules.Conformant
	}
	r.Reason = "as told"
	return r
}

// knows is a baseline: "PEC-AP-005/judge hidden-recipient", until the end of 2026.
func knows(entries ...string) *Baseline {
	b := &Baseline{File: "known.yaml", SHA256: "00"}
	for i, line := range entries {
		fields := strings.Fields(line)
		expires := "2026-12-31"
		if last := fields[len(fields)-1]; strings.HasPrefix(last, "20") {
			expires, fields = last, fields[:len(fields)-1]
		}
		b.entries = append(b.entries, baselineEntry{line: i + 1, check: fields[0], scenarios: fields[1:], seen: []string{reports.Sense(rules.Check{})}, owner: "mail team", reason: "known", expires: expires})
	}
	return b
}

// knowsAs is a baseline whose failures are seen as a check says.
func knowsAs(c rules.Check, entries ...string) *Baseline {
	b := knows(entries...)
	for i := range b.entries {
		b.entries[i].seen = []string{reports.Sense(c)}
	}
	return b
}

// sees changes what a check of the first rule saw.
func sees(check int, seen string) func(*rules.Result) {
	return func(r *rules.Result) { r.Rules[0].Checks[check].Seen = seen }
}

// evening is late on the last day of 2026 in Italy, and midnight the next instant.
var (
	evening  = time.Date(2026, 12, 31, 22, 59, 59, 0, time.UTC)
	midnight = evening.Add(time.Second)
)

func TestGate(t *testing.T) {
	t.Parallel()
	const broken = "PEC-AP-005/judge no-from fail"
	for name, test := range map[string]struct {
		run      []string
		change   func(*rules.Result)
		baseline *Baseline
		at       time.Time // zero: evening
		code     int
		standing reports.GateStanding
		entries  string // standings, in order
		unknown  int
	}{
		"nothing fails, nothing known": {run: []string{"PEC-AP-005/judge no-from pass"}, baseline: knows(), code: 0, standing: reports.GateNotNeeded},
		"the failure is known":         {run: []string{broken}, baseline: knows("PEC-AP-005/judge no-from"), code: 0, standing: reports.GateCovered, entries: "fails"},
		"nobody knows":                 {run: []string{broken}, baseline: knows(), code: 1, standing: reports.GateNotEnough, unknown: 1},
		"known in another scenario": {
			run: []string{broken, "PEC-AP-005/judge no-to pass"}, baseline: knows("PEC-AP-005/judge no-to"),
			code: 1, standing: reports.GateNotEnough, entries: "stale", unknown: 1,
		},
		"known of another judge": {
			run: []string{broken, "PEC-AP-005/e1 no-from pass"}, baseline: knows("PEC-AP-005/e1 no-from"),
			code: 1, standing: reports.GateNotEnough, entries: "stale", unknown: 1,
		},
		"one of two is known": {
			run: []string{broken, "PEC-AP-006/judge no-from fail"}, baseline: knows("PEC-AP-005/judge no-from"),
			code: 1, standing: reports.GateNotEnough, entries: "fails", unknown: 1,
		},
		"one entry for two scenarios": {
			run: []string{broken, "PEC-AP-005/judge no-to fail"}, baseline: knows("PEC-AP-005/judge no-from no-to"),
			code: 0, standing: reports.GateCovered, entries: "fails fails",
		},
		"it fails no more":                 {run: []string{"PEC-AP-005/judge no-from pass"}, baseline: knows("PEC-AP-005/judge no-from"), code: 5, standing: reports.GateOutdated, entries: "stale"},
		"it only warns":                    {run: []string{"PEC-AP-005/judge no-from warn"}, baseline: knows("PEC-AP-005/judge no-from"), code: 5, standing: reports.GateOutdated, entries: "stale"},
		"it fails no more, another does":   {run: []string{"PEC-AP-005/judge no-from pass", "PEC-AP-006/judge no-from fail"}, baseline: knows("PEC-AP-005/judge no-from", "PEC-AP-006/judge no-from"), code: 5, standing: reports.GateOutdated, entries: "stale fails"},
		"there is no such expectation":     {run: []string{"PEC-AP-005/e1 no-from pass"}, baseline: knows("PEC-AP-005/e9 no-from"), code: 5, standing: reports.GateOutdated, entries: "stale"},
		"the judge found nothing to judge": {run: []string{"PEC-AP-005/judge no-from -", "PEC-AP-006/judge no-from pass"}, baseline: knows("PEC-AP-005/judge no-from"), code: 5, standing: reports.GateOutdated, entries: "stale"},
		"the judge lacked something there": {
			run: []string{"PEC-AP-005/judge no-from -", "PEC-AP-005/judge no-to pass"}, change: func(r *rules.Result) { r.Rules[0].Unmet = 1 },
			baseline: knows("PEC-AP-005/judge no-from"), code: 0, standing: reports.GateNotNeeded, entries: "not looked at",
		},
		"the scenario was not played":   {run: []string{"PEC-AP-005/judge no-to pass"}, baseline: knows("PEC-AP-005/judge no-from"), code: 0, standing: reports.GateNotNeeded, entries: "not looked at"},
		"the rule was not asked for":    {run: []string{"PEC-AP-006/judge no-from pass"}, baseline: knows("PEC-AP-005/judge no-from"), code: 0, standing: reports.GateNotNeeded, entries: "not looked at"},
		"the scenario lacked something": {run: []string{"PEC-AP-006/judge no-from pass", "PEC-AP-005/judge no-to pass"}, change: func(r *rules.Result) { r.Scenarios[0].Lacking = []string{"a peer"} }, baseline: knows("PEC-AP-005/judge no-from"), code: 0, standing: reports.GateNotNeeded, entries: "not looked at"},
		"the scenario waits":            {run: []string{"PEC-AP-006/judge no-from pass", "PEC-AP-005/judge no-to pass"}, change: func(r *rules.Result) { r.Scenarios[0].Waiting = &evidence.Waiting{} }, baseline: knows("PEC-AP-005/judge no-from"), code: 0, standing: reports.GateNotNeeded, entries: "not looked at"},
		"on its last day":               {run: []string{broken}, baseline: knows("PEC-AP-005/judge no-from"), at: evening, code: 0, standing: reports.GateCovered, entries: "fails"},
		"when its day is over in Italy": {run: []string{broken}, baseline: knows("PEC-AP-005/judge no-from"), at: midnight, code: 5, standing: reports.GateOutdated, entries: "expired"},
		"expired, and of no scenario":   {run: []string{"PEC-AP-005/judge no-to pass"}, baseline: knows("PEC-AP-005/judge no-from 2026-01-01"), code: 5, standing: reports.GateOutdated, entries: "expired"},
		"expired, and another unknown":  {run: []string{broken, "PEC-AP-006/judge no-from fail"}, baseline: knows("PEC-AP-005/judge no-from 2026-01-01"), code: 1, standing: reports.GateNotEnough, entries: "expired", unknown: 1},
		"open beside the known":         {run: []string{broken, "PEC-AP-006/judge no-to inconclusive"}, baseline: knows("PEC-AP-005/judge no-from"), code: 4, standing: reports.GateNotEnough, entries: "fails"},
		"open behind the known":         {run: []string{broken, "PEC-AP-005/judge no-to inconclusive"}, baseline: knows("PEC-AP-005/judge no-from"), code: 4, standing: reports.GateNotEnough, entries: "fails"},
		"an error beside the known":     {run: []string{broken, "PEC-AP-006/judge no-to error"}, baseline: knows("PEC-AP-005/judge no-from", "PEC-AP-006/judge no-to"), code: 3, standing: reports.GateNotEnough, entries: "fails not looked at"},
		"inconclusive and named":        {run: []string{"PEC-AP-005/judge no-from inconclusive"}, baseline: knows("PEC-AP-005/judge no-from"), code: 4, standing: reports.GateNotEnough, entries: "not looked at"},
		"an expectation that is open":   {run: []string{broken, "PEC-AP-005/e1 no-from inconclusive"}, baseline: knows("PEC-AP-005/judge no-from", "PEC-AP-005/e1 no-from"), code: 4, standing: reports.GateNotEnough, entries: "fails not looked at"},
		"an expectation in error":       {run: []string{"PEC-AP-005/judge no-from pass", "PEC-AP-005/e1 no-from error"}, baseline: knows("PEC-AP-005/e1 no-from"), code: 3, standing: reports.GateNotEnough, entries: "not looked at"},
		"it fails in another way":       {run: []string{broken}, change: sees(0, "250 accepted"), baseline: knows("PEC-AP-005/judge no-from"), code: 1, standing: reports.GateNotEnough, entries: "seen otherwise"},
		"and its day is over":           {run: []string{broken}, change: sees(0, "250 accepted"), baseline: knows("PEC-AP-005/judge no-from 2026-01-01"), code: 1, standing: reports.GateNotEnough, entries: "seen otherwise"},
		"another fault beside it":       {run: []string{broken, broken}, change: sees(1, "250 accepted"), baseline: knows("PEC-AP-005/judge no-from"), code: 1, standing: reports.GateNotEnough, entries: "seen otherwise"},
		"the same, with other numbers":  {run: []string{broken}, change: func(r *rules.Result) { r.Rules[0].Checks[0].Seen = "7 parts of COL-XWDR6G8CJT" }, baseline: knowsAs(rules.Check{Seen: "12 parts of COL-JBD27M9STG"}, "PEC-AP-005/judge no-from"), code: 0, standing: reports.GateCovered, entries: "fails"},
		"interrupted":                   {run: []string{broken}, change: func(r *rules.Result) { r.Verdict = rules.Interrupted }, baseline: knows("PEC-AP-005/judge no-from"), code: 130, standing: reports.GateNotEnough, entries: "fails"},
		"a verdict that nobody knows":   {run: []string{broken}, change: func(r *rules.Result) { r.Verdict = "FINE" }, baseline: knows("PEC-AP-005/judge no-from"), code: 3, standing: reports.GateNotEnough, entries: "fails"},
		"never exercised though asked":  {run: []string{broken, "PEC-AP-006/judge no-to -"}, change: func(r *rules.Result) { r.Run.Rules = []string{"PEC-AP-005", "PEC-AP-006"} }, baseline: knows("PEC-AP-005/judge no-from"), code: 4, standing: reports.GateNotEnough, entries: "fails"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := judgedAs(t, test.run...)
			if test.change != nil {
				test.change(result)
			}
			at := test.at
			if at.IsZero() {
				at = evening
			}
			before := result.Verdict
			g := test.baseline.Gate(result, mustCatalogue(t), at)
			var standings []string
			for _, e := range g.Entries {
				standings = append(standings, string(e.Standing))
			}
			if g.Code != test.code || g.Standing != test.standing || strings.Join(standings, " ") != test.entries || len(g.Unknown) != test.unknown {
				t.Errorf("code %d, %s (%s), entries %q, %d unknown; want code %d, %s, %q, %d", g.Code, g.Standing, g.Reason, standings, len(g.Unknown), test.code, test.standing, test.entries, test.unknown)
			}
			if result.Verdict != before {
				t.Errorf("the gate made %s of the verdict %s", result.Verdict, before)
			}
			if g.Reason == "" {
				t.Error("the gate gives no reason")
			}
		})
	}
}

// TestABaselineCoversNothingButKnownFailures draws runs and baselines at random:
// the exit code becomes 0 only where it was 0, or 1 with every failing check named
// by an entry that still holds and nothing open beside it; and never anything else
// than it was without a baseline, 0, 4 or 5.
func TestABaselineCoversNothingButKnownFailures(t *testing.T) {
	t.Parallel()
	catalogue := mustCatalogue(t)
	const seed = 20261231
	random := rand.New(rand.NewSource(seed))
	verdicts := []string{"pass", "pass", "pass", "fail", "fail", "warn", "observed", "inconclusive", "error", "-"}
	covered := 0
	for round := range 4000 {
		var lines, entries []string
		failing, open, drawn := map[string]bool{}, false, map[string]string{}
		most := 1 + random.Intn(len(verdicts)) // many runs have no error in them
		for _, rule := range []string{"PEC-AP-005", "PEC-AP-006", "PEC-AP-007"} {
			for _, where := range []string{"judge no-from", "e1 no-from", "judge no-to", "e1 no-to"} {
				by, scenario, _ := strings.Cut(where, " ")
				id, verdict := rule+"/"+by, verdicts[random.Intn(most)]
				lines = append(lines, id+" "+scenario+" "+verdict)
				drawn[id+" "+scenario] = verdict
				switch verdict {
				case "fail":
					failing[id+" "+scenario] = true
				case "inconclusive", "error":
					open = true
				}
				switch random.Intn(8) {
				case 0:
				case 1:
					entries = append(entries, id+" "+scenario+" 2026-01-01")
				default:
					if verdict == "fail" || random.Intn(12) == 0 {
						entries = append(entries, id+" "+scenario)
					}
				}
			}
		}
		result := judgedAs(t, lines...)
		plain := ExitCode(result.Verdict)
		g := knows(entries...).Gate(result, catalogue, evening)
		holds := map[string]bool{}
		for _, e := range g.Entries {
			holds[e.Check+" "+e.Scenario] = e.Standing == reports.KnownFails
			if want := standingOf(drawn, e); e.Standing != want {
				t.Fatalf("seed %d, round %d: the entry %s in %s, until %s, is %q, want %q\n%s", seed, round, e.Check, e.Scenario, e.Expires, e.Standing, want, strings.Join(lines, "\n"))
			}
		}
		unknown := 0
		for ref := range failing {
			if !holds[ref] {
				unknown++
			}
		}
		switch {
		case g.Code == 0 && (unknown > 0 || open):
			t.Fatalf("seed %d, round %d: exit code 0 with %d unknown failures, open %v\n%s\nbaseline %v", seed, round, unknown, open, strings.Join(lines, "\n"), entries)
		case g.Code != 0 && g.Code != plain && g.Code != ExitBaseline && !(plain == ExitNotConformant && g.Code == ExitInconclusive):
			t.Fatalf("seed %d, round %d: exit code %d became %d\n%s\nbaseline %v", seed, round, plain, g.Code, strings.Join(lines, "\n"), entries)
		case plain != ExitConformant && plain != ExitNotConformant && g.Code != plain:
			t.Fatalf("seed %d, round %d: exit code %d of what no baseline covers became %d", seed, round, plain, g.Code)
		}
		if g.Code == 0 && plain == ExitNotConformant {
			covered++
		}
	}
	if covered == 0 {
		t.Error("no baseline covered anything: the test tried nothing")
	}
}

// standingOf says by the verdicts that were drawn how an entry stands.
func standingOf(drawn map[string]string, e reports.KnownFailure) reports.KnownStanding {
	rule, by, _ := strings.Cut(e.Check, "/")
	worse := func(a, b string) string {
		for _, v := range []string{"error", "fail", "inconclusive"} { // from bad to good; the others weigh the same here
			if a == v || b == v {
				return v
			}
		}
		return a + b
	}
	ofRule, ofScenario := "", ""
	for ref, verdict := range drawn {
		if verdict == "-" {
			continue
		}
		if strings.HasPrefix(ref, rule+"/") {
			ofRule = worse(ofRule, verdict)
		}
		if strings.HasSuffix(ref, " "+e.Scenario) {
			ofScenario = worse(ofScenario, verdict)
		}
	}
	open := func(v string) bool { return v == "error" || v == "inconclusive" }
	silent := ofScenario == "" || open(ofScenario) || by == byJudge && open(ofRule)
	switch verdict := drawn[e.Check+" "+e.Scenario]; {
	case e.Expires < "2026-12-31":
		return reports.KnownExpired
	case verdict == "fail":
		return reports.KnownFails
	case verdict == "error", verdict == "inconclusive", verdict == "-" && silent:
		return reports.KnownNotLooked
	}
	return reports.KnownStale
}
