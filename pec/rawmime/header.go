package rawmime

import (
	"bytes"
	"slices"
	"sync"
)

// header reads the header block of e: it sets BodyStart and Fields.
//
// A line that is no field does not end the header: only the blank line does.
// Otherwise one damaged line would turn the rest of the header into text, and
// a checker could not say what the message meant to be.
func (p *parser) header(e *Entity, message bool) {
	at := e.Start
	if message && at < e.End && isMboxLine(p.whole[at:e.End]) {
		p.find("mbox-from-line", at, "the message starts with an mbox \"From \" line, which is no header field")
		_, at = line(p.whole, at, e.End)
	}
	limit := e.Start + p.limits.HeaderBytes
	field := -1 // index in Fields of the field that a folded line would continue
	e.Fields = p.read[:0]
	defer func() {
		p.read = e.Fields
		if e.Fields = nil; len(p.read) > 0 {
			e.Fields = slices.Clone(p.read)
		}
	}()
	for at < e.End {
		text, next := line(p.whole, at, e.End)
		if len(text) == 0 {
			e.BodyStart = next
			return
		}
		if next > limit {
			p.find("limit-header-bytes", at, "the header is longer than %d octets; its fields from here on were not read", p.limits.HeaderBytes)
			e.BodyStart = p.skipHeader(at, e.End)
			return
		}
		if text[0] == ' ' || text[0] == '\t' {
			p.continuation(e, text, at, next, field)
		} else {
			field = p.field(e, text, at, next)
		}
		at = next
	}
	e.BodyStart = e.End
	if message {
		p.find("header-without-end", e.End, "no blank line ends the header: the message has no body")
	}
}

func (p *parser) continuation(e *Entity, text []byte, at, next, field int) {
	if len(bytes.Trim(text, " \t")) == 0 {
		p.find("header-line-only-white-space", at, "a header line holds only white space (obsolete, RFC 5322 4.2)")
	}
	if field < 0 {
		if len(e.Fields) == 0 && at == e.Start {
			p.find("header-line-without-colon", at, "the header starts with a folded line")
		}
		return
	}
	f := &e.Fields[field]
	f.End = next
	f.raw = p.whole[f.Start:f.End]
	p.eightBit(text, at)
}

// field appends the field that starts with text and returns its index, or -1
// when the line is no field.
func (p *parser) field(e *Entity, text []byte, at, next int) int {
	colon := bytes.IndexByte(text, ':')
	if colon < 0 {
		p.find("header-line-without-colon", at, "a header line has no colon: %q", clip(text))
		return -1
	}
	name := bytes.TrimRight(text[:colon], " \t")
	switch {
	case len(name) == 0:
		p.find("header-name-empty", at, "a header line starts with a colon: %q", clip(text))
		return -1
	case !isFieldName(name):
		p.find("header-name-invalid", at, "%q is no header field name (RFC 5322 2.2)", clip(name))
	case len(name) != colon:
		p.find("header-space-before-colon", at, "white space stands between the name %q and the colon (obsolete, RFC 5322 4.5)", name)
	}
	if p.fields >= p.limits.Fields {
		p.findOnce("limit-fields", at, "the message has more than %d header fields; the rest was not read", p.limits.Fields)
		return -1
	}
	p.fields++
	p.eightBit(text, at)
	e.Fields = append(e.Fields, Field{Name: fieldName(name), Start: at, End: next, raw: p.whole[at:next]})
	return len(e.Fields) - 1
}

func (p *parser) eightBit(text []byte, at int) {
	for i, c := range text {
		if c >= 0x80 {
			p.findOnce("header-8bit", at+i, "a header field holds octets above 127")
			return
		}
	}
}

// skipHeader returns the offset after the blank line that ends a header.
func (p *parser) skipHeader(at, end int) int {
	for at < end {
		text, next := line(p.whole, at, end)
		if len(text) == 0 {
			return next
		}
		at = next
	}
	return end
}

// line returns the line at offset at without its line end (CRLF or LF), and
// the offset after the line end.
func line(whole []byte, at, end int) (text []byte, next int) {
	i := bytes.IndexByte(whole[at:end], '\n')
	if i < 0 {
		return whole[at:end], end
	}
	text, next = whole[at:at+i], at+i+1
	if i > 0 && text[i-1] == '\r' {
		text = text[:i-1]
	}
	return text, next
}

func isMboxLine(b []byte) bool {
	return bytes.HasPrefix(b, []byte("From ")) || bytes.HasPrefix(b, []byte(">From "))
}

// isFieldName reports whether name is printable ASCII without space and colon
// (RFC 5322 2.2).
func isFieldName(name []byte) bool {
	for _, c := range name {
		if c <= ' ' || c > '~' || c == ':' {
			return false
		}
	}
	return true
}

// usualNames returns names of fields that nearly every message has, as they are
// nearly always written.
var usualNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for _, name := range []string{
		"Return-Path", "Received", "From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "MIME-Version",
		"Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-Description",
		"X-Trasporto", "X-Ricevuta", "X-Riferimento-Message-ID", "X-TipoRicevuta", "X-VerificaSicurezza",
	} {
		names[name] = name
	}
	return names
})

// fieldName is name as a string, which is made only for an unusual one.
func fieldName(name []byte) string {
	if usual, ok := usualNames()[string(name)]; ok {
		return usual
	}
	return string(name)
}

// clip shortens what is quoted in a finding.
func clip(b []byte) []byte {
	if len(b) > 60 {
		return b[:60]
	}
	return b
}
