package rules

import (
	"fmt"
	"slices"

	"github.com/collaudo/collaudo/pec"
)

// Expectations about what was looked up in the directory, and which of the two
// delay notices is meant.

// Words of the parameter "notice" of a `receives`.
const (
	firstWord  = "first"
	secondWord = "second"
)

// whichNotice says which of the two a delay notice is, "" of any other message.
func (v *View) whichNotice(m *Message) string {
	if nature(m) != pec.Delay {
		return ""
	}
	for _, w := range v.waits() {
		i := slices.IndexFunc(w.Notices, func(n notice) bool { return n.Message == m })
		if i < 0 {
			continue
		}
		if w.Notices[i].Which == thresholdSecond {
			return secondWord
		}
		return firstWord
	}
	if which, said := saidThreshold(m); said && which == thresholdSecond {
		return secondWord
	}
	return firstWord
}

// expectReading asks whether something that was looked up was handed out. An
// answer without anything in it is none.
func expectReading(q *question) {
	id, outcome := q.parameter("reading"), q.parameter("outcome")
	if outcome != "handed-out" && outcome != "withheld" {
		q.f.amiss(q.e, "outcome must be handed-out or withheld, not "+shown(outcome))
		return
	}
	i := slices.IndexFunc(q.v.Directories, func(r *Reading) bool { return r.ID == id })
	if i < 0 {
		q.f.amiss(q.e, "there was no look "+shown(id))
		return
	}
	r := q.v.Directories[i]
	seen := r.What + " at " + r.Address + ": "
	handed := false
	switch octets, err := optionalBlob(q.v.Case, r.Blob); {
	case err != nil:
		q.f.Unable(r.Where(""), "what was handed out: "+err.Error())
		return
	case r.Refused:
		seen += fmt.Sprintf("refused (%d %s)", r.Status, r.Note)
	case len(octets) == 0:
		seen += "nothing in the answer"
	default:
		handed = true
		seen += fmt.Sprintf("%d octets handed out", len(octets))
	}
	if handed == (outcome == "handed-out") {
		q.f.Holds(r.Where(""), seen)
	} else {
		q.f.Broken(r.Where(""), r.What+" at "+r.Address+": "+outcome, seen)
	}
}
