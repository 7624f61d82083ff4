package rules

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/pec/smime"
)

// endsAt says where a message ends.
func endsAt(m *pec.Message) string { return fmt.Sprintf("the message ends at byte %d", len(m.Raw)) }

// headerCut tells that no empty line ends the header of the message.
func headerCut(m *pec.Message) bool {
	return m.Root.BodyStart == m.Root.End && !bytes.HasSuffix(m.Raw, []byte("\n\r\n")) && !bytes.HasSuffix(m.Raw, []byte("\n\n"))
}

// brokenOff tells that the outer multipart was opened and never closed.
func brokenOff(m *pec.Message) bool {
	return len(m.Root.Parts) > 0 && !m.Root.Closed()
}

// cutWords says where a message was cut and what it lacks for that, in
// sentences; "" when it is whole.
func cutWords(m *pec.Message) string {
	mediaType, parameters := m.Root.MediaType()
	multipart := strings.HasPrefix(mediaType, "multipart/")
	end := sentenceStart(endsAt(m))
	switch _, used := strangeBoundary(m); {
	case headerCut(m):
		return end + ", in its header. Missing: the rest of the header, the empty line after it, and the whole body."
	case !multipart || used != "" || m.Root.Closed():
		return ""
	case len(m.Root.Body()) == 0:
		return end + ", after its header. Missing: the whole body."
	case len(m.Root.Parts) == 0:
		return end + fmt.Sprintf(", and no line before is the boundary %q. Missing: all parts.", "--"+parameters["boundary"])
	}
	place, lacks := cutPlace(m)
	closing := "--" + parameters["boundary"] + "--"
	if last := m.Raw[bytes.LastIndexByte(m.Raw, '\n')+1:]; m.SignaturePart != nil && len(last) > 2 && strings.HasPrefix(closing, string(last)) {
		return end + fmt.Sprintf(", in its closing boundary. Missing: the rest of %q.", closing)
	}
	lacks = append(lacks, fmt.Sprintf("the closing boundary %q", closing))
	if n := len(lacks); n > 1 {
		lacks = []string{strings.Join(lacks[:n-1], ", "), lacks[n-1]}
	}
	return end + ", " + place + ". Missing: " + strings.Join(lacks, " and ") + "."
}

func sentenceStart(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// cutPlace says in or after which part a multipart breaks off, and what is
// missing besides its closing boundary.
func cutPlace(m *pec.Message) (place string, lacks []string) {
	last := m.Root
	for len(last.Parts) > 0 && !last.Closed() {
		last = last.Parts[len(last.Parts)-1]
	}
	name := partName(m, last)
	whole := last.Closed()
	if last == m.SignaturePart {
		der, err := last.Decoded()
		if err == nil {
			_, err = smime.Parse(der)
		}
		whole = err == nil
	}
	switch {
	case whole:
		place = "after " + name
	case last.BodyStart == last.End:
		place = "in the header of " + name
	default:
		place = "in " + name
	}
	if !whole {
		lacks = append(lacks, "the rest of "+name)
	}
	if m.Kind == pec.Ordinary || last == m.SignaturePart {
		return place, lacks
	}
	if m.Content == nil || !m.Content.Closed() {
		if len(m.CertificationParts) == 0 && m.Kind != pec.AnomalyEnvelope {
			lacks = append(lacks, "the certification data (daticert.xml)")
		}
		if len(m.OriginalParts) == 0 && m.Kind.IsEnvelope() {
			lacks = append(lacks, "the original message (postacert.eml)")
		}
	}
	if m.Signed != nil && m.SignaturePart == nil {
		lacks = append(lacks, "the signature")
	}
	return place, lacks
}

// partName names a part of a message for a person.
func partName(m *pec.Message, part *rawmime.Entity) string {
	switch mediaType, _ := part.MediaType(); {
	case part == m.SignaturePart:
		return "the signature"
	case slices.Contains(m.CertificationParts, part):
		return "the certification data (daticert.xml)"
	case slices.Contains(m.OriginalParts, part):
		return "the original message (postacert.eml)"
	case part == m.Signed:
		return "the signed content"
	case m.Text != nil && part.Start >= m.Text.Start && part.End <= m.Text.End:
		return "the readable text"
	default:
		return "a part of type " + mediaType
	}
}
