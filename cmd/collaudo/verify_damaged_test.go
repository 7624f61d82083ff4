package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/pec"
)

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
			add(kind+": one byte of the certification data", alterData(t, raw, "<identificativo>", "<identificativo>k"), "PEC-SIG-002", "PEC-GEN-031")
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
