package simulator_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/reserved"
	"github.com/google/go-cmp/cmp"
)

// switchOn switches a rule on over the control API.
func (w *world) switchOn(t *testing.T, rule string) faults.Rule {
	t.Helper()
	var made faults.Rule
	if got := w.ask(t, "POST", "/v1/faults", rule, &made); got != 201 || made.ID == "" {
		t.Fatalf("%s: %d, %+v", rule, got, made)
	}
	return made
}

func (w *world) send(t *testing.T, subject string, to ...string) {
	t.Helper()
	if err := w.submit(t, mail{from: anna, to: to, subject: subject}); err != nil {
		t.Fatal(err)
	}
}

// order is what Anna has received, in order, each with the subject that it is
// about.
func (w *world) order(t *testing.T) []string {
	t.Helper()
	list := []string{}
	for _, m := range w.fetch(t, anna) {
		_, subject, _ := strings.Cut(m.Root.Value("Subject"), ": ")
		list = append(list, m.Kind.String()+" "+subject)
	}
	return list
}

// The first two attempts are refused for a while, the third goes through, and
// the next message is not touched at all.
func TestFirstTwoFailThenPass(t *testing.T) {
	t.Parallel()
	w := start(t)
	made := w.switchOn(t, `{"act": {"at": "reply", "do": "reply", "with": {"stage": "rcpt", "code": "451", "enhanced": "4.7.1", "text": "Later"}}, "recipient": "bruno@*", "provider": "Borea PEC S.r.l.", "times": 2}`)
	if made.Provider != "gestore.borea.example" {
		t.Errorf("provider %q, want its service domain", made.Provider)
	}
	w.send(t, "Primo", bruno)
	w.settle(t)
	w.send(t, "Secondo", bruno)
	w.settle(t)
	deferred := 0
	entries, err := w.Journal("Aurora PEC S.p.A.")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Event == journal.Deferred && strings.Contains(e.Detail, "451 4.7.1 Later") {
			deferred++
		}
	}
	if diff := cmp.Diff(counts{"Acceptance": 2, "Delivery": 2}, w.kinds(t, anna)); diff != "" || deferred != 2 {
		t.Errorf("deferred %d times; Anna (-want +got):\n%s", deferred, diff)
	}
	var list []faults.Rule
	if w.ask(t, "GET", "/v1/faults", "", &list); len(list) != 1 || list[0].Touched != 2 || list[0].Matched != 4 {
		t.Errorf("%+v: want one rule that touched 2 of 4", list)
	}
}

// A rule acts on what it is limited to, and no longer than it is on.
func TestRulesOverTheControlAPI(t *testing.T) {
	t.Parallel()
	w := start(t)
	lost := w.switchOn(t, `{"act": {"at": "emission", "do": "drop"}, "kind": "delivery", "recipient": "carla@borea.example"}`)
	w.switchOn(t, `{"fault": "acceptance-unsigned", "subject": "senza firma"}`)
	w.send(t, "Con firma", bruno, carla)
	w.send(t, "Senza firma", bruno)
	w.settle(t)
	got := w.fetch(t, anna)
	signed := 0
	for _, m := range got {
		if m.Kind == pec.Acceptance && m.SignaturePart != nil {
			signed++
		}
	}
	if len(got) != 4 || signed != 1 {
		t.Errorf("%v, %d acceptances signed; want two acceptances, one of them signed, and two receipts of Bruno", w.order(t), signed)
	}
	if code := w.ask(t, "DELETE", "/v1/faults/"+lost.ID, "", nil); code != 204 {
		t.Errorf("switch off: %d", code)
	}
	w.send(t, "Di nuovo", carla)
	w.settle(t)
	if list := w.order(t); len(list) != 6 || list[5] != "Delivery Di nuovo" {
		t.Errorf("after it was switched off: %v", list)
	}
	if code := w.ask(t, "DELETE", "/v1/faults", "", nil); code != 204 || len(w.Rules()) != 0 {
		t.Errorf("switch all off: %d, %v are on", code, w.Rules())
	}
	var why struct{ Error string }
	for _, tt := range []struct {
		method, path, body string
		code               int
		says               string
	}{
		{"POST", "/v1/faults", `{"fault": "acceptance-non"}`, 400, "acceptance-none"},
		{"POST", "/v1/faults", `{"fault": "acceptance-none", "provider": "Cassiopea"}`, 404, "Cassiopea"},
		{"POST", "/v1/faults", `{"fault": "acceptance-none", "recipents": "x"}`, 400, "recipents"},
		{"DELETE", "/v1/faults/rule-99", "", 404, "rule-99"},
		{"POST", "/v1/inject", `{"kind": "acceptance"}`, 400, "to"},
		{"POST", "/v1/inject", `{"kind": "ricevuta", "to": ["` + anna + `"]}`, 400, "transport-envelope"},
		{"POST", "/v1/inject", `{"kind": "acceptance", "octets": "eA==", "to": ["` + anna + `"]}`, 400, "either"},
		{"POST", "/v1/inject", `{"kind": "acceptance", "to": ["nessuno@aurora.example"]}`, 404, "nessuno"},
		{"POST", "/v1/inject", `{"kind": "acceptance", "to": ["` + anna + `"], "via": "posta"}`, 400, "incoming"},
	} {
		if code := w.ask(t, tt.method, tt.path, tt.body, &why); code != tt.code || !strings.Contains(why.Error, tt.says) {
			t.Errorf("%s %s %s: %d %q, want %d and a word about %s", tt.method, tt.path, tt.body, code, why.Error, tt.code, tt.says)
		}
	}
	var catalogue control.FaultCatalogue
	if w.ask(t, "GET", "/v1/faults/catalogue", "", &catalogue); len(catalogue.Faults) != len(faults.Catalogue()) || len(catalogue.Kinds) != 14 || len(catalogue.Personalities) < 8 {
		t.Errorf("catalogue of %d faults, %d personalities, %d kinds", len(catalogue.Faults), len(catalogue.Personalities), len(catalogue.Kinds))
	}
	var table []reserved.Group
	if w.ask(t, "GET", "/v1/recipients", "", &table); len(table) != 0 {
		t.Errorf("%d groups of reserved recipients where they are off", len(table))
	}
}

