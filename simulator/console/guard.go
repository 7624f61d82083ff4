package console

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// policy lets a page use nothing but what this server gives: no inline script
// or style, no frame, no other host. What is in a message can therefore neither
// run nor call home, should some of it ever get past the escaping.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard stands before every page. address is where the server listens.
//
// A page of another site could ask a name server to call this machine by its own
// name (DNS rebinding): only names that mean this machine are answered. And it
// could post a form to it: actions are taken from pages of this server only.
func guard(address string, next http.Handler) http.Handler {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		port = ""
	}
	names := []string{address, "localhost:" + port, "127.0.0.1:" + port, "[::1]:" + port}
	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		http.Error(rw, "this action came from a page of another site; open the console itself and try there", http.StatusForbidden)
	}))
	inner := crossOrigin.Handler(next)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		h := rw.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !slices.Contains(names, strings.ToLower(r.Host)) {
			http.Error(rw, "the console was called by a name that is not this machine's; open http://"+address+"/", http.StatusMisdirectedRequest)
			return
		}
		if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" && r.Header.Get("Sec-Fetch-Mode") != "navigate" {
			http.Error(rw, "a page of another site may not read the console", http.StatusForbidden)
			return
		}
		inner.ServeHTTP(rw, r)
	})
}
