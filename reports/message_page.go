package reports

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/reports/words"
)

// Names in a run folder. The pages of the messages lie beside each other and
// share a style sheet: it would otherwise be the larger part of each.
const (
	messagesFolder = "messages"
	messageStyle   = messagesFolder + "/style.css"
)

// messagePath is where the page of a message lies in a run folder. The hash is
// that of its octets; a message that was seen in many places has one page.
func messagePath(hash string) string { return messagesFolder + "/" + hash + ".html" }

// messagePage is everything that the page of a message shows, in the order in
// which it does. What came from outside has gone through shown before it gets
// here: see message_page_shown.go.
type messagePage struct {
	words *words.Words

	What    string // "Acceptance"
	Subject string
	Hash    string
	Octets  string // path of the octets, from the folder of the pages
	Facts   factList
	Encoded bool   // a virus scanner could react to the octets: they are not opened
	Trouble string // why nothing below could be read

	Seen      []sighting
	Worse     []messageCheck
	Kept      []keptHere
	Signature *signatureFacts
	Data      *dataFacts
	Original  *originalFacts
	Text      *excerpt
	Tree      *messageTree
	Header    *excerpt
	Oddities  []string
}

// T gives the template a text of the page's language.
func (p *messagePage) T(key string, values ...any) string {
	return p.words.Text("message."+key, values...)
}

// Lang is the language of the page, as HTML names it.
func (p *messagePage) Lang() string { return string(p.words.Language()) }

// Title is the title of the rule that a check is about.
func (p *messagePage) Title(c messageCheck) string { return p.words.Pick(c.EN, c.IT) }

// Badge is the verdict of a check.
func (p *messagePage) Badge(c messageCheck) string { return c.Standing.in(p.words) }

// How says how a message was seen.
func (p *messagePage) How(s sighting) string {
	values := []any{cmp.Or(s.Who, p.T("seen.host"))}
	if s.Whom != "" {
		values = append(values, s.Whom)
	}
	return p.T("seen."+s.How, values...)
}

// Up is a path of the run folder, from where the page lies.
func (p *messagePage) Up(file string) string { return "../" + file }

// messagePages makes the pages of a run, each from what the evidence holds of
// one message.
type messagePages struct {
	told         *telling
	template     *template.Template
	seen         map[string][]sighting
	checks       *checksOf
	trusts       trusts
	certificates smime.Certificates // a run has few signers: each is read once
}

// writeMessages writes a page for every message that was sent or received, and
// the style sheet that they share.
func writeMessages(dir string, t *telling) error {
	if err := emptyMessages(dir); err != nil {
		return err
	}
	return eachMessage(t, func(name string, octets []byte) error {
		if name == messageStyle {
			return writeFile(dir, name, octets) // the first: it makes the folder
		}
		return writePage(filepath.Join(dir, filepath.FromSlash(name)), octets)
	})
}

// eachMessage hands over the style sheet, and then the page of every message,
// several at a time.
func eachMessage(t *telling, put func(name string, octets []byte) error) error {
	style, err := messageStyleSheet()
	if err != nil {
		return err
	}
	if err := put(messageStyle, style); err != nil {
		return err
	}
	m, err := newMessagePages(t)
	if err != nil {
		return err
	}
	return m.each(func(hash string, octets []byte) error { return put(messagePath(hash), octets) })
}

// pageName is the name of a page in messagesFolder.
var pageName = regexp.MustCompile(`^[0-9a-f]{64}\.html$`)

// emptyMessages takes away the pages that an earlier report of the same folder
// left: one that nothing leads to any more would look like a part of this one.
// What no report makes is not touched.
func emptyMessages(dir string) error {
	folder := filepath.Join(dir, messagesFolder)
	info, err := os.Lstat(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no folder: the pages of the messages cannot be written there", folder)
	}
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if pageName.MatchString(e.Name()) && e.Type().IsRegular() {
			if err := os.Remove(filepath.Join(folder, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// writePage writes one of thousands of pages in a folder that is there. It goes
// without writeFile's care, which costs as much again: half a page says nothing
// that is wrong, and the error ends the report.
func writePage(path string, octets []byte) error {
	if err := os.WriteFile(path, octets, 0o644); err != nil {
		os.Remove(path) //nolint:errcheck // it may be there in part or not at all
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func newMessagePages(t *telling) (*messagePages, error) {
	parsed, err := messageTemplate(words.In(t.options.Language))
	if err != nil {
		return nil, fmt.Errorf("the template of the message pages: %w", err)
	}
	seen := sightings(t.record)
	return &messagePages{told: t, template: parsed, seen: seen, checks: newChecksOf(t.result, t.catalogue, seen)}, nil
}

// each makes all pages, several at a time, the largest messages first: whoever
// got one of these last would be waited for. The first error ends it.
func (m *messagePages) each(done func(hash string, octets []byte) error) error {
	hashes := make([]string, 0, len(m.seen))
	for hash := range m.seen {
		hashes = append(hashes, hash)
	}
	slices.SortFunc(hashes, func(a, b string) int {
		return cmp.Or(cmp.Compare(m.seen[b][0].size, m.seen[a][0].size), strings.Compare(a, b))
	})
	var next atomic.Int64
	var group sync.WaitGroup
	errs := make([]error, len(hashes))
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			var b bytes.Buffer
			for {
				i := int(next.Add(1)) - 1
				if i >= len(hashes) {
					return
				}
				b.Reset()
				if errs[i] = m.render(&b, hashes[i]); errs[i] == nil {
					errs[i] = done(hashes[i], b.Bytes())
				}
				if errs[i] != nil {
					next.Store(int64(len(hashes)))
					return
				}
			}
		})
	}
	group.Wait()
	return cmp.Or(errs...)
}

// render writes one page. A panic is an error: it happens where nobody else
// would catch it.
func (m *messagePages) render(b *bytes.Buffer, hash string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: the rendering panicked: %v", messagePath(hash), r)
		}
	}()
	p := m.page(hash)
	if err := m.template.ExecuteTemplate(b, "message.html", p); err != nil {
		return fmt.Errorf("render %s: %w", messagePath(hash), err)
	}
	return p.words.Err()
}

// relative leads from the folder of the pages to a file of the run folder; ""
// to none.
func relative(file string) string {
	if file == "" {
		return ""
	}
	return path.Join("..", file)
}
