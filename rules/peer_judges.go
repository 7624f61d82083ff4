package rules

import "slices"

// peerJudges answer for the rules that take a provider to send something: how
// the incoming point takes what comes from another provider (RFC 6109 2.2.2),
// and what follows at the delivery point. The harness plays that provider.
func peerJudges() []Judge {
	return slices.Concat(peerEnvelopeJudges(), peerRefusalJudges(), peerReceiptJudges(), peerContentJudges())
}
