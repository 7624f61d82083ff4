package rules

import (
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// noticeTrials are about what a delay notice is.
func noticeTrials() []trial {
	const hour = time.Hour
	firstWith := func(pairs ...string) func(*testCase) {
		return waiting(told("delay-12", paolo, 12*hour, pairs...), until(13*hour))
	}
	secondWith := func(pairs ...string) func(*testCase) {
		return waiting(firstTold(paolo), told("delay-24", paolo, 23*hour, pairs...), until(25*hour))
	}
	elsewhere := func(mailbox string) func(*testCase) {
		return waiting(func(t *testing.T, c *testCase) {
			t.Helper()
			m := overTime(t, "delay-12", paolo, 12*hour)
			m.Mailbox = mailbox
			c.toldAs(m, 12*hour)
		}, until(13*hour))
	}
	return []trial{
		{rule: "PEC-TMO-009", name: "both", build: secondWith(), want: holds},
		{rule: "PEC-TMO-009", name: "header of another receipt", build: secondWith("X-Ricevuta: preavviso-errore-consegna", "X-Ricevuta: preavviso"), want: broken},
		{rule: "PEC-TMO-009", name: "no reference", build: firstWith("X-Riferimento-Message-ID: <c1@pc.aurora.example>\n", ""), want: broken},
		{rule: "PEC-TMO-009", name: "from another provider", build: firstWith("From: posta-certificata@gestore.aurora", "From: posta-certificata@gestore.borea"), want: broken},
		{rule: "PEC-TMO-009", name: "Date of the acceptance", build: firstWith("Date: Wed, 14 Jan 2026 22:20:30", "Date: Wed, 14 Jan 2026 10:20:30"), want: broken},
		{rule: "PEC-TMO-009", name: "every instant that of the acceptance", build: firstWith("22:20:30", "10:20:30"), want: broken},
		{rule: "PEC-TMO-009", name: "in the future", build: waiting(func(t *testing.T, c *testCase) {
			t.Helper()
			c.received(anna, overTime(t, "delay-12", paolo, 12*hour).sealed(t), func(m *evidence.Message) { m.Delivered = time.Time{} })
		}, until(6*hour)), want: broken},

		{rule: "PEC-TMO-010", name: "both", build: secondWith(), want: holds},
		{rule: "PEC-TMO-010", name: "prefix of a non-delivery", build: firstWith(" PER SUP. TEMPO MASSIMO:", ":"), want: broken},
		{rule: "PEC-TMO-010", name: "two blanks", build: firstWith("PER SUP. TEMPO", "PER SUP.  TEMPO"), want: warned},
		{rule: "PEC-TMO-010", name: "another subject", build: secondWith("MASSIMO: Preventivo 7f3a", "MASSIMO: Avviso"), want: broken},

		{rule: "PEC-TMO-011", name: "to the sender", build: firstWith(), want: holds},
		{rule: "PEC-TMO-011", name: "to the recipient", build: firstWith("To: "+anna, "To: "+paolo), want: broken},
		{rule: "PEC-TMO-011", name: "in another mailbox", build: elsewhere(bruno), want: broken},

		{rule: "PEC-TMO-012", name: "facts and model", build: firstWith(), want: holds},
		{rule: "PEC-TMO-012", name: "in figures", build: firstWith("prime dodici ore", "prime 12 ore"), want: holds},
		{rule: "PEC-TMO-012", name: "no sender", build: firstWith("proveniente da \"anna@aurora.example\"", "proveniente dal mittente"), want: broken},
		{rule: "PEC-TMO-012", name: "no identifier", build: firstWith("\nIdentificativo messaggio: "+identifier, "\nIdentificativo messaggio: nessuno"), want: broken},
		{rule: "PEC-TMO-012", name: "another recipient", build: firstWith("destinato all'utente \""+paolo, "destinato all'utente \""+pia), want: broken},
		{rule: "PEC-TMO-012", name: "text of the second", build: firstWith("nelle prime dodici ore", "nelle ventiquattro ore", "nelle prossime dodici ore", "nelle prossime ore", "dodici ore</errore", "ore</errore"), want: broken},
		{rule: "PEC-TMO-012", name: "nothing of what may follow", build: firstWith("Non escludendo", "Si pensa", "questo possa avvenire in seguito", "questo avvenga", "comunque ad", "ad"), want: warned},

		{rule: "PEC-TMO-013", name: "facts and model", build: secondWith(), want: holds},
		{rule: "PEC-TMO-013", name: "no subject", build: secondWith("\"Preventivo 7f3a\" proveniente", "Un messaggio proveniente"), want: broken},
		{rule: "PEC-TMO-013", name: "text of the first", build: secondWith("nelle ventiquattro ore successive al", "nelle prime dodici ore dal"), want: broken},
		{rule: "PEC-TMO-013", name: "does not say that it failed", build: secondWith("debba considerarsi non andata a buon fine", "sia in corso"), want: warned},

		{rule: "PEC-TMO-014", name: "type and recipient", build: secondWith(), want: holds},
		{rule: "PEC-TMO-014", name: "another type", build: firstWith(`tipo="preavviso-errore-consegna"`, `tipo="errore-consegna"`), want: broken},
		{rule: "PEC-TMO-014", name: "no consegna", build: firstWith("    <consegna>"+paolo+"</consegna>\n", ""), want: broken},
		{rule: "PEC-TMO-014", name: "about ordinary mail", build: waitingFor([]string{paolo, elena}, told("delay-12", paolo, 12*hour, "<consegna>"+paolo, "<consegna>"+elena), until(13*hour)), want: broken},
		{rule: "PEC-TMO-014", name: "another errore", build: firstWith(`errore="altro"`, `errore="nessuno"`), want: holds},

		{rule: "PEC-TMO-016", name: "not enclosed", build: firstWith(), want: holds},
		{rule: "PEC-TMO-016", name: "enclosed", build: firstWith("</postacert>\n", "</postacert>\n--mixed\nContent-Type: message/rfc822; name=\"postacert.eml\"\n\nSubject: Preventivo 7f3a\n\nTesto\n"), want: broken},
	}
}

// Which of the two a notice is, whatever was damaged of it.
func TestWhichNotice(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	silent := []string{"dodici ore", "alcune ore"}
	table := []struct {
		name string
		acts []act
		want []threshold
	}{
		{"at their times", []act{firstTold(paolo), secondTold()}, []threshold{thresholdFirst, thresholdSecond}},
		{"texts swapped", []act{told("delay-24", paolo, 12*hour), told("delay-12", paolo, 23*hour)}, []threshold{thresholdFirst, thresholdSecond}},
		{"same text twice", []act{firstTold(paolo), told("delay-12", paolo, 24*hour)}, []threshold{thresholdFirst, thresholdSecond}},
		{"second far too early", []act{told("delay-24", paolo, 18*hour)}, []threshold{thresholdSecond}},
		{"first far too late", []act{told("delay-12", paolo, 18*hour)}, []threshold{thresholdFirst}},
		{"both at once", []act{firstTold(paolo), told("delay-24", paolo, 12*hour)}, []threshold{thresholdFirst, thresholdSecond}},
		{"text that says nothing, early", []act{told("delay-12", paolo, 15*hour, silent...)}, []threshold{thresholdFirst}},
		{"text that says nothing, late", []act{told("delay-12", paolo, 20*hour, silent...)}, []threshold{thresholdSecond}},
		{"the wrong instant stated", []act{told("delay-24", paolo, 23*hour, "15/01/2026", "14/01/2026")}, []threshold{thresholdSecond}},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := newCase(t)
			waiting(row.acts...)(c)
			var got []threshold
			for _, n := range c.view().waits()[0].Notices {
				got = append(got, n.Which)
			}
			if len(got) != len(row.want) {
				t.Fatalf("%d notices, want %d", len(got), len(row.want))
			}
			for i := range got {
				if got[i] != row.want[i] {
					t.Errorf("notice %d: %s, want %s", i, got[i], row.want[i])
				}
			}
		})
	}
}
