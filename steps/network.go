package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	cut := how == "cut"
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
	return w.recorder.Record(evidence.Event{Type: evidence.NetworkChanged, Network: &evidence.NetworkChange{
		Between: between, Cut: cut, At: w.now().UTC(),
	}})
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
