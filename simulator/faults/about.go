package faults

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator/compose"
)

// Matter is what a message at a door is about, as far as rules match it.
type Matter struct {
	Sender     string   // of the original: its reverse path
	Recipients []string // those concerned: of a receipt about one recipient, that one
	Subject    string   // of the original, decoded
}

// MatterOf is what a draft is about.
func MatterOf(d *compose.Draft) Matter {
	m := Matter{Sender: d.Sender, Subject: compose.DecodeSubject(d.Facts.Subject)}
	if m.Sender == "" {
		m.Sender = d.Facts.Sender
	}
	switch {
	case d.Recipient != "":
		m.Recipients = []string{d.Recipient}
	case d.Kind == pec.TakenInCharge && d.Certification != nil:
		m.Recipients = d.Certification.Reception
	default:
		for _, r := range d.Facts.Recipients {
			m.Recipients = append(m.Recipients, r.Address)
		}
	}
	return m
}

// about is what rules have to do with one message at one door.
type about struct {
	rules   []*rule        // that match it
	decided map[*rule]bool // whether they touch it: each counts it once
}

// About is the set for one message at one door. Each rule counts the message
// once, and only when there is something for it to do. Not for concurrent use.
func (s *Set) About(m Matter) *Set {
	if s == nil || s.rules == nil {
		return s
	}
	matching := s.rules.matching(s.provider, m)
	if len(matching) == 0 && len(s.rules.now()) == 0 {
		return s
	}
	return &Set{ids: s.ids, acts: s.acts, rules: s.rules, provider: s.provider, about: &about{rules: matching, decided: map[*rule]bool{}}}
}

// And is the set with further acts, limited to nothing: what is done to one
// message only. The acts are carried out after all others.
func (s *Set) And(acts []Act) (*Set, error) {
	if len(acts) == 0 {
		return s, nil
	}
	more := &Set{}
	if s != nil {
		*more = *s
	}
	more.acts = slices.Clip(more.acts)
	for _, a := range acts {
		ready, err := prepare("act", a)
		if err != nil {
			return nil, err
		}
		more.acts = append(more.acts, ready)
	}
	return more, nil
}

// ruled calls do for the acts of rules that concern the caller, of personalities
// or of the others.
func (s *Set) ruled(personal bool, concerns func(act) bool, do func(act)) {
	if s.rules == nil {
		return
	}
	rules := s.rules.now()
	if s.about != nil {
		rules = s.about.rules
	}
	for _, r := range rules {
		if r.personal != personal || s.about == nil && !r.everywhere(s.provider) {
			continue
		}
		for _, a := range r.acts {
			if concerns(a) && s.touches(r) {
				do(a)
			}
		}
	}
}

// touches decides, once for the message, whether a rule touches it.
func (s *Set) touches(r *rule) bool {
	if s.about == nil {
		return true
	}
	touch, decided := s.about.decided[r]
	if !decided {
		touch = r.count()
		s.about.decided[r] = touch
	}
	return touch
}

// count counts a message that the rule matches and has something to do to.
func (r *rule) count() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.matched++
	if r.matched <= r.Skip || r.Times > 0 && r.touched >= r.Times {
		return false
	}
	r.touched++
	return true
}

// everywhere tells whether the rule concerns all that a provider does, where no
// message is spoken of.
func (r *rule) everywhere(provider string) bool {
	return r.of(provider) && !r.filters() && r.Skip == 0 && r.Times == 0
}

func (r *rule) of(provider string) bool {
	return r.Provider == "" || strings.EqualFold(r.Provider, provider)
}

// matches tells whether a message is one of the rule's.
func (r *rule) matches(m Matter) bool {
	return (r.sender == nil || r.sender.MatchString(m.Sender)) &&
		(r.recipient == nil || slices.ContainsFunc(m.Recipients, r.recipient.MatchString)) &&
		strings.Contains(strings.ToLower(m.Subject), r.subject)
}

// matching are the rules that match a message at a provider: the standing ones
// first, what somebody asked for after them.
func (l *Rules) matching(provider string, m Matter) []*rule {
	list := l.standing.Load().matching(m)
	for _, r := range l.now() {
		if r.of(provider) && r.matches(m) {
			list = append(list, r)
		}
	}
	return list
}

// standing are rules that are always on, for addresses with certain local parts
// in certain domains.
type standing struct {
	domains    map[string]bool
	recipients map[string][]*rule // by local part
	senders    map[string][]*rule
}

// Stand has rules act for the recipients, and for the senders, with a local part
// in any of the domains, always: they are in no list and cannot be switched off.
// Addresses of their own are not looked at. It replaces what stood before.
func (l *Rules) Stand(domains []string, recipients, senders map[string][]Rule) error {
	s := &standing{domains: map[string]bool{}}
	for _, d := range domains {
		s.domains[strings.ToLower(d)] = true
	}
	var err error
	if s.recipients, err = byLocalPart(recipients); err != nil {
		return err
	}
	if s.senders, err = byLocalPart(senders); err != nil {
		return err
	}
	l.standing.Store(s)
	return nil
}

func byLocalPart(rules map[string][]Rule) (map[string][]*rule, error) {
	ready := map[string][]*rule{}
	for local, list := range rules {
		local = strings.ToLower(local)
		for _, r := range list {
			r.Recipient, r.Sender = "", "" // found by the local part
			one, err := prepareRule(r)
			if err != nil {
				return nil, err
			}
			ready[local] = append(ready[local], one)
		}
	}
	return ready, nil
}

func (s *standing) matching(m Matter) []*rule {
	if s == nil {
		return nil
	}
	list := s.of(s.senders, m.Sender)
	for _, recipient := range m.Recipients {
		for _, r := range s.of(s.recipients, recipient) {
			if !slices.Contains(list, r) {
				list = append(list, r)
			}
		}
	}
	return slices.DeleteFunc(list, func(r *rule) bool { return !r.matches(m) })
}

// of are the rules of an address; not the list itself.
func (s *standing) of(rules map[string][]*rule, address string) []*rule {
	at := strings.LastIndexByte(address, '@')
	if at < 0 || !s.domains[strings.ToLower(address[at+1:])] {
		return nil
	}
	return slices.Clone(rules[strings.ToLower(address[:at])])
}

// Ruled tells whether any rule may have to do with a message: without, nobody
// needs to find out what a message is about.
func (s *Set) Ruled() bool {
	return s != nil && s.rules != nil && (s.rules.standing.Load() != nil || len(s.rules.now()) > 0)
}
