package reports

import (
	"github.com/collaudo/collaudo/rules"
)

// GateFile is the name in a run folder of what a baseline made of the run. It is
// there only where the run was given one.
const GateFile = "gate.json"

// GateSchema is the version of that file's form.
const GateSchema = "collaudo/gate/1"

// Gate is what a baseline of known failures makes of a run for the exit code.
// It changes no verdict: a known failure is a failure.
type Gate struct {
	Schema   string         `json:"schema"`
	Baseline string         `json:"baseline"` // path of the file, as it was given
	SHA256   string         `json:"sha256"`   // of its octets
	Day      string         `json:"day"`      // 2006-01-02 in Italy: by which entries expire
	Standing GateStanding   `json:"standing"`
	Code     int            `json:"exitCode"`
	Reason   string         `json:"reason"` // one sentence, in English: why
	Entries  []KnownFailure `json:"entries"`
	Unknown  []CheckRef     `json:"unknownFailures"` // failures that no entry names
}

// GateStanding is what the gate came to.
type GateStanding string

// Standings of a gate.
const (
	GateNotNeeded GateStanding = "not needed" // nothing failed, and every entry that could be looked at still holds
	GateCovered   GateStanding = "covered"    // every failure is known, and nothing else is wrong
	GateOutdated  GateStanding = "outdated"   // an entry expired, or names a failure that is none any more
	GateNotEnough GateStanding = "not enough" // something else is wrong, which no baseline covers
)

// KnownStanding is how an entry of a baseline stands to a run.
type KnownStanding string

// Standings of an entry in one scenario.
const (
	KnownFails     KnownStanding = "fails"          // as it is known to
	KnownOtherwise KnownStanding = "seen otherwise" // it fails, and not as it is known to: it covers nothing
	KnownStale     KnownStanding = "stale"          // it was looked at, and does not fail any more
	KnownExpired   KnownStanding = "expired"        // its day is over: it covers nothing
	KnownNotLooked KnownStanding = "not looked at"  // the run says nothing of it
)

// KnownFailure is an entry of a baseline in one of its scenarios.
type KnownFailure struct {
	CheckRef
	Owner    string        `json:"owner"`
	Reason   string        `json:"reason"`
	Issue    string        `json:"issue,omitempty"`
	Expires  string        `json:"expires"`          // 2006-01-02: the last day on which it covers
	Line     int           `json:"line"`             // in the file
	Seen     []string      `json:"seen"`             // what it is known to be seen as; see Sense
	Unlike   []string      `json:"unlike,omitempty"` // what the run sees, and the entry does not know
	Standing KnownStanding `json:"standing"`
	Fails    bool          `json:"fails"` // the check fails in the run, whatever the entry's standing
}

// Known returns the entry that names a check which fails, or nil: nobody knows
// of it, or not of what is seen now. It may be called on nil, where a run has no baseline.
func (g *Gate) Known(c rules.Check) *KnownFailure {
	if g == nil || c.Verdict != rules.Fail {
		return nil
	}
	for i := range g.Entries {
		if e := &g.Entries[i]; e.Check == c.ID() && e.Scenario == c.Scenario && e.Standing != KnownOtherwise {
			return e
		}
	}
	return nil
}

// KnowsRule tells that a rule is broken by nothing but known failures. Whatever
// else is open about it stays so, and an entry that expired knows of nothing.
func (g *Gate) KnowsRule(r *rules.RuleResult) bool {
	if g == nil || r.Verdict != rules.Fail || r.Unseen != "" {
		return false
	}
	known := false
	for _, c := range r.Checks {
		switch c.Verdict {
		case rules.Fail:
			e := g.Known(c)
			if e == nil || e.Standing != KnownFails {
				return false
			}
			known = true
		case rules.Pass, rules.Warn, rules.Observed, rules.NotExercised, rules.Inapplicable:
		default:
			return false
		}
	}
	return known
}
