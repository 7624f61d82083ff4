package steps

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/fixtures"
)

// What of a scenario a target has to permit is worked out from its steps: from
// the original that a user sends and the way it is sent, from what is done to
// the message of a peer, from what is asked of a service. So no scenario can
// forget to say it.
//
// A slip of a user, such as a message without To, needs no permission: every
// provider gets those daily. What an attacker would send does.

// hostileOriginals are those that forge, or that attack whoever reads them.
func hostileOriginals() []string {
	return []string{
		"a message whose From is somebody else",
		"a message with forged certified-mail headers",
		"a forged transport envelope",
		"a message with a bare CR",
		subjectIs + "encoded control characters",
		subjectIs + "encoded line breaks",
		subjectIs + "a prefix of certified mail",
	}
}

// permitRule says what a step needs that its pattern matches; the pattern
// stands for a whole step or for a part of it.
type permitRule struct {
	pattern *regexp.Regexp
	permits func(found string) []string
}

// permitTable is permitRules, worked out once: the patterns are long.
var permitTable = sync.OnceValue(permitRules)

// permitRules are all there are.
func permitRules() []permitRule {
	always := func(permit string) func(string) []string { return func(string) []string { return []string{permit} } }
	hostile := always(PermitHostile)
	rule := func(pattern string, permits func(string) []string) permitRule {
		return permitRule{regexp.MustCompile(pattern), permits}
	}
	return []permitRule{
		rule(`^`+partyPattern()+` sends (an? .+)$`, permitsOfOriginal),
		rule(`^`+partyPattern()+` sends (\d+) plain messages to `, always(PermitLoad)),
		rule(`, (?:without signing in|in clear text|under the name of .+)$`, hostile),
		rule(`^somebody tries (`+probesPattern()+`) at `, permitsOfProbe),
		rule(`^(\d+) wrong passwords are tried `, always(PermitWrongPassword)),
		rule(`'s provider (?:sends|answers with) an? `+dispatchKindsPattern()+` (`+damagesPattern()+`)(?: to | about |$)`, permitsOfDamage),
		rule(`^Elena's host sends an? (.+)$`, permitsOfHost),
		rule(`'s provider sends the same once more`, hostile),
		rule(`'s provider (?:offers a STARTTLS that fails|shows a certificate that does not verify)$`, hostile),
		rule(`(?:publishes|the central directory serves) (`+publishedPattern()+`)(?: of |$)`, permitsOfFile),
		rule(`^the client sends a message with a virus `, always(PermitVirus)),
	}
}

func permitsOfOriginal(found string) []string {
	if slices.ContainsFunc(hostileOriginals(), func(words string) bool { return beginsWith(found, words) }) {
		return []string{PermitHostile}
	}
	var needed []string
	for words, o := range originals() {
		if !beginsWith(found, words) {
			continue
		}
		if o.virus != "" || o.known {
			needed = append(needed, PermitVirus)
		}
		if o.size != nil {
			needed = append(needed, PermitLoad)
		}
	}
	return needed
}

// beginsWith tells a step's words from longer ones with the same beginning: an
// original is followed by a way of sending, or by recipients.
func beginsWith(found, words string) bool {
	rest, is := strings.CutPrefix(found, words)
	return is && (rest == "" || rest[0] == ' ' || rest[0] == ',')
}

func permitsOfProbe(words string) []string {
	switch {
	case strings.Contains(words, "wrong password"):
		return []string{PermitWrongPassword}
	case strings.Contains(words, "without TLS"), strings.Contains(words, "out of order"):
		return []string{PermitHostile} // the first has a password go over the network in clear
	}
	return nil
}

func permitsOfDamage(phrase string) []string {
	needed := []string{PermitHostile}
	all, _ := fixtures.Damages()
	for _, d := range all {
		if d.Phrase == phrase && strings.HasPrefix(d.Body, "infected") {
			needed = append(needed, PermitVirus)
		}
	}
	return needed
}

// permitsOfHost: an ordinary host that sends a provider's message forges it. A
// report on an ordinary delivery is its own.
func permitsOfHost(words string) []string {
	if beginsWith(words, "delivery status notification") {
		return nil
	}
	return append([]string{PermitHostile}, permitsOfDamage(damageIn(words))[1:]...)
}

// damageIn finds the phrase of a damage in the words of a step; "" for none.
func damageIn(words string) string {
	return regexp.MustCompile(damagesPattern()).FindString(words)
}

func permitsOfFile(words string) []string {
	switch published()[words] {
	case fileGood, filePrinted:
		return nil
	}
	return []string{PermitHostile}
}

// PermitsOf says what a target file has to permit for a scenario to be played,
// in the order of Permits.
func PermitsOf(start *evidence.Start) []string {
	needed := map[string]bool{}
	for _, step := range start.Steps {
		_, text, _ := strings.Cut(step, " ") // its keyword
		for _, r := range permitTable() {
			if match := r.pattern.FindStringSubmatch(text); match != nil {
				for _, permit := range r.permits(match[len(match)-1]) {
					needed[permit] = true
				}
			}
		}
	}
	if slices.Contains(start.Tags, "@heavy") {
		needed[PermitLoad] = true
	}
	return slices.DeleteFunc(Permits(), func(p string) bool { return !needed[p] })
}

// lacksPermits says which of them this target does not give.
func (t *Target) lacksPermits(start *evidence.Start) []string {
	var lacking []string
	for _, permit := range PermitsOf(start) {
		if !slices.Contains(t.Reach.Permits, permit) {
			lacking = append(lacking, "permit "+permit)
		}
	}
	return lacking
}
