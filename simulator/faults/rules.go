package faults

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Rule switches a fault on while a provider runs: for what it matches, and as
// often as it says. Empty fields match everything. The JSON form is that of the
// control API.
type Rule struct {
	ID string `json:"id"` // given when it is switched on

	// Fault is the id of a fault, or PersonalityPrefix and that of a personality;
	// when it is empty the rule does Act, and then what Then says.
	Fault string `json:"fault,omitempty"`
	Act   Act    `json:"act,omitzero"`
	Then  []Act  `json:"then,omitempty"`

	Provider  string `json:"provider,omitempty"`  // service domain of who misbehaves
	Sender    string `json:"sender,omitempty"`    // of the original; * stands for anything
	Recipient string `json:"recipient,omitempty"` // one of those concerned; * stands for anything
	Subject   string `json:"subject,omitempty"`   // a part of the original's, in any letter case
	Kind      string `json:"kind,omitempty"`      // variants of drafts or groups of them, separated by blanks

	// Of the messages matched the first Skip are left alone, the next Times are
	// touched, and the rest is left alone again; Times 0 touches all the rest.
	Skip  int `json:"skip,omitempty"`
	Times int `json:"times,omitempty"`

	Matched int `json:"matched"` // so many messages were
	Touched int `json:"touched"` // so many of them
	// Restart says that a provider has to be restarted for the fault to act, or
	// to stop acting: it concerns what is decided at its start.
	Restart bool `json:"restart,omitempty"`
}

// ErrNoRule says that there is no rule with an id.
var ErrNoRule = errors.New("no such rule")

// MaxRules is how many rules may be on at a time.
const MaxRules = 1000

// Rules are the rules of one world. Safe for concurrent use; it costs next to
// nothing while there are none.
type Rules struct {
	changing sync.Mutex
	sequence int
	list     atomic.Pointer[[]*rule]
	standing atomic.Pointer[standing]
}

// rule is a Rule made ready.
type rule struct {
	Rule
	acts              []act
	personal          bool
	sender, recipient *regexp.Regexp // nil: any
	subject           string

	mu               sync.Mutex
	matched, touched int
}

// NewRules makes an empty list.
func NewRules() *Rules { return &Rules{} }

// Add switches a rule on and returns it with its id. An id that is taken, an
// unknown fault and limits that the fault cannot keep are errors.
func (l *Rules) Add(r Rule) (Rule, error) {
	ready, err := prepareRule(r)
	if err != nil {
		return Rule{}, err
	}
	l.changing.Lock()
	defer l.changing.Unlock()
	old := l.now()
	if len(old) >= MaxRules {
		return Rule{}, fmt.Errorf("faults: %d rules are on, which is the most; switch some off", MaxRules)
	}
	if ready.ID == "" {
		l.sequence++
		ready.ID = fmt.Sprintf("rule-%d", l.sequence)
	}
	if slices.ContainsFunc(old, func(o *rule) bool { return o.ID == ready.ID }) {
		return Rule{}, fmt.Errorf("faults: a rule %q is on already; switch it off, or leave the id out to be given one", ready.ID)
	}
	list := append(slices.Clip(old), ready)
	l.list.Store(&list)
	return ready.state(), nil
}

// Remove switches a rule off. ErrNoRule.
func (l *Rules) Remove(id string) error {
	l.changing.Lock()
	defer l.changing.Unlock()
	old := l.now()
	i := slices.IndexFunc(old, func(o *rule) bool { return o.ID == id })
	if i < 0 {
		return fmt.Errorf("%w: %q", ErrNoRule, id)
	}
	list := slices.Delete(slices.Clone(old), i, i+1)
	l.list.Store(&list)
	return nil
}

// Clear switches all of them off and returns their ids.
func (l *Rules) Clear() []string {
	l.changing.Lock()
	defer l.changing.Unlock()
	var ids []string
	for _, r := range l.now() {
		ids = append(ids, r.ID)
	}
	l.list.Store(nil)
	return ids
}

// List returns the rules that are on, in the order in which they were switched
// on, with how often they acted.
func (l *Rules) List() []Rule {
	all := []Rule{}
	for _, r := range l.now() {
		all = append(all, r.state())
	}
	return all
}

func (l *Rules) now() []*rule {
	if list := l.list.Load(); list != nil {
		return *list
	}
	return nil
}

