package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// pathNetwork is where the white box is told to cut the network between two
// providers, and to make it whole again.
const pathNetwork = "/v1/network"

// networkVocabulary lists the steps about the network between the providers.
func (w *World) networkVocabulary() []definition {
	return []definition{
		{
			`^the network between Anna's and Bruno's providers is (cut|whole again)$`,
			"lets neither provider reach the other, or both again: what one has for the other waits there", w.cutNetwork,
		},
	}
}

// cutNetwork has the network between the two providers cut, or made whole again.
func (w *World) cutNetwork(ctx context.Context, how string) error {
	var between [2]string
	for i, party := range []Party{Anna, Bruno} {
		provider, err := w.target.providerOf(party)
		if err != nil {
			return err
		}
		between[i] = provider.Name
	}
	if between[0] == between[1] {
		return errors.New("the mailboxes of Anna and Bruno are at one provider: there is no network between the two to cut")
	}
	// What is on its way arrives: the step is about what is sent from now on.
	if err := w.comeToRest(ctx); err != nil {
		return err
	}
	w.disturbed()
	w.mayHeal(ctx)
	cut := how == "cut"
	if cut {
		w.leftCut(between, true) // before it is told: an answer may be lost
	}
	err := w.tell(ctx, pathNetwork, map[string]any{"between": between, "cut": cut}, nil)
	if errors.Is(err, errNotOffered) {
		return errors.New("the target offers no way to cut the network between its providers: the white box needs POST " + pathNetwork)
	}
	if err == nil {
		err = w.checkNetwork(ctx, between, cut)
	}
	if err != nil {
		return err
	}
	w.leftCut(between, cut)
	return w.recorder.Record(evidence.Event{Type: evidence.NetworkChanged, Network: &evidence.NetworkChange{
		Between: between, Cut: cut, At: w.now().UTC(),
	}})
}

// leftCut remembers between whom the network is cut, so that it does not stay so.
func (w *World) leftCut(between [2]string, cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = slices.DeleteFunc(w.cut, func(b [2]string) bool { return b == between })
	if cut {
		w.cut = append(w.cut, between)
	}
}

// restoreNetwork takes from evidence between whom the network is cut.
func (w *World) restoreNetwork(c *evidence.Case) error {
	for _, n := range c.NetworkChanges {
		w.leftCut(n.Between, n.Cut)
	}
	return nil
}

// healPatience bounds how long the white box is asked to make a network whole
// again; the run may have been interrupted by then, and is not kept for longer.
const healPatience = 10 * time.Second

// mayHeal keeps how a network is made whole again: also after the scenario was
// interrupted, and with it everything that its context bounds.
func (w *World) mayHeal(ctx context.Context) {
	heal := func(between [2]string) error {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), healPatience)
		defer cancel()
		if err := w.tell(bounded, pathNetwork, map[string]any{"between": between, "cut": false}, nil); err != nil {
			return err
		}
		return w.checkNetwork(bounded, between, false)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heal = heal
}

// healNetwork makes whole again what a step cut and no step healed: the scenario
// failed, was interrupted, or ends so. One that waits for legal time leaves it
// cut, as it means to find it. What cannot be healed stays in evidence as cut.
func (w *World) healNetwork() {
	if w.waits() {
		return
	}
	w.mu.Lock()
	all, heal := w.cut, w.heal
	w.cut = nil
	w.mu.Unlock()
	for _, between := range all {
		if heal == nil || heal(between) != nil {
			continue
		}
		_ = w.recorder.Record(evidence.Event{Type: evidence.NetworkChanged, Network: &evidence.NetworkChange{
			Between: between, Cut: false, At: w.now().UTC(), Closing: true,
		}}) // one that cannot be written leaves it named as cut
	}
}

// checkNetwork asks the white box, where it can say, whether the network is what
// it was told to make of it: verdicts rest on that.
func (w *World) checkNetwork(ctx context.Context, between [2]string, cut bool) error {
	var now struct {
		Cuts []struct {
			Between []string `json:"between"`
		} `json:"cuts"`
	}
	err := w.ask(ctx, pathNetwork, nil, &now)
	if errors.Is(err, errNotOffered) {
		return nil
	}
	if err != nil {
		return err
	}
	is := false
	for _, c := range now.Cuts {
		is = is || len(c.Between) == 2 && slices.Contains(c.Between, between[0]) && slices.Contains(c.Between, between[1])
	}
	if is != cut {
		return fmt.Errorf("the white box was told that the network between %s and %s is to be cut: %t, and GET %s says: %t; it has to name the providers as the target file does",
			between[0], between[1], cut, pathNetwork, is)
	}
	return nil
}
