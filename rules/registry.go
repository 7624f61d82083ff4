package rules

import "slices"

// Judges returns every judge, family by family.
func Judges() []Judge {
	return slices.Concat(
		generalJudges(), signatureJudges(), certificationJudges(), certificateJudges(), timeJudges(), securityJudges(),
		accessJudges(), nonAcceptanceJudges(), acceptanceJudges(), envelopeJudges(), logJudges(),
		incomingJudges(), takenInChargeJudges(), anomalyJudges(), virusJudges(),
		deliveryJudges(), briefJudges(), nonDeliveryJudges(), flowJudges(), peerJudges(), directoryJudges(),
		delayJudges(), delayFlowJudges(), linkJudges(), savedLogJudges(), mailboxJudges(),
	)
}
