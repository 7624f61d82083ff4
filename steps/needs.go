package steps

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// What a scenario needs of a target is worked out from its own words, so that a
// scenario cannot be written that forgets to say it.

// Lacks says what a scenario wants that this target does not give, in words
// such as "role peer", "white box: restart" or "permit virus". Nothing: it can
// be played. Legal time that has to pass is no lack: a target without a clock
// that can be moved is waited for.
func (t *Target) Lacks(start *evidence.Start) []string {
	var all lacks
	for _, tag := range start.Tags {
		all.add(t.lacksWorld(tag)...)
	}
	table := needs()
	for _, step := range start.Steps {
		_, text, _ := strings.Cut(step, " ") // its keyword
		for _, n := range table {
			if match := n.pattern.FindStringSubmatch(text); match != nil {
				all.add(n.lacks(t, match[len(match)-1])...)
			}
		}
		all.add(t.lacksParties(text)...)
	}
	if longestSpan(start.Steps) > longestWait {
		all.add(t.lacksInside("clock")...) // nobody waits that long
	}
	all.add(t.lacksPermits(start)...)
	return all.list
}

// Waits says for how long, in real time, a scenario waits for legal time to pass:
// zero where the target has a white box, which may move its clock, and where no
// time has to pass.
func (t *Target) Waits(start *evidence.Start) time.Duration {
	if t.WhiteBox.given() {
		return 0
	}
	return longestSpan(start.Steps)
}

// lacks are kept in the order in which they were found, each once.
type lacks struct{ list []string }

func (l *lacks) add(names ...string) {
	for _, n := range names {
		if !slices.Contains(l.list, n) {
			l.list = append(l.list, n)
		}
	}
}

// lacksWorld says what a tag asks of the world that only a world made for the
// scenario has.
func (t *Target) lacksWorld(tag string) []string {
	name, value, _ := strings.Cut(tag, ":")
	switch name {
	case "@fault":
		return []string{"simulated provider: fault " + value}
	case "@odd-directory":
		return []string{"simulated directory: records that are wrong on purpose"}
	case "@clock":
		return []string{"simulated clock: a date before " + value}
	case "@plays-directory":
		if t.Directory.Played == nil {
			return []string{"role directory"}
		}
	}
	return nil
}

// need is what a step needs beside its parties. The last group of the pattern
// is what lacks is told.
type need struct {
	pattern *regexp.Regexp
	lacks   func(t *Target, found string) []string
}

// needs is the table of them, compiled once.
var needs = sync.OnceValue(func() []need {
	party := partyPattern()
	row := func(pattern string, lacks func(*Target, string) []string) need {
		return need{regexp.MustCompile(pattern), lacks}
	}
	inside := func(part string) func(*Target, string) []string {
		return func(t *Target, _ string) []string { return t.lacksInside(part) }
	}
	given := func(name string, is func(*Target) bool) func(*Target, string) []string {
		return func(t *Target, _ string) []string {
			if is(t) {
				return nil
			}
			return []string{name}
		}
	}
	return []need{
		row(`^(`+party+`)(?: sends an? .+|'s well-formed message is accepted| sends \d+ plain messages .+)$`, (*Target).lacksDoor),
		row(`^`+party+` sends (.+)$`, (*Target).lacksOriginal),
		row(`^(`+party+`) receives (?:no|one|two|three|nothing)`, (*Target).lacksReading),
		row(`^somebody tries (.+ at (?:Anna|Bruno)'s provider)$`, (*Target).lacksService),
		row(`^(?:Paolo|Delia)'s provider(?: sends an? .+|'s correct envelope) to (.+?)(?: with .+ in copy| in two transactions| is taken in charge)?$`, (*Target).lacksIncoming),
		row(`^((?:Paolo|Delia)'s provider (?:sends|answers) .+)$`, (*Target).lacksSigner),
		row(`^Elena's host sends .+ to (.+)$`, (*Target).lacksIncoming),
		row(`^Elena's host sends`, given("role peer", func(t *Target) bool { return len(t.Peers) > 0 })),
		row(`^Elena's host sends`, given("role ordinary", func(t *Target) bool { return t.Ordinary.Name != "" })),
		row(`^Paolo's provider (?:shows a certificate that does not verify)$`, given("role peer: a certificate that does not verify", func(t *Target) bool {
			return len(t.Peers) > 0 && t.Peers[0].BadTLS != (KeyPair{})
		})),
		row(`'s provider is restarted$`, inside("restart")),
		row(`^the network between .+ is (?:cut|whole again)$`, inside("network")),
		row(`^the log files of `, inside("log")),
		row(` provider for the trace of the message$`, inside("log")),
		row(`^(?:the domain of .+ belongs to a customer|.+ locks a mailbox after .+)$`, inside("mailboxes")),
		row(`^the mailbox of .+$`, inside("mailboxes")),
		row(`^(?:\d+ wrong passwords are tried|a new password is asked|.+ tries to sign in, to send and to read$)`, inside("mailboxes")),
		row(` is revoked$`, inside("authority")),
		row(`^the directory is read over LDAP|searched for in capital letters over LDAP$|^the file of .+ is fetched$`, given("directory over LDAP", func(t *Target) bool {
			return t.Directory.LDAP != "" || t.Directory.LDAPS != ""
		})),
		row(`^the directory is read over HTTPS`, given("directory over HTTPS", func(t *Target) bool { return t.Directory.URL != "" })),
		row(`^(?:the directory is read over HTTPS|the file of .+ is fetched)$`, given("role peer", func(t *Target) bool { return len(t.Peers) > 0 })),
		row(`^the revocation list is fetched$`, given("revocation list", func(t *Target) bool { return t.Directory.Revocation != "" })),
		row(`^the mail hosts of `, given("name server", func(t *Target) bool { return t.Directory.DNS != "" })),
		row(`^(?:Paolo's provider publishes|the file server of Paolo's provider|the file of Paolo's provider)`, given("role peer: a server of its own directory file", func(t *Target) bool {
			p, _ := t.peerUser("Paolo")
			return p != nil && p.FileServer != nil
		})),
		row(`^the central directory `, given("role directory", func(t *Target) bool { return t.Directory.Played != nil })),
	}
})

func (t *Target) lacksInside(part string) []string {
	switch {
	case !t.WhiteBox.given():
		return []string{"white box: " + part}
	case stays(part) && !t.OneScenario:
		return []string{"a target that one scenario has to itself: what it does to the " + part + " stays"}
	}
	return nil
}

// stays tells the parts of the inside that a scenario leaves otherwise than it
// found them: a mailbox that was closed, a certificate that was revoked.
func stays(part string) bool { return part == "mailboxes" || part == "authority" }

// lacksParties says who of a step the target does not have.
func (t *Target) lacksParties(text string) []string {
	var all []string
	for _, name := range oneParty.FindAllString(text, -1) {
		if strings.HasSuffix(name, "unknown mailboxes") {
			name = string(Bruno)
		}
		if _, err := t.person(Party(name)); err != nil {
			all = append(all, lackOfParty(Party(name)))
		}
	}
	return all
}

func lackOfParty(p Party) string {
	switch p {
	case Paolo, Pia, Piero, Delia, PaoloService, DeliaService, PaoloNew:
		return "role peer: " + string(p)
	case Elena:
		return "role ordinary: mailbox of Elena"
	case AnnaService, BrunoService:
		return string(p)
	case FullMailbox:
		return string(p)
	case Unknown, Subdomain, BrunoCapitals:
		p = Bruno
	}
	return "role user: mailbox of " + string(p)
}
