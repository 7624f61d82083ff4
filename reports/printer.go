package reports

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// printer writes plain text of a given width, and remembers the first error.
type printer struct {
	w      io.Writer
	width  int
	colour bool
	notes  []string // what a mark in the text means, to be told at the end
	err    error
}

func newPrinter(w io.Writer, width int, colour bool) *printer {
	if width <= 0 {
		width = 80
	}
	return &printer{w: w, width: max(width, 40), colour: colour}
}

func (p *printer) line(text string) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, strings.TrimRight(text, " "))
	}
}

// wrapped writes a text after a label, and what does not fit below its first
// letter. It writes nothing for an empty text.
func (p *printer) wrapped(label, text string) {
	words := strings.Fields(printable(text))
	if len(words) == 0 {
		return
	}
	indent := visible(label)
	line, column := label, indent
	for i, word := range words {
		if i > 0 && column+1+utf8.RuneCountInString(word) > p.width {
			p.line(line)
			line, column = strings.Repeat(" ", indent), indent
		} else if i > 0 {
			line += " "
			column++
		}
		line += word
		column += utf8.RuneCountInString(word)
	}
	p.line(line)
}

// paint colours a text, when colours are wanted.
func (p *printer) paint(code, text string) string {
	if !p.colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// visible is how many columns a label takes: its colours take none.
func visible(label string) int {
	n, inside := 0, false
	for _, r := range label {
		switch {
		case r == '\x1b':
			inside = true
		case inside:
			inside = r != 'm'
		default:
			n++
		}
	}
	return n
}

// printable takes out what a terminal would obey: what was seen comes from
// outside.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return '·'
		}
		return r
	}, text)
}
