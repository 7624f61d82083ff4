package steps

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/fixtures"
)

// dispatchKind is a kind of message that the harness sends as a provider, in
// the words of the scenarios.
type dispatchKind struct {
	words    string
	template string
	encloses bool // the original
	service  bool // goes to the service mailbox of the other provider
	envelope bool // carries a message of a user of the peer; else it speaks of one
}

// dispatchKinds lists the closed set.
func dispatchKinds() []dispatchKind {
	return []dispatchKind{
		{words: "transport envelope", template: "transport-envelope", encloses: true, envelope: true},
		{words: "taken-in-charge receipt", template: "taken-in-charge", service: true},
		{words: "delivery receipt", template: "delivery", encloses: true},
		{words: "brief delivery receipt", template: "delivery-brief", encloses: true},
		{words: "concise delivery receipt", template: "delivery-concise"},
		{words: "non-delivery notice", template: "non-delivery"},
		{words: "virus detection notice", template: "virus-detection", service: true},
		{words: "acceptance receipt", template: "acceptance"},
		{words: "signed message of its own", template: "signed-mail"},
		{words: "delivery status notification", template: "delivery-status"},
	}
}

func dispatchKindsPattern() string {
	var words []string
	for _, k := range dispatchKinds() {
		words = append(words, regexp.QuoteMeta(k.words))
	}
	return "(?:" + strings.Join(words, "|") + ")"
}

func dispatchKindOf(words string) (dispatchKind, error) {
	for _, k := range dispatchKinds() {
		if k.words == words {
			return k, nil
		}
	}
	return dispatchKind{}, fmt.Errorf("no kind of message is known as %q", words)
}

// damagesPattern matches the phrase of one damage. The list is closed and
// compiled in: one that does not read matches nothing, and a test says so.
func damagesPattern() string {
	all, _ := fixtures.Damages()
	var phrases []string
	for _, d := range all {
		phrases = append(phrases, regexp.QuoteMeta(d.Phrase))
	}
	slices.SortFunc(phrases, func(a, b string) int { return len(b) - len(a) })
	return "(?:" + strings.Join(phrases, "|") + ")"
}

// damageOf finds a damage by its phrase; "" is none.
func damageOf(phrase string, k dispatchKind) (fixtures.Damage, error) {
	if phrase == "" {
		return fixtures.Damage{}, nil
	}
	all, err := fixtures.Damages()
	if err != nil {
		return fixtures.Damage{}, err
	}
	for _, d := range all {
		if d.Phrase != phrase {
			continue
		}
		if !slices.Contains(d.Kinds, k.template) {
			return fixtures.Damage{}, fmt.Errorf("a %s cannot be sent %s: the damage %s is for %s", k.words, phrase, d.ID, strings.Join(d.Kinds, ", "))
		}
		return d, nil
	}
	return fixtures.Damage{}, fmt.Errorf("no damage is known as %q", phrase)
}
