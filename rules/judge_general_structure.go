package rules

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// How the parts of a system message are put together (RFC 6109 2.1, 4.3).
func generalStructureJudges() []Judge {
	return []Judge{
		everySystemMessage("PEC-GEN-001", "the outer multipart/signed and its two parts", judgeGeneralSignedForm),
		everySystemMessage("PEC-GEN-002", "the type of the signature part and the protocol parameter", judgeGeneralSignatureType),
		everySystemMessage("PEC-GEN-003", "the type of the signed content", judgeGeneralContentType),
		everySystemMessage("PEC-GEN-004", "the first part of the signed content", judgeGeneralTextFirst),
		everySystemMessage("PEC-GEN-005", "the places of postacert.eml and daticert.xml", judgeGeneralPartPlaces, pec.TransportEnvelope, pec.Delivery),
		everySystemMessage("PEC-GEN-011", "the octets of every part that the provider made", judgeGeneralSevenBit),
		everySystemMessage("PEC-GEN-012", "type and name of the enclosed original", judgeGeneralOriginalPart, pec.TransportEnvelope, pec.Delivery),
		everySystemMessage("PEC-GEN-013", "type, charset and name of the certification data", judgeGeneralCertificationPart, certifiedKinds...),
		everySystemMessage("PEC-GEN-014", "parts beyond text, certification data and original", judgeGeneralExtraParts, certifiedKinds...),
		everySystemMessage("PEC-GEN-037", "the transfer encoding of the enclosed original", judgeGeneralOriginalEncoding),
	}
}

var signatureTypes = []string{"application/pkcs7-signature", "application/x-pkcs7-signature"}

func judgeGeneralSignedForm(_ *View, m *Message, f *Findings) {
	const expected = "multipart/signed with two parts: the signed content, then the detached signature"
	where := m.Where("header Content-Type")
	mediaType, _ := m.PEC.Root.MediaType()
	parts := m.PEC.Root.Parts
	cut := ""
	switch named, used := strangeBoundary(m.PEC); {
	case used != "":
		cut = fmt.Sprintf("; its boundary %q is nowhere in the body, where %q divides the parts: this is the header of another message", named, used)
	case headerCut(m.PEC):
		cut = "; " + endsAt(m.PEC) + ", in its header"
	case brokenOff(m.PEC):
		cut = "; the closing boundary is missing: " + endsAt(m.PEC)
	case len(parts) == 0 && mediaType == "multipart/signed":
		cut = "; " + endsAt(m.PEC)
	}
	switch {
	case mediaType != "multipart/signed":
		f.Broken(where, expected, "the "+about(m)+" is "+mediaType+cut)
	case len(parts) != 2:
		f.Broken(where, expected, fmt.Sprintf("multipart/signed with %s: %s%s", plural(len(parts), "part"), shownList(typesOf(parts)), cut))
	case slices.Contains(signatureTypes, typeOf(parts[0])):
		f.Broken(where, expected, "the signature comes first")
	case cut != "":
		f.Broken(where, expected, "two parts"+cut)
	default:
		f.Holds(where, "multipart/signed: "+shownList(typesOf(parts)))
	}
}

func judgeGeneralSignatureType(_ *View, m *Message, f *Findings) {
	if m.PEC.SignaturePart == nil {
		return
	}
	where := m.Where("signature part")
	partType := typeOf(m.PEC.SignaturePart)
	_, parameters := m.PEC.Root.MediaType()
	protocol := strings.ToLower(fold(parameters["protocol"]))
	if !slices.Contains(signatureTypes, partType) {
		f.Broken(where, "application/pkcs7-signature or application/x-pkcs7-signature", partType)
		return
	}
	if protocol != partType {
		f.Deviates(m.Where("header Content-Type"), "protocol=\""+partType+"\", as the type of the signature part", "protocol="+shown(protocol))
		return
	}
	if name := m.PEC.SignaturePart.FileName(); name != "smime.p7s" {
		f.Warns(where, "file name smime.p7s", shown(name))
	}
	f.Holds(where, partType)
}

func judgeGeneralContentType(_ *View, m *Message, f *Findings) {
	if m.PEC.Signed == nil {
		return
	}
	where := m.Where("signed content")
	if got := typeOf(m.PEC.Signed); got != "multipart/mixed" {
		f.Broken(where, "multipart/mixed", got)
		return
	}
	f.Holds(where, "multipart/mixed")
}

func judgeGeneralTextFirst(_ *View, m *Message, f *Findings) {
	if m.PEC.Content == nil || typeOf(m.PEC.Content) != "multipart/mixed" {
		return // PEC-GEN-003
	}
	const expected = "first part text/plain or multipart/alternative"
	where := m.Where("text")
	if len(m.PEC.Content.Parts) == 0 {
		f.Broken(where, expected, "multipart/mixed without any part")
		return
	}
	first := m.PEC.Content.Parts[0]
	if got := typeOf(first); got != "text/plain" && got != "multipart/alternative" {
		f.Broken(where, expected, "first part "+got+" "+first.FileName())
		return
	}
	f.Holds(where, "first part "+typeOf(first))
}

func judgeGeneralPartPlaces(_ *View, m *Message, f *Findings) {
	if len(m.PEC.OriginalParts) == 0 || len(m.PEC.CertificationParts) == 0 {
		return // a concise receipt; or PEC-GEN-012, PEC-GEN-013
	}
	original := slices.Index(m.PEC.Content.Parts, m.PEC.OriginalParts[0]) + 1
	data := slices.Index(m.PEC.Content.Parts, m.PEC.CertificationParts[0]) + 1
	seen := fmt.Sprintf("postacert.eml is part %d, daticert.xml part %d", original, data)
	if original+data != 5 || original != 2 && original != 3 {
		f.Broken(m.Where("signed content"), "postacert.eml and daticert.xml as parts 2 and 3, in either order", seen)
		return
	}
	f.Holds(m.Where("signed content"), seen)
}

