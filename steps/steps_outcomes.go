package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
)

// Then steps: each waits until things have settled and records what is asked.

func (w *World) expectAccepted(ctx context.Context) error {
	return w.settledThen(ctx, func() error { return w.expectOfEach(checkAccepted, nil) })
}

func (w *World) expectRefused(ctx context.Context, by string) error {
	parameters := map[string]string{"by": "either"}
	if by != "" {
		parameters["by"] = strings.ToLower(by)
	}
	return w.settledThen(ctx, func() error { return w.expectOfEach(checkRefused, parameters) })
}

func (w *World) expectReceives(ctx context.Context, party, count, words, about string) error {
	i := slices.IndexFunc(kinds(), func(k kindOfMail) bool { return k.matches(words) })
	if i < 0 {
		return fmt.Errorf("no kind of message is known as %q", words)
	}
	kind := kinds()[i]
	parameters := map[string]string{
		"kind":  kind.name,
		"count": map[string]string{"no": "0", "one": "1", "two": "2", "three": "3"}[count],
	}
	if kind.virus {
		parameters["virus"] = "yes"
	}
	if kind.notice != "" {
		parameters["notice"] = kind.notice
	}
	box, err := w.target.person(Party(party))
	if err != nil {
		return err
	}
	parameters["mailbox"] = box.address
	if about != "" {
		one, err := w.target.person(Party(about))
		if err != nil {
			return err
		}
		parameters["about"] = one.address
	}
	wait := w.settledThen
	if count == "no" {
		wait = w.settledWithout
	}
	return wait(ctx, func() error { return w.expectOfEach(checkReceives, parameters) })
}

func (w *World) expectMailboxEmpty(ctx context.Context, party string) error {
	box, err := w.target.person(Party(party))
	if err != nil {
		return err
	}
	return w.settledWithout(ctx, func() error {
		return w.expect(checkMailboxEmpty, "", map[string]string{"mailbox": box.address})
	})
}

func (w *World) expectNothingMore(ctx context.Context) error {
	return w.settledWithout(ctx, func() error { return w.expectOfEach(checkNothingMore, nil) })
}

func (w *World) expectComplete(ctx context.Context) error {
	return w.settledThen(ctx, func() error { return w.expectOfEach(checkComplete, nil) })
}

func (w *World) expectLabel(ctx context.Context, party, label string) error {
	one, err := w.target.person(Party(party))
	if err != nil {
		return err
	}
	parameters := map[string]string{"recipient": one.address, "type": "certificato"}
	if label == "ordinary" {
		parameters["type"] = "esterno"
	}
	return w.settledThen(ctx, func() error { return w.expectOfEach(checkLabel, parameters) })
}

func (w *World) expectReceiptContent(ctx context.Context, party, words string) error {
	one, err := w.target.person(Party(party))
	if err != nil {
		return err
	}
	parameters := map[string]string{"recipient": one.address, "content": map[string]string{
		"the whole original": "complete", "the original in brief": "brief", "no original": "concise",
	}[words]}
	return w.settledThen(ctx, func() error { return w.expectOfEach(checkReceiptContent, parameters) })
}

func (w *World) expectIntact(ctx context.Context, party string) error {
	box, err := w.target.person(Party(party))
	if err != nil {
		return err
	}
	return w.settledThen(ctx, func() error {
		return w.expectOfEach(checkOriginalIntact, map[string]string{"mailbox": box.address})
	})
}

func (w *World) expectProbe(ctx context.Context, outcome string) error {
	if w.lastProbe == "" {
		return fmt.Errorf("the step speaks of a protocol question, but none was asked in this scenario")
	}
	if outcome == "done over TLS" {
		outcome = "tls"
	}
	return w.settledThen(ctx, func() error {
		return w.expect(checkProbe, "", map[string]string{"probe": w.lastProbe, "outcome": outcome})
	})
}

// settledThen waits, and then records.
func (w *World) settledThen(ctx context.Context, record func() error) error {
	if err := w.Finish(ctx); err != nil {
		return err
	}
	return record()
}

// kindOfMail is a kind of system message in the words of the scenarios.
type kindOfMail struct {
	words  string
	name   string // as pec.Kind says it
	virus  bool
	notice string // of delay notices: which of the two; "" either
}

func (k kindOfMail) matches(words string) bool { return words == k.words || words == k.words+"s" }

func kinds() []kindOfMail {
	return []kindOfMail{
		{words: "acceptance receipt", name: pec.Acceptance.String()},
		{words: "non-acceptance notice", name: pec.NonAcceptance.String()},
		{words: "virus non-acceptance notice", name: pec.NonAcceptance.String(), virus: true},
		{words: "taken-in-charge receipt", name: pec.TakenInCharge.String()},
		{words: "delivery receipt", name: pec.Delivery.String()},
		{words: "non-delivery notice", name: pec.NonDelivery.String()},
		{words: "virus non-delivery notice", name: pec.NonDelivery.String(), virus: true},
		{words: "virus detection notice", name: pec.VirusDetection.String()},
		{words: "transport envelope", name: pec.TransportEnvelope.String()},
		{words: "anomaly envelope", name: pec.AnomalyEnvelope.String()},
		{words: "first delay notice", name: pec.Delay.String(), notice: "first"},
		{words: "second delay notice", name: pec.Delay.String(), notice: "second"},
		{words: "delay notice", name: pec.Delay.String()},
	}
}

func kindsPattern() string {
	var words []string
	for _, k := range kinds() {
		words = append(words, k.words+"s?")
	}
	return "(?:" + strings.Join(words, "|") + ")"
}
