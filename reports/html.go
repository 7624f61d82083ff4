package reports

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"strings"

	"github.com/collaudo/collaudo/rules"
)

//go:embed template
var templateFiles embed.FS

// renderHTML writes report.html: one file that needs no network and nothing
// beside it but the evidence that it links to.
func renderHTML(result *rules.Result, catalogue *rules.Catalogue, s *story) ([]byte, error) {
	style, err := templateFiles.ReadFile("template/report.css")
	if err != nil {
		return nil, err
	}
	script, err := templateFiles.ReadFile("template/report.js")
	if err != nil {
		return nil, err
	}
	parsed, err := template.New("report.html").Funcs(template.FuncMap{
		"join":          func(list []string) string { return strings.Join(list, ", ") },
		"size":          sizeWords,
		"plural":        plural,
		"few":           few,
		"fewChecks":     fewChecks,
		"filterOf":      func(list string, t []share) filter { return filter{list, t} },
		"scenarioTally": scenarioTally,
		"short":         func(id string) string { return strings.TrimPrefix(id, "PEC-") },
	}).ParseFS(templateFiles, "template/*.html")
	if err != nil {
		return nil, fmt.Errorf("the template of the report: %w", err)
	}
	p := newPage(result, catalogue, s)
	p.Style = template.HTML("<style>\n" + string(style) + "</style>")     // our own file
	p.Script = template.HTML("<script>\n" + string(script) + "</script>") // our own file
	var b bytes.Buffer
	if err := parsed.ExecuteTemplate(&b, "report.html", p); err != nil {
		return nil, fmt.Errorf("render %s: %w", HTMLFile, err)
	}
	return b.Bytes(), nil
}

// filter is the filter above a list.
type filter struct {
	List  string
	Tally []share
}

// scenarioTally counts the scenarios by their verdict.
func scenarioTally(features []featureGroup) []share {
	counts, total := map[string]int{}, 0
	for _, f := range features {
		for _, s := range f.Scenarios {
			counts[s.Standing.Key]++
			total++
		}
	}
	return shares(counts, total)
}

// mostChecks bounds the checks that are kept out of sight: the rest is in
// run.json, and the page must stay light.
const mostChecks = 40

// someChecks is the first checks of a rule, and those behind them.
type someChecks struct{ First, Rest []checkView }

// fewChecks returns the first of many checks; nil of none.
func fewChecks(checks []checkView) *someChecks {
	if len(checks) == 0 {
		return nil
	}
	shown, more := distinct(checks)
	return &someChecks{shown, more[:min(len(more), mostChecks)]}
}

// some is the first of a list, and how many more there are.
type some struct {
	First []string
	Rest  int
}

// few returns the first of a long list; nil of an empty one.
func few(list []string) *some {
	const most = 6
	if len(list) == 0 {
		return nil
	}
	n := min(len(list), most)
	return &some{list[:n], len(list) - n}
}
