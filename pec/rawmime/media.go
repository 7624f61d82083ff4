package rawmime

import (
	"strconv"
	"strings"
)

// maxParameterSections bounds an RFC 2231 continuation (name*0, name*1, …).
const maxParameterSections = 1000

// MediaType returns the type of the entity in lower case and its parameters,
// names in lower case, RFC 2231 decoded. A missing or unreadable Content-Type
// means text/plain (RFC 2045 5.2), or message/rfc822 inside a multipart/digest.
// The parameters are not to be changed.
func (e *Entity) MediaType() (mediaType string, parameters map[string]string) {
	if e.read {
		return e.mediaType, e.parameters
	}
	return e.readMediaType()
}

func (e *Entity) readMediaType() (mediaType string, parameters map[string]string) {
	mediaType = "text/plain"
	if e.Parent != nil && !e.Has("Content-Type") {
		if parent, _ := e.Parent.MediaType(); parent == "multipart/digest" {
			mediaType = "message/rfc822"
		}
	}
	value, parameters := parseParameters(e.Value("Content-Type"))
	if kind, subtype, ok := strings.Cut(value, "/"); ok {
		kind, subtype = strings.TrimSpace(kind), strings.TrimSpace(subtype)
		if isToken(kind) && isToken(subtype) {
			if mediaType = value; len(kind)+1+len(subtype) != len(value) { // blanks stood around the slash
				mediaType = kind + "/" + subtype
			}
		}
	}
	return mediaType, parameters
}

// Disposition returns Content-Disposition in lower case, "" when absent, and
// its parameters, as MediaType does.
func (e *Entity) Disposition() (disposition string, parameters map[string]string) {
	return parseParameters(e.Value("Content-Disposition"))
}

// FileName returns the name that the part proposes: filename of
// Content-Disposition, else name of Content-Type; RFC 2231 and RFC 2047
// decoded; "" when there is none. It may hold a path: it is a name to compare
// and show, never one to open.
func (e *Entity) FileName() string {
	_, parameters := e.Disposition()
	name := parameters["filename"]
	if name == "" {
		_, parameters = e.MediaType()
		name = parameters["name"]
	}
	return DecodeWords(name)
}

// Encoding returns Content-Transfer-Encoding in lower case, "7bit" when absent.
func (e *Entity) Encoding() string {
	value, _, _ := strings.Cut(stripComments(e.Value("Content-Transfer-Encoding")), ";")
	if value = strings.ToLower(strings.TrimSpace(value)); value != "" {
		return value
	}
	return "7bit"
}

// parseParameters splits "value; name=value; …" tolerantly: the value in lower
// case, the parameters with lower-case names. The first of two parameters with
// the same name counts.
func parseParameters(header string) (value string, parameters map[string]string) {
	header = stripComments(header)
	pieces := splitParameters(header)
	parameters = map[string]string{}
	if len(pieces) == 0 {
		return "", parameters
	}
	var sections map[string]map[int]section // most headers have none
	for _, piece := range pieces[1:] {
		name, content, ok := strings.Cut(piece, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if !ok || name == "" {
			continue
		}
		content = unquote(strings.TrimSpace(content))
		base, index, encoded, extended := splitParameterName(name)
		if !extended {
			if _, seen := parameters[name]; !seen {
				parameters[name] = content
			}
			continue
		}
		if sections == nil {
			sections = map[string]map[int]section{}
		}
		if sections[base] == nil {
			sections[base] = map[int]section{}
		}
		if _, seen := sections[base][index]; !seen {
			sections[base][index] = section{content: content, encoded: encoded}
		}
	}
	// RFC 2231 forms win over a plain parameter of the same name.
	for base, parts := range sections {
		if joined, ok := joinSections(parts); ok {
			parameters[base] = joined
		}
	}
	return strings.ToLower(strings.TrimSpace(pieces[0])), parameters
}

// section is one piece of an RFC 2231 parameter.
type section struct {
	content string
	encoded bool
}

// splitParameterName takes "filename*0*" apart. A name without asterisk, or
// with something after it that is no section, is not extended.
func splitParameterName(name string) (base string, index int, encoded, extended bool) {
	base, rest, ok := strings.Cut(name, "*")
	if !ok || base == "" {
		return name, 0, false, false
	}
	if rest == "" {
		return base, 0, true, true
	}
	rest, encoded = strings.CutSuffix(rest, "*")
	index, err := strconv.Atoi(rest)
	if err != nil || index < 0 || index >= maxParameterSections {
		return name, 0, false, false
	}
	return base, index, encoded, true
}

func joinSections(parts map[int]section) (string, bool) {
	first, ok := parts[0]
	if !ok {
		return "", false
	}
	charset := ""
	if first.encoded {
		if pieces := strings.SplitN(first.content, "'", 3); len(pieces) == 3 {
			charset, first.content = pieces[0], pieces[2]
			parts[0] = first
		}
	}
	var joined []byte
	for i := 0; i < maxParameterSections; i++ {
		part, ok := parts[i]
		if !ok {
			break
		}
		if part.encoded {
			joined = appendPercentDecoded(joined, part.content)
		} else {
			joined = append(joined, part.content...)
		}
	}
	text, _ := ToUTF8(joined, charset) // tolerant: what cannot be decoded is shown as it is
	return text, true
}

func appendPercentDecoded(to []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if high, low := unhex(s[i+1]), unhex(s[i+2]); high >= 0 && low >= 0 {
				to = append(to, byte(high<<4|low))
				i += 2
				continue
			}
		}
		to = append(to, s[i])
	}
	return to
}

// splitParameters cuts at the semicolons that stand outside quoted strings.
func splitParameters(header string) []string {
	pieces := make([]string, 0, 1+strings.Count(header, ";"))
	quoted, start := false, 0
	for i := 0; i < len(header); i++ {
		switch c := header[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == ';' && !quoted:
			pieces = append(pieces, header[start:i])
			start = i + 1
		}
	}
	if start <= len(header) {
		pieces = append(pieces, header[start:])
	}
	return pieces
}

// stripComments removes RFC 5322 comments. Only a parenthesis after white
// space or a semicolon, or at the start, opens one: in an unquoted
// name=report(1).pdf it belongs to the name.
func stripComments(s string) string {
	if !strings.Contains(s, "(") {
		return s
	}
	var b strings.Builder
	quoted, depth := false, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case (quoted || depth > 0) && c == '\\' && i+1 < len(s):
			if depth == 0 {
				b.WriteString(s[i : i+2])
			}
			i++
			continue
		case quoted:
			quoted = c != '"'
		case depth > 0 && c == '(':
			depth++
			continue
		case depth > 0:
			if c == ')' {
				depth--
			}
			continue
		case c == '"':
			quoted = true
		case c == '(' && (i == 0 || strings.IndexByte(" \t;", s[i-1]) >= 0):
			depth++
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// unquote returns the content of a quoted string; what is not quoted stays.
func unquote(s string) string {
	if len(s) == 0 || s[0] != '"' {
		return s
	}
	if end := strings.IndexAny(s[1:], "\\\""); end >= 0 && s[1+end] == '"' {
		return s[1 : 1+end] // nothing in it is quoted once more
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
		case s[i] == '"':
			return b.String()
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func isToken(s string) bool {
	if s == "" {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] > '~' || strings.IndexByte(`()<>@,;:\"/[]?=`, s[i]) >= 0 {
			return false
		}
	}
	return true
}
