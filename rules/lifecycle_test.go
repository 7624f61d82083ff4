package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

func TestWholeExchangeKeepsAll(t *testing.T) {
	t.Parallel()
	keepsAll(t, whole())
}

func TestFates(t *testing.T) {
	t.Parallel()
	table := []struct {
		address string
		virus   func(*evidence.Submission)
		want    fate
	}{
		{address: bruno, want: fateDelivered},
		{address: "bruno@BOREA.example", want: fateDelivered},
		{address: elena, want: fateOrdinary},
		{address: "bruno@ufficio.borea.example", want: fateOrdinary},
		{address: absent, want: fateUnknown},
		{address: "piena@borea.example", want: fateFull},
		{address: serviceBorea, want: fateOpen},
		{address: "posta-certificata@gestore.borea.example", want: fateOpen},
		{address: bruno, virus: missed(bruno), want: fateInfected},
		{address: absent, virus: missed(absent), want: fateOpen},
		{address: elena, virus: missed(elena), want: fateOrdinary},
		{address: "carla@terzi.example", want: fateOpen},
	}
	for _, row := range table {
		t.Run(row.address, func(t *testing.T) {
			t.Parallel()
			c := newCase(t)
			c.World.Mailboxes = append(c.World.Mailboxes, evidence.Mailbox{Address: "piena@borea.example", Role: evidence.UserMailbox, Provider: borea, Actor: "Piena"})
			c.World.Providers = append(c.World.Providers, evidence.Provider{Name: "Terzi", ServiceAddress: "posta-certificata@terzi.example", Domains: []string{"terzi.example"}, Emitter: evidence.ThirdParty})
			c.withoutTrust() // the directory does not hold the third provider
			alter := to(row.address)
			if row.virus != nil {
				alter = row.virus
			}
			c.submitted(originalText, alter)
			v := c.view()
			if got := v.dues(v.Transactions[0])[0].Fate; got != row.want {
				t.Errorf("fate %d, want %d", got, row.want)
			}
		})
	}
}

func TestEntry(t *testing.T) {
	t.Parallel()
	from := func(s *evidence.Submission) {
		s.ReversePath, s.Account = "altra@aurora.example", "altra@aurora.example"
	}
	clear := func(s *evidence.Submission) { s.Channel = evidence.SubmissionClear }
	large := func(s *evidence.Submission) { s.Size = 20_000_000 }
	table := []struct {
		name  string
		text  string
		alter func(*evidence.Submission)
		want  entry
	}{
		{"conforming", originalText, nil, entryAccepts},
		{"hidden recipient", originalText, to(bruno, elena, carla, "dario@borea.example"), entryRefuses},
		{"From of another", originalText, from, entryRefuses},
		{"Bcc", strings.Replace(originalText, "Cc: ", "Bcc: dario@borea.example\nCc: ", 1), nil, entryRefuses},
		{"empty Bcc", strings.Replace(originalText, "Cc: ", "Bcc:\nCc: ", 1), nil, entryOpen},
		{"no To", strings.Replace(originalText, "To: Bruno <bruno@borea.example>, elena@posta.example\n", "", 1), nil, entryRefuses},
		{"address without RCPT", originalText, to(bruno), entryOpen},
		{"in clear", originalText, clear, entryRefuses},
		{"virus known at home", originalText, infected, entryRefusesVirus},
		{"virus known elsewhere", originalText, missed(bruno, elena, carla), entryAccepts},
		{"larger than the limit", originalText, large, entryRefuses},
		{"ordinary mail", originalText, incoming, entryOpen},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := newCase(t)
			if row.alter == nil {
				row.alter = func(*evidence.Submission) {}
			}
			c.submitted(row.text, row.alter)
			v := c.view()
			if got, why := v.entryOf(v.Transactions[0]); got != row.want {
				t.Errorf("entry %d (%s), want %d", got, why, row.want)
			}
		})
	}
}

