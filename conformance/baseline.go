package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// Baseline is a list of failures that somebody knows of and answers for, up to a
// day. It changes no verdict: a known failure is a failure, in every report. It
// changes what the run's exit code says, and only where every failure is known
// and nothing else is wrong.
type Baseline struct {
	File    string        // path, as it was given
	SHA256  string        // of its octets, hex
	Profile rules.Profile // for which it holds; empty: for either
	entries []baselineEntry
}

// baselineEntry is a known failure, in one or several scenarios.
type baselineEntry struct {
	line                          int
	check                         string // as rules.Check.ID names it
	scenarios                     []string
	seen                          []string // as reports.Sense names it; any of them
	owner, reason, issue, expires string
}

// day is how a baseline writes the last day on which an entry covers.
const day = time.DateOnly

// longest is how many days ahead an entry may cover: what is tolerated is looked at
// again once a year at least.
const longest = 366

// fits refuses a baseline that was made for another profile: what fails by the
// letter may be no failure in practice, and every entry would look stale. It refuses
// entries too that cover for longer than a year from now.
func (b *Baseline) fits(profile rules.Profile, now time.Time) error {
	if b == nil {
		return nil
	}
	last := now.In(pec.Zone()).AddDate(0, 0, longest).Format(day)
	for _, e := range b.entries {
		if e.expires > last {
			return fmt.Errorf("%w: the baseline %s: line %d: the entry covers until %s: expected %s at most, a year from the run: give an earlier day, and look at it again then", ErrUsage, b.File, e.line, e.expires, last)
		}
	}
	if b.Profile == "" || b.Profile == profile {
		return nil
	}
	return fmt.Errorf("%w: the baseline %s is for profile %s, and this is a run with profile %s: give the baseline of that profile", ErrUsage, b.File, b.Profile, profile)
}

// Gate says what a baseline makes of a run that was judged. Entries expire when
// their day is over in Italy.
func (b *Baseline) Gate(result *rules.Result, catalogue *rules.Catalogue, now time.Time) *reports.Gate {
	g := &reports.Gate{
		Schema: reports.GateSchema, Baseline: b.File, SHA256: b.SHA256, Day: now.In(pec.Zone()).Format(day),
		Entries: []reports.KnownFailure{}, Unknown: []reports.CheckRef{},
	}
	for _, e := range b.entries {
		for _, scenario := range e.scenarios {
			g.Entries = append(g.Entries, reports.KnownFailure{
				CheckRef: reports.CheckRef{Check: e.check, Scenario: scenario}, Line: e.line, Seen: e.seen,
				Owner: e.owner, Reason: e.reason, Issue: e.issue, Expires: e.expires,
			})
		}
	}
	weigh(g, result, catalogue)
	return g
}

