package client_test

import (
	"context"
	"testing"

	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/events"
	"github.com/collaudo/collaudo/simulator/faults"
)

func driveScripts(t *testing.T, w *world) {
	t.Helper()
	catalogue, err := w.Faults(t.Context())
	if err != nil || len(catalogue.Faults) < 400 || len(catalogue.Personalities) == 0 {
		t.Errorf("catalogue: %d faults, %d personalities, %v", len(catalogue.Faults), len(catalogue.Personalities), err)
	}
	on, err := w.SwitchOn(t.Context(), faults.Rule{Fault: "delivery-none", Provider: "gestore.borea.example", Recipient: bruno, Times: 1})
	if err != nil || on.ID == "" {
		t.Fatalf("switch on: %+v, %v", on, err)
	}
	mark, err := w.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.send(t, bruno, "Senza ricevuta")
	w.settle(t)
	w.send(t, bruno, "Con ricevuta")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := mark.Wait(ctx, events.Filter{Kind: "Delivery", Reference: identifier("Con ricevuta")}); err != nil {
		t.Error(err)
	}
	if all, err := mark.All(t.Context(), events.Filter{Kind: "Delivery", Reference: identifier("Senza ricevuta")}); err != nil || len(all) != 0 {
		t.Errorf("%d receipts for the first message (%v): the rule was to keep it back", len(all), err)
	}
	if rules, err := w.Rules(t.Context()); err != nil || len(rules) != 1 || rules[0].Touched != 1 {
		t.Errorf("rules: %+v, %v: want one that acted once", rules, err)
	}
	if err := w.SwitchOff(t.Context(), on.ID); err != nil {
		t.Error(err)
	}
	if err := w.SwitchAllOff(t.Context()); err != nil {
		t.Error(err)
	}
	made, err := w.Inject(t.Context(), control.Injection{Kind: "delivery-complete", Provider: borea, To: []string{anna}, Sender: anna, Recipient: bruno, Subject: "Orfana", MessageID: "<mai@client.example>"})
	if err != nil || len(made.Mailboxes) != 1 {
		t.Fatalf("inject: %+v, %v", made, err)
	}
	if _, err := mark.Wait(ctx, events.Filter{Kind: "Delivery", Reference: "<mai@client.example>", Mailbox: anna}); err != nil {
		t.Error(err)
	}
	if _, err := w.Recipients(t.Context()); err != nil {
		t.Error(err)
	}
}
