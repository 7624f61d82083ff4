package simulatortest_test

import (
	"errors"
	"testing"

	gosmtp "github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/simulatortest"
)

func TestSubmitCompletesAMessage(t *testing.T) {
	t.Parallel()
	world := simulatortest.Start(t)
	anna, elena := "anna@aurora.example", "elena@posta.example"
	id := world.Submit(anna, []string{elena}, "Message-ID: <mio@client.example>\r\nSubject: Prova\r\n\r\nBuongiorno.\r\n")
	if id != "<mio@client.example>" {
		t.Errorf("identifier %s, want the message's own", id)
	}
	world.WaitForIn(anna, pec.Acceptance, id)
	back := world.Submit(elena, []string{anna}, "Subject: Risposta\n\nGrazie.\n") // ordinary mail
	world.Settle()
	kinds := map[string]int{}
	for _, m := range world.Messages(anna) {
		kinds[m.Kind.String()]++
	}
	if diff := cmp.Diff(map[string]int{"Acceptance": 1, "AnomalyEnvelope": 1}, kinds); diff != "" {
		t.Errorf("Anna (-want +got):\n%s", diff)
	}
	if back == "" || back == id {
		t.Errorf("the second message has the identifier %q", back)
	}
}

func TestTrySubmitReturnsRefusals(t *testing.T) {
	t.Parallel()
	world := simulatortest.Start(t, simulatortest.Configured(simulator.Pair()))
	_, err := world.TrySubmit("anna@aurora.example", []string{"bruno@borea.example"}, "no header at all")
	if err == nil {
		t.Error("a text without a header was sent")
	}
	many := make([]string, world.Description.Limits.MaxRecipients+1)
	for i := range many {
		many[i] = "bruno@borea.example"
	}
	_, err = world.TrySubmit("anna@aurora.example", many, "Subject: x\n\ny\n")
	var refusal *gosmtp.SMTPError
	if !errors.As(err, &refusal) {
		t.Errorf("%v: want the provider's refusal", err)
	}
}
