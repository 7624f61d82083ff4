package steps

import (
	"regexp"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// Uses says which of the things that exist once a scenario needs for itself:
// peers, by their name, and the directory servers that the harness plays.
func (t *Target) Uses(start *evidence.Start) []string {
	var all lacks
	for _, step := range start.Steps {
		_, text, _ := strings.Cut(step, " ")
		for _, name := range atPeers.FindAllString(text, -1) {
			if peer, _ := t.peerUser(name); peer != nil {
				all.add(peer.Name)
			}
		}
		if playsServer.MatchString(text) {
			all.add(UseDirectoryServers)
		}
	}
	if slices.Contains(start.Tags, "@plays-directory") {
		all.add(UseDirectoryServers)
	}
	slices.Sort(all.list)
	return all.list
}

// Alone tells a scenario that nobody may be played beside: it moves the target's
// clock, or changes something that all scenarios share.
func (t *Target) Alone(start *evidence.Start) bool {
	return t.WhiteBox.given() && slices.ContainsFunc(start.Steps, func(step string) bool {
		_, text, _ := strings.Cut(step, " ")
		return waitingStep.MatchString(text) || changesInside.MatchString(text)
	})
}

// UseDirectoryServers is the name by which Uses speaks of the directory servers
// that the harness plays.
const UseDirectoryServers = "directory servers"

var (
	atPeers       = regexp.MustCompile(`\b(?:Paolo|Pia|Piero|Delia)\b`)
	changesInside = regexp.MustCompile(`(?:'s provider is restarted| is revoked| is cut| is whole again| belongs to a customer)$|'s provider locks a mailbox after |^the mailbox of .+ is (?:not paid|renewed|suspended by|unlocked by|closed by|bought again|moved to)|^\d+ wrong passwords are tried`)
	playsServer   = regexp.MustCompile(`^(?:Paolo's provider publishes|the file server of |the file of Paolo's|the central directory )`)
)
