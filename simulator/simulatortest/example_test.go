package simulatortest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator/simulatortest"
)

const order = "Subject: Ordine 7\n\nDieci sedie, per favore.\n"

// A program sends an order and waits for the proof that it was delivered.
func TestOrderIsDelivered(t *testing.T) {
	t.Parallel()
	world := simulatortest.Start(t)
	id := world.Submit("anna@aurora.example", []string{"bruno@borea.example"}, order)
	receipt := world.WaitFor(pec.Delivery, id)
	if got := receipt.Certification.MessageID; got != id {
		t.Errorf("the receipt is about %s, the order was %s", got, id)
	}
	if got := world.WaitForIn("bruno@borea.example", pec.TransportEnvelope, id); !strings.Contains(string(got.Raw), "Dieci sedie") {
		t.Error("the order did not reach Bruno")
	}
}

// Nobody answers for a day: the notices of 12 and 24 hours, without waiting.
func TestOrderIsDelayed(t *testing.T) {
	t.Parallel()
	world := simulatortest.Start(t,
		simulatortest.Stepped(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)),
		simulatortest.Faulty("taken-in-charge-none@gestore.borea.example", "delivery-none@gestore.borea.example"))
	id := world.Submit("anna@aurora.example", []string{"bruno@borea.example"}, order)
	world.WaitFor(pec.Acceptance, id)
	world.Advance(12 * time.Hour)
	world.Advance(12 * time.Hour)
	notices := 0
	for _, m := range world.Messages("anna@aurora.example") {
		if m.Kind == pec.Delay {
			notices++
		}
	}
	if notices != 2 {
		t.Errorf("%d notices after 24 hours, want 2", notices)
	}
}

func ExampleStart() {
	var t *testing.T // of the test that this stands in
	world := simulatortest.Start(t, simulatortest.Personality("opec-2018"))
	// Give the program that is tested the address of a service, an account, and
	// the CA to trust:
	anna, hosts := world.Account("anna@aurora.example")
	_, _, _, _ = hosts.SubmissionTLS, anna.User, anna.Password, world.Description.Trust.CA
	// …and see what became of what it sent.
	for _, m := range world.Messages("anna@aurora.example") {
		t.Log(m.Kind, m.Mailbox)
	}
}
