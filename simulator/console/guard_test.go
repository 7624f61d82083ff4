package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	w := newFake(t)
	h := w.console(t, nil)
	advance := url.Values{"by": {"1h"}, "back": {"/"}}
	for _, tt := range []struct {
		name   string
		header []string
		post   bool
		want   int
	}{
		{"this machine", nil, false, http.StatusOK},
		{"localhost", []string{"Host", "localhost:6200"}, false, http.StatusOK},
		{"another name for this machine", []string{"Host", "evil.example:6200"}, false, http.StatusMisdirectedRequest},
		{"another port", []string{"Host", "127.0.0.1:80"}, false, http.StatusMisdirectedRequest},
		{"read by another site", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, false, http.StatusForbidden},
		{"a link from another site", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, false, http.StatusOK},
		{"action of this page", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://" + at}, true, http.StatusSeeOther},
		{"action of another site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "http://evil.example"}, true, http.StatusForbidden},
		{"action of another site, old browser", []string{"Origin", "http://evil.example"}, true, http.StatusForbidden},
		{"action of an opaque origin", []string{"Origin", "null"}, true, http.StatusForbidden},
		{"action of another port", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:80"}, true, http.StatusForbidden},
	} {
		before := w.Now()
		var got int
		if tt.post {
			got = post(h, "/clock/advance", advance, tt.header...).Code
		} else {
			got = get(h, "/", tt.header...).Code
		}
		if got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
		if moved := w.Now().After(before); moved != (tt.want == http.StatusSeeOther) {
			t.Errorf("%s: the clock moved: %v", tt.name, moved)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	h := newFake(t).console(t, nil)
	for _, path := range []string{"/", "/static/console.js", "/nowhere", "/messages/x"} {
		got := get(h, path).Header()
		for name, want := range map[string]string{"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"} {
			if got.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, got.Get(name))
			}
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Error("the policy allows something unsafe")
	}
}

// Back leads to places of this console only.
func TestBack(t *testing.T) {
	t.Parallel()
	h := newFake(t).console(t, nil)
	for from, want := range map[string]string{
		"/log?id=x":             "/log?done=done.clock&id=x",
		"//evil.example/":       "/?done=done.clock",
		"https://evil.example/": "/?done=done.clock",
		`/\evil.example`:        "/?done=done.clock",
		"%zz":                   "/?done=done.clock",
		"":                      "/?done=done.clock",
	} {
		got := post(h, "/clock/advance", url.Values{"by": {"1h"}, "back": {from}}).Header().Get("Location")
		if got != want {
			t.Errorf("back to %q: got %q, want %q", from, got, want)
		}
	}
}

func TestAdvance(t *testing.T) {
	t.Parallel()
	w := newFake(t)
	h := w.console(t, nil)
	for by, want := range map[string]int{"12h": 303, "-1h": 400, "0s": 400, "soon": 400, "9000h": 400} {
		if got := post(h, "/clock/advance", url.Values{"by": {by}}).Code; got != want {
			t.Errorf("advance by %s: got %d, want %d", by, got, want)
		}
	}
	if got := w.Now().Sub(noon); got != 12*time.Hour {
		t.Errorf("the clock moved by %v", got)
	}
	if page := get(h, "/?done=done.clock").Body.String(); !strings.Contains(page, "The clock was advanced") {
		t.Error("the page does not say that the clock was advanced")
	}
	w.real = true
	if got := post(h, "/clock/advance", url.Values{"by": {"1h"}}).Code; got != 400 {
		t.Errorf("real time was advanced: %d", got)
	}
	if page := get(h, "/").Body.String(); strings.Contains(page, `action="/clock/advance"`) || !strings.Contains(page, "real time") {
		t.Error("the page offers to advance real time")
	}
}
