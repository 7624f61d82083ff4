package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/steps"
)

const worldWithPeer = `
pair: true
peers:
  - name: Cirro PEC S.r.l.
    serviceDomain: gestore.cirro.example
    domains: [cirro.example]
    users: [{actor: Paolo, address: paolo@cirro.example}]
    signers: [expired]
    incoming: 127.0.0.1:1
`

// What simulate target writes is a target file, and holds what the roles say.
func TestSimulateTarget(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := filepath.Join(dir, "world.yaml")
	if err := os.WriteFile(config, []byte(worldWithPeer), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, kept := range []bool{false, true} {
		arguments := []string{"--config", config}
		if kept {
			arguments = append(arguments, "--data", filepath.Join(dir, "data"))
		}
		w := simulated(t, arguments...)
		ready := filepath.Join(dir, "ready.json")
		if err := w.write(ready); err != nil {
			t.Fatal(err)
		}
		tests := []struct {
			roles                                 string
			mailboxes, services, peers            int
			ordinary, directory, whiteBox, opaque bool
		}{
			{"", 13, 2, 1, true, true, false, true},
			{"user", 13, 0, 0, false, false, false, true},
			{"user,peer", 13, 0, 1, false, false, false, true},
			{"user,service,white-box", 13, 2, 0, false, false, true, false},
		}
		for _, test := range tests {
			file := filepath.Join(dir, "target.yaml")
			command := []string{"simulate", "target", "--ready-file", ready, "--out", file}
			if test.roles != "" {
				command = append(command, "--roles", test.roles)
			}
			if a := collaudo(t, command...); a.code != 0 {
				t.Fatalf("%s%s", a.out, a.err)
			}
			target := readTarget(t, file)
			got := test
			got.mailboxes, got.services, got.peers = 0, 0, len(target.Peers)
			got.ordinary, got.directory, got.whiteBox = target.Ordinary.IMAP != "", target.Directory.LDAP != "", target.WhiteBox.URL != ""
			for _, m := range target.Mailboxes {
				switch m.Role {
				case "user":
					got.mailboxes++
				case "service":
					got.services++
				}
				if m.Address == "anna@aurora.example" && m.Password.Reveal() != "segreto-anna@aurora.example" {
					t.Errorf("the password read from beside the file is not Anna's")
				}
			}
			if diff := cmp.Diff(test, got, cmp.AllowUnexported(test)); diff != "" {
				t.Errorf("roles %q, data folder %v (-want +got):\n%s", test.roles, kept, diff)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "segreto-") || strings.Contains(string(text), "PRIVATE KEY") {
				t.Errorf("roles %q: a secret stands in the file", test.roles)
			}
			if test.opaque && strings.Contains(string(text), w.ControlURL) {
				t.Errorf("roles %q: the control API stands in the file", test.roles)
			}
		}
	}
}

func readTarget(t *testing.T, path string) *steps.Target {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	target, err := steps.ReadTarget(file, filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func TestSimulateTargetRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tests := []struct {
		name      string
		arguments []string
		code      int
		want      string
	}{
		{"no world named", nil, 2, "--data"},
		{"no place for it", []string{"--ready-file", filepath.Join(dir, "ready.json")}, 2, "--out"},
		{"a role that is none", []string{"--data", dir, "--roles", "spectator"}, 2, "spectator"},
		{"no patience", []string{"--data", dir, "--quiet", "0s"}, 2, "--quiet"},
		{"no world", []string{"--data", dir}, 6, "no world is up"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := collaudo(t, append([]string{"simulate", "target"}, test.arguments...)...)
			if a.code != test.code || !strings.Contains(a.err, test.want) {
				t.Errorf("exit code %d and %q, want %d and something about %s", a.code, a.err, test.code, test.want)
			}
		})
	}
}
