package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/simulatortest"
)

// quickly is a bound that only waiting for somebody who does not answer exceeds:
// what is wrong with a target is told in a second or two, on a busy machine in more.
const quickly = time.Minute

// TestWhatIsWrongWithATarget runs the built binary against a world in another
// process, with a target file in which one thing is wrong: one clear sentence
// and the exit code that says whose fault it is, both of a check and of a run.
func TestWhatIsWrongWithATarget(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := simulated(t)
	ready, sound := filepath.Join(dir, "ready.json"), filepath.Join(dir, "target.yaml")
	if err := w.write(ready); err != nil {
		t.Fatal(err)
	}
	if a := collaudo(t, "simulate", "target", "--ready-file", ready, "--out", sound, "--roles", "user,service,ordinary,directory"); a.code != 0 {
		t.Fatalf("%s%s", a.out, a.err)
	}
	octets, err := os.ReadFile(sound)
	if err != nil {
		t.Fatal(err)
	}
	hosts := w.Providers[0].Hosts
	expired, certificate := simulatortest.Expired(t)
	authorities := filepath.Join(dir, "target.files", "ca.pem")
	known, err := os.ReadFile(authorities)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "both.pem"), append(known, certificate...))
	write(t, filepath.Join(dir, "wrong.password"), []byte("altro\n"))
	password := between(t, string(octets), "password: ", "\n")
	tests := []struct {
		name   string
		change []string // pairs: what is replaced, once, and by what
		code   int
		says   string
	}{
		{"nothing", nil, 0, "signed in"},
		{"a wrong password", []string{"password: " + password, "password: {file: wrong.password}"}, 6, "refuses the login"},
		{"a closed port", []string{hosts.SubmissionTLS, closedPort}, 6, "nobody listens at"},
		{"an expired certificate", []string{hosts.IMAP, expired, "target.files/ca.pem", "both.pem"}, 6, "expired on"},
		{"a typo", []string{"password: " + password, "pasword: " + password}, 2, "did you mean password?"},
		{"a host elsewhere that is not allowed", []string{hosts.IMAP, "imap.acme.example:993"}, 2, "reach.allow"},
		{"a secret as plain text", []string{"password: " + password, "password: segreta"}, 2, "password"},
	}
	for i, test := range tests {
		text := string(octets)
		for j := 0; j < len(test.change); j += 2 {
			if !strings.Contains(text, test.change[j]) {
				t.Fatalf("%s: the file does not hold %q:\n%s", test.name, test.change[j], text)
			}
			text = strings.Replace(text, test.change[j], test.change[j+1], 1)
		}
		file := filepath.Join(dir, string(rune('a'+i))+".yaml")
		write(t, file, []byte(text))
		for _, command := range [][]string{{"target", "check", file}, {"run", "--target", file, "--tags", "@id:complete-transaction", "--yes"}} {
			if command[0] == "run" && test.code == 0 {
				continue // other tests run
			}
			t.Run(test.name+"/"+command[0], func(t *testing.T) {
				t.Parallel()
				began := time.Now()
				a := collaudo(t, command...)
				if took := time.Since(began); took > quickly {
					t.Errorf("it took %s", took)
				}
				said := a.err
				if test.code == 0 {
					said += a.out
				}
				if a.code != test.code || !strings.Contains(said, test.says) {
					t.Errorf("exit code %d, want %d, and %q:\n%s%s", a.code, test.code, test.says, a.out, a.err)
				}
				if test.code != 0 && strings.Count(a.err, "\n") > 4 {
					t.Errorf("it says it in many lines:\n%s", a.err)
				}
				if strings.Contains(a.out+a.err, "segreta") {
					t.Errorf("it prints the secret:\n%s%s", a.out, a.err)
				}
			})
		}
	}
}

func between(t *testing.T, text, before, after string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, before)
	inner, _, ends := strings.Cut(rest, after)
	if !found || !ends {
		t.Fatalf("no %q in\n%s", before, text)
	}
	return inner
}

// closedPort is where nobody listens: a port that systems never hand out by
// themselves, as they do one that was free a moment ago.
const closedPort = "127.0.0.1:1"
