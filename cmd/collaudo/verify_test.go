package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every message that the simulated providers sent keeps the rules.
func TestVerifyEveryKind(t *testing.T) {
	t.Parallel()
	w := worldOf(t)
	want := []string{
		"Acceptance", "AnomalyEnvelope", "Delay", "Delivery", "NonAcceptance", "NonAcceptance for virus", "NonDelivery",
		"NonDelivery for virus", "TakenInCharge", "TransportEnvelope", "VirusDetection",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(w.byKind))); diff != "" {
		t.Errorf("kinds of the run (-want +got):\n%s", diff)
	}
	for _, test := range []struct {
		name      string
		arguments []string
		trust     string
		judged    string // a rule of trust: "" when it must not be judged
	}{
		{"with trust", w.trust, "judged", "PEC-SIG-004"},
		{"without trust", nil, "not judged", ""},
		{"without revocation", slices.Concat(w.trust[:2], w.trust[4:]), "judged", "PEC-SIG-004"},
		{"with the CA alone", w.trust[:2], "not judged", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, f := range asked(t, 0, append(slices.Clone(test.arguments), w.files...)...).Files {
				if f.Judged == nil {
					t.Fatalf("%s: %s", f.File, f.Error)
				}
				if f.Trust != test.trust || f.Verdict != "CONFORMANT" || f.Signer == nil || !f.Signer.Verifies || f.Cut != "" {
					t.Errorf("%s: %s, trust %s, signer %+v, cut %q", f.Kind, f.Verdict, f.Trust, f.Signer, f.Cut)
				}
				judged := slices.ContainsFunc(f.Checks, func(c check) bool { return c.Rule == "PEC-SIG-004" && c.Verdict == "pass" })
				if judged != (test.judged != "") || f.NotJudged["PEC-LOG-001"] == "" {
					t.Errorf("%s: trust judged: %t; not judged: %q", f.Kind, judged, f.NotJudged)
				}
			}
		})
	}
}

func TestVerifyNoMessage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, octets string) string {
		path := filepath.Join(dir, name)
		write(t, path, []byte(octets))
		return path
	}
	tests := []struct{ name, path, says string }{
		{"text", file("text.txt", "Dear all,\nthis is no message: it is text.\n"), "header field"},
		{"log", file("log.txt", strings.Repeat("2026-11-22T02:56:55 all is well\n", 20)), "header field of mail"},
		{"code", file("main.go", "package main\n\nfunc main() {}\n"), "header field"},
		{"a field far down", file("notes.txt", strings.Repeat("some words\n", 9)+"To: do\n"), "only 1 of its first 10 lines"},
		{"empty", file("empty.eml", ""), "the file is empty"},
		{"JPEG", file("a.jpg", "\xff\xd8\xff\xe0\x00\x10JFIF\x00"), "a JPEG image"},
		{"signed file", file("a.p7m", "\x30\x82\x10\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), ".p7m"},
		{"signed file in PEM", file("b.p7m", "-----BEGIN PKCS7-----\nMIAGCSqGSIb3DQEHAqCA\n"), "PEM"},
		{"octets", file("zero.eml", strings.Repeat("From: a\x00", 10)), "binary"},
		{"folder", dir, "folder"},
		{"nothing there", filepath.Join(dir, "nowhere.eml"), "there is no such file"},
	}
	var paths []string
	for _, test := range tests {
		paths = append(paths, test.path)
	}
	for i, f := range asked(t, 2, paths...).Files {
		if f.File != paths[i] || f.Judged != nil || f.ExitCode != 2 || !strings.Contains(f.Error, tests[i].says) {
			t.Errorf("in JSON: %+v", f)
		}
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := collaudo(t, "verify", test.path)
			if a.code != 2 || a.out != "" || !strings.HasPrefix(a.err, test.path+": ") || !strings.Contains(a.err, test.says) || strings.Count(a.err, "\n") != 1 {
				t.Errorf("exit code %d, expected 2 and one line on standard error with %q\nstdout: %s\nstderr: %s", a.code, test.says, a.out, a.err)
			}
		})
	}
}

const letter = "From: Anna <anna@posta.example>\r\nTo: bruno@posta.example\r\nSubject: ciao\r\n\r\nciao\r\n"

