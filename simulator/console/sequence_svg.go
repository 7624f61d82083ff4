package console

import (
	"fmt"
	"html"
	"html/template"
	"strings"
	"unicode/utf8"

	"github.com/collaudo/collaudo/pec"
)

// Measures of the picture, in its own units.
const (
	rowGap   = 46
	headRoom = 86
	sideRoom = 160 // left of the first lane, with the times
	boxWidth = 158
	boxHigh  = 52
	letter   = 6.7 // of a label, more or less
)

// gap is the room between two lanes: less of it where there are many.
func (q sequence) gap() int {
	if len(q.Lanes) > 5 {
		return 172
	}
	return 204
}

func (q sequence) abscissa(lane int) int { return sideRoom + lane*q.gap() }

// SVG draws the sequence. Every text in it is escaped here.
func (q sequence) SVG(s speaker) template.HTML {
	width := sideRoom + (max(len(q.Lanes), 1)-1)*q.gap() + boxWidth/2 + 10
	height := headRoom + len(q.Arrows)*rowGap + 24
	class := "sequence"
	if len(q.Lanes) > 5 { // rather wider than its place than too small to read
		class += " broad"
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="%s" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">`,
		class, width, height, width, height, html.EscapeString(q.spoken(s)))
	b.WriteString(`<defs><marker id="tip" viewBox="0 0 9 9" refX="8" refY="4.5" markerWidth="9" markerHeight="9" orient="auto-start-reverse"><path d="M0.5 0.8 L8.2 4.5 L0.5 8.2 z" fill="context-stroke"/></marker></defs>`)
	for i, l := range q.Lanes {
		head(&b, q.abscissa(i), l, height)
	}
	stamp := ""
	for row, w := range q.Arrows {
		y := headRoom + row*rowGap + 30
		if w.Divider != "" {
			divider(&b, w.Divider, y, width)
			stamp = ""
			continue
		}
		if now := w.At.In(pec.Zone()).Format("15:04:05"); now != stamp {
			stamp = now
			fmt.Fprintf(&b, `<text class="time" x="6" y="%d">%s</text>`, y+4, stamp)
		}
		q.arrow(&b, w, y, fmt.Sprintf("%d", row))
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // every text in it was escaped above
}

func head(b *strings.Builder, x int, l lane, height int) {
	radius := 6
	if l.Kind == "person" {
		radius = boxHigh / 2
	}
	fmt.Fprintf(b, `<g class="lane %s"><title>%s</title>`, l.Kind, html.EscapeString(l.Name+" "+l.Detail))
	fmt.Fprintf(b, `<line x1="%d" y1="%d" x2="%d" y2="%d"/>`, x, boxHigh+8, x, height-6)
	fmt.Fprintf(b, `<rect x="%d" y="6" width="%d" height="%d" rx="%d"/>`, x-boxWidth/2, boxWidth, boxHigh, radius)
	fmt.Fprintf(b, `<text class="name" x="%d" y="29">%s</text><text class="detail" x="%d" y="45">%s</text></g>`,
		x, html.EscapeString(fit(l.Name, 20)), x, html.EscapeString(fit(l.Detail, 24)))
}

func divider(b *strings.Builder, text string, y, width int) {
	half := int(float64(utf8.RuneCountInString(text))*letter/2) + 14
	middle := width / 2
	fmt.Fprintf(b, `<g class="divider"><line x1="8" y1="%d" x2="%d" y2="%d"/><rect x="%d" y="%d" width="%d" height="24" rx="12"/><text x="%d" y="%d">%s</text></g>`,
		y, width-8, y, middle-half, y-12, 2*half, middle, y+4, html.EscapeString(text))
}

func (q sequence) arrow(b *strings.Builder, w arrow, y int, key string) {
	label := w.Label
	if w.Count > 1 {
		label += fmt.Sprintf(" × %d", w.Count)
	}
	from, to := q.abscissa(w.From), q.abscissa(w.To)
	class := "arrow " + w.Tone
	if w.Missing {
		class += " missing"
	}
	if w.SHA256 != "" {
		fmt.Fprintf(b, `<a href="/messages/%s" data-key="%s">`, html.EscapeString(w.SHA256), key)
	}
	spoken := label
	if w.Note != "" {
		spoken += ": " + w.Note
	}
	fmt.Fprintf(b, `<g class="%s" data-step="%s"><title>%s</title>`, class, key, html.EscapeString(spoken))
	ground := int(float64(utf8.RuneCountInString(label))*letter) + 10
	if from == to {
		fmt.Fprintf(b, `<circle cx="%d" cy="%d" r="5"/>`, from, y)
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="18"/><text class="beside" x="%d" y="%d">%s</text>`, from+10, y-9, ground, from+14, y+4, html.EscapeString(label))
		if w.Note != "" {
			fmt.Fprintf(b, `<text class="beside note" x="%d" y="%d">%s</text>`, from+14, y+19, html.EscapeString(fit(w.Note, 28)))
		}
	} else {
		gap, middle := 5, from+q.gap()/2 // beside who sends, so that it crosses no lane
		if to < from {
			gap, middle = -5, from-q.gap()/2
		}
		start := from + gap
		fmt.Fprintf(b, `<path d="M%d %d H%d" pathLength="1" marker-end="url(#tip)"/>`, start, y, to-gap)
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="17"/><text x="%d" y="%d">%s</text>`, middle-ground/2, y-22, ground, middle, y-9, html.EscapeString(label))
	}
	b.WriteString("</g>")
	if w.SHA256 != "" {
		b.WriteString("</a>")
	}
}

// spoken tells the sequence in words, for those who cannot see it.
func (q sequence) spoken(s speaker) string {
	parts := []string{s.Say("flow.title")}
	for _, w := range q.Arrows {
		if w.Divider != "" {
			parts = append(parts, w.Divider)
			continue
		}
		parts = append(parts, s.Say("flow.step", q.Lanes[w.From].Name, q.Lanes[w.To].Name, w.Label))
	}
	return strings.Join(parts, "; ")
}

// fit cuts a text to so many letters.
func fit(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most-1]) + "…"
}
