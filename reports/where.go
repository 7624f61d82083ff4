package reports

import (
	"cmp"
	"strings"

	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// Parts of a Where that are no octets of a mail but a dialogue.
const (
	partDialogue = "SMTP dialogue"
	partProbe    = "probe "
)

// whereWords says in words where the reason of a check lies, and in which file
// of the run folder; both may be empty.
func whereWords(w rules.Where, e *episode) (place, file string) {
	return whereIn(english(), w, e)
}

// whereIn says it in a language.
func whereIn(t *words.Words, w rules.Where, e *episode) (place, file string) {
	if w.Attempt > 0 { // the ids of an attempt that was given up are its own
		place = t.Text("page.attempt", w.Attempt)
		for _, part := range []string{w.Submission, w.Message, w.Part} {
			if part != "" {
				place = t.Text("page.of", part, place)
			}
		}
		if e == nil || w.Blob == "" {
			return place, ""
		}
		return place, e.octets(w.Blob)
	}
	it := e.find(w.Message)
	if it == nil {
		it = e.find(w.Submission)
	}
	switch {
	case it == nil:
		place = cmp.Or(w.Message, w.Submission)
	case it.ID == w.Message:
		place, file = t.Text("page.in-mailbox", it.ID, pick(t, it.What), it.Who), it.Path
	default:
		place, file = t.Text("page.by-whom", it.ID, pick(t, it.What), it.Who), it.Path
		if strings.HasPrefix(w.Part, partDialogue) {
			file = cmp.Or(it.Dialogue, file)
		}
	}
	if name, isProbe := strings.CutPrefix(w.Part, partProbe); isProbe {
		name, _, _ = strings.Cut(name, " at ")
		file = cmp.Or(e.dialogue(name), file)
	}
	if file == "" {
		file = e.holding(w.Blob)
	}
	switch {
	case w.Part == "":
		return place, file
	case place == "":
		return w.Part, file
	}
	return t.Text("page.of", w.Part, place), file
}

// opens says what a link to a file of the evidence opens.
func opens(t *words.Words, path string) string {
	switch {
	case strings.Contains(path, "/transcripts/"):
		return t.Text("page.open-dialogue")
	case strings.HasSuffix(path, ".html"):
		return t.Text("page.open-message")
	}
	return t.Text("page.open-octets")
}