// What was not judged is no pass, and of several files the worst counts.
func TestVerifyExitCodes(t *testing.T) {
	t.Parallel()
	w := worldOf(t)
	good := saved(t, w.of(t, "Delivery", 0))
	bad := saved(t, alter(t, w.of(t, "Delivery", 0), "Il giorno", "Ul giorno"))
	ordinary, text := saved(t, []byte(letter)), saved(t, []byte("no message\n"))
	lf := saved(t, bytes.ReplaceAll(w.of(t, "TransportEnvelope", 0), []byte("\r\n"), []byte("\n")))
	for _, test := range []struct {
		name      string
		arguments []string
		code      int
		says      []string
	}{
		{"good", []string{good}, 0, []string{"Delivery (X-Ricevuta: avvenuta-consegna)", "CONFORMANT, in what one message alone can show", "the signature verifies", "trust       not judged"}},
		{"bad", []string{bad}, 1, []string{"NOT CONFORMANT: 1 rule broken", "DOES NOT VERIFY", "PEC-SIG-002  The signature verifies", "expected", "seen", "where     signed content, line ", "rules explain PEC-SIG-002"}},
		{"ordinary", []string{ordinary}, 4, []string{"Ordinary mail, no certified e-mail", "INCONCLUSIVE: nothing was judged"}},
		{"ordinary, with trust", append([]string{ordinary}, w.trust...), 4, []string{"INCONCLUSIVE"}},
		{"line ends of Unix", []string{lf}, 0, []string{"the signature verifies"}},
		{"good and ordinary", []string{good, ordinary}, 4, nil},
		{"ordinary and bad", []string{ordinary, bad, good}, 1, nil},
		{"bad and no message", []string{bad, text, ordinary, good}, 2, []string{"NOT CONFORMANT", "not a message", "INCONCLUSIVE", "CONFORMANT, in"}},
		{"strict", []string{"--profile", "strict", good}, 1, []string{"PEC-GEN-019"}},
		{"trust", append([]string{good}, w.trust...), 0, []string{"the directory lists the signer"}},
		{"trust without revocation", append([]string{good}, slices.Concat(w.trust[:2], w.trust[4:])...), 0, []string{"revocation is not judged"}},
		{"unknown profile", []string{"--profile", "lenient", good}, 2, []string{"practice or strict"}},
		{"no such CA", []string{"--ca", "/nowhere.pem", good}, 2, []string{"/nowhere.pem: there is no such file"}},
		{"no CA in it", []string{"--ca", text, good}, 2, []string{"holds no certificate"}},
		{"no CRL in it", []string{"--crl", text, good}, 2, []string{"holds no revocation list"}},
		{"help", []string{"--help"}, 0, []string{"INCONCLUSIVE", "cut short", verifySchema}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := collaudo(t, append([]string{"verify"}, test.arguments...)...)
			if a.code != test.code {
				t.Errorf("exit code %d, expected %d\n%s%s", a.code, test.code, a.out, a.err)
			}
			said := strings.Join(strings.Fields(a.out+a.err), " ")
			for _, want := range test.says {
				if !strings.Contains(said, strings.Join(strings.Fields(want), " ")) {
					t.Errorf("it does not say %q:\n%s%s", want, a.out, a.err)
				}
			}
			if n := strings.Count(a.out, "\n"); n > 40*len(test.arguments) && test.name != "help" {
				t.Errorf("%d lines are a flood:\n%s", n, a.out)
			}
		})
	}
}

// The form of the JSON answer, as --help tells it.
func TestVerifyJSON(t *testing.T) {
	t.Parallel()
	w := worldOf(t)
	a := collaudo(t, append([]string{"verify", "--json", saved(t, w.of(t, "Delivery", 0)), "nowhere.eml", saved(t, []byte(letter))}, w.trust...)...)
	var said struct {
		Schema, Profile string
		ExitCode        int
		Files           []map[string]any
	}
	if err := json.Unmarshal([]byte(a.out), &said); err != nil {
		t.Fatal(err)
	}
	var got [][]string
	for _, f := range said.Files {
		got = append(got, slices.Sorted(maps.Keys(f)))
	}
	want := [][]string{
		{"bytes", "certified", "checks", "exitCode", "file", "kind", "notJudged", "signer", "trust", "verdict"},
		{"error", "exitCode", "file"},
		{"bytes", "checks", "exitCode", "file", "kind", "notJudged", "trust", "verdict"},
	}
	if diff := cmp.Diff(want, got); diff != "" || said.Schema != "collaudo/verify/1" || said.Profile != "practice" || said.ExitCode != 2 {
		t.Errorf("%+v (-want +got):\n%s", said, diff)
	}
}
