package client_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// drive asks for every operation of a topic, with success, and says what has to
// come out. Each topic has one, in drive_TOPIC_test.go.
type drive struct {
	topic string
	run   func(t *testing.T, w *world)
}

var drives = []drive{
	{"world", driveWorld},
	{"events", driveEvents},
	{"mailboxes", driveMailboxes},
	{"providers", driveProviders},
	{"history", driveHistory},
	{"scripts", driveScripts},
	{"life", driveLife},
	{"portal", drivePortal},
	{"tickets", driveTickets},
	{"authority", driveAuthority},
	{"network", driveNetwork},
}

// Every operation in the document works: somebody asks for it here and looks at
// the answer, which the transport holds against the document.
func TestEveryOperationIsDriven(t *testing.T) {
	t.Parallel()
	w := start(t)
	if err := w.checked.document.Validate(t.Context()); err != nil {
		t.Fatalf("the document served is not valid: %v", err)
	}
	for _, d := range drives {
		t.Run(d.topic, func(t *testing.T) { d.run(t, w) })
	}
	var described, driven []string
	for _, o := range w.checked.operations { //nolint:paralleltest // no test: what it means is the topics above, which share a world
		described = append(described, o.route.Operation.OperationID)
	}
	w.checked.mu.Lock()
	defer w.checked.mu.Unlock()
	driven = slices.AppendSeq(driven, maps.Keys(w.checked.driven))
	slices.Sort(described)
	slices.Sort(driven)
	if diff := cmp.Diff(described, driven); diff != "" {
		t.Errorf("operations (-in the document +driven by a test; add a drive for the topic):\n%s", diff)
	}
}
