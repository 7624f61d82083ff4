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
	listed := byRule(result)
	parsed, err := template.New("report.html").Funcs(template.FuncMap{
		"join":          func(list []string) string { return strings.Join(list, ", ") },
		"size":          sizeWords,
		"plural":        plural,
		"few":           few,
		"fewChecks":     fewChecks,
		"filterOf":      func(list string, t []share) filter { return filter{list, t} },
		"scenarioTally": scenarioTally,
		"ref":           func(id string) template.HTML { return reference(listed, id) },
		"opens":         opens,
		"faults":        faultsWords,
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

// reference names a rule, as a link where the page lists it.
func reference(listed map[string]*rules.RuleResult, id string) template.HTML {
	name := template.HTMLEscapeString(id)
	if listed[id] != nil {
		name = `<a href="#` + name + `">` + name + `</a>`
	}
	return template.HTML(name) // escaped above
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

// fewChecks returns the first of many checks; nil of none.
func fewChecks(checks []checkView) *someChecks {
	if len(checks) == 0 {
		return nil
	}
	few := &someChecks{}
	few.First, few.Rest = distinct(checks)
	few.Behind = places(few.Rest)
	if len(few.Rest) > mostChecks {
		few.Left = places(few.Rest[mostChecks:])
		few.Rest = few.Rest[:mostChecks]
	}
	return few
}

// places counts checks as the rules do: one that was made at many places with
// the same answer is many.
func places(checks []checkView) (n int) {
	for _, c := range checks {
		n += max(c.Count, 1)
	}
	return n
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
