package conformance

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/collaudo/collaudo/rules"
)

// NewBaseline writes a baseline of the failures of a run, for people to complete:
// as it is, it is refused, since nobody has said yet who answers for them, why and
// until when.
func NewBaseline(result *rules.Result, catalogue *rules.Catalogue) []byte {
	var b bytes.Buffer
	b.WriteString("# Failures that are known, for collaudo run --baseline. They stay failures in every\n" +
		"# report; the exit code is 0 when all are known and nothing else is wrong. Say for\n" +
		"# each who answers for it, why it is tolerated and until when; an issue is a link.\n" +
		"version: 1\n")
	fmt.Fprintf(&b, "profile: %s\n", result.Profile)
	type known struct {
		check     rules.Check
		scenarios []string
	}
	var list []*known
	for _, rr := range result.Rules {
		byID := map[string]*known{}
		for _, c := range rr.Checks {
			if c.Verdict != rules.Fail {
				continue
			}
			k := byID[c.ID()]
			if k == nil {
				k = &known{check: c}
				byID[c.ID()] = k
				list = append(list, k)
			}
			if n := len(k.scenarios); n == 0 || k.scenarios[n-1] != c.Scenario {
				k.scenarios = append(k.scenarios, c.Scenario)
			}
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
		b.WriteString("    owner: \"\"\n    reason: \"\"\n    issue: \"\"\n    expires: \"\"\n")
	}
	return b.Bytes()
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
