package reports

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// telling is what every rendering of a run is made from.
type telling struct {
	result    *rules.Result
	catalogue *rules.Catalogue
	record    *evidence.Record
	story     *story
	options   WriteOptions
}

// Formats of renderings.
const (
	formatHTML     = "html"
	formatJUnit    = "junit"
	formatMessages = "messages"
	formatEARL     = "earl"
	formatCSV      = "csv"
	formatMarkdown = "markdown"
	formatDossier  = "dossier"
	formatPDF      = "pdf" // the dossier, where something can print it: no run writes it by itself
)

// rendering is one file that tells a run.
type rendering struct {
	format string // as --format names it; two files may be of one format
	file   string // its name in the run folder
	spoken bool   // it is for people, in the language of the report
	render func(*telling) ([]byte, error)
}

// renderings lists the files that tell a run. Each is made from the result, the
// catalogue and the evidence alone, and needs none of the others.
func renderings() []rendering {
	return []rendering{
		{formatJUnit, JUnitFile, false, func(t *telling) ([]byte, error) { return renderJUnit(t.result, t.catalogue, t.story, t.options.Gate) }},
		{formatMessages, MessagesFile, false, func(t *telling) ([]byte, error) {
			return renderMessages(t.result, t.catalogue, t.record, t.story)
		}},
		{formatEARL, EARLFile, false, func(t *telling) ([]byte, error) { return renderEARL(t.result, t.catalogue, t.story) }},
		{formatCSV, TraceabilityFile, false, func(t *telling) ([]byte, error) { return renderTraceability(t.result, t.catalogue, t.story) }},
		{formatMarkdown, MarkdownFile, true, func(t *telling) ([]byte, error) {
			return renderMarkdown(words.In(t.options.Language), t.result, t.catalogue, summaryPlace{Report: HTMLFile, Gate: t.options.Gate})
		}},
		{formatDossier, DossierFile, false, func(t *telling) ([]byte, error) { return renderDossier(t, words.English) }},
		{formatDossier, DossierItalianFile, false, func(t *telling) ([]byte, error) { return renderDossier(t, words.Italian) }},
		{formatHTML, HTMLFile, true, func(t *telling) ([]byte, error) { return renderHTML(t.result, t.catalogue, t.story, t.options) }},
	}
}

// Formats lists the names of the formats that Render takes.
func Formats() []string {
	var names []string
	for _, r := range append(renderings(), printing(nil)) {
		if !slices.Contains(names, r.format) {
			names = append(names, r.format)
		}
	}
	slices.Sort(names)
	return names
}

// make renders, and takes a panic for an error: what one file cannot tell must
// not end a run without a word.
func (r rendering) make(t *telling) (octets []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			octets, err = nil, fmt.Errorf("%s: the rendering panicked: %v", r.file, p)
		}
	}()
	return r.render(t)
}

// RenderOptions say which renderings of a finished run are made, and where.
type RenderOptions struct {
	WriteOptions

	Formats []string // as Formats names them; empty: all that can be written there
	// Out is the folder for them; empty: the run folder, where what is for people
	// gets the language into its name (report.it.html) and nothing else is written:
	// the rest of the folder is sealed.
	Out string
	// Print makes a PDF of a page, which takes a program that this package does not
	// start. nil: the format pdf is refused.
	Print func(page []byte) ([]byte, error)
}

// ErrSealed says that a rendering would take the place of a file that belongs to
// the sealed run.
var ErrSealed = errors.New("the run folder is sealed")

// ErrFormat says that no rendering is of the format that was asked for.
var ErrFormat = errors.New("unknown format")

