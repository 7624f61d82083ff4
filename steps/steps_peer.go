package steps

import "context"

// peerVocabulary lists what the providers do that the harness plays.
func (w *World) peerVocabulary() []definition {
	party, list := partyPattern(), partiesPattern()
	kinds, damages := dispatchKindsPattern(), damagesPattern()
	const played = `(Paolo|Delia)'s provider`
	return []definition{
		{
			`^` + played + `'s correct envelope to (` + party + `) is taken in charge$`,
			"sends an envelope that must go through, so that the refusals that follow mean something", w.sendTwinEnvelope,
		},
		{
			`^` + played + ` sends a correct (` + kinds + `) to (` + list + `)(?: with (` + list + `) in copy)?( in two transactions)?$`,
			"sends a message as a provider, as it should be", w.sendCorrect,
		},
		{
			`^` + played + ` sends an? (` + kinds + `) (` + damages + `) to (` + list + `)(?: with (` + list + `) in copy)?$`,
			"sends a message as a provider, with something done to it", w.sendDamaged,
		},
		{
			`^Elena's host sends an? (` + kinds + `)(?: (` + damages + `))? to (` + list + `)$`,
			"sends what only looks like a message of a provider, or what mail hosts send, from an ordinary host", w.sendAsHost,
		},
		{
			`^` + played + ` sends the same once more(?: to (` + list + `))?$`,
			"sends the octets of what was sent last again, in another transaction", w.sendAgain,
		},
		{
			`^` + played + ` (` + peerMannersPattern() + `)$`,
			"says how the incoming point of a provider behaves that the harness plays", w.letPeer,
		},
		{
			`^` + played + ` answers with an? (` + kinds + `)(?: (` + damages + `))?(?: about (` + party + `))?$`,
			"answers the last envelope that was taken in, about all its recipients or about one", w.letAnswer,
		},
	}
}

// sendTwinEnvelope asks for nothing: whether the envelope was taken in charge
// is read from the evidence.
func (w *World) sendTwinEnvelope(ctx context.Context, actor, to string) error {
	return w.dispatch(ctx, dispatchOrder{sender: actor, kind: "transport envelope", to: to})
}

func (w *World) sendCorrect(ctx context.Context, actor, kind, to, cc, split string) error {
	return w.dispatch(ctx, dispatchOrder{sender: actor, kind: kind, to: to, cc: cc, split: split != ""})
}

func (w *World) sendDamaged(ctx context.Context, actor, kind, damage, to, cc string) error {
	return w.dispatch(ctx, dispatchOrder{sender: actor, kind: kind, damage: damage, to: to, cc: cc})
}

func (w *World) sendAsHost(ctx context.Context, kind, damage, to string) error {
	return w.dispatch(ctx, dispatchOrder{kind: kind, damage: damage, to: to})
}

func (w *World) sendAgain(ctx context.Context, _, to string) error { return w.again(ctx, to) }

func (w *World) letPeer(ctx context.Context, actor, words string) error {
	return w.behave(ctx, actor, words)
}

func (w *World) letAnswer(ctx context.Context, actor, kind, damage, about string) error {
	return w.answer(ctx, answerOrder{peer: actor, kind: kind, damage: damage, about: about})
}
