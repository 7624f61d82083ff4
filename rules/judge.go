package rules

// Need is something a judge cannot do without.
type Need string

// Needs that a view may or may not supply.
const (
	NeedSubmission Need = "the octets that were submitted"
	NeedTrust      Need = "the CA, the CRL and the directory at that instant"
	NeedJournal    Need = "the provider's log"
	NeedQuarantine Need = "the provider's store of infected messages"
	NeedRelay      Need = "the SMTP transactions between providers"
	NeedService    Need = "the provider's service mailbox"
	NeedSettled    Need = "a target that has settled"
)

// Judge answers for one rule. It is a pure function over evidence: it works out
// by itself what the rule demands and calls nothing that composes messages.
type Judge struct {
	Rule  string // id in the catalogue
	Looks string // one line: what it looks at, for `rules explain`
	Needs []Need // without them every check is inconclusive, with the need named
	Uses  []Need // it looks there too where they are given; where they are not, what it finds elsewhere is a failure or inconclusive, with the need named
	Look  func(*View, *Findings)

	// Each tells that it looks at the messages of the target one by one: what it
	// holds against one stays true wherever the scenario broke off.
	Each bool
}

// Where says where in the evidence the reason of a finding lies.
type Where struct {
	Message    string `json:"message,omitempty"`    // id of the message in the scenario, "m3"
	Submission string `json:"submission,omitempty"` // id of the submission, "s1"
	Blob       string `json:"blob,omitempty"`       // SHA-256 of the octets
	Part       string `json:"part,omitempty"`       // e.g. "header Subject", "daticert.xml", "text"
	Attempt    int    `json:"attempt,omitempty"`    // at the scenario, from 1, that was given up later; 0: the one that counts
}

// Findings collects what one judge finds in one scenario. A judge that calls
// none of its methods has not been exercised there.
type Findings struct {
	list []finding
}

type finding struct {
	answer   answer
	where    Where
	expected string
	seen     string
	need     string
}

type answer int

const (
	holds answer = iota
	broken
	deviates
	observed
	warned
	unable
)

// Holds records that the rule was exercised there and is kept.
func (f *Findings) Holds(where Where, seen string) {
	f.list = append(f.list, finding{answer: holds, where: where, seen: seen})
}

// Broken records that the rule is broken there, whatever the profile: it is
// worth the violation of the catalogue (fail, warn or observe).
func (f *Findings) Broken(where Where, expected, seen string) {
	f.list = append(f.list, finding{answer: broken, where: where, expected: expected, seen: seen})
}

// Deviates records a breach that the catalogue's practice entry forgives: the
// violation of the letter in profile strict, the practice violation otherwise.
func (f *Findings) Deviates(where Where, expected, seen string) {
	f.list = append(f.list, finding{answer: deviates, where: where, expected: expected, seen: seen})
}

// Warns records something that is reported as a warning in both profiles
// though the rule is kept (an outcome the catalogue says is "only reported").
func (f *Findings) Warns(where Where, expected, seen string) {
	f.list = append(f.list, finding{answer: warned, where: where, expected: expected, seen: seen})
}

// Observes records a fact where the rules do not decide.
func (f *Findings) Observes(where Where, seen string) {
	f.list = append(f.list, finding{answer: observed, where: where, seen: seen})
}

// Unable records that an answer was due but could not be given, and why.
func (f *Findings) Unable(where Where, need string) {
	f.list = append(f.list, finding{answer: unable, where: where, need: need})
}

// Check is one answer about one rule in one scenario: what the report shows.
type Check struct {
	Rule     string  `json:"rule"`
	Scenario string  `json:"scenario"`
	By       string  `json:"by"`              // "judge", or the name of the expectation
	Asked    string  `json:"asked,omitempty"` // by an expectation: what it asks, see askedAs
	Verdict  Verdict `json:"verdict"`
	Count    int     `json:"count,omitempty"` // how many places gave this same answer (passes are summed)
	Expected string  `json:"expected,omitempty"`
	Seen     string  `json:"seen,omitempty"`
	Need     string  `json:"need,omitempty"`
	Because  string  `json:"because,omitempty"` // why practice forgives
	Where    Where   `json:"where,omitzero"`
	Beside   bool    `json:"-"` // not exercised: the need is of one place of several where the judge looks
}
