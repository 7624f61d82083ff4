package compose

import (
	"bytes"
	"encoding/base64"
	"strings"

	"github.com/collaudo/collaudo/pec"
)

// What a composer has to know of the message it is about. These look at the
// header only, as a walk over the octets, because a message may be 30 MB.

// splitHeader gives the header fields with their octets, and where the body
// starts (after the blank line). Lines that are no field are fields without
// name, so that the octets are all there.
func splitHeader(message []byte) (fields []HeaderField, body int) {
	for at := 0; at < len(message); {
		end := lineEnd(message, at)
		if len(bytes.TrimRight(message[at:end], "\r\n")) == 0 {
			return fields, end
		}
		for end < len(message) && (message[end] == ' ' || message[end] == '\t') {
			end = lineEnd(message, end)
		}
		raw := message[at:end:end]
		name := ""
		if before, _, ok := bytes.Cut(raw, []byte{':'}); ok && !bytes.ContainsAny(before, "\r\n") {
			name = string(bytes.TrimSpace(before))
		}
		fields = append(fields, HeaderField{Name: name, Raw: raw})
		at = end
	}
	return fields, len(message)
}

// Fields gives the header fields of a message as they came, none for nil.
func Fields(message []byte) []HeaderField {
	fields, _ := splitHeader(message)
	return fields
}

func lineEnd(b []byte, from int) int {
	if n := bytes.IndexByte(b[from:], '\n'); n >= 0 {
		return from + n + 1
	}
	return len(b)
}

// Inherited picks the fields that an envelope inherits unaltered (RFC 6109
// 3.1.5): Return-Path, Received, Reply-To, To, Cc; for an anomaly envelope
// Message-ID too (3.2.2).
func Inherited(message []byte, anomaly bool) []HeaderField {
	var inherited []HeaderField
	fields, _ := splitHeader(message)
	for _, f := range fields {
		switch name := strings.ToLower(f.Name); name {
		case "return-path", "received", "reply-to", "to", "cc":
			inherited = append(inherited, f)
		case "message-id":
			if anomaly {
				inherited = append(inherited, f)
			}
		}
	}
	return inherited
}

// FactsOf reads ReplyTo, Subject, ClientMessageID and ReceiptType from the
// header of a message as submitted, or as received from ordinary mail. Sender,
// Recipients and Identifier are known to the caller.
func FactsOf(message []byte) Facts {
	var f Facts
	fields, _ := splitHeader(message)
	seen := map[string]bool{}
	for _, field := range fields {
		name := strings.ToLower(field.Name)
		if seen[name] {
			if name == "x-tiporicevuta" {
				f.ReceiptType = "" // asked for twice is asked for nothing
			}
			continue // of all others the first one counts
		}
		seen[name] = true
		switch name {
		case "reply-to":
			f.ReplyTo = field.value()
		case "subject":
			f.Subject, f.HasSubject = field.value(), true
		case "message-id":
			f.ClientMessageID = field.value()
		case "x-tiporicevuta":
			f.ReceiptType, f.ReceiptTypeAsked = field.value(), true
		}
	}
	return f
}

// FactsOfSystem reads the facts from an envelope or notice of certified mail:
// from its certification data (RFC 6109: parsing is done on the XML part only),
// with the subject as it was sent where the message still holds it. The type of
// receipt is what the envelope's header says, else its certification data.
func FactsOfSystem(m *pec.Message) Facts {
	var f Facts
	c := m.Certification
	if c == nil {
		return f
	}
	f.Sender, f.ReplyTo, f.Identifier, f.ClientMessageID = c.Sender, c.ReplyTo, c.Identifier, c.MessageID
	for _, r := range c.Recipients {
		f.Recipients = append(f.Recipients, Recipient{Address: r.Address, Certified: r.Type != "esterno"})
	}
	f.ReceiptType = c.ReceiptType
	if asked := m.Root.Value(pec.HeaderReceiptType); asked != "" {
		f.ReceiptType, f.ReceiptTypeAsked = asked, true
	}
	f.Subject, f.HasSubject = originalSubject(m)
	return f
}

