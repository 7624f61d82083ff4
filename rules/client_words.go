package rules

import (
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// MIME and ISO-8859-1 (PEC-CLI-003): what the client writes, as it arrived, and
// what it shows.

// writes looks at every message that the client sent, inside the envelope in
// which it arrived.
func writes(v *View, f *Findings) {
	for _, r := range v.runs(evidence.ClientSend) {
		if r.Order == nil || r.Order.Infected != "" {
			continue // nobody gets an infected message to read
		}
		var arrived *Message
		for _, m := range v.Messages {
			if m.PEC.Kind == pec.TransportEnvelope && m.PEC.Original != nil && sentBy(m, r) {
				arrived = m
				break
			}
		}
		if arrived == nil {
			continue // another recipient's affair: nothing arrived where the harness reads
		}
		for _, wrong := range v.miswritten(arrived.PEC.Original, r) {
			f.Broken(arrived.Where("original, "+wrong.part), wrong.expected, wrong.seen)
		}
		if len(v.miswritten(arrived.PEC.Original, r)) == 0 {
			f.Holds(arrived.Where("original"), "subject and text as they were given to the client")
		}
	}
}

// sentBy tells the envelope of the message that the run sent, by the token in
// its subject and, where another message has the same one, by the recipients.
func sentBy(m *Message, r evidence.ClientRun) bool {
	subject := rawmime.DecodeWords(m.PEC.Original.Value("Subject")) + rawmime.DecodeWords(m.PEC.Root.Value("Subject"))
	if !strings.Contains(subject, r.Order.Token) || !holdsAddress(r.Order.Recipients, m.Mailbox) {
		return false
	}
	sender, err := pec.ParseAddress(m.PEC.Original.Value("From"))
	return err != nil || strings.EqualFold(sender.String(), r.Account)
}

// miswriting is a part of a message that is not as the client was told.
type miswriting struct{ part, expected, seen string }

func (v *View) miswritten(original *rawmime.Entity, r evidence.ClientRun) []miswriting {
	var wrong []miswriting
	ordered, err := optionalBlob(v.Case, r.Order.Text)
	if err != nil {
		return []miswriting{{"text", "the text that was ordered", err.Error()}}
	}
	for i, octet := range original.HeaderBytes() {
		if octet > 0x7e {
			wrong = append(wrong, miswriting{"header", "only US-ASCII, other letters in encoded words (RFC 2047)", fmt.Sprintf("octet 0x%02x at %d", octet, i)})
			break
		}
	}
	if got := fold(rawmime.DecodeWords(original.Value("Subject"))); got != fold(r.Order.Subject) {
		wrong = append(wrong, miswriting{"header Subject", shown(r.Order.Subject), shown(got)})
	}
	text, err := firstText(original)
	switch want := fold(string(ordered)); {
	case err != nil:
		wrong = append(wrong, miswriting{"text", shown(want), err.Error()})
	case fold(text) != want:
		wrong = append(wrong, miswriting{"text", shown(want), shown(fold(text))})
	}
	return wrong
}

// firstText is the first text/plain of a message, decoded. Letters that no
// charset announces are an error: nobody can know what they are.
func firstText(e *rawmime.Entity) (text string, err error) {
	err = fmt.Errorf("no text/plain")
	found := false
	e.Walk(func(part *rawmime.Entity) bool {
		media, parameters := part.MediaType()
		if found || (media != "text/plain" && media != "") || len(part.Parts) > 0 {
			return !found
		}
		found = true
		text, err = part.Text()
		if octets, failed := part.Decoded(); failed == nil && parameters["charset"] == "" && !ascii(string(octets)) {
			err = fmt.Errorf("letters beyond US-ASCII without a charset")
		}
		return false
	})
	return text, err
}

// expectShows: what the client shows of a message holds its subject and its text.
func expectShows(q *question) {
	if q.parameter("run") == "" {
		q.f.Unable(Where{}, "a `show` in the client's target file: how it is told to show a message")
		return
	}
	r := q.v.run(q.parameter("run"))
	if r == nil {
		q.f.amiss(q.e, "there is no run "+q.parameter("run"))
		return
	}
	text, err := q.v.Case.Blob(q.parameter("text"))
	if err != nil {
		q.f.Unable(Where{}, err.Error())
		return
	}
	output, err := optionalBlob(q.v.Case, r.Output)
	if err != nil {
		q.f.Unable(Where{}, err.Error())
		return
	}
	where, read := Where{Blob: r.Output, Part: "client " + r.ID}, fold(string(output))
	switch {
	case !r.Succeeded():
		q.f.Broken(where, "the message shown", q.v.ended(*r))
	case !strings.Contains(read, fold(q.parameter("subject"))):
		q.f.Broken(where, "the subject "+shown(q.parameter("subject"))+", in UTF-8", shown(read))
	case !strings.Contains(read, fold(string(text))):
		q.f.Broken(where, "the text "+shown(fold(string(text)))+", in UTF-8", shown(read))
	default:
		q.f.Holds(where, "subject and text as they were written")
	}
}
