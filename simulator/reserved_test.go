package simulator_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/reserved"
	"github.com/google/go-cmp/cmp"
)

// writer is an account that writes to one reserved recipient and to nobody else,
// so that all that comes to it is that recipient's doing.
type writer struct {
	reserved.Entry
	address, recipient string
}

// writers are one for each reserved recipient, of a domain.
func writers(domain string) []writer {
	var all []writer
	for _, e := range reserved.Entries() {
		all = append(all, writer{e, "per-" + e.Local + "-" + domain[:1] + "@aurora.example", e.Local + "@" + domain})
	}
	return all
}

func withWriters(all []writer) func(*simulator.Config) {
	return func(c *simulator.Config) {
		c.Reserved = true
		for _, w := range all {
			c.Providers[0].Accounts = append(c.Providers[0].Accounts, accounts.Account{Address: w.address, Password: "segreto-" + w.address})
		}
	}
}

// messageID is the identifier of what a writer sends.
func (w writer) messageID() string { return "<" + w.Local + ".prova@client.example>" }

func (w writer) mail() mail {
	return mail{
		from: w.address, to: []string{w.recipient}, header: "From: " + w.address + "\r\nTo: " + w.recipient +
			"\r\nSubject: Prova con allegato\r\nMessage-ID: " + w.messageID() + "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n",
		body: "--b\r\n\r\ntesto\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nxyz\r\n--b--\r\n",
	}
}

func arrived(messages []*pec.Message) []string {
	list := []string{}
	for _, m := range messages {
		kind := m.Kind.String()
		if m.Kind == pec.Ordinary {
			kind = "ordinary"
		}
		if m.Virus {
			kind += "(virus)"
		}
		list = append(list, kind)
	}
	return list
}

// What the table says is what a plain mail client finds: on a clock that is
// advanced, at another provider and at the own one.
func TestReservedRecipientsOnAnAdvancedClock(t *testing.T) {
	t.Parallel()
	all := append(writers("borea.example"), writers("aurora.example")...)
	w := start(t, onClock, withWriters(all))
	for _, one := range all {
		if err := w.submit(t, one.mail()); err != nil {
			t.Fatalf("%s: %v", one.recipient, err)
		}
	}
	w.settle(t)
	for _, one := range all { // nothing that takes hours is there before they are over
		if got := arrived(w.fetch(t, one.address)); one.Slow && !slices.Equal(got, []string{"Acceptance"}) {
			t.Errorf("%s: %v before any time went by", one.recipient, got)
		}
	}
	for _, by := range []time.Duration{12 * time.Hour, 12 * time.Hour, 12 * time.Hour} {
		if err := w.Advance(t.Context(), by); err != nil {
			t.Fatal(err)
		}
	}
	for _, one := range all {
		messages := w.fetch(t, one.address)
		if diff := cmp.Diff(one.Arrives, arrived(messages)); diff != "" {
			t.Errorf("%s (-the table says, +the mailbox holds):\n%s", one.recipient, diff)
			continue
		}
		inspect(t, one, messages)
	}
}