// weigh sets what a gate comes to, by the entries and the day that stand in it.
func weigh(g *reports.Gate, result *rules.Result, catalogue *rules.Catalogue) {
	named, otherwise := map[reports.CheckRef]bool{}, map[reports.CheckRef]bool{}
	counts := map[reports.KnownStanding]int{}
	over := map[int]bool{} // lines of entries that expired
	for i := range g.Entries {
		e := &g.Entries[i]
		named[e.CheckRef] = true
		failing := checksOf(result, e.CheckRef, rules.Fail)
		e.Fails, e.Unlike = len(failing) > 0, nil
		for _, one := range reports.Senses(failing) {
			if !slices.Contains(e.Seen, one) {
				e.Unlike = append(e.Unlike, one)
			}
		}
		switch {
		case len(e.Unlike) > 0:
			e.Standing, otherwise[e.CheckRef] = reports.KnownOtherwise, true
		case g.Day > e.Expires:
			e.Standing, over[e.Line] = reports.KnownExpired, true
		case e.Fails:
			e.Standing = reports.KnownFails
		case looked(result, e.CheckRef):
			e.Standing = reports.KnownStale
		default:
			e.Standing = reports.KnownNotLooked
		}
		counts[e.Standing]++
	}
	failures := 0
	met := map[reports.CheckRef]bool{}
	for _, rr := range result.Rules {
		for _, c := range rr.Checks {
			ref := reports.CheckRef{Check: c.ID(), Scenario: c.Scenario}
			if c.Verdict != rules.Fail || met[ref] {
				continue
			}
			met[ref] = true
			failures++
			if !named[ref] {
				g.Unknown = append(g.Unknown, ref)
			}
		}
	}
	rest, why := result.Without(catalogue, func(c rules.Check) bool {
		ref := reports.CheckRef{Check: c.ID(), Scenario: c.Scenario}
		return named[ref] && !otherwise[ref]
	})
	g.Code = ExitCode(rest)
	stale, expired := counts[reports.KnownStale], len(over)
	switch {
	case g.Code != ExitConformant && len(g.Unknown)+len(otherwise) > 0:
		var parts []string
		if n := len(g.Unknown); n > 0 {
			parts = append(parts, fmt.Sprintf("%d of %s not in the baseline", n, are(failures, "failure")))
		}
		if n := len(otherwise); n > 0 {
			parts = append(parts, are(n, "known failure")+" seen otherwise than the baseline says")
		}
		g.Standing, g.Reason = reports.GateNotEnough, strings.Join(parts, ", ")
	case g.Code != ExitConformant:
		g.Standing, g.Reason = reports.GateNotEnough, "no baseline covers this: "+why
	case stale+expired > 0:
		g.Standing, g.Code = reports.GateOutdated, ExitBaseline
		var parts []string
		if stale > 0 {
			parts = append(parts, are(stale, "known failure")+" none any more")
		}
		if expired > 0 {
			parts = append(parts, verb(expired, "entry has", "entries have")+" expired")
		}
		g.Reason = strings.Join(parts, ", ") + ": the baseline has to be looked at"
	case failures > 0:
		g.Standing, g.Reason = reports.GateCovered, are(failures, "failure")+" known, and nothing else is wrong"
	default:
		g.Standing, g.Reason = reports.GateNotNeeded, "nothing failed that a baseline would have to cover"
	}
}

// checksOf returns the checks of a run with that name and verdict.
func checksOf(result *rules.Result, ref reports.CheckRef, verdicts ...rules.Verdict) (found []rules.Check) {
	rule, _, _ := strings.Cut(ref.Check, "/")
	for _, rr := range result.Rules {
		if rr.ID != rule {
			continue
		}
		for _, c := range rr.Checks {
			for _, v := range verdicts {
				if c.ID() == ref.Check && c.Scenario == ref.Scenario && c.Verdict == v {
					found = append(found, c)
				}
			}
		}
	}
	return found
}

// looked tells that a run would have seen the failure if it were still there: the
// rule was asked for, the scenario was played to its end, and whoever made the
// check could look. What was only in part, or not at all, says nothing.
func looked(result *rules.Result, ref reports.CheckRef) bool {
	rule, by, _ := strings.Cut(ref.Check, "/")
	var law *rules.RuleResult
	for i := range result.Rules {
		if result.Rules[i].ID == rule {
			law = &result.Rules[i]
		}
	}
	var scenario *rules.ScenarioResult
	for i := range result.Scenarios {
		if result.Scenarios[i].ID == ref.Scenario {
			scenario = &result.Scenarios[i]
		}
	}
	if law == nil || scenario == nil || scenario.Error != "" || len(scenario.Lacking) > 0 || scenario.Waiting != nil {
		return false
	}
	if len(checksOf(result, ref, rules.Error, rules.Inconclusive)) > 0 {
		return false
	}
	if len(checksOf(result, ref, rules.Pass, rules.Warn, rules.Observed)) > 0 {
		return true
	}
	// Nobody made the check. An expectation is always put where a scenario comes to
	// its end, so there is none of that name; a judge has found nothing to judge,
	// unless it lacked what it needs.
	unable := law.Unmet > 0 || law.Unseen != "" || law.Verdict == rules.Inconclusive || law.Verdict == rules.Error
	return scenario.Verdict.Exercised() && (by != byJudge || !unable)
}

// are is so many of something, and the verb.
func are(n int, noun string) string { return verb(n, noun+" is", noun+"s are") }

func verb(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
