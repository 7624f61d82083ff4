package compose

import (
	"html"
	"strings"
	"time"
	"unicode"

	"github.com/collaudo/collaudo/simulator/clock"
)

// readable is the text for people, held once so that its two renderings state
// the same facts (RFC 6109 4.3.1).
type readable struct {
	title string
	lines []string
}

func (r readable) plain() string {
	return r.title + "\n\n" + strings.Join(r.lines, "\n") + "\n"
}

// html has no reference, style or script: RFC 6109 4.3.1 forbids them.
func (r readable) html() string {
	escaped := make([]string, len(r.lines))
	for i, l := range r.lines {
		escaped[i] = html.EscapeString(l)
	}
	title := html.EscapeString(r.title)
	return "<!DOCTYPE html>\n<html lang=\"it\">\n<head><title>" + title + "</title></head>\n<body>\n<h3>" + title +
		"</h3>\n<hr>\n<p>" + strings.Join(escaped, "<br>\n") + "</p>\n</body>\n</html>\n"
}

// Readable renders a text for people, plain and as HTML: the same facts in both.
// Lines hold no line end.
func Readable(title string, lines []string) (plain, markup string) {
	r := readable{title: title, lines: lines}
	return r.plain(), r.html()
}

// day is "Il giorno [data] alle ore [ora] ([zona])", in legal time.
func day(at time.Time) string {
	return "Il giorno " + clock.Legal(at).Format("02/01/2006") + " alle ore " + clock.Legal(at).Format("15:04:05") +
		" (" + clock.Legal(at).Format("-0700") + ")"
}

// quoted is a fact in quotes, on one line: a line break or control character
// that came in an encoded word must not make a line of its own.
func quoted(s string) string {
	return `"` + strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)) + `"`
}

func identifierLine(f Facts) string { return "Identificativo messaggio: " + f.Identifier }

func (f Facts) addresses() []string {
	all := make([]string, len(f.Recipients))
	for i, r := range f.Recipients {
		all[i] = r.Address
	}
	return all
}

func (f Facts) subjectText() string { return DecodeSubject(f.Subject) }

// about is the opening most models share: day, subject, sender, recipients one
// to a line. noun is "il messaggio" or "nel messaggio".
func about(f Facts, at time.Time, noun string) []string {
	lines := []string{
		day(at) + " " + noun,
		quoted(f.subjectText()) + " proveniente da " + quoted(f.Sender),
		"ed indirizzato a:",
	}
	return append(lines, f.addresses()...)
}

// aboutOne is the opening of a receipt that concerns one recipient.
func aboutOne(f Facts, at time.Time, noun, addressed, recipient string) []string {
	return []string{
		day(at) + " " + noun,
		quoted(f.subjectText()) + " proveniente da " + quoted(f.Sender),
		addressed + " " + quoted(recipient),
	}
}
