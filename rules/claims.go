package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/directory"
)

// What a target claims and the run contradicts. A claim is the target's word
// about itself, not a duty of the rules: a wrong one is a warning at each rule
// that binds only those who claim it, and never a failure of that rule, which
// was not exercised. Without the claim those rules are inapplicable.

// ByClaim is who makes a check about a claim.
const ByClaim = "claim"

// Contradiction is a capability that the target claims and that showed nowhere,
// though there was occasion.
type Contradiction struct {
	Claim    Capability `json:"claim"`
	Expected string     `json:"expected"` // how it would have shown
	Seen     string     `json:"seen"`     // at the first occasion
	Count    int        `json:"count"`    // occasions, all of them without it
	Scenario string     `json:"scenario"` // of the first
	Where    Where      `json:"where,omitzero"`
}

// claimLook is how a capability shows in the evidence of a scenario, and how
// its absence does.
type claimLook struct {
	claim    Capability
	expected string
	look     func(*View, *claimSigns)
}

// claimLooks has one for every capability.
func claimLooks() []claimLook {
	return []claimLook{
		{ClaimHTMLText, "readable text in HTML as well, in what the target writes", lookForHTML},
		{ClaimOrdinaryRecipients, "messages to ordinary mailboxes are accepted", lookForOrdinaryRecipients},
		{ClaimOrdinaryMail, "ordinary mail to mailboxes of the target is taken in", lookForOrdinaryMail},
		{ClaimSecondaryEnvironments, "a record of a secondary environment of the target in the directory", lookForEnvironments},
		{ClaimSeveralDomains, "several domains for users of the target in the directory", lookForDomains},
	}
}

// claimSigns are the occasions of one capability, in one scenario.
type claimSigns struct {
	shown  bool
	denied int
	seen   string // at the first occasion without it
	where  Where
}

func (s *claimSigns) denies(where Where, seen string) {
	if s.denied++; s.denied == 1 {
		s.where, s.seen = where, seen
	}
}

// signsOf looks for every capability in a scenario that went to its end.
func (v *View) signsOf() map[Capability]claimSigns {
	signs := map[Capability]claimSigns{}
	for _, l := range claimLooks() {
		var s claimSigns
		l.look(v, &s)
		signs[l.claim] = s
	}
	return signs
}

// contradictions puts together what the scenarios showed of what is claimed.
// One sign of it anywhere is enough to bear a claim out; where there was no
// occasion nothing is said. A shard has seen too little to say anything.
func contradictions(run evidence.Run, claims map[string]bool, scenarios []ScenarioResult, signs map[string]map[Capability]claimSigns) []Contradiction {
	if run.Shard != nil {
		return nil
	}
	var all []Contradiction
	for _, l := range claimLooks() {
		if !claims[string(l.claim)] {
			continue
		}
		found, shown := Contradiction{Claim: l.claim, Expected: l.expected}, false
		for _, scenario := range scenarios {
			s := signs[scenario.ID][l.claim]
			shown = shown || s.shown
			if found.Count == 0 {
				found.Seen, found.Where, found.Scenario = s.seen, s.where, scenario.ID
			}
			found.Count += s.denied
		}
		if !shown && found.Count > 0 {
			all = append(all, found)
		}
	}
	return all
}

// claimChecks are the checks by which a contradiction stands at its rules.
func (court *Court) claimChecks(c Contradiction) []Check {
	var checks []Check
	for _, law := range court.Catalogue.Rules {
		if law.Capability == c.Claim {
			checks = append(checks, Check{
				Rule: law.ID, Scenario: c.Scenario, By: ByClaim, Verdict: Warn, Count: c.Count,
				Expected: "as the target claims " + string(c.Claim) + ": " + c.Expected,
				Seen:     "claim contradicted: " + c.Seen, Where: c.Where,
			})
		}
	}
	return checks
}

// claimAlone tells that nothing is known of the rule but that its claim is wrong.
func (rr *RuleResult) claimAlone() bool {
	return len(rr.Checks) > 0 && !slices.ContainsFunc(rr.Checks, func(c Check) bool { return c.By != ByClaim })
}

// contradicted says it at the end of the sentence about the run.
func contradicted(all []Contradiction) string {
	if len(all) == 0 {
		return ""
	}
	var names []string
	for _, c := range all {
		names = append(names, string(c.Claim))
	}
	return "; claim contradicted: " + strings.Join(names, ", ")
}

