package reports

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
)

// recordedRun writes a run of these events.
func recordedRun(t *testing.T, run evidence.Run, events ...evidence.Event) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	recorder, err := evidence.Create(dir, func() time.Time { return time.Date(2027, 3, 1, 10, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := recorder.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := recorder.Record(evidence.Event{Type: evidence.RunStarted, Run: &run}); err != nil {
		t.Fatal(err)
	}
	scenario := recorder.Scenario("one")
	for _, e := range events {
		if err := scenario.Record(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := recorder.Record(evidence.Event{Type: evidence.RunEnded, End: &evidence.End{Completed: true}}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestCleanup(t *testing.T) {
	t.Parallel()
	done, no := evidence.Reply{Code: 250}, evidence.Reply{Code: 554}
	submission := func(account string, final evidence.Reply, infected string, to ...string) evidence.Event {
		s := &evidence.Submission{Account: account, ReversePath: "elena@posta.example", DataReply: final, Infected: infected}
		for _, address := range to {
			s.Recipients = append(s.Recipients, evidence.RecipientReply{Address: address, Reply: done})
		}
		return evidence.Event{Type: evidence.Submitted, Submission: s}
	}
	seen := func(mailbox, place, via string) evidence.Event {
		return evidence.Event{Type: evidence.MessageSeen, Message: &evidence.Message{Mailbox: mailbox, Place: place, Via: via}}
	}
	cutting := func(a, b string, cut, closing bool) evidence.Event {
		return evidence.Event{Type: evidence.NetworkChanged, Network: &evidence.NetworkChange{
			Between: [2]string{a, b}, Cut: cut, Closing: closing, At: time.Date(2027, 3, 1, 10, 0, 0, 0, time.UTC),
		}}
	}
	dir := recordedRun(t, evidence.Run{Target: "Acme", TargetFile: "acme.yaml"},
		evidence.Event{Type: evidence.WorldSeen, World: &evidence.World{Mailboxes: []evidence.Mailbox{{Address: "anna@acme.example"}, {Address: "bruno@acme.example"}}}},
		submission("anna@acme.example", done, "", "Bruno@acme.example", "fuori@altrove.example"),
		submission("anna@acme.example", done, "EICAR", "bruno@acme.example"),
		submission("anna@acme.example", no, "", "bruno@acme.example"),
		submission("", done, "", "bruno@acme.example"),
		evidence.Event{Type: evidence.Dispatched, Dispatch: &evidence.Dispatch{Peer: "Cirro", DataReply: done}},
		seen("bruno@acme.example", "7/100", "imap"), seen("bruno@acme.example", "7/99", "imap"), seen("anna@acme.example", "3/4", "imap"),
		seen("paolo@cirro.example", "", "smtp"),
		evidence.Event{Type: evidence.OthersSeen, Others: &evidence.Others{Late: 1, Mailboxes: []evidence.MailboxOthers{{Address: "anna@acme.example", Taken: 1, Others: 3}, {Address: "bruno@acme.example", Taken: 2}}}},
		evidence.Event{Type: evidence.OthersSeen, Others: &evidence.Others{Late: 1, Mailboxes: []evidence.MailboxOthers{{Address: "anna@acme.example", Others: 4}}}},
		evidence.Event{Type: evidence.Probed, Probe: &evidence.Probe{Name: "wrong-password-imap", Provider: "Acme"}},
		evidence.Event{Type: evidence.MailboxTried, MailboxUse: &evidence.MailboxUse{Mailbox: "anna@acme.example", Wrong: true}},
		evidence.Event{Type: evidence.MailboxTried, MailboxUse: &evidence.MailboxUse{Mailbox: "anna@acme.example"}},
		evidence.Event{Type: evidence.LifeSeen, MailboxLife: &evidence.MailboxLife{Mailbox: "anna@acme.example", State: "suspended", At: time.Date(2027, 3, 1, 10, 0, 0, 0, time.UTC)}},
		evidence.Event{Type: evidence.LifeSeen, MailboxLife: &evidence.MailboxLife{Mailbox: "bruno@acme.example", State: "suspended", At: time.Date(2027, 3, 1, 10, 0, 0, 0, time.UTC)}},
		evidence.Event{Type: evidence.LifeSeen, MailboxLife: &evidence.MailboxLife{Mailbox: "bruno@acme.example", State: evidence.MailboxActive}},
		cutting("Acme", "Borea", true, false), cutting("Acme", "Nembo", true, false), cutting("Acme", "Nembo", false, true),
	)
	got, err := renderCleanup(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := `What the run against Acme left behind
Begun 1 March 2027, 11:00:00 CET, ended 1 March 2027, 11:00:00 CET. Times are Italian legal time.

The harness deleted nothing. Each message that it sent bears the header field X-Collaudo with a word of its own,
COL- and ten letters. Where the subject was free the word stands there too, and so in what came back: search the
mailboxes for COL- to find what is to be removed; the rest is named below by its UID.

Sent
  Cirro, which the harness plays: 1 message accepted
  anna@acme.example: 2 messages accepted (1 with a test virus), 1 refused
  without signing in, as elena@posta.example: 1 message accepted

Left in mailboxes: read, and still there
  anna@acme.example: 1 message, UID 4 (UIDVALIDITY 3)
  bruno@acme.example: 2 messages, UIDs 99:100 (UIDVALIDITY 7)

Arrived meanwhile, not ours
  anna@acme.example: 4 messages that are not ours arrived and were not read
  providers that the harness plays: 2 messages that no scenario waited for arrived and were not kept

Sent to recipients whose mailbox the harness cannot see
  fuori@altrove.example: 1 message

Wrong passwords tried (they may have locked somebody out)
  Acme: 1
  anna@acme.example: 1

Mailboxes last seen locked, expired, suspended or gone
  anna@acme.example: 1 March 2027, 11:00:00 CET

Networks between providers that were cut and not made whole again
  Acme and Borea: since 1 March 2027, 11:00:00 CET
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNoCleanupWhereTheWorldIsGone(t *testing.T) {
	t.Parallel()
	for _, run := range []evidence.Run{{Target: "built-in pair"}, {Target: "a client", TargetFile: "client.yaml", Kind: evidence.KindClient}} {
		dir := recordedRun(t, run)
		octets, err := renderCleanup(dir)
		if err != nil {
			t.Fatal(err)
		}
		if octets != nil {
			t.Errorf("%s: there is something to clean up", run.Target)
		}
	}
}

// A message to many recipients is told in a line; what differs is not.
func TestCleanupGathersNumberedRecipients(t *testing.T) {
	t.Parallel()
	got := gathered(map[string]int{
		"n-01@b.example": 4, "n-02@b.example": 4, "n-03@b.example": 4, // together
		"n-04@b.example": 1, "n-05@b.example": 1, // sent less often
		"n-07@b.example": 1, // not the next
		"n-08@c.example": 1, // another domain
		"n@b.example":    1, // no number
	})
	want := map[string]string{
		"n-01@b.example … n-03@b.example": "4 messages to each of 3 addresses",
		"n-04@b.example … n-05@b.example": "1 message to each of 2 addresses",
		"n-07@b.example":                  "1 message", "n-08@c.example": "1 message", "n@b.example": "1 message",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
