package reports

import (
	"cmp"
	"fmt"
	"path/filepath"
)

// maxKnown bounds how many entries of one standing a terminal is shown.
const maxKnown = 5

// gate tells what a baseline makes of a run. It stands beside the verdict and
// never in its place.
func (p *printer) gate(g *Gate) {
	if g == nil {
		return
	}
	p.line("")
	p.wrapped("", p.paint(gateCode(g), fmt.Sprintf("Baseline %s: exit code %d", filepath.Base(g.Baseline), g.Code))+": "+g.Reason+".")
	for _, told := range []struct {
		standing KnownStanding
		label    string
	}{
		{KnownOtherwise, "seen otherwise"},
		{KnownExpired, "expired"},
		{KnownStale, "fails no more"},
		{KnownFails, "known"},
	} {
		groups := g.together(told.standing)
		for i, group := range groups {
			if i == maxKnown {
				p.wrapped(fmt.Sprintf("  %-15s", ""), fmt.Sprintf("… and %d more", len(groups)-i))
				break
			}
			where := group[0].Check + " in " + group[0].Scenario
			if n := len(group) - 1; n > 0 {
				where += " and " + plural(n, "more scenario")
			}
			p.wrapped(fmt.Sprintf("  %-15s", told.label), where+", line "+plainNumber(group[0].Line)+": "+group[0].words()+renewal(group))
		}
	}
	for i, ref := range g.Unknown {
		if i == maxKnown {
			p.wrapped(fmt.Sprintf("  %-15s", ""), fmt.Sprintf("… and %d more", len(g.Unknown)-i))
			break
		}
		p.wrapped(fmt.Sprintf("  %-15s", "not known"), ref.Check+" in "+ref.Scenario)
	}
	if n := g.count(KnownNotLooked); n > 0 {
		p.wrapped("  ", fmt.Sprintf("Of %s this run says nothing.", plural(n, "known failure")))
	}
}

// together lists what has one standing, by entry of the baseline.
func (g *Gate) together(standing KnownStanding) [][]*KnownFailure {
	var groups [][]*KnownFailure
	index := map[int]int{}
	for i := range g.Entries {
		e := &g.Entries[i]
		if e.Standing != standing {
			continue
		}
		at, known := index[e.Line]
		if !known {
			at = len(groups)
			index[e.Line], groups = at, append(groups, nil)
		}
		groups[at] = append(groups[at], e)
	}
	return groups
}

// words says who answers for a known failure, until when and why.
func (k *KnownFailure) words() string {
	text := k.Owner + ", until " + k.Expires + ": " + k.Reason
	if k.Issue != "" {
		text += " (" + k.Issue + ")"
	}
	return text
}

// renewal says what to do about a failure that is seen otherwise than it is known.
func renewal(group []*KnownFailure) string {
	var unlike []string
	for _, k := range group {
		for _, one := range k.Unlike {
			unlike = appendNew(unlike, one)
		}
	}
	if len(unlike) == 0 {
		return ""
	}
	return ". It fails in another way than is known: look at it, and if it is the same issue, add " + fewNames(unlike) + " to 'seen' of the entry, or write the entry anew with 'collaudo report baseline RUN'"
}

func (g *Gate) count(standing KnownStanding) (n int) {
	for _, e := range g.Entries {
		if e.Standing == standing {
			n++
		}
	}
	return n
}

// covers tells that the run's exit code is 0 although something failed.
func (g *Gate) covers() bool { return g != nil && g.Standing == GateCovered }

func gateCode(g *Gate) string {
	return cmp.Or(map[GateStanding]string{GateCovered: "1;33", GateNotNeeded: "1;32"}[g.Standing], "1;31")
}