// On a real clock an hour of the table is short.
func TestReservedRecipientsOnARealClock(t *testing.T) {
	t.Parallel()
	all := writers("borea.example")
	w := start(t, withWriters(all), func(c *simulator.Config) { c.ReservedHour = 100 * time.Millisecond })
	for _, one := range all {
		if one.Slow { // these first, so that nothing waits for them
			if err := w.submit(t, one.mail()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, one := range all {
		if !one.Slow {
			if err := w.submit(t, one.mail()); err != nil {
				t.Fatal(err)
			}
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, one := range all {
		messages := w.fetch(t, one.address)
		for len(messages) < len(one.Arrives) && ctx.Err() == nil {
			time.Sleep(20 * time.Millisecond)
			messages = w.fetch(t, one.address)
		}
	}
	w.settle(t)
	for _, one := range all {
		if diff := cmp.Diff(one.Arrives, arrived(w.fetch(t, one.address))); diff != "" {
			t.Errorf("%s (-the table says, +the mailbox holds):\n%s", one.recipient, diff)
		}
	}
}

// inspect looks at what the kinds of messages do not say.
func inspect(t *testing.T, one writer, messages []*pec.Message) {
	t.Helper()
	about := func(kind pec.Kind) *pec.Message {
		m := of(messages, kind)
		if m == nil {
			t.Fatalf("%s: no %s", one.recipient, kind)
		}
		return m
	}
	if strings.HasPrefix(one.Local, "daticert-") {
		m := about(pec.Acceptance)
		if readable := m.Certification != nil; readable == one.Unreadable {
			t.Errorf("%s: certification data readable %v (%v), the table says unreadable %v", one.recipient, readable, m.CertificationErr, one.Unreadable)
		}
		if about(pec.Delivery).Certification == nil {
			t.Errorf("%s: the delivery receipt is not as usual", one.recipient)
		}
	}
	if one.Error != "" {
		notice := of(messages, pec.NonDelivery)
		if notice == nil {
			notice = about(pec.NonAcceptance)
		}
		c := notice.Certification
		if c == nil || c.Error != one.Error || !strings.Contains(c.ExtendedError, one.ExtendedError) {
			t.Errorf("%s: %+v, the table says %s, %s", one.recipient, c, one.Error, one.ExtendedError)
		}
	}
	if one.ReceiptType != "" {
		own := slices.IndexFunc(messages, func(m *pec.Message) bool { // an orphan is about something else
			return m.Kind == pec.Delivery && m.Root.Value(pec.HeaderReference) == one.messageID()
		})
		if own < 0 || messages[own].Certification == nil || messages[own].Certification.ReceiptType != one.ReceiptType {
			t.Errorf("%s: no receipt of type %s about what was sent, as the table says", one.recipient, one.ReceiptType)
		}
	}
	switch one.Local {
	case "breve", "sintetica":
		if brief := bytes.Contains(about(pec.Delivery).Root.Raw(), []byte(".pdf.hash")); brief != (one.Local == compose.Brief) {
			t.Errorf("%s: holds a hash file: %v", one.recipient, brief)
		}
	case "orfana":
		var references []string
		for _, m := range messages {
			if m.Kind == pec.Delivery {
				references = append(references, m.Root.Value(pec.HeaderReference))
			}
		}
		slices.Sort(references)
		if len(references) != 2 || references[0] == references[1] || !slices.Contains(references, one.messageID()) {
			t.Errorf("%s: receipts about %v, want one about what was sent and one about nothing", one.recipient, references)
		}
	case "busta-annidata":
		m := about(pec.TransportEnvelope)
		if m.Original == nil || !bytes.Contains(m.Original.Raw(), []byte("X-Trasporto: posta-certificata")) || !bytes.Contains(m.Original.Raw(), []byte("daticert.xml")) {
			t.Errorf("%s: no envelope in the envelope", one.recipient)
		}
	case "prova-connessione":
		if from := about(pec.TransportEnvelope).Certification.Sender; from != one.recipient {
			t.Errorf("%s: the answer comes from %s", one.recipient, from)
		}
	case "anomalia-dsn":
		if !bytes.Contains(about(pec.AnomalyEnvelope).Root.Raw(), []byte("multipart/report")) {
			t.Errorf("%s: no status notification inside", one.recipient)
		}
	case "anomalia-firma":
		if !bytes.Contains(about(pec.AnomalyEnvelope).Root.Raw(), []byte("daticert.xml")) {
			t.Errorf("%s: no envelope inside", one.recipient)
		}
	case "non-pec":
		last := messages[len(messages)-1]
		if last.SignaturePart != nil || last.Root.Has("X-Trasporto") || last.Root.Has("X-Ricevuta") {
			t.Errorf("%s: what should be no certified mail has marks of it", one.recipient)
		}
	}
}

// Where nobody asked for them, no recipient is reserved; and where they are on,
// other domains have none.
func TestReservedRecipientsAreAskedFor(t *testing.T) {
	t.Parallel()
	w := start(t)
	if err := w.submit(t, mail{from: anna, to: []string{"doppia@borea.example"}, subject: "Spenti"}); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	if diff := cmp.Diff(counts{"Acceptance": 1, "NonDelivery": 1}, w.kinds(t, anna)); diff != "" {
		t.Errorf("off (-want +got):\n%s", diff)
	}
	on := start(t, func(c *simulator.Config) { c.Reserved = true })
	if err := on.submit(t, mail{from: anna, to: []string{"doppia@gestore.borea.example", "accettazione-doppia@posta.example"}, subject: "Altrove"}); err != nil {
		t.Fatal(err)
	}
	on.settle(t)
	if got := on.kinds(t, anna); got["Acceptance"] != 1 || got["Delivery"] != 0 {
		t.Errorf("service domain and ordinary host: %v", got)
	}
	if got := on.Recipients(); len(got) != len(reserved.Groups()) || len(w.Recipients()) != 0 {
		t.Errorf("%d groups shown where they are on, %d where not", len(got), len(w.Recipients()))
	}
}

// What one of them does is done to that one, also in a message with others.
func TestReservedRecipientsTogether(t *testing.T) {
	t.Parallel()
	w := start(t, func(c *simulator.Config) { c.Reserved = true })
	to := []string{bruno, "doppia@borea.example", "casella-piena@borea.example", "sconosciuto@borea.example"}
	if err := w.submit(t, mail{from: anna, to: to, subject: "Insieme"}); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	got := counts{}
	for _, m := range w.fetch(t, anna) {
		name := m.Kind.String()
		if m.Certification != nil && m.Certification.Delivery != "" {
			name += " " + m.Certification.Delivery
		}
		got[name]++
	}
	want := counts{
		"Acceptance": 1, "Delivery " + bruno: 1, "Delivery doppia@borea.example": 2,
		"NonDelivery casella-piena@borea.example": 1, "NonDelivery sconosciuto@borea.example": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := w.kinds(t, "riservati@borea.example"); got["TransportEnvelope"] != 1 {
		t.Errorf("the mailbox that they share holds %v, want the one that was delivered", got)
	}
}
