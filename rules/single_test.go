package rules

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// single judges octets with all judges and without trust, unless it is given.
func single(t *testing.T, raw []byte, trust *Trust) *Single {
	t.Helper()
	court := &Court{Catalogue: mustLaw(t), Judges: Judges(), Profile: Practice}
	s, err := court.Message(raw, trust)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// seenOf returns what was seen where a rule is broken, "" when it is kept.
func seenOf(s *Single, rule string) string {
	for _, c := range s.Checks {
		if c.Rule == rule && c.Verdict == Fail {
			return c.Seen
		}
	}
	return ""
}

// A message under a header that is not its own: what is outside is compared
// with what is inside, whether or not the boundary fits.
func TestSingleUnderAnotherHeader(t *testing.T) {
	t.Parallel()
	for name := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := correct(name).sealed(t)
			if s := single(t, raw, nil); s.Outcome() != Conformant || s.Cut != "" || s.SignatureErr != nil || len(s.Kept()) < 20 {
				t.Fatalf("the correct one: %s, cut %q, signature %v", s.Outcome(), s.Cut, s.SignatureErr)
			}
			s := single(t, correct(name).head(t, `boundary="outer"`, `boundary="strange"`).sealed(t), nil)
			if seen := seenOf(s, "PEC-GEN-001"); !strings.Contains(seen, `"strange" is nowhere in the body, where "outer" divides the parts`) {
				t.Errorf("PEC-GEN-001: %q", seen)
			}
			broken := slices.DeleteFunc(slices.Clone(s.Checks), func(c Check) bool { return c.Verdict != Fail || c.Rule == "PEC-GEN-001" })
			if len(broken) > 0 || s.SignatureErr != nil || s.Cut != "" {
				t.Errorf("only the boundary is wrong: %+v, signature %v, cut %q", broken, s.SignatureErr, s.Cut)
			}
		})
	}
}

func TestSingleCut(t *testing.T) {
	t.Parallel()
	raw := correct("envelope").sealed(t)
	in := func(text string) int {
		at := bytes.Index(raw, []byte(text))
		if at < 0 {
			t.Fatalf("no %q in\n%s", text, raw)
		}
		return at + len(text)
	}
	for _, test := range []struct {
		at   int
		says string
	}{
		{in("\r\n"), "in its header"},
		{in("\r\n\r\n") - 1, "in its header"},
		{in("\r\n\r\n"), "after its header"},
		{in("--outer\r\n"), "in the header of the signed content"},
		{in("--mixed\r\n"), "in the header of the readable text"},
		{in("<postacert"), "in the certification data (daticert.xml)"},
		{in("\r\n--mixed--\r\n"), "after the signed content"},
		{bytes.LastIndex(raw, []byte("\r\n--outer")), "after the signature"},
		{bytes.LastIndex(raw, []byte("--outer--")) + 4, "in its closing boundary"},
	} {
		s := single(t, raw[:test.at], nil)
		if want := fmt.Sprintf("The message ends at byte %d, %s", test.at, test.says); !strings.HasPrefix(s.Cut, want) || !strings.Contains(s.Cut, "Missing: ") {
			t.Errorf("%q, expected %q", s.Cut, want)
		}
		if s.Outcome() != NotConformant {
			t.Errorf("cut at %d: %s", test.at, s.Outcome())
		}
	}
	for _, whole := range []string{
		string(raw), strings.TrimSuffix(string(raw), "\r\n"),
		"From: a@b.example\r\n\r\n", "From: a@b.example\r\n\r\ntext",
	} {
		if s := single(t, []byte(whole), nil); s.Cut != "" {
			t.Errorf("%.40q…: %s", whole, s.Cut)
		}
	}
}

// The user's own multipart may lack its closing boundary: nothing of the
// provider's is cut for that.
func TestSingleOriginalThatIsCut(t *testing.T) {
	t.Parallel()
	raw := correct("envelope").content(t, "--original--\n", "").sealed(t)
	if s := single(t, raw, nil); s.Cut != "" || seenOf(s, "PEC-GEN-001") != "" {
		t.Errorf("cut %q, PEC-GEN-001 %q", s.Cut, seenOf(s, "PEC-GEN-001"))
	}
}

