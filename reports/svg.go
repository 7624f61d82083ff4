package reports

import (
	"fmt"
	"html"
	"html/template"
	"strings"

	"github.com/collaudo/collaudo/reports/words"
)

// Measures of a drawing, in user units. The boxes of the lifelines are measured
// in report.css, with which they have to agree.
const (
	lineGap   = 190 // between lifelines
	sideSpace = 92  // left of the first and right of the last
	headSpace = 62  // for the names
	rowSpace  = 40
	tailSpace = 18
	maxName   = 24 // letters of a name; the whole of it is in its title
	maxDetail = 27
)

// svg draws the flow. A full run has hundreds of drawings: what is the same in
// all of them (colours, boxes, the tips of the arrows, which are defined once on
// the page) is in report.css, so that it also follows the page into dark mode
// and print.
func (f flow) svg(w *words.Words, opens func(octets string) string) template.HTML {
	if len(f.Lines) == 0 {
		return ""
	}
	width := 2*sideSpace + (len(f.Lines)-1)*lineGap
	for _, arrow := range f.Arrows {
		if arrow.Divider == "" && arrow.From == arrow.To && arrow.From == len(f.Lines)-1 {
			width += lineGap / 2 // room for the words beside a loop
			break
		}
	}
	height := headSpace + len(f.Arrows)*rowSpace + tailSpace
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="flow" role="group" viewBox="0 0 %d %d" width="%d" height="%d" aria-label="%s">`, width, height, width, height, html.EscapeString(f.spoken(w)))
	for i, l := range f.Lines {
		l.svg(&b, abscissa(i), height)
	}
	for row, arrow := range f.Arrows {
		y := headSpace + row*rowSpace + rowSpace*2/3
		if arrow.Divider != "" {
			fmt.Fprintf(&b, `<g class="divider"><path d="M8 %dH%d"/><text x="12" y="%d">%s</text></g>`, y, width-8, y-7, html.EscapeString(arrow.Divider))
			continue
		}
		arrow.Path = opens(arrow.Path)
		arrow.svg(&b, y)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) // every text in it was escaped above
}

func abscissa(line int) int { return sideSpace + line*lineGap }

func (l lifeline) svg(b *strings.Builder, x, height int) {
	name, detail := short(l.Name, maxName), short(l.Detail, maxDetail)
	fmt.Fprintf(b, `<g class="line %s" transform="translate(%d)">`, html.EscapeString(l.Kind), x)
	if name != l.Name || detail != l.Detail {
		fmt.Fprintf(b, `<title>%s</title>`, html.EscapeString(l.Name+", "+l.Detail))
	}
	fmt.Fprintf(b, `<path d="M0 %dV%d"/><rect/><text y="25">%s</text><text y="40">%s</text></g>`, headSpace-10, height-6, html.EscapeString(name), html.EscapeString(detail))
}

func (w arrow) svg(b *strings.Builder, y int) {
	label := w.Label
	if w.Brief != "" {
		label = w.Brief
	}
	if w.Count > 1 {
		label += fmt.Sprintf(" × %d", w.Count)
	}
	ids := shortIDs(w.IDs)
	from, to := abscissa(w.From), abscissa(w.To)
	if w.Path != "" {
		fmt.Fprintf(b, `<a href="%s">`, html.EscapeString(w.Path))
	}
	fmt.Fprintf(b, `<g class="arrow %s">`, html.EscapeString(w.Tone))
	shown := strings.TrimSpace(ids + " " + label)
	if whole := w.spoken(); whole != shown {
		fmt.Fprintf(b, `<title>%s</title>`, html.EscapeString(whole))
	}
	text := html.EscapeString(label)
	if ids != "" {
		text = `<tspan>` + html.EscapeString(ids) + `</tspan> ` + text
	}
	if w.From == w.To {
		fmt.Fprintf(b, `<path d="M%d %dh34v12h-32"/><text class="beside" x="%d" y="%d">%s</text>`, from, y-8, from+42, y+2, text)
	} else {
		gap, middle := 3, from+lineGap/2 // beside who sends, so that it crosses no lifeline
		if to < from {
			gap, middle = -3, from-lineGap/2
		}
		fmt.Fprintf(b, `<path d="M%d %dH%d"/><text x="%d" y="%d">%s</text>`, from, y, to-gap, middle, y-9, text)
	}
	b.WriteString("</g>")
	if w.Path != "" {
		b.WriteString("</a>")
	}
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
func (f flow) spoken(w *words.Words) string {
	parts := []string{w.Text("flow.spoken")}
	for _, arrow := range f.Arrows {
		if arrow.Divider == "" {
			parts = append(parts, w.Text("flow.spoken-step", f.Lines[arrow.From].Name, f.Lines[arrow.To].Name, arrow.Label))
		}
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
