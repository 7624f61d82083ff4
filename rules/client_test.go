package rules

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// What a client did, built by hand.

// secure is a session of submission over STARTTLS, as it should be.
const secure = `S: 220 ready
C: EHLO localhost
S: 250 STARTTLS
C: STARTTLS
S: 220 go on
C: EHLO localhost
C: AUTH PLAIN [removed]
S: 235 ok
C: MAIL FROM:<anna@aurora.example>
C: QUIT
`

// spoke adds a session of the run.
func (c *testCase) spoke(run, protocol, transcript string, tls bool, account string) {
	c.add(evidence.Event{Type: evidence.ClientSpoke, ClientSession: &evidence.ClientSession{
		Run: run, ID: int64(len(c.events) + 1), Host: aurora, Protocol: protocol, Service: protocol, TLS: tls, Account: account,
		Transcript: c.blobs.keep([]byte(transcript)),
	}})
}

// ran adds a run of the client.
func (c *testCase) ran(id, action string, alter ...func(*evidence.ClientRun)) {
	r := evidence.ClientRun{ID: id, Action: action, Account: anna, Asked: []string{"client", action}}
	if action == evidence.ClientSend {
		r.Order = &evidence.ClientOrder{
			Token: "7f3a", Subject: orderedSubject, Text: c.blobs.keep([]byte(orderedText)), Recipients: []string{bruno, elena},
		}
	}
	for _, a := range alter {
		a(&r)
	}
	c.add(evidence.Event{Type: evidence.ClientRan, ClientRun: &r})
}

const (
	orderedSubject = "Perché 7f3a"
	orderedText    = "È così.\n"
)

func exits(code int) func(*evidence.ClientRun) { return func(r *evidence.ClientRun) { r.Exit = code } }

func neverStarted(r *evidence.ClientRun) { r.Failed = "no such program" }

// session is one run to send, and one session in it.
func sessionOf(protocol, transcript string, tls bool, account string) func(*testCase) {
	return func(c *testCase) {
		action := evidence.ClientSend
		if protocol != "smtp" {
			action = evidence.ClientFetch
		}
		c.ran("c1", action)
		c.spoke("c1", protocol, transcript, tls, account)
	}
}

// wrote is a client that sent this message, as it arrived.
func wrote(header, body string) func(*testCase) {
	return func(c *testCase) {
		c.ran("c1", evidence.ClientSend)
		envelope := "X-Trasporto: posta-certificata\nFrom: x@y.example\nSubject: POSTA CERTIFICATA: 7f3a\nMIME-Version: 1.0\n" +
			"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nx\n--b\n" +
			"Content-Type: message/rfc822; name=\"postacert.eml\"\n\nFrom: <" + anna + ">\n" + header + "\n" + body + "\n--b--\n"
		c.received(bruno, []byte(crlf(envelope)))
	}
}

const (
	goodHeader = "Subject: =?ISO-8859-1?Q?Perch=E9?= 7f3a\nMIME-Version: 1.0\nContent-Type: text/plain; charset=ISO-8859-1\nContent-Transfer-Encoding: quoted-printable\n"
	goodBody   = "=C8 cos=EC."
)

// concluded is a client that was asked about Bruno, and a world whose logs say
// these events of him.
func concluded(status string, exit int, events ...string) func(*testCase) {
	return func(c *testCase) {
		c.ran("c1", evidence.ClientSend)
		c.ran("c2", evidence.ClientStatus, exits(exit))
		standing := evidence.ClientStanding{ID: "a1", Run: "c2", Sending: "c1", MessageID: "<1@x>", Recipient: bruno, Said: status}
		for _, known := range standings {
			if known == status {
				standing.Status = status
			}
		}
		c.add(evidence.Event{Type: evidence.ClientConcluded, ClientStanding: &standing})
		truth := evidence.ClientTruth{Standing: "a1", MessageID: "<1@x>", Recipient: bruno}
		for _, e := range events {
			truth.Entries = append(truth.Entries, evidence.JournalEntry{Provider: aurora, Event: e, MessageID: "<1@x>", Recipients: []string{bruno}})
		}
		c.add(evidence.Event{Type: evidence.TruthTold, ClientTruth: &truth})
	}
}

// shown is a client that was told to show a message, and wrote this.
func shows(output string) func(*testCase) {
	return func(c *testCase) {
		c.blobs["text"] = []byte(orderedText)
		c.ran("c1", evidence.ClientShow, func(r *evidence.ClientRun) { r.Output = c.blobs.keep([]byte(output)) })
	}
}

