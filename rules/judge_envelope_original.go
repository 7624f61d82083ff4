package rules

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/pec/smime"
)

// originalJudges answers for the original message inside the envelope: entire
// and unmodified but for the message identifier (RFC 6109 3.1.5).
func originalJudges() []Judge {
	return []Judge{
		{Rule: "PEC-TE-012", Looks: "postacert.eml against the submitted octets", Look: eachAccessEnvelope(originalIntact)},
		{Rule: "PEC-TE-013", Looks: "signature inside the enclosed original", Look: eachAccessEnvelope(innerSignature)},
		{Rule: "PEC-TE-014", Looks: "envelopes of submissions that enclose certified mail themselves", Look: nestedMail},
	}
}

func originalIntact(_ *View, f *Findings, e envelopeSeen) {
	where, original := e.Where("postacert.eml"), e.Envelope.Original
	if original == nil {
		f.Broken(where, "the original message, enclosed and not encoded", plural(len(e.Envelope.OriginalParts), "message part")+", none that can be read as it stands")
		return
	}
	const expected = "the submitted octets, but for Message-ID, X-Riferimento-Message-ID and trace fields"
	difference, scanned := compareOriginals(e.Transaction.Sent, original)
	switch {
	case difference != "":
		f.Broken(where, expected, difference)
	case len(scanned) > 0:
		f.Deviates(where, expected, "added: "+strings.Join(scanned, ", "))
	default:
		f.Holds(where, "identical, as far as it has to be")
	}
}

// innerSignature compares what the user signed and its signature octet for
// octet, which is enough for any scheme, and verifies those that are CMS.
func innerSignature(_ *View, f *Findings, e envelopeSeen) {
	sent, original := e.Transaction.Sent, e.Envelope.Original
	mediaType, parameters := sent.MediaType()
	opaque := mediaType == "application/pkcs7-mime" || mediaType == "application/x-pkcs7-mime"
	detached := mediaType == "multipart/signed" && len(sent.Parts) == 2
	if original == nil || !opaque && !detached {
		return
	}
	where := e.Where("postacert.eml signature")
	const expected = "the user's signature still verifies"
	if opaque {
		a, errA := sent.Decoded()
		b, errB := original.Decoded()
		if errA == nil && errB == nil && bytes.Equal(a, b) {
			f.Holds(where, "the signed octets are unchanged")
		} else {
			f.Broken(where, expected, "the signed octets are not those submitted")
		}
		return
	}
	if len(original.Parts) != 2 {
		f.Broken(where, expected, plural(len(original.Parts), "part")+" in the enclosed multipart/signed")
		return
	}
	if at, differ := firstDifference(sent.Parts[0].Raw(), original.Parts[0].Raw()); differ {
		f.Broken(where, expected, "the signed part differs at "+lineAt(sent.Parts[0].Raw(), at))
		return
	}
	before, errBefore := sent.Parts[1].Decoded()
	after, errAfter := original.Parts[1].Decoded()
	switch {
	case errBefore == nil && (errAfter != nil || !bytes.Equal(before, after)):
		f.Broken(where, expected, "the signature is not the one submitted")
	case strings.Contains(strings.ToLower(parameters["protocol"]), "pkcs7-signature"):
		_, was := smime.Verify(sent.Parts[0].Raw(), before)
		_, is := smime.Verify(original.Parts[0].Raw(), after)
		switch {
		case was == nil && is != nil && !errors.Is(is, smime.ErrUnsupported):
			f.Broken(where, expected, is.Error())
		case was == nil && is == nil:
			f.Holds(where, "it verifies")
		default:
			f.Holds(where, "signed part and signature are unchanged")
		}
	default:
		f.Holds(where, "signed part and signature are unchanged")
	}
}

// nestedMail: certified mail inside the original stays inside it.
func nestedMail(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		if t.Sent == nil || !enclosesCertifiedMail(t.Sent, 0) || !conforming(v, t) {
			continue
		}
		envelopes := envelopesOf(t)
		if len(envelopes) == 0 {
			mustAccept(v, f, t, "a message that encloses certified mail")
		}
		for _, e := range envelopes {
			judgeNested(f, e)
		}
	}
}

