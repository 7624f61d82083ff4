package reports

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"

	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// WriteMatrix writes a kill matrix, for programs and, in a language, for people.
// What faults do is told in English.
func WriteMatrix(dir string, m *Matrix, catalogue *rules.Catalogue, language words.Language) error {
	encoded, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", MatrixFile, err)
	}
	if err := writeFile(dir, MatrixFile, append(encoded, '\n')); err != nil {
		return err
	}
	page, err := renderMatrix(words.In(cmp.Or(language, words.English)), m, catalogue)
	if err != nil {
		return err
	}
	return writeFile(dir, MatrixHTMLFile, page)
}

// matrixPage is what kills.html shows.
type matrixPage struct {
	Style, Script template.HTML

	*Matrix
	Tone     string
	Headline string
	Figures  []fact
	Wrong    []Kill
	Families []matrixFamily
	Titles   map[string]string
}

// matrixFamily is the part of the matrix whose mutants break rules of a family:
// their rules are the columns, what happened elsewhere is told in words.
type matrixFamily struct {
	Code, Title string
	Columns     []matrixColumn
	Rows        []matrixRow
}

type matrixColumn struct{ ID, Number, Title string }

type matrixRow struct {
	Kill
	Cells     []matrixCell
	Elsewhere []string // rules of other families that came out worse
}

type matrixCell struct{ Class, Words, Mark string }

func renderMatrix(w *words.Words, m *Matrix, catalogue *rules.Catalogue) ([]byte, error) {
	style, err := templateFiles.ReadFile("template/report.css")
	if err != nil {
		return nil, err
	}
	own, err := templateFiles.ReadFile("template/kills.css")
	if err != nil {
		return nil, err
	}
	parsed, err := template.New("kills.html").Funcs(pageWords(w)).ParseFS(templateFiles, "template/kills.html")
	if err != nil {
		return nil, fmt.Errorf("the template of the kill matrix: %w", err)
	}
	p := newMatrixPage(w, m, catalogue)
	p.Style = template.HTML("<style>\n" + string(style) + string(own) + ownStyle(w) + "</style>") // our own files
	var b bytes.Buffer
	if err := parsed.ExecuteTemplate(&b, "kills.html", p); err != nil {
		return nil, fmt.Errorf("render %s: %w", MatrixHTMLFile, err)
	}
	if err := w.Err(); err != nil {
		return nil, fmt.Errorf("render %s: %w", MatrixHTMLFile, err)
	}
	return b.Bytes(), nil
}

func newMatrixPage(w *words.Words, m *Matrix, catalogue *rules.Catalogue) *matrixPage {
	p := &matrixPage{Matrix: m, Tone: "good", Titles: map[string]string{}}
	good, legal := 0, 0
	for _, k := range m.Kills {
		if k.Good() {
			good++
		} else {
			p.Wrong = append(p.Wrong, k)
		}
	}
	for _, t := range m.Personalities {
		if t.Good() {
			legal++
		}
	}
	p.Headline = w.Text("kills.all")
	if m.Sample != "all" && m.Sample != "family" {
		p.Headline = w.Text("kills.tried")
	}
	if !m.Good() {
		p.Tone, p.Headline = "bad", w.Text("kills.bad")
	}
	p.Figures = []fact{{w.Text("kills.figure"), w.Text("page.so-many-of", good, len(m.Kills))}}
	if len(m.Personalities) > 0 {
		p.Figures = append(p.Figures,
			fact{w.Text("kills.figure-personalities"), w.Text("page.so-many-of", legal, len(m.Personalities))},
			fact{w.Text("kills.figure-unbroken"), plainNumber(len(m.Unbroken))},
			fact{w.Text("kills.figure-unproven"), plainNumber(len(m.Unproven))},
		)
	}
	if m.View != "" {
		p.Figures = append(p.Figures, fact{w.Text("kills.figure-unseen"), plainNumber(len(m.Unseen))})
	}
	for _, law := range catalogue.Rules {
		p.Titles[law.ID] = pick(w, law.Title)
	}
	for _, f := range catalogue.Families {
		if part := m.family(w, f); len(part.Rows) > 0 {
			p.Families = append(p.Families, part)
		}
	}
	return p
}

// family is the part of the matrix about one family of rules.
func (m *Matrix) family(w *words.Words, f *rules.Family) matrixFamily {
	part := matrixFamily{Code: f.Code, Title: pick(w, f.Title)}
	var columns []int
	for _, law := range f.Rules {
		i := slices.Index(m.Rules, law.ID)
		if i < 0 || law.Excluded != nil {
			continue
		}
		columns = append(columns, i)
		part.Columns = append(part.Columns, matrixColumn{law.ID, law.ID[len("PEC-")+len(f.Code)+1:], pick(w, law.Title)})
	}
	for _, k := range m.Kills {
		if len(k.Breaks) == 0 || !slices.ContainsFunc(f.Rules, func(law *rules.Rule) bool { return law.ID == k.Breaks[0] }) {
			continue
		}
		row := matrixRow{Kill: k}
		for _, i := range columns {
			row.Cells = append(row.Cells, cellOf(w, k, i))
		}
		for i := range m.Rules {
			if worse := cellAt(k, i); !slices.Contains(columns, i) && worse != CellSame && worse != CellNotRun {
				row.Elsewhere = append(row.Elsewhere, m.Rules[i])
			}
		}
		part.Rows = append(part.Rows, row)
	}
	return part
}

func cellAt(k Kill, i int) Cell {
	if i >= len(k.Cells) {
		return CellNotRun
	}
	return Cell(k.Cells[i])
}

func cellOf(w *words.Words, k Kill, i int) matrixCell {
	switch cellAt(k, i) {
	case CellKilled:
		return matrixCell{"killed", w.Text("kills.cell.broken"), "●"}
	case CellSurvived:
		return matrixCell{"survived", w.Text("kills.cell.uncaught"), "✕"}
	case CellAlso:
		return matrixCell{"also", w.Text("kills.cell.also"), "○"}
	case CellMisattributed:
		return matrixCell{"strayed", w.Text("kills.cell.stray"), "!"}
	case CellWorse:
		return matrixCell{"worse", w.Text("kills.cell.worse"), "◦"}
	case CellSame:
		return matrixCell{"same", w.Text("kills.cell.same"), "·"}
	}
	return matrixCell{"unrun", w.Text("kills.cell.not-run"), ""}
}