// clientQuestions are what is asked about clients, kept, broken and asked amiss.
func clientQuestions() []asked {
	about := func(status string) map[string]string {
		return p("status", status, "sending", "c1", "recipient", bruno, "standing", "a1")
	}
	show := p("subject", orderedSubject, "text", "text", "run", "c1")
	return []asked{
		{check: "client-protected", name: "STARTTLS", build: sessionOf("smtp", secure, true, anna), want: holds},
		{check: "client-protected", name: "MAIL in clear", build: sessionOf("smtp", "C: EHLO x\nC: MAIL FROM:<a@b>\n", false, ""), want: broken},
		{check: "client-protected", name: "no history", build: func(c *testCase) { c.ran("c1", evidence.ClientSend) }, want: unable},
		{check: "client-authenticated", name: "signed in", build: sessionOf("smtp", secure, true, anna), want: holds},
		{check: "client-authenticated", name: "not signed in", build: sessionOf("smtp", "C: MAIL FROM:<a@b>\n", true, ""), want: broken},
		{check: "client-authenticated", name: "could not start", build: func(c *testCase) { c.ran("c1", evidence.ClientSend, neverStarted) }, want: unable},
		{check: "client-writes", name: "as ordered", build: wrote(goodHeader, goodBody), want: holds},
		{check: "client-writes", name: "another subject", build: wrote(strings.Replace(goodHeader, "Perch=E9", "Poiche", 1), goodBody), want: broken},
		{check: "client-writes", name: "nothing sent", build: func(*testCase) {}, want: unable},
		{check: "client-writes", name: "nothing arrived", build: func(c *testCase) { c.ran("c1", evidence.ClientSend) }, want: unable},
		{check: "client-fetches", name: "well", build: func(c *testCase) { c.ran("c1", evidence.ClientFetch) }, want: holds},
		{check: "client-fetches", name: "not", build: func(c *testCase) { c.ran("c1", evidence.ClientFetch, exits(1)) }, want: broken},
		{check: "client-fetches", name: "never", build: func(*testCase) {}, want: unable},

		{check: "client-shows", name: "both", parameters: show, build: shows(orderedSubject + "\r\n" + orderedText), want: holds},
		{check: "client-shows", name: "another charset", parameters: show, build: shows("Perch\xe9 7f3a\n" + orderedText), want: broken},
		{check: "client-shows", name: "no text", parameters: show, build: shows(orderedSubject), want: broken},
		{check: "client-shows", name: "cannot", parameters: p("subject", orderedSubject, "text", "text"), build: shows(""), want: unable},

		{check: "client-concludes", name: "delivered", parameters: about("delivered"), build: concluded("delivered", 0, "acceptance", "delivery"), want: holds},
		{check: "client-concludes", name: "one of two", parameters: about("accepted or late"), build: concluded("late", 0, "acceptance", "delay"), want: holds},
		{check: "client-concludes", name: "refused", parameters: about("refused"), build: concluded("refused", 0, "non-acceptance"), want: holds},
		{check: "client-concludes", name: "another", parameters: about("failed"), build: concluded("delivered", 0, "acceptance", "non-delivery"), want: broken},
		{check: "client-concludes", name: "a word of its own", parameters: about("delivered"), build: concluded("boh", 0, "acceptance", "delivery"), want: broken},
		{check: "client-concludes", name: "it broke down", parameters: about("delivered"), build: concluded("delivered", 1, "acceptance", "delivery"), want: broken},
		{check: "client-concludes", name: "the case did not come about", parameters: about("delivered"), build: concluded("sent", 0, "acceptance"), want: unable},
		{check: "client-concludes", name: "it cannot be asked", parameters: p("status", "sent", "sending", "c1", "recipient", bruno), build: concluded("sent", 0), want: unable},
		{check: "client-concludes", name: "no such word", parameters: about("vanished"), build: concluded("sent", 0, "acceptance"), want: harnessFault},
		{check: "client-concludes", name: "never asked", parameters: p("status", "sent", "sending", "c1", "recipient", bruno, "standing", "a9"), build: concluded("sent", 0), want: harnessFault},
	}
}