func TestFlaws(t *testing.T) {
	t.Parallel()
	// brief says what a flaw is, in one line.
	brief := func(x flaw) string {
		sort := map[flawSort]string{flawMissing: "missing", flawDoubled: "doubled", flawContradictory: "contradictory", flawOutsider: "outsider"}[x.sort]
		return strings.TrimSpace(sort + " " + tokenOf(x.kind) + " " + x.recipient)
	}
	carlaTaken := []string{"\n    <ricezione>carla@borea.example</ricezione>", ""}
	table := []struct {
		name  string
		build func(*testCase)
		want  []string
	}{
		{"whole", whole(), nil},
		{"ordinary", ordinary(), nil},
		{"infected", virusFound(), nil},
		{"undelivered", undelivered(), nil},
		{"refused by SMTP", wholeOf(originalText, sequence(to(bruno), refusedAtDATA), only()), nil},
		{"no acceptance", whole(drop("acceptance")), []string{"missing accettazione"}},
		{"two acceptances", whole(twice("acceptance")), []string{"doubled accettazione"}},
		{"acceptance and refusal", whole(extra("non-acceptance", anna)), []string{"contradictory non-accettazione"}},
		{"no envelope", whole(drop("envelope-carla")), []string{"missing posta-certificata carla@borea.example"}},
		{"no envelope for the ordinary one", whole(drop("envelope-elena")), []string{"missing posta-certificata elena@posta.example"}},
		{"envelope twice", whole(twice("envelope-bruno")), []string{"doubled posta-certificata bruno@borea.example"}},
		{"not taken in charge", whole(edit("taken-in-charge", carlaTaken...)), []string{"missing presa-in-carico carla@borea.example"}},
		{"taken in charge twice", whole(twice("taken-in-charge")), []string{"doubled presa-in-carico bruno@borea.example", "doubled presa-in-carico carla@borea.example"}},
		{
			"ordinary one taken in charge", whole(edit("taken-in-charge", "<ricezione>carla@borea", "<ricezione>elena@posta")),
			[]string{"missing presa-in-carico carla@borea.example", "outsider presa-in-carico"},
		},
		{"no receipt", whole(drop("delivery-bruno")), []string{"missing avvenuta-consegna bruno@borea.example"}},
		{"receipt twice", whole(twice("delivery-bruno")), []string{"doubled avvenuta-consegna bruno@borea.example"}},
		{"delivered and not", whole(extra("non-delivery", anna)), []string{"contradictory errore-consegna bruno@borea.example"}},
		{"delay although delivered", whole(extra("delay-12", anna)), []string{"contradictory preavviso-errore-consegna bruno@borea.example"}},
		{"receipt about a stranger", whole(extra("delivery", anna, `"bruno@borea.example"`, `"dario@borea.example"`, "<consegna>bruno@", "<consegna>dario@")), []string{"outsider avvenuta-consegna"}},
		{"receipt to a stranger", whole(move("delivery-bruno", "dario@borea.example")), []string{"outsider avvenuta-consegna"}},
		{"virus delivered", virusFound(extra("envelope", bruno)), []string{"contradictory posta-certificata bruno@borea.example"}},
		{"virus not told", virusFound(drop("detection", "notice")), []string{"missing errore-consegna bruno@borea.example", "missing rilevazione-virus bruno@borea.example"}},
		{"accepted in spite of a virus", wholeOf(originalText, infected, only("acceptance")), []string{"contradictory accettazione"}},
		{
			"unknown delivered", undelivered(drop("non-delivery"), extra("delivery", anna, aboutAbsent...)),
			[]string{"contradictory avvenuta-consegna " + absent, "missing errore-consegna " + absent},
		},
		{"ordinary mail lost", ordinary(drop("anomaly")), []string{"missing errore bruno@borea.example"}},
		{"ordinary mail twice", ordinary(twice("anomaly")), []string{"doubled errore bruno@borea.example"}},
		{"ordinary mail certified", ordinary(extra("delivery", anna)), []string{"contradictory avvenuta-consegna"}},
		{"ordinary mail delivered though refused", ordinaryOf(originalText, sequence(incoming, refusedAtDATA)), []string{"contradictory errore bruno@borea.example"}},
		{"ordinary virus delivered", ordinaryOf(originalText, sequence(incoming, infected)), []string{"contradictory errore bruno@borea.example"}},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := newCase(t)
			row.build(c)
			v := c.view()
			var got []string
			for _, x := range v.flaws(v.Transactions[0]) {
				got = append(got, brief(x))
			}
			slices.Sort(got)
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("flaws (-want +got):\n%s", diff)
			}
		})
	}
}

// A receipt whose consegna is damaged is still about the recipient that its
// text names: one damage must not look like two.
func TestRecipientOf(t *testing.T) {
	t.Parallel()
	c := newCase(t)
	whole(only("delivery-bruno"), edit("delivery-bruno", "<consegna>bruno@borea", "<consegna>nessuno@altrove"))(c)
	v := c.view()
	m := v.Messages[0]
	if got := m.Transaction.recipientOf(m); got != bruno {
		t.Errorf("recipient %q, want %s", got, bruno)
	}
	if nature(m) != pec.Delivery {
		t.Errorf("nature %v, want a delivery receipt", nature(m))
	}
}
