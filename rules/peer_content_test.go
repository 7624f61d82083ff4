package rules

import "testing"

func TestPeerContentJudges(t *testing.T) {
	t.Parallel()
	// The envelope asks for a concise receipt, the original for none in particular.
	concise := order{what: "envelope", edit: []string{"X-Trasporto: posta-certificata\n", "X-Trasporto: posta-certificata\nX-TipoRicevuta: sintetica\n", `<ricevuta tipo="completa"/>`, `<ricevuta tipo="sintetica"/>`}}
	nowhere := order{what: "envelope", edit: []string{"To: Bruno <bruno@borea.example>, elena@posta.example\nCc: carla@borea.example\n", "To: elenco@posta.example\n"}}
	garbled := order{what: "envelope", edit: []string{"To: Bruno <bruno@borea.example>, elena@posta.example\nCc: carla@borea.example\n", "To: <<bruno, @@ ; (\nCc: <<carla, @@ ; (\n"}}
	short := func(t *testing.T, all map[string][]placed) {
		t.Helper()
		all["delivery-bruno"] = []placed{piece(ofCirro(t, correct("delivery-concise")), paolo)}
	}
	wholly := drop("delivery-carla")
	runTrials(t, peerContentJudges(), []trial{
		{rule: "PEC-DP-009", name: "as the envelope asks", build: handedOver(concise, wholly, short), want: holds},
		{rule: "PEC-DP-009", name: "as the original asks", build: handedOver(concise, wholly), want: broken},
		{rule: "PEC-DP-009", name: "both ask alike", build: handedOver(plainly), none: true},

		{rule: "PEC-RC-004", name: "complete", build: handedOver(nowhere, wholly), want: holds},
		{rule: "PEC-RC-004", name: "concise", build: handedOver(nowhere, wholly, short), want: broken},
		{rule: "PEC-RC-004", name: "in To", build: handedOver(plainly, wholly, short), none: true},

		{rule: "PEC-RC-005", name: "complete", build: handedOver(garbled, wholly), want: holds},
		{rule: "PEC-RC-005", name: "concise", build: handedOver(garbled, wholly, short), want: broken},
		{rule: "PEC-RC-005", name: "readable", build: handedOver(plainly, wholly, short), none: true},
	})
}
