package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Limits of what an action may ask.
const (
	maxForm     = 1 << 16
	maxAdvance  = 366 * 24 * time.Hour
	actionTakes = 5 * time.Minute // in real time, at most
)

// form reads what a page posted.
func form(rw http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(rw, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("%w: the form cannot be read: %w", ErrAsked, err)
	}
	return nil
}

// back returns to the page that an action came from, and says there what was
// done. Only places of this console are returned to.
func back(rw http.ResponseWriter, r *http.Request, done string) {
	at, err := url.Parse(r.PostForm.Get("back"))
	if err != nil || at.IsAbs() || at.Host != "" || !strings.HasPrefix(at.Path, "/") || strings.HasPrefix(at.Path, "//") || strings.Contains(at.Path, `\`) {
		at = &url.URL{Path: "/"}
	}
	query := at.Query()
	query.Set("done", done)
	http.Redirect(rw, r, (&url.URL{Path: at.Path, RawQuery: query.Encode()}).String(), http.StatusSeeOther)
}

// noticeOf is what an action that led here did.
func noticeOf(s speaker, r *http.Request) string {
	done := r.URL.Query().Get("done")
	if !strings.HasPrefix(done, "done.") {
		return ""
	}
	if _, known := s.words[done]; !known {
		return ""
	}
	return s.Say(done)
}
