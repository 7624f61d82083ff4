package reports

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/rules"
)

// noon is when everything in the sample happens.
var noon = time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)

// mail writes a small message of a provider: what a report shows of it, and no
// more.
func mail(from, to, header, subject string) []byte {
	return []byte(strings.Join([]string{
		"From: " + from, "To: " + to, "Subject: " + subject, "Date: Mon, 2 Mar 2026 12:00:00 +0100",
		"Message-ID: <" + strings.ReplaceAll(subject, " ", "-") + "@gestore.aurora.example>",
		"X-Riferimento-Message-ID: <one@client.example>", header, "", "text", "",
	}, "\r\n"))
}

const (
	aurora = "posta-certificata@gestore.aurora.example"
	borea  = "posta-certificata@gestore.borea.example"
	anna   = "anna@aurora.example"
	bruno  = "bruno@borea.example"
	elena  = "elena@posta.example"
)

// sampleWorld is the world of the sample.
func sampleWorld() *evidence.World {
	return &evidence.World{
		Providers: []evidence.Provider{
			{Name: "Aurora PEC S.p.A.", ServiceAddress: aurora, Domains: []string{"aurora.example"}, Emitter: evidence.Target},
			{Name: "Borea PEC S.r.l.", ServiceAddress: borea, Domains: []string{"borea.example"}, Emitter: evidence.Target},
		},
		Mailboxes: []evidence.Mailbox{
			{Address: anna, Role: evidence.UserMailbox, Provider: "Aurora PEC S.p.A.", Actor: "Anna"},
			{Address: bruno, Role: evidence.UserMailbox, Provider: "Borea PEC S.r.l.", Actor: "Bruno"},
			{Address: elena, Role: evidence.OrdinaryMailbox, Actor: "Elena"},
			{Address: "ricevute@gestore.aurora.example", Role: evidence.ServiceMailbox, Provider: "Aurora PEC S.p.A."},
		},
	}
}

