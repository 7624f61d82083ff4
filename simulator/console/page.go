package console

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
)

//go:embed template/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// site answers for every page.
type site struct {
	world     World
	judge     Judge
	observer  *observer
	live      *live
	words     map[string]word
	language  string
	templates map[string]*template.Template
}

// page is what every template gets. Body is the page's own.
type page struct {
	speaker
	Title   string
	Section string // of the navigation
	Here    string // path and query, to come back to
	Other   string // the same page in the other language
	Clock   clockView
	Cursor  int64 // of the last event that the page can show
	Notice  string
	Body    any
}

type clockView struct {
	At        time.Time
	Steppable bool
}

// Day is legal time in the language of the page.
func (p page) Day() string { return p.DayOf(p.Clock.At) }

// DayOf writes a date.
func (s speaker) DayOf(at time.Time) string {
	at = at.In(pec.Zone())
	return fmt.Sprintf("%s %d %s %d", s.brief(fmt.Sprintf("weekday.%d", at.Weekday())), at.Day(), s.brief(fmt.Sprintf("month.%d", at.Month())), at.Year())
}

// brief is the first three letters of a word.
func (s speaker) brief(key string) string { return string([]rune(s.Say(key))[:3]) }

// HourOf writes a time of day.
func (s speaker) HourOf(at time.Time) string { return at.In(pec.Zone()).Format("15:04:05") }

// ShortOf writes date and time in little room.
func (s speaker) ShortOf(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(pec.Zone()).Format("02/01/2006 15:04:05")
}

// Size writes a number of octets for people.
func (s speaker) Size(n int64) string {
	decimal := func(f float64, unit string) string {
		text := fmt.Sprintf("%.1f", f)
		if s.language == Italian {
			text = string(bytes.ReplaceAll([]byte(text), []byte("."), []byte(",")))
		}
		return text + " " + unit
	}
	switch {
	case n >= 1<<20:
		return decimal(float64(n)/(1<<20), "MB")
	case n >= 1<<10:
		return decimal(float64(n)/(1<<10), "KB")
	}
	return fmt.Sprintf("%d B", n)
}

// checked is what the template of one check gets.
func checked(p page, c Check) any {
	return struct {
		P     page
		Check Check
	}{p, c}
}

// Pages of the console, by name of their template.
var pageNames = []string{"flow", "mailboxes", "message", "log", "transcripts", "transcript", "faults", "accounts", "problem"}

func parseTemplates() (map[string]*template.Template, error) {
	all := map[string]*template.Template{}
	for _, name := range pageNames {
		t, err := template.New("base.html").Funcs(template.FuncMap{"query": url.QueryEscape, "path": url.PathEscape, "checked": checked}).
			ParseFS(templateFiles, "template/base.html", "template/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("console: %w", err)
		}
		all[name] = t
	}
	return all, nil
}

// Handler serves the console of a world. address is where it is reached: other
// names than this machine's are refused.
func Handler(o Options, address string) (http.Handler, error) {
	all, err := words()
	if err != nil {
		return nil, err
	}
	templates, err := parseTemplates()
	if err != nil {
		return nil, err
	}
	if o.Language != Italian {
		o.Language = English
	}
	s := &site{
		world: o.World, judge: o.Judge, words: all, language: o.Language, templates: templates,
		observer: &observer{world: o.World, events: o.Events, known: &summaries{}},
		live:     &live{events: o.Events, free: make(chan struct{}, maxStreams)},
	}
	mux := http.NewServeMux()
	for pattern, serve := range s.routes() {
		mux.HandleFunc(pattern, serve)
	}
	mux.Handle("GET /static/", http.FileServerFS(staticFiles))
	return guard(address, mux), nil
}

func (s *site) routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /{$}":                            s.flow,
		"GET /live":                           s.live.serve,
		"GET /mailboxes":                      s.mailboxes,
		"GET /mailboxes/{address}":            s.mailboxes,
		"GET /messages/{sha256}":              s.message,
		"GET /messages/{sha256}/raw":          s.raw,
		"GET /messages/{sha256}/parts/{part}": s.part,
		"GET /log":                            s.log,
		"GET /transcripts":                    s.transcripts,
		"GET /transcripts/{id}":               s.transcript,
		"GET /faults":                         s.faults,
		"POST /faults/on":                     s.switchOn,
		"POST /faults/off":                    s.switchOff,
		"GET /accounts":                       s.accounts,
		"POST /accounts/act":                  s.act,
		"POST /clock/advance":                 s.advance,
		"/":                                   s.nowhere,
	}
}

// show renders a page whole before any of it is sent, so that an error is told
// as one.
func (s *site) show(rw http.ResponseWriter, r *http.Request, status int, name string, p page) {
	p.speaker = s.speaker(r)
	if chosen := r.URL.Query().Get("lang"); chosen == p.language {
		http.SetCookie(rw, &http.Cookie{Name: languageCookie, Value: chosen, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: 365 * 24 * 3600})
	}
	p.Here, p.Other = addresses(r, p.language)
	p.Clock = clockView{At: s.world.Now(), Steppable: s.world.Steppable()}
	p.Cursor = s.observer.events.Last()
	p.Notice = noticeOf(p.speaker, r)
	var out bytes.Buffer
	if err := s.templates[name].Execute(&out, p); err != nil {
		http.Error(rw, "the console could not draw this page: "+err.Error(), http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.Header().Set("Content-Language", p.language)
	rw.WriteHeader(status)
	_, _ = rw.Write(out.Bytes()) // the browser is gone; there is nobody to tell
}

func (s *site) speaker(r *http.Request) speaker {
	return speaker{words: s.words, language: languageOf(r, s.language)}
}

// addresses are those of the page itself, without the choice of language, and in
// the other language.
func addresses(r *http.Request, language string) (here, other string) {
	if r.Method != http.MethodGet { // the answer to an action is no page to come back to
		r = &http.Request{URL: &url.URL{Path: "/"}}
	}
	query := r.URL.Query()
	query.Del("lang")
	query.Del("done")
	at := url.URL{Path: r.URL.Path, RawQuery: query.Encode()}
	here = at.String()
	query.Set("lang", map[string]string{English: Italian, Italian: English}[language])
	at.RawQuery = query.Encode()
	return here, at.String()
}

// problem shows an error as a page.
func (s *site) problem(rw http.ResponseWriter, r *http.Request, err error) {
	status, key := http.StatusInternalServerError, "problem.failed"
	switch {
	case errors.Is(err, ErrNotFound):
		status, key = http.StatusNotFound, "problem.missing"
	case errors.Is(err, ErrNone):
		status, key = http.StatusNotImplemented, "problem.none"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		status, key = http.StatusServiceUnavailable, "problem.slow"
	case errors.Is(err, ErrAsked):
		status, key = http.StatusBadRequest, "problem.asked"
	}
	text := err.Error() // the title says what kind of error it is
	for _, kind := range []error{ErrAsked, ErrNotFound, ErrNone} {
		text = strings.TrimPrefix(text, kind.Error()+": ")
	}
	s.show(rw, r, status, "problem", page{Title: s.speaker(r).Say(key), Body: text})
}

func (s *site) nowhere(rw http.ResponseWriter, r *http.Request) {
	s.problem(rw, r, fmt.Errorf("%w: no page is at %s", ErrNotFound, clip(r.URL.Path, 200)))
}
