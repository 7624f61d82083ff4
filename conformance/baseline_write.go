package conformance

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// NewBaseline writes a baseline of the failures of a run, for people to complete:
// as it is, it is refused, since nobody has said yet who answers for them, why and
// until when.
func NewBaseline(result *rules.Result, catalogue *rules.Catalogue) []byte {
	var b bytes.Buffer
	b.WriteString("# Failures that are known, for collaudo run --baseline. They stay failures in every\n" +
		"# report; the exit code is 0 when all are known and nothing else is wrong. Say for\n" +
		"# each who answers for it, why it is tolerated and until when (a year at most); an issue\n" +
		"# is a link. By 'seen' a failure is told from another of the same judge: leave it.\n" +
		"version: 1\n")
	fmt.Fprintf(&b, "profile: %s\n", result.Profile)
	type known struct {
		check     rules.Check
		seen      []string
		scenarios []string
	}
	var list []*known
	for _, rr := range result.Rules {
		same := map[string]*known{}
		refs, order := failuresOf(rr)
		for _, ref := range order {
			seen := reports.Senses(refs[ref])
			key := ref.Check + " " + strings.Join(seen, " ") // scenarios that fail alike share an entry
			k := same[key]
			if k == nil {
				k = &known{check: refs[ref][0], seen: seen}
				same[key] = k
				list = append(list, k)
			}
			k.scenarios = append(k.scenarios, ref.Scenario)
		}
	}
	if len(list) == 0 {
		b.WriteString("failures: []\n")
		return b.Bytes()
	}
	b.WriteString("failures:\n")
	for _, k := range list {
		b.WriteString("\n")
		if law, found := catalogue.Rule(k.check.Rule); found {
			comment(&b, "", law.Title.EN)
		}
		comment(&b, "expected ", k.check.Expected)
		comment(&b, "seen     ", k.check.Seen)
		fmt.Fprintf(&b, "  - check: %s\n    scenarios:\n", k.check.ID())
		for _, id := range k.scenarios {
			fmt.Fprintf(&b, "      - %s\n", id)
		}
		fmt.Fprintf(&b, "    seen: [%s]\n", strings.Join(quoted(k.seen), ", "))
		b.WriteString("    owner: \"\"\n    reason: \"\"\n    issue: \"\"\n    expires: \"\"\n")
	}
	return b.Bytes()
}

// quoted keeps YAML from reading digits as a number.
func quoted(list []string) []string {
	marked := make([]string, len(list))
	for i, one := range list {
		marked[i] = `"` + one + `"`
	}
	return marked
}

// failuresOf groups the failing checks of a rule by what they are, in their order.
func failuresOf(rr rules.RuleResult) (map[reports.CheckRef][]rules.Check, []reports.CheckRef) {
	groups := map[reports.CheckRef][]rules.Check{}
	var order []reports.CheckRef
	for _, c := range rr.Checks {
		if c.Verdict != rules.Fail {
			continue
		}
		ref := reports.CheckRef{Check: c.ID(), Scenario: c.Scenario}
		if groups[ref] == nil {
			order = append(order, ref)
		}
		groups[ref] = append(groups[ref], c)
	}
	return groups, order
}

// unwritable are letters that YAML reads as the end of a line or does not allow,
// and those that turn a line around: what was seen comes from outside.
var unwritable = regexp.MustCompile(`[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\x{FFFD}]+`)

// comment writes a text as one line of comment, whatever it holds.
func comment(b *bytes.Buffer, label, text string) {
	const most = 160
	letters := []rune(strings.Join(strings.Fields(unwritable.ReplaceAllString(text, " ")), " "))
	if len(letters) == 0 {
		return
	}
	if len(letters) > most {
		letters = append(letters[:most], '…')
	}
	fmt.Fprintf(b, "  # %s%s\n", label, string(letters))
}
