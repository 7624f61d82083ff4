package rules

import (
	"html"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// The readable text is searched for facts, never for wording: no provider uses
// the wording of the models (and the rules forbid deciding by it).

// readable is one rendering of the readable text.
type readable struct {
	Part string // "text/plain" or "text/html"
	Text string // UTF-8, tags removed, white space folded
}

// readables returns the renderings that the message has: plain, then HTML.
func readables(m *pec.Message) []readable {
	var all []readable
	if m.PlainText != nil {
		if text, err := m.PlainText.Text(); err == nil {
			all = append(all, readable{"text/plain", fold(text)})
		}
	}
	if m.HTMLText != nil {
		if text, err := m.HTMLText.Text(); err == nil {
			all = append(all, readable{"text/html", fold(withoutTags(text))})
		}
	}
	return all
}

// readableOf returns the plain text, or the HTML of a message that has no plain
// text; false when it has neither. That both say the same is PEC-GEN-008.
func readableOf(m *pec.Message) (readable, bool) {
	if all := readables(m); len(all) > 0 {
		return all[0], true
	}
	return readable{}, false
}

var (
	hiddenHTML = regexp.MustCompile(`(?is)<!--.*?-->|<(style|script|title)\b.*?</(style|script|title)\s*>`)
	blockTag   = regexp.MustCompile(`(?i)</?(br|p|div|tr|td|th|li|ul|ol|table|pre|h[1-6]|hr|body|html|head)\b[^>]*>`)
	anyTag     = regexp.MustCompile(`<[a-zA-Z/!?][^>]*>`)
)

// withoutTags returns what a reader of the HTML sees.
func withoutTags(document string) string {
	document = hiddenHTML.ReplaceAllString(document, " ")
	document = blockTag.ReplaceAllString(document, " ")
	return html.UnescapeString(anyTag.ReplaceAllString(document, ""))
}

// says tells whether the text holds the fact, white space folded.
func says(text, fact string) bool {
	return strings.Contains(fold(text), fold(fact))
}

// saysWithLoss is says for a fact with characters that ISO-8859-1 does not
// have: each may have been dropped or have become anything short, as happens on
// the way into it. It is false for a fact that ISO-8859-1 can hold: nothing is
// lost there. Only the beginning of a long fact is compared, so that the
// expression stays small whatever a subject holds.
func saysWithLoss(text, fact string) bool {
	const compared = 200
	fact = fold(strings.Map(func(r rune) rune {
		if forbidden(r) {
			return utf8.RuneError
		}
		return r
	}, fact))
	var pattern strings.Builder
	lossy := false
	for i, r := range []rune(fact) {
		if i == compared {
			break
		}
		if r > 0xff || r >= 0x80 && r < 0xa0 {
			lossy = true
			pattern.WriteString(`.{0,10}?`)
		} else {
			pattern.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	if !lossy {
		return false
	}
	found, err := regexp.MatchString(pattern.String(), fold(text))
	return err == nil && found
}

// saysAddress tells whether the text holds the address as a whole, not as a
// piece of a longer one; the domain may differ in letter case.
func saysAddress(text, address string) bool {
	text, address = strings.ToLower(text), strings.ToLower(pec.BareAddress(address))
	if address == "" {
		return false
	}
	for from := 0; ; {
		i := strings.Index(text[from:], address)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(address)
		if (i == 0 || !addressRune(text[i-1])) && (end == len(text) || !addressRune(text[end]) || endOfSentence(text[end:])) {
			return true
		}
		from = i + 1
	}
}

func addressRune(b byte) bool {
	return b == '.' || b == '-' || b == '_' || b == '+' || b == '@' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z'
}

// endOfSentence: a full stop or a dash that nothing of an address follows.
func endOfSentence(rest string) bool {
	rest = strings.TrimLeft(rest, ".-")
	return rest == "" || !addressRune(rest[0])
}

// stamp is one day, hour and offset in a readable text.
type stamp struct {
	Day, Time, Zone string // dd/mm/yyyy, hh:mm:ss, +hhmm or +hh:mm ("" when it is not there)
}

// instant returns the instant that the stamp states.
func (s stamp) instant() (time.Time, error) { return parseInstant(s.Day, s.Time, s.Zone) }

var stampPattern = regexp.MustCompile(`(?:^|[^0-9/])(\d{2}/\d{2}/\d{4})[^0-9/][^0-9]{0,60}?(\d{2}:\d{2}:\d{2})(?:\s*\(([+-]\d{2}:?\d{2})\))?(?:[^0-9]|$)`)

// stampsIn returns the well-formed stamps of a text, in order. without is a
// text in which dates do not count: the subject.
func stampsIn(text, without string) []stamp {
	text = fold(text)
	if without = fold(without); without != "" {
		text = strings.ReplaceAll(text, without, " … ")
	}
	var all []stamp
	for _, m := range stampPattern.FindAllStringSubmatch(text, -1) {
		all = append(all, stamp{m[1], m[2], m[3]})
	}
	return all
}

// subjectOf returns the decoded subject of a message, white space folded.
func subjectOf(e *rawmime.Entity) string {
	return fold(rawmime.DecodeWords(e.Value("Subject")))
}

// lossyEqual tells whether two texts are equal but for characters that became
// a question mark in the second.
func lossyEqual(whole, lossy string) bool {
	a, b := []rune(fold(whole)), []rune(fold(lossy))
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && (b[i] != '?' || a[i] < 0x80) {
			return false
		}
	}
	return true
}

// likeness says how far two texts are the same.
type likeness int

const (
	textsDiffer likeness = iota
	textsAlike           // but for white space, control characters, characters replaced
	textsEqual
)

// compareTexts compares a decoded text with what became of it. Raw octets that
// are no UTF-8 are read as ISO-8859-1 too: nothing says what they were. A tab
// equals a blank: either may stand where a header is folded.
func compareTexts(original, became string) likeness {
	original = strings.ReplaceAll(strings.TrimSpace(original), "\t", " ")
	became = strings.ReplaceAll(strings.TrimSpace(became), "\t", " ")
	for _, o := range []string{original, fromLatin1(original)} {
		if o == became {
			return textsEqual
		}
		if fold(o) == fold(became) || lossyEqual(o, became) || (holdsForbidden(o) || strings.ContainsAny(o, "\r\n")) && squeezed(o) == squeezed(became) {
			return textsAlike
		}
	}
	return textsDiffer
}

// fromLatin1 reads octets as ISO-8859-1 when they are no UTF-8.
func fromLatin1(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	runes := make([]rune, 0, len(s))
	for i := range len(s) {
		runes = append(runes, rune(s[i]))
	}
	return string(runes)
}

// forbidden tells a character that XML 1.0 has no way to hold, or that stands
// for one.
func forbidden(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff || r == utf8.RuneError
}

func holdsForbidden(s string) bool { return strings.ContainsFunc(s, forbidden) }

// squeezed removes white space, control characters and what replaces them.
func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f || r == 0xa0 || forbidden(r) {
			return -1
		}
		return r
	}, s)
}