func TestClientJudges(t *testing.T) {
	t.Parallel()
	fetch := func(alter ...func(*evidence.ClientRun)) func(*testCase) {
		return func(c *testCase) { c.ran("c1", evidence.ClientFetch, alter...) }
	}
	runTrials(t, ClientJudges(), []trial{
		{rule: "PEC-CLI-001", name: "STARTTLS", build: sessionOf("smtp", secure, true, anna), want: holds},
		{rule: "PEC-CLI-001", name: "implicit TLS", build: sessionOf("imap", "C: a1 LOGIN [removed]\nC: a2 SELECT INBOX\n", true, anna), want: holds},
		{rule: "PEC-CLI-001", name: "STLS", build: sessionOf("pop3", "C: CAPA\nC: STLS\nC: USER x\nC: PASS [removed]\n", true, anna), want: holds},
		{rule: "PEC-CLI-001", name: "password before STLS", build: sessionOf("pop3", "C: USER x\nC: STLS\n", true, anna), want: broken},
		{rule: "PEC-CLI-001", name: "STARTTLS refused and gone on", build: sessionOf("imap", "C: a STARTTLS\nC: b LOGIN [removed]\n", false, anna), want: broken},
		{rule: "PEC-CLI-001", name: "only greetings in clear", build: sessionOf("smtp", "C: EHLO x\nC: QUIT\n", false, ""), none: true},

		{rule: "PEC-CLI-002", name: "signed in", build: sessionOf("smtp", secure, true, anna), want: holds},
		{rule: "PEC-CLI-002", name: "MAIL before AUTH", build: sessionOf("smtp", "C: MAIL FROM:<a@b>\nC: AUTH PLAIN [removed]\n", true, anna), want: broken},
		{rule: "PEC-CLI-002", name: "another way", build: func(c *testCase) {
			sessionOf("smtp", secure, true, anna)(c)
			c.ran("c2", evidence.ClientFetch)
		}, want: broken},
		{rule: "PEC-CLI-002", name: "could not start", build: func(c *testCase) { c.ran("c1", evidence.ClientSend, neverStarted) }, none: true},
		{rule: "PEC-CLI-002", name: "could not start once", build: func(c *testCase) {
			sessionOf("smtp", secure, true, anna)(c)
			c.ran("c2", evidence.ClientFetch, neverStarted)
			c.ran("c3", evidence.ClientFetch, exits(1))
		}, want: holds},
		{rule: "PEC-CLI-002", name: "no history", build: func(c *testCase) { c.ran("c1", evidence.ClientSend) }, want: unable},

		{rule: "PEC-CLI-003", name: "as ordered", build: wrote(goodHeader, goodBody), want: holds},
		{rule: "PEC-CLI-003", name: "raw letters in the header", build: wrote("Subject: Perch\xe9 7f3a\n", goodBody), want: broken},
		{rule: "PEC-CLI-003", name: "no charset", build: wrote("Subject: =?UTF-8?Q?Perch=C3=A9?= 7f3a\n", "\xc8 cos\xec."), want: broken},
		{rule: "PEC-CLI-003", name: "another text", build: wrote(goodHeader, "=C8 cosi."), want: broken},

		{rule: "PEC-CLI-009", name: "well", build: fetch(), want: holds},
		{rule: "PEC-CLI-009", name: "exit code", build: fetch(exits(2)), want: broken},
		{rule: "PEC-CLI-009", name: "never ended", build: fetch(func(r *evidence.ClientRun) { r.TimedOut = true }), want: broken},
		{rule: "PEC-CLI-009", name: "not to be run", build: fetch(neverStarted), want: broken},
	})
}

// A rule that binds clients is excluded from a run against providers, and never
// from one against a client: not exercised there, it must say so.
func TestClientRulesAreExcludedForProvidersOnly(t *testing.T) {
	t.Parallel()
	for _, law := range mustLaw(t).Rules {
		binds := len(law.Roles) == 1 && law.Roles[0] == RoleClient
		if got := law.excludedFor(evidence.KindClient); binds && got {
			t.Errorf("%s is excluded where a client is under test", law.ID)
		}
		if got := law.excludedFor(""); binds && !got {
			t.Errorf("%s is not excluded where providers are under test", law.ID)
		}
		if !binds && law.excludedFor("") != law.excludedFor(evidence.KindClient) {
			t.Errorf("%s binds no client, and counts otherwise where one is under test", law.ID)
		}
	}
}

// The envelope of another message with the same subject is not that of the run.
func TestEnvelopesAreTiedToRuns(t *testing.T) {
	t.Parallel()
	c := newCase(t)
	wrote(goodHeader, goodBody)(c)
	v := c.view()
	r := v.runs(evidence.ClientSend)[0]
	if len(v.OfKind(pec.TransportEnvelope)) != 1 || !sentBy(v.Messages[0], r) {
		t.Fatal("the envelope is not tied to the run that sent it")
	}
	r.Order.Recipients = []string{carla}
	if sentBy(v.Messages[0], r) {
		t.Error("an envelope in Bruno's mailbox is tied to a message for Carla")
	}
}
