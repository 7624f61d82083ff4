package rules

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// The roll-up, tried with runs that nobody thought of: what every judge answers in
// every scenario, and how every scenario ended, is drawn; the court adds it up; and
// a model of a few lines says what it has to come to. The model shares no line
// with the court: it knows the worst-first order only from the words below.

// drawnRules are rules that judges answer for in a drawn run.
func drawnRules() []string {
	return []string{"PEC-GEN-001", "PEC-GEN-003", "PEC-ACC-003", "PEC-TE-001"}
}

// drawn answers and endings. A blank answer is a judge that says nothing.
const (
	saysWell   = "well"
	saysBroken = "broken"
	saysWarned = "warned"
	saysSeen   = "seen"
	saysUnable = "unable"
	saysPanic  = "panic"
	saysBlank  = ""

	endsWell    = "well"
	endsTrouble = "trouble"
	endsLacking = "lacking"
	endsWaiting = "waiting"
	endsNowhere = "nowhere" // no end at all
)

// drawnScenario is one scenario of a drawn run.
type drawnScenario struct {
	id      string
	ends    string
	answers map[string]string // by rule
}

func draw(random *rand.Rand, of ...string) string { return of[random.IntN(len(of))] }

// drawRun draws a run. Most of it is well, or everything would be INVALID.
func drawRun(random *rand.Rand) []drawnScenario {
	trouble := random.IntN(3) == 0
	var run []drawnScenario
	for i := range 1 + random.IntN(6) {
		s := drawnScenario{id: fmt.Sprintf("s%d", i), ends: endsWell, answers: map[string]string{}}
		if random.IntN(8) == 0 {
			s.ends = draw(random, endsLacking, endsWaiting)
		}
		if trouble && random.IntN(6) == 0 {
			s.ends = draw(random, endsTrouble, endsNowhere)
		}
		for _, rule := range drawnRules() {
			s.answers[rule] = draw(random, saysWell, saysWell, saysWell, saysSeen, saysBlank)
			if random.IntN(7) == 0 {
				s.answers[rule] = draw(random, saysWarned, saysUnable, saysBroken)
			}
			if trouble && random.IntN(12) == 0 {
				s.answers[rule] = saysPanic
			}
		}
		run = append(run, s)
	}
	return run
}

// judged has the court judge a drawn run, of which only these rules were asked
// for; none: all.
func judged(t *testing.T, run []drawnScenario, asked ...string) *Result {
	t.Helper()
	said := map[string]map[string]string{}
	record := &evidence.Record{Run: evidence.Run{Rules: asked}}
	for _, s := range run {
		said[s.id] = s.answers
		record.Run.Selected = append(record.Run.Selected, s.id)
		record.Cases = append(record.Cases, courtCase(func(c *evidence.Case) {
			c.Start.ID, c.Start.Rules = s.id, []string{"PEC-ACC-001"}
			switch s.ends {
			case endsTrouble:
				c.End = &evidence.End{Error: "oh"}
			case endsLacking:
				c.End = &evidence.End{Lacking: []string{"a log"}}
			case endsWaiting:
				c.End = &evidence.End{Waiting: &evidence.Waiting{}}
			case endsNowhere:
				c.End = nil
			}
		}))
	}
	var judges []Judge
	for _, rule := range drawnRules() {
		judges = append(judges, judgeOf(rule, func(v *View, f *Findings) {
			switch said[v.Case.Start.ID][rule] {
			case saysWell:
				f.Holds(Where{}, "well")
			case saysBroken:
				f.Broken(Where{}, "this", "that")
			case saysWarned:
				f.Warns(Where{}, "this", "that")
			case saysSeen:
				f.Observes(Where{}, "this")
			case saysUnable:
				f.Unable(Where{}, "a log")
			case saysPanic:
				panic("oh")
			}
		}))
	}
	return museumCourt(t, judges...).Run(record)
}

// model says what a drawn run has to come to, of all that was answered in it.
func model(run []drawnScenario, asked ...string) (Outcome, map[string]Verdict) {
	worst := map[string]int{} // by rule: 0 nothing, 1 seen, 2 well, 3 warned, 4 unable, 5 broken, 6 panic
	weight := map[string]int{saysSeen: 1, saysWell: 2, saysWarned: 3, saysUnable: 4, saysBroken: 5, saysPanic: 6}
	of := func(rule string) bool { return len(asked) == 0 || slices.Contains(asked, rule) }
	note := func(rule string, w int) {
		if of(rule) {
			worst[rule] = max(worst[rule], w)
		}
	}
	trouble := false
	for _, s := range run {
		switch s.ends {
		case endsTrouble, endsNowhere:
			trouble = true
			note("PEC-ACC-001", 6)
		case endsLacking, endsWaiting:
			note("PEC-ACC-001", 4)
		default:
			note("PEC-ACC-001", 2) // what the Then of courtCase asks for holds
			for rule, answer := range s.answers {
				note(rule, weight[answer])
			}
		}
	}
	verdicts, most, none := map[string]Verdict{}, 0, 0
	for _, rule := range append(drawnRules(), "PEC-ACC-001") {
		if !of(rule) {
			continue
		}
		w := worst[rule]
		verdicts[rule] = []Verdict{NotExercised, Observed, Pass, Warn, Inconclusive, Fail, Error}[w]
		if most = max(most, w); w == 0 {
			none++
		}
	}
	switch {
	case trouble || most == 6:
		return Invalid, verdicts
	case most == 5:
		return NotConformant, verdicts
	case most == 4 || most == 0 || len(asked) > 0 && none > 0:
		return Inconclusives, verdicts
	case most == 3:
		return ConformantWithWarnings, verdicts
	}
	return Conformant, verdicts
}