func originalSubject(m *pec.Message) (raw string, has bool) {
	if m.Original != nil {
		f := FactsOf(m.Original.Raw())
		return f.Subject, f.HasSubject
	}
	if !m.Certification.HasSubject {
		return "", false
	}
	raw = m.Root.Value("Subject")
	for _, prefix := range []string{"PROBLEMA DI SICUREZZA:", "PRESA IN CARICO:", "POSTA CERTIFICATA:"} {
		if after, ok := strings.CutPrefix(raw, prefix); ok {
			return strings.TrimSpace(after), true
		}
	}
	// Prefix and subject in one encoded word, as some providers do: write it anew.
	if needsEncoding(m.Certification.Subject) {
		return encodeWords(m.Certification.Subject), true
	}
	return m.Certification.Subject, true
}

// Primary says whether a recipient counts as one of the To field for its
// delivery receipt: in To, in both, in neither, or where the fields cannot be
// read (RFC 6109 3.3.2.1). message is the envelope or the original.
func Primary(message []byte, recipient string) bool {
	fields, _ := splitHeader(message)
	in := map[string]bool{}
	for _, f := range fields {
		name := strings.ToLower(f.Name)
		if name != "to" && name != "cc" {
			continue
		}
		list, err := pec.ParseAddressList(f.value())
		if err != nil {
			return true
		}
		for _, a := range list {
			if strings.EqualFold(a.String(), recipient) {
				in[name] = true
			}
		}
	}
	return in["to"] || !in["cc"]
}

// RewriteOriginal gives the submitted message the PEC msgid as Message-ID and,
// when the client gave one, that as X-Riferimento-Message-ID (RFC 6109 2.2.1).
// Every other octet stays, except that line ends become CRLF where they were
// not. A field X-Riferimento-Message-ID that came with the message goes: it
// would pass for ours.
func RewriteOriginal(original []byte, identifier string) []byte {
	return RewriteTraced(nil, original, identifier)
}

// RewriteTraced is RewriteOriginal of a message with further fields on top,
// without another copy of it: an original may have 30 MB. Each of the fields
// ends in CRLF, and none is one that RewriteOriginal changes.
func RewriteTraced(trace, original []byte, identifier string) []byte {
	original = Canonical(original)
	fields, body := splitHeader(original)
	var header bytes.Buffer
	header.Grow(len(trace) + body + 200)
	header.Write(trace)
	own := "Message-ID: <" + identifier + ">\r\n"
	written := false
	for _, f := range fields {
		switch strings.ToLower(f.Name) {
		case "message-id":
			if !written {
				header.WriteString(own)
				if client := f.value(); client != "" {
					header.WriteString(fold(pec.HeaderReference, client))
				}
			}
			written = true
		case strings.ToLower(pec.HeaderReference):
		default:
			header.Write(f.Raw)
		}
	}
	end := headerEnd(original, body)
	if !written {
		if n := header.Len(); n > 0 && !bytes.HasSuffix(header.Bytes(), []byte("\r\n")) {
			header.WriteString("\r\n") // the last field was the end of the message
		}
		header.WriteString(own)
	}
	out := make([]byte, 0, header.Len()+len(original)-end)
	return append(append(out, header.Bytes()...), original[end:]...)
}

// headerEnd is where the fields end and the blank line begins, for a body that
// starts at body.
func headerEnd(message []byte, body int) int {
	if bytes.HasSuffix(message[:body], []byte("\r\n\r\n")) || string(message[:body]) == "\r\n" {
		return body - 2
	}
	return body
}

// wrapBase64 writes base64 in lines of 76.
func wrapBase64(out *bytes.Buffer, octets []byte) {
	const perLine = 57
	line := make([]byte, base64.StdEncoding.EncodedLen(perLine))
	for len(octets) > 0 {
		n := min(perLine, len(octets))
		size := base64.StdEncoding.EncodedLen(n)
		base64.StdEncoding.Encode(line, octets[:n])
		out.Write(line[:size])
		out.WriteString("\r\n")
		octets = octets[n:]
	}
}
