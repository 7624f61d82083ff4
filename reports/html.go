package reports

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"strings"

	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

//go:embed template
var templateFiles embed.FS

// renderHTML writes report.html: one file that needs no network and nothing
// beside it but the evidence and the pages of the messages that it links to.
func renderHTML(result *rules.Result, catalogue *rules.Catalogue, s *story, o WriteOptions) ([]byte, error) {
	style, err := templateFiles.ReadFile("template/report.css")
	if err != nil {
		return nil, err
	}
	script, err := templateFiles.ReadFile("template/report.js")
	if err != nil {
		return nil, err
	}
	listed, w := byRule(result), words.In(cmp.Or(o.Language, words.English))
	parsed, err := template.New("report.html").Funcs(pageWords(w)).Funcs(template.FuncMap{
		"few":           few,
		"fewChecks":     fewChecks,
		"filterOf":      func(list string, t []share) filter { return filter{list, t} },
		"scenarioTally": scenarioTally,
		"ref":           func(id string) template.HTML { return reference(listed, id) },
		"opens":         func(path string) string { return opens(w, path) },
		"outcome":       func(v rules.Outcome) string { return verdictIn(w, v) },
		"known":         func(s KnownStanding) string { return w.Text("known." + strings.ReplaceAll(string(s), " ", "-")) },
		"whenBack":      func(v visit) string { return v.When(w) },
		"adviceOn":      func(m missing) string { return m.Advice(w) },
		"needed":        func(n missingNeed) string { return n.Words(w) },
	}).ParseFS(templateFiles, "template/report.html", "template/report_parts.html", "template/report_beside.html")
	if err != nil {
		return nil, fmt.Errorf("the template of the report: %w", err)
	}
	p := newPage(w, result, catalogue, s, o)
	look, act := "\n"+string(style)+ownStyle(w), "\n"+string(script)
	p.Style = contentPolicy(look, act, styleAttributes) + template.HTML("<style>"+look+"</style>") // our own file and words
	p.Script = template.HTML("<script>" + act + "</script>")                                       // our own file
	var b bytes.Buffer
	if err := parsed.ExecuteTemplate(&b, "report.html", p); err != nil {
		return nil, fmt.Errorf("render %s: %w", HTMLFile, err)
	}
	if err := w.Err(); err != nil {
		return nil, fmt.Errorf("render %s: %w", HTMLFile, err)
	}
	return b.Bytes(), nil
}

// pageWords are the functions by which a template takes its words: none of them
// stands in the template itself.
func pageWords(w *words.Words) template.FuncMap {
	return template.FuncMap{
		"lang":   w.Language,
		"t":      w.Text,
		"count":  func(key string, n int, values ...any) string { return w.Count(n, key, values...) },
		"markup": func(key string, values ...any) template.HTML { return markupOf(w, key, values...) },
		"pick":   func(t rules.Text) string { return pick(w, t) },
		"label":  func(s standing) string { return s.in(w) },
		"stand":  func(s share) string { return s.many(w, s.Count) },
		"became": func(a Account) string { return a.in(w) },
		"size":   func(n int64) string { return figure(w, sizeWords(n)) },
		"join":   func(list []string) string { return strings.Join(list, ", ") },
		// foreign says that what an element holds is English on a page that is not.
		"foreign": func() template.HTMLAttr {
			if w.Language() == words.English {
				return ""
			}
			return `lang="en"` // our own text
		},
		"other": func(t rules.Text) string { // the text in the language that the page is not in
			if w.Language() == words.English {
				return t.IT
			}
			return t.EN
		},
		"otherLang": func() words.Language {
			if w.Language() == words.English {
				return words.Italian
			}
			return words.English
		},
	}
}

// markupOf is a text of words.yaml that holds markup; what is filled in is
// escaped.
func markupOf(w *words.Words, key string, values ...any) template.HTML {
	escaped := make([]any, len(values))
	for i, v := range values {
		escaped[i] = v
		if text, is := v.(string); is {
			escaped[i] = template.HTMLEscapeString(text)
		}
	}
	return template.HTML(w.Text(key, escaped...)) // our own text, and what was escaped
}

// ownStyle are the words that the style sheet shows.
func ownStyle(w *words.Words) string {
	return ".wide.scrolls::before { content: \"" + w.Text("page.sideways") + "\"; }\n"
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
