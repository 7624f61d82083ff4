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

// Alone tells that scenarios may not be played side by side: what a white box
// tells of a provider does not say to which of them it belongs, and some move the
// clock or change what all share.
func (t *Target) Alone() bool { return t.WhiteBox.given() }

// UseDirectoryServers is the name by which Uses speaks of the directory servers
// that the harness plays.
const UseDirectoryServers = "directory servers"

var (
	atPeers     = regexp.MustCompile(`\b(?:Paolo|Pia|Piero|Delia)\b`)
	playsServer = regexp.MustCompile(`^(?:Paolo's provider publishes|the file server of |the file of Paolo's|the central directory )`)
)
