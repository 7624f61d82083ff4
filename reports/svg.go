package reports

import (
	"fmt"
	"html"
	"html/template"
	"strings"
	"unicode/utf8"
)

// Measures of a drawing, in user units.
const (
	lineGap     = 190 // between lifelines
	sideSpace   = 92  // left of the first and right of the last
	headSpace   = 62  // for the names
	rowSpace    = 40
	tailSpace   = 18
	letterWidth = 7 // of a label, on the wide side
	boxWidth    = 178
	maxName     = 24 // letters of a name; the whole of it is in its title
	maxDetail   = 27
)

// svg draws the flow. Colours come from the classes, so that they follow the
// page into dark mode and print.
func (f flow) svg(id string) template.HTML {
	if len(f.Lines) == 0 {
		return ""
	}
	width := 2*sideSpace + (len(f.Lines)-1)*lineGap
	for _, w := range f.Arrows {
		if w.Divider == "" && w.From == w.To && w.From == len(f.Lines)-1 {
			width += lineGap / 2 // room for the words beside a loop
			break
		}
	}
	height := headSpace + len(f.Arrows)*rowSpace + tailSpace
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="flow" role="img" viewBox="0 0 %d %d" width="%d" height="%d" aria-label="%s">`, width, height, width, height, html.EscapeString(f.spoken()))
	fmt.Fprintf(&b, `<defs><marker id="tip-%s" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0.6 L7.4 4 L0 7.4 z" fill="context-stroke"/></marker></defs>`, html.EscapeString(id))
	for i, l := range f.Lines {
		f.head(&b, i, l, height)
	}
	for row, w := range f.Arrows {
		y := headSpace + row*rowSpace + rowSpace*2/3
		if w.Divider != "" {
			ground := utf8.RuneCountInString(w.Divider)*letterWidth + 8
			fmt.Fprintf(&b, `<g class="divider"><line x1="8" y1="%d" x2="%d" y2="%d"/><rect x="8" y="%d" width="%d" height="15"/><text x="12" y="%d">%s</text></g>`,
				y, width-8, y, y-18, min(ground, width-16), y-7, html.EscapeString(w.Divider))
			continue
		}
		f.arrow(&b, id, w, y)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) // every text in it was escaped above
}

func abscissa(line int) int { return sideSpace + line*lineGap }

func (f flow) head(b *strings.Builder, i int, l lifeline, height int) {
	x := abscissa(i)
	fmt.Fprintf(b, `<g class="line %s"><title>%s</title>`, l.Kind, html.EscapeString(l.Name+", "+l.Detail))
	fmt.Fprintf(b, `<line x1="%d" y1="%d" x2="%d" y2="%d"/>`, x, headSpace-10, x, height-6)
	fmt.Fprintf(b, `<rect x="%d" y="6" width="%d" height="42" rx="%d"/>`, x-boxWidth/2, boxWidth, map[string]int{"actor": 21}[l.Kind]+4)
	fmt.Fprintf(b, `<text class="name" x="%d" y="25">%s</text><text class="detail" x="%d" y="40">%s</text></g>`,
		x, html.EscapeString(short(l.Name, maxName)), x, html.EscapeString(short(l.Detail, maxDetail)))
}

func (f flow) arrow(b *strings.Builder, id string, w arrow, y int) {
	label := shortLabel(w.Label)
	if w.Count > 1 {
		label += fmt.Sprintf(" × %d", w.Count)
	}
	ids := shortIDs(w.IDs)
	from, to := abscissa(w.From), abscissa(w.To)
	if w.Path != "" {
		fmt.Fprintf(b, `<a href="%s" target="_blank" rel="noopener">`, html.EscapeString(w.Path))
	}
	fmt.Fprintf(b, `<g class="arrow %s"><title>%s</title>`, w.Tone, html.EscapeString(w.spoken()))
	letters := utf8.RuneCountInString(strings.TrimSpace(ids + " " + label))
	width := letters*letterWidth + 8
	text := html.EscapeString(label)
	if ids != "" {
		text = `<tspan class="mark">` + html.EscapeString(ids) + `</tspan> ` + text
	}
	if w.From == w.To {
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="15"/>`, from+38, y-10, width)
		fmt.Fprintf(b, `<path d="M%d %d h34 v12 h-32" marker-end="url(#tip-%s)"/>`, from, y-8, html.EscapeString(id))
		fmt.Fprintf(b, `<text class="beside" x="%d" y="%d">%s</text>`, from+42, y+2, text)
	} else {
		gap, middle := 3, from+lineGap/2 // beside who sends, so that it crosses no lifeline
		if to < from {
			gap, middle = -3, from-lineGap/2
		}
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="16"/>`, middle-width/2, y-21, width)
		fmt.Fprintf(b, `<path d="M%d %d H%d" marker-end="url(#tip-%s)"/>`, from, y, to-gap, html.EscapeString(id))
		fmt.Fprintf(b, `<text x="%d" y="%d">%s</text>`, middle, y-9, text)
	}
	b.WriteString("</g>")
	if w.Path != "" {
		b.WriteString("</a>")
	}
}

// shortLabel takes from a label what its title says anyway: it has to stand
// between two lifelines.
func shortLabel(label string) string {
	if code, _, answer := strings.Cut(label, " to the message"); answer && strings.HasPrefix(label, "refused") {
		return code
	}
	if code, _, answer := strings.Cut(label, " to RCPT"); answer {
		return code
	}
	if code, _, answer := strings.Cut(label, " to MAIL"); answer {
		return code
	}
	return label
}

// shortIDs writes the ids of an arrow: two at most, then the first and a sign
// that there are more.
func shortIDs(ids []string) string {
	if len(ids) > 2 {
		return ids[0] + "…"
	}
	return strings.Join(ids, ", ")
}

// spoken tells an arrow in words.
func (w arrow) spoken() string {
	text := strings.Join(w.IDs, ", ") + " " + w.Label
	if w.Note != "" {
		text += ", " + w.Note
	}
	return strings.TrimSpace(text)
}

// spoken tells the sequence in words, for those who cannot see it.
func (f flow) spoken() string {
	parts := []string{"Message flow"}
	for _, w := range f.Arrows {
		if w.Divider != "" {
			continue
		}
		parts = append(parts, fmt.Sprintf("%s to %s: %s", f.Lines[w.From].Name, f.Lines[w.To].Name, w.Label))
	}
	return strings.Join(parts, "; ")
}

func short(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most-1]) + "…"
}
