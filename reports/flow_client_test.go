package reports

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// What a client did is drawn in the order in which it did it; what was said in
// clear text, and what failed, shows.
func TestFlowOfAClient(t *testing.T) {
	t.Parallel()
	const anna, aurora = "anna@aurora.example", "Aurora PEC S.p.A."
	c := &evidence.Case{
		World: evidence.World{
			Providers: []evidence.Provider{{Name: aurora, Domains: []string{"aurora.example"}, Emitter: evidence.Target}},
			Mailboxes: []evidence.Mailbox{{Address: anna, Role: evidence.UserMailbox, Provider: aurora, Actor: "Anna"}},
		},
		ClientRuns: []evidence.ClientRun{
			{ID: "c1", Action: evidence.ClientSend, Account: anna},
			{ID: "c2", Action: evidence.ClientFetch, Account: anna, Exit: 1},
			{ID: "c3", Action: evidence.ClientStatus, Account: anna},
		},
		ClientSessions: []evidence.ClientSession{
			{Run: "c1", Host: aurora, Service: "submission-tls", TLS: true, Account: anna},
			{Run: "c2", Host: aurora, Service: "imap-starttls"},
		},
		ClientStandings: []evidence.ClientStanding{{ID: "a1", Run: "c3", Status: "delivered"}},
		ClientPlacings:  []evidence.ClientPlacing{{Mailbox: anna, What: "a message that is no MIME"}},
	}
	var got []string
	for _, w := range draw(english(), &rules.View{Case: c}, func(string) string { return "" }).Arrows {
		got = append(got, w.Tone+" "+w.Label+w.Divider)
	}
	want := []string{
		" the client", "plain send over submission-tls", "trouble fetch over imap-starttls, in clear text", "trouble fetch failed",
		"reply concludes delivered", "plain put there by the harness",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("flow (-want +got):\n%s", diff)
	}
}
