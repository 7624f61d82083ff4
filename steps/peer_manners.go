package steps

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// peerManner is how the incoming point of a peer behaves.
type peerManner struct {
	words string // of the scenarios, after "Paolo's provider"
	name  string // as evidence has it
}

// Names of the manners, as evidence has them.
const (
	mannerTakes          = "takes" // takes what comes and says nothing
	mannerTakesInCharge  = "takes-in-charge"
	mannerAnswers        = "answers"
	mannerNoConnection   = "refuses-connections"
	mannerRefuses        = "refuses"
	mannerDefers         = "defers"
	mannerBrokenSTARTTLS = "broken-starttls"
	mannerBadCertificate = "bad-certificate"
	mannerNoSTARTTLS     = "no-starttls"
)

// peerManners lists the closed set. Nothing said, a peer takes what comes and
// says nothing.
func peerManners() []peerManner {
	return []peerManner{
		{"answers nothing", mannerTakes},
		{"takes everything in charge", mannerTakesInCharge},
		{"answers as it should", mannerAnswers},
		{"refuses connections", mannerNoConnection},
		{"refuses the recipients for good", mannerRefuses},
		{"refuses for now", mannerDefers},
		{"offers a STARTTLS that fails", mannerBrokenSTARTTLS},
		{"shows a certificate that does not verify", mannerBadCertificate},
		{"offers no STARTTLS", mannerNoSTARTTLS},
	}
}

func peerMannersPattern() string {
	var words []string
	for _, m := range peerManners() {
		words = append(words, regexp.QuoteMeta(m.words))
	}
	return strings.Join(words, "|")
}

// behave changes the manner of a peer, for sessions that begin from now on.
func (w *World) behave(ctx context.Context, actor, words string) error {
	peer, _ := w.target.peerUser(actor)
	if peer == nil {
		return fmt.Errorf("the target gives the harness no provider to play with a user %q: add one under `peers`", actor)
	}
	i := slices.IndexFunc(peerManners(), func(m peerManner) bool { return m.words == words })
	if i < 0 {
		return fmt.Errorf("no manner is known as %q", words)
	}
	if peerManners()[i].name == mannerBadCertificate && peer.BadTLS == (KeyPair{}) {
		return fmt.Errorf("the target gives %s no certificate that does not verify: add `badTLS`", peer.Name)
	}
	if err := w.begin(ctx); err != nil {
		return err
	}
	w.peers[peer.Name].setManner(peerManners()[i].name)
	return nil
}
