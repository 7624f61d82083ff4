package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/rules"
)

// WriteMatrix writes a kill matrix, for programs and for people.
func WriteMatrix(dir string, m *Matrix, catalogue *rules.Catalogue) error {
	encoded, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", MatrixFile, err)
	}
	if err := writeFile(dir, MatrixFile, append(encoded, '\n')); err != nil {
		return err
	}
	page, err := renderMatrix(m, catalogue)
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

func renderMatrix(m *Matrix, catalogue *rules.Catalogue) ([]byte, error) {
	style, err := templateFiles.ReadFile("template/report.css")
	if err != nil {
		return nil, err
	}
	own, err := templateFiles.ReadFile("template/kills.css")
	if err != nil {
		return nil, err
	}
	parsed, err := template.New("kills.html").Funcs(template.FuncMap{
		"join":   func(list []string) string { return strings.Join(list, ", ") },
		"plural": plural,
	}).ParseFS(templateFiles, "template/kills.html")
	if err != nil {
		return nil, fmt.Errorf("the template of the kill matrix: %w", err)
	}
	p := newMatrixPage(m, catalogue)
	p.Style = template.HTML("<style>\n" + string(style) + string(own) + "</style>") // our own files
	var b bytes.Buffer
	if err := parsed.ExecuteTemplate(&b, "kills.html", p); err != nil {
		return nil, fmt.Errorf("render %s: %w", MatrixHTMLFile, err)
	}
	return b.Bytes(), nil
}

func newMatrixPage(m *Matrix, catalogue *rules.Catalogue) *matrixPage {
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
	p.Headline = "Every mutant is killed at its rule"
	if m.Sample != "all" && m.Sample != "family" {
		p.Headline = "What was tried is killed at its rule"
	}
	if !m.Good() {
		p.Tone, p.Headline = "bad", "Not every judge is proven"
	}
	p.Figures = []fact{{"mutants killed at their rule and nowhere else", fmt.Sprintf("%d of %d", good, len(m.Kills))}}
	if len(m.Personalities) > 0 {
		p.Figures = append(p.Figures,
			fact{"personalities that no judge fails", fmt.Sprintf("%d of %d", legal, len(m.Personalities))},
			fact{"rules that no mutant breaks", plainNumber(len(m.Unbroken))},
			fact{"judges that nobody has failed", plainNumber(len(m.Unproven))},
		)
	}
	if m.View != "" {
		p.Figures = append(p.Figures, fact{"mutants that this view cannot see", plainNumber(len(m.Unseen))})
	}
	for _, law := range catalogue.Rules {
		p.Titles[law.ID] = law.Title.EN
	}
	for _, f := range catalogue.Families {
		if part := m.family(f); len(part.Rows) > 0 {
			p.Families = append(p.Families, part)
		}
	}
	return p
}

// family is the part of the matrix about one family of rules.
func (m *Matrix) family(f *rules.Family) matrixFamily {
	part := matrixFamily{Code: f.Code, Title: f.Title.EN}
	var columns []int
	for _, law := range f.Rules {
		i := slices.Index(m.Rules, law.ID)
		if i < 0 || law.Excluded != nil {
			continue
		}
		columns = append(columns, i)
		part.Columns = append(part.Columns, matrixColumn{law.ID, law.ID[len("PEC-")+len(f.Code)+1:], law.Title.EN})
	}
	for _, k := range m.Kills {
		if len(k.Breaks) == 0 || !slices.ContainsFunc(f.Rules, func(law *rules.Rule) bool { return law.ID == k.Breaks[0] }) {
			continue
		}
		row := matrixRow{Kill: k}
		for _, i := range columns {
			row.Cells = append(row.Cells, cellOf(k, i))
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

func cellOf(k Kill, i int) matrixCell {
	switch cellAt(k, i) {
	case CellKilled:
		return matrixCell{"killed", "broken, and caught", "●"}
	case CellSurvived:
		return matrixCell{"survived", "broken, and not caught", "✕"}
	case CellAlso:
		return matrixCell{"also", "worse too, as the same octets must make it", "○"}
	case CellMisattributed:
		return matrixCell{"strayed", "failed, and should not have", "!"}
	case CellWorse:
		return matrixCell{"worse", "worse, short of failing", "◦"}
	case CellSame:
		return matrixCell{"same", "looked at, nothing changed", "·"}
	}
	return matrixCell{"unrun", "not run: no scenario that was played looks at it", ""}
}
