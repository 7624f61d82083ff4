package reports

import "github.com/collaudo/collaudo/rules"

func cutShort() standing { return standingAs("cut-short") }

// wasCut tells that nothing worse is known of a rule than that its scenarios
// were cut short.
func wasCut(r *rules.RuleResult) bool {
	cut := false
	for _, c := range r.Checks {
		if c.Verdict == rules.Error {
			if c.Seen != rules.CutShort {
				return false
			}
			cut = true
		}
	}
	return cut && r.Verdict == rules.Error
}

// underWay names the scenarios that were cut short.
func underWay(result *rules.Result) []string {
	var ids []string
	for _, s := range result.Scenarios {
		if s.Error == rules.CutShort {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// scenarioStanding says how a scenario stands.
func scenarioStanding(s rules.ScenarioResult) standing {
	if s.Error == rules.CutShort {
		return cutShort()
	}
	return verdictStanding(s.Verdict)
}

// checkStanding says how a check stands.
func checkStanding(c rules.Check) standing {
	if c.Verdict == rules.Error && c.Seen == rules.CutShort {
		return cutShort()
	}
	return verdictStanding(c.Verdict)
}
