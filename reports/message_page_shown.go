package reports

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// excerpt is octets of a message made ready to be looked at.
type excerpt struct {
	Text string
	Cut  string // how much more there is; "" when that is all
}

// Bounds of what a page shows of one message. All of it is in the octets, which
// are one click away.
const (
	maxHeaderShown = 16 << 10 // octets
	maxDataShown   = 4 << 10
	maxTextShown   = 4 << 10
	maxTextDecoded = 1 << 20 // longer texts are not taken out of their encoding
	maxValueShown  = 600     // letters of one value
	maxPartsShown  = 200
	maxListShown   = 40 // recipients, oddities, certificates
)

// shown writes octets from outside so that a reader sees what they are and
// nothing obeys them: white space, letters and signs stay as they are, and
// whatever is invisible or moves what stands around it (control characters,
// marks of direction, joiners) is written as its number. Octets that are not
// UTF-8 are written as such.
func shown(text string) string {
	plain := true
	for _, r := range text {
		if r == utf8.RuneError || unseen(r) {
			plain = false
			break
		}
	}
	if plain {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `⟨%02X⟩`, text[i])
		case r == '\r' && strings.HasPrefix(text[i+1:], "\n"): // a line end, which is seen
		case unseen(r):
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
		default:
			b.WriteString(text[i : i+n])
		}
		i += n
	}
	return b.String()
}

// unseen tells a character that does not show itself.
func unseen(r rune) bool {
	switch r {
	case '\n', '\t':
		return false
	case '\u2028', '\u2029', '\u115F', '\u1160', '\u3164', '\uFFA0': // separators of lines, and letters without a shape
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r)
}

// value is one value from outside on one line, cut where it is long.
func value(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }), " ")
	if runes := []rune(clipOctets(text, 8*maxValueShown)); len(runes) > maxValueShown {
		text = string(runes[:maxValueShown]) + "…"
	}
	return shown(text)
}

// clipOctets takes the first octets, and no half of a letter.
func clipOctets(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// excerptOf shows the beginning of a text. whole is the length of all that there
// is, in octets.
func (p *messagePage) excerptOf(text string, most, whole int) *excerpt {
	cut := clipOctets(text, most)
	e := &excerpt{Text: shown(cut)}
	if left := whole - len(cut); left > 0 {
		e.Cut = p.T("cut", sizeWords(int64(left)))
	}
	return e
}

// headerOf shows a header as it came. A line that does not end in CRLF says so:
// to some readers it is no line end at all.
func (p *messagePage) headerOf(octets []byte) *excerpt {
	text := clipOctets(string(octets[:min(len(octets), maxHeaderShown)]), maxHeaderShown)
	var b strings.Builder
	for line := range strings.Lines(text) {
		if bare, found := strings.CutSuffix(line, "\n"); found && !strings.HasSuffix(bare, "\r") {
			line = bare + "⟨LF⟩\n"
		}
		b.WriteString(line)
	}
	e := &excerpt{Text: strings.TrimRight(shown(b.String()), "\n")}
	if left := len(octets) - len(text); left > 0 {
		e.Cut = p.T("cut", sizeWords(int64(left)))
	}
	return e
}