func lookForHTML(v *View, s *claimSigns) {
	for _, m := range v.systemMessages() {
		switch {
		case m.PEC.HTMLText != nil:
			s.shown = true
		case m.PEC.PlainText != nil:
			s.denies(m.Where("text"), about(m)+" has plain text alone")
		}
	}
}

func lookForOrdinaryRecipients(v *View, s *claimSigns) {
	for _, t := range accessSubmissions(v) {
		if t.Infected != "" || !conforming(v, t) || !slices.ContainsFunc(t.Recipients, func(r evidence.RecipientReply) bool {
			box := v.Case.Mailbox(r.Address)
			return box != nil && box.Role == evidence.OrdinaryMailbox
		}) {
			continue
		}
		switch o := outcomeOf(t); {
		case o.accepted():
			s.shown = true
		case o.stage != "" && !o.temporary():
			s.denies(t.Where("SMTP"), "a message to an ordinary mailbox: "+refusal(t))
		case len(o.notices) > 0:
			s.denies(o.notices[0].Where(""), "a message to an ordinary mailbox: non-acceptance"+noticeReason(o.notices[0]))
		}
	}
}

// lookForOrdinaryMail looks at mail from the ordinary host in which nothing is
// wrong, to users alone. What imitates certified mail a provider may refuse.
func lookForOrdinaryMail(v *View, s *claimSigns) {
	for _, t := range v.ordinaryTransactions() {
		if t.Dispatch != nil || t.Infected != "" || t.Intent.DamagedAt != "" || !v.judged(t.Host) {
			continue
		}
		users := !slices.ContainsFunc(t.Recipients, func(r evidence.RecipientReply) bool {
			box := v.Case.Mailbox(r.Address)
			return box == nil || box.Role != evidence.UserMailbox
		})
		switch o := outcomeOf(t); {
		case o.stage == "" && !o.unanswered:
			s.shown = true // taken in: that it then reaches the mailbox is PEC-ANO-001
		case users && o.stage != "" && !o.temporary():
			s.denies(t.Where("SMTP"), "ordinary mail: "+refusal(t))
		}
	}
}

// recordsOfTarget calls look with what the directory says of each judged
// provider; with nil where no directory was seen.
func (v *View) recordsOfTarget(look func(p *evidence.Provider, records []*directory.Record)) {
	for i := range v.Case.World.Providers {
		p := &v.Case.World.Providers[i]
		switch {
		case p.Emitter != evidence.Target:
		case v.Trust == nil || v.Trust.Directory == nil:
			look(p, nil)
		default:
			if records := recordsOf(v.Trust.Directory, p.Name); len(records) > 0 {
				look(p, records)
			}
		}
	}
}

func lookForEnvironments(v *View, s *claimSigns) {
	v.recordsOfTarget(func(p *evidence.Provider, records []*directory.Record) {
		switch {
		case slices.ContainsFunc(records, isSecondary):
			s.shown = true
		case len(records) > 0:
			s.denies(Where{Blob: v.Trust.Trust.Directory}, "the directory has of "+p.Name+" "+plural(len(records), "record")+" and no secondary environment")
		}
	})
}

// lookForDomains leaves the service domain aside, unless users live there. Where
// no directory was seen the description of the target stands for it.
func lookForDomains(v *View, s *claimSigns) {
	v.recordsOfTarget(func(p *evidence.Provider, records []*directory.Record) {
		domains, where := p.Domains, Where{}
		if records != nil {
			domains, where = nil, Where{Blob: v.Trust.Trust.Directory}
			for _, r := range records {
				domains = append(domains, r.ManagedDomains...)
			}
		}
		var forUsers []string
		for _, d := range domains {
			d = strings.ToLower(strings.TrimSpace(d))
			if !slices.Contains(forUsers, d) && (!strings.EqualFold(d, domainOf(p.ServiceAddress)) || v.usersIn(d)) {
				forUsers = append(forUsers, d)
			}
		}
		if len(forUsers) > 1 {
			s.shown = true
			return
		}
		s.denies(where, fmt.Sprintf("%s has %s for users: %s", p.Name, plural(len(forUsers), "domain"), shownList(forUsers)))
	})
}

func (v *View) usersIn(domain string) bool {
	return slices.ContainsFunc(v.Case.World.Mailboxes, func(m evidence.Mailbox) bool {
		return m.Role == evidence.UserMailbox && strings.EqualFold(domainOf(m.Address), domain)
	})
}