func (r *rule) state() Rule {
	r.mu.Lock()
	defer r.mu.Unlock()
	state := r.Rule
	state.Matched, state.Touched = r.matched, r.touched
	return state
}

// prepareRule checks a rule and makes it ready.
func prepareRule(r Rule) (*rule, error) {
	r.Matched, r.Touched, r.Restart = 0, 0, false
	ready := &rule{Rule: r, sender: wild(r.Sender), recipient: wild(r.Recipient), subject: strings.ToLower(r.Subject)}
	if r.Skip < 0 || r.Times < 0 {
		return nil, fmt.Errorf("faults: skip %d, times %d: want no less than 0", r.Skip, r.Times)
	}
	var err error
	switch {
	case r.Fault != "" && (r.Act.Operator != "" || len(r.Then) > 0):
		return nil, fmt.Errorf("faults: a rule names either a fault or an act, this one has both: %q and %q", r.Fault, r.Act.Operator)
	case r.Fault != "":
		ready.acts, ready.personal, err = actsOf(r.Fault, known())
	default:
		for _, a := range append([]Act{r.Act}, r.Then...) {
			var one act
			if one, err = prepare("rule", a); err != nil {
				break
			}
			ready.acts = append(ready.acts, one)
		}
	}
	if err != nil {
		return nil, err
	}
	kinds, err := expand("rule", strings.Fields(r.Kind))
	if err != nil {
		return nil, err
	}
	for i := range ready.acts {
		if err := ready.limit(&ready.acts[i], kinds); err != nil {
			return nil, err
		}
	}
	return ready, nil
}

// limit gives an act the kinds of its rule, and sees that it can keep the
// rule's limits.
func (r *rule) limit(a *act, kinds map[string]bool) error {
	drafted := slices.Contains([]Point{AtDraft, AtContent, AtSigner, AtSealed, AtEmission}, a.point)
	counted := r.Skip > 0 || r.Times > 0
	switch {
	case len(kinds) > 0 && !drafted && !r.personal:
		return fmt.Errorf("faults: what the rule does at %q concerns no kind of message: leave kind %q out", a.point, r.Kind)
	case (a.point == AtBehaviour || a.point == AtIdentity) && !r.personal && (r.filters() || counted):
		return fmt.Errorf("faults: %s changes a provider as a whole: it can be limited to a provider, not to messages; leave sender, recipient, subject, kind, skip and times out", r.name())
	}
	r.Restart = r.Restart || a.point == AtBehaviour && atStart[a.arguments["name"]]
	switch {
	case len(kinds) == 0 || !drafted:
	case len(a.variants) == 0:
		a.variants = kinds
	default:
		both := map[string]bool{}
		for v := range a.variants {
			if kinds[v] {
				both[v] = true
			}
		}
		if len(both) == 0 {
			return fmt.Errorf("faults: %s touches none of the kinds %q", r.name(), r.Kind)
		}
		a.variants = both
	}
	return nil
}

func (r *rule) name() string {
	if r.Fault != "" {
		return r.Fault
	}
	return r.Act.Operator
}

// filters tells whether the rule is about some messages only.
func (r *rule) filters() bool {
	return r.sender != nil || r.recipient != nil || r.subject != "" || r.Kind != ""
}

// wild is a pattern of addresses in which * stands for anything; nil for "".
func wild(pattern string) *regexp.Regexp {
	if pattern == "" || pattern == "*" {
		return nil
	}
	return regexp.MustCompile("(?i)^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$")
}

// atStart are the behaviours that a provider asks about when it starts, and not
// again.
var atStart = map[string]bool{
	"accept-unauthenticated": true, "accept-clear-auth": true, "no-starttls": true, "old-tls": true, "imap-in-clear": true,
	"relay-in-clear": true, "relay-falls-back-to-clear": true, "relay-gives-up-at-once": true, "relay-gives-up-after-an-hour": true,
	"relay-retries-for-ever": true, "relay-retries-refusals": true,
	"forty-recipients": true, "any-size": true, "size-refused-by-smtp": true,
	"journal-29-months": true, "journal-saved-weekly": true,
	"directory-any-server": true, "directory-over-http": true, "directory-no-client-certificate": true,
	"directory-other-client-certificate": true, "directory-separate-client-certificate": true,
}
