package rules

import (
	"slices"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// forGood is how long a network is cut that nobody has made whole again.
const forGood = time.Duration(1<<63 - 1)

// cutFor tells for how long after a message was handed over the network between
// two providers was cut, by the changes that the harness had made to it; 0: it was
// whole then.
func cutFor(changes []evidence.NetworkChange, a, b string, since time.Time) time.Duration {
	length := time.Duration(0)
	for _, n := range changes {
		if !slices.Contains(n.Between[:], a) || !slices.Contains(n.Between[:], b) {
			continue
		}
		switch {
		case n.Cut && !n.At.After(since.Add(clocksApart)):
			length = forGood
		case !n.Cut && length == forGood:
			length = max(0, n.At.Sub(since))
		}
	}
	return length
}

// cutOff tells that the network between the sender's provider and another one was
// cut for so long after the message was handed over.
func (v *View) cutOff(t *Transaction, provider string, atLeast time.Duration) bool {
	home := v.Case.ProviderOf(t.sender())
	return home != nil && cutFor(v.Case.NetworkChanges, home.Name, provider, t.Ended) >= atLeast
}
