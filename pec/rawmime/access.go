package rawmime

import (
	"bytes"
	"strings"
)

// Raw returns the octets of the entity, header and body.
func (e *Entity) Raw() []byte { return e.Whole[e.Start:e.End] }

// HeaderBytes returns the octets of the header, the blank line included.
func (e *Entity) HeaderBytes() []byte { return e.Whole[e.Start:e.BodyStart] }

// Body returns the octets after the blank line, still transfer-encoded.
func (e *Entity) Body() []byte { return e.Whole[e.BodyStart:e.End] }

// Lookup returns the fields of that name, whatever their case, in order.
func (e *Entity) Lookup(name string) []Field {
	var found []Field
	for _, f := range e.Fields {
		if strings.EqualFold(f.Name, name) {
			found = append(found, f)
		}
	}
	return found
}

// Has reports whether there is a field of that name.
func (e *Entity) Has(name string) bool {
	for _, f := range e.Fields {
		if strings.EqualFold(f.Name, name) {
			return true
		}
	}
	return false
}

// Value returns the value of the first field of that name, as Field.Value
// does, and "" when there is none (see Has).
func (e *Entity) Value(name string) string {
	for _, f := range e.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value()
		}
	}
	return ""
}

// Values returns the values of all fields of that name, in order.
func (e *Entity) Values(name string) []string {
	var values []string
	for _, f := range e.Fields {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value())
		}
	}
	return values
}

// Raw returns the octets of the field: name, colon, value, line end, folded
// lines included.
func (f Field) Raw() []byte { return f.raw }

// Value returns what stands after the colon, unfolded (line ends removed,
// white space kept) and trimmed; not decoded.
func (f Field) Value() string {
	colon := bytes.IndexByte(f.raw, ':')
	if colon < 0 {
		return ""
	}
	value := bytes.Trim(f.raw[colon+1:], " \t\r\n")
	return Unfold(string(value))
}

// Unfold removes the line ends of a folded header value and keeps its white
// space (RFC 5322 2.2.3).
func Unfold(value string) string {
	if strings.IndexByte(value, '\n') < 0 {
		return value
	}
	return strings.ReplaceAll(strings.ReplaceAll(value, "\r\n", ""), "\n", "")
}

// Walk visits e and its parts, depth first, in order. It does not descend into
// enclosed messages. When visit returns false, the parts of that entity are
// left out.
func (e *Entity) Walk(visit func(*Entity) bool) {
	if !visit(e) {
		return
	}
	for _, part := range e.Parts {
		part.Walk(visit)
	}
}
