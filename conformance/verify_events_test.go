package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// chain makes the chain of a log anew, as somebody would who means to deceive.
func (a runCopy) chain() {
	a.t.Helper()
	var b strings.Builder
	previous := ""
	for line := range strings.Lines(a.read(evidence.EventsFile)) {
		if head, _, whole := strings.Cut(line, `"prev":"`); whole {
			line = head + `"prev":"` + previous + "\"}\n"
		}
		sum := sha256.Sum256([]byte(line))
		previous = hex.EncodeToString(sum[:])
		b.WriteString(line)
	}
	a.write(evidence.EventsFile, b.String())
}

// TestALogIsHeldToItsForm alters the log of a run and makes chain and seal anew.
func TestALogIsHeldToItsForm(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		do   func(a runCopy)
		code int
		want string // in a finding or a note
	}{
		{"nothing", func(runCopy) {}, ExitConformant, ""},
		{"a field of no event", func(a runCopy) { a.edit(evidence.EventsFile, `"seq":2,`, `"seq":2,"approved":true,`) }, ExitEvidence, "events.ndjson line 2 is not in the form in which an event is written"},
		{"a field twice", func(a runCopy) { a.edit(evidence.EventsFile, `"completed":true`, `"Completed":false,"completed":true`) }, ExitEvidence, "events.ndjson line 2 is not in the form"},
		{"another number", func(a runCopy) { a.edit(evidence.EventsFile, `"seq":2,`, `"seq":3,`) }, ExitEvidence, "events.ndjson line 2 says that it is event 3"},
		{"an event after the end", func(a runCopy) {
			lines := strings.SplitAfter(a.read(evidence.EventsFile), "\n")
			a.write(evidence.EventsFile, strings.Join(lines, "")+strings.Replace(lines[1], `"seq":2,`, `"seq":3,`, 1))
		}, ExitEvidence, `events.ndjson line 3 is an event of type "run-ended" after the end of the run`},
		{"half a line after the end", func(a runCopy) { a.write(evidence.EventsFile, a.read(evidence.EventsFile)+`{"seq":3`) }, ExitEvidence, "events.ndjson line 3 is half a line after the end of the run"},
		{"the form of another version", func(a runCopy) {
			a.edit(evidence.EventsFile, `"version":"test"`, `"version":"v9"`)
			a.edit(evidence.EventsFile, `"seq":2,`, `"seq": 2,`)
		}, ExitConformant, "1 of 2 events are not in the form in which this version writes them"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := runCopy{t, sealedRun(t)}
			test.do(a)
			a.chain()
			a.seal()
			v := a.verifyFor(nil)
			said := strings.Join(v.Notes, "\n")
			for _, f := range v.Findings {
				said += "\n" + f.String()
			}
			if v.Code() != test.code || !strings.Contains(said, test.want) || test.want == "" && said != "" {
				t.Errorf("exit code %d, want %d, saying %q: %s", v.Code(), test.code, test.want, said)
			}
		})
	}
}