// The outer header against what is inside, with no transaction at hand.
func TestSingleHeaderOfAnother(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ message, old, now, rule string }{
		{"envelope", "Message-ID: <", "Message-ID: <x", "PEC-TE-009"},
		{"envelope", "Message-ID: <", "Message-ID: <x", "PEC-GEN-031"},
		{"envelope", clientMessageID, "<c2@pc.aurora.example>", "PEC-GEN-022"},
		{"envelope", "Preventivo", "Consuntivo", "PEC-TE-003"},
		{"acceptance", clientMessageID, "<c2@pc.aurora.example>", "PEC-GEN-022"},
		{"acceptance", "Preventivo", "Consuntivo", "PEC-GEN-025"},
		{"acceptance", "X-Ricevuta: accettazione", "X-Ricevuta: presa-in-carico", "PEC-XML-003"},
		{"delivery", clientMessageID, "<c2@pc.aurora.example>", "PEC-GEN-022"},
		{"delivery", "X-Ricevuta: avvenuta-consegna", "X-Ricevuta: errore-consegna", "PEC-XML-003"},
		{"taken-in-charge", clientMessageID, "<c2@pc.aurora.example>", "PEC-GEN-022"},
	} {
		s := single(t, correct(test.message).head(t, test.old, test.now).sealed(t), nil)
		if seenOf(s, test.rule) == "" || s.SignatureErr != nil || s.Outcome() != NotConformant {
			t.Errorf("%s with %q: %s is not broken: %s, signature %v", test.message, test.now, test.rule, s.Outcome(), s.SignatureErr)
		}
	}
}

func TestSingleWhatItIs(t *testing.T) {
	t.Parallel()
	ordinary := single(t, []byte("From: a@b.example\r\nSubject: x\r\n\r\ntext\r\n"), nil)
	if ordinary.Outcome() != Inconclusives || len(ordinary.Checks) > 0 || ordinary.Verdict != NotExercised {
		t.Errorf("ordinary mail: %s, %+v", ordinary.Outcome(), ordinary.Checks)
	}
	nameless := single(t, correct("delivery").with(t, "X-Ricevuta: avvenuta-consegna\n", "").sealed(t), nil)
	if seenOf(nameless, "PEC-GEN-017") == "" {
		t.Errorf("a receipt without X-Ricevuta: %s", nameless.Outcome())
	}
	if _, err := (&Court{Catalogue: mustLaw(t)}).Message(nil, nil); err == nil {
		t.Error("no octets are judged")
	}
}

// What cannot be told is no pass; trust that was given by half is not judged.
func TestSingleInconclusive(t *testing.T) {
	t.Parallel()
	raw := correct("delivery").sealed(t)
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: keys().authority.Raw})
	trust := NewTrust(authority, nil, []byte(standardLDIF()))
	s := single(t, raw, trust)
	if !s.Trusted || s.Outcome() != Conformant || s.Missing["PEC-SIG-006"] == "" || slices.Contains(s.Kept(), "PEC-SIG-006") || !slices.Contains(s.Kept(), "PEC-SIG-004") {
		t.Errorf("without revocation: trusted %t, %s, missing %q", s.Trusted, s.Outcome(), s.Missing)
	}
	for name, half := range map[string]*Trust{"no directory": NewTrust(authority, nil, nil), "no CA": NewTrust(nil, nil, []byte(standardLDIF()))} {
		if s := single(t, raw, half); s.Trusted || s.Outcome() != Conformant || s.Missing["PEC-SIG-004"] == "" {
			t.Errorf("%s: trusted %t, %s", name, s.Trusted, s.Outcome())
		}
	}
	unable := Judge{Rule: "PEC-SIG-002", Look: func(_ *View, f *Findings) { f.Unable(Where{}, "another engine") }}
	court := &Court{Catalogue: mustLaw(t), Judges: append(Judges(), unable), Profile: Practice}
	if s, err := court.Message(raw, nil); err != nil || s.Outcome() != Inconclusives || slices.Contains(s.Kept(), "PEC-SIG-002") {
		t.Errorf("a rule that cannot be told: %v", err)
	}
}

func TestSingleOutcome(t *testing.T) {
	t.Parallel()
	got := map[Verdict]Outcome{}
	for _, v := range []Verdict{Error, Fail, Inconclusive, Warn, Pass, Observed, NotExercised} {
		got[v] = (&Single{Verdict: v, Checks: []Check{{Verdict: v}}}).Outcome()
	}
	want := map[Verdict]Outcome{
		Error: Invalid, Fail: NotConformant, Inconclusive: Inconclusives, Warn: ConformantWithWarnings,
		Pass: Conformant, Observed: Inconclusives, NotExercised: Inconclusives,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
