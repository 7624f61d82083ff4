package rules

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// Which delivery receipt a recipient calls for (RFC 6109 3.3.2.1 to 3.3.2.3).

// place is where a recipient stands in the header of the message.
type place int

const (
	placeUnsure    place = iota // practice may differ: letter case, a header that does not parse
	placePrimary                // in To alone
	placeCopy                   // in Cc alone
	placeAmbiguous              // in both: to be treated as in To
	placeNeither                // in neither: to be treated as in To
)

func placeOf(sent *rawmime.Entity, recipient string) place {
	if sent == nil {
		return placeUnsure
	}
	to, toRead := addressesIn(sent, "To")
	cc, ccRead := addressesIn(sent, "Cc")
	inTo, inCc := holdsAddress(to, recipient), holdsAddress(cc, recipient)
	switch {
	case !toRead || !ccRead, inTo != lists(to, recipient), inCc != lists(cc, recipient):
		return placeUnsure
	case inTo && inCc:
		return placeAmbiguous
	case !inTo && !inCc:
		return placeNeither
	case inTo:
		return placePrimary
	default:
		return placeCopy
	}
}

// content is how much of the original a delivery receipt encloses.
type content string

const (
	contentUnsure   content = ""
	contentComplete content = "complete"
	contentBrief    content = "brief"
	contentConcise  content = "concise"
)

// wanted is what a delivery receipt must be.
type wanted struct {
	token   string // the type asked for: completa, breve, sintetica; "" when that is not sure
	place   place
	content content
}

// wantedOf works out what a delivery receipt must be: the type is that of the
// envelope as it was delivered, where it was seen, else that of the submission.
func wantedOf(m *Message) wanted {
	t := m.Transaction
	if t == nil || t.Sent == nil {
		return wanted{}
	}
	recipient := t.recipientOf(m)
	asked := t.Sent
	for _, envelope := range within(natured(t.Messages, pec.TransportEnvelope), recipient) {
		asked = envelope.PEC.Root
	}
	if recipient == "" {
		return wanted{token: askedType(asked)}
	}
	return wantedAs(askedType(asked), placeOf(t.Sent, recipient))
}

func wantedAs(token string, where place) wanted {
	w := wanted{token: token, place: where}
	switch {
	case token == "" || where == placeUnsure && token != "sintetica":
	case token == "sintetica" || where == placeCopy:
		w.content = contentConcise
	case token == "breve":
		w.content = contentBrief
	default:
		w.content = contentComplete
	}
	return w
}

// askedType returns the receipt type that a header asks for; what is unknown
// counts as completa (decision D-16), "" is for a value that differs from a
// token in letter case only, or for fields that contradict each other.
func askedType(e *rawmime.Entity) string {
	values := unfolded(e.Values(pec.HeaderReceiptType))
	if len(values) == 0 {
		return "completa"
	}
	if len(slices.Compact(slices.Clone(values))) > 1 {
		return ""
	}
	switch {
	case values[0] == "breve" || values[0] == "sintetica":
		return values[0]
	case lists([]string{"breve", "sintetica"}, values[0]):
		return ""
	default:
		return "completa"
	}
}

// contentOf tells how much of the original a receipt encloses, by what it
// holds: a copy with hash files is brief.
func contentOf(m *Message) content {
	switch {
	case !enclosed(m):
		return contentConcise
	case m.PEC.Original != nil && len(hashNames(m.PEC.Original)) > 0:
		return contentBrief
	default:
		return contentComplete
	}
}

// shownContent says what a receipt encloses, for a person.
func shownContent(m *Message) string {
	switch contentOf(m) {
	case contentConcise:
		return "no original enclosed"
	case contentBrief:
		return "the original with hash files: " + strings.Join(hashNames(m.PEC.Original), ", ")
	default:
		return "the original enclosed, with " + plural(len(attachmentsOf(m)), "attachment")
	}
}

func attachmentsOf(m *Message) []string {
	if m.PEC.Original == nil {
		return nil
	}
	return attachments(m.PEC.Original)
}

// deliveriesOf picks the delivery receipts whose wanted form satisfies a test.
func deliveriesOf(test func(wanted) bool) func(*View) []*Message {
	return func(v *View) []*Message {
		return slices.DeleteFunc(submittedOnes(byNature(pec.Delivery))(v), func(m *Message) bool { return !test(wantedOf(m)) })
	}
}

// deliveredOriginal returns the original as an envelope of the transaction
// carried it, nil when no envelope was seen.
func (t *Transaction) deliveredOriginal() *rawmime.Entity {
	for _, m := range natured(t.Messages, pec.TransportEnvelope) {
		if m.PEC.Original != nil {
			return m.PEC.Original
		}
	}
	return nil
}
