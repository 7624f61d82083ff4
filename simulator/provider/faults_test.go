package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/simulator/faults"
)

// Every check and behaviour that the fault catalogue names exists here: a
// fault that nothing asks for would never do anything.
func TestFaultsNameWhatExists(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"access/account-is-sender": true, "delivery/primary": true}
	for _, point := range []string{"access", "incoming"} {
		known[point+"/virus"], known[point+"/scan-complete"] = true, true
	}
	for _, c := range accessChecks {
		known["access/"+c.name] = true
	}
	for _, c := range append(append([]incomingCheck(nil), authenticity...), form...) {
		known["incoming/"+c.name] = true
	}
	source := behaviourSource(t)
	for _, f := range faults.Catalogue() {
		for _, act := range append([]faults.Act{f.Act}, f.Then...) {
			name := act.Arguments["name"]
			switch act.At {
			case faults.AtCheck:
				if !known[name] {
					t.Errorf("%s: no check is called %q", f.ID, name)
				}
			case faults.AtBehaviour:
				if !strings.Contains(source, `"`+name+`"`) {
					t.Errorf("%s: nothing asks for the behaviour %q", f.ID, name)
				}
			}
		}
	}
}

// behaviourSource is the code that asks for behaviours: this package, the world,
// which registers the providers, and the authority.
func behaviourSource(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, pattern := range []string{"*.go", "../*.go", "../authority/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			octets, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(octets)
		}
	}
	return all.String()
}
