package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
)

// grade says how surely a submission must be refused.
type grade int

const (
	firm     grade = iota // the rules demand refusal
	forgiven              // they do, and practice forgives who accepts
	open                  // the rules do not decide: either outcome is recorded
)

// breach is one thing in a submission that speaks against accepting it.
type breach struct {
	rule   string // id in the catalogue
	detail string // what is wrong, for a person
	grade  grade
}

// guaranteedBytes is the product of size and recipients that every provider has
// to accept (decree of 2 November 2005, article 12(2); decision D-05). Read as
// decimal megabytes, which both readings of "30 MB" guarantee.
const guaranteedBytes = 30_000_000

// breachesOf works out, from the submitted octets and the SMTP dialogue, which
// checks of the access point the submission does not pass (RFC 6109 3.1.1,
// 3.1.3). Breaches that another one brings about by itself are left out: who has
// no To field is not also blamed for recipients that To does not list.
func breachesOf(v *View, t *Transaction) []breach {
	return t.breaches.or(func() []breach { return findBreaches(v, t) })
}

func findBreaches(v *View, t *Transaction) []breach {
	var b breachList
	b.account(t)
	b.size(v, t)
	if t.Sent != nil { // nothing is kept of a large message that SMTP refused
		b.from(t)
		b.to(t)
		b.forwardPaths(t)
		b.bcc(t)
		b.form(t)
	}
	if scannerKnows(t, t.Host) {
		b.add("PEC-NAV-001", firm, "it holds the test virus %s", t.Infected)
	}
	return b
}

type breachList []breach

func (b *breachList) add(rule string, g grade, format string, args ...any) {
	*b = append(*b, breach{rule, fmt.Sprintf(format, args...), g})
}

// account: the reverse path belongs to who authenticated (RFC 6109 5.2).
func (b *breachList) account(t *Transaction) {
	if foreignReversePath(t) {
		b.add("PEC-AP-002", firm, "authenticated as %s, reverse path %s", t.Account, t.sender())
	}
}

func foreignReversePath(t *Transaction) bool {
	return strings.Contains(t.Account, "@") && t.sender() != "" && !strings.EqualFold(t.Account, t.sender())
}

func (b *breachList) from(t *Transaction) {
	if !t.Sent.Has("From") {
		b.add("PEC-AP-005", firm, "there is no From field")
		return
	}
	value := t.Sent.Value("From")
	list, err := pec.ParseAddressList(value)
	bare, _ := outsideQuotes(value)
	switch {
	case err != nil:
		b.add("PEC-AP-006", firm, "From %s is not an RFC 5322 address: %v", shown(value), err)
		return
	case strings.Contains(bare, ":"):
		b.add("PEC-AP-006", firm, "From %s is a group, not an address", shown(value))
		return
	case len(list) == 0:
		b.add("PEC-AP-006", firm, "From %s holds no address", shown(value))
		return
	case len(list) > 1:
		b.add("PEC-AP-007", open, "From holds %d mailboxes: %s", len(list), shown(value))
	}
	all, _ := addressesIn(t.Sent, "From")
	switch {
	case !lists(all, t.sender()):
		b.add("PEC-AP-010", firm, "reverse path <%s>, From %s", t.sender(), shownList(all))
	case !slices.Contains(all, t.sender()):
		b.add("PEC-AP-011", open, "reverse path <%s>, From %s: they differ in letter case", t.sender(), shownList(all))
	}
}

func (b *breachList) to(t *Transaction) {
	values := t.Sent.Values("To")
	if len(values) == 0 {
		b.add("PEC-AP-008", firm, "there is no To field")
		return
	}
	all, readable := addressesIn(t.Sent, "To")
	value := strings.Join(values, ", ")
	switch {
	case readable && len(all) == 0, !readable && !strings.Contains(value, "@"):
		b.add("PEC-AP-009", firm, "To %s holds no address", shown(value))
	case !readable:
		b.add("PEC-AP-009", forgiven, "To %s does not parse as RFC 5322 addresses", shown(value))
	}
}

