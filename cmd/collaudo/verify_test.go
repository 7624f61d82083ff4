package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/pec"
)

// world is what a run of the built binary left: messages of every kind, and
// what makes their signers trusted.
type world struct {
	files  []string
	trust  []string
	byKind map[string][][]byte // about different messages, so that no two headers fit each other
}

// played runs the core scenarios once, for all tests.
var played = sync.OnceValues(func() (*world, error) {
	path, err := binary()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(filepath.Dir(path), "run")
	if out, err := exec.Command(path, "run", "--tags", "@core", "--out", dir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("run: %w\n%s", err, out)
	}
	w := &world{byKind: map[string][][]byte{}, trust: []string{
		"--ca", filepath.Join(dir, "trust", "ca.pem"), "--crl", filepath.Join(dir, "trust", "crl.pem"),
		"--directory", filepath.Join(dir, "trust", "directory.ldif"),
	}}
	files, err := filepath.Glob(filepath.Join(dir, "evidence", "received", "*.eml.txt"))
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		m, err := pec.Read(raw)
		if err != nil {
			return nil, err
		}
		if m.Kind == pec.Ordinary {
			continue
		}
		kind := m.Kind.String()
		if m.Virus {
			kind += " for virus"
		}
		w.files = append(w.files, file)
		if reference := kind + m.Root.Value(pec.HeaderReference); !seen[reference] {
			seen[reference] = true
			w.byKind[kind] = append(w.byKind[kind], raw)
		}
	}
	return w, nil
})

func worldOf(t *testing.T) *world {
	t.Helper()
	w, err := played()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// of returns the nth message of a kind.
func (w *world) of(t *testing.T, kind string, n int) []byte {
	t.Helper()
	if len(w.byKind[kind]) <= n {
		t.Fatalf("the run left %d messages of the kind %q; kinds: %q", len(w.byKind[kind]), kind, slices.Sorted(maps.Keys(w.byKind)))
	}
	return w.byKind[kind][n]
}

// saved puts octets into a file.
func saved(t *testing.T, octets []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "message.eml")
	write(t, path, octets)
	return path
}

// asked is the answer in JSON.
func asked(t *testing.T, code int, arguments ...string) verifyAnswer {
	t.Helper()
	a := collaudo(t, append([]string{"verify", "--json"}, arguments...)...)
	var said verifyAnswer
	decoder := json.NewDecoder(strings.NewReader(a.out))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&said); err != nil {
		t.Fatalf("%v\nstdout:\n%s\nstderr:\n%s", err, a.out, a.err)
	}
	if a.code != code || said.ExitCode != code || said.Schema != verifySchema {
		t.Errorf("exit code %d, in the answer %d, expected %d; schema %q\n%s%s", a.code, said.ExitCode, code, said.Schema, failures(said), a.err)
	}
	return said
}

// failures lists the rules that an answer calls broken, by file.
func failures(said verifyAnswer) string {
	var all strings.Builder
	for _, f := range said.Files {
		fmt.Fprintf(&all, "%s: %d %s", filepath.Base(f.File), f.ExitCode, f.Error)
		if f.Judged != nil {
			fmt.Fprintf(&all, "%s %q", f.Verdict, broken(f))
		}
		all.WriteByte('\n')
	}
	return all.String()
}

func broken(f verified) []string {
	var ids []string
	for _, c := range f.Checks {
		if c.Verdict == "fail" && !slices.Contains(ids, c.Rule) {
			ids = append(ids, c.Rule)
		}
	}
	return ids
}

