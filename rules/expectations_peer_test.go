package rules

import (
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// TestExpectationsOfDispatches: what a Then asks about something that the
// harness sent in the role of a provider.
func TestExpectationsOfDispatches(t *testing.T) {
	t.Parallel()
	receives := func(mailbox, kind, count string, more ...string) map[string]string {
		return p(append([]string{"mailbox", mailbox, "kind", kind, "count", count}, more...)...)
	}
	answer1 := inAnswer(cirrosOrder("delivery", "correct"))
	delivered := wrappedUp(answer1, asReceived(answer1, anna))
	all := []evidence.Expectation{
		{ID: "e2", Check: "receives", Submission: "d1", Parameters: receives(bruno, "TransportEnvelope", "1")},
		{ID: "e3", Check: "receives", Submission: "d1", Parameters: receives(carla, "TransportEnvelope", "1")},
		{ID: "e4", Check: "receives", Submission: "d1", Parameters: receives(paolo, "Delivery", "2")},
	}
	for _, a := range []asked{
		{check: "receives", name: "the envelope itself", parameters: receives(bruno, "TransportEnvelope", "1"), build: handedOver(plainly), want: holds},
		{check: "receives", name: "lost", parameters: receives(bruno, "TransportEnvelope", "1"), build: handedOver(plainly, drop("found-bruno")), want: broken},
		{check: "receives", name: "a receipt about one", parameters: receives(paolo, "Delivery", "1", "about", bruno), build: handedOver(plainly), want: holds},
		{check: "receives", name: "taken in charge", parameters: receives(serviceCirro, "TakenInCharge", "1"), build: handedOver(plainly), want: holds},
		{check: "receives", name: "a virus detection", parameters: receives(serviceCirro, "VirusDetection", "1"), build: virusStoppedAt(), want: holds},
		{check: "receives", name: "an anomaly", parameters: receives(bruno, "AnomalyEnvelope", "1"), build: wrappedUp(afterwards), want: holds},
		{check: "receives", name: "the peer's receipt, of what was submitted", submission: "s1", parameters: receives(anna, "Delivery", "1", "about", paolo), build: delivered, want: holds},
		{check: "receives", name: "the peer's receipt, lost", submission: "s1", parameters: receives(anna, "Delivery", "1", "about", paolo), build: wrappedUp(answer1, drop("anomaly")), want: broken},
		{check: "receives", name: "no such dispatch", submission: "d7", parameters: receives(bruno, "TransportEnvelope", "1"), build: handedOver(plainly), want: harnessFault},

		{check: "nothing-more", name: "all of it was asked for", build: handedOver(plainly), others: all, want: holds},
		{check: "nothing-more", name: "receipts were not", build: handedOver(plainly), others: all[:2], want: broken},
		{check: "nothing-more", name: "the message itself was not", build: wrappedUp(afterwards, asItIs(afterwards)), want: broken},
		{check: "complete", name: "all that is owed", build: handedOver(plainly), want: holds},
		{check: "complete", name: "no receipt", build: handedOver(plainly, drop("delivery-bruno")), want: broken},

		{check: "accepted", name: "taken in charge", build: handedOver(plainly), want: holds},
		{check: "accepted", name: "not taken in charge", build: handedOver(plainly, drop("taken-in-charge")), want: broken},
		{check: "accepted", name: "refused", build: wrappedUp(afterwards.refused(), drop("anomaly")), want: broken},
		{check: "refused", name: "by SMTP", build: wrappedUp(afterwards.refused(), drop("anomaly")), want: holds},
		{check: "refused", name: "accepted", build: wrappedUp(afterwards, drop("anomaly")), want: broken},
		{check: "refused", name: "refused and delivered", build: wrappedUp(afterwards.refused()), want: broken},
		{check: "refused", name: "by a notice", parameters: p("by", "notice"), build: wrappedUp(afterwards.refused(), drop("anomaly")), want: harnessFault},
	} {
		t.Run(a.check+"/"+a.name, func(t *testing.T) {
			t.Parallel()
			a.about("d1").judge(t)
		})
	}
}
