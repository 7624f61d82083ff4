package reports

import (
	"bytes"
	"fmt"
	"html/template"
	"regexp"

	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// Names of the dossier in a run folder. Both are written by every run: whoever
// prepares for accreditation works with an Italian authority, whatever the
// language of the rest.
const (
	DossierFile        = "dossier.html"
	DossierItalianFile = "dossier.it.html"
)

// renderDossier writes the dossier: what a run says about readiness for
// accreditation, for people who do not know this project. It is one file that
// needs no network, and prints on A4.
func renderDossier(t *telling, language words.Language) ([]byte, error) {
	style, err := templateFiles.ReadFile("template/dossier/dossier.css")
	if err != nil {
		return nil, err
	}
	circular, err := rules.LoadCircular(t.catalogue)
	if err != nil {
		return nil, err
	}
	w := words.In(language)
	parsed, err := template.New(DossierFile).Funcs(template.FuncMap{
		"t": func(key string, values ...any) string { return w.Text(key, values...) },
		"n": func(n int, key string) string { return w.Count(n, key) },
	}).ParseFS(templateFiles, "template/dossier/dossier.html")
	if err != nil {
		return nil, fmt.Errorf("the template of the dossier: %w", err)
	}
	d, err := newDossier(t, circular, w)
	if err != nil {
		return nil, err
	}
	look := "\n" + string(style)
	d.Style = contentPolicy(look, "") + template.HTML("<style>"+look+"</style>") // our own file
	var b bytes.Buffer
	if err := parsed.ExecuteTemplate(&b, "dossier.html", d); err != nil {
		return nil, fmt.Errorf("render %s: %w", DossierFile, err)
	}
	if err := w.Err(); err != nil {
		return nil, fmt.Errorf("render %s: %w", DossierFile, err)
	}
	return b.Bytes(), nil
}

// fileLinks are links to other files, in the markup of the dossier.
var fileLinks = regexp.MustCompile(` href="[^#"][^"]*"`)

// dossierPrinted is the name of the dossier on paper; in a run folder it gets the
// language, see RenderOptions.
const dossierPrinted = "dossier.pdf"

// printing is the dossier for paper. It goes without links to other files, which
// are not there for whoever is handed a sheet, and would show where they lay on
// the machine that printed it.
func printing(printed func(page []byte) ([]byte, error)) rendering {
	return rendering{formatPDF, dossierPrinted, true, func(t *telling) ([]byte, error) {
		language := t.options.Language
		if language == "" {
			language = words.English
		}
		page, err := renderDossier(t, language)
		if err != nil {
			return nil, err
		}
		return printed(fileLinks.ReplaceAll(page, nil))
	}}
}
