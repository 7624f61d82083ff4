package reports

import (
	"cmp"

	"github.com/collaudo/collaudo/rules"
)

// whereWords says in words where the reason of a check lies, and in which file
// of the run folder; both may be empty.
func whereWords(w rules.Where, e *episode) (place, file string) {
	it := e.find(w.Message)
	if it == nil {
		it = e.find(w.Submission)
	}
	switch {
	case it == nil:
		place = cmp.Or(w.Message, w.Submission)
	case it.ID == w.Message:
		place, file = it.ID+" ("+it.What+" in the mailbox "+it.Who+")", it.Path
	default:
		place, file = it.ID+" ("+it.What+" by "+it.Who+")", it.Path
	}
	switch {
	case w.Part == "":
		return place, file
	case place == "":
		return w.Part, file
	}
	return w.Part + " of " + place, file
}