// sampleRun writes the evidence of a small run: an exchange that goes well, a
// refusal, and a scenario that the harness could not carry out.
func sampleRun(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	ticks := 0
	recorder, err := evidence.Create(dir, func() time.Time {
		ticks++
		return noon.Add(time.Duration(ticks) * 100 * time.Millisecond)
	})
	if err != nil {
		t.Fatal(err)
	}
	record := func(into interface{ Record(evidence.Event) error }, e evidence.Event) {
		if err := into.Record(e); err != nil {
			t.Fatal(err)
		}
	}
	keep := func(drawer evidence.Drawer, octets []byte) string {
		hash, err := recorder.Keep(drawer, octets, false)
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	run := sampleResult().Run
	record(recorder, evidence.Event{Type: evidence.RunStarted, Run: &run})

	s := recorder.Scenario("complete-exchange")
	record(s, evidence.Event{Type: evidence.ScenarioStarted, Start: &evidence.Start{
		ID: "complete-exchange", Name: "Anna writes to Bruno", Feature: "Complete transaction", File: "3.5_complete_transaction.feature",
		Rules: []string{"PEC-INT-001"}, Tags: []string{"@core"}, Steps: []string{"When Anna sends a plain message to Bruno", "Then the transaction is complete"},
	}})
	record(s, evidence.Event{Type: evidence.WorldSeen, World: sampleWorld()})
	record(s, evidence.Event{Type: evidence.TrustSeen, Trust: &evidence.Trust{
		Instant: noon, Authority: keep(evidence.TrustBlob, []byte("the CA")), Revoked: keep(evidence.TrustBlob, []byte("the CRL")), Directory: keep(evidence.TrustBlob, []byte("dn: o=postacert\n")),
	}})
	reply := evidence.Reply{Code: 250, Enhanced: "2.0.0", Text: "ok"}
	record(s, evidence.Event{Type: evidence.Submitted, Submission: &evidence.Submission{
		ID: "s1", Token: "T1", Actor: "Anna", Channel: evidence.SubmissionTLS, Host: "Aurora PEC S.p.A.", Account: anna, ReversePath: anna,
		MailReply: reply, Recipients: []evidence.RecipientReply{{Address: bruno, Reply: reply}}, DataReply: reply,
		Blob: keep(evidence.Sent, mail(anna, bruno, "X-Mailer: test", "prova T1")), Size: 240, Started: noon, Ended: noon,
		Transcript: keep(evidence.Transcript, []byte("> DATA\n< 250 2.0.0 ok\n")),
	}})
	record(s, evidence.Event{Type: evidence.Probed, Probe: &evidence.Probe{
		Name: "auth-in-clear", Service: "submission", Provider: "Aurora PEC S.p.A.", Asked: "to sign in without TLS", Refused: true,
		Replies:    []evidence.Reply{{Code: 250, Text: "Hello\nSTARTTLS"}, {Code: 523, Enhanced: "5.7.10", Text: "TLS is required"}},
		Transcript: keep(evidence.Transcript, []byte("> AUTH PLAIN\n< 523 5.7.10 TLS is required\n")),
	}})
	for i, m := range []struct {
		mailbox string
		role    evidence.Role
		owner   string
		octets  []byte
	}{
		{anna, evidence.UserMailbox, "Aurora PEC S.p.A.", mail(borea, anna, "X-Ricevuta: avvenuta-consegna", "CONSEGNA: prova T1")},
		{anna, evidence.UserMailbox, "Aurora PEC S.p.A.", mail(aurora, anna, "X-Ricevuta: accettazione", "ACCETTAZIONE: prova T1")},
		{bruno, evidence.UserMailbox, "Borea PEC S.r.l.", mail(aurora, bruno, "X-Trasporto: posta-certificata", "POSTA CERTIFICATA: prova T1")},
		{"ricevute@gestore.aurora.example", evidence.ServiceMailbox, "Aurora PEC S.p.A.", mail(borea, "ricevute@gestore.aurora.example", "X-Ricevuta: presa-in-carico", "PRESA IN CARICO: prova T1")},
	} {
		record(s, evidence.Event{Type: evidence.MessageSeen, Message: &evidence.Message{
			ID: "m" + plainNumber(i+1), Mailbox: m.mailbox, Role: m.role, Provider: m.owner, Emitter: evidence.Target,
			Blob: keep(evidence.Received, m.octets), Size: int64(len(m.octets)), Delivered: noon.Add(time.Second), Via: "imap",
		}})
	}
	record(s, evidence.Event{Type: evidence.SettledSeen})
	record(s, evidence.Event{Type: evidence.DialoguesHeld, Dialogues: []evidence.Dialogue{
		{Protocol: "imap", Mailbox: bruno, Provider: "Borea PEC S.r.l.", Address: "127.0.0.1:993", Sessions: 3, Transcript: keep(evidence.Transcript, []byte("C: T2 EXAMINE INBOX\n"))},
		{Protocol: "ldap", Address: "ldap://127.0.0.1:389", Sessions: 1, Transcript: keep(evidence.Transcript, []byte("C: message 1: search request\n"))},
	}})
	record(s, evidence.Event{Type: evidence.ScenarioEnded, End: &evidence.End{Completed: true}})

	s = recorder.Scenario("hidden-recipient")
	record(s, evidence.Event{Type: evidence.ScenarioStarted, Start: &evidence.Start{
		ID: "hidden-recipient", Name: "A hidden recipient", Feature: "Formal checks", File: "3.1.1_formal_checks.feature", Rules: []string{"PEC-AP-012"},
		Steps: []string{"When Anna sends a message to Bruno without naming him", "Then it is refused"},
	}})
	record(s, evidence.Event{Type: evidence.WorldSeen, World: sampleWorld()})
	record(s, evidence.Event{Type: evidence.Submitted, Submission: &evidence.Submission{
		ID: "s1", Token: "T2", Actor: "Anna", Channel: evidence.SubmissionTLS, Host: "Aurora PEC S.p.A.", Account: anna, ReversePath: anna,
		MailReply: reply, Recipients: []evidence.RecipientReply{{Address: bruno, Reply: reply}}, DataReply: evidence.Reply{Code: 554, Enhanced: "5.7.1"},
		Blob: keep(evidence.Sent, mail(anna, elena, "X-Mailer: test", "prova T2")), Size: 240, Started: noon, Ended: noon,
	}})
	record(s, evidence.Event{Type: evidence.ScenarioEnded, End: &evidence.End{Completed: true}})

	s = recorder.Scenario("harness-trouble")
	record(s, evidence.Event{Type: evidence.ScenarioStarted, Start: &evidence.Start{
		ID: "harness-trouble", Name: "A step that fails", Feature: "Formal checks", File: "3.1.1_formal_checks.feature", Rules: []string{"PEC-AP-005"},
	}})
	record(s, evidence.Event{Type: evidence.ScenarioEnded, End: &evidence.End{Error: "dial tcp: connection refused"}})
	record(recorder, evidence.Event{Type: evidence.RunEnded, End: &evidence.End{Completed: true}})
	if err := recorder.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// sampleResult is a judgement with every verdict in it, and with what a hostile
// target could write into a report.
func sampleResult() *rules.Result {
	broken := rules.Check{
		Rule: "PEC-AP-012", Scenario: "hidden-recipient", By: "expectation e1", Verdict: rules.Fail, Count: 1,
		Expected: "not accepted: a refusal or a notice", Seen: "<script>alert('seen')</script> & \x1b[31maccepted\x00",
		Where: rules.Where{Submission: "s1", Part: "header To"},
	}
	again := broken
	again.Where.Part = "header Cc"
	kept := rules.Check{Rule: "PEC-TE-001", Scenario: "complete-exchange", By: "judge", Verdict: rules.Pass, Count: 3}
	warned := rules.Check{
		Rule: "PEC-GEN-006", Scenario: "complete-exchange", By: "judge", Verdict: rules.Warn, Count: 1, Expected: "charset ISO-8859-1",
		Seen: "UTF-8", Because: "one accredited provider sends UTF-8 text", Where: rules.Where{Message: "m3", Part: "text"},
	}
	unable := rules.Check{Rule: "PEC-LOG-001", Scenario: "complete-exchange", By: "judge", Verdict: rules.Inconclusive, Count: 1, Need: "the provider's log"}
	trouble := rules.Check{Rule: "PEC-AP-005", Scenario: "harness-trouble", By: "harness", Verdict: rules.Error, Seen: "dial tcp: connection refused"}
	observed := rules.Check{Rule: "PEC-AP-037", Scenario: "complete-exchange", By: "judge", Verdict: rules.Observed, Count: 1, Seen: "accepted"}
	result := &rules.Result{
		Verdict: rules.NotConformant, Reason: "1 rule broken", Profile: rules.Practice,
		Run: evidence.Run{
			Tool: "collaudo", Version: "test", Target: "built-in pair of simulated providers", Profile: "practice", Seed: 7, Scope: "subset",
			Rules:    []string{"PEC-GEN-006", "PEC-SIG-010", "PEC-AP-005", "PEC-AP-012", "PEC-AP-037", "PEC-TE-001", "PEC-TE-013", "PEC-LOG-001", "PEC-TMO-001"},
			Selected: []string{"complete-exchange", "hidden-recipient", "harness-trouble"},
		},
		Scenarios: []rules.ScenarioResult{
			{
				ID: "complete-exchange", Name: "Anna writes to Bruno", Feature: "Complete transaction", File: "3.5_complete_transaction.feature",
				Rules: []string{"PEC-INT-001"}, Verdict: rules.Inconclusive, Checks: []rules.Check{kept, warned, unable, observed},
			},
			{
				ID: "hidden-recipient", Name: "A hidden recipient", Feature: "Formal checks", File: "3.1.1_formal_checks.feature",
				Rules: []string{"PEC-AP-012"}, Verdict: rules.Fail, Checks: []rules.Check{broken, again},
			},
			{
				ID: "harness-trouble", Name: "A step that fails", Feature: "Formal checks", File: "3.1.1_formal_checks.feature",
				Rules: []string{"PEC-AP-005"}, Verdict: rules.Error, Error: "dial tcp: connection refused", Checks: []rules.Check{trouble},
			},
		},
		Rules: []rules.RuleResult{
			{ID: "PEC-GEN-006", Verdict: rules.Warn, Judged: true, Checks: []rules.Check{warned}},
			{ID: "PEC-SIG-010", Verdict: rules.NotExercised, Reason: "an audit", Checks: []rules.Check{}},
			{ID: "PEC-AP-005", Verdict: rules.Error, Judged: true, Checks: []rules.Check{trouble}},
			{ID: "PEC-AP-012", Verdict: rules.Fail, Judged: true, Checks: []rules.Check{broken, again}},
			{ID: "PEC-AP-037", Verdict: rules.Observed, Judged: true, Checks: []rules.Check{observed}},
			{ID: "PEC-TE-001", Verdict: rules.Pass, Judged: true, Checks: []rules.Check{kept}},
			{ID: "PEC-TE-013", Verdict: rules.NotExercised, Judged: true, Reason: "no selected scenario brings the case about", Checks: []rules.Check{}},
			{ID: "PEC-LOG-001", Verdict: rules.Inconclusive, Judged: true, Reason: "missing: the provider's log", Checks: []rules.Check{unable}},
			{ID: "PEC-TMO-001", Verdict: rules.NotExercised, Reason: "this version of Collaudo has no judge for it yet", Checks: []rules.Check{}},
		},
		Counts: map[rules.Verdict]int{
			rules.Warn: 1, rules.Error: 1, rules.Fail: 1, rules.Observed: 1, rules.Pass: 1, rules.Inconclusive: 1, rules.NotExercised: 3,
		},
	}
	result.Regroup()
	return result
}

func loadCatalogue(t *testing.T) *rules.Catalogue {
	t.Helper()
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	return catalogue
}

func readMail(t *testing.T, octets []byte) *pec.Message {
	t.Helper()
	m, err := pec.Read(octets)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// golden compares with a file of testdata; UPDATE_GOLDEN=1 writes it anew, for
// a person to read before it is kept.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-golden +got); read it, and write it anew with UPDATE_GOLDEN=1 if it is right:\n%s", path, diff)
	}
}