// Render makes renderings of a finished run anew, from its result and its
// evidence, and returns the paths of the files. It changes nothing of the run.
func Render(dir string, result *rules.Result, catalogue *rules.Catalogue, o RenderOptions) ([]string, error) {
	chosen, err := o.choose(dir)
	if err != nil {
		return nil, err
	}
	record, err := evidence.Open(dir)
	if err != nil {
		return nil, err
	}
	if o.Out != "" {
		if record.Way, err = wayTo(o.Out, dir); err != nil {
			return nil, err
		}
	}
	if err := o.recall(dir); err != nil {
		return nil, err
	}
	told := &telling{result: result, catalogue: catalogue, record: record, story: tell(record), options: o.WriteOptions}
	into := cmp.Or(o.Out, dir)
	var files []string
	for _, r := range chosen {
		octets, err := r.make(told)
		if err != nil {
			return files, err
		}
		if r.format == formatHTML {
			octets = leadTo(record.Way, octets)
		}
		if err := writeFile(into, r.file, octets); err != nil {
			return files, err
		}
		files = append(files, filepath.Join(into, r.file))
	}
	if o.Out != "" && slices.ContainsFunc(chosen, func(r rendering) bool { return r.format == formatHTML }) {
		return files, writeMessages(o.Out, told) // the pages that report.html links to
	}
	return files, nil
}

// choose lists what is to be made, under the names that it gets.
func (o RenderOptions) choose(dir string) ([]rendering, error) {
	for _, f := range o.Formats {
		if !slices.Contains(Formats(), f) {
			return nil, fmt.Errorf("%w %q: expected one of %s", ErrFormat, f, strings.Join(Formats(), ", "))
		}
	}
	own := map[string]bool{} // names that a run gives its files
	for _, r := range renderings() {
		own[r.file] = true
	}
	var chosen []rendering
	all := renderings()
	if slices.Contains(o.Formats, formatPDF) { // only where it is asked for by name
		if o.Print == nil {
			return nil, fmt.Errorf("%w %q: nothing is there that prints it", ErrFormat, formatPDF)
		}
		all = append(all, printing(o.Print))
	}
	for _, r := range all {
		if len(o.Formats) > 0 && !slices.Contains(o.Formats, r.format) {
			continue
		}
		if o.Out != "" {
			chosen = append(chosen, r)
			continue
		}
		if r.spoken {
			ending := filepath.Ext(r.file)
			language := cmp.Or(string(o.Language), string(words.English))
			r.file = strings.TrimSuffix(r.file, ending) + "." + language + ending
		}
		switch {
		case !own[r.file]:
			chosen = append(chosen, r)
		case len(o.Formats) > 0:
			return nil, fmt.Errorf("%w: %s is part of the run in %s: give another folder for what is made now (--out DIR)", ErrSealed, r.file, dir)
		}
	}
	return chosen, nil
}

// leadTo makes the links of the report to files of the run folder lead there. What
// a target sent cannot look like one: its quotation marks are escaped.
func leadTo(way string, page []byte) []byte {
	if way == "" {
		return page
	}
	for _, file := range []string{evidence.EventsFile, "evidence/", ResultFile, JUnitFile} {
		page = bytes.ReplaceAll(page, []byte(`href="`+file+`"`), []byte(`href="`+template.HTMLEscapeString(way+file)+`"`))
	}
	return page
}

// wayTo is how one gets from a folder of reports to the run folder, as the
// beginning of a link.
func wayTo(dir, out string) (string, error) {
	from, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(out)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(from, evidence.EventsFile)); err == nil {
		return "", fmt.Errorf("%w: %s holds a run: give another folder for what is made now", ErrSealed, dir)
	}
	way, err := filepath.Rel(to, from)
	if err == nil && way != ".." && !strings.HasPrefix(way, ".."+string(filepath.Separator)) {
		return "", fmt.Errorf("%w: %s lies in the run folder: give a folder outside of it", ErrSealed, dir)
	}
	if way, err = filepath.Rel(from, to); err != nil {
		return filepath.ToSlash(to) + "/", nil //nolint:nilerr // on another drive: the whole path leads there
	}
	return filepath.ToSlash(way) + "/", nil
}
