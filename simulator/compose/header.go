package compose

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/collaudo/collaudo/pec/rawmime"
	"golang.org/x/text/encoding/charmap"
)

// broken replaces what breaks a line, and escaped fits it between quotes.
var (
	broken  = strings.NewReplacer("\r\n", " ", "\r", " ", "\n", " ", "\x00", "")
	escaped = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
)

const (
	lineIdeal = 78  // RFC 5322 2.1.1: SHOULD
	lineLimit = 998 // RFC 5322 2.1.1: MUST
)

// writeHeader writes the fields, folding those that are not raw.
func writeHeader(out *bytes.Buffer, fields []HeaderField) {
	for _, f := range fields {
		if f.Raw != nil {
			out.Write(Canonical(f.Raw))
			continue
		}
		out.WriteString(fold(f.Name, f.Value))
	}
}

// addressFields are the fields that hold addresses.
var addressFields = []string{"From", "To", "Cc", "Reply-To", "Sender"}

// fold writes one field on lines of at most 78 octets where blanks allow it. A
// line break in the value would start another field, so it becomes a blank.
func fold(name, value string) string {
	line := strings.TrimRight(name+": "+oneLine(value), " \t")
	// In address fields the blanks inside quotes are no place to fold: it would be
	// legal, but half of the readers would show the fold.
	if len(line) <= lineIdeal {
		return line + "\r\n"
	}
	quotable := slices.ContainsFunc(addressFields, func(field string) bool { return strings.EqualFold(field, name) })
	var out strings.Builder
	for len(line) > lineIdeal {
		at := breakAt(line, len(name)+2, quotable)
		if at < 0 {
			break
		}
		out.WriteString(line[:at] + "\r\n")
		line, name = line[at:], ""
	}
	out.WriteString(line + "\r\n")
	return out.String()
}

// breakAt finds the last blank that may begin the next line within the ideal
// length, else the first one after; from keeps the first line from being empty.
func breakAt(line string, from int, quotable bool) int {
	best, quoted := -1, false
	for i := 1; i < len(line); i++ {
		switch {
		case line[i] == '"' && line[i-1] != '\\':
			quoted = !quoted
		case line[i] != ' ' && line[i] != '\t', i < from, quoted && quotable:
		case line[i-1] == ' ' || line[i-1] == '\t', strings.TrimLeft(line[i:], " \t") == "":
		case i <= lineIdeal:
			best = i
		default:
			if best < 0 {
				best = i
			}
			return best
		}
	}
	return best
}

func oneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n\x00") {
		return s
	}
	return broken.Replace(s)
}

// subjectValue is the prefix in clear, then the original subject. A raw subject
// in ASCII stays as it was sent, encoded words included; any other is written in
// encoded words, and so is one that no blank allows to fold.
func subjectValue(prefix string, f Facts) string {
	if !f.HasSubject {
		return strings.TrimSpace(prefix)
	}
	raw := strings.TrimSpace(unfold(f.Subject))
	if needsEncoding(raw) {
		raw = encodeWords(DecodeSubject(f.Subject))
	}
	return prefix + raw
}

func needsEncoding(raw string) bool {
	word := 0
	for i := 0; i < len(raw); i++ {
		if (raw[i] < ' ' && raw[i] != '\t') || raw[i] > '~' {
			return true
		}
		word++
		if raw[i] == ' ' || raw[i] == '\t' {
			word = 0
		}
		if word > lineLimit-lineIdeal {
			return true
		}
	}
	return false
}

// encodeWords writes RFC 2047 words in UTF-8, separated by blanks so that they
// fold. Not with package mime, which leaves pure ASCII as it is, however long.
func encodeWords(s string) string {
	const perWord = 40 // octets of UTF-8: 56 in base64, within the 75 of RFC 2047 2
	var words []string
	for len(s) > 0 {
		n := 0
		for n < len(s) {
			_, size := utf8.DecodeRuneInString(s[n:])
			if n > 0 && n+size > perWord {
				break
			}
			n += size
		}
		words = append(words, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(words, " ")
}

// DecodeSubject gives the text of a raw header value: encoded words decoded, raw
// octets above 127 taken as UTF-8 where they are that, else as windows-1252, of
// which ISO-8859-1 text is a part.
func DecodeSubject(raw string) string {
	raw = strings.TrimSpace(unfold(raw))
	if !utf8.ValidString(raw) {
		if decoded, err := charmap.Windows1252.NewDecoder().String(raw); err == nil {
			raw = decoded
		}
	}
	return strings.ToValidUTF8(rawmime.DecodeWords(raw), "\uFFFD")
}

// quoteString writes a quoted-string of RFC 5322 3.2.4.
func quoteString(s string) string {
	return `"` + escaped.Replace(s) + `"`
}
