package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// What is judged of a mail client (RFC 6109 6): what it did on the wire, what it
// wrote, what it shows, and what it concludes. It is judged where the target
// under test is a client, and there only: see ClientJudges.

// NeedHistory is what a client said on the wire.
const NeedHistory Need = "the history of the provider's protocols"

// ClientJudges returns the judges of a run whose target is a client. The others
// have no part in it: the providers are the world there, and nobody's verdict.
func ClientJudges() []Judge {
	return []Judge{
		{Rule: "PEC-CLI-001", Looks: "what was said before TLS in every session that the client opened", Look: func(v *View, f *Findings) {
			v.eachSession(f, protected)
		}},
		{Rule: "PEC-CLI-002", Looks: "who was signed in where the client sent and where it read", Look: func(v *View, f *Findings) {
			v.eachSession(f, signedIn)
			v.eachErrand(f)
		}},
		{Rule: "PEC-CLI-003", Looks: "subject and text of every message that the client sent, as they arrived", Look: writes},
		{Rule: "PEC-CLI-009", Looks: "how every run of the client to fetch mail ended", Look: fetches},
	}
}

// clientExpectations are the checks about a client that a scenario may ask for.
func clientExpectations() map[string]expectation {
	return map[string]expectation{
		"client-protected": {look: func(q *question) {
			q.orUnable(len(q.v.Case.ClientSessions) > 0, string(NeedHistory), func() { q.v.eachSession(q.f, protected) })
		}},
		"client-authenticated": {look: func(q *question) {
			q.foundOrUnable("a run of the client that sent or fetched, or tried to", func() { q.v.eachSession(q.f, signedIn); q.v.eachErrand(q.f) })
		}},
		"client-writes": {look: func(q *question) {
			q.foundOrUnable("a message that the client was told to send, arrived where the harness reads", func() { writes(q.v, q.f) })
		}},
		"client-fetches": {look: func(q *question) {
			q.orUnable(len(q.v.runs(evidence.ClientFetch)) > 0, "a run of the client to fetch mail", func() { fetches(q.v, q.f) })
		}},
		"client-shows":     {parameters: []string{"subject", "text"}, options: []string{"run"}, look: expectShows},
		"client-concludes": {parameters: []string{"status", "sending", "recipient"}, options: []string{"standing"}, look: expectConcludes},
	}
}

// orUnable looks where there is something to look at, and names what lacks else:
// an expectation never passes over nothing.
func (q *question) orUnable(there bool, need string, look func()) {
	if !there {
		q.f.Unable(Where{}, need)
		return
	}
	look()
}

// foundOrUnable looks, and names what lacks where that found nothing to answer
// for: an expectation never passes over nothing.
func (q *question) foundOrUnable(need string, look func()) {
	before := len(q.f.list)
	look()
	if len(q.f.list) == before {
		q.f.Unable(Where{}, need)
	}
}

// runs returns what the client was told to do of one sort, in order.
func (v *View) runs(action string) []evidence.ClientRun {
	var of []evidence.ClientRun
	for _, r := range v.Case.ClientRuns {
		if r.Action == action {
			of = append(of, r)
		}
	}
	return of
}

func (v *View) run(id string) *evidence.ClientRun {
	i := slices.IndexFunc(v.Case.ClientRuns, func(r evidence.ClientRun) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return &v.Case.ClientRuns[i]
}

// ended says how a run of the client ended, for a person.
func (v *View) ended(r evidence.ClientRun) string {
	what := strings.Join(r.Asked, " ")
	if text := []rune(what); len(text) > 120 {
		what = string(text[:120]) + "…"
	}
	switch {
	case r.Failed != "":
		return fmt.Sprintf("%s could not be run: %s", what, r.Failed)
	case r.TimedOut:
		return fmt.Sprintf("%s had not ended after %s", what, r.Took.Round(100_000_000))
	case r.Exit != 0:
		complaint := ""
		if octets, err := optionalBlob(v.Case, r.Trouble); err == nil && len(octets) > 0 {
			lines := strings.Split(strings.TrimSpace(string(octets)), "\n")
			complaint = ", saying " + shown(lines[len(lines)-1])
		}
		return fmt.Sprintf("%s ended with exit code %d%s", what, r.Exit, complaint)
	}
	return what + " ended well"
}

// fetches: nothing that lies in a mailbox keeps the client from taking the rest
// (PEC-CLI-009).
func fetches(v *View, f *Findings) {
	for _, r := range v.runs(evidence.ClientFetch) {
		where := Where{Blob: r.Trouble, Part: "client " + r.ID}
		if r.Succeeded() {
			f.Holds(where, v.ended(r))
			continue
		}
		f.Broken(where, "a run to fetch mail that ends well, whatever lies in the mailbox", v.ended(r))
	}
}
