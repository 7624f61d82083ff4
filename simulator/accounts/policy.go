package accounts

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
)

// Channel is a way by which somebody who lost a password is reached.
type Channel string

// Channels of recovery.
const (
	ByEmail    Channel = "email"    // a link that works once, to the holder's ordinary address
	BySMS      Channel = "sms"      // a code that works once, to the holder's telephone
	ByQuestion Channel = "question" // the answer to the holder's secret question
)

// Policy is what a provider chose for the mailboxes of a domain: the technical
// rules say nothing of a mailbox's life, so every figure is the provider's own.
// Days and months are those of the calendar in legal time. A figure of zero is
// the usual one, or switches the matter off where it says so.
type Policy struct {
	// GraceDays go by between expiry and deletion: up to that instant the mailbox
	// can be renewed with all that it holds. Usual: 90, or 30 for an own domain.
	GraceDays         int `json:"graceDays,omitempty"`
	ActivationMinutes int `json:"activationMinutes,omitempty"` // before a new mailbox can be used; 0: at once
	TermMonths        int `json:"termMonths,omitempty"`        // of a subscription; usual: 12

	// LockAttempts wrong passwords within LockWindowMinutes (usual: 15), over all
	// protocols together, lock a mailbox for LockMinutes (0: until somebody
	// unlocks it). 0 attempts: never.
	LockAttempts      int `json:"lockAttempts,omitempty"`
	LockWindowMinutes int `json:"lockWindowMinutes,omitempty"`
	LockMinutes       int `json:"lockMinutes,omitempty"`
	// ResetKeepsLock says that a new password does not lift a lock for wrong ones.
	ResetKeepsLock bool `json:"resetKeepsLock,omitempty"`

	// FarAwayKmh is the speed at which nobody travels: two sign-ins from places
	// that it would take more to get between lock the mailbox. 0: never.
	// FarAwayKm is the distance from which on it is looked at; usual: 500.
	FarAwayKmh int `json:"farAwayKmh,omitempty"`
	FarAwayKm  int `json:"farAwayKm,omitempty"`

	InactivityDays int `json:"inactivityDays,omitempty"` // without a sign-in until the mailbox is locked; 0: never

	// Channels of recovery that are offered; usual: e-mail. An expired mailbox, or
	// one that is gone, is recovered by hand only.
	Channels        []Channel `json:"channels,omitempty"`
	NoKnowledge     bool      `json:"noKnowledge,omitempty"`     // the holder's tax code is not asked for
	LinkMinutes     int       `json:"linkMinutes,omitempty"`     // for which a mailed link works; usual: 60
	CodeMinutes     int       `json:"codeMinutes,omitempty"`     // for which an SMS code works; usual: 10
	RecoveryPerHour int       `json:"recoveryPerHour,omitempty"` // attempts per mailbox and channel; usual: 5
	ManualDays      int       `json:"manualDays,omitempty"`      // working days within which a request by hand is dealt with; usual: 3

	Plans  map[string]int64 `json:"plans,omitempty"`  // quota in bytes by name; usual: standard, pro, premium
	Rights map[State]Rights `json:"rights,omitempty"` // of states that are not treated as usual
}

// Busy is a policy with everything switched on, with figures as providers
// publish them, for worlds in which a mailbox's life is looked at.
func Busy() Policy {
	return Policy{
		ActivationMinutes: 10, LockAttempts: 5, LockMinutes: 30, FarAwayKmh: 900,
		InactivityDays: 180, Channels: []Channel{ByEmail, BySMS, ByQuestion},
	}
}

// complete fills in the usual figures.
func (p Policy) complete(own bool) Policy {
	set := func(figure *int, usual int) {
		if *figure == 0 {
			*figure = usual
		}
	}
	grace := 90
	if own {
		grace = 30
	}
	set(&p.GraceDays, grace)
	set(&p.TermMonths, 12)
	set(&p.LockWindowMinutes, 15)
	set(&p.FarAwayKm, 500)
	set(&p.LinkMinutes, 60)
	set(&p.CodeMinutes, 10)
	set(&p.RecoveryPerHour, 5)
	set(&p.ManualDays, 3)
	if p.Channels == nil {
		p.Channels = []Channel{ByEmail}
	}
	return p
}

