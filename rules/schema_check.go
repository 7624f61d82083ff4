package rules

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var ruleID = regexp.MustCompile(`^PEC-([A-Z]{2,3})-([0-9]{3})$`)

// check holds every rule against the schema, and every reference against what
// it refers to. It reports all that is wrong at once.
func (c *Catalogue) check(files []*familyFile) error {
	var found []error
	for _, f := range files {
		previous := ""
		for _, r := range f.Rules {
			s := ruleChecker{file: f.name, rule: r}
			s.identity(previous)
			s.texts()
			s.terms()
			s.practice()
			s.views()
			s.exclusion()
			s.references(c)
			found = append(found, s.found...)
			previous = r.ID
		}
	}
	return errors.Join(found...)
}

// ruleChecker collects what is wrong with one rule.
type ruleChecker struct {
	file  string
	rule  *Rule
	found []error
}

func (s *ruleChecker) say(text string, arguments ...any) {
	s.found = append(s.found, dataFault(s.file, s.rule.ID, text, arguments...))
}

func (s *ruleChecker) identity(previous string) {
	m := ruleID.FindStringSubmatch(s.rule.ID)
	switch {
	case m == nil:
		s.say("the id of a rule has the form PEC-TE-001")
	case m[1] != s.rule.Family:
		s.say("is in the file of family %s: move it to the file of family %s", s.rule.Family, m[1])
	case s.rule.ID <= previous:
		s.say("comes after %s: put the rules of a family in the order of their ids", previous)
	}
}

func (s *ruleChecker) texts() {
	if !s.rule.Title.complete() {
		s.say("lacks a title: write one sentence in en and one in it")
	}
	for name, text := range map[string]string{"stimulus": s.rule.Stimulus, "antecedent": s.rule.Antecedent, "oracle": s.rule.Oracle} {
		if strings.TrimSpace(text) == "" {
			s.say("lacks its %s: say it in one sentence", name)
		}
	}
	if len(s.rule.Outcomes) == 1 {
		s.say("has one outcome only: write it as the oracle, or name the others that are acceptable")
	}
	if slices.ContainsFunc(s.rule.Outcomes, func(o string) bool { return strings.TrimSpace(o) == "" }) {
		s.say("has an empty outcome: fill or remove it")
	}
}

func (s *ruleChecker) terms() {
	oneOf(s, "level", s.rule.Level, Levels())
	oneOf(s, "violation", s.rule.Violation, Violations())
	if s.rule.Capability != "" {
		oneOf(s, "capability", s.rule.Capability, Capabilities())
	}
	if len(s.rule.Roles) == 0 {
		s.say("has no role: name at least one of %s", joinTerms(Roles()))
	}
	for _, role := range s.rule.Roles {
		oneOf(s, "role", role, Roles())
	}
	if hasRepeats(s.rule.Roles) {
		s.say("names a role twice: keep one")
	}
}

func (s *ruleChecker) practice() {
	p := s.rule.Practice
	if p == nil {
		return
	}
	oneOf(s, "violation of practice", p.Violation, Violations())
	if slices.Contains(Violations(), p.Violation) && !p.Violation.milderThan(s.rule.Violation) {
		s.say("practice weighs %s, the letter %s: practice only ever forgives", p.Violation, s.rule.Violation)
	}
	if strings.TrimSpace(p.Because) == "" {
		s.say("practice lacks its because: say what is forgiven, what is not, and why")
	}
}

func (s *ruleChecker) views() {
	if len(s.rule.Views) == 0 {
		s.say("has no views: say from which seats (%s) the case can be staged and seen", joinTerms(Seats()))
	}
	for _, view := range s.rule.Views {
		if len(view) == 0 {
			s.say("has an empty view: remove it, or name its seats")
		}
		for _, seat := range view {
			oneOf(s, "seat", seat, Seats())
		}
		if hasRepeats(view) {
			s.say("names a seat twice in one view: keep one")
		}
	}
}

func (s *ruleChecker) exclusion() {
	x := s.rule.Excluded
	if x == nil {
		return
	}
	oneOf(s, "kind of exclusion", x.Kind, ExclusionKinds())
	if strings.TrimSpace(x.Reason) == "" {
		s.say("is excluded without a reason: give one that a reader accepts")
	}
}

func (s *ruleChecker) references(c *Catalogue) {
	r := s.rule
	if len(r.Sections) == 0 && len(r.Italian) == 0 && (r.Level == LevelMust || r.Level == LevelService) {
		s.say("binds and names no text: give its section of RFC 6109 or its Italian source")
	}
	for _, number := range r.Sections {
		if _, known := c.sections[number]; !known {
			s.say("names section %q of RFC 6109: no such section in rules/%s", number, sectionsFile)
		}
	}
	for _, source := range r.Italian {
		if source.Text() == (Text{}) {
			s.say("names the Italian source %q: expected a form such as A6.3.1, DM12(1), DPR12, AgID note 12 or CR/51 point 6, then ~ or ? when uncertain", source)
		}
	}
	for _, id := range r.Decisions {
		if d, known := c.decisions[id]; known {
			d.Rules = append(d.Rules, r.ID)
		} else {
			s.say("stands on decision %q: no such decision in rules/%s", id, decisionsFile)
		}
	}
	for _, id := range r.Questions {
		if q, known := c.questions[id]; known {
			q.Rules = append(q.Rules, r.ID)
		} else {
			s.say("waits for question %q: no such question in rules/%s", id, decisionsFile)
		}
	}
	if other := r.DuplicateOf; other != "" {
		same, known := c.rules[other]
		switch {
		case !known:
			s.say("duplicates %q: the catalogue holds no such rule", other)
		case other == r.ID:
			s.say("duplicates itself: name another rule, or none")
		case same.DuplicateOf != "":
			s.say("duplicates %s, itself a duplicate of %s: name that one", other, same.DuplicateOf)
		}
	}
}

func oneOf[T ~string](s *ruleChecker, what string, value T, known []T) {
	if !slices.Contains(known, value) {
		s.say("unknown %s %q: use one of %s", what, value, joinTerms(known))
	}
}

func joinTerms[T ~string](values []T) string {
	var b strings.Builder
	for i, v := range values {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, v)
	}
	return b.String()
}

func hasRepeats[T comparable](values []T) bool {
	for i, v := range values {
		if slices.Contains(values[:i], v) {
			return true
		}
	}
	return false
}