// gravity is the order of outcomes, as an exit code's reader has it.
func gravity(o Outcome) int {
	return slices.Index([]Outcome{Conformant, ConformantWithWarnings, Inconclusives, NotConformant, Invalid, Interrupted}, o)
}

// TestRollUpCountsEveryVerdict: whatever is answered, and wherever, shows in the
// rule and in the run; and the order in which it came changes nothing.
func TestRollUpCountsEveryVerdict(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(6, 1))
	came := map[Outcome]int{}
	for range 250 {
		run := drawRun(random)
		var asked []string
		if random.IntN(3) == 0 {
			asked = drawnRules()[:1+random.IntN(4)]
		}
		result := judged(t, run, asked...)
		want, verdicts := model(run, asked...)
		came[want]++
		if result.Verdict != want {
			t.Fatalf("%+v, asked for %v: %s (%s); want %s", run, asked, result.Verdict, result.Reason, want)
		}
		unplayed := slices.ContainsFunc(run, func(s drawnScenario) bool { return s.ends == endsLacking || s.ends == endsWaiting })
		for rule, v := range verdicts {
			if v == NotExercised && unplayed {
				v = Inconclusive // who knows what would have been seen there
			}
			if got := ruleOf(result, rule).Verdict; got != v {
				t.Fatalf("%+v, asked for %v: rule %s is %s; want %s", run, asked, rule, got, v)
			}
		}
		shuffled := slices.Clone(run)
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if other := judged(t, shuffled, asked...); other.Verdict != result.Verdict {
			t.Fatalf("%+v is %s, and in another order %s", run, result.Verdict, other.Verdict)
		}
	}
	for _, o := range []Outcome{Conformant, ConformantWithWarnings, Inconclusives, NotConformant, Invalid} {
		if came[o] == 0 {
			t.Errorf("no drawn run was %s: the property was not tried there (%v)", o, came)
		}
	}
}

// TestRollUpOnlyGetsWorse: one answer that becomes worse, one scenario more that
// goes wrong, or anything that is taken away but a failure, never mends a run.
func TestRollUpOnlyGetsWorse(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(6, 2))
	better := []string{saysWell, saysWarned, saysUnable, saysBroken, saysPanic}
	for range 250 {
		run := drawRun(random)
		before := judged(t, run)
		worse := slices.Clone(run)
		i := random.IntN(len(worse))
		worse[i].answers = map[string]string{}
		for rule, answer := range run[i].answers {
			worse[i].answers[rule] = answer
		}
		rule := draw(random, drawnRules()...)
		what := "an answer becomes worse"
		switch at := slices.Index(better, worse[i].answers[rule]); {
		case at >= 0 && at+1 < len(better):
			worse[i].answers[rule] = better[at+1+random.IntN(len(better)-at-1)]
		case random.IntN(2) == 0 && worse[i].ends == endsWell:
			what, worse[i].ends = "a scenario goes wrong", draw(random, endsTrouble, endsNowhere)
		default:
			what = "a scenario is added that goes wrong"
			worse = append(worse, drawnScenario{id: "more", ends: endsTrouble})
		}
		if after := judged(t, worse); gravity(after.Verdict) < gravity(before.Verdict) {
			t.Fatalf("%s, and the run is %s instead of %s:\n%+v\n%+v", what, after.Verdict, before.Verdict, run, worse)
		}
		good := drawnScenario{id: "good", ends: endsWell, answers: map[string]string{}}
		for _, rule := range drawnRules() {
			good.answers[rule] = saysWell
		}
		bad := before.Verdict == NotConformant || before.Verdict == Invalid
		if after := judged(t, append(slices.Clone(run), good)); bad && after.Verdict != before.Verdict {
			t.Fatalf("a scenario more that goes well, and the run is %s instead of %s:\n%+v", after.Verdict, before.Verdict, run)
		}
	}
}

// TestPartsAreNoBetterThanTheWhole: a run that is played in shards and judged as
// one is as bad as its worst shard, and every rule as bad as in its worst shard;
// one that is asked for fewer rules finds no less at those.
func TestPartsAreNoBetterThanTheWhole(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(6, 3))
	for range 120 {
		run := drawRun(random)
		whole := judged(t, run)
		parts := make([][]drawnScenario, 1+random.IntN(3))
		for _, s := range run {
			i := random.IntN(len(parts))
			parts[i] = append(parts[i], s)
		}
		sums := map[string]Verdict{}
		for _, part := range parts {
			if len(part) == 0 {
				continue
			}
			r := judged(t, part)
			for _, rr := range r.Rules {
				if len(rr.Checks) == 0 {
					continue // nobody looked; a part is as careful about that as it can be
				}
				if sum, seen := sums[rr.ID]; !seen || rr.Verdict.Worse(sum) {
					sums[rr.ID] = rr.Verdict
				}
			}
			if (r.Verdict == NotConformant || r.Verdict == Invalid) && gravity(whole.Verdict) < gravity(r.Verdict) {
				t.Fatalf("the whole is %s, and a part of it %s:\n%+v", whole.Verdict, r.Verdict, run)
			}
		}
		for _, rr := range whole.Rules {
			if len(rr.Checks) > 0 && sums[rr.ID] != rr.Verdict {
				t.Fatalf("rule %s is %s in the whole and at worst %q in its parts:\n%+v", rr.ID, rr.Verdict, sums[rr.ID], run)
			}
		}
		rule := draw(random, drawnRules()...)
		if narrow := ruleOf(judged(t, run, rule), rule).Verdict; narrow != ruleOf(whole, rule).Verdict {
			t.Fatalf("%s is %s when it is asked for alone, and %s in the whole:\n%+v", rule, narrow, ruleOf(whole, rule).Verdict, run)
		}
	}
}