// forwardPaths: every recipient stands in To or Cc. Those that stand only in
// Bcc are the business of the checks on Bcc.
func (b *breachList) forwardPaths(t *Transaction) {
	visible, readable := addressesIn(t.Sent, "To", "Cc")
	to, _ := addressesIn(t.Sent, "To")
	if !readable || len(to) == 0 {
		return
	}
	blind, _ := addressesIn(t.Sent, "Bcc")
	for _, r := range t.recipients() {
		if !lists(visible, r) && !lists(blind, r) {
			b.add("PEC-AP-012", firm, "recipient %s stands neither in To nor in Cc", r)
		}
	}
	var given []string
	for _, r := range t.Recipients {
		given = append(given, r.Address)
	}
	for _, a := range distinct(visible) {
		if !lists(given, a) {
			b.add("PEC-AP-013", open, "%s stands in To or Cc, and no RCPT TO names it", a)
		}
	}
}

func (b *breachList) bcc(t *Transaction) {
	for _, value := range t.Sent.Values("Bcc") {
		bare, _ := outsideQuotes(value)
		if strings.TrimSpace(bare) == "" && !strings.Contains(value, "@") {
			b.add("PEC-AP-015", open, "the Bcc field is empty")
		} else {
			b.add("PEC-AP-014", firm, "Bcc holds %s", shown(value))
		}
	}
}

func (b *breachList) size(v *View, t *Transaction) {
	limits := v.Case.World.Limits
	switch total := totalBytes(t); {
	case limits.MaxTotalBytes > 0 && total > limits.MaxTotalBytes:
		b.add("PEC-AP-017", firm, "size × recipients is %d octets, the stated limit %d", total, limits.MaxTotalBytes)
	case limits.MaxTotalBytes == 0 && total > guaranteedBytes:
		b.add("PEC-AP-017", open, "size × recipients is %d octets, more than every provider has to accept", total)
	}
	switch n := len(t.Recipients); {
	case limits.MaxRecipients > 0 && n > limits.MaxRecipients:
		b.add("PEC-AP-020", open, "%d recipients, the stated limit is %d", n, limits.MaxRecipients)
	case limits.MaxRecipients == 0 && n > guaranteedRecipients:
		b.add("PEC-AP-020", open, "%d recipients, more than every provider has to accept", n)
	}
}

// sizeOf returns the octets submitted.
func sizeOf(t *Transaction) int64 {
	if t.Size == 0 && t.Sent != nil {
		return int64(len(t.Sent.Whole))
	}
	return t.Size
}

// totalBytes is the size multiplied by the recipients, as the limit counts.
func totalBytes(t *Transaction) int64 {
	n := len(t.recipients())
	if n == 0 {
		n = max(1, len(t.Recipients)) // refused before any recipient was taken
	}
	return sizeOf(t) * int64(n)
}

// onlyBreach tells that the submission has breaches of this rule and of no other
// that could be the reason of a refusal.
func onlyBreach(all []breach, rule string) bool {
	found := false
	for _, b := range all {
		if b.rule == rule {
			found = true
		} else if b.grade != open {
			return false
		}
	}
	return found
}

// formalBreach returns the first breach of a formal check that the rules and
// practice both demand to refuse, and whether there is one.
func formalBreach(all []breach) (breach, bool) {
	for _, b := range all {
		if b.grade == firm && b.rule != "PEC-NAV-001" && b.rule != "PEC-AP-002" {
			return b, true
		}
	}
	return breach{}, false
}

// breachOf returns the breach of that rule, and whether there is one.
func breachOf(all []breach, rule string) (breach, bool) {
	for _, b := range all {
		if b.rule == rule {
			return b, true
		}
	}
	return breach{}, false
}

// conforming tells that nothing speaks against the submission, breaches of the
// named rules left aside.
func conforming(v *View, t *Transaction, aside ...string) bool {
	if t.Sent == nil {
		return false
	}
	for _, b := range breachesOf(v, t) {
		if !slices.Contains(aside, b.rule) {
			return false
		}
	}
	return true
}
