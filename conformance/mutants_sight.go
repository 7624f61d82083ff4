package conformance

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/steps"
)

// usesInside is what the judge of a rule looks at too and only a white box shows.
func usesInside(rule string) string {
	for _, j := range rules.Judges() {
		for _, need := range j.Uses {
			if j.Rule == rule && inside(need) {
				return string(need)
			}
		}
	}
	return ""
}

// inside tells the needs that only a white box supplies.
func inside(need rules.Need) bool {
	return need == rules.NeedJournal || need == rules.NeedQuarantine || need == rules.NeedRelay
}

// sight is what can be said of a view before anything is played.
type sight struct {
	target *steps.Target
	needs  map[string][]rules.Need    // of the judge of each rule
	starts map[string]*evidence.Start // of every scenario
}

func newSight(target *steps.Target, all []Scenario) sight {
	s := sight{target, map[string][]rules.Need{}, map[string]*evidence.Start{}}
	for _, j := range rules.Judges() {
		s.needs[j.Rule] = j.Needs
	}
	for _, one := range all {
		s.starts[one.ID] = one.start()
	}
	return s
}

// blindTo says why none of the rules that a mutant breaks can be seen broken;
// "" when one may be.
func (s sight) blindTo(m Mutant) string {
	reasons := map[string]bool{}
	var playable []*evidence.Start
	for _, id := range m.Scenarios {
		if lacks := s.target.Lacks(s.starts[id]); len(lacks) > 0 {
			reasons[strings.Join(lacks, ", ")] = true
			continue
		}
		if steps.Waits(s.starts[id]) {
			reasons[legalTime] = true
			continue
		}
		playable = append(playable, s.starts[id])
	}
	for _, rule := range m.Breaks {
		if len(playable) == 0 {
			break
		}
		if slices.ContainsFunc(playable, func(start *evidence.Start) bool { return slices.Contains(start.Rules, rule) }) {
			return "" // a Then of a scenario answers for it
		}
		need := s.lacking(rule)
		if need == "" {
			return ""
		}
		reasons[need] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(reasons)), "; ")
}

// lacking is what the judge of a rule needs and a target without a white box
// does not give.
func (s sight) lacking(rule string) string {
	needs, judged := s.needs[rule]
	if !judged {
		return "" // what a Then of another scenario says is seen when it is played
	}
	for _, need := range needs {
		if inside(need) || need == rules.NeedService && !slices.ContainsFunc(s.target.Mailboxes, func(m steps.Mailbox) bool { return m.Role == evidence.ServiceMailbox }) {
			return string(need)
		}
	}
	return ""
}

// onePerFamily picks, for each family of rules, the mutant that costs least:
// fewest scenarios, first in the list.
func onePerFamily(list []Mutant, s sight) []Mutant {
	best := map[string]Mutant{}
	for _, m := range list {
		for _, rule := range m.Breaks {
			if s.lacking(rule) != "" {
				continue
			}
			family := familyOf(rule)
			if other, has := best[family]; !has || len(m.Scenarios) < len(other.Scenarios) {
				best[family] = m
			}
		}
	}
	chosen := map[string]bool{}
	for _, m := range best {
		chosen[m.Fault] = true
	}
	few := slices.DeleteFunc(slices.Clone(list), func(m Mutant) bool { return !chosen[m.Fault] })
	slices.SortStableFunc(few, func(a, b Mutant) int { return cmp.Compare(familyOf(a.Breaks[0]), familyOf(b.Breaks[0])) })
	return few
}

// familyOf is ACC of PEC-ACC-003.
func familyOf(rule string) string {
	parts := strings.Split(rule, "-")
	if len(parts) < 3 {
		return rule
	}
	return parts[1]
}
