package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// Account is what became of a rule in a run, as coverage counts it.
type Account string

// Accounts of rules. Every rule of the catalogue has exactly one.
const (
	AccountJudged       Account = "judged"        // exercised by at least one check, whatever came out
	AccountExcluded     Account = "excluded"      // with a reason
	AccountDeclared     Account = "declared"      // excluded, and the provider declares that it keeps it: never a pass
	AccountInapplicable Account = "inapplicable"  // an optional capability that the target does not claim
	AccountInconclusive Account = "inconclusive"  // something that was needed was missing, or the harness failed
	AccountNotExercised Account = "not exercised" // judged, and no scenario brought the case about
	AccountUnaccounted  Account = "unaccounted"   // neither judged nor excluded
	AccountNotAsked     Account = "not asked for" // the run was about other rules
)

// Accounts lists the accounts in the order in which they are told.
func Accounts() []Account {
	return []Account{
		AccountJudged, AccountExcluded, AccountDeclared, AccountInapplicable,
		AccountInconclusive, AccountNotExercised, AccountUnaccounted, AccountNotAsked,
	}
}

// Coverage says of every rule what became of it in a run, and which scenarios
// and judges serve no rule. It is computed from the verdicts that were given,
// not from what somebody meant to test.
type Coverage struct {
	Families []FamilyCoverage
	Total    map[Account]int
	Rules    int

	Excluded []RuleAccount // with their reasons, declared ones included
	Open     []RuleAccount // inapplicable, inconclusive, not exercised or unaccounted, with why
	Idle     []string      // scenarios that are tagged with no rule
	Strays   []string      // scenarios or judges that name a rule which the catalogue has not
}

// FamilyCoverage is the coverage of one family of rules.
type FamilyCoverage struct {
	Code, Title string
	Rules       int
	Count       map[Account]int
}

// RuleAccount is a rule and what became of it.
type RuleAccount struct {
	ID, Title, Kind string
	Account         Account
	Reason          string
	Declarable      bool
}

// Cover computes the coverage of a run, and tells it in English.
func Cover(result *rules.Result, catalogue *rules.Catalogue) *Coverage {
	return coverIn(english(), result, catalogue)
}

// coverIn computes it, with titles and reasons in a language. Reasons of the
// catalogue are in English only.
func coverIn(w *words.Words, result *rules.Result, catalogue *rules.Catalogue) *Coverage {
	c := &Coverage{Total: map[Account]int{}, Rules: len(catalogue.Rules)}
	found := byRule(result)
	for _, family := range catalogue.Families {
		part := FamilyCoverage{Code: family.Code, Title: pick(w, family.Title), Rules: len(family.Rules), Count: map[Account]int{}}
		for _, law := range family.Rules {
			a := accountOf(w, law, found[law.ID])
			part.Count[a.Account]++
			c.Total[a.Account]++
			switch a.Account {
			case AccountExcluded, AccountDeclared:
				c.Excluded = append(c.Excluded, a)
			case AccountJudged, AccountNotAsked:
			default:
				c.Open = append(c.Open, a)
			}
		}
		c.Families = append(c.Families, part)
	}
	c.reverse(result, catalogue)
	return c
}

// reverse finds the scenarios and judges that serve no rule.
func (c *Coverage) reverse(result *rules.Result, catalogue *rules.Catalogue) {
	for _, s := range result.Scenarios {
		if len(s.Rules) == 0 {
			c.Idle = append(c.Idle, s.ID)
		}
		for _, id := range s.Rules {
			if _, known := catalogue.Rule(id); !known {
				c.Strays = append(c.Strays, fmt.Sprintf("scenario %s: %s", s.ID, id))
			}
		}
	}
	for _, j := range rules.Judges() {
		if _, known := catalogue.Rule(j.Rule); !known {
			c.Strays = append(c.Strays, "judge: "+j.Rule)
		}
	}
	for _, r := range result.Rules {
		if _, known := catalogue.Rule(r.ID); !known {
			c.Strays = append(c.Strays, "run.json: "+r.ID)
		}
	}
	slices.Sort(c.Strays)
}

func accountOf(w *words.Words, law *rules.Rule, result *rules.RuleResult) RuleAccount {
	a := RuleAccount{ID: law.ID, Title: pick(w, law.Title)}
	if result != nil {
		a.Reason, _ = w.Said(result.Reason)
	}
	switch {
	case result == nil:
		a.Account = AccountNotAsked
	case result.Verdict.Exercised():
		a.Account = AccountJudged
	case result.Verdict == rules.Inapplicable:
		a.Account = AccountInapplicable
	case result.Verdict == rules.NotExercised && law.Excluded != nil && !result.Judged:
		a.Account, a.Kind, a.Declarable = AccountExcluded, string(law.Excluded.Kind), law.Excluded.Declarable
		if result.Declared {
			a.Account = AccountDeclared
		}
	case result.Verdict == rules.NotExercised && !result.Judged:
		a.Account = AccountUnaccounted
	case result.Verdict == rules.NotExercised:
		a.Account = AccountNotExercised
	default: // inconclusive, an error of the harness, or a verdict that this version does not know
		a.Account = AccountInconclusive
		a.Reason = reasonIn(w, result.Reason).Text
		if a.Reason == "" && len(result.Checks) > 0 {
			worst := result.Checks[0]
			for _, check := range result.Checks {
				if check.Verdict.Worse(worst.Verdict) {
					worst = check
				}
			}
			a.Reason = strings.TrimSpace(needList(w, splitNeeds(worst.Need)) + " " + worst.Seen)
		}
	}
	return a
}

// Sound tells that every rule is judged or excluded by name, every scenario
// and judge serves a rule, and no id is unknown.
func (c *Coverage) Sound() bool {
	return c.Total[AccountUnaccounted] == 0 && len(c.Idle) == 0 && len(c.Strays) == 0
}

// Complete tells that besides nothing was left unexercised or unconcluded.
func (c *Coverage) Complete() bool {
	return c.Sound() && c.Total[AccountNotExercised] == 0 && c.Total[AccountInconclusive] == 0
}

// shown are the accounts that occur, and those that a reader looks for.
func (c *Coverage) shown() []Account {
	var list []Account
	for _, a := range Accounts() {
		if c.Total[a] > 0 || a == AccountJudged || a == AccountExcluded || a == AccountNotExercised || a == AccountUnaccounted {
			list = append(list, a)
		}
	}
	return list
}

// closing is the sentence that a reader takes away.
func (c *Coverage) closing(w *words.Words) string {
	switch {
	case c.Complete():
		return w.Text("coverage.complete", c.Total[AccountJudged], c.rest(w))
	case c.Sound():
		return w.Text("coverage.sound", c.Total[AccountNotExercised], c.Total[AccountInconclusive])
	}
	return w.Text("coverage.unsound", c.Total[AccountUnaccounted], len(c.Idle), len(c.Strays))
}

func newCoverageView(w *words.Words, c *Coverage) *coverageView {
	return &coverageView{c, c.shown(), c.closing(w)}
}

// in is what became of a rule, in the language of a page.
func (a Account) in(w *words.Words) string {
	return w.Text("account." + strings.ReplaceAll(string(a), " ", "-"))
}

// rest says what became of the rules that were not judged.
func (c *Coverage) rest(w *words.Words) string {
	var parts []string
	for _, a := range []Account{AccountExcluded, AccountDeclared, AccountInapplicable, AccountNotAsked} {
		if n := c.Total[a]; n > 0 || a == AccountExcluded {
			parts = append(parts, fmt.Sprintf("%d %s", n, a.in(w)))
		}
	}
	return strings.Join(parts, ", ")
}
