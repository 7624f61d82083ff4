//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeBrowser stands for a browser: a program of two lines.
func fakeBrowser(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "browser")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPrintPage(t *testing.T) {
	t.Parallel()
	const findOut = `for a in "$@"; do case "$a" in --print-to-pdf=*) out="${a#*=}";; --user-data-dir=*) dir="${a#*=}";; file://*) in="${a#file://}";; esac; done; `
	for _, test := range []struct{ name, script, want, says string }{
		{"prints the page", findOut + `mkdir "$dir"; { echo '%PDF-1.4'; cat "$in"; } > "$out"`, "%PDF-1.4\nthe page", ""},
		{"fails", `echo 'no display' >&2; exit 3`, "", "no display"},
		{"says that it has and has not", `exit 0`, "", "printed no PDF"},
		{"writes something else", findOut + `echo '<html>' > "$out"`, "", "printed no PDF"},
		{"is lost in complaints", `i=0; while [ $i -lt 2000 ]; do echo "complaint number $i" >&2; i=$((i+1)); done; exit 1`, "", "complaint number 1999"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			octets, err := printPage(t.Context(), fakeBrowser(t, test.script), []byte("the page"))
			if string(octets) != test.want || (err == nil) != (test.says == "") || err != nil && (!strings.Contains(err.Error(), test.says) || len(err.Error()) > maxComplaint+500) {
				t.Errorf("%q, %v; want %q, %q", octets, err, test.want, test.says)
			}
		})
	}
}

// A browser that hangs is ended with the context, and what it leaves is removed.
func TestPrintPageEnds(t *testing.T) {
	t.Parallel()
	room := filepath.Join(t.TempDir(), "room")
	browser := fakeBrowser(t, `for a in "$@"; do case "$a" in --user-data-dir=*) echo "${a#*=}" > `+room+`;; esac; done; exec sleep 600`)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := printPage(ctx, browser, []byte("the page"))
		done <- err
	}()
	var at []byte
	for len(bytes.TrimSpace(at)) == 0 { // until it runs
		at, _ = os.ReadFile(room)
	}
	stop()
	if err := <-done; err == nil || !strings.Contains(err.Error(), "was ended") {
		t.Errorf("%v, want an error that says that it was ended", err)
	}
	if _, err := os.Stat(filepath.Dir(string(bytes.TrimSpace(at)))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its profile is left behind: %v", err)
	}
}
