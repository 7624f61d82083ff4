package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// What a client concludes about a message and a recipient, against what the
// world knows (PEC-CLI-004 to 010).

// Words for what became of a message.
const (
	standingSent      = "sent"
	standingAccepted  = "accepted"
	standingLate      = "late"
	standingRefused   = "refused"
	standingDelivered = "delivered"
	standingFailed    = "failed"
	standingOrdinary  = "ordinary"
)

var standings = []string{
	standingSent, standingAccepted, standingLate, standingRefused,
	standingDelivered, standingFailed, standingOrdinary,
}

// expectConcludes: the client's answer is one of those that the scenario's case
// allows. That the case came about is read from the world's own logs first: a
// client is not blamed for what did not happen.
func expectConcludes(q *question) {
	wanted := strings.Split(q.parameter("status"), " or ")
	for _, w := range wanted {
		if !slices.Contains(standings, w) {
			q.f.amiss(q.e, fmt.Sprintf("%q is none of %s", w, strings.Join(standings, ", ")))
			return
		}
	}
	if q.parameter("standing") == "" {
		q.f.Unable(Where{}, "a `status` in the client's target file: how it is asked what it concludes")
		return
	}
	i := slices.IndexFunc(q.v.Case.ClientStandings, func(s evidence.ClientStanding) bool { return s.ID == q.parameter("standing") })
	if i < 0 {
		q.f.amiss(q.e, "the client was never asked "+q.parameter("standing"))
		return
	}
	standing := q.v.Case.ClientStandings[i]
	if standing.Sending != q.parameter("sending") || standing.Recipient != q.parameter("recipient") {
		q.f.amiss(q.e, "the client was asked about something else in "+standing.ID)
		return
	}
	truth, known := q.v.truth(standing)
	if !known {
		q.f.Unable(Where{}, "the world's logs, which say what became of the message")
		return
	}
	where, run := Where{Part: "client " + standing.Run}, q.v.run(standing.Run)
	if run != nil {
		where.Blob = run.Output
	}
	sent := q.v.run(standing.Sending)
	expected := fmt.Sprintf("%s about %s (%s)", strings.Join(wanted, " or "), standing.Recipient, truth.says())
	said := "the client says " + shown(standing.Said)
	if standing.Status != "" && standing.Status != standing.Said {
		said += ", which stands for " + standing.Status
	}
	switch {
	case run == nil || sent == nil:
		q.f.amiss(q.e, "there is no run "+standing.Run+" or "+standing.Sending)
	case len(truth.events) == 0 && !sent.Succeeded():
		q.f.Broken(where, expected, "the message never reached the provider: "+q.v.ended(*sent))
	case !truth.allows(wanted):
		q.f.Unable(where, "the case itself: "+truth.says())
	case !run.Succeeded():
		q.f.Broken(where, expected, q.v.ended(*run))
	case standing.Status == "":
		q.f.Broken(where, expected, said+", which is none of the words of its target file")
	case slices.Contains(wanted, standing.Status):
		q.f.Holds(where, said+"; "+truth.says())
	default:
		q.f.Broken(where, expected, said)
	}
}

// truth is what the world's logs say of a message and a recipient.
type truth struct {
	events   []string // of the logs, in order, each once
	ordinary bool     // the recipient has ordinary mail
}

func (v *View) truth(s evidence.ClientStanding) (truth, bool) {
	i := slices.IndexFunc(v.Case.ClientTruths, func(t evidence.ClientTruth) bool { return t.Standing == s.ID })
	if i < 0 {
		return truth{}, false
	}
	t := truth{ordinary: !v.certified(s.Recipient)}
	for _, e := range v.Case.ClientTruths[i].Entries {
		everybody := e.Event == "acceptance" || e.Event == "non-acceptance"
		if !everybody && !holdsAddress(e.Recipients, s.Recipient) {
			continue
		}
		if !slices.Contains(t.events, e.Event) {
			t.events = append(t.events, e.Event)
		}
	}
	return t, true
}

func (t truth) says() string {
	if len(t.events) == 0 {
		return "the providers' logs know nothing of it"
	}
	return "the providers' logs say " + strings.Join(t.events, ", ")
}

// allows tells that the case came about for which one of these answers is right.
func (t truth) allows(wanted []string) bool {
	has := func(event string) bool { return slices.Contains(t.events, event) }
	return slices.ContainsFunc(wanted, func(w string) bool {
		switch w {
		case standingRefused:
			return has("non-acceptance")
		case standingDelivered:
			return has("delivery")
		case standingFailed:
			return has("non-delivery") || has("delay")
		case standingLate:
			return has("delay")
		case standingOrdinary:
			return t.ordinary && has("acceptance")
		case standingSent, standingAccepted:
			return has("acceptance") // what the client may know of it is another matter
		}
		return false
	})
}
