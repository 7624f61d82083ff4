package steps

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// insideProgram writes a white box that is a program.
func insideProgram(t *testing.T, script string) WhiteBox {
	t.Helper()
	path := filepath.Join(t.TempDir(), "inside")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return WhiteBox{Command: []string{path, "--quick"}}
}

func TestWhiteBoxByCommand(t *testing.T) {
	t.Parallel()
	target := testTarget()
	target.WhiteBox = insideProgram(t, `
case "$2 $3" in
"GET /v1/journal") echo '["'"$1 $4 $5"'"]' ;;
"POST /v1/clock/advance") read body; echo "$body" ;;
"GET /v1/idle") exit 75 ;;
"GET /v1/broken") echo 'no JSON' ;;
"GET /v1/trust") exit 69 ;;
*) echo 'what is that?' >&2; exit 1 ;;
esac
`)
	w := testWorld(t, target)
	ctx := t.Context()
	var answer []string
	if err := w.ask(ctx, "/v1/journal", url.Values{"provider": {"Aurora"}, "after": {"3"}}, &answer); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"--quick after=3 provider=Aurora"}, answer); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
	var body map[string]string
	if err := w.tell(ctx, "/v1/clock/advance", map[string]string{"by": "1h"}, &body); err != nil || body["by"] != "1h" {
		t.Errorf("body %v, %v", body, err)
	}
	if answer, err := w.inside(ctx, question{method: http.MethodGet, path: pathIdle}); err != nil || answer.status != http.StatusServiceUnavailable {
		t.Errorf("busy: %d, %v", answer.status, err)
	}
	if err := w.ask(ctx, "/v1/trust", nil, &answer); !errors.Is(err, errNotOffered) {
		t.Errorf("not offered: %v", err)
	}
	for path, want := range map[string]string{"/v1/broken": "JSON", "/v1/other": "what is that?"} {
		if err := w.ask(ctx, path, nil, &answer); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error about %q", path, err, want)
		}
	}
}

// hostServer is the white box of one host that writes down what it was asked.
func hostServer(t *testing.T, name string, heard func(string), status func(string) int) WhiteBoxHost {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		heard(fmt.Sprintf("%s %s %s%s %s", name, r.Method, r.URL.RequestURI(), body, r.Header.Get("Authorization")))
		rw.WriteHeader(status(r.URL.Path))
		_, _ = rw.Write([]byte(`{}`))
	}))
	t.Cleanup(server.Close)
	return WhiteBoxHost{Provider: name, URL: server.URL}
}

func TestWhiteBoxOfSeveralHosts(t *testing.T) {
	t.Parallel()
	table := []struct {
		name string
		do   func(*World) error
		want []string
	}{
		{"one is named in the query", func(w *World) error {
			return w.ask(t.Context(), "/v1/journal", url.Values{"provider": {"Borea"}}, &struct{}{})
		}, []string{"Borea GET /v1/journal?provider=Borea Bearer segreto"}},
		{"one is named in the body", func(w *World) error {
			return w.tell(t.Context(), "/v1/providers/restart", map[string]string{"provider": "Borea"}, nil)
		}, []string{`Borea POST /v1/providers/restart{"provider":"Borea"} Bearer segreto`}},
		{"one has the mailbox", func(w *World) error {
			return w.ask(t.Context(), "/v1/accounts/"+url.PathEscape("bruno@borea.example"), nil, &struct{}{})
		}, []string{"Borea GET /v1/accounts/bruno@borea.example Bearer segreto"}},
		{"time moves everywhere, in order", func(w *World) error {
			return w.tell(t.Context(), "/v1/clock/advance", map[string]string{"by": "1h"}, nil)
		}, []string{`Aurora POST /v1/clock/advance{"by":"1h"} Bearer segreto`, `Borea POST /v1/clock/advance{"by":"1h"} Bearer segreto`}},
		{"the first that knows", func(w *World) error {
			return w.ask(t.Context(), "/v1/trust", nil, &struct{}{})
		}, []string{"Aurora GET /v1/trust Bearer segreto", "Borea GET /v1/trust Bearer segreto"}},
		{"rest is that of all, whichever begins", func(w *World) error {
			settled, err := w.targetSettled(t.Context(), t.Context())
			if !settled {
				err = errors.Join(err, errors.New("not settled"))
			}
			return err
		}, []string{
			"Aurora GET /v1/idle?wait=10s Bearer segreto", "Borea GET /v1/idle?wait=10s Bearer segreto",
			"Aurora GET /v1/idle?wait=10s Bearer segreto", "Borea GET /v1/idle?wait=10s Bearer segreto",
			"Aurora GET /v1/idle?wait=10s Bearer segreto", "Borea GET /v1/idle?wait=10s Bearer segreto",
			"Aurora GET /v1/idle?wait=10s Bearer segreto", "Borea GET /v1/idle?wait=10s Bearer segreto",
		}},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var (
				mu   sync.Mutex
				said []string
			)
			heard := func(line string) { mu.Lock(); defer mu.Unlock(); said = append(said, line) }
			aurora := func(path string) int {
				if path == "/v1/trust" {
					return http.StatusNotFound
				}
				return http.StatusOK
			}
			target := testTarget()
			target.WhiteBox = WhiteBox{Token: "segreto", Hosts: []WhiteBoxHost{
				hostServer(t, "Aurora", heard, aurora), hostServer(t, "Borea", heard, func(string) int { return http.StatusOK }),
			}}
			if err := row.do(testWorld(t, target)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, said); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}
