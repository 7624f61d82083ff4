package reports

import (
	"bytes"
	"html/template"
	"regexp"
	"strings"

	"github.com/collaudo/collaudo/reports/words"
)

// constantText is a text of the page that takes no value.
var constantText = regexp.MustCompile(`\{\{\$?\.T "([a-z.-]+)"\}\}`)

// messageTemplate reads the template of the pages. The texts that are the same
// on each of thousands of pages are put in here, once.
func messageTemplate(w *words.Words) (*template.Template, error) {
	source, err := templateFiles.ReadFile("template/message.html")
	if err != nil {
		return nil, err
	}
	source = constantText.ReplaceAllFunc(source, func(call []byte) []byte {
		key := constantText.FindSubmatch(call)[1]
		return []byte(template.HTMLEscapeString(w.Text("message." + string(key))))
	})
	if err := w.Err(); err != nil {
		return nil, err
	}
	return template.New("message.html").Parse(string(source))
}

// messageStyleSheet is the style of the report, and what the pages of messages
// have besides.
func messageStyleSheet() ([]byte, error) {
	var b bytes.Buffer
	for _, name := range []string{"template/report.css", "template/message.css"} {
		octets, err := templateFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		b.Write(octets)
	}
	return b.Bytes(), nil
}

// factList is a list of facts as it stands on a page.
type factList []fact

// List writes the list. A page has dozens of facts: to have the template walk
// them takes longer than all the rest.
func (l factList) List() template.HTML {
	if len(l) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(`<dl class="law">`)
	for _, f := range l {
		b.WriteString("<div><dt>")
		b.WriteString(template.HTMLEscapeString(f.Label))
		b.WriteString("</dt><dd>")
		b.WriteString(template.HTMLEscapeString(f.Value))
		b.WriteString("</dd></div>")
	}
	b.WriteString("</dl>")
	return template.HTML(b.String()) // escaped above
}