// Two receipts change places; what is held back outlives a restart.
func TestReceiptsOutOfOrder(t *testing.T) {
	t.Parallel()
	// What was taken in one order is put into mailboxes in that order where one
	// message is elaborated at a time.
	w := start(t, func(c *simulator.Config) { c.Providers[0].Limits.Workers = 1 })
	w.switchOn(t, `{"act": {"at": "emission", "do": "hold", "with": {"until": "mailbox"}}, "kind": "delivery", "times": 1}`)
	w.send(t, "Primo", bruno)
	w.settle(t)
	if diff := cmp.Diff([]string{"Acceptance Primo"}, w.order(t)); diff != "" {
		t.Errorf("the receipt is not held back: %s", diff)
	}
	if code := w.ask(t, "POST", "/v1/providers/restart", `{"provider": "Borea PEC S.r.l."}`, nil); code != 204 {
		t.Fatalf("restart: %d", code)
	}
	w.send(t, "Secondo", bruno)
	w.settle(t)
	want := []string{"Acceptance Primo", "Acceptance Secondo", "Delivery Secondo", "Delivery Primo"}
	if diff := cmp.Diff(want, w.order(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Certificates and identifiers of other kinds can be asked for while it runs.
func TestSignersAndPersonalitiesWhileRunning(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.switchOn(t, `{"fault": "acceptance-certificate-expired", "provider": "gestore.aurora.example", "times": 1}`)
	w.send(t, "Scaduto", bruno)
	w.settle(t)
	w.switchOn(t, `{"fault": "personality:opec-2014"}`)
	w.send(t, "Altro gestore", bruno)
	w.settle(t)
	var acceptances []*pec.Message
	for _, m := range w.fetch(t, anna) {
		if m.Kind == pec.Acceptance {
			acceptances = append(acceptances, m)
		}
	}
	if len(acceptances) != 2 {
		t.Fatalf("%d acceptances", len(acceptances))
	}
	if c := certificateOf(t, acceptances[0]); c.NotAfter.After(w.Now()) {
		t.Errorf("the certificate is good until %v", c.NotAfter)
	}
	if c := certificateOf(t, acceptances[1]); c.NotAfter.Before(w.Now()) {
		t.Errorf("the second one is touched too: %v", c.NotAfter)
	}
	if id := acceptances[1].Certification.Identifier; strings.HasPrefix(id, "pec20") {
		t.Errorf("identifier %s, want one in the form of the personality", id)
	}
}

// Every kind of message can be put into a mailbox, and most come in by SMTP too.
func TestInject(t *testing.T) {
	t.Parallel()
	w := start(t)
	want := []string{}
	for _, kind := range faults.Kinds() {
		var made control.Injected
		body := fmt.Sprintf(`{"kind": %q, "to": [%q], "provider": "gestore.borea.example", "subject": "Prova %s", "messageId": "<%s@client.example>"}`, kind, anna, kind, kind)
		if code := w.ask(t, "POST", "/v1/inject", body, &made); code != 200 || made.SHA256 == "" || len(made.Mailboxes) != 1 || made.Identifier == "" {
			t.Fatalf("%s: %d %+v", kind, code, made)
		}
		if made.Reference != "<"+kind+"@client.example>" {
			t.Errorf("%s is about %s", kind, made.Reference)
		}
		want = append(want, kind)
	}
	got := []string{}
	for _, m := range w.fetch(t, anna) {
		if m.SignaturePart == nil {
			t.Errorf("%s: no signature", m.Root.Value("Subject"))
		}
		_, subject, _ := strings.Cut(m.Root.Value("Subject"), "Prova ")
		got = append(got, subject)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// A receipt about nothing comes in like any other; with something wrong it
	// comes in an anomaly envelope, and so do octets that nobody signed.
	for _, body := range []string{
		`{"kind": "delivery-complete", "to": ["` + bruno + `"], "provider": "gestore.aurora.example", "via": "incoming"}`,
		`{"kind": "delivery-concise", "to": ["` + bruno + `"], "provider": "gestore.aurora.example", "via": "incoming", "acts": [{"at": "signer", "do": "unsigned"}]}`,
		`{"octets": "` + base64.StdEncoding.EncodeToString([]byte("From: x@posta.example\r\nTo: "+bruno+"\r\nSubject: grezzo\r\n\r\nx\r\n")) + `", "reversePath": "x@posta.example", "to": ["` + bruno + `"], "via": "incoming"}`,
	} {
		if code := w.ask(t, "POST", "/v1/inject", body, nil); code != 200 {
			t.Errorf("%s: %d", body, code)
		}
	}
	w.settle(t)
	if diff := cmp.Diff(counts{"Delivery": 1, "AnomalyEnvelope": 2}, w.kinds(t, bruno)); diff != "" {
		t.Errorf("Bruno (-want +got):\n%s", diff)
	}
	// Octets into a mailbox stay as they are, on the ordinary host too.
	raw, err := json.Marshal(control.Injection{To: []string{elena}, Octets: []byte("Subject: grezzo\r\n\r\nx\r\n")})
	if err != nil {
		t.Fatal(err)
	}
	if code := w.ask(t, "POST", "/v1/inject", string(raw), nil); code != 200 {
		t.Errorf("into the ordinary host: %d", code)
	}
	if m := w.fetch(t, elena); len(m) != 1 || string(m[0].Root.Raw()) != "Subject: grezzo\r\n\r\nx\r\n" {
		t.Errorf("Elena holds %d messages", len(m))
	}
}

// A notice of delay that nobody waits for does not keep a world from settling:
// the alarm was set for somebody who has answered.
func TestSettlesAfterTheEarliestAnswer(t *testing.T) {
	t.Parallel()
	w := start(t, onClock, func(c *simulator.Config) { c.Reserved = true })
	w.switchOn(t, `{"act": {"at": "emission", "do": "delay", "with": {"by": "300ms"}}, "kind": "delivery", "subject": "primo"}`)
	w.send(t, "Primo", bruno)
	w.send(t, "Secondo", "ritardo-24h@borea.example")
	w.settle(t)
	if err := w.Advance(t.Context(), 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(counts{"Acceptance": 2, "Delivery": 1, "Delay": 2}, w.kinds(t, anna)); diff != "" {
		t.Errorf("Anna (-want +got):\n%s", diff)
	}
}

// certificateOf is the certificate that signed a message.
func certificateOf(t *testing.T, m *pec.Message) *x509.Certificate {
	t.Helper()
	der, err := m.SignaturePart.Decoded()
	if err != nil {
		t.Fatal(err)
	}
	s, err := smime.Verify(m.Signed.Raw(), der)
	if err != nil {
		t.Fatal(err)
	}
	return s.Certificate
}

// What a provider decides at its start changes at its next one.
func TestRulesThatNeedARestart(t *testing.T) {
	t.Parallel()
	w := start(t)
	incoming := w.Providers[1].Hosts.Incoming
	if made := w.switchOn(t, `{"fault": "no-starttls", "provider": "gestore.borea.example"}`); !made.Restart {
		t.Error("nothing is said of a restart")
	}
	for _, want := range []int{220, 502} {
		if got := say(t, incoming, "EHLO x", "STARTTLS"); got[1] != want {
			t.Errorf("STARTTLS: %d, want %d", got[1], want)
		}
		if code := w.ask(t, "POST", "/v1/providers/restart", `{"provider": "gestore.borea.example"}`, nil); code != 204 {
			t.Fatalf("restart: %d", code)
		}
	}
}
