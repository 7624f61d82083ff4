package evidence

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What a client did reads back as it was written, and an event that carries
// nothing is refused like any other.
func TestClientEvents(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r, err := Create(dir, func() time.Time { return instant })
	if err != nil {
		t.Fatal(err)
	}
	s := r.Scenario("one")
	events := []Event{
		{Type: ScenarioStarted, Start: &Start{ID: "one"}},
		{Type: SettledSeen},
		{Type: ClientRan, ClientRun: &ClientRun{ID: "c1", Action: ClientSend, Asked: []string{"client", "[removed]"}, Order: &ClientOrder{Token: "t"}}},
		{Type: ClientSpoke, ClientSession: &ClientSession{Run: "c1", ID: 7, Protocol: "smtp", TLS: true}},
		{Type: ClientConcluded, ClientStanding: &ClientStanding{ID: "a1", Run: "c1", Status: "delivered"}},
		{Type: TruthTold, ClientTruth: &ClientTruth{Standing: "a1", Entries: []JournalEntry{{Event: "delivery"}}}},
		{Type: ClientGiven, ClientPlacing: &ClientPlacing{Mailbox: "anna@aurora.example", What: "a bounce"}},
		{Type: ScenarioEnded, End: &End{Completed: true}},
	}
	for _, e := range events {
		if err := s.Record(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	record, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	c := record.Cases[0]
	if c.Settled {
		t.Error("a case counts as settled though a message was sent after it settled")
	}
	got := []any{c.ClientRuns[0], c.ClientSessions[0], c.ClientStandings[0], c.ClientTruths[0], c.ClientPlacings[0]}
	want := []any{*events[2].ClientRun, *events[3].ClientSession, *events[4].ClientStanding, *events[5].ClientTruth, *events[6].ClientPlacing}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	for _, of := range []Type{ClientRan, ClientSpoke, ClientConcluded, TruthTold, ClientGiven} {
		if (Event{Type: of}).whole() {
			t.Errorf("an event of type %s that carries nothing counts as whole", of)
		}
	}
	for _, test := range []struct {
		run  ClientRun
		want bool
	}{{ClientRun{}, true}, {ClientRun{Exit: 1}, false}, {ClientRun{TimedOut: true}, false}, {ClientRun{Failed: "no such program"}, false}} {
		if got := test.run.Succeeded(); got != test.want {
			t.Errorf("%+v succeeded: %v, want %v", test.run, got, test.want)
		}
	}
}