func judgeNested(f *Findings, e envelopeSeen) {
	c, root := e.Envelope.Certification, e.Envelope.Root
	var wrong []problem
	if n := len(e.Envelope.CertificationParts); n != 1 || c == nil {
		wrong = append(wrong, problem{part: "daticert.xml", expected: "one daticert.xml of the envelope's own", seen: plural(n, "readable part") + " beside the text"})
	} else if id := bareID(root.Value("Message-ID")); strings.TrimSpace(c.Identifier) != id {
		wrong = append(wrong, problem{part: "daticert.xml", expected: "certification data of this envelope, identifier " + id, seen: "identifier " + shown(c.Identifier)})
	}
	if n := len(e.Envelope.OriginalParts); n != 1 || e.Envelope.Original == nil {
		wrong = append(wrong, problem{part: "postacert.eml", expected: "one postacert.eml of the envelope's own", seen: plural(n, "part") + " beside the text"})
	} else if !enclosesCertifiedMail(e.Envelope.Original, 0) {
		wrong = append(wrong, problem{part: "postacert.eml", expected: "the certified mail still inside the original", seen: "it is gone"})
	}
	findAll(f, e.Message, "parts", wrong, "the enclosed certified mail stays inside the original")
}

// deepest bounds the search for enclosed certified mail.
const deepest = 10

// enclosesCertifiedMail looks for certification data anywhere in a message.
func enclosesCertifiedMail(e *rawmime.Entity, depth int) bool {
	found := false
	e.Walk(func(part *rawmime.Entity) bool {
		name := strings.ToLower(part.FileName())
		if name == "daticert.xml" || part.Enclosed != nil && depth < deepest && enclosesCertifiedMail(part.Enclosed, depth+1) {
			found = true
		}
		return !found
	})
	return found
}

// compareOriginals returns the first difference that the rules do not allow
// between the submitted message and the enclosed one, and the scan header
// fields that were added.
func compareOriginals(sent, enclosed *rawmime.Entity) (difference string, scanned []string) {
	supplied := []string{"Message-ID", pec.HeaderReference, "Received", "Return-Path"}
	if !sent.Has("Date") {
		supplied = append(supplied, "Date") // decided at PEC-AP-039
	}
	want, got := headerExcept(sent, supplied), headerExcept(enclosed, supplied)
	i := 0
	for _, field := range got {
		switch {
		case i < len(want) && bytes.Equal(want[i].Raw(), field.Raw()):
			i++
		case isScanField(field.Name) && !sent.Has(field.Name):
			scanned = append(scanned, strings.TrimSpace(field.Name))
		default:
			return fieldDifference(want[i:], field, enclosed), nil
		}
	}
	if i < len(want) {
		return "the field " + want[i].Name + " is missing", nil
	}
	if missing, problem := traceProblem(sent.Values("Received"), enclosed.Values("Received")); problem != "" || len(missing) > 0 {
		return "the submitted Received lines were not kept: " + problem + strings.Join(missing, "; "), nil
	}
	return bodyDifference(sent.Body(), enclosed.Body()), scanned
}

func headerExcept(e *rawmime.Entity, names []string) []rawmime.Field {
	var kept []rawmime.Field
	for _, field := range e.Fields {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, strings.TrimSpace(field.Name)) }) {
			kept = append(kept, field)
		}
	}
	return kept
}

func isScanField(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "x-") &&
		slices.ContainsFunc([]string{"virus", "spam", "scan", "amavis"}, func(w string) bool { return strings.Contains(name, w) })
}

// fieldDifference says what happened where the enclosed header holds a field
// that is not the next submitted one.
func fieldDifference(want []rawmime.Field, got rawmime.Field, enclosed *rawmime.Entity) string {
	if len(want) == 0 || !slices.ContainsFunc(want, func(w rawmime.Field) bool { return strings.EqualFold(w.Name, got.Name) }) {
		if len(want) > 0 && !enclosed.Has(want[0].Name) {
			return "the field " + want[0].Name + " is missing"
		}
		return "a field was added: " + shown(string(got.Raw()))
	}
	switch {
	case strings.EqualFold(want[0].Name, got.Name):
		return fmt.Sprintf("the field %s was %s and is %s", got.Name, shown(string(want[0].Raw())), shown(string(got.Raw())))
	case !enclosed.Has(want[0].Name):
		return "the field " + want[0].Name + " is missing"
	default:
		return "the order of the fields was changed: " + got.Name + " stands before " + want[0].Name
	}
}

// bodyDifference compares bodies. One CRLF at the very end may be missing or
// added: the last line end before a MIME boundary belongs to the boundary.
func bodyDifference(sent, enclosed []byte) string {
	end := []byte("\r\n")
	if bytes.Equal(sent, enclosed) || bytes.Equal(bytes.TrimSuffix(sent, end), enclosed) || bytes.Equal(sent, bytes.TrimSuffix(enclosed, end)) {
		return ""
	}
	at, _ := firstDifference(sent, enclosed)
	return fmt.Sprintf("the body differs at %s: submitted %s, enclosed %s", lineAt(sent, at), around(sent, at), around(enclosed, at))
}

// around shows a few octets at an offset.
func around(octets []byte, at int) string {
	from, to := max(0, at-10), min(len(octets), at+20)
	if from >= to {
		return "the end"
	}
	return fmt.Sprintf("%q", octets[from:to])
}