// plans are the quotas by name.
func (p Policy) plans() map[string]int64 {
	if p.Plans == nil {
		return map[string]int64{"standard": 1 << 30, "pro": 2 << 30, "premium": 4 << 30}
	}
	return p.Plans
}

// check finds figures that mean nothing.
func (p Policy) check() error {
	for name, figure := range map[string]int{
		"graceDays": p.GraceDays, "activationMinutes": p.ActivationMinutes, "termMonths": p.TermMonths, "lockAttempts": p.LockAttempts,
		"lockWindowMinutes": p.LockWindowMinutes, "lockMinutes": p.LockMinutes, "farAwayKmh": p.FarAwayKmh, "farAwayKm": p.FarAwayKm,
		"inactivityDays": p.InactivityDays, "linkMinutes": p.LinkMinutes, "codeMinutes": p.CodeMinutes,
		"recoveryPerHour": p.RecoveryPerHour, "manualDays": p.ManualDays,
	} {
		if figure < 0 {
			return fmt.Errorf("%w: policy: %s is %d: want 0 or more", ErrAsked, name, figure)
		}
	}
	for _, c := range p.Channels {
		if c != ByEmail && c != BySMS && c != ByQuestion {
			return fmt.Errorf("%w: policy: channel %q: want one of email, sms, question", ErrAsked, c)
		}
	}
	for state, r := range p.Rights {
		if !slices.Contains(States(), state) {
			return fmt.Errorf("%w: policy: rights of %q: want one of %v", ErrAsked, state, States())
		}
		if r.Send != MaySend && r.Send != SendByNotice && r.Send != SendRefused {
			return fmt.Errorf("%w: policy: rights of %s: send is %q: want yes, notice or refused", ErrAsked, state, r.Send)
		}
		if r.Refusal != "" && r.Refusal != "altro" && r.Refusal != "no-dest" {
			return fmt.Errorf("%w: policy: rights of %s: refusal is %q: want altro or no-dest", ErrAsked, state, r.Refusal)
		}
		if state.Gone() && (r.SignIn || r.Read || r.Receive || r.Send == MaySend) {
			return fmt.Errorf("%w: policy: rights of %s: there is no mailbox any more that could be used", ErrAsked, state)
		}
	}
	return nil
}

// rights are what a state lets happen.
func (p Policy) rights(s State) Rights {
	if r, ok := p.Rights[s]; ok {
		return r
	}
	return usual(s)
}

// Policies are those of a provider.
type Policies struct {
	Policy  Policy            `json:"policy"`            // of all domains without one of their own
	Domains map[string]Policy `json:"domains,omitempty"` // by domain
	// Own are domains that belong to a customer, with the address of the
	// postmaster, who looks after all mailboxes of that domain and of no other.
	Own map[string]string `json:"own,omitempty"`
}

// Of is the policy of a domain, with every figure filled in.
func (p Policies) Of(domain string) Policy {
	chosen := p.Policy
	for d, policy := range p.Domains {
		if strings.EqualFold(d, domain) {
			chosen = policy
		}
	}
	return chosen.complete(p.Postmaster(domain) != "")
}

// Postmaster is who looks after an own domain, "" for any other domain.
func (p Policies) Postmaster(domain string) string {
	for d, address := range p.Own {
		if strings.EqualFold(d, domain) {
			return strings.ToLower(address)
		}
	}
	return ""
}

// Check finds figures that mean nothing.
func (p Policies) Check() error {
	if err := p.Policy.check(); err != nil {
		return err
	}
	for _, d := range slices.Sorted(maps.Keys(p.Domains)) {
		if err := p.Domains[d].check(); err != nil {
			return fmt.Errorf("domain %s: %w", d, err)
		}
	}
	for _, d := range slices.Sorted(maps.Keys(p.Own)) {
		if !strings.EqualFold(domainOf(p.Own[d]), d) {
			return fmt.Errorf("%w: own domain %s: its postmaster is %q: want an address of that domain", ErrAsked, d, p.Own[d])
		}
	}
	return nil
}

// days later, at the same hour of legal time.
func days(at time.Time, n int) time.Time { return clock.Legal(at).AddDate(0, 0, n) }

func months(at time.Time, n int) time.Time { return clock.Legal(at).AddDate(0, n, 0) }

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}