// Every message that the simulated providers sent keeps the rules.
func TestVerifyEveryKind(t *testing.T) {
	t.Parallel()
	w := worldOf(t)
	want := []string{
		"Acceptance", "AnomalyEnvelope", "Delivery", "NonAcceptance", "NonAcceptance for virus", "NonDelivery",
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

// alterData changes one thing in the certification data, which lie in a part
// in base64.
func alterData(t *testing.T, raw []byte, old, now string) []byte {
	t.Helper()
	m, err := pec.Read(raw)
	if err != nil || len(m.CertificationParts) != 1 {
		t.Fatalf("no certification data: %v", err)
	}
	part := m.CertificationParts[0]
	xml, err := part.Decoded()
	if err != nil || !bytes.Contains(xml, []byte(old)) {
		t.Fatalf("the certification data hold no %q: %v\n%s", old, err, xml)
	}
	encoded := base64.StdEncoding.EncodeToString(bytes.Replace(xml, []byte(old), []byte(now), 1))
	var lines bytes.Buffer
	for len(encoded) > 76 {
		lines.WriteString(encoded[:76] + "\r\n")
		encoded = encoded[76:]
	}
	lines.WriteString(encoded)
	return slices.Concat(raw[:part.BodyStart], lines.Bytes(), raw[part.End:])
}

// alter changes the first place of a text.
func alter(t *testing.T, raw []byte, old, now string) []byte {
	t.Helper()
	if !bytes.Contains(raw, []byte(old)) {
		t.Fatalf("the message holds no %q", old)
	}
	return bytes.Replace(raw, []byte(old), []byte(now), 1)
}

// underHeaderOf puts the body of one message under the header of another. With
// its own Content-Type the body stays readable.
func underHeaderOf(t *testing.T, body, header []byte, ownType bool) []byte {
	t.Helper()
	var read [2]*pec.Message
	for i, raw := range [][]byte{body, header} {
		var err error
		if read[i], err = pec.Read(raw); err != nil {
			t.Fatal(err)
		}
	}
	var all bytes.Buffer
	for _, f := range read[1].Root.Fields {
		if ownType && strings.EqualFold(f.Name, "Content-Type") {
			f = read[0].Root.Lookup("Content-Type")[0]
		}
		all.Write(f.Raw())
	}
	return slices.Concat(all.Bytes(), []byte("\r\n"), read[0].Root.Body())
}

// Whatever was changed after the provider sent the message is found, and put
// down to the rule that it breaks.
func TestVerifyAltered(t *testing.T) {
	t.Parallel()
	w := worldOf(t)
	byRule := map[string]string{
		"Acceptance": "PEC-ACC-003", "AnomalyEnvelope": "PEC-ANO-003", "Delivery": "PEC-DP-008", "NonAcceptance": "PEC-NA-003",
		"NonAcceptance for virus": "PEC-NAV-003", "NonDelivery": "PEC-ND-004", "NonDelivery for virus": "PEC-VIR-010",
		"TakenInCharge": "PEC-SSA-003", "TransportEnvelope": "PEC-TE-003", "VirusDetection": "PEC-VIR-004",
	}
	type trial struct {
		name   string
		octets []byte
		broken []string // all of them must be named
	}
	var trials []trial
	add := func(name string, octets []byte, broken ...string) {
		trials = append(trials, trial{name, octets, broken})
	}
	for kind, rule := range byRule {
		raw := w.of(t, kind, 0)
		add(kind+": one byte of the text", alter(t, raw, "Il giorno", "Ul giorno"), "PEC-SIG-002")
		add(kind+": the prefix of the subject", alter(t, raw, "\r\nSubject: ", "\r\nSubject: X"), "PEC-GEN-024", rule)
		if kind != "AnomalyEnvelope" {
			add(kind+": one byte of the certification data", alterData(t, raw, "<identificativo>pec", "<identificativo>pek"), "PEC-SIG-002", "PEC-GEN-031")
		}
	}
	for kind, rules := range map[string][]string{
		"TransportEnvelope": {"PEC-TE-009", "PEC-GEN-031", "PEC-GEN-022"}, "Acceptance": {"PEC-GEN-022"},
		"Delivery": {"PEC-GEN-022"}, "TakenInCharge": {"PEC-GEN-022"},
	} {
		one, other := w.of(t, kind, 0), w.of(t, kind, 1)
		add(kind+": the header of another one", underHeaderOf(t, one, other, true), rules...)
		add(kind+": the header of another one, boundary and all", underHeaderOf(t, one, other, false), append(rules, "PEC-GEN-001")...)
	}
	envelope, delivery, acceptance := w.of(t, "TransportEnvelope", 0), w.of(t, "Delivery", 0), w.of(t, "Acceptance", 0)
	add("a delivery under the header of an acceptance", underHeaderOf(t, delivery, acceptance, true), "PEC-XML-003", "PEC-ACC-006")
	add("an acceptance under the header of a delivery", underHeaderOf(t, acceptance, delivery, true), "PEC-XML-003", "PEC-DP-010")
	add("an acceptance under the header of an envelope", underHeaderOf(t, acceptance, envelope, false), "PEC-GEN-001", "PEC-XML-003", "PEC-TE-015")
	add("certification data: the sender", alterData(t, envelope, "<mittente>", "<mittente>x"), "PEC-SIG-002", "PEC-TE-004")
	add("certification data: the kind", alterData(t, delivery, `tipo="avvenuta-consegna"`, `tipo="accettazione"`), "PEC-SIG-002", "PEC-XML-003", "PEC-DP-010")
	add("no field that says the kind", alter(t, delivery, "X-Ricevuta: avvenuta-consegna\r\n", ""), "PEC-GEN-017")
	read, err := pec.Read(envelope)
	if err != nil {
		t.Fatal(err)
	}
	original := slices.Clone(envelope)
	original[read.Original.BodyStart] ^= 1
	add("one byte of the original", original, "PEC-SIG-002")

	arguments, dir := slices.Clone(w.trust), t.TempDir()
	for i, trial := range trials {
		path := filepath.Join(dir, fmt.Sprintf("%02d.eml", i))
		write(t, path, trial.octets)
		arguments = append(arguments, path)
	}
	for i, f := range asked(t, 1, arguments...).Files {
		t.Run(trials[i].name, func(t *testing.T) {
			t.Parallel()
			if f.ExitCode != 1 || f.Judged == nil || f.Verdict != "NOT CONFORMANT" {
				t.Fatalf("exit code %d, error %q", f.ExitCode, f.Error)
			}
			for _, rule := range trials[i].broken {
				if !slices.Contains(broken(f), rule) {
					t.Errorf("%s is not named: %q", rule, broken(f))
				}
			}
			for _, c := range f.Checks {
				if c.Verdict == "fail" && (c.Title == "" || c.Expected == "" || c.Seen == "" || c.Where == "") {
					t.Errorf("a breach without words: %+v", c)
				}
			}
		})
	}
}

func TestVerifyCut(t *testing.T) {
	t.Parallel()
	w := worldOf(t)
	raw := w.of(t, "TransportEnvelope", 0)
	m, err := pec.Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	_, parameters := m.Root.MediaType()
	closing := "--" + parameters["boundary"] + "--"
	after := func(text string) int {
		t.Helper()
		at := bytes.Index(raw, []byte(text))
		if at < 0 {
			t.Fatalf("the message holds no %q", text)
		}
		return at + len(text)
	}
	const nothing = `Missing: the rest of the header, the empty line after it, and the whole body.`
	rest := `the signature and the closing boundary "` + closing + `".`
	tests := []struct {
		name string
		at   int
		says string // after "The message ends at byte N, "
		rule string
	}{
		{"in the first field", 20, "in its header. " + nothing, ""},
		{"in the header", after("\r\nSubject: POSTA"), "in its header. " + nothing, "PEC-GEN-001"},
		{"after the header", m.Root.BodyStart, "after its header. Missing: the whole body.", "PEC-GEN-001"},
		{"before the first part", m.Root.BodyStart + 4, "and no line before is the boundary", "PEC-GEN-001"},
		{"in the text", after("Il giorno"), "in the readable text. Missing: the rest of the readable text, the certification data (daticert.xml), the original message (postacert.eml), " + rest, "PEC-GEN-001"},
		{"in the certification data", m.CertificationParts[0].BodyStart + 200, "in the certification data (daticert.xml). Missing: the rest of the certification data (daticert.xml), ", "PEC-XML-001"},
		{"in the original", m.Original.BodyStart - 2, "in the original message (postacert.eml). Missing: the rest of the original message (postacert.eml), ", "PEC-GEN-001"},
		{"after the signed content", m.Signed.End, "after the signed content. Missing: " + rest, "PEC-GEN-001"},
		{"in the header of the signature", m.SignaturePart.Start + 20, `in the header of the signature. Missing: the rest of the signature and the closing boundary "` + closing + `".`, "PEC-SIG-001"},
		{"in the signature", m.SignaturePart.BodyStart + 1000, `in the signature. Missing: the rest of the signature and the closing boundary "` + closing + `".`, "PEC-SIG-001"},
		{"before the closing boundary", m.SignaturePart.End, `after the signature. Missing: the closing boundary "` + closing + `".`, "PEC-GEN-001"},
		{"in the closing boundary", after(closing) - 1, `in its closing boundary. Missing: the rest of "` + closing + `".`, "PEC-GEN-001"},
	}
	arguments, dir := slices.Clone(w.trust), t.TempDir()
	for i, test := range tests {
		path := filepath.Join(dir, fmt.Sprintf("%02d.eml", i))
		write(t, path, raw[:test.at])
		arguments = append(arguments, path)
	}
	for i, f := range asked(t, 1, arguments...).Files {
		t.Run(tests[i].name, func(t *testing.T) {
			t.Parallel()
			if f.ExitCode != 1 || f.Judged == nil || f.Verdict != "NOT CONFORMANT" {
				t.Fatalf("exit code %d, error %q", f.ExitCode, f.Error)
			}
			if want := fmt.Sprintf("The message ends at byte %d, %s", tests[i].at, tests[i].says); !strings.HasPrefix(f.Cut, want) {
				t.Errorf("it says  %s\nexpected %s", f.Cut, want)
			}
			if rule := tests[i].rule; rule != "" && !slices.Contains(broken(f), rule) {
				t.Errorf("%s is not named: %q", rule, broken(f))
			}
		})
	}
	// The line end after the closing boundary is nobody's loss.
	asked(t, 0, saved(t, raw[:after(closing)]))
	if a := collaudo(t, "verify", saved(t, raw[:m.SignaturePart.End])); a.code != 1 ||
		!strings.Contains(a.out, fmt.Sprintf("the closing boundary is missing: the message ends at byte %d", m.SignaturePart.End)) {
		t.Errorf("exit code %d:\n%s%s", a.code, a.out, a.err)
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
