package main

import (
	"os/exec"
	"strings"
	"testing"
)

func TestFindBrowser(t *testing.T) {
	t.Parallel()
	there := func(names ...string) func(string) (string, error) {
		return func(name string) (string, error) {
			for _, n := range names {
				if n == name {
					return "/found/" + name, nil
				}
			}
			return "", exec.ErrNotFound
		}
	}
	named := func(value string) func(string) string {
		return func(key string) string {
			if key == browserVariable {
				return value
			}
			return ""
		}
	}
	for _, test := range []struct {
		name     string
		variable string
		there    []string
		want     string
		says     string
	}{
		{name: "none", says: "no browser was found"},
		{name: "the first of several", there: []string{"msedge", "google-chrome"}, want: "/found/google-chrome"},
		{name: "Edge alone", there: []string{"msedge"}, want: "/found/msedge"},
		{name: "named", variable: "brave", there: []string{"chromium", "brave"}, want: "/found/brave"},
		{name: "named and not there", variable: "brave", there: []string{"chromium"}, says: browserVariable},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := findBrowser(named(test.variable), there(test.there...))
			if got != test.want || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("%q, %v; want %q, %q", got, err, test.want, test.says)
			}
		})
	}
}