// judgeGeneralSevenBit leaves the enclosed original out: it stays as it was sent
// (decision D-11).
func judgeGeneralSevenBit(_ *View, m *Message, f *Findings) {
	if m.PEC.Content == nil {
		return
	}
	clean := true
	m.PEC.Content.Walk(func(e *rawmime.Entity) bool {
		mediaType := typeOf(e)
		part := "part " + mediaType
		octets := e.HeaderBytes()
		if mediaType != "message/rfc822" && !strings.HasPrefix(mediaType, "multipart/") {
			octets = e.Raw()
		}
		if i := bytes.IndexFunc(octets, func(r rune) bool { return r > 0x7f }); i >= 0 {
			clean = false
			f.Broken(m.Where(part), "only 7-bit octets, others encoded as quoted-printable or base64",
				fmt.Sprintf("octet 0x%02x in the %s part", octets[i], mediaType))
		} else if n := longestLine(octets); n > 998 {
			clean = false
			f.Broken(m.Where(part), "lines of at most 998 octets", fmt.Sprintf("a line of %d octets in the %s part", n, mediaType))
		} else if encoding := e.Encoding(); strings.HasPrefix(mediaType, "multipart/") && (encoding == "binary" || encoding == "8bit") && !holdsEightBit(e.Raw()) {
			f.Warns(m.Where(part), "Content-Transfer-Encoding: 7bit, as the octets are", "Content-Transfer-Encoding: "+encoding)
		}
		return mediaType != "message/rfc822"
	})
	if clean {
		f.Holds(m.Where("signed content"), "7-bit octets only")
	}
}

func holdsEightBit(octets []byte) bool {
	return bytes.ContainsFunc(octets, func(r rune) bool { return r > 0x7f })
}

func longestLine(octets []byte) (longest int) {
	for line := range bytes.SplitSeq(octets, []byte("\n")) {
		longest = max(longest, len(bytes.TrimSuffix(line, []byte("\r"))))
	}
	return longest
}

func judgeGeneralOriginalPart(_ *View, m *Message, f *Findings) {
	const expected = "message/rfc822 named postacert.eml"
	if len(m.PEC.OriginalParts) == 0 {
		if m.PEC.Kind == pec.TransportEnvelope && m.PEC.Content != nil {
			f.Broken(m.Where("signed content"), expected, "no enclosed message; the parts are "+shownList(typesOf(m.PEC.Content.Parts)))
		}
		return // a concise delivery receipt encloses none
	}
	part := m.PEC.OriginalParts[0]
	seen := typeOf(part) + " named " + part.FileName()
	if typeOf(part) != "message/rfc822" || part.FileName() != "postacert.eml" {
		f.Broken(m.Where("postacert.eml"), expected, seen)
		return
	}
	f.Holds(m.Where("postacert.eml"), seen)
}

func judgeGeneralCertificationPart(_ *View, m *Message, f *Findings) {
	const expected = "one application/xml part in UTF-8 named daticert.xml"
	if m.PEC.Content == nil {
		return
	}
	where := m.Where("daticert.xml")
	if n := len(m.PEC.CertificationParts); n != 1 {
		f.Broken(where, expected, fmt.Sprintf("%d such parts in the %s", n, about(m)))
		return
	}
	part := m.PEC.CertificationParts[0]
	mediaType, parameters := part.MediaType()
	charset := strings.ToLower(parameters["charset"])
	switch {
	case part.FileName() != "daticert.xml":
		f.Broken(where, expected, "named "+shown(part.FileName()))
	case charset != "" && charset != "utf-8" && charset != "utf8":
		f.Broken(where, expected, "charset="+charset)
	case mediaType == "text/xml":
		f.Deviates(where, expected, mediaType)
	case mediaType != "application/xml":
		f.Broken(where, expected, mediaType)
	default:
		f.Holds(where, mediaType+" named daticert.xml")
	}
}

func judgeGeneralExtraParts(_ *View, m *Message, f *Findings) {
	if m.PEC.Content == nil {
		return
	}
	var extra []string
	for i, part := range m.PEC.Content.Parts {
		if i > 0 && !slices.Contains(m.PEC.OriginalParts, part) && !slices.Contains(m.PEC.CertificationParts, part) {
			extra = append(extra, strings.TrimSpace(typeOf(part)+" "+part.FileName()))
		}
	}
	f.Observes(m.Where("signed content"), "extra parts in the "+about(m)+": "+shownList(extra))
}

func judgeGeneralOriginalEncoding(_ *View, m *Message, f *Findings) {
	if m.PEC.Kind == pec.AnomalyEnvelope {
		return // judged with the anomaly envelope
	}
	for _, part := range m.PEC.OriginalParts {
		if typeOf(part) != "message/rfc822" {
			continue
		}
		where := m.Where("postacert.eml")
		encoding := part.Encoding()
		seen := "Content-Transfer-Encoding: " + encoding
		switch encoding {
		case "7bit":
			f.Holds(where, seen)
		case "8bit", "binary":
			if holdsEightBit(part.Body()) {
				f.Holds(where, seen+", as the original is")
			} else {
				f.Warns(where, "Content-Transfer-Encoding: 7bit, as the octets are", seen)
			}
		default:
			f.Broken(where, "message/rfc822 without base64 or quoted-printable", seen)
		}
	}
}

func typeOf(e *rawmime.Entity) string {
	mediaType, _ := e.MediaType()
	return mediaType
}

func typesOf(parts []*rawmime.Entity) []string {
	var all []string
	for _, p := range parts {
		all = append(all, typeOf(p))
	}
	return all
}
